//===- ToLLVM.cpp - Lowered code to the LLVM dialect --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Pipelines/ToLLVM.h"

#include "looptree/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Async/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace looptree;

static void toBuffers(OpPassManager &passes) {
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  passes.addPass(bufferization::createOneShotBufferizePass(options));
  passes.addPass(createFreeBuffers());
}

static void leavesToLoops(OpPassManager &passes) {
  passes.addPass(createExpandCopies());
  passes.addPass(createOutlineLeaves());
  passes.addPass(createVectorizeLeaves());
  passes.addPass(createConvertLinalgToLoopsPass());
}

static void loopsToLLVM(OpPassManager &passes) {
  passes.addPass(memref::createFoldMemRefAliasOpsPass());
  passes.addPass(createConvertVectorToSCFPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createLoopInvariantCodeMotionPass());
  passes.addPass(createCarryTokens());
  passes.addPass(createAsyncToAsyncRuntimePass());
  passes.addPass(createAsyncRuntimeRefCountingPass());
  passes.addPass(createConvertAsyncToLLVMPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createConvertMathToLibmPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
}

void looptree::buildToLLVM(OpPassManager &passes) {
  passes.addPass(createStripLevels());
  passes.addPass(createForallToForLoopPass());
  passes.addPass(createDecomposeBarriers());
  toBuffers(passes);
  leavesToLoops(passes);
  loopsToLLVM(passes);
}

void looptree::registerPipelines() {
  PassPipelineRegistration<>(
      "looptree-to-llvm",
      "Lowered code, and functions on tensors beside it, to the LLVM dialect",
      buildToLLVM);
}
