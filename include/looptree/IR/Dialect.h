//===- Dialect.h - The looptree dialect -*- C++ -*------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_DIALECT_H
#define LOOPTREE_IR_DIALECT_H

#include "mlir/IR/Dialect.h"

#include "looptree/IR/LoopTreeDialect.h.inc"

namespace looptree::ir {

/// The discardable attribute by which a payload op names its einsum:
/// `looptree.einsum = @workload::@einsum`.
inline constexpr llvm::StringLiteral einsumAttrName = "looptree.einsum";

/// The discardable attribute that says what an op of lowered code is, a
/// dictionary of strings (docs/Lowering.md): `looptree.lowered = {kind =
/// "fill", tensor = "A", level = "GLB", einsum = "convB"}`.
inline constexpr llvm::StringLiteral loweredAttrName = "looptree.lowered";

} // namespace looptree::ir

#endif // LOOPTREE_IR_DIALECT_H
