//===- BoxPlan.cpp - Trees whose sets are boxes --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoxPlan.h"

#include "AccessSets.h"

#include <algorithm>
#include <atomic>

using namespace looptree;

namespace {

/// Where the tiles of an axis lie: a tile [lo, hi] of the loop's rank reaches
/// from scale * lo + below to scale * hi + above.
struct Reach {
  int64_t below = 0, above = 0;
};

class Planner {
public:
  Planner(const Plan::Impl &plan, bool takeUnitSteps)
      : plan(plan), w(plan.workload), takeUnitSteps(takeUnitSteps) {}

  std::shared_ptr<const BoxPlan> run() {
    for (const TensorPlan &tensor : plan.tensors)
      if (tensor.tracksPartial && tensor.producer == kNone)
        return nullptr;
    boxes.einsums.resize(w.einsums.size());
    boxes.tensors.resize(w.tensors.size());
    boxes.buffers.resize(plan.buffers.size());
    boxes.branchOf.resize(w.einsums.size());
    rankReach.resize(w.einsums.size());
    if (!readTree() || (takeUnitSteps && boxes.unitSteps.empty()))
      return nullptr;
    inferUntiled();
    for (EinsumId e = w.einsums.size(); e-- > 0;)
      if (!addEinsum(e))
        return nullptr;
    for (BufferId b = 0; b < plan.buffers.size(); ++b)
      if (!describeBuffer(plan, untiled, b, boxes))
        return nullptr;
    for (BufferId b = 0; b < plan.buffers.size(); ++b)
      if (!boxes.buffers[b].inBranch && boxes.buffers[b].depth > 0)
        boxes.tensors[plan.buffers[b].tensor].hasWindow = true;
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (boxes.tensors[t].hasWindow ||
          w.tensors[t].kind == TensorKind::Intermediate)
        for (unsigned use : boxes.tensors[t].uses)
          boxes.accesses[use].needsSides = true;
    for (BoxAccess &access : boxes.accesses)
      access.needsSides |= access.mayRepeatVisit;
    orderRows(plan, boxes);
    summarizeArch(plan.arch, boxes);
    static std::atomic<uint64_t> plans = 0;
    boxes.id = ++plans;
    return std::make_shared<BoxPlan>(std::move(boxes));
  }

private:
  //===--------------------------------------------------------------------===//
  // The tree
  //===--------------------------------------------------------------------===//

  bool readTree() {
    NodeId at = 0;
    for (;; at = plan.nodes[at].children[0]) {
      const PlanNode &node = plan.nodes[at];
      if (node.kind == PlanNode::Kind::For) {
        if (!addLoop(node, 0))
          return false;
      } else if (node.kind == PlanNode::Kind::Retain) {
        for (BufferId b : node.buffers)
          boxes.buffers[b].depth = unsigned(boxes.loops.size());
      } else {
        break;
      }
    }
    const PlanNode &end = plan.nodes[at];
    boxes.trunk = unsigned(boxes.loops.size());
    for (unsigned l = 0; l < boxes.trunk; ++l)
      boxes.trunkPositions.push_back(l);
    for (BoxEinsum &einsum : boxes.einsums)
      einsum.nest = boxes.trunkPositions;
    if (end.kind == PlanNode::Kind::Compute)
      return true;
    if (end.kind != PlanNode::Kind::Sequential &&
        end.kind != PlanNode::Kind::Pipeline)
      return false;
    boxes.hasSplit = true;
    boxes.isPipeline = end.kind == PlanNode::Kind::Pipeline;
    boxes.branches = unsigned(end.children.size());
    // The only branch of a split is as good as none.
    for (unsigned i = 0; i < boxes.branches; ++i)
      if (!readBranch(end.children[i], i))
        return false;
    return true;
  }

