//===- CheckMappings.cpp - Check mappings against their chip --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "looptree/Bridge/Payload.h"

#include "Evaluations.h"

#include <tuple>

namespace looptree {
#define GEN_PASS_DEF_CHECKMAPPINGS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

template <typename OpT> static OpT nth(Region &region, unsigned index) {
  return *std::next(region.getOps<OpT>().begin(), index);
}

/// "@A 48 bits, @I 64 bits": the buffers at a level, largest first.
static std::string buffersAt(LevelId level, const EvaluatedMapping &mapping) {
  std::vector<BufferRow> rows;
  for (const BufferRow &row : mapping.cost->buffers)
    if (row.level == level)
      rows.push_back(row);
  llvm::sort(rows, [](const BufferRow &a, const BufferRow &b) {
    return std::tuple(-a.bits, a.node, a.tensor) <
           std::tuple(-b.bits, b.node, b.tensor);
  });
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(rows, os, [&](const BufferRow &row) {
    os << '@' << mapping.set.workload.tensors[row.tensor].name << ' '
       << row.bits << " bits";
  });
  return text;
}

static void report(ir::MappingOp op, ir::ArchOp archOp, const Problem &problem,
                   const EvaluatedMapping &mapping) {
  const Arch &arch = *mapping.arch;
  InFlightDiagnostic error = emitError(op.getLoc())
                             << "mapping @" << op.getSymName() << ' ';
  std::visit(
      Overloaded{
          [&](const OverCapacity &over) {
            const Level &level = arch.levels[over.level];
            error << "needs " << over.bits << " bits of level @" << level.name
                  << ", which has " << *level.capacityBits << ": "
                  << over.excess << " too many; buffers there: "
                  << buffersAt(over.level, mapping);
            if (level.doubleBuffered)
              error << "; those that have a parent count twice";
            error.attachNote(
                nth<ir::LevelOp>(archOp.getBody(), over.level).getLoc())
                << "the level is declared here";
          },
          [&](const OverFanOut &over) {
            const FanOut &fanout = arch.fanouts[over.fanout];
            error << "uses " << over.instances
                  << " instances of fan-out dimension @" << fanout.name
                  << ", which has " << fanout.size << ": " << over.excess
                  << " too many";
            error.attachNote(
                nth<ir::FanOutOp>(archOp.getBody(), over.fanout).getLoc())
                << "the dimension is declared here";
          },
          [&](const OverCompute &over) {
            int64_t instances = arch.computeInstances();
            error << "uses " << instances + over.excess
                  << " compute instances, of which there are " << instances
                  << ": " << over.excess << " too many";
            error.attachNote(
                nth<ir::ComputeUnitOp>(archOp.getBody(), 0).getLoc())
                << "compute is declared here";
          }},
      problem);
}

/// Warns of a cost that was not made from what the module says now.
static void checkStale(Operation *owner, std::optional<ir::CostAttr> cost,
                       StringRef inputs) {
  if (!cost)
    return;
  StringRef name = SymbolTable::getSymbolName(owner).getValue();
  if (cost->getModel() != modelVersion)
    emitWarning(owner->getLoc())
        << "the cost of @" << name << " is stale: it is of version "
        << cost->getModel() << " of the model, this is " << modelVersion;
  else if (cost->getInputs() != inputs)
    emitWarning(owner->getLoc())
        << "the cost of @" << name
        << " is stale: workload, architecture or mapping have changed since";
}

namespace {

class CheckMappings : public looptree::impl::CheckMappingsBase<CheckMappings> {
public:
  using CheckMappingsBase::CheckMappingsBase;

  void runOnOperation() override {
    Evaluations evaluations(convention);
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      if (auto mapping = dyn_cast<ir::MappingOp>(op))
        failed |= mlir::failed(check(mapping, evaluations));
      else if (auto plan = dyn_cast<ir::PlanOp>(op))
        checkStale(plan, plan.getCost(), evaluations.inputsOf(plan));
      else if (auto workload = dyn_cast<ir::WorkloadOp>(op))
        failed |= mlir::failed(bridge::checkPayload(workload));
    });
    if (failed)
      signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  static LogicalResult check(ir::MappingOp op, Evaluations &evaluations) {
    const EvaluatedMapping &mapping = evaluations.of(op);
    checkStale(op, op.getCost(), mapping.inputs);
    if (!mapping.cost)
      return emitError(op.getLoc())
             << "mapping @" << op.getSymName()
             << " has no cost: " << mapping.cost.error().message;
    ir::ArchOp arch = ir::lookupArch(op, op.getArchAttr());
    for (const Problem &problem : mapping.cost->problems)
      report(op, arch, problem, mapping);
    return success(mapping.cost->valid());
  }
};

} // namespace
