//===- LinearIndex.cpp - Where the ops of a box land ----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearIndex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;
using looptree::ir::LinearTerms;

std::optional<Interval> bridge::intervalOf(const LinearTerms &terms,
                                           ArrayRef<int64_t> extents) {
  Interval interval{terms.constant, terms.constant};
  for (auto [coefficient, extent] : llvm::zip(terms.coefficients, extents)) {
    int64_t reach;
    if (llvm::MulOverflow(coefficient, extent - 1, reach))
      return std::nullopt;
    int64_t &end = reach < 0 ? interval.least : interval.greatest;
    if (llvm::AddOverflow(end, reach, end))
      return std::nullopt;
  }
  return interval;
}

LinearIndex bridge::identityIndex(unsigned rankCount) {
  LinearIndex index;
  for (unsigned rank = 0; rank < rankCount; ++rank)
    index.emplace_back(rankCount).coefficients[rank] = 1;
  return index;
}

/// `to += factor * terms`, false on overflow.
static bool add(LinearTerms &to, const LinearTerms &terms, int64_t factor) {
  auto addTo = [&](int64_t &sum, int64_t value) {
    int64_t product;
    return !llvm::MulOverflow(value, factor, product) &&
           !llvm::AddOverflow(sum, product, sum);
  };
  for (auto [sum, value] : llvm::zip_equal(to.coefficients, terms.coefficients))
    if (!addTo(sum, value))
      return false;
  return addTo(to.constant, terms.constant);
}

/// Splits terms into `divisor * quotient + remainder` with the remainder in
/// [0, divisor) all over the box.
static bool divide(const LinearTerms &terms, int64_t divisor,
                   ArrayRef<int64_t> extents, LinearTerms &quotient,
                   LinearTerms &remainder) {
  for (auto [rank, coefficient] : llvm::enumerate(terms.coefficients))
    if (coefficient % divisor == 0)
      quotient.coefficients[rank] = coefficient / divisor;
    else
      remainder.coefficients[rank] = coefficient;
  remainder.constant = terms.constant;
  std::optional<Interval> interval = intervalOf(remainder, extents);
  if (!interval)
    return false;
  quotient.constant = llvm::divideFloorSigned(interval->least, divisor);
  int64_t shift = quotient.constant * divisor;
  remainder.constant -= shift;
  return interval->greatest - shift < divisor;
}

static std::optional<LinearTerms>
evaluate(AffineExpr expr, const LinearIndex &index, ArrayRef<int64_t> extents) {
  LinearTerms terms(extents.size());
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    terms.constant = constant.getValue();
    return terms;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return index[dim.getPosition()];
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  std::optional<LinearTerms> lhs = evaluate(binary.getLHS(), index, extents);
  std::optional<LinearTerms> rhs = evaluate(binary.getRHS(), index, extents);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add) {
    if (!add(*lhs, *rhs, 1))
      return std::nullopt;
    return lhs;
  }
  auto isConstant = [](const LinearTerms &terms) {
    return llvm::all_of(terms.coefficients,
                        [](int64_t value) { return value == 0; });
  };
  if (expr.getKind() == AffineExprKind::Mul && isConstant(*lhs))
    std::swap(lhs, rhs);
  if (!isConstant(*rhs))
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mul) {
    if (!add(terms, *lhs, rhs->constant))
      return std::nullopt;
    return terms;
  }
  LinearTerms remainder(extents.size());
  if (rhs->constant <= 0 ||
      !divide(*lhs, rhs->constant, extents, terms, remainder))
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return terms;
  if (expr.getKind() == AffineExprKind::Mod)
    return remainder;
  return std::nullopt;
}

std::optional<LinearIndex> bridge::applyMap(AffineMap map,
                                            const LinearIndex &index,
                                            ArrayRef<int64_t> extents) {
  LinearIndex result;
  for (AffineExpr expr : map.getResults()) {
    std::optional<LinearTerms> terms = evaluate(expr, index, extents);
    if (!terms)
      return std::nullopt;
    result.push_back(std::move(*terms));
  }
  return result;
}

void bridge::dropUnitRanks(LinearIndex &index, ArrayRef<int64_t> extents) {
  for (LinearTerms &terms : index) {
    bool hasOther = llvm::any_of(
        llvm::zip_equal(terms.coefficients, extents), [](auto term) {
          return std::get<0>(term) != 0 && std::get<1>(term) != 1;
        });
    if (hasOther)
      for (auto [coefficient, extent] :
           llvm::zip_equal(terms.coefficients, extents))
        if (extent == 1)
          coefficient = 0;
  }
}

bool bridge::isAccess(const LinearIndex &index) {
  llvm::SmallVector<bool> used;
  for (const LinearTerms &terms : index) {
    used.resize(terms.coefficients.size());
    for (auto [coefficient, isUsed] :
         llvm::zip_equal(terms.coefficients, used)) {
      if (coefficient < 0 || (coefficient != 0 && isUsed))
        return false;
      isUsed |= coefficient != 0;
    }
  }
  return true;
}

bool bridge::coversExactly(const LinearIndex &index, ArrayRef<int64_t> extents,
                           ArrayRef<int64_t> shape) {
  if (!isAccess(index))
    return false;
  for (auto [terms, size] : llvm::zip_equal(index, shape)) {
    // As digits of a number: each coefficient is the product of the extents
    // of those below it.
    SmallVector<std::pair<int64_t, int64_t>> digits;
    for (auto [coefficient, extent] :
         llvm::zip_equal(terms.coefficients, extents))
      if (coefficient != 0 && extent != 1)
        digits.push_back({coefficient, extent});
    llvm::sort(digits);
    int64_t next = 1;
    for (auto [coefficient, extent] : digits)
      if (coefficient != next || llvm::MulOverflow(next, extent, next))
        return false;
    if (terms.constant != 0 || next != size)
      return false;
  }
  return true;
}
