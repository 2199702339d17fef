//===- Latency.h - Cycles of branches ------------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A leaf visit takes one step per op; the steps of a branch visit are rounded
// to cycles once. A `sequential` takes the sum of its branches. A `pipeline`
// will need its jobs one by one, which is what addSplitVisit() is given.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_LATENCY_H
#define LOOPTREE_LIB_REFERENCE_LATENCY_H

#include "Tree.h"

namespace looptree::reference {

/// Times of the branches of one visit of a split.
class SplitTime {
public:
  /// False when the sum exceeds 64 bit.
  bool add(int64_t branchCycles) {
    return !__builtin_add_overflow(sum, branchCycles, &sum);
  }
  int64_t sequential() const { return sum; }

private:
  int64_t sum = 0;
};

/// The time of one visit of a branch (or of the root): everything between
/// control's entry and its leaving.
class BranchClock {
public:
  void addLeafVisit(int64_t ops) { steps += ops; }
  /// False when the sum exceeds 64 bit.
  bool addSplitVisit(const SplitTime &time) {
    return !__builtin_add_overflow(below, time.sequential(), &below);
  }
  /// Nothing when it exceeds 64 bit.
  std::optional<int64_t> cycles(const Tree &tree, const Workload &workload,
                                const Arch &arch, NodeId branch) const;

private:
  int64_t steps = 0; ///< Of the compute that ends the branch, if one does.
  int64_t below = 0; ///< Cycles of the split that ends it, if one does.
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_LATENCY_H
