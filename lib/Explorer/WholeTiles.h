//===- WholeTiles.h - Ranks whose tiles never overlap -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of the steps with one number of tiles the least beats the others where tiles
// do not overlap in any tensor: what moves is then a matter of extents and of
// the number of tiles, and only the largest tile takes space.
//
// Worked example: `m` of two chained matmuls. Steps 32 and 40 of an extent of
// 64 both make two tiles; 40 only needs more space. With a convolution's rows
// it is not so: at a padded border a short last tile reads less.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_WHOLETILES_H
#define LOOPTREE_EXPLORER_WHOLETILES_H

#include "looptree/Workload/Workload.h"

namespace looptree {

/// Whether tiles of a rank of the set's last einsum, its only head, reach every
/// tensor along one dimension or none, which all accesses index plainly by
/// ranks tiled alike.
bool hasWholeTiles(const Workload &set, RankId rank);

/// The least of the ascending `steps` for each number of tiles.
std::vector<int64_t> leastOfEachCount(const std::vector<int64_t> &steps,
                                      int64_t extent);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_WHOLETILES_H
