//===- BranchFronts.h - What branches may do below one trunk -- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With a trunk and the places of its fused intermediates given, each visit of a
// branch runs given ops. What a tensor that the trunk does not hold moves off
// chip there, and the space that it takes, depends on the branch's loops above
// its retain and on nothing else. Every nest is measured once with all such
// tensors retained below it and once with none on chip; what single tensors
// cost anywhere in it then adds up.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_BRANCHFRONTS_H
#define LOOPTREE_EXPLORER_BRANCHFRONTS_H

#include "BranchTree.h"
#include "ParetoSet.h"
#include "RankLengths.h"
#include "TileProducts.h"
#include "looptree/Mapping/MapSpace.h"

#include <functional>
#include <map>

namespace looptree {

/// Below these loops of a trunk.
RankLengths longestVisits(const Workload &set, std::span<const For> trunk);

/// Nests that the branches have without a trunk, up to `most` and a few more.
int64_t countNests(const Workload &set, const TrunkSpace &space, int64_t most);

class BranchFronts {
public:
  /// What tensors of local[e] cost, in this order, retained below all loops of
  /// the nest of einsum e, or not on chip; nothing when that fails.
  using Measure = std::function<std::optional<std::vector<TensorCost>>(
      EinsumId e, std::span<const For> loops, bool isRetained)>;

  /// Steps, ascending, that are worth a loop over a rank of an einsum.
  using Steps = std::function<std::vector<int64_t>(EinsumId e, RankId r)>;

  /// `local[e]`: the tensors of einsum e that the trunk may leave to it.
  BranchFronts(const Workload &set, const Arch &arch, const TrunkSpace &space,
               std::vector<std::vector<TensorId>> local, Measure measure,
               Steps steps);

  /// Bits off chip of local[e][i], whatever the branch does; nothing when a
  /// measurement failed.
  std::optional<std::vector<std::vector<int64_t>>> least();

  /// The nests of a branch that holds the tensors of a mask of local[e], by
  /// their bits at the levels 1, 2, ... and then bits off chip, that no other
  /// one covers; nothing when a measurement failed.
  const ParetoSet<BranchNest> *of(EinsumId e, unsigned mask);

private:
  struct Tried {
    int outer = -1; ///< The same without the innermost loop.
    BranchNest nest;
    std::vector<TensorCost> retained, streamed; ///< Per local tensor.
  };

  void addNests(EinsumId e, int outer);
  bool measureUpTo(EinsumId e, size_t count);
  void addChoices(EinsumId e, unsigned mask, const Tried &tried, size_t index,
                  BranchNest &nest, std::vector<int64_t> &values,
                  ParetoSet<BranchNest> &front) const;

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  std::vector<std::vector<TensorId>> local;
  Measure measure;
  Steps steps;
  std::vector<std::vector<Tried>> tried; ///< Per einsum.
  std::vector<size_t> measured;          ///< Of those, the first ones.
  std::map<std::pair<EinsumId, unsigned>, ParetoSet<BranchNest>> fronts;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_BRANCHFRONTS_H
