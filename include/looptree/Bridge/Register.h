//===- Register.h - What the dialect asks of the model -*- C++ -*---------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_REGISTER_H
#define LOOPTREE_BRIDGE_REGISTER_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace looptree::bridge {

/// Lets the dialect's verifiers report the model's checks
/// (looptree/IR/ModelCheck.h) wherever the dialect is loaded.
void registerModelCheck(mlir::DialectRegistry &registry);

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_REGISTER_H