  bool readBranch(NodeId at, unsigned branch) {
    unsigned first = unsigned(boxes.loops.size());
    bool isSpread = false;
    NodeId unitLoops = takeUnitSteps ? unitLoopsAt(at) : kNone;
    for (;; at = plan.nodes[at].children[0]) {
      const PlanNode &node = plan.nodes[at];
      if (node.kind == PlanNode::Kind::Compute) {
        boxes.branchOf[node.einsum] = branch;
        for (unsigned l = first; l < boxes.loops.size(); ++l) {
          boxes.einsums[node.einsum].nest.push_back(l);
          if (boxes.loops[l].fanout != kNone)
            boxes.einsums[node.einsum].spatial.push_back(l);
        }
        return true;
      }
      if (node.kind == PlanNode::Kind::SpatialFor) {
        if (!addLoop(node, first))
          return false;
        boxes.loops.back().fanout = node.fanout;
        isSpread = true;
        continue;
      }
      if (node.kind == PlanNode::Kind::For) {
        if (at >= unitLoops)
          boxes.unitSteps.push_back(node.loop);
        else if (!addLoop(node, first))
          return false;
        continue;
      }
      if (node.kind != PlanNode::Kind::Retain || isSpread)
        return false; // A buffer for each instance.
      for (BufferId b : node.buffers) {
        boxes.buffers[b].depth =
            boxes.trunk + unsigned(boxes.loops.size()) - first;
        boxes.buffers[b].inBranch = true;
      }
    }
  }

  /// The first of the loops directly around a branch's compute, if with steps
  /// of 1 they run its ops in the order that it has without them.
  NodeId unitLoopsAt(NodeId at) const {
    std::vector<RankId> order;
    NodeId first = kNone;
    for (; plan.nodes[at].kind != PlanNode::Kind::Compute;
         at = plan.nodes[at].children[0]) {
      if (plan.nodes[at].kind != PlanNode::Kind::For) {
        order.clear();
        first = kNone;
        if (plan.nodes[at].kind != PlanNode::Kind::Retain)
          return kNone;
        continue;
      }
      if (order.empty())
        first = at;
      order.push_back(plan.nodes[at].rank);
    }
    // In the order of the ranks, and before all others that have values.
    const auto &ranks = w.einsums[plan.nodes[at].einsum].ranks;
    size_t next = 0;
    for (RankId r = 0; r < ranks.size() && next < order.size(); ++r) {
      if (order[next] == r)
        ++next;
      else if (ranks[r].extent > 1)
        return kNone;
    }
    return next == order.size() ? first : kNone;
  }

  /// Over a rank that none of the loops from `first` on divides.
  bool addLoop(const PlanNode &node, unsigned first) {
    for (unsigned l = first; l < boxes.loops.size(); ++l)
      if (boxes.loops[l].einsum == node.einsum &&
          boxes.loops[l].rank == node.rank)
        return false;
    if (boxes.loops.size() == kMaxBoxLoops)
      return false;
    boxes.loops.push_back({true, node.loop, node.einsum, node.rank, 0,
                           w.einsums[node.einsum].ranks[node.rank].extent});
    return true;
  }

  /// What is executed at all does not depend on the steps.
  void inferUntiled() {
    untiled.resize(w.einsums.size());
    for (EinsumId e = w.einsums.size(); e-- > 0;) {
      TensorId written = w.einsums[e].write.tensor;
      untiled[e] = plan.einsums[e].allOps;
      if (w.tensors[written].kind == TensorKind::Output)
        continue;
      BoxSet need(w.tensors[written].shape.size());
      for (EinsumId consumer : plan.tensors[written].consumers)
        need.unite(readElements(plan, consumer, untiled[consumer], written));
      untiled[e] = opsWriting(need, w.einsums[e]);
    }
  }

  //===--------------------------------------------------------------------===//
  // Einsums, consumers first
  //===--------------------------------------------------------------------===//

