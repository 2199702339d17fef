//===- BoxSet.cpp - Unions of products of strided runs -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoxSet.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace looptree;

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// The elements of a run inside [lo, hi].
static std::optional<Run> clip(const Run &run, int64_t lo, int64_t hi) {
  int64_t first =
      run.lo >= lo ? 0 : (lo - run.lo + run.stride - 1) / run.stride;
  int64_t last = run.last() <= hi ? run.n - 1
                 : hi < run.lo    ? -1
                                  : (hi - run.lo) / run.stride;
  if (first > last)
    return std::nullopt;
  return makeRun(run.lo + first * run.stride, last - first + 1, run.stride);
}

std::optional<Run> looptree::intersect(const Run &a, const Run &b) {
  int64_t lo = std::max(a.lo, b.lo), hi = std::min(a.last(), b.last());
  if (lo > hi)
    return std::nullopt;
  if (b.stride == 1)
    return clip(a, lo, hi);
  if (a.stride == 1)
    return clip(b, lo, hi);
  // Two strided lattices meet in one of stride lcm, found by walking the
  // coarser until it hits the finer: at most fine.stride / gcd steps.
  const Run &coarse = a.stride > b.stride ? a : b;
  const Run &fine = a.stride > b.stride ? b : a;
  int64_t gcd = std::gcd(a.stride, b.stride);
  if ((a.lo - b.lo) % gcd != 0)
    return std::nullopt;
  auto start = clip(coarse, lo, hi);
  if (!start)
    return std::nullopt;
  int64_t period = fine.stride / gcd;
  for (int64_t i = 0; i < std::min(period, start->n); ++i) {
    int64_t x = start->lo + i * coarse.stride;
    if ((x - fine.lo) % fine.stride == 0) {
      int64_t stride = coarse.stride * period;
      return makeRun(x, (start->last() - x) / stride + 1, stride);
    }
  }
  return std::nullopt;
}

/// Calls fn for the runs of a - common, common being a subset of a.
template <typename Fn>
static void forEachRemainder(const Run &a, const Run &common, Fn fn) {
  if (common.lo > a.lo)
    fn(makeRun(a.lo, (common.lo - a.lo) / a.stride, a.stride));
  if (common.n > 1 && common.stride != a.stride) {
    int64_t skipped = common.stride / a.stride - 1;
    if (skipped <= common.n - 1) {
      for (int64_t j = 1; j <= skipped; ++j)
        fn(makeRun(common.lo + j * a.stride, common.n - 1, common.stride));
    } else {
      for (int64_t i = 0; i + 1 < common.n; ++i)
        fn(makeRun(common.lo + i * common.stride + a.stride, skipped,
                   a.stride));
    }
  }
  if (common.last() < a.last())
    fn(makeRun(common.last() + a.stride, (a.last() - common.last()) / a.stride,
               a.stride));
}

