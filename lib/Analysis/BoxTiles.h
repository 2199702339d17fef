//===- BoxTiles.h - The sides of boxes, loop by loop --------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each loop of a BoxPlan and a step vector: the tiles that differ, and the
// side that every einsum and access has at each of them. Between the first few
// tiles and the last few all are alike, but for their place; they share one
// entry.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_BOXTILES_H
#define LOOPTREE_ANALYSIS_BOXTILES_H

#include "BoxPlan.h"

#include <array>
#include <bit>
#include <memory>

namespace looptree {

/// Sets of entries, a bit each. The function says whether to go on.
template <typename Fn> bool forEachBit(uint64_t mask, Fn fn) {
  for (; mask; mask &= mask - 1)
    if (!fn(unsigned(std::countr_zero(mask))))
      return false;
  return true;
}
inline uint64_t firstBits(unsigned n) {
  return n == 64 ? ~uint64_t(0) : (uint64_t(1) << n) - 1;
}

/// How often a side of a given length occurs.
struct SideCount {
  int64_t length, count;
};

inline SideCount mostFrequent(std::span<const SideCount> lengths) {
  SideCount most = {0, 0};
  for (const SideCount &known : lengths)
    if (known.count > most.count)
      most = known;
  return most;
}

/// What one loop contributes to the windows of one access, over the iterations
/// at which the window is not empty. The lengths of several dimensions that
/// move with the loop are multiplied.
struct LoopSide {
  int64_t active = 0;  ///< Iterations.
  int64_t all = 0;     ///< Sum of the lengths.
  int64_t kept = 0;    ///< Sum of what is shared with the iteration before.
  int64_t restart = 0; ///< What the first and the last share.
  int64_t largest = 0;
  int64_t together = 0;      ///< Length of the union; -1: that is not one run.
  unsigned lengths = 0;      ///< Different ones, see BoxTiles::lengths.
  SideCount common = {0, 0}; ///< A most frequent one.
};

/// What the loops of an axis contribute together, those outside of a depth
/// running, the others taken as one. A visit counts when its side is not empty.
struct AxisSide {
  int64_t active = 0, all = 0, largest = 0;
  /// Position t: the outer t loops run, loop t advances, those inside restart.
  std::array<int64_t, kMaxDividers> kept{};
  /// The outer t loops run, those inside restart.
  std::array<int64_t, kMaxDividers + 1> restarted{};
  /// The same for visits that begin with the element the one before ended with.
  std::array<int64_t, kMaxDividers> keptElement{};
  std::array<int64_t, kMaxDividers + 1> restartedElement{};
  int64_t changes = 0; ///< In compute, over all loops.
  bool isCut = false;  ///< By the shape, somewhere.
  std::vector<SideCount> lengths;
};

class BoxTiles {
public:
  struct Loop {
    int64_t step = 1;
    unsigned entries = 0;
    unsigned steady = kNone; ///< The entry that stands for many tiles.
    int64_t steadyCount = 1; ///< 1 when there is none.
    std::array<int64_t, kMaxEntries> first; ///< Index of the tile.
    int64_t count(unsigned entry) const {
      return entry == steady ? steadyCount : 1;
    }
  };

  /// False when the sets are not boxes at these steps, or not few.
  bool run(const Plan::Impl &plan, const BoxPlan &boxes,
           std::span<const int64_t> steps);

