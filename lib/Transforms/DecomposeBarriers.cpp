//===- DecomposeBarriers.cpp - Ops that have no form on buffers -----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace looptree {
#define GEN_PASS_DEF_DECOMPOSEBARRIERS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class DecomposeBarriers
    : public looptree::impl::DecomposeBarriersBase<DecomposeBarriers> {
  void runOnOperation() override {
    SmallVector<Operation *> barriers;
    getOperation()->walk([&](Operation *op) {
      if (isa<linalg::AggregatedOpInterface, tensor::ConcatOp>(op))
        barriers.push_back(op);
    });
    for (Operation *op : barriers) {
      OpBuilder b(op);
      FailureOr<SmallVector<Value>> values = failure();
      if (auto concat = dyn_cast<tensor::ConcatOp>(op))
        values = concat.decomposeOperation(b);
      else if (op->getNumResults() != 0) // Otherwise it is on buffers already.
        values = cast<linalg::AggregatedOpInterface>(op).decomposeOperation(b);
      if (failed(values)) {
        op->emitError("cannot be decomposed, and has no form on buffers");
        return signalPassFailure();
      }
      op->replaceAllUsesWith(*values);
      op->erase();
    }
  }
};

} // namespace
