//===- ToLLVM.h - Lowered code to the LLVM dialect -*- C++ -*- ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exit of lowered code to a CPU: upstream passes, and those of this project
// that stand between them. `looptree-opt --looptree-to-llvm` is the same.
//
//     PassManager passes(context);
//     passes.addPass(createLowerMappings());
//     buildToLLVM(passes);
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_PIPELINES_TOLLVM_H
#define LOOPTREE_PIPELINES_TOLLVM_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace looptree {

/// Takes a module of functions on tensors or memrefs: those of
/// `lower-mappings`, their payloads, functions without any mapping. Tensor
/// arguments become memrefs of the identity layout. The result holds the LLVM
/// dialect alone.
void buildToLLVM(mlir::OpPassManager &passes);

/// `looptree-to-llvm`.
void registerPipelines();

} // namespace looptree

#endif // LOOPTREE_PIPELINES_TOLLVM_H