  const LoopSide &side(unsigned access, unsigned loop) const {
    return accessAlong(access, loop).side;
  }
  std::span<const SideCount> lengths(unsigned access, unsigned loop) const {
    const Along &along = *now[loop];
    return {along.lengths.data() + size_t(access) * along.loop.entries,
            along.accesses[access].side.lengths};
  }
  /// The access whose window on the trunk is that of the tensor.
  unsigned window(TensorId t) const { return windows[t]; }
  /// Ops of an einsum's tile along a loop, summed over its iterations.
  int64_t ops(EinsumId e, unsigned loop) const {
    return einsumAlong(e, loop).ops;
  }
  /// The different numbers of steps along a loop. Valid until the next call.
  std::span<const SideCount> stepCounts(EinsumId e, unsigned loop);
  /// Elements of its intermediate that an einsum makes along a loop, per tile,
  /// summed.
  int64_t made(EinsumId e, unsigned loop) const {
    return einsumAlong(e, loop).made;
  }
  /// Changes of an operand along a loop, before repeats are taken off.
  int64_t changes(unsigned access, unsigned loop) const {
    return accessAlong(access, loop).changes;
  }
  /// The side of an axis where `running` of its loops run.
  const AxisSide &side(const BoxAxis &axis, unsigned running) const {
    return axisSides[axis.sides + running];
  }
  int64_t repeatFactor(const BoxRepeat &repeat, unsigned access,
                       const BoxAxis &axis);
  /// Whether elements might repeat where an access leaves the shape.
  bool mayRepeatClipped(unsigned access) const;
  bool isClipped(unsigned access) const { return clipped[access]; }
  bool isDense(unsigned access) const;
  /// One loop's factor of a repeat.
  int64_t repeatFactor(const BoxRepeat &repeat, unsigned access,
                       unsigned loop) const;
  /// Whether a window is empty at some iterations, and whether it is full at
  /// the first tile of all.
  bool hasEmptyVisits(unsigned access, unsigned loop) const {
    return side(access, loop).active != tileCount(loop);
  }
  bool startsFull(unsigned access) const;
  int64_t tileCount(unsigned loop) const {
    return this->loop(loop).entries + this->loop(loop).steadyCount - 1;
  }
  const Loop &loop(unsigned l) const { return now[l]->loop; }
  /// Ops of an einsum's tile along a loop, at an entry.
  int64_t opsAt(EinsumId e, unsigned loop, unsigned entry) const;
  /// The same of the largest instance of spatial loops, and its ops along the
  /// ranks that stay.
  int64_t stepsAt(EinsumId e, unsigned loop, unsigned entry) const;
  int64_t fixedSteps(EinsumId e) const;
  /// The most instances along a spatial loop.
  int64_t instances(EinsumId e, unsigned loop) const;
  /// The side of an access along a dimension that a loop of the trunk moves: at
  /// an entry, at the tile before it, at the last tile; and how far it moves
  /// from tile to tile.
  Run sideAt(unsigned access, unsigned d, unsigned entry) const {
    return dimRuns(access, d)[entry];
  }
  Run sideBefore(unsigned access, unsigned d, unsigned entry) const {
    const BoxDim &dim = boxes->accesses[access].dims[d];
    return before(dimRuns(access, d), entry - 1, dim.scale, dim.loop);
  }
  Run lastSide(unsigned access, unsigned d) const {
    return sideBefore(access, d,
                      loop(boxes->accesses[access].dims[d].loop).entries);
  }
  int64_t shift(unsigned access, unsigned d, unsigned loop) const {
    return boxes->accesses[access].dims[d].scale * this->loop(loop).step;
  }
  /// Whether every einsum has ops at every tile.
  bool alwaysEntered() const { return everyTileEntered; }

  /// Over one loop: iterations whose only element is one, those that begin
  /// with the element that the iteration before ended with, and whether the
  /// first begins where the last ended.
  struct Repeated {
    int64_t stay = 0, advance = 0, restart = 0;
  };
  Repeated repeated(unsigned access, unsigned loop) const;

private:
  /// What an access has along a loop: entries with ops that take it, with
  /// elements, with ops that leave the shape; changes; sides.
  struct AccessAlong {
    uint64_t takes = 0, elements = 0, cut = 0;
    int64_t changes = 0;
    LoopSide side;
  };
  /// What an einsum has: entries with ops, ops, elements that it makes. These
  /// follow from the access whose window is made, and whether only what is new
  /// in it is.
  struct EinsumAlong {
    uint64_t entered = 0;
    int64_t ops = 0, made = 0;
    unsigned need = kNone;
    bool onlyNew = false;
  };
  /// A loop with one of its steps. Step vectors share these: what depends on
  /// one loop alone is found once for each of its steps.
  struct Along {
    Loop loop;
    bool isComplete = false;
    std::vector<AccessAlong> accesses;
    std::vector<EinsumAlong> einsums;
    std::vector<SideCount> lengths; ///< Per access, Loop::entries of them.
    std::vector<Run> runs;          ///< The same per stream.
    Run *tiles(unsigned stream) {
      return runs.data() + size_t(stream) * loop.entries;
    }
  };

