//===- Architectures.cpp - Arch ops and architectures ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Bridge.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

// The dialect's enumeration lists the same cases in the same order.
static_assert(unsigned(TensorRole::Output) == unsigned(ir::TensorRole::Output));

//===----------------------------------------------------------------------===//
// From ops
//===----------------------------------------------------------------------===//

static std::optional<Rational> toRate(std::optional<ir::RationalAttr> rate) {
  if (!rate || !*rate)
    return std::nullopt;
  return Rational{rate->getNum(), rate->getDen()};
}

static Level toLevel(ir::LevelOp op) {
  Level level;
  level.name = op.getLevelName().str();
  if (std::optional<uint64_t> capacity = op.getCapacityBits())
    level.capacityBits = int64_t(*capacity);
  level.readPjPerBit = op.getReadPjPerBit().convertToDouble();
  level.writePjPerBit = op.getWritePjPerBit().convertToDouble();
  if (std::optional<uint64_t> width = op.getAccessBits())
    level.accessBits = int64_t(*width);
  level.readBitsPerCycle = toRate(op.getReadBitsPerCycle());
  level.writeBitsPerCycle = toRate(op.getWriteBitsPerCycle());
  level.sharedBitsPerCycle = toRate(op.getSharedBitsPerCycle());
  level.leakagePjPerCycle = op.getLeakagePjPerCycle().convertToDouble();
  level.multicast = op.getMulticast();
  level.reduce = op.getReduce();
  level.doubleBuffered = op.getDoubleBuffered();
  if (std::optional<ArrayAttr> holds = op.getHolds()) {
    level.holds.emplace();
    for (auto role : holds->getAsRange<ir::TensorRoleAttr>())
      level.holds->push_back(TensorRole(role.getValue()));
  }
  return level;
}

Arch bridge::toArch(ir::ArchOp op) {
  Arch arch;
  arch.name = op.getSymName().str();
  for (auto level : op.getBody().getOps<ir::LevelOp>())
    arch.levels.push_back(toLevel(level));
  for (auto fanout : op.getBody().getOps<ir::FanOutOp>()) {
    std::optional<LevelId> below =
        arch.findLevel(std::string_view(fanout.getBelow()));
    assert(below && "the op was not verified");
    arch.fanouts.push_back(
        {fanout.getFanoutName().str(), int64_t(fanout.getSize()), *below});
  }
  ir::ComputeUnitOp unit = *op.getBody().getOps<ir::ComputeUnitOp>().begin();
  for (auto [kind, cost] :
       {std::pair(EinsumKind::Contraction, unit.getContraction()),
        std::pair(EinsumKind::Reduction, unit.getReduction()),
        std::pair(EinsumKind::Elementwise, unit.getElementwise())})
    arch.compute.kinds[unsigned(kind)] = {toRate(cost.getOpsPerCycle()),
                                          cost.getPjPerOp().convertToDouble()};
  arch.compute.leakagePjPerCycle =
      unit.getLeakagePjPerCycle().convertToDouble();
  arch.compute.clockHz = unit.getClockHz().convertToDouble();
  return arch;
}

//===----------------------------------------------------------------------===//
// To ops
//===----------------------------------------------------------------------===//

static ir::RationalAttr toAttr(const std::optional<Rational> &rate,
                               MLIRContext *context) {
  return rate ? ir::RationalAttr::get(context, rate->num, rate->den)
              : ir::RationalAttr();
}

static IntegerAttr toAttr(std::optional<int64_t> bits, Builder &builder) {
  return bits ? builder.getI64IntegerAttr(*bits) : IntegerAttr();
}

static ir::OpCostAttr toAttr(const OpCost &cost, MLIRContext *context) {
  return ir::OpCostAttr::get(context, toAttr(cost.opsPerCycle, context),
                             llvm::APFloat(cost.pjPerOp));
}

static void buildLevel(OpBuilder &builder, Location loc, const Level &level) {
  MLIRContext *context = builder.getContext();
  ArrayAttr holds;
  if (level.holds) {
    SmallVector<Attribute> roles;
    for (TensorRole role : *level.holds)
      roles.push_back(ir::TensorRoleAttr::get(context, ir::TensorRole(role)));
    holds = builder.getArrayAttr(roles);
  }
  ir::LevelOp::create(
      builder, loc, level.name, toAttr(level.capacityBits, builder),
      llvm::APFloat(level.readPjPerBit), llvm::APFloat(level.writePjPerBit),
      toAttr(level.accessBits, builder),
      toAttr(level.readBitsPerCycle, context),
      toAttr(level.writeBitsPerCycle, context),
      toAttr(level.sharedBitsPerCycle, context),
      llvm::APFloat(level.leakagePjPerCycle), level.multicast, level.reduce,
      level.doubleBuffered, holds);
}

ir::ArchOp bridge::buildArch(OpBuilder &builder, Location loc, StringRef name,
                             const Arch &arch) {
  MLIRContext *context = builder.getContext();
  auto op = ir::ArchOp::create(builder, loc, name);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&ir::bodyOf(op.getBody()));
  for (const Level &level : arch.levels)
    buildLevel(builder, loc, level);
  for (const FanOut &fanout : arch.fanouts)
    ir::FanOutOp::create(builder, loc, fanout.name, fanout.size,
                         arch.levels[fanout.below].name);
  const Compute &compute = arch.compute;
  ir::ComputeUnitOp::create(
      builder, loc, toAttr(compute.of(EinsumKind::Contraction), context),
      toAttr(compute.of(EinsumKind::Reduction), context),
      toAttr(compute.of(EinsumKind::Elementwise), context),
      llvm::APFloat(compute.leakagePjPerCycle), llvm::APFloat(compute.clockHz));
  return op;
}
