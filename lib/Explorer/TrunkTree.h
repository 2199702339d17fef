//===- TrunkTree.h - Mappings of the trunk space ------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_TRUNKTREE_H
#define LOOPTREE_EXPLORER_TRUNKTREE_H

#include "looptree/Mapping/MapSpace.h"
#include "looptree/Mapping/Mapping.h"

#include <span>

namespace looptree {

/// Where a trunk retains a tensor on chip.
struct TrunkPlace {
  int depth = -1; ///< Below that many loops; -1: not on chip.
  LevelId level = 0;
  bool noReuse = false;
};

/// All places of a tensor below a trunk of `loops` loops that the space allows,
/// `-1` left out. Above every loop one with no_reuse is left out where one
/// without is allowed.
std::vector<TrunkPlace> placesOf(const Workload &set, TensorId tensor,
                                 const Arch &arch, const TrunkSpace &space,
                                 unsigned loops);

/// `isOutside`: backed at the outermost level. Loops are outermost first.
Mapping trunkMapping(const Workload &set, std::span<const For> loops,
                     std::span<const TrunkPlace> places,
                     const std::vector<bool> &isOutside);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_TRUNKTREE_H