  bool addEinsum(EinsumId e) {
    const Einsum &einsum = w.einsums[e];
    BoxEinsum &info = boxes.einsums[e];
    info.ranksOf.resize(boxes.loops.size());
    rankReach[e].resize(einsum.ranks.size());
    for (const Rank &rank : einsum.ranks) {
      info.ranks.emplace_back();
      info.ranks.back().fixed = makeRun(0, rank.extent, 1);
      info.allOps *= rank.extent;
      if (rank.extent > int64_t(1) << 30)
        return false; // Sums along a loop must fit.
    }
    const auto &heads = plan.nodes[0].heads;
    info.isHead = std::find(heads.begin(), heads.end(), e) != heads.end();
    TensorId written = einsum.write.tensor;
    for (const LinearExpr &expr : einsum.write.index)
      if (expr.terms.size() > 1 ||
          (expr.terms.size() == 1 && expr.terms[0].coefficient != 1))
        return false;
    if (info.isHead ? w.tensors[written].kind != TensorKind::Output
                    : !followConsumers(e))
      return false;
    if (info.isHead)
      for (unsigned l = 0; l < boxes.trunk; ++l)
        if (boxes.loops[l].einsum == e)
          info.ranks[boxes.loops[l].rank].loop = l;
    for (unsigned l : info.nest)
      if (l >= boxes.trunk && !addBranchLoop(e, l))
        return false;
    for (RankId r = 0; r < info.ranks.size(); ++r) {
      BoxRank &rank = info.ranks[r];
      if (rank.loop == kNone)
        info.fixedOps *= rank.fixed.n;
      unsigned loop = rank.movedBy();
      if (loop == kNone)
        continue;
      rank.runs = boxes.loops[loop].streams++;
      info.ranksOf[loop].push_back(r);
    }
    for (unsigned k = 0; k < einsum.reads.size(); ++k) {
      info.reads.push_back(unsigned(boxes.accesses.size()));
      if (!addAccess(e, einsum.reads[k], plan.einsums[e].reads[k]))
        return false;
      boxes.tensors[einsum.reads[k].tensor].uses.push_back(info.reads.back());
    }
    info.write = unsigned(boxes.accesses.size());
    if (!addAccess(e, einsum.write, plan.einsums[e].result))
      return false;
    for (unsigned l : info.spatial)
      if (boxes.accesses[info.write].shared[l])
        return false; // Parts of one sum.
    boxes.accesses[info.write].isWrite = true;
    boxes.accesses[info.write].leavesBranch = !info.isHead;
    boxes.tensors[written].write = info.write;
    boxes.tensors[written].written = 1;
    for (const LinearExpr &expr : einsum.write.index) {
      RankId r = expr.terms.empty() ? kNone : expr.terms[0].rank;
      boxes.tensors[written].writtenBy.push_back(r);
      if (r != kNone)
        boxes.tensors[written].written *= einsum.ranks[r].extent;
    }
    if (info.isHead)
      boxes.tensors[written].uses.push_back(info.write);
    return true;
  }

  /// The tiles of a loop in a branch are counted from the corner of the box.
  bool addBranchLoop(EinsumId e, unsigned l) {
    BoxLoop &loop = boxes.loops[l];
    BoxRank &rank = boxes.einsums[e].ranks[loop.rank];
    rank.branchLoop = l;
    loop.hasTiles = rank.loop == kNone;
    if (!loop.hasTiles)
      return true;
    if (rank.fixed.stride != 1)
      return false;
    rank.scale = 1;
    loop.lo = rank.fixed.lo;
    loop.extent = rank.fixed.n;
    rankReach[e][loop.rank] = {rank.fixed.lo, rank.fixed.lo};
    return true;
  }

