//===- Register.h - Everything that a tool registers -*- C++ -*-----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one door for tools and plugins: the dialect with the model's checks, and
// the passes.
//
//     mlir::DialectRegistry registry;
//     looptree::registerDialects(registry);
//     looptree::registerPasses();
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_PIPELINES_REGISTER_H
#define LOOPTREE_PIPELINES_REGISTER_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace looptree {

/// The looptree dialect and what other dialects get from this project.
void registerDialects(mlir::DialectRegistry &registry);

/// Every pass and pipeline of this project, by its name.
void registerPasses();

} // namespace looptree

#endif // LOOPTREE_PIPELINES_REGISTER_H
