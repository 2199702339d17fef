//===- Plan.cpp - Compiling a mapping ------------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AccessSets.h"
#include "BoxPlan.h"
#include "Checked.h"
#include "PlanImpl.h"

#include <algorithm>
#include <cassert>

using namespace looptree;

template <typename T> static bool isIn(const T &x, const std::vector<T> &list) {
  return std::find(list.begin(), list.end(), x) != list.end();
}

BoxSet looptree::readElements(const Plan::Impl &plan, EinsumId e,
                              const BoxSet &ops, TensorId tensor) {
  const Tensor &t = plan.workload.tensors[tensor];
  BoxSet result(t.shape.size());
  for (const Access &read : plan.workload.einsums[e].reads) {
    if (read.tensor != tensor)
      continue;
    result.unite(elementsOf(
        read.isInit ? opsAt(ops, plan.einsums[e].reductionRanks, 0) : ops, read,
        t));
  }
  return result;
}

BoxSet looptree::usedElements(const Plan::Impl &plan, EinsumId e,
                              const BoxSet &ops, TensorId tensor) {
  BoxSet result = readElements(plan, e, ops, tensor);
  const Access &write = plan.workload.einsums[e].write;
  if (write.tensor == tensor)
    result.unite(elementsOf(ops, write, plan.workload.tensors[tensor]));
  return result;
}

namespace {

class Compiler {
public:
  Compiler(const Workload &workload, const Arch &arch, Convention convention) {
    plan.convention = convention;
    plan.workload = workload;
    plan.arch = arch;
  }

  Result<Plan> run(const Mapping &mapping) {
    for (TensorId t = 0; t < plan.workload.tensors.size(); ++t) {
      const Tensor &tensor = plan.workload.tensors[t];
      TensorPlan info;
      info.producer = plan.workload.producer(t).value_or(kNone);
      info.consumers = plan.workload.consumers(t);
      info.tracksPartial = tensor.kind != TensorKind::Input &&
                           tensor.partialBits &&
                           *tensor.partialBits != tensor.bits;
      plan.tensors.push_back(std::move(info));
    }
    for (const Einsum &einsum : plan.workload.einsums) {
      EinsumPlan info;
      info.allOps = allOps(einsum);
      info.reductionRanks = reductionRanks(einsum);
      plan.einsums.push_back(std::move(info));
    }
    if (auto error = addNode(mapping.root, kNone))
      return *error;
    for (NodeId n = 0; n < plan.nodes.size(); ++n)
      if (plan.nodes[n].isSplit())
        describeSplit(n);
    linkBuffers();
    for (NodeId n = 0; n < plan.nodes.size(); ++n)
      if (plan.nodes[n].kind == PlanNode::Kind::Pipeline)
        findCrossings(n);
    if (!inferUntiled())
      return Error{"the algorithmic minimum exceeds 64 bit"};
    if (!plan.isV1()) {
      plan.unitBoxes = planBoxes(plan, /*takeUnitSteps=*/true);
      plan.boxes = planBoxes(plan, /*takeUnitSteps=*/false);
    }
    return Plan(std::make_shared<Plan::Impl>(std::move(plan)));
  }

private:
  std::optional<Error> addNode(const Node &node, NodeId parent) {
    NodeId id = plan.nodes.size();
    plan.nodes.emplace_back();
    PlanNode info;
    info.parent = parent;
    info.spatialAbove = spatialAbove;
    info.group = groupOf(node);
    info.heads = headsOf(info.group, plan.workload);
    size_t retained = openRetains.size();
    auto error = visit(
        node,
        [&](const For &loop) -> std::optional<Error> {
          info.kind = PlanNode::Kind::For;
          info.einsum = loop.einsum;
          info.rank = loop.rank;
          info.loop = plan.steps.size();
          plan.steps.push_back(loop.step);
          return std::nullopt;
        },
        [&](const SpatialFor &loop) -> std::optional<Error> {
          info.kind = PlanNode::Kind::SpatialFor;
          info.einsum = loop.einsum;
          info.rank = loop.rank;
          info.loop = plan.steps.size();
          info.fanout = loop.fanout;
          plan.steps.push_back(loop.step);
          return std::nullopt;
        },
        [&](const Retain &retain) -> std::optional<Error> {
          info.kind = PlanNode::Kind::Retain;
          for (TensorId t : retain.tensors)
            info.buffers.push_back(addBuffer(id, retain, t));
          return std::nullopt;
        },
        [&](const Sequential &) -> std::optional<Error> {
          info.kind = PlanNode::Kind::Sequential;
          return std::nullopt;
        },
        [&](const Pipeline &) -> std::optional<Error> {
          info.kind = PlanNode::Kind::Pipeline;
          return std::nullopt;
        },
        [&](const ComputeNode &compute) -> std::optional<Error> {
          info.kind = PlanNode::Kind::Compute;
          info.einsum = compute.einsum;
          addOperands(compute.einsum, id);
          return std::nullopt;
        });
    if (error)
      return error;
    spatialAbove += info.kind == PlanNode::Kind::SpatialFor;
    for (const Node &child : node.children) {
      info.children.push_back(plan.nodes.size());
      if (auto childError = addNode(child, id))
        return childError;
    }
    spatialAbove -= info.kind == PlanNode::Kind::SpatialFor;
    openRetains.resize(retained);
    if (info.isSplit() || info.kind == PlanNode::Kind::Compute) {
      info.chainEnd = id;
    } else {
      const PlanNode &child = plan.nodes[info.children[0]];
      info.chainEnd = child.chainEnd;
      info.loopInChain =
          child.loopInChain || info.kind != PlanNode::Kind::Retain;
    }
    plan.nodes[id] = std::move(info);
    return std::nullopt;
  }

