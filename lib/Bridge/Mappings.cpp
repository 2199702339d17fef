//===- Mappings.cpp - Mapping and plan ops, and mappings ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Bridge.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

//===----------------------------------------------------------------------===//
// From ops
//===----------------------------------------------------------------------===//

namespace {

/// Builds the tree of a chain of ops, and lists the ops in preorder.
class TreeReader {
public:
  TreeReader(const Workload &workload, ir::ArchOp arch,
             std::vector<Operation *> &nodes)
      : workload(workload), nodes(nodes) {
    for (auto level : arch.getBody().getOps<ir::LevelOp>())
      levels.try_emplace(level.getLevelName(), levels.size());
    for (auto fanout : arch.getBody().getOps<ir::FanOutOp>())
      fanouts.try_emplace(fanout.getFanoutName(), fanouts.size());
    for (const auto &[id, tensor] : llvm::enumerate(workload.tensors))
      tensors.try_emplace(tensor.name, id);
    for (const auto &[id, einsum] : llvm::enumerate(workload.einsums))
      einsums.try_emplace(einsum.name, id);
  }

  Node read(Operation *op) {
    nodes.push_back(op);
    Node node{kindOf(op), {}};
    if (cast<ir::NodeOpInterface>(op).continuesChain())
      node.children.push_back(read(op->getNextNode()));
    else
      for (Region &branch : ir::branchesOf(op))
        node.children.push_back(read(&branch.front().front()));
    return node;
  }

private:
  For toLoop(StringRef einsumName, StringRef rank, uint64_t step) {
    EinsumId einsum = find(einsums, einsumName);
    std::optional<RankId> id =
        workload.einsums[einsum].findRank(std::string_view(rank));
    assert(id && "the op was not verified");
    return {einsum, *id, int64_t(step)};
  }

  NodeKind kindOf(Operation *op) {
    return llvm::TypeSwitch<Operation *, NodeKind>(op)
        .Case([&](ir::ForOp loop) {
          return toLoop(loop.getEinsum(), loop.getRank(), loop.getStep());
        })
        .Case([&](ir::SpatialForOp loop) {
          For plain = toLoop(loop.getEinsum(), loop.getRank(), loop.getStep());
          return SpatialFor{plain.einsum, plain.rank, plain.step,
                            find(fanouts, loop.getFanout())};
        })
        .Case([&](ir::RetainOp retain) {
          return Retain{find(levels, retain.getLevel()),
                        toTensors(retain.getTensors()),
                        toTensors(retain.getNoReuse().value_or(nullptr))};
        })
        .Case([&](ir::SequentialOp) { return Sequential{}; })
        .Case([&](ir::PipelineOp) { return Pipeline{}; })
        .Case([&](ir::ComputeOp compute) {
          return ComputeNode{find(einsums, compute.getEinsum())};
        });
  }

  std::vector<TensorId> toTensors(ArrayAttr names) {
    std::vector<TensorId> ids;
    if (names)
      for (auto name : names.getAsRange<StringAttr>())
        ids.push_back(find(tensors, name.getValue()));
    return ids;
  }

  static unsigned find(const llvm::StringMap<unsigned> &ids, StringRef name) {
    auto found = ids.find(name);
    assert(found != ids.end() && "the op was not verified");
    return found->second;
  }

  const Workload &workload;
  std::vector<Operation *> &nodes;
  llvm::StringMap<unsigned> levels, fanouts, tensors, einsums;
};

} // namespace

MappingOfSet bridge::toMapping(ir::MappingOp op, const Network &network) {
  MappingOfSet result;
  llvm::StringMap<EinsumId> ids;
  for (const auto &[id, einsum] : llvm::enumerate(network.workload.einsums))
    ids.try_emplace(einsum.name, id);
  for (ir::ComputeOp compute : op.getComputes())
    result.einsums.push_back(ids.lookup(compute.getEinsum()));
  llvm::sort(result.einsums);
  result.einsums.erase(
      std::unique(result.einsums.begin(), result.einsums.end()),
      result.einsums.end());
  result.workload = extractSet(network.workload, result.einsums);
  TreeReader reader(result.workload, ir::lookupArch(op, op.getArchAttr()),
                    result.nodes);
  result.mapping.root = reader.read(&op.getBody().front().front());
  return result;
}

static size_t nodesBelow(const Node &node) {
  size_t count = 0;
  for (const Node &child : node.children)
    count += 1 + nodesBelow(child);
  return count;
}

