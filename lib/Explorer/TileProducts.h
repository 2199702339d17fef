//===- TileProducts.h - Costs as products over groups of ranks -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ranks that meet in a dimension of a tensor, through all of a set, form a
// *group*: the rows of a chain of convolutions with their kernels' rows, the
// columns, the channels of each tensor. A window of a tensor is a box with one
// side for each group, and a side depends on loops over ranks of its group
// alone. So with the loops l1 .. lk above a buffer, which are an odometer,
//
//     arrivals = prod_g sum |side| - sum_j prod_g (overlaps when lj advances)
//
// where lj advancing moves a side of its own group on by one, takes one whose
// loops are further in from last to first, and leaves others as they are. What
// each group adds to this is summed once for each way to loop over it.
//
// A fused intermediate on the trunk carries on where the tick before left off
// along the last loop above it that moves it (and along all loops below it);
// along loops further out its windows are made whole again.
//
// Worked example: B[p] reads A[p + r], r < 3, 16 values of p in steps of 4.
// Windows of A have 6 elements, 24 in all; 3 ticks with an overlap of 2 leave
// 18 arrivals.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_TILEPRODUCTS_H
#define LOOPTREE_EXPLORER_TILEPRODUCTS_H

#include "TrunkTree.h"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace looptree {

/// What a tensor costs somewhere.
struct TensorCost {
  int64_t bits = 0;    ///< On chip.
  int64_t offChip = 0; ///< Bits read and written at the outermost level.
  /// Directly above a split: takes space from its first to its last user only.
  /// Of tensors elsewhere false.
  bool dies = false;
};

/// For one level on chip. Nothing that a function returns is an estimate: what
/// is not of this form, or too large a number, is left out.
class TileProducts {
public:
  /// Nothing for sets that have no such form whatever their mapping: several
  /// heads, partial sums of another width, tensors read twice by one einsum.
  static std::optional<TileProducts> of(const Workload &set);

  /// The trunk and the places of the fused intermediates, for what is asked
  /// next. False where a window is not a box.
  bool enter(std::span<const For> trunk, std::span<const TrunkPlace> places,
             const std::vector<bool> &isOutside);
  /// Whether what is asked next gets lower bounds: what some einsum makes has
  /// the shape of an L at times, of which a box within is looked at. The bounds
  /// of einsums before it are those of any mapping.
  bool isBound() const { return boundAt.has_value(); }
  bool isExact(EinsumId e) const { return !boundAt || e > *boundAt; }

  /// Of a tensor's buffer below so many loops of the trunk.
  std::optional<TensorCost> onTrunk(TensorId t, unsigned depth, bool noReuse);
  /// Of a tensor that the trunk does not hold on chip, for one branch: retained
  /// below these loops of its own, or taken by compute below them.
  std::optional<TensorCost>
  inBranch(EinsumId e, TensorId t, std::span<const For> loops, bool isRetained);
  /// Of steps, ascending, for a loop of the trunk over a rank of the head those
  /// that no smaller one of them beats: that moves as much in every sum over
  /// the rank's group and takes no more space. Branches have no loops over
  /// ranks of that group.
  std::vector<int64_t> bestSteps(RankId rank,
                                 const std::vector<int64_t> &steps);
  bool isInGroupOf(RankId rank, EinsumId e, RankId other) const {
    return rankGroup.back()[rank] == rankGroup[e][other];
  }
  /// The same for a loop of a branch's own, the only one over a rank of that
  /// group there; for einsums that are not exact, of groups without a loop of
  /// the trunk.
  const std::vector<int64_t> &bestStepsInBranch(EinsumId e, RankId rank);
  /// What inBranch() depends on, but for the nest.
  std::vector<int64_t> keyOf(EinsumId e) const;
  bool hasTrunkLoop(EinsumId e, RankId rank) const {
    return loopOf[rankGroup[e][rank]].has_value();
  }
  bool areInOneGroup(EinsumId e, RankId a, RankId b) const {
    return rankGroup[e][a] == rankGroup[e][b];
  }
  /// Ops over all visits less those that are needed once.
  std::optional<int64_t> recompute();

private:
  struct Interval {
    int64_t lo = 0, hi = -1;
    int64_t size() const { return hi < lo ? 0 : hi - lo + 1; }
    friend bool operator==(const Interval &, const Interval &) = default;
  };
  using Side = std::vector<Interval>; ///< One for each dimension or rank.