  BufferId innermost(TensorId tensor) const {
    for (size_t i = openRetains.size(); i-- > 0;)
      if (plan.buffers[openRetains[i]].tensor == tensor)
        return openRetains[i];
    return kNone;
  }

  BufferId addBuffer(NodeId node, const Retain &retain, TensorId tensor) {
    Buffer buffer;
    buffer.node = node;
    buffer.tensor = tensor;
    buffer.level = retain.level;
    buffer.spatialAbove = spatialAbove;
    buffer.parent = innermost(tensor);
    buffer.noReuse = isIn(tensor, retain.noReuse);
    BufferId id = plan.buffers.size();
    if (buffer.parent == kNone) {
      plan.tensors[tensor].backing = id;
      buffer.holdsEverything = plan.tensors[tensor].producer == kNone;
    }
    plan.buffers.push_back(std::move(buffer));
    openRetains.push_back(id);
    return id;
  }

  void addOperands(EinsumId e, NodeId leaf) {
    const Einsum &einsum = plan.workload.einsums[e];
    auto add = [&](unsigned read, TensorId tensor) {
      unsigned id = plan.operands.size();
      plan.operands.push_back({e, read, tensor, innermost(tensor)});
      for (BufferId b : openRetains)
        if (plan.buffers[b].tensor == tensor) {
          plan.buffers[b].operandsBelow.push_back(id);
          if (!isIn(e, plan.buffers[b].users))
            plan.buffers[b].users.push_back(e);
        }
      return id;
    };
    plan.einsums[e].leaf = leaf;
    for (unsigned k = 0; k < einsum.reads.size(); ++k)
      plan.einsums[e].reads.push_back(add(k, einsum.reads[k].tensor));
    plan.einsums[e].result = add(kNone, einsum.write.tensor);
  }

  void describeSplit(NodeId id) {
    PlanNode &split = plan.nodes[id];
    size_t branches = split.children.size();
    split.decisions.resize(branches);
    split.branchBuffers.resize(branches);
    split.branchBackings.resize(branches);
    split.branchResults.resize(branches);
    for (size_t b = 0; b < branches; ++b) {
      const PlanNode &branch = plan.nodes[split.children[b]];
      for (TensorId t = 0; t < plan.tensors.size(); ++t) {
        const TensorPlan &tensor = plan.tensors[t];
        if (tensor.producer == kNone || !isIn(tensor.producer, branch.group))
          continue;
        Decision decision{t,
                          tensor.producer,
                          tensor.backing,
                          isIn(tensor.producer, branch.heads),
                          {}};
        bool readOutside = false;
        for (EinsumId consumer : tensor.consumers) {
          bool inBranch = isIn(consumer, branch.group);
          readOutside |= !inBranch;
          if (!inBranch && isIn(consumer, split.group))
            decision.consumers.push_back(consumer);
        }
        if (!decision.consumers.empty())
          split.decisions[b].push_back(std::move(decision));
        if (readOutside)
          split.branchResults[b].push_back(t);
      }
      NodeId end = b + 1 < branches ? split.children[b + 1] : endOf(id);
      for (BufferId i = 0; i < plan.buffers.size(); ++i) {
        const Buffer &buffer = plan.buffers[i];
        if (buffer.node < split.children[b] || buffer.node >= end ||
            buffer.holdsEverything)
          continue;
        split.branchBuffers[b].push_back(i);
        if (buffer.parent == kNone)
          split.branchBackings[b].push_back(i);
      }
      // Deepest first, so that what drains moves outward.
      std::reverse(split.branchBuffers[b].begin(),
                   split.branchBuffers[b].end());
    }
  }

  /// One past the last node of a subtree.
  NodeId endOf(NodeId id) const {
    while (!plan.nodes[id].children.empty())
      id = plan.nodes[id].children.back();
    return id + 1;
  }

  void linkBuffers() {
    for (BufferId i = plan.buffers.size(); i-- > 0;) {
      Buffer &buffer = plan.buffers[i];
      NodeId below = buffer.node;
      while (plan.nodes[below].kind == PlanNode::Kind::Retain)
        below = plan.nodes[below].children[0];
      if (plan.nodes[below].kind == PlanNode::Kind::Sequential)
        buffer.sequentialBelow = below;
      // Preorder numbers grow inward, so walking down visits the deepest of
      // every path first.
      for (BufferId up = buffer.parent; up != kNone;
           up = plan.buffers[up].parent)
        plan.buffers[up].below.push_back(i);
    }
  }