  /// A producer's ops follow what is read of its result, element by element.
  bool followConsumers(EinsumId e) {
    BoxEinsum &info = boxes.einsums[e];
    const Einsum &einsum = w.einsums[e];
    TensorId t = einsum.write.tensor;
    const Tensor &tensor = w.tensors[t];
    const std::vector<unsigned> &uses = boxes.tensors[t].uses;
    if (tensor.kind != TensorKind::Intermediate || uses.empty())
      return false;
    info.made = t;
    for (unsigned d = 0; d < tensor.shape.size(); ++d) {
      const LinearExpr &expr = einsum.write.index[d];
      int64_t extent =
          expr.terms.empty() ? 1 : einsum.ranks[expr.terms[0].rank].extent;
      if (expr.constant != 0 || extent != tensor.shape[d])
        return false;
      const BoxDim &read = boxes.accesses[uses[0]].dims[d];
      Reach reach = dimReach[uses[0]][d];
      for (unsigned use : uses) {
        const BoxDim &other = boxes.accesses[use].dims[d];
        if (other.loop != read.loop ||
            (read.loop == kNone ? other.fixed != read.fixed
                                : other.scale != read.scale))
          return false;
        reach.below = std::min(reach.below, dimReach[use][d].below);
        reach.above = std::max(reach.above, dimReach[use][d].above);
      }
      if (expr.terms.empty())
        continue;
      RankId r = expr.terms[0].rank;
      info.ranks[r].loop = read.loop;
      info.ranks[r].scale = read.scale;
      info.ranks[r].fixed = read.fixed;
      rankReach[e][r] = reach;
    }
    return true;
  }

  bool addAccess(EinsumId e, const Access &access, unsigned operand) {
    BoxAccess info;
    info.einsum = e;
    info.operand = operand;
    info.tensor = access.tensor;
    if (access.isInit)
      info.initRanks = plan.einsums[e].reductionRanks;
    info.dimsOf.resize(boxes.loops.size());
    const Tensor &tensor = w.tensors[access.tensor];
    std::vector<Reach> reaches;
    for (unsigned d = 0; d < tensor.shape.size(); ++d) {
      Reach reach;
      if (!addDim(info, access.index[d], tensor.shape[d], reach))
        return false;
      reaches.push_back(reach);
      const BoxDim &dim = info.dims[d];
      if (dim.movedBy() != kNone)
        info.dimsOf[dim.movedBy()].push_back(d);
      else if (!dim.inAxis)
        info.stillSize *= dim.fixed.n;
      if (dim.loop == kNone)
        info.fixedSize *= dim.fixed.n;
    }
    dimReach.push_back(std::move(reaches));
    if (!shareReads(info) || !addAxes(info) || !describeWalk(info))
      return false;
    for (unsigned l = 0; l < boxes.loops.size(); ++l)
      info.along.push_back(describeAlong(info, l));
    boxes.accesses.push_back(std::move(info));
    return true;
  }

  bool addDim(BoxAccess &info, const LinearExpr &expr, int64_t extent,
              Reach &reach) {
    BoxDim dim;
    dim.all = expr;
    dim.extent = extent;
    dim.fixed = dim.base = {expr.constant, 1, 1};
    const BoxEinsum &einsum = boxes.einsums[info.einsum];
    reach = {expr.constant, expr.constant};
    dim.scale = 0;
    if (!chooseLoops(info, dim) || !sumsFit(info, dim))
      return false;
    for (const auto &term : expr.terms) {
      const BoxRank &rank = einsum.ranks[term.rank];
      Run values = scaled(rangeOf(info, term.rank), term.coefficient);
      if (rank.loop == kNone) {
        auto sum = sumOfRuns(dim.fixed, values);
        if (!sum)
          return false;
        dim.fixed = *sum;
      }
      if (dim.movedBy() == kNone || rank.movedBy() != dim.movedBy()) {
        auto sum = sumOfRuns(dim.base, values);
        if (!sum)
          return false;
        dim.base = *sum;
        dim.fixedOps *= rangeOf(info, term.rank).n;
        continue;
      }
      if (info.isInitRank(term.rank))
        return false;
      dim.moving.push_back(term);
      dim.scale += term.coefficient * rank.scale;
      reach.below += term.coefficient * rankReach[info.einsum][term.rank].below;
      reach.above += term.coefficient * rankReach[info.einsum][term.rank].above;
    }
    // Counting goes through the values of all terms but the last.
    std::partition(dim.all.terms.begin(), dim.all.terms.end(),
                   [&](const auto &term) {
                     return dim.movedBy() == kNone ||
                            einsum.ranks[term.rank].movedBy() != dim.movedBy();
                   });
    if (dim.loop == kNone) {
      auto inside = intersect(dim.fixed, makeRun(0, extent, 1));
      if (!inside)
        return false;
      dim.fixed = *inside;
    }
    if (dim.movedBy() != kNone) {
      dim.runs = boxes.loops[dim.movedBy()].streams++;
      reach.below += dim.base.lo - expr.constant;
      reach.above += dim.base.last() - expr.constant;
      BoxLoop &loop = boxes.loops[dim.movedBy()];
      loop.behind =
          std::max(loop.behind, (-reach.below + dim.scale - 1) / dim.scale);
      int64_t room = extent - 1 - reach.above;
      int64_t last =
          room >= 0 ? room / dim.scale : -((-room + dim.scale - 1) / dim.scale);
      loop.ahead = std::max(loop.ahead, loop.extent - 1 - last);
    }
    info.dims.push_back(std::move(dim));
    return true;
  }

