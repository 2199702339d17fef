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
  std::vector<Kept> kept;
  std::vector<int64_t> bits;
};

class LeafFronts {
public:
  /// Evaluates a tree with these tensors retained; nothing when that fails.
  using Measure = std::function<std::optional<CostReport>(
      const SplitTree &, std::span<const Kept>)>;
  /// Leaves some of many steps.
  using Thin = std::function<std::vector<int64_t>(std::vector<int64_t>)>;

  /// `backings`: of the fused intermediates. `tree` and `backings` must outlive
  /// this.
  LeafFronts(const Workload &set, const Arch &arch, const TrunkSpace &space,
             const TierGoals &columns, const SplitTree &tree,
             std::span<const Kept> backings, Measure measure, Thin thin);

  /// The tensors that an einsum uses.
  const std::vector<TensorId> &tensorsOf(EinsumId e) const { return used[e]; }

  /// Whether nests were not tried because there are too many.
  bool hasLeftOut() const { return leftOut; }

  /// By how much less a tensor moves off chip in a branch at the best that it
  /// can do there, per column; nothing when a measurement failed.
  std::optional<std::vector<int64_t>> least(EinsumId e, TensorId t);

  /// Nests that no other one covers, by bits at the levels 1, 2, ..., then the
  /// columns. `above`: the level that holds each tensor of the einsum above its
  /// branch, 0 for off chip. Nothing when a measurement failed.
  const ParetoSet<LeafNest> *of(EinsumId e, const std::vector<LevelId> &above);

private:
  struct Choice { ///< Of one tensor in one nest.
    std::vector<Kept> kept;
    std::vector<int64_t> bits, columns;
  };
  struct Tried {
    std::vector<For> loops;
    /// By tensor of the einsum and level above.
    std::vector<std::vector<std::vector<Choice>>> choices;
  };

  unsigned leafOf(EinsumId e) const;
  std::vector<LevelId> levelsAbove(TensorId t) const;
  void addPlaces(unsigned chain, size_t loops, TensorId t, LevelId above,
                 size_t depth, std::vector<Kept> &kept,
                 std::vector<Choice> &choices) const;
  bool measureNest(EinsumId e, std::vector<For> loops);
  bool addNests(EinsumId e, std::vector<For> &loops);
  void combine(EinsumId e, const Tried &nest, const std::vector<LevelId> &above,
               size_t index, LeafNest &now, std::vector<int64_t> &values,
               ParetoSet<LeafNest> &front) const;

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  const TierGoals &columns;
  const SplitTree &tree;
  std::span<const Kept> backings;
  Measure measure;
  Thin thin;
  static constexpr size_t kMostNests = 100'000; ///< Bounds the memory.
  bool leftOut = false;
  std::vector<std::vector<TensorId>> used; ///< Per einsum.
  ChainLengths lengths;
  std::vector<std::vector<Tried>> tried; ///< Per einsum; the first has no loop.
  std::vector<bool> isComplete;          ///< All nests were tried.
  std::map<std::pair<EinsumId, TensorId>, std::vector<int64_t>> leastOf;
  std::map<std::pair<EinsumId, std::vector<LevelId>>, ParetoSet<LeafNest>>
      fronts;
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_LEAFFRONTS_H
