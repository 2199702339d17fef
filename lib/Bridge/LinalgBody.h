//===- LinalgBody.h - What the body of a linalg op computes -*- C++ -*----===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a structured op as seen from one of its results: which operands
// reach it, how it accumulates, and which values change nothing.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_LINALGBODY_H
#define LOOPTREE_LIB_BRIDGE_LINALGBODY_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace looptree::bridge {

class LinalgBody {
public:
  LinalgBody(mlir::linalg::LinalgOp op, unsigned result);

  /// Operands whose elements reach the result, or an assertion.
  const llvm::SmallBitVector &operandsRead() { return used; }

  /// The first op that a body of an einsum may not hold: one that reads a
  /// tensor itself, or has effects other than an assertion. Null when there is
  /// none.
  mlir::Operation *findForeignOp();

  /// The operand that is yielded as it is, if one is.
  std::optional<unsigned> yieldedOperand();
  /// The result depends on the position in the iteration space.
  bool usesIndex();
  /// The previous value of the result is added to or multiplied with.
  bool accumulates();
  /// Products of two different operands are summed up.
  bool isSumOfProducts();

  /// With `value` as the element of `operand` the result keeps its previous
  /// value. An infinity times zero is taken as zero.
  bool keepsResult(unsigned operand, mlir::Attribute value);

private:
  /// Operands that reach a value of the body.
  llvm::SmallBitVector operandsOf(mlir::Value value);
  bool isTensorInput(unsigned operand);
  mlir::BlockArgument accumulator();

  mlir::linalg::LinalgOp op;
  mlir::Value yielded;
  unsigned result;
  /// Ops of the body, nested ones included, that the result needs.
  llvm::SmallPtrSet<mlir::Operation *, 8> needed;
  llvm::SmallBitVector used;
};

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_LINALGBODY_H
