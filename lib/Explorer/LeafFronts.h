//===- LeafFronts.h - What single einsums may do below a tree -- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops and retains of the branch of one einsum, with the rest of a tree
// given: each nest of loops is measured with every tensor at every place in it,
// several tensors at once. Costs are by how much more is moved than without
// loops and retains there.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_LEAFFRONTS_H
#define LOOPTREE_LIB_EXPLORER_LEAFFRONTS_H

#include "ParetoSet.h"
#include "SplitTree.h"
#include "TierGoals.h"

#include <map>

namespace looptree {

/// What a leaf does: its loops, and what it keeps with the bits of each.
struct LeafNest {
  std::vector<For> loops;
  std::vector<SpatialFor> spread;
  std::vector<Kept> kept;
  std::vector<int64_t> bits;
};
using LeafFront = std::vector<ParetoSet<LeafNest>::Item>;

class LeafFronts {
public:
  /// Evaluates a tree with these tensors retained; nothing when that fails.
  using Measure = std::function<std::optional<CostReport>(
      const SplitTree &, std::span<const Kept>)>;
  /// Leaves some of many steps.
  using Thin = std::function<std::vector<int64_t>(std::vector<int64_t>)>;

  /// `isCoarse`: one loop at most, and few maps of a leaf. `onlyEven`: leave
  /// out maps of leaves whose cost may take long to find. `backings`: of the
  /// fused intermediates. `tree` and `backings` must outlive this.
  LeafFronts(const Workload &set, const Arch &arch, const TrunkSpace &space,
             MapTier tier, const TierGoals &columns, const SplitTree &tree,
             std::span<const Kept> backings, Measure measure, Thin thin,
             bool isCoarse, bool onlyEven);

  /// The tensors that an einsum uses.
  const std::vector<TensorId> &tensorsOf(EinsumId e) const { return used[e]; }

  /// Whether nests were not tried.
  bool hasLeftOut() const { return leftOut; }

  /// By how much less a tensor moves off chip in a branch at the best that it
  /// can do there, per column; nothing when a measurement failed.
  std::optional<std::vector<int64_t>> least(EinsumId e, TensorId t);

  /// Nests that no other one covers, by bits at the levels 1, 2, ..., then the
  /// columns, then the size of the written tensor's buffer further out, which
  /// grows where it gets parts of sums. In S3 nests below a pipeline are kept
  /// apart: neither its time nor the instances of its stages are sums of
  /// theirs. `above`: the level that holds each tensor of the einsum above its
  /// branch, 0 for off chip. Nothing when a measurement failed.
  const LeafFront *of(EinsumId e, const std::vector<LevelId> &above);

private:
  struct Choice { ///< Of one tensor in one nest.
    std::vector<Kept> kept;
    std::vector<int64_t> bits, columns;
    int64_t outer = 0; ///< Bits of the buffer above that may get parts of sums.
  };
  struct Tried {
    std::vector<For> loops;
    std::vector<SpatialFor> spread;
    int64_t cycles = 0; ///< Of compute, for the whole tree.
    /// By tensor of the einsum and level above.
    std::vector<std::vector<std::vector<Choice>>> choices;
  };

  bool makesParts(EinsumId e, TensorId t) const;
  unsigned leafOf(EinsumId e) const;
  std::vector<LevelId> levelsAbove(TensorId t) const;
  void addPlaces(unsigned chain, size_t loops, TensorId t, LevelId above,
                 size_t depth, std::vector<Kept> &kept,
                 std::vector<Choice> &choices) const;
  bool measureNest(EinsumId e, const std::vector<For> &loops,
                   const std::vector<SpatialFor> &spread);
  bool measureSpreads(EinsumId e, const std::vector<For> &loops,
                      std::vector<SpatialFor> &spread, unsigned fanout);
  bool isEven(EinsumId e, const std::vector<For> &loops,
              const std::vector<SpatialFor> &spread, RankId rank,
              int64_t step) const;
  bool isFull(EinsumId e);
  bool addNests(EinsumId e, std::vector<For> &loops);
  void combine(EinsumId e, const Tried &nest, const std::vector<LevelId> &above,
               size_t index, LeafNest &now, std::vector<int64_t> &values,
               ParetoSet<LeafNest> &front) const;

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  const MapTier tier;
  const TierGoals &columns;
  const SplitTree &tree;
  bool hasPipeline = false;
  std::span<const Kept> backings;
  Measure measure;
  Thin thin;
  const bool isCoarse, onlyEven;
  static constexpr size_t kMostNests = 100'000; ///< Bounds the memory.
  bool leftOut = false;
  std::vector<std::vector<TensorId>> used; ///< Per einsum.
  ChainLengths lengths;
  std::vector<std::vector<Tried>> tried; ///< Per einsum; the first has no loop.
  std::vector<bool> isComplete;          ///< All nests were tried.
  std::map<std::pair<EinsumId, TensorId>, std::vector<int64_t>> leastOf;
  std::map<std::pair<EinsumId, std::vector<LevelId>>, LeafFront> fronts;
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_LEAFFRONTS_H