  /// Loops over ranks of one group, outermost first.
  static constexpr size_t kMostLoops = 8, kMostGroups = 64;
  struct Sums {
    int64_t largest = 0;
    int64_t count = 0; ///< Of windows that are not empty.
    /// Overlaps when loop q advances.
    std::array<int64_t, kMostLoops + 1> tick{};
    /// When a loop between q - 1 and q of another group does: of what the first
    /// q loops hold still, last and first. After all loops: of all sizes.
    std::array<int64_t, kMostLoops + 1> block{};
    /// Those at which control came through another branch.
    std::array<int64_t, kMostLoops + 1> lostTick{}, lostBlock{};
    void addTo(std::vector<int64_t> &moves, std::vector<int64_t> &sizes) const {
      sizes.push_back(largest);
      for (auto *list : {&tick, &block, &lostTick, &lostBlock})
        moves.insert(moves.end(), list->begin(), list->end());
    }
  };
  /// One einsum in one group, for every tile of the trunk's loop there.
  struct Tiles {
    std::vector<bool> runs;
    std::vector<Side> boxes;         ///< Its ranks.
    std::optional<RankId> trunkRank; ///< The head's that has a loop.
    bool isBad = false;
    int64_t ops() const;
    /// Of the result of the einsum before it: consumers that read all that any
    /// one does.
    std::optional<unsigned> leaders;
    std::unique_ptr<Tiles> before[3]; ///< By Made.
    std::map<std::vector<int64_t>, std::optional<Sums>> sums;
    /// By rank and what else runs.
    std::map<std::pair<RankId, const Tiles *>, std::vector<int64_t>> steps;
  };
  struct Operand {
    const Access *access;
    std::vector<std::vector<unsigned>> dims; ///< Per group.
  };
  struct Loop {
    size_t group;
    bool isOfTrunk;
  };

  explicit TileProducts(const Workload &set) : set(set) {}
  bool findGroups();
  const Operand *operandOf(EinsumId e, TensorId t) const;
  std::optional<Interval> intervalOf(EinsumId e, const LinearExpr &expr,
                                     const Side &box, int64_t size) const;
  bool windowOf(EinsumId e, const Operand &operand, size_t group,
                const Side &box, Side &window, bool &isEmpty) const;
  Tiles &firstTiles(size_t group, std::optional<For> loop);
  /// What is made of a tensor in a tile: all that is asked for, or without what
  /// the tile before had, or what the last one had, before the first.
  enum Made { Whole, Carried, CarriedAround };
  Tiles &tilesBefore(size_t group, EinsumId e, Tiles &next, Made made);
  unsigned leadersOf(TensorId t, size_t group,
                     const std::vector<const Tiles *> &at) const;
  std::optional<std::pair<Side, Side>> ends(TensorId t, EinsumId user,
                                            size_t group);
  std::optional<EinsumId> userOf(TensorId t);
  const std::optional<Sums> &sumsOf(EinsumId e, const Operand &operand,
                                    size_t group, bool isSplit,
                                    std::span<const For> own, bool isUnit,
                                    const Tiles *other);
  std::optional<int64_t> arrivals(const std::vector<const Sums *> &sums,
                                  const std::vector<Loop> &loops,
                                  bool isLost) const;
  int64_t slackOf(EinsumId e, const Operand &operand,
                  const std::vector<const Sums *> &sums,
                  const std::vector<Loop> &loops);
  std::optional<int64_t> aroundCorners(EinsumId e, const Operand &operand,
                                       std::vector<const Sums *> sums,
                                       const std::vector<Loop> &loops);
  std::optional<int64_t> opsOf(EinsumId e);
  const Tiles *othersOf(EinsumId e, size_t group) const {
    return path[group][e + 1 == set.einsums.size() ? *widest : e];
  }
  void addSums(size_t group, EinsumId e, std::vector<int64_t> &moves,
               std::vector<int64_t> &sizes);

  const Workload &set;
  size_t groups = 0;
  std::vector<std::vector<size_t>> rankGroup;      ///< Per einsum and rank.
  std::vector<std::vector<unsigned>> rankPosition; ///< Within its group.
  std::vector<std::vector<Side>> fullBox;          ///< Per einsum and group.
  std::vector<std::vector<Operand>> operands; ///< Per einsum; the write last.
  std::vector<int64_t> leastOps;              ///< Per einsum.
  std::vector<int64_t> leastMoves;            ///< Per tensor: bits off chip.
  std::map<std::array<int64_t, 3>, Tiles> heads; ///< Group, rank and step.

  // Of the trunk that was entered last.
  std::vector<For> trunk;
  std::vector<bool> isOutside;
  std::vector<std::vector<Tiles *>> path;    ///< Per group and einsum.
  std::vector<std::optional<size_t>> loopOf; ///< Per group: of the trunk.
  std::optional<EinsumId> boundAt;           ///< Makes an L.
  size_t shrunk = 0;              ///< Group in which a box within is.
  std::optional<size_t> outer;    ///< Group of the only loop outside of that.
  std::optional<EinsumId> widest; ///< Of the others, runs whenever any does.
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_TILEPRODUCTS_H