  void startPlan(const BoxPlan &boxes);
  Along &along(unsigned loop, int64_t step);
  bool cutLoop(unsigned loop);
  void setStale(unsigned loop);
  bool isStale(unsigned loop) const { return stale >> loop & 1; }
  struct AxisWalk;
  bool walkAxes(unsigned access);
  bool chooseTiles(std::span<const int64_t> steps);
  void placeTiles(EinsumId e, unsigned loop);
  bool placeProducer(EinsumId e);
  bool makeAlong(EinsumId e, unsigned need, unsigned loop, bool onlyNew);
  bool followAlong(unsigned access, unsigned loop);
  bool followOneRank(unsigned access, unsigned loop, uint64_t mask);
  bool followRanks(unsigned access, unsigned loop, uint64_t mask);
  bool followWrite(EinsumId e, unsigned loop);
  bool isSteady(const Run *runs, int64_t scale, unsigned loop) const;
  bool isSteady(unsigned access, unsigned d, unsigned loop, uint64_t mask,
                uint64_t cut) const;
  uint64_t opsAtStart(const BoxAccess &access, unsigned loop,
                      uint64_t mask) const;
  int64_t iterations(uint64_t mask, unsigned loop) const;
  void measure(unsigned access, unsigned loop);
  void sumOps(EinsumId e);
  int64_t countInside(unsigned access, const BoxDim &dim, size_t term,
                      int64_t base, unsigned entry) const;
  bool chooseWindow(TensorId t);
  bool contains(unsigned outer, unsigned inner) const;
  Run before(const Run *runs, unsigned entry, int64_t scale,
             unsigned loop) const;

  Run *rankRuns(EinsumId e, RankId r) const {
    const BoxRank &rank = boxes->einsums[e].ranks[r];
    return now[rank.movedBy()]->tiles(rank.runs);
  }
  Run *dimRuns(unsigned access, unsigned d) const {
    const BoxDim &dim = boxes->accesses[access].dims[d];
    return now[dim.movedBy()]->tiles(dim.runs);
  }
  AccessAlong &accessAlong(unsigned access, unsigned loop) const {
    return now[loop]->accesses[access];
  }
  EinsumAlong &einsumAlong(EinsumId e, unsigned loop) const {
    return now[loop]->einsums[e];
  }

  const Plan::Impl *plan = nullptr;
  const BoxPlan *boxes = nullptr;
  uint64_t id = 0;      ///< Of the plan that everything here is about.
  bool isValid = false; ///< What is not kept along a loop is that of `now`.
  /// Loops whose sides have to be found anew, and those whose sides are not the
  /// ones of the last run.
  uint32_t stale = 0, changed = 0;
  unsigned numLoops = 0;
  std::array<Along *, kMaxBoxLoops> now{}; ///< Per loop, at its step.
  std::array<std::vector<Along *>, kMaxBoxLoops> kept; ///< By step, hashed.
  std::vector<std::unique_ptr<Along>> pool; ///< The first `used` are in `kept`.
  size_t used = 0;
  std::vector<SideCount> stepLengths;
  std::vector<AxisSide> axisSides;
  std::vector<char> clipped;
  std::vector<unsigned> windows;
  bool everyTileEntered = true;
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_BOXTILES_H
