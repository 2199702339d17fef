//===- TileModel.h - A quick estimate of a trunk's cost ----- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a trunk of loops makes every einsum of a set do, seen through its middle
// and its first tile. It orders the search and nothing else: no number of it is
// ever reported. Every rank and every tensor dimension is one interval, so what
// is not a box is taken as the box around it.
//
// Worked example: B[16] <- A[18] <- I[20], 3-wide filters, `for p of B step 4`,
// A below the loop. The middle tile of B is 8..11, needs A at 8..13, of which
// the loop's movement by 4 leaves 10..13 to be made, from I at 10..15.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_TILEMODEL_H
#define LOOPTREE_EXPLORER_TILEMODEL_H

#include "looptree/Workload/Workload.h"

#include <span>
#include <vector>

namespace looptree {

struct TrunkLoop {
  RankId rank = 0; ///< Of the head.
  int64_t step = 1;
  friend bool operator==(const TrunkLoop &, const TrunkLoop &) = default;
};

struct Interval {
  int64_t lo = 0, hi = -1;
  int64_t width() const { return hi < lo ? 0 : hi - lo + 1; }
};

/// A rank or a tensor dimension.
struct Axis {
  Interval middle, first, open; ///< Of a middle tile, the first, all of them.
  int64_t stride = 1;           ///< Elements lie on a lattice.
  int64_t shift = 0;            ///< Movement from tile to tile.
  unsigned loops = 0;           ///< Mask of the trunk loops that move it.

  int64_t count(const Interval &interval) const {
    return (interval.width() + stride - 1) / stride;
  }
};

/// How deep an intermediate is retained: below that many trunk loops, or where
/// nothing is computed twice and the window is smallest.
constexpr int kWithoutRecompute = -1;

class TileModel {
public:
  explicit TileModel(const Workload &set);

  /// Infers all tiles. `positions` has one entry per tensor and is read for
  /// intermediates only; kWithoutRecompute is replaced by the depth chosen.
  void infer(std::span<const TrunkLoop> trunk, std::vector<int> &positions);

  size_t depth() const { return loops.size(); }
  std::span<const Axis> rankAxes(EinsumId e) const {
    return {&axes[rankBegin[e]],
            &axes[rankBegin[e]] + workload.einsums[e].ranks.size()};
  }
  std::span<const Axis> dimAxes(TensorId t) const {
    return {&axes[dimBegin[t]],
            &axes[dimBegin[t]] + workload.tensors[t].shape.size()};
  }
  /// Trunk loops in whose every iteration the einsum runs.
  unsigned activeLoops(EinsumId e) const { return active[e]; }

  /// Ops run in all.
  double ops(EinsumId e) const;
  /// Elements of the largest window of a tensor retained below `depth` loops.
  double window(TensorId t, unsigned depth) const;
  /// Elements that come into a buffer at that depth, in all.
  double fills(TensorId t, unsigned depth) const;
  /// Whether a buffer at full depth holds elements from tile to tile.
  bool carries(TensorId t) const;
  /// Visits of the einsum's branch.
  double visits(EinsumId e) const;
  /// Sum over visits of a box that spans these axes.
  double streamed(EinsumId e, std::span<const Axis> box) const;
  /// The elements of one access in one visit.
  void accessAxes(EinsumId e, const Access &access,
                  std::vector<Axis> &result) const;

private:
  unsigned movingLoops(TensorId t) const;
  bool keptAlong(unsigned loop, unsigned depth, unsigned moving) const;
  unsigned repeatedLoops(TensorId t, unsigned depth, unsigned moving) const;
  double tilesOf(unsigned mask) const;
  double total(const Axis &axis, bool kept) const;
  int depthWithoutRecompute(TensorId t) const;
  void inferProducer(EinsumId e, int position);
  Axis accessAxis(EinsumId e, const LinearExpr &expr, int64_t extent) const;
  void need(EinsumId e, const Access &access);

  const Workload &workload;
  std::vector<size_t> rankBegin, dimBegin;
  std::vector<Axis> axes;
  std::vector<char> touched;           ///< Per tensor.
  std::vector<unsigned> active, asked; ///< Per einsum; per tensor.
  struct Loop {
    int64_t tiles;
  };
  std::vector<Loop> loops;
};

} // namespace looptree

#endif // LOOPTREE_EXPLORER_TILEMODEL_H
