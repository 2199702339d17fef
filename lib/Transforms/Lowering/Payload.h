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

#include "looptree/Workload/Workload.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "llvm/ADT/DenseMap.h"

namespace looptree::lowering {

struct PayloadEinsum {
  mlir::linalg::LinalgOp op;
  /// By number of the op's operand: which of the einsum's reads it is.
  llvm::SmallDenseMap<unsigned, unsigned> readOfOperand;
  /// Per operand that is no read and whose value the body uses: the one value
  /// of its elements.
  llvm::SmallDenseMap<unsigned, mlir::TypedAttr> constants;
  /// What an element begins as where no init is read; null when the body does
  /// not use the previous value of the result.
  mlir::TypedAttr initial;
};

/// The payload of an einsum of `workload`. An error at the op names the einsum
/// and what of it cannot be lowered.
mlir::FailureOr<PayloadEinsum>
readPayload(mlir::Operation *op, EinsumId einsum, const Workload &workload,
            const llvm::SmallDenseMap<unsigned, unsigned> &readOfOperand);

} // namespace looptree::lowering

#endif // LOOPTREE_LIB_TRANSFORMS_LOWERING_PAYLOAD_H
