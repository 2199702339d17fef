//===- NodeCost.h - What a node of a mapping costs -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A profile of a mapping's tree: how often control is in a node, and for how
// long in a branch. Of a tensor that a node retains see BufferRow, of an einsum
// CostReport::ops.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_COST_NODECOST_H
#define LOOPTREE_COST_NODECOST_H

#include <cstdint>
#include <optional>

namespace looptree {

struct NodeCost {
  /// Entries by control; instances that enter at the same step are one.
  int64_t visits = 0;
  /// Of the root and of a branch: the times of its visits (docs/CostModel.md,
  /// section 6) together. Branches of a `sequential` add up to the time of
  /// what they are in, those of a `pipeline` to more.
  std::optional<int64_t> cycles;
  friend bool operator==(const NodeCost &, const NodeCost &) = default;
};

} // namespace looptree

#endif // LOOPTREE_COST_NODECOST_H