  /// The loop whose tiles the dimension is kept for. Where several move it,
  /// that of the trunk.
  bool chooseLoops(const BoxAccess &info, BoxDim &dim) const {
    std::vector<unsigned> branchLoops;
    for (const auto &term : dim.all.terms) {
      const BoxRank &rank = boxes.einsums[info.einsum].ranks[term.rank];
      if (rank.loop != kNone && dim.loop != kNone && rank.loop != dim.loop)
        return false;
      if (rank.loop != kNone)
        dim.loop = rank.loop;
      if (rank.branchLoop != kNone)
        branchLoops.push_back(rank.branchLoop);
      if (rank.movedBy() != kNone && info.isInitRank(term.rank))
        return false;
    }
    dim.inAxis = branchLoops.size() + (dim.loop != kNone) > 1;
    if (!dim.inAxis && !branchLoops.empty())
      dim.branchLoop = branchLoops[0];
    return true;
  }

  /// Sums along one dimension are not checked for overflow as they are made.
  bool sumsFit(const BoxAccess &info, const BoxDim &dim) const {
    double largest = double(dim.extent), loops = 1;
    for (unsigned l = 0; l < boxes.trunk; ++l)
      loops = std::max(loops, double(boxes.loops[l].extent));
    double ops = 1;
    for (const auto &term : dim.all.terms)
      ops *= double(w.einsums[info.einsum].ranks[term.rank].extent);
    return std::max(largest, ops) * loops < 0x1p60;
  }

  /// Instances that differ in a rank the access uses never take one element at
  /// the same step, unless two such ranks meet in a dimension.
  bool shareReads(BoxAccess &info) const {
    info.shared.resize(boxes.loops.size(), false);
    std::vector<char> isSpread(info.dims.size(), false);
    for (unsigned l : boxes.einsums[info.einsum].spatial) {
      bool used = false;
      for (unsigned d = 0; d < info.dims.size(); ++d)
        for (const auto &term : info.dims[d].all.terms)
          if (term.rank == boxes.loops[l].rank) {
            if (isSpread[d] || info.isInitRank(term.rank))
              return false;
            isSpread[d] = used = true;
          }
      // Parts of one sum are shared, too: not covered for a result.
      const FanOut &fanout = plan.arch.fanouts[boxes.loops[l].fanout];
      info.shared[l] = !used && (plan.arch.levels[fanout.below].multicast ||
                                 !info.initRanks.empty() || isResult(info));
    }
    return info.initRanks.empty() ||
           std::none_of(info.shared.begin(), info.shared.end(),
                        [](char shared) { return shared; });
  }

  /// Before BoxAccess::isWrite is known.
  bool isResult(const BoxAccess &info) const {
    return plan.operands[info.operand].read == kNone;
  }

