//===- Fold.h - Evaluating equal tiles once ------------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles fall into few classes: some at the beginning, equal ones in the
// middle, some at the end. A fold removes all equal tiles of a loop but one
// from the workload, in every rank and tensor dimension that moves with the
// loop, and remembers how many copies that one stands for. The rest of the
// analysis runs on the smaller workload, so its cost does not grow with the
// extents.
//
// A fold is exact when three things hold, each checked while it is used:
//  - inside the loop, every set stays within `reach` of the tile, so a tile
//    sees its neighbours only;
//  - outside the loop, every set that is measured repeats with the tile
//    through the folded zone (unfold), so its true size is known;
//  - the tiles around the zone cost the same.
// Where one does not hold, the unfolded workload is evaluated instead.
//
// Worked example: 56 rows in tiles of 1, halo 2: rows 0..6 and the last 7 stay,
// row 7 is the zone and stands for 42 rows.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_FOLD_H
#define LOOPTREE_ANALYSIS_FOLD_H

#include "PlanImpl.h"

namespace looptree {

/// A coordinate axis (a rank or a tensor dimension) that a fold shortens:
/// [zone, zone + unit) stands for `copies` times as much.
struct FoldedAxis {
  unsigned fold = kNone; ///< Which fold; kNone: the axis is as it was.
  int64_t zone = 0, unit = 0, copies = 1;
  int64_t reach = 0; ///< Farthest from the tile that a set inside may lie.
};

/// The folds of one evaluation.
struct Folding {
  unsigned folds = 0;
  std::vector<std::vector<FoldedAxis>> ranks; ///< Per einsum and rank.
  std::vector<std::vector<FoldedAxis>> dims;  ///< Per tensor and dimension.
};

/// Chooses folds for the loops that have many equal tiles; none is an answer.
Folding chooseFolding(const Plan::Impl &plan, std::span<const int64_t> steps);

/// No fold at all.
Folding unfoldedWorkload(const Plan::Impl &plan);

/// The plan with the folded tiles taken out of its workload.
Plan::Impl foldPlan(const Plan::Impl &plan, const Folding &folding);

/// The set in the coordinates of the unfolded workload, along the axes whose
/// fold is not in `inside` (a bit per fold). None when the set does not repeat
/// through a zone.
std::optional<BoxSet>
unfold(const BoxSet &set, const std::vector<FoldedAxis> &axes, uint64_t inside);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_FOLD_H
