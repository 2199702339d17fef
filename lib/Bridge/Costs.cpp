//===- Costs.cpp - Costs as attributes ------------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Costs.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

namespace {

/// Sums that say which of them exceeds 64 bit instead of wrapping.
struct Sums {
  std::string overflowed; ///< The first, a plural.

  void add(int64_t &total, int64_t by, StringRef what) {
    if (llvm::AddOverflow(total, by, total) && overflowed.empty())
      overflowed = what.str();
  }
  int64_t of(const std::vector<int64_t> &counts) {
    int64_t total = 0;
    for (int64_t count : counts)
      add(total, count, "the ops");
    return total;
  }
};

} // namespace

static SmallVector<ir::LevelCostAttr> toLevelCosts(const CostReport &cost,
                                                   const Arch &arch, Sums &sums,
                                                   MLIRContext *context) {
  struct Moves {
    int64_t reads = 0, writes = 0, readBits = 0, writeBits = 0;
  };
  std::vector<Moves> moves(arch.levels.size());
  for (const AccessRow &row : cost.accesses) {
    Moves &level = moves[row.level];
    std::string what = "the accesses at @" + arch.levels[row.level].name;
    sums.add(level.reads, row.reads, what);
    sums.add(level.writes, row.writes, what);
    sums.add(level.readBits, row.readBits, what);
    sums.add(level.writeBits, row.writeBits, what);
  }
  SmallVector<ir::LevelCostAttr> levels;
  for (auto [id, level] : llvm::enumerate(arch.levels))
    levels.push_back(ir::LevelCostAttr::get(
        context, level.name, cost.capacityBits[id], moves[id].reads,
        moves[id].writes, moves[id].readBits, moves[id].writeBits,
        cost.memoryCycles[id], llvm::APFloat(cost.levelEnergyPj[id])));
  return levels;
}

static ir::EinsumCostAttr toEinsumCost(const CostReport &cost, EinsumId einsum,
                                       StringRef name, MLIRContext *context) {
  return ir::EinsumCostAttr::get(context, name, cost.ops[einsum],
                                 cost.recompute[einsum],
                                 cost.notNeeded[einsum]);
}

static ir::ProblemAttr toProblem(const Problem &problem, const Arch &arch,
                                 MLIRContext *context) {
  return std::visit(
      Overloaded{[&](const OverCapacity &over) {
                   return ir::ProblemAttr::get(
                       context, ir::ProblemKind::Capacity,
                       arch.levels[over.level].name, over.bits, over.excess);
                 },
                 [&](const OverFanOut &over) {
                   return ir::ProblemAttr::get(context, ir::ProblemKind::FanOut,
                                               arch.fanouts[over.fanout].name,
                                               over.instances, over.excess);
                 },
                 [&](const OverCompute &over) {
                   return ir::ProblemAttr::get(
                       context, ir::ProblemKind::ComputeInstances, "",
                       arch.computeInstances() + over.excess, over.excess);
                 }},
      problem);
}

static Result<ir::CostAttr> toAttr(const CostReport &cost, const Arch &arch,
                                   StringRef boundBy,
                                   ArrayRef<ir::EinsumCostAttr> einsums,
                                   StringRef inputs, MLIRContext *context) {
  SmallVector<ir::ProblemAttr> problems;
  for (const Problem &problem : cost.problems)
    problems.push_back(toProblem(problem, arch, context));
  auto convention = cost.convention == Convention::Exact
                        ? ir::Convention::Exact
                        : ir::Convention::LoopTreeV1;
  Sums sums;
  auto attr = ir::CostAttr::get(
      context, convention, modelVersion, inputs, cost.offChip.elements,
      cost.offChip.bits, cost.algorithmicMinimum.elements,
      cost.algorithmicMinimum.bits, sums.of(cost.ops), sums.of(cost.recompute),
      sums.of(cost.notNeeded), cost.latencyCycles, cost.computeCycles, boundBy,
      llvm::APFloat(cost.utilisation), cost.fillCycles, cost.drainCycles,
      llvm::APFloat(cost.energyPj), llvm::APFloat(cost.computeEnergyPj),
      llvm::APFloat(cost.leakageEnergyPj),
      toLevelCosts(cost, arch, sums, context), einsums, problems);
  if (!sums.overflowed.empty())
    return Error{sums.overflowed + " exceed 64 bit"};
  return attr;
}

Result<ir::CostAttr> bridge::toCostAttr(const CostReport &cost,
                                        const Workload &workload,
                                        const Arch &arch, StringRef inputs,
                                        MLIRContext *context) {
  SmallVector<ir::EinsumCostAttr> einsums;
  for (auto [id, einsum] : llvm::enumerate(workload.einsums))
    einsums.push_back(toEinsumCost(cost, id, einsum.name, context));
  StringRef boundBy =
      cost.boundBy ? StringRef(arch.levels[*cost.boundBy].name) : "compute";
  return toAttr(cost, arch, boundBy, einsums, inputs, context);
}

Result<ir::CostAttr> bridge::toPlanCostAttr(const CostReport &total,
                                            const Arch &arch, StringRef inputs,
                                            MLIRContext *context) {
  return toAttr(total, arch, /*boundBy=*/"", /*einsums=*/{}, inputs, context);
}

void bridge::annotateNodes(const MappingOfSet &set, const CostReport &cost) {
  MLIRContext *context = set.nodes.front()->getContext();
  for (Operation *node : set.nodes)
    if (auto compute = dyn_cast<ir::ComputeOp>(node)) {
      std::optional<EinsumId> einsum =
          set.workload.findEinsum(std::string_view(compute.getEinsum()));
      compute.setCostAttr(
          toEinsumCost(cost, *einsum, compute.getEinsum(), context));
    }
  // Rows of one retain stand together.
  for (auto row = cost.buffers.begin(); row != cost.buffers.end();) {
    unsigned node = row->node;
    SmallVector<Attribute> costs;
    for (; row != cost.buffers.end() && row->node == node; ++row)
      costs.push_back(ir::BufferCostAttr::get(
          context, set.workload.tensors[row->tensor].name, row->elements,
          row->bits, row->steady, row->footprint, row->reads, row->writes,
          row->fills, row->drains, row->readBits, row->writeBits));
    cast<ir::RetainOp>(set.nodes[node])
        .setCostsAttr(ArrayAttr::get(context, costs));
  }
}