  bool addAxes(BoxAccess &info) {
    const BoxEinsum &einsum = boxes.einsums[info.einsum];
    std::vector<char> taken(einsum.nest.size(), false);
    auto add = [&](int d, const std::vector<BoxAxis::Term> &terms) {
      BoxAxis axis;
      axis.dim = d;
      axis.terms = terms;
      for (unsigned i = 0; i < einsum.nest.size(); ++i)
        for (unsigned k = 0; k < terms.size(); ++k) {
          const BoxRank &rank = einsum.ranks[terms[k].rank];
          unsigned l = einsum.nest[i];
          if (rank.loop != l && rank.branchLoop != l)
            continue;
          if (!axis.dividers.empty() && axis.dividers.back().loop == l)
            continue;
          // The loop must move nothing else of this access.
          if (taken[i] || info.isInitRank(terms[k].rank))
            return false;
          taken[i] = true;
          axis.dividers.push_back({l, i, bool(info.shared[l]), k});
          axis.isSpread |= boxes.loops[l].fanout != kNone;
        }
      if (axis.dividers.size() > kMaxDividers)
        return false;
      axis.needed.resize(axis.dividers.size() + 1, false);
      axis.needed.back() = true;
      axis.sides = boxes.axisSides;
      boxes.axisSides += unsigned(axis.dividers.size()) + 1;
      info.axes.push_back(std::move(axis));
      return true;
    };
    std::vector<char> used(einsum.ranks.size(), false);
    for (unsigned d = 0; d < info.dims.size(); ++d) {
      std::vector<BoxAxis::Term> terms;
      for (const auto &term : info.dims[d].all.terms) {
        terms.push_back({term.rank, term.coefficient});
        used[term.rank] = true;
      }
      if (info.dims[d].inAxis && !add(int(d), terms))
        return false;
    }
    for (RankId r = 0; r < einsum.ranks.size(); ++r)
      if (!used[r] && einsum.ranks[r].loop != kNone &&
          einsum.ranks[r].branchLoop != kNone && !add(-1, {{r, 1}}))
        return false;
    for (unsigned i = 0; i < einsum.nest.size(); ++i) {
      if (!taken[i] || i < boxes.trunk)
        info.followed.push_back(einsum.nest[i]);
      if (!taken[i]) {
        info.singles.push_back(i);
        continue;
      }
      // A rank or dimension that moves with a loop of an axis is in that axis.
      unsigned ranks = 0;
      for (const BoxRank &rank : einsum.ranks)
        ranks += rank.loop == einsum.nest[i];
      if (ranks > 1 || info.dimsOf[einsum.nest[i]].size() > 1)
        return false;
    }
    return true;
  }

  BoxAlong describeAlong(const BoxAccess &info, unsigned l) const {
    using Kind = BoxAlong::Kind;
    BoxAlong along;
    const auto &dims = info.dimsOf[l];
    const auto &ranks = boxes.einsums[info.einsum].ranksOf[l];
    bool startsAtInit = std::any_of(ranks.begin(), ranks.end(), [&](RankId r) {
      return info.isInitRank(r);
    });
    if (startsAtInit || ranks.size() > 1 || dims.size() > 1) {
      along.kind = Kind::General;
      return along;
    }
    if (ranks.empty())
      return along;
    along.rank = ranks[0];
    if (dims.empty()) {
      along.kind = info.counts[along.rank] ? Kind::Repeated : Kind::Nothing;
      return along;
    }
    along.kind = Kind::OneRank;
    along.dim = dims[0];
    const BoxDim &dim = info.dims[along.dim];
    along.coefficient = dim.moving[0].coefficient;
    along.isPair = dim.all.terms.size() <= 2;
    for (const auto &term : dim.all.terms)
      along.isPair &= term.coefficient == 1 && !info.isInitRank(term.rank);
    along.isPair &= dim.base.stride == 1;
    return along;
  }

  /// Values of a rank that no loop moves, at the ops that take the access.
  Run rangeOf(const BoxAccess &info, RankId r) const {
    return info.isInitRank(r) ? Run{0, 1, 1}
                              : boxes.einsums[info.einsum].ranks[r].fixed;
  }

  //===--------------------------------------------------------------------===//
  // The order of compute (see OperandChanges.h)
  //===--------------------------------------------------------------------===//

  struct Place {
    int dim = -1;
    int64_t coefficient = 0;
    bool moves = false;
    int64_t n = 1, stride = 1; ///< When it does not move.
    bool canVary() const { return moves || n > 1; }
  };