Operation *MappingOfSet::nodeAt(ArrayRef<unsigned> path) const {
  const Node *node = &mapping.root;
  size_t preorder = 0;
  for (unsigned child : path) {
    ++preorder;
    for (unsigned before = 0; before < child; ++before)
      preorder += 1 + nodesBelow(node->children[before]);
    node = &node->children[child];
  }
  return nodes[preorder];
}

//===----------------------------------------------------------------------===//
// To ops
//===----------------------------------------------------------------------===//

namespace {

class TreeBuilder {
public:
  TreeBuilder(OpBuilder &builder, Location loc, const Workload &workload,
              const Arch &arch)
      : builder(builder), loc(loc), workload(workload), arch(arch) {}

  /// Appends the chain that begins at a node to a region.
  void build(const Node &node, Region &region) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&ir::bodyOf(region));
    Operation *op = create(node);
    for (auto [index, child] : llvm::enumerate(node.children))
      build(child, op->getNumRegions() ? op->getRegion(index) : region);
  }

private:
  Operation *create(const Node &node) {
    return looptree::visit(
        node,
        [&](const For &loop) -> Operation * {
          const Einsum &einsum = workload.einsums[loop.einsum];
          return ir::ForOp::create(builder, loc, einsum.ranks[loop.rank].name,
                                   einsum.name, loop.step);
        },
        [&](const SpatialFor &loop) -> Operation * {
          const Einsum &einsum = workload.einsums[loop.einsum];
          return ir::SpatialForOp::create(
              builder, loc, einsum.ranks[loop.rank].name, einsum.name,
              loop.step, arch.fanouts[loop.fanout].name);
        },
        [&](const Retain &retain) -> Operation * {
          return ir::RetainOp::create(
              builder, loc, names(retain.tensors),
              arch.levels[retain.level].name,
              retain.noReuse.empty() ? ArrayAttr() : names(retain.noReuse),
              /*costs=*/ArrayAttr());
        },
        [&](const Sequential &) -> Operation * {
          return ir::SequentialOp::create(builder, loc, node.children.size());
        },
        [&](const Pipeline &) -> Operation * {
          return ir::PipelineOp::create(builder, loc, node.children.size());
        },
        [&](const ComputeNode &compute) -> Operation * {
          return ir::ComputeOp::create(builder, loc,
                                       workload.einsums[compute.einsum].name,
                                       /*cost=*/ir::EinsumCostAttr());
        });
  }

  ArrayAttr names(const std::vector<TensorId> &tensors) {
    SmallVector<StringRef> list;
    for (TensorId tensor : tensors)
      list.push_back(workload.tensors[tensor].name);
    return builder.getStrArrayAttr(list);
  }

  OpBuilder &builder;
  Location loc;
  const Workload &workload;
  const Arch &arch;
};

} // namespace

ir::MappingOp bridge::buildMapping(OpBuilder &builder, Location loc,
                                   StringRef name, StringRef workloadName,
                                   StringRef archName, const Mapping &mapping,
                                   const Workload &workload, const Arch &arch) {
  auto op = ir::MappingOp::create(builder, loc, name, workloadName, archName,
                                  /*cost=*/ir::CostAttr());
  TreeBuilder(builder, loc, workload, arch).build(mapping.root, op.getBody());
  return op;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

SmallVector<ir::MappingOp> bridge::mappingsOf(ir::PlanOp plan) {
  SmallVector<ir::MappingOp> mappings;
  SymbolTable symbols(plan->getParentOp());
  for (auto execute : plan.getBody().getOps<ir::ExecuteOp>())
    mappings.push_back(symbols.lookup<ir::MappingOp>(execute.getMapping()));
  return mappings;
}

ir::PlanOp bridge::buildPlan(OpBuilder &builder, Location loc, StringRef name,
                             StringRef workloadName, StringRef archName,
                             std::optional<ir::PlanRole> role,
                             ArrayRef<StringRef> mappings,
                             StringRef certificate) {
  MLIRContext *context = builder.getContext();
  auto op = ir::PlanOp::create(
      builder, loc, name, workloadName, archName,
      role ? ir::PlanRoleAttr::get(context, *role) : ir::PlanRoleAttr(),
      certificate.empty() ? StringAttr() : builder.getStringAttr(certificate),
      /*cost=*/ir::CostAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&ir::bodyOf(op.getBody()));
  for (StringRef mapping : mappings)
    ir::ExecuteOp::create(builder, loc, mapping);
  return op;
}
