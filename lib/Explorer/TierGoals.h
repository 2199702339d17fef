//===- TierGoals.h - Objectives by what tensors move -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tensors read and write at each level adds up over tensors. Only some of
// it matters to given objectives: the columns. Off-chip transfers alone are one
// column; energy takes reads and writes of every level that has a price.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_TIERGOALS_H
#define LOOPTREE_LIB_EXPLORER_TIERGOALS_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Mapping/MapSpace.h"

namespace looptree {

class TierGoals {
public:
  /// `spreads`: compute may be spread over instances, so that its time differs.
  TierGoals(const Arch &arch, const std::vector<Goal> &goals, bool spreads);

  /// Whether levels further in than a tensor's outermost one matter.
  bool needsLevels() const { return takesTime || takesEnergy; }
  /// Whether space at a level does: it is an objective, or bounded.
  bool countsSpace(LevelId level) const;
  /// Those of `list`, and one of cycles of compute where these may differ.
  size_t columns() const { return list.size() + hasCycles; }
  std::optional<size_t> cycles() const {
    return hasCycles ? std::optional(list.size()) : std::nullopt;
  }
  /// Whether a column is of the outermost level: what moves there depends on a
  /// tensor's outermost buffers alone.
  bool isOffChip(size_t column) const {
    return column < list.size() && list[column].level == 0;
  }

  /// Adds up what a tensor moves, for one einsum or for all.
  std::vector<int64_t> columnsOf(const CostReport &report, TensorId tensor,
                                 std::optional<EinsumId> einsum = {}) const;

  /// What is the same for all mappings of a part of a space, or less.
  struct Rest {
    int64_t recomputeOps = 0, computeCycles = 0;
    double computePj = 0;
  };
  /// The least value of each goal, given lower bounds of all of this.
  std::vector<double> leastValues(const std::vector<int64_t> &columns,
                                  const std::vector<int64_t> &capacities,
                                  const Rest &rest) const;

private:
  enum class What { Reads, Writes, Both };
  struct Column {
    LevelId level;
    What what;
  };
  const Arch &arch;
  const std::vector<Goal> &goals;
  bool takesTime = false, takesEnergy = false, hasCycles = false;
  std::vector<Column> list;
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_TIERGOALS_H
