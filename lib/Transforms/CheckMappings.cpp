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

namespace looptree {
#define GEN_PASS_DEF_CHECKMAPPINGS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

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
    return checkMapping(op, mapping);
  }
};

} // namespace
