//===- TileShapes.h - Ops and windows of every visit --------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inference (docs/CostModel.md, section 3): which ops every visit of every
// node executes, and the windows of its retained tensors.
//
// Visits are made in the order of execution, but inside one visit of a split
// the branches are taken last to first: a producer's ops follow from what its
// consumers will read. What a backing holds between visits is exactly its last
// window, so one pass suffices.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_TILESHAPES_H
#define LOOPTREE_ANALYSIS_TILESHAPES_H

#include "AlikeTiles.h"
#include "Fold.h"
#include "Instances.h"

namespace looptree {

/// One entry of a node by control, by one or more instances at the same time:
/// spatial instances move in lock step.
struct Visit {
  NodeId node;
  /// Where its instances stand in VisitTree::order; they come in order of their
  /// indices.
  unsigned firstInstance = 0, instances = 1;
  /// For: one visit per entered iteration, by the instances that enter it.
  /// Splits: one per branch, kNone where no instance has anything to do in it.
  /// SpatialFor, Retain: one. Compute: none.
  std::vector<unsigned> children;
  /// Compute: position in VisitTree::ops; one set for each instance. Retain:
  /// position of its first window in VisitTree::windows; for each instance
  /// there is one for each user of each buffer.
  unsigned data = kNone;
  /// An iteration of a folded loop: how many it stands for, and its position in
  /// units of the fold.
  int64_t copies = 1, unit = 0;
  /// looptree-v1: of a split, its part of VisitTree::forgotten.
  unsigned firstForgotten = 0, forgotten = 0;
  uint64_t inside = 0; ///< Folds whose loop is above, a bit each.
};

/// The whole run of a mapping, visits only.
struct VisitTree {
  std::vector<Visit> visits;
  Instances instances;
  std::vector<InstanceId> order;
  std::vector<BoxSet> ops;
  std::vector<Coords> corners; ///< As `ops`: lower corners of the tiles.
  /// Elements that a user of a buffer touches during the visit.
  std::vector<BoxSet> windows;
  /// looptree-v1, as `order`: an instance enters a retain at the first
  /// iteration of the loop above, which forgets what a backing kept before.
  std::vector<char> restarts;
  /// looptree-v1: a visit of a split forgets these elements of a backing.
  struct Forgotten {
    BufferId buffer;
    InstanceId instance;
    BoxSet elements;
  };
  std::vector<Forgotten> forgotten;
  unsigned root = 0;
  std::vector<int64_t> spatialUse; ///< Per node: highest entered index plus 1.
  bool foldFailed = false;         ///< A condition of a fold does not hold.
};

/// `plan` is the folded plan when there are folds. `alike` says which instances
/// stand for others; null: each for itself. `maxVisits` as in Scratch.
Result<VisitTree>
inferTileShapes(const Plan::Impl &plan, std::span<const int64_t> steps,
                const Folding &folding, AlikeTiles *alike,
                size_t maxVisits = std::numeric_limits<size_t>::max());

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_TILESHAPES_H