/// The union of two disjoint runs where that is a run.
static std::optional<Run> merge(const Run &a, const Run &b) {
  const Run &first = a.lo <= b.lo ? a : b;
  const Run &second = a.lo <= b.lo ? b : a;
  int64_t n = first.n + second.n;
  if (first.n == 1 && second.n == 1)
    return Run{first.lo, 2, second.lo - first.lo};
  if (first.n > 1 && second.lo < first.last()) {
    // Interleaved halves of a finer lattice.
    if (first.stride % 2 != 0 || second.lo - first.lo != first.stride / 2)
      return std::nullopt;
    bool alternate = second.n == 1
                         ? first.n == 2
                         : second.stride == first.stride &&
                               (second.n == first.n || second.n + 1 == first.n);
    if (!alternate)
      return std::nullopt;
    return Run{first.lo, n, first.stride / 2};
  }
  int64_t stride = first.n > 1 ? first.stride : second.stride;
  if (second.n > 1 && second.stride != stride)
    return std::nullopt;
  if (second.lo != first.last() + stride)
    return std::nullopt;
  return Run{first.lo, n, stride};
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

static bool intersectBoxes(std::span<const Run> a, std::span<const Run> b,
                           Run *out) {
  for (size_t d = 0; d < a.size(); ++d)
    if (a[d].lo > b[d].last() || b[d].lo > a[d].last())
      return false;
  for (size_t d = 0; d < a.size(); ++d) {
    auto run = intersect(a[d], b[d]);
    if (!run)
      return false;
    out[d] = *run;
  }
  return true;
}

void BoxSet::append(std::span<const Run> box) {
  assert(box.size() == numDims);
  runs.append(box.data(), box.size());
  ++numBoxes;
}

BoxSet BoxSet::point(std::span<const int64_t> coords) {
  BoxSet set(coords.size());
  for (int64_t x : coords)
    set.runs.push_back({x, 1, 1});
  set.numBoxes = 1;
  return set;
}

BoxSet BoxSet::ofSorted(std::span<const Coords> points) {
  unsigned dims = points[0].size();
  BoxSet set(dims);
  for (const Coords &point : points) {
    // Goes on with the row of the last point, if it can.
    if (set.numBoxes > 0 && dims > 0) {
      auto row = set.box(set.numBoxes - 1);
      bool same = true;
      for (unsigned d = 0; d + 1 < dims; ++d)
        same &= row[d].lo == point[d];
      Run &run = row[dims - 1];
      int64_t gap = point[dims - 1] - run.last();
      if (same && (run.n == 1 || gap == run.stride)) {
        run = {run.lo, run.n + 1, gap};
        continue;
      }
    }
    for (int64_t x : point)
      set.runs.push_back({x, 1, 1});
    ++set.numBoxes;
  }
  set.coalesce();
  return set;
}

void BoxSet::removeBox(unsigned i) {
  unsigned last = numBoxes - 1;
  if (i != last)
    std::copy_n(runs.begin() + size_t(last) * numDims, numDims,
                runs.begin() + size_t(i) * numDims);
  runs.resize(size_t(last) * numDims);
  --numBoxes;
}

int64_t BoxSet::size() const {
  int64_t total = 0;
  for (unsigned i = 0; i < numBoxes; ++i) {
    int64_t volume = 1;
    for (const Run &run : box(i))
      volume *= run.n;
    total += volume;
  }
  return total;
}

int64_t BoxSet::sizeBefore(std::span<const int64_t> coords) const {
  int64_t total = 0;
  for (unsigned i = 0; i < numBoxes; ++i) {
    // Equal in the first dimensions, smaller in the next, anything after.
    auto b = box(i);
    for (unsigned d = 0; d < numDims; ++d) {
      int64_t points = 0;
      if (auto below = clip(b[d], b[d].lo, coords[d] - 1))
        points = below->n;
      for (unsigned rest = d + 1; rest < numDims; ++rest)
        points *= b[rest].n;
      total += points;
      if (!b[d].contains(coords[d]))
        break;
    }
  }
  return total;
}

bool BoxSet::contains(std::span<const int64_t> coords) const {
  for (unsigned i = 0; i < numBoxes; ++i) {
    auto b = box(i);
    bool inside = true;
    for (unsigned d = 0; d < numDims && inside; ++d)
      inside = b[d].contains(coords[d]);
    if (inside)
      return true;
  }
  return false;
}

std::vector<std::pair<int64_t, int64_t>> BoxSet::bounds() const {
  assert(!empty());
  std::vector<std::pair<int64_t, int64_t>> result(numDims);
  for (unsigned d = 0; d < numDims; ++d) {
    result[d] = {box(0)[d].lo, box(0)[d].last() + 1};
    for (unsigned i = 1; i < numBoxes; ++i) {
      result[d].first = std::min(result[d].first, box(i)[d].lo);
      result[d].second = std::max(result[d].second, box(i)[d].last() + 1);
    }
  }
  return result;
}

int64_t BoxSet::latticeBoxSize() const {
  auto around = bounds();
  int64_t volume = 1;
  for (unsigned d = 0; d < numDims; ++d) {
    int64_t step = 0;
    for (unsigned i = 0; i < numBoxes; ++i) {
      const Run &run = box(i)[d];
      step = std::gcd(step, run.lo - around[d].first);
      if (run.n > 1)
        step = std::gcd(step, run.stride);
    }
    int64_t span = around[d].second - 1 - around[d].first;
    volume *= span == 0 ? 1 : span / step + 1;
  }
  return volume;
}

BoxSet BoxSet::intersect(const BoxSet &other) const {
  BoxSet result(numDims);
  if (empty() || other.empty())
    return result;
  Runs common(numDims);
  for (unsigned i = 0; i < numBoxes; ++i)
    for (unsigned j = 0; j < other.numBoxes; ++j)
      if (intersectBoxes(box(i), other.box(j), common.data()))
        result.append({common.data(), common.size()});
  return result;
}

/// Appends the boxes of a - b to out; false when a and b do not meet (then
/// nothing is appended).
static bool subtractBox(std::span<const Run> a, std::span<const Run> b,
                        Runs &common, BoxSet &out) {
  if (!intersectBoxes(a, b, common.data()))
    return false;
  // Dimension by dimension: what is left of a in d, inside b before d.
  Runs piece;
  piece.append(a.data(), a.size());
  for (size_t d = 0; d < a.size(); ++d) {
    forEachRemainder(a[d], common[d], [&](const Run &rest) {
      piece[d] = rest;
      out.append({piece.data(), piece.size()});
    });
    piece[d] = common[d];
  }
  return true;
}

BoxSet BoxSet::subtract(const BoxSet &other) const {
  if (empty() || other.empty())
    return *this;
  BoxSet left = *this, next(numDims);
  Runs common(numDims);
  bool changed = false;
  for (unsigned j = 0; j < other.numBoxes && !left.empty(); ++j) {
    next.clear();
    bool hit = false;
    for (unsigned i = 0; i < left.numBoxes; ++i) {
      if (subtractBox(left.box(i), other.box(j), common, next))
        hit = true;
      else
        next.append(std::as_const(left).box(i));
    }
    if (hit) {
      std::swap(left, next);
      changed = true;
    }
  }
  if (changed)
    left.coalesce();
  return left;
}

bool BoxSet::covers(const BoxSet &other) const {
  return other.subtract(*this).empty();
}

void BoxSet::unite(const BoxSet &other) {
  if (other.empty())
    return;
  if (empty()) {
    *this = other;
    return;
  }
  BoxSet fresh = other.subtract(*this);
  if (fresh.empty())
    return;
  runs.append(fresh.runs.data(), fresh.runs.size());
  numBoxes += fresh.numBoxes;
  coalesce();
}

void BoxSet::coalesce() {
  for (bool merged = true; merged && numBoxes > 1;) {
    merged = false;
    for (unsigned i = 0; i < numBoxes; ++i) {
      for (unsigned j = i + 1; j < numBoxes;) {
        // Boxes that agree in all dimensions but one may be one box.
        auto a = box(i), b = box(j);
        unsigned differing = numDims, count = 0;
        for (unsigned d = 0; d < numDims && count < 2; ++d)
          if (a[d] != b[d]) {
            differing = d;
            ++count;
          }
        auto run =
            count == 1 ? merge(a[differing], b[differing]) : std::nullopt;
        if (!run) {
          ++j;
          continue;
        }
        a[differing] = *run;
        removeBox(j);
        merged = true;
      }
    }
  }
}
