//===- AlikeTiles.h - Tiles side by side that do the same ---- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spatial loops directly above a compute have tiles that differ in nothing but
// their place: their ops, what of these lies outside a tensor, and so what the
// instances hold afterwards. One instance then stands for all of them. The
// tiles of a loop are cut where they begin to differ at some visit; between two
// cuts they are alike at every visit.
//
// Worked example: `spatial_for p step 2` over the 8 rows of a 3x3 convolution
// with a padding of 1: the first and the last tile read padding, so the cuts
// are 1, 3 and 4, and tile 1 stands for the tiles 1 and 2.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_ALIKETILES_H
#define LOOPTREE_ANALYSIS_ALIKETILES_H

#include "PlanImpl.h"

#include <set>

namespace looptree {

class AlikeTiles {
public:
  explicit AlikeTiles(const Plan::Impl &plan);

  /// Whether one instance may stand for several of a spatial loop.
  bool covers(NodeId loop) const { return isCovered[loop]; }
  /// Every instance of an einsum stands for itself from now on.
  void setApart(EinsumId e);

  /// Notes what tiles of `ops` a loop makes when it divides `range` of its
  /// rank.
  void cut(NodeId loop, const BoxSet &ops,
           const std::pair<int64_t, int64_t> &range, int64_t step);
  /// The end of the tiles that are like tile `index`.
  int64_t endOf(NodeId loop, int64_t index) const;

  /// Cuts were added since this was set to false.
  bool hasNewCuts = false;

private:
  void add(NodeId loop, int64_t index, int64_t tiles);

  const Plan::Impl &plan;
  std::vector<char> isCovered;         ///< Per node.
  std::vector<std::set<int64_t>> cuts; ///< Per node.
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_ALIKETILES_H