  bool describeWalk(BoxAccess &info) {
    const BoxEinsum &einsum = boxes.einsums[info.einsum];
    std::vector<Place> places(einsum.ranks.size());
    int last = -1;
    for (RankId r = 0; r < places.size(); ++r) {
      bool fixedAtZero = info.isInitRank(r);
      places[r].moves = !fixedAtZero && einsum.ranks[r].movedBy() != kNone;
      if (!places[r].moves && !fixedAtZero) {
        places[r].n = einsum.ranks[r].fixed.n;
        places[r].stride = einsum.ranks[r].fixed.stride;
      }
    }
    for (unsigned d = 0; d < info.dims.size(); ++d)
      for (const auto &term : info.dims[d].all.terms) {
        places[term.rank].dim = int(d);
        places[term.rank].coefficient = term.coefficient;
        info.hasUnitSteps &=
            term.coefficient == 1 && einsum.ranks[term.rank].fixed.stride == 1;
        if (!info.isInitRank(term.rank))
          last = std::max(last, int(term.rank));
      }
    info.counts.resize(places.size(), false);
    for (int r = 0; r <= last; ++r)
      if (places[r].dim < 0) {
        info.counts[r] = places[r].moves;
        info.fixedWalk *= places[r].n;
      }
    for (const BoxDim &dim : info.dims) {
      if (dim.movedBy() != kNone || dim.inAxis)
        continue;
      int64_t all = 1;
      for (const auto &term : dim.all.terms)
        all *= places[term.rank].n;
      int64_t inside = countInside(dim, info);
      info.fixedWalk *= inside;
      info.fixedClipped |= inside != all;
    }
    findUnsafe(info, places, last);
    info.mayRepeatVisit =
        std::all_of(info.dims.begin(), info.dims.end(), [](const BoxDim &d) {
          return d.movedBy() != kNone || d.inAxis || d.fixed.n == 1;
        });
    for (int r = 0; r <= last; ++r)
      if (!addRepeat(info, places, unsigned(r)))
        return false;
    return true;
  }

  /// Ops whose index along a dimension that stays is inside the shape.
  int64_t countInside(const BoxDim &dim, const BoxAccess &info) const {
    std::vector<std::pair<Run, int64_t>> terms;
    for (const auto &term : dim.all.terms)
      terms.push_back({rangeOf(info, term.rank), term.coefficient});
    return countInside(terms, 0, dim.all.constant, dim.extent);
  }
  static int64_t countInside(const std::vector<std::pair<Run, int64_t>> &terms,
                             size_t k, int64_t base, int64_t extent) {
    if (k == terms.size())
      return base >= 0 && base < extent;
    auto [run, c] = terms[k];
    if (k + 1 == terms.size()) {
      Run values = scaled(run, c);
      values.lo += base;
      auto inside = intersect(values, makeRun(0, extent, 1));
      return inside ? inside->n : 0;
    }
    int64_t total = 0;
    for (int64_t i = 0; i < run.n; ++i)
      total += countInside(terms, k + 1, base + c * (run.lo + i * run.stride),
                           extent);
    return total;
  }

  /// Whether two successive ops inside the shape touch one element (up to the
  /// last rank used) may depend on where the shape cuts.
  void findUnsafe(BoxAccess &info, const std::vector<Place> &places,
                  int last) const {
    for (int r = 0; r <= last; ++r) {
      if (!places[r].canVary())
        continue;
      bool sameDimDeeper = false, blocked = false;
      for (int deeper = r + 1; deeper <= last; ++deeper) {
        const Place &place = places[deeper];
        if (place.dim < 0 || !place.canVary())
          continue;
        if (place.dim == places[r].dim)
          sameDimDeeper = true;
        else if (!place.moves && alwaysVaries(info, places, unsigned(deeper)))
          blocked = true;
      }
      if (!blocked && (places[r].dim < 0 || sameDimDeeper))
        info.unsafeClipped.push_back(RankId(r));
    }
  }

