//===- LowerMappings.cpp - Mappings to buffers and loops --------------------
//===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "Lowering/LoweredFunction.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Async/IR/Async.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace looptree {
#define GEN_PASS_DEF_LOWERMAPPINGS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class LowerMappings : public looptree::impl::LowerMappingsBase<LowerMappings> {
  /// Everything is read before anything is changed.
  void runOnOperation() override {
    std::vector<lowering::LoweredFunction> functions;
    bool failed = false;
    for (auto workload : getOperation().getOps<ir::WorkloadOp>()) {
      if (!workload.getPayloadAttr())
        continue;
      auto read = lowering::readFunction(workload, /*withSchedules=*/true);
      failed |= mlir::failed(read);
      if (succeeded(read) && *read)
        functions.push_back(std::move(**read));
    }
    if (failed)
      return signalPassFailure();
    if (functions.empty())
      emitWarning(getOperation().getLoc())
          << "no mapping of a workload that was read from a function: nothing "
             "to lower";
    for (lowering::LoweredFunction &function : functions)
      lowering::lower(function);
  }
};

} // namespace
