//===- FreeBuffers.cpp - Free what functions allocate -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace looptree {
#define GEN_PASS_DEF_FREEBUFFERS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

static bool isBuffer(Type type) { return isa<BaseMemRefType>(type); }

/// Whether a function gets buffers that it does not free itself.
static bool owesBuffers(func::FuncOp function) {
  bool gets = llvm::any_of(function.getResultTypes(), isBuffer);
  bool frees = false;
  function.walk([&](Operation *op) {
    gets |= isa<memref::AllocOp>(op) ||
            (isa<CallOpInterface>(op) &&
             llvm::any_of(op->getResultTypes(), isBuffer));
    frees |= isa<memref::DeallocOp>(op);
  });
  return gets && !frees && !function.isExternal();
}

/// Gives each result that may share an earlier one's memory its own.
static void separateResults(func::FuncOp function) {
  BufferOriginAnalysis origins(function);
  function.walk([&](func::ReturnOp op) {
    OpBuilder b(op);
    SmallVector<Value> returned(op.getOperands());
    for (auto [i, value] : llvm::enumerate(returned))
      if (isBuffer(value.getType()) &&
          llvm::any_of(ArrayRef(returned).take_front(i), [&](Value earlier) {
            return isBuffer(earlier.getType()) &&
                   origins.isSameAllocation(earlier, value) != false;
          }))
        op.setOperand(unsigned(i),
                      bufferization::CloneOp::create(b, op.getLoc(), value));
  });
}

namespace {

class FreeBuffers : public looptree::impl::FreeBuffersBase<FreeBuffers> {
  void runOnOperation() override {
    SymbolTableCollection symbolTables;
    SmallVector<func::FuncOp> freed;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!owesBuffers(function))
        continue;
      separateResults(function);
      if (failed(bufferization::deallocateBuffersOwnershipBased(function, {},
                                                                symbolTables)))
        return signalPassFailure();
      freed.push_back(function);
    }
    OpPassManager rest(ModuleOp::getOperationName());
    rest.addPass(createCanonicalizerPass());
    rest.addPass(bufferization::createBufferDeallocationSimplificationPass());
    rest.addPass(bufferization::createLowerDeallocationsPass());
    rest.addPass(createConvertBufferizationToMemRefPass());
    rest.addPass(createCSEPass());
    rest.addPass(createCanonicalizerPass());
    if (failed(runPipeline(rest, getOperation())))
      return signalPassFailure();
    OpPassManager early(func::FuncOp::getOperationName());
    early.addPass(bufferization::createOptimizeAllocationLivenessPass());
    for (func::FuncOp function : freed)
      if (failed(runPipeline(early, function)))
        return signalPassFailure();
  }
};

} // namespace
