//===- Payload.h - What the lowering knows of the payload -*- C++ -*------ ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The op that an einsum was read from, and what its operands are.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_LOWERING_PAYLOAD_H
#define LOOPTREE_LIB_TRANSFORMS_LOWERING_PAYLOAD_H

#include "looptree/Bridge/Import.h"
#include "looptree/Workload/Workload.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace looptree::lowering {

/// One value for many elements: a constant, or a scalar of the function.
struct Scalar {
  mlir::Type type;
  mlir::Attribute constant; ///< Null: `value`.
  mlir::Value value;
};

struct PayloadEinsum {
  /// Of linalg, or a view, which copies.
  mlir::Operation *op;
  unsigned result = 0; ///< The result that is the einsum's.
  mlir::Value made() const { return op->getResult(result); }
  /// By number of the op's operand: which of the einsum's reads it is.
  llvm::SmallDenseMap<unsigned, unsigned> readOfOperand;
  /// Operands that are no reads and whose value the body uses.
  llvm::SmallDenseMap<unsigned, Scalar> scalars;
  /// What an element begins as where no init is read; none when the body does
  /// not use the previous value of the result.
  std::optional<Scalar> initial;
  /// What of the body the result needs, in order. Of a `tensor.pad`: what makes
  /// an element that is not copied.
  llvm::SmallVector<mlir::Operation *> body;
  mlir::Value yielded; ///< Null: of a view that does not pad.
  /// How two parts of a sum are added up, and what changes nothing then; null
  /// when that is not known.
  mlir::Operation *combiner = nullptr;
  mlir::TypedAttr neutral;
  /// Scalars of the function, that are no constants and are used here.
  llvm::SetVector<mlir::Value> captured;
};

/// Bytes that an element takes in memory.
int64_t bytesOf(mlir::Type elementType);

/// The payload of an einsum of `workload`, which is number `imported` of what
/// was read. An error at the op names the einsum and what of it cannot be
/// lowered.
mlir::FailureOr<PayloadEinsum> readPayload(const bridge::ImportedWorkload &read,
                                           unsigned imported,
                                           const Einsum &einsum,
                                           const Workload &workload);

} // namespace looptree::lowering

#endif // LOOPTREE_LIB_TRANSFORMS_LOWERING_PAYLOAD_H
