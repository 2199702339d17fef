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

/// All places of a tensor below a trunk of `loops` loops, `-1` left out.
/// no_reuse above every loop is left out too: that node is entered once.
std::vector<TrunkPlace> placesOf(const Tensor &tensor, const Arch &arch,
                                 unsigned loops);

/// Steps of a rank that the space allows, ascending.
std::vector<int64_t> stepsOf(const TrunkSpace &space, RankId rank,
                             int64_t extent);

/// `isOutside`: backed at the outermost level. Loops are outermost first.
Mapping trunkMapping(const Workload &set, std::span<const For> loops,
                     std::span<const TrunkPlace> places,
                     const std::vector<bool> &isOutside);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_TRUNKTREE_H
