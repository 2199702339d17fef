//===- LinearTerms.h - Affine expressions that are sums of ranks -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The index expressions of accesses: sum(coefficient * rank) + constant.
//
//     LinearTerms::of(2 * d0 + d3 - 1, 4)  is  {{2, 0, 0, 1}, -1}
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_LINEARTERMS_H
#define LOOPTREE_IR_LINEARTERMS_H

#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace looptree::ir {

struct LinearTerms {
  explicit LinearTerms(unsigned rankCount) : coefficients(rankCount, 0) {}

  llvm::SmallVector<int64_t> coefficients; ///< One per rank.
  int64_t constant = 0;

  /// Nothing when the expression is not such a sum (a floordiv, a symbol, a
  /// rank at `rankCount` or above) or a number exceeds 64 bit.
  static std::optional<LinearTerms> of(mlir::AffineExpr expr,
                                       unsigned rankCount);

  /// The same sum always gives the same expression.
  mlir::AffineExpr toAffineExpr(mlir::MLIRContext *context) const;
};

} // namespace looptree::ir

#endif // LOOPTREE_IR_LINEARTERMS_H
