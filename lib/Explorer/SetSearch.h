//===- SetSearch.h - The mapping of one fused set ----------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search within a set. A candidate is a trunk of up to two loops over the
// head's ranks, then one `sequential` with a branch for each einsum; each
// intermediate at some depth of the trunk, every other tensor at a depth too or
// streamed inside the branches that use it, past loops of their own, or read by
// compute straight from the outermost level. Candidates are ordered by the
// estimates of TileModel; the best few are evaluated exactly, and the best of
// these is the answer.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_SETSEARCH_H
#define LOOPTREE_EXPLORER_SETSEARCH_H

#include "BranchOptions.h"

#include <memory>
#include <optional>

namespace looptree {

/// A mapping and its exact cost.
struct MappedSet {
  Mapping mapping;
  CostReport report;
  /// The same with its leaves spread over the array, where that has not been
  /// evaluated: capacity is the same, and so, but for what compute takes
  /// straight from the outermost level, are transfers off chip.
  std::shared_ptr<const Mapping> spread;
};

struct SetResult {
  /// Valid mappings, best by the objective first. For edp those that no other
  /// one beats in both energy and latency, else one.
  std::vector<MappedSet> found;
  /// Of the mapping that came nearest to fitting, when none is valid.
  std::optional<OverCapacity> nearest;
  /// Whether, by the estimates, some trunk leaves room for the intermediates.
  /// Where none does, none does for more layers before these.
  bool hasRoom = false;
  int64_t evaluations = 0;
};

/// The cost of a mapping with leaves on the array; fails too where finding it
/// out would take long: such a mapping is not worth its search.
Result<CostReport> evaluateSpread(const Workload &set, const Arch &arch,
                                  const Mapping &mapping);

/// Which loops the trunk may have.
enum class TrunkLoops { None, Any };

/// `limit`: mappings whose objective is estimated to reach it are of no use.
/// `options` may be shared by the searches of one architecture and objective.
SetResult searchSet(const Workload &set, const Arch &arch, Objective objective,
                    TrunkLoops loops, const TrunkSpace &space, double limit,
                    BranchOptions &options);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_SETSEARCH_H
