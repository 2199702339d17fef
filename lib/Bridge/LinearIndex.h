//===- LinearIndex.h - Where the ops of a box land -*- C++ -*-------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Indices as sums over the ranks of a box, and what maps make of them. A
// division or a remainder of such a sum is one again where the box allows it:
// with d in [0, 64),
//
//     (64*h + d) floordiv 64 = h        (64*h + d) mod 64 = d
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_LINEARINDEX_H
#define LOOPTREE_LIB_BRIDGE_LINEARINDEX_H

#include "looptree/IR/LinearTerms.h"

#include "mlir/IR/AffineMap.h"

namespace looptree::bridge {

/// One sum per dimension of a tensor.
using LinearIndex = llvm::SmallVector<ir::LinearTerms, 4>;

/// Least and greatest value of a sum over the box [0, extents); nothing beyond
/// 64 bit.
struct Interval {
  int64_t least, greatest;
};
std::optional<Interval> intervalOf(const ir::LinearTerms &terms,
                                   llvm::ArrayRef<int64_t> extents);

/// The index itself: one rank per dimension.
LinearIndex identityIndex(unsigned rankCount);

/// `map` at the index. Nothing where a result is not a sum over the box.
std::optional<LinearIndex> applyMap(mlir::AffineMap map,
                                    const LinearIndex &index,
                                    llvm::ArrayRef<int64_t> extents);

/// Leaves ranks of extent 1, which are always 0, out of sums that have others.
void dropUnitRanks(LinearIndex &index, llvm::ArrayRef<int64_t> extents);

/// What an einsum admits: coefficients of at least 0, no rank in two
/// dimensions.
bool isAccess(const LinearIndex &index);

/// The index reaches every element of `shape` and no other, each at one
/// combination of the ranks that it uses.
bool coversExactly(const LinearIndex &index, llvm::ArrayRef<int64_t> extents,
                   llvm::ArrayRef<int64_t> shape);

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_LINEARINDEX_H
