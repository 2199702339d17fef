//===- TrunkPlanner.h - Retention around a given trunk ------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Given a trunk, decides where every tensor is kept. Each tensor that is not a
// fused intermediate starts outside the trunk and moves to the depth that saves
// most per bit, as long as something saves and everything fits.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_TRUNKPLANNER_H
#define LOOPTREE_EXPLORER_TRUNKPLANNER_H

#include "BranchOptions.h"
#include "looptree/Mapping/Mapping.h"

#include <optional>

namespace looptree {

struct TrunkCandidate {
  std::vector<TrunkLoop> trunk;
  /// Per tensor: retained below that many loops; -1: not on the trunk.
  std::vector<int> depths;
  std::vector<BranchOption> branches; ///< Per einsum.
  double score = 0;
};

Mapping buildMapping(const Workload &set, const Homes &homes,
                     const TrunkCandidate &candidate);

class TrunkPlanner {
public:
  TrunkPlanner(const Workload &set, const Homes &homes, const Prices &prices,
               const LeafMaps &leaves, const TrunkSpace &space,
               BranchOptions &options);

  /// No plan for the trunk scores less; nothing when the intermediates alone do
  /// not fit. `policy` as below.
  std::optional<double> bound(const std::vector<TrunkLoop> &trunk, int policy);

  /// The candidate for a trunk with its intermediates at depth `policy` (or
  /// kWithoutRecompute). Nothing when it does not fit, or scores no better than
  /// `worst`.
  std::optional<TrunkCandidate> plan(const std::vector<TrunkLoop> &trunk,
                                     int policy, double worst);

  /// Gives the branches of a plan their leaf maps, where prices do not depend
  /// on them.
  void addLeaves(TrunkCandidate &candidate);

private:
  struct Placement { ///< Of a tensor that may be on the trunk.
    TensorId tensor;
    std::vector<EinsumId> users;
    EinsumId firstUser, lastUser;
    const RetainRule *rule = nullptr; ///< Where it has to be.
  };
  struct Kept {       ///< A tensor on the trunk.
    double bits = -1; ///< -1: not yet found.
    std::optional<Spent> spent;
  };
  struct Usage { ///< Bits per branch and slot.
    std::vector<SlotBits> bits;
  };

  bool place(const std::vector<TrunkLoop> &trunk, int policy);
  bool isFree(TensorId t) const;
  double bitsAt(TensorId t, unsigned depth) const;
  void occupy(Usage &usage, const Placement &place, unsigned depth,
              double sign) const;
  static int depthBy(const RetainRule &rule, size_t loops);
  bool placeBound(Usage &usage);
  void keepSmall(Usage &usage);
  bool overflows(const Usage &usage) const;
  Spent leastSpent(const Placement &place);
  Kept &keptAt(TensorId t, unsigned depth) const {
    return kept[t * (tiles.depth() + 1) + depth];
  }
  Spent trunkSpent(TensorId t, unsigned depth) const;
  Spent trunkSpent() const; ///< Of all tensors on the trunk.
  unsigned streamedOperands(EinsumId e) const;
  const std::vector<BranchOption> &optionsOf(EinsumId e);
  const BranchOption *bestOption(EinsumId e, const Usage &usage);
  bool settleBranches(const Usage &usage, Spent &spent,
                      std::vector<const BranchOption *> &chosen);
  bool improveOnce(Usage &usage, Spent &spent);

  const Workload &set;
  const Homes &homes;
  const Prices &prices;
  const LeafMaps &leaves;
  TileModel tiles;
  std::vector<Placement> free, fused;
  std::vector<int> depths;
  Usage intermediates; ///< What the fused intermediates take.
  BranchOptions &options;
  std::vector<size_t> structures; ///< Per einsum.
  std::vector<uint64_t> loopable; ///< Per einsum, see BranchOptions::of.
  /// Per einsum: its options in this trunk, by streamed operands.
  std::vector<
      std::vector<std::pair<unsigned, const std::vector<BranchOption> *>>>
      here;
  mutable std::vector<Kept> kept; ///< Per tensor and depth in this trunk.
  Usage changed;                  ///< Kept for their memory.
  std::vector<Axis> box;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_TRUNKPLANNER_H
