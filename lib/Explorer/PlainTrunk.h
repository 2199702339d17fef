//===- PlainTrunk.h - Trunks of a plain set ------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which loops a trunk has, in which order, and where the fused intermediates
// are, decides for every other tensor which of the loops size its buffer at
// each depth and which bring it in again. Steps only say how much. So trunks
// are compared before any step is tried, and those that another one beats
// tensor by tensor are left out.
//
// Worked example: of the trunk `for m { for n }` over T2[m,o] = T1[m,n] W1[n,o]
// and T1[m,n] = T0[m,k] W0[k,n], W0 below both loops holds k * step(n) elements
// and comes in anew for each tile of m.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_PLAINTRUNK_H
#define LOOPTREE_EXPLORER_PLAINTRUNK_H

#include "PlainSet.h"

#include <functional>
#include <optional>

namespace looptree {

/// A tensor on the trunk. Masks are of ranks of the head.
struct PlainPlace {
  int depth = -1; ///< Below that many loops; -1: not on the trunk.
  bool noReuse = false;
  RankMask sized = 0;   ///< Loops whose step its buffer spans.
  RankMask repeats = 0; ///< Loops whose every tile brings all of it in again.
  bool dies = false;    ///< Takes space from its first to its last user only.
};

struct PlainTrunk {
  std::vector<unsigned> order; ///< Ranks of the head, outermost first.
  RankMask loops = 0;
  std::vector<bool> isOutside;                  ///< Per tensor.
  std::vector<PlainPlace> fused;                ///< Per tensor that is not.
  std::vector<std::vector<PlainPlace>> options; ///< Per tensor that is.
  std::vector<RankMask>
      runs; ///< Per einsum: loops in whose every tile it runs.
  RankMask solo =
      0; ///< Loops in whose first tile only others than the head do.

  /// Whether a fused intermediate has a buffer below a loop that tiles it.
  bool isShared(unsigned rank) const {
    for (size_t t = 0; t < fused.size(); ++t)
      if (!isOutside[t] && (fused[t].sized >> rank & 1))
        return true;
    return false;
  }
};

/// Of another trunk that is as good but for places of tensors outside: per
/// tensor and option whether it has one that is as good, too, and whether that
/// is below all of its loops.
struct PlainTwin {
  std::vector<std::vector<bool>> has, isDeepest;
  bool isShared = false; ///< A fused intermediate is below all of its loops.
};
std::optional<PlainTwin> twinOf(const PlainTrunk &trunk,
                                const PlainTrunk &other, const PlainSet &plain);

/// All trunks with these loops that no other of them beats. Nothing when two
/// users of one tensor run at tiles apart from each other.
/// `may`: whether a tensor may be outside, and may be fused.
std::optional<std::vector<PlainTrunk>>
trunksOf(const PlainSet &plain, const Workload &set,
         const std::vector<std::vector<unsigned>> &orders,
         const std::function<bool(TensorId, bool isOutside)> &may);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_PLAINTRUNK_H