  /// Whether the ops inside the shape see two values along the dimension of a
  /// rank, at every value of the other ranks.
  bool alwaysVaries(const BoxAccess &info, const std::vector<Place> &places,
                    RankId r) const {
    const BoxDim &dim = info.dims[places[r].dim];
    const auto &ranks = w.einsums[info.einsum].ranks;
    int64_t reach = dim.all.constant;
    for (const auto &term : dim.all.terms)
      reach += term.coefficient * (ranks[term.rank].extent - 1);
    if (dim.all.constant >= 0 && reach < dim.extent)
      return true;
    const auto &terms = dim.all.terms;
    if (terms.size() != 2)
      return false;
    const auto &own = terms[terms[1].rank == r],
               &other = terms[terms[0].rank == r];
    if (other.rank > r || own.coefficient != 1)
      return false;
    // Between the two ends where the shape cuts, it does not.
    auto varies = [&](int64_t x, bool &isCut) {
      int64_t lo = dim.all.constant + other.coefficient * x +
                   boxes.einsums[info.einsum].ranks[r].fixed.lo;
      int64_t hi = lo + places[r].n - 1;
      isCut = lo < 0 || hi >= dim.extent;
      return std::min(hi, dim.extent - 1) > std::max<int64_t>(lo, 0);
    };
    bool isCut = true;
    int64_t end = ranks[other.rank].extent;
    for (int64_t x = 0; x < end && isCut; ++x)
      if (!varies(x, isCut))
        return false;
    isCut = true;
    for (int64_t x = end; x-- > 0 && isCut;)
      if (!varies(x, isCut))
        return false;
    return places[r].stride == 1;
  }

  /// The repeats when rank r advances and all deeper ones restart.
  bool addRepeat(BoxAccess &info, const std::vector<Place> &places,
                 unsigned r) {
    if (!places[r].canVary() || info.isInitRank(r))
      return true;
    BoxRepeat repeat;
    repeat.rank = r;
    repeat.factors.resize(places.size(), BoxRepeat::Factor::One);
    repeat.constant = 1;
    for (unsigned outer = 0; outer < r; ++outer) {
      if (places[outer].moves)
        repeat.factors[outer] = BoxRepeat::Factor::Count;
      else
        repeat.constant *= places[outer].n;
    }
    if (places[r].moves)
      repeat.factors[r] = BoxRepeat::Factor::CountLessOne;
    else
      repeat.constant *= places[r].n - 1;
    int64_t span = 0;
    bool movesInDim = false;
    for (unsigned deeper = r + 1; deeper < places.size(); ++deeper) {
      const Place &place = places[deeper];
      if (place.dim < 0)
        continue;
      if (place.dim == places[r].dim) {
        span += place.coefficient * (place.n - 1) * place.stride;
        movesInDim |= place.moves;
      } else if (place.moves) {
        repeat.factors[deeper] = BoxRepeat::Factor::IsOne;
      } else if (place.n > 1) {
        return true; // The deeper rank moves the element away.
      }
    }
    if (places[r].dim >= 0) {
      if (movesInDim) {
        repeat.coupled = places[r].dim;
        info.repeatsNeedDense = true;
        info.repeats.push_back(std::move(repeat));
        return true;
      }
      info.repeatsNeedDense |= places[r].moves && span > 0;
      if (span != places[r].coefficient * places[r].stride)
        return true;
    }
    info.repeats.push_back(std::move(repeat));
    return true;
  }

  const Plan::Impl &plan;
  const Workload &w;
  bool takeUnitSteps;
  BoxPlan boxes;
  std::vector<BoxSet> untiled;               ///< Per einsum: its ops.
  std::vector<std::vector<Reach>> rankReach; ///< Per einsum and rank.
  std::vector<std::vector<Reach>> dimReach;  ///< Per access and dimension.
};

} // namespace

std::shared_ptr<const BoxPlan> looptree::planBoxes(const Plan::Impl &plan,
                                                   bool takeUnitSteps) {
  return Planner(plan, takeUnitSteps).run();
}
