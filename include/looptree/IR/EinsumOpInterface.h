//===- EinsumOpInterface.h - What an op is as an einsum -*- C++ -*--------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an op says of itself: `linalg.matmul ins(%a, %b) outs(%c)` of 4x8 by
// 8x16, %c holding data, is
//
//     extents  {4, 16, 8}
//     kind     Contraction, with accumulates
//     reads    {0, (d0, d1, d2) -> (d0, d2)}, {1, (d0, d1, d2) -> (d2, d1)},
//              {2, (d0, d1, d2) -> (d0, d1), init}
//     result   (d0, d1, d2) -> (d0, d1)
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_EINSUMOPINTERFACE_H
#define LOOPTREE_IR_EINSUMOPINTERFACE_H

#include "looptree/IR/Attributes.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallVector.h"

#include <string>

namespace looptree::ir {

/// An operand whose data is read. A tensor that only gives a shape (the window
/// of a pool), an `outs` that is overwritten and a scalar are none.
struct EinsumOperand {
  unsigned operand;    ///< Number of the operand, a ranked tensor.
  mlir::AffineMap map; ///< From the iteration to the operand's index.
  /// Given to the ops that begin an element only: an initial accumulator.
  bool isInit = false;
};

/// What the result holds.
enum class EinsumContent {
  Computed,
  Copy,   ///< The element read, unchanged: a transpose, a broadcast.
  Uniform ///< One scalar everywhere, with nothing read: a fill.
};

struct EinsumDescription {
  llvm::SmallVector<int64_t> extents; ///< Of the iteration space.
  EinsumKind kind = EinsumKind::Contraction;
  llvm::SmallVector<EinsumOperand> reads;
  /// From the iteration to the result's index. The dimensions that it does not
  /// use reduce.
  mlir::AffineMap result;
  EinsumContent content = EinsumContent::Computed;
  /// A partial result is a sum or a product, which an accelerator keeps in its
  /// accumulator's width; of a maximum it is an element like any other.
  bool accumulates = false;
};

} // namespace looptree::ir

#include "looptree/IR/EinsumOpInterface.h.inc"

#endif // LOOPTREE_IR_EINSUMOPINTERFACE_H
