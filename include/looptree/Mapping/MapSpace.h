//===- MapSpace.h - Which mappings a search may take -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The spaces of docs/Explorer.md have a trunk: loops over ranks of the set's
// head, then one split with a branch for each einsum. A TrunkSpace narrows what
// the trunk may be; every search of such a space asks it and nothing else.
//
// Worked example, one loop over rank 0 of the head in steps of 4, 8, 12, ...,
// with tensor 1 on chip throughout:
//
//     TrunkSpace space;
//     space.maxLoops = 1;
//     space.ranks = {{0}};
//     space.steps[0].multipleOf = 4;
//     space.retain[1] = {RetainRule::Where::AboveLoops};
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_MAPPING_MAPSPACE_H
#define LOOPTREE_MAPPING_MAPSPACE_H

#include "looptree/Arch/Arch.h"
#include "looptree/Workload/Network.h"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace looptree {

/// Steps that a loop may have, below the extent of its rank. All that is given
/// must hold.
struct StepRule {
  int64_t multipleOf = 1;
  std::optional<std::vector<int64_t>> oneOf;
  /// Numbers of tiles, ceil(extent / step).
  std::optional<std::vector<int64_t>> tiles;
  friend bool operator==(const StepRule &, const StepRule &) = default;
};

/// Where the outermost on-chip retain of a tensor stands: on the trunk, unless
/// it is OffChip. All that is given must hold.
struct RetainRule {
  enum class Where {
    OnTrunk,    ///< Anywhere there.
    AboveLoops, ///< Above every loop of the trunk.
    BelowLoops, ///< Between the last loop of the trunk and the split.
    BelowSome,  ///< Below the first `depth` loops of the trunk.
    OffChip,    ///< Nowhere: compute reads and writes the outermost level.
  };
  Where where = Where::OnTrunk;
  unsigned depth = 0;           ///< Of BelowSome.
  std::optional<LevelId> level; ///< At which it is.
  std::optional<bool> noReuse;
  friend bool operator==(const RetainRule &, const RetainRule &) = default;
};

/// What the loops of a branch's own may be, over ranks of its einsum.
struct BranchSpace {
  std::optional<unsigned> maxLoops;
  std::optional<std::vector<RankId>> ranks; ///< All when absent.
  std::map<RankId, StepRule> steps; ///< A rank without a rule: every step.

  bool mayLoop(RankId rank) const;
  /// Steps of a rank that a loop may have, ascending.
  std::vector<int64_t> stepsOf(RankId rank, int64_t extent) const;
};

/// The spaces of docs/Explorer.md, each within the next.
enum class MapTier { S1, S2, S3 };
const char *toString(MapTier tier);

struct TrunkSpace {
  /// The space that is narrowed here. Absent: S1, or the trunk space where S1
  /// takes too long.
  std::optional<MapTier> tier;
  std::optional<unsigned> maxLoops;
  /// Ranks of the head that may be partitioned; all when absent.
  std::optional<std::vector<RankId>> ranks;
  /// Every trunk begins with loops over these, outermost first.
  std::vector<RankId> first;
  /// The loops of a trunk, outermost first, are one of these lists.
  std::optional<std::vector<std::vector<RankId>>> orders;
  std::map<RankId, StepRule> steps; ///< A rank without a rule: every step.
  /// Intermediates that go through the outermost level, and that do not.
  std::vector<TensorId> unfused, fused;
  std::map<TensorId, RetainRule> retain;
  std::map<EinsumId, BranchSpace> branches; ///< Einsums without: no limits.
  /// Kinds of split that may stand below the trunk.
  bool sequential = true, pipeline = true;

  /// Steps of a rank that a loop may have, ascending.
  std::vector<int64_t> stepsOf(RankId rank, int64_t extent) const;
  bool hasStep(RankId rank, int64_t extent) const;
  bool mayStep(RankId rank, int64_t extent, int64_t step) const;
  /// Whether some trunk begins with loops over these ranks, outermost first:
  /// by `maxLoops`, `ranks`, `first` and `orders`.
  bool mayBegin(std::span<const RankId> loops) const;
  /// Whether these are all loops of some trunk.
  bool mayBe(std::span<const RankId> loops) const;
  /// Whether a tensor's outermost on-chip retain may be at this level below
  /// `depth` of `loops` loops.
  bool mayRetain(TensorId tensor, LevelId level, unsigned depth, unsigned loops,
                 bool noReuse) const;
  /// Whether it may be on chip nowhere, and whether in its branches alone.
  bool mayBeOffChip(TensorId tensor) const;
  bool mayRetainInBranches(TensorId tensor) const;
};

/// The same for a workload that is searched whole or in sets, by einsum: what
/// is said of an einsum holds for the trunks that it is the head of.
struct Constraints {
  std::optional<unsigned> maxLoops;
  std::map<EinsumId, std::vector<RankId>> ranks;
  std::map<EinsumId, std::vector<std::vector<RankId>>> orders;
  std::map<EinsumId, std::map<RankId, StepRule>> steps;
  std::map<EinsumId, std::vector<RankId>> branchRanks;
  std::optional<unsigned> maxBranchLoops;
  std::vector<TensorId> unfused, fused;
  std::map<TensorId, RetainRule> retain;
  bool sequential = true, pipeline = true;
  friend bool operator==(const Constraints &, const Constraints &) = default;
};

/// What constraints leave of the space of a set, whose ids are those of
/// extractSet(workload, einsums).
TrunkSpace spaceOf(const Constraints &constraints, const Workload &workload,
                   const std::vector<EinsumId> &einsums);

/// A number of a cost report that a search makes small.
struct Goal {
  enum class Kind {
    CapacityBits,
    OffChipBits,
    RecomputeOps,
    Latency, ///< Cycles.
    EnergyPj,
    Edp, ///< pJ * cycles.
  };
  Kind kind = Kind::OffChipBits;
  LevelId level = 0; ///< Of CapacityBits.
  friend bool operator==(const Goal &, const Goal &) = default;
};

/// "capacity_bits.GLB", "off_chip_bits", "recompute_ops", "latency",
/// "energy_pj", "edp": the spelling of problem files.
std::string toString(const Goal &goal, const Arch &arch);
/// Every goal that there is on an architecture.
std::vector<Goal> allGoals(const Arch &arch);

} // namespace looptree

#endif // LOOPTREE_MAPPING_MAPSPACE_H
