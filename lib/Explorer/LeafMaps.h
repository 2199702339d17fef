//===- LeafMaps.h - Spatial loops directly above a compute --- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The leaf space: over each fan-out that lies below all levels in use, a loop
// over one rank or none, a rank at most once, with the least step for which the
// largest tile fits. Left out are maps with two ranks of one dimension of an
// access, and for ranks that are summed over steps that leave a short last
// tile.
//
// Worked example: on X = 4 and Y = 2, a tile of 3 x 5 outputs in p and q may be
// spread over p step 1 on X and q step 3 on Y: 6 instances take 3 steps each
// instead of one that takes 15.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_LEAFMAPS_H
#define LOOPTREE_EXPLORER_LEAFMAPS_H

#include "looptree/Arch/Arch.h"

#include <functional>
#include <span>

namespace looptree {

struct SpatialLoop {
  RankId rank = 0;
  int64_t step = 1;
  unsigned fanout = 0; ///< Position in Arch::fanouts.
};
/// Outermost first.
using LeafMap = std::vector<SpatialLoop>;

class LeafMaps {
public:
  /// `innermost`: the last level that tensors are retained at.
  LeafMaps(const Arch &arch, LevelId innermost);

  /// No map runs on more instances.
  int64_t instances() const { return most; }

  /// Values of a rank in a tile.
  struct Extent {
    int64_t middle, largest; ///< In a middle tile; in the largest.
    int64_t stride;          ///< From value to value.
  };
  /// Calls `fn` for every map of an einsum's tiles, with how many instances
  /// share the work of a middle tile: its ops divided by its steps. The map is
  /// valid during the call.
  void forEach(const Einsum &einsum, std::span<const Extent> tile,
               const std::function<void(const LeafMap &, double)> &fn) const;

  /// Whether one read serves, or one write comes from, all instances along a
  /// fan-out that take the same element.
  bool multicasts(unsigned fanout) const;
  bool reduces(unsigned fanout) const;

private:
  const Arch &arch;
  std::vector<unsigned> fanouts; ///< Those that leaves may use.
  int64_t most = 1;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_LEAFMAPS_H
