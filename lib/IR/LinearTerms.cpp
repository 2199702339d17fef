//===- LinearTerms.cpp - Affine expressions that are sums of ranks -------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/LinearTerms.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace looptree::ir;

static bool add(AffineExpr expr, int64_t factor, LinearTerms &terms) {
  auto addTo = [](int64_t &sum, int64_t value) {
    return !llvm::AddOverflow(sum, value, sum);
  };
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    int64_t value;
    return !llvm::MulOverflow(constant.getValue(), factor, value) &&
           addTo(terms.constant, value);
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dim.getPosition() < terms.coefficients.size() &&
           addTo(terms.coefficients[dim.getPosition()], factor);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return add(binary.getLHS(), factor, terms) &&
           add(binary.getRHS(), factor, terms);
  if (expr.getKind() != AffineExprKind::Mul)
    return false;
  AffineExpr other = binary.getLHS();
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!constant) {
    constant = dyn_cast<AffineConstantExpr>(binary.getLHS());
    other = binary.getRHS();
  }
  int64_t product;
  return constant && !llvm::MulOverflow(constant.getValue(), factor, product) &&
         add(other, product, terms);
}

std::optional<LinearTerms> LinearTerms::of(AffineExpr expr,
                                           unsigned rankCount) {
  LinearTerms terms(rankCount);
  if (!add(expr, 1, terms))
    return std::nullopt;
  return terms;
}

AffineExpr LinearTerms::toAffineExpr(MLIRContext *context) const {
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (unsigned rank = 0; rank < coefficients.size(); ++rank)
    if (coefficients[rank] != 0)
      sum = sum + getAffineDimExpr(rank, context) * coefficients[rank];
  return sum + constant;
}
