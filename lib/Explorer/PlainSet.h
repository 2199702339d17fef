//===- PlainSet.h - Sets whose tiles never overlap ------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where every dimension of every access is one rank as it is, tiles of any loop
// partition each tensor. Chains of matmuls, attention and elementwise einsums
// are such sets; whatever moves or takes space is then a product over ranks.
//
// Worked example: two chained matmuls, T1[m,n] = T0[m,k] W0[k,n] and
// T2[m,o] = T1[m,n] W1[n,o]. A loop over rank n of the head tiles rank n of the
// first einsum too, and dimensions of W0, T1 and W1.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_PLAINSET_H
#define LOOPTREE_EXPLORER_PLAINSET_H

#include "looptree/Workload/Workload.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace looptree {

/// Ranks of an einsum, or of the head.
using RankMask = uint32_t;

struct PlainOperand {
  TensorId tensor = 0;
  RankMask ranks = 0; ///< Of its einsum; those of extent 1 are left out.
  bool isWrite = false;
};

struct PlainEinsum {
  std::vector<int64_t> extents;
  std::vector<int> headRank; ///< Per rank: the head's that tiles it, or -1.
  std::vector<PlainOperand> operands; ///< Reads in order, then the write.
};

struct PlainTensor {
  RankMask headRanks = 0;       ///< Whose tiles move it.
  std::vector<int64_t> extents; ///< Of the dimensions that no loop moves.
  int64_t elements = 1;
  std::vector<EinsumId> users; ///< In order.
};

struct PlainSet {
  std::vector<PlainEinsum> einsums;
  std::vector<PlainTensor> tensors;
};

/// Nothing where an access is not plain, a tensor is read twice by one einsum
/// or tiled differently by two, has partial sums of another width, or several
/// einsums are heads.
std::optional<PlainSet> plainSetOf(const Workload &set);

/// Products and sums stay at 2^60, which nothing real reaches.
inline constexpr int64_t kPlenty = int64_t(1) << 60;
inline int64_t times(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) || product > kPlenty ? kPlenty
                                                                     : product;
}
inline int64_t plus(int64_t a, int64_t b) { return std::min(a + b, kPlenty); }

} // namespace looptree

#endif // LOOPTREE_EXPLORER_PLAINSET_H
