//===- BoxSet.h - Unions of products of strided runs --------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sets of docs/CostModel.md section 8: a run is lo, lo + stride, ... with
// n elements; a box is a product of runs, one per dimension; a set is a union
// of disjoint boxes. Ops are points of an einsum's iteration space, elements
// are points of a tensor's shape; both are sets of this kind.
//
// Worked example: the elements of A[2*p + r] that p in [0,4), r in [0,1) read
// are the single run {0, n=4, stride 2}; with r in [0,3) it is {0, n=9, 1}.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_BOXSET_H
#define LOOPTREE_ANALYSIS_BOXSET_H

#include "InlineVector.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace looptree {

/// {lo, lo + stride, ..., lo + (n-1)*stride}; n >= 1, stride >= 1, and
/// stride == 1 when n == 1.
struct Run {
  int64_t lo = 0;
  int64_t n = 1;
  int64_t stride = 1;

  int64_t last() const { return lo + (n - 1) * stride; }
  bool contains(int64_t x) const {
    return x >= lo && x <= last() && (x - lo) % stride == 0;
  }
  friend bool operator==(const Run &, const Run &) = default;
};

/// Puts a run in its one form (stride 1 when it has one element).
inline Run makeRun(int64_t lo, int64_t n, int64_t stride) {
  return {lo, n, n == 1 ? 1 : stride};
}

/// {coefficient * x : x in run}.
inline Run scaled(const Run &run, int64_t coefficient) {
  return makeRun(run.lo * coefficient, run.n, run.stride * coefficient);
}

/// {x + y : x in a, y in b} where that is a run.
inline std::optional<Run> sumOfRuns(const Run &a, const Run &b) {
  if (a.n == 1)
    return Run{a.lo + b.lo, b.n, b.stride};
  if (b.n == 1)
    return Run{a.lo + b.lo, a.n, a.stride};
  const Run &coarse = a.stride >= b.stride ? a : b;
  const Run &fine = a.stride >= b.stride ? b : a;
  if (coarse.stride != fine.stride && coarse.stride % fine.stride != 0)
    return std::nullopt;
  if (fine.n * fine.stride < coarse.stride)
    return std::nullopt;
  int64_t steps =
      coarse.stride == fine.stride ? 1 : coarse.stride / fine.stride;
  return Run{a.lo + b.lo, (coarse.n - 1) * steps + fine.n, fine.stride};
}

/// The common elements, which are a run or none.
std::optional<Run> intersect(const Run &a, const Run &b);

/// Coordinates of a point; a product of runs.
using Coords = InlineVector<int64_t, 8>;
using Runs = InlineVector<Run, 8>;

/// A union of disjoint boxes of one dimensionality (0 dimensions: the point).
class BoxSet {
public:
  BoxSet() = default;
  explicit BoxSet(unsigned dims) : numDims(dims) {}

  unsigned dims() const { return numDims; }
  unsigned boxes() const { return numBoxes; }
  bool empty() const { return numBoxes == 0; }
  std::span<const Run> box(unsigned i) const {
    return {runs.data() + size_t(i) * numDims, numDims};
  }
  std::span<Run> box(unsigned i) {
    return {runs.data() + size_t(i) * numDims, numDims};
  }

  void clear() {
    runs.clear();
    numBoxes = 0;
  }
  /// Appends a box that is known to be disjoint from the others.
  void append(std::span<const Run> box);
  /// The single point `coords`.
  static BoxSet point(std::span<const int64_t> coords);
  /// Points in lexicographic order, each once; at least one.
  static BoxSet ofSorted(std::span<const Coords> points);

  /// Points that come before `coords` in lexicographic order.
  int64_t sizeBefore(std::span<const int64_t> coords) const;
  /// Number of points. The caller guarantees that it fits: sets are subsets of
  /// spaces whose volume Workload::check() bounded.
  int64_t size() const;
  bool contains(std::span<const int64_t> coords) const;
  /// [lo, hi) per dimension of the smallest box around a non-empty set.
  std::vector<std::pair<int64_t, int64_t>> bounds() const;
  /// Points of the smallest lattice box around a non-empty set.
  int64_t latticeBoxSize() const;

  /// Moves all points along a dimension.
  void move(unsigned d, int64_t by) {
    for (unsigned i = 0; i < numBoxes; ++i)
      box(i)[d].lo += by;
  }
  BoxSet intersect(const BoxSet &other) const;
  BoxSet subtract(const BoxSet &other) const;
  void unite(const BoxSet &other);
  bool covers(const BoxSet &other) const;
  /// The same boxes in the same order; equal sets may be written in other ways.
  friend bool operator==(const BoxSet &a, const BoxSet &b) {
    return a.numDims == b.numDims && a.numBoxes == b.numBoxes &&
           a.runs == b.runs;
  }

private:
  void coalesce();
  void removeBox(unsigned i);

  unsigned numDims = 0;
  unsigned numBoxes = 0;
  Runs runs; ///< Box-major.
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_BOXSET_H
