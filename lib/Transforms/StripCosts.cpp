//===- StripCosts.cpp - Remove every cost ---------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "looptree/IR/Ops.h"

#include "llvm/ADT/TypeSwitch.h"

namespace looptree {
#define GEN_PASS_DEF_STRIPCOSTS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class StripCosts : public looptree::impl::StripCostsBase<StripCosts> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      llvm::TypeSwitch<Operation *>(op)
          .Case<ir::MappingOp, ir::PlanOp, ir::ComputeOp>(
              [](auto owner) { owner.removeCostAttr(); })
          .Case([](ir::RetainOp retain) { retain.removeCostsAttr(); });
    });
  }
};

} // namespace
