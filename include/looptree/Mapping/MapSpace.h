//===- MapSpace.h - Which mappings a search may take -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The trunk space of a set (docs/Explorer.md): loops over ranks of its head,
// then one `sequential` with a bare compute for each einsum; every tensor at
// one place of the trunk at most. A TrunkSpace narrows it.
//
// Worked example, one loop over rank 0 of the head in steps of 4, 8, 12, ...:
//
//     TrunkSpace space;
//     space.maxLoops = 1;
//     space.ranks = {{0}};
//     space.steps[0].multipleOf = 4;
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_MAPPING_MAPSPACE_H
#define LOOPTREE_MAPPING_MAPSPACE_H

#include "looptree/Arch/Arch.h"

#include <map>
#include <optional>
#include <vector>

namespace looptree {

/// Steps that a loop may have, below the extent of its rank.
struct StepRule {
  int64_t multipleOf = 1;
  std::optional<std::vector<int64_t>> oneOf;
};

struct TrunkSpace {
  std::optional<unsigned> maxLoops;
  /// Ranks of the head that may be partitioned; all when absent.
  std::optional<std::vector<RankId>> ranks;
  std::map<RankId, StepRule> steps; ///< A rank without a rule: every step.
  /// Intermediates that go through the outermost level, and that do not.
  std::vector<TensorId> unfused, fused;
};

/// A number of a cost report that a search makes small.
struct Goal {
  enum class Kind { CapacityBits, OffChipBits, RecomputeOps };
  Kind kind = Kind::OffChipBits;
  LevelId level = 0; ///< Of CapacityBits.
  friend bool operator==(const Goal &, const Goal &) = default;
};

} // namespace looptree

#endif // LOOPTREE_MAPPING_MAPSPACE_H