  void findCrossings(NodeId id) {
    PlanNode &pipeline = plan.nodes[id];
    for (NodeId up = pipeline.parent; up != kNone && !plan.nodes[up].isSplit();
         up = plan.nodes[up].parent)
      for (BufferId b : plan.nodes[up].buffers) {
        Crossing crossing{b, kNone, 0};
        for (unsigned stage = 0; stage < pipeline.children.size(); ++stage)
          for (EinsumId e : plan.nodes[pipeline.children[stage]].group)
            if (isIn(e, plan.buffers[b].users)) {
              crossing.first = std::min(crossing.first, stage);
              crossing.last = stage;
            }
        if (crossing.first >= crossing.last)
          continue;
        pipeline.crossings.push_back(crossing);
        plan.buffers[b].isInFlight = true;
      }
  }

  /// False when the algorithmic minimum exceeds 64 bit.
  bool inferUntiled() {
    const Workload &w = plan.workload;
    Checked count;
    std::vector<BoxSet> ops(w.einsums.size());
    for (EinsumId e = w.einsums.size(); e-- > 0;) {
      TensorId written = w.einsums[e].write.tensor;
      if (w.tensors[written].kind == TensorKind::Output) {
        ops[e] = plan.einsums[e].allOps;
      } else {
        BoxSet need(w.tensors[written].shape.size());
        for (EinsumId consumer : plan.tensors[written].consumers)
          need.unite(readElements(plan, consumer, ops[consumer], written));
        ops[e] = opsWriting(need, w.einsums[e]);
      }
      plan.einsums[e].neededOps = ops[e].size();
    }
    for (TensorId t = 0; t < w.tensors.size(); ++t) {
      BoxSet touched(w.tensors[t].shape.size());
      if (w.tensors[t].kind == TensorKind::Input)
        for (EinsumId consumer : plan.tensors[t].consumers)
          touched.unite(readElements(plan, consumer, ops[consumer], t));
      else if (w.tensors[t].kind == TensorKind::Output)
        touched =
            elementsOf(ops[plan.tensors[t].producer],
                       w.einsums[plan.tensors[t].producer].write, w.tensors[t]);
      count.increase(plan.algorithmicMinimum.elements, touched.size());
      count.increase(plan.algorithmicMinimum.bits,
                     count.mul(touched.size(), w.tensors[t].bits));
    }
    return !count.overflow;
  }

  Plan::Impl plan;
  std::vector<BufferId> openRetains; ///< On the path of the current node.
  unsigned spatialAbove = 0;
};

} // namespace

/// The original has one trunk, one split and a chain of einsums.
static std::optional<Error> checkOriginal(const Workload &w,
                                          const Mapping &mapping) {
  std::string prefix = "the convention looptree-v1 does not cover ";
  for (EinsumId e = 0; e < w.einsums.size(); ++e) {
    const Tensor &written = w.tensors[w.einsums[e].write.tensor];
    std::vector<EinsumId> next;
    if (e + 1 < w.einsums.size())
      next.push_back(e + 1);
    if (w.consumers(w.einsums[e].write.tensor) != next)
      return Error{prefix + w.einsums[e].name + ": " + written.name +
                   " is not read by the next einsum alone, as in a chain"};
  }
  for (const Tensor &tensor : w.tensors)
    if (tensor.partialBits && *tensor.partialBits != tensor.bits)
      return Error{prefix + "the partial_bits of " + tensor.name};
  const Node *trunk = &mapping.root;
  while (!trunk->isSplit() && !trunk->children.empty())
    trunk = &trunk->children[0];
  for (const Node &branch : trunk->children)
    for (const Node *at = &branch; !at->children.empty(); at = &at->children[0])
      if (at->isSplit())
        return Error{prefix + "a split inside a branch of another"};
  return std::nullopt;
}

std::span<const int64_t> Plan::steps() const { return impl->steps; }

Result<Plan> looptree::compile(const Workload &workload, const Arch &arch,
                               const Mapping &mapping, Convention convention) {
  if (auto error = workload.check())
    return *error;
  if (auto error = arch.check())
    return *error;
  if (auto illegal = check(mapping, workload, arch))
    return Error{illegal->message};
  if (convention == Convention::LoopTreeV1)
    if (auto error = checkOriginal(workload, mapping))
      return *error;
  return Compiler(workload, arch, convention).run(mapping);
}

std::pair<size_t, size_t>
Plan::Impl::branchesUsing(const PlanNode &split, const Buffer &buffer) const {
  size_t first = split.children.size(), last = 0;
  for (size_t i = 0; i < split.children.size(); ++i)
    for (EinsumId e : nodes[split.children[i]].group)
      if (std::find(buffer.users.begin(), buffer.users.end(), e) !=
          buffer.users.end()) {
        first = std::min(first, i);
        last = i;
      }
  return {first, last};
}
