//===- Counts.h - Counters that know of folds ---------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What happens in a tile happens as often as the tile stands for, and a set
// that reaches through a folded zone is larger than it looks. Everything that
// is counted goes through here.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_COUNTS_H
#define LOOPTREE_ANALYSIS_COUNTS_H

#include "Checked.h"
#include "Fold.h"

namespace looptree {

class Counts {
public:
  explicit Counts(const Folding &folding) : folding(folding) {}

  /// Adds to a counter what happens now, as often as the current tile stands
  /// for. The fingerprint tells what one tile did from what another did.
  void bump(int64_t &counter, int64_t n) {
    if (n == 0)
      return;
    checked.increase(counter, checked.mul(n, times));
    mark(&counter, n);
  }
  void mark(const void *what, int64_t n) {
    uint64_t key = reinterpret_cast<uintptr_t>(what);
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
    fingerprint += (key ^ (key >> 31)) * uint64_t(n);
  }

  /// Whether a set on these axes looks smaller than it is here.
  bool isFolded(const std::vector<FoldedAxis> &axes) const {
    for (const FoldedAxis &axis : axes)
      if (axis.fold != kNone && !(inside >> axis.fold & 1))
        return true;
    return false;
  }
  BoxSet unfoldSet(const BoxSet &set, const std::vector<FoldedAxis> &axes) {
    if (auto whole = unfold(set, axes, inside))
      return std::move(*whole);
    foldFailed = true;
    return set;
  }

  /// Elements of a set of a tensor, ops of a set of an einsum.
  int64_t sizeOf(const BoxSet &set, const std::vector<FoldedAxis> &axes) {
    return isFolded(axes) ? unfoldSet(set, axes).size() : set.size();
  }
  int64_t elements(const BoxSet &set, TensorId t) {
    return sizeOf(set, folding.dims[t]);
  }

  const Folding &folding;
  NamedChecked checked;
  int64_t times = 1;        ///< How many tiles the current one stands for.
  uint64_t inside = 0;      ///< Folds whose loop control is in.
  uint64_t fingerprint = 0; ///< Of everything counted so far.
  bool foldFailed = false;  ///< A condition of a fold does not hold.
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_COUNTS_H
