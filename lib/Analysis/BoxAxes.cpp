//===- BoxAxes.cpp - Dimensions that several loops move ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A loop of the trunk and loops of a branch may move one dimension together:
// rows in tiles of 4, those one by one, and the rows of the filter. Their sides
// are found by walking these loops alone, tiles that differ in their place only
// once.

#include "BoxTiles.h"

#include <algorithm>
#include <bit>

using namespace looptree;

/// The windows with which the visits below a loop begin and end.
namespace {
struct Ends {
  bool active = false;
  Run first, last;
};
} // namespace

struct BoxTiles::AxisWalk {
  const BoxTiles &tiles;
  unsigned access;
  const BoxAxis &axis;
  unsigned depth; ///< Loops that run.
  AxisSide *side = nullptr;
  const BoxRepeat *repeat = nullptr; ///< Or its factor is what is wanted.
  int64_t factor = 0;
  std::array<Run, 8> runs{}; ///< Per term: its values now.
  bool cut = false;

  const BoxAccess &info() const { return tiles.boxes->accesses[access]; }
  const BoxEinsum &einsum() const {
    return tiles.boxes->einsums[info().einsum];
  }

  static Run moved(Run run, int64_t by) {
    run.lo += by;
    return run;
  }
  static int64_t shared(const Run &a, const Run &b) {
    auto both = intersect(a, b);
    return both ? both->n : 0;
  }

  /// Visits with `t` loops fixed, `times` over. False where sides are no runs.
  bool visit(unsigned t, int64_t times, Ends &ends) {
    if (t == depth)
      return leaf(times, ends);
    const BoxAxis::Divider &divider = axis.dividers[t];
    bool fits = divider.position < tiles.boxes->trunk
                    ? visitTrunk(divider, t, times, ends)
                    : visitBranch(divider, t, times, ends);
    if (fits && ends.active && side) {
      side->restarted[t] += times * shared(ends.first, ends.last);
      side->restartedElement[t] += times * (ends.first.lo == ends.last.last());
    }
    return fits;
  }

  /// One tile of a loop, which stands for `count`, `shift` apart.
  bool child(unsigned t, int64_t times, int64_t count, int64_t shift,
             Ends &ends) {
    Ends below;
    if (!visit(t + 1, times * count, below))
      return false;
    if (!below.active)
      return true;
    if (!ends.active)
      ends = {true, below.first, below.last};
    else if (side) {
      side->kept[t] += times * count * shared(below.first, ends.last);
      side->keptElement[t] +=
          times * count * (below.first.lo == ends.last.last());
    }
    ends.last = moved(below.last, (count - 1) * shift);
    return true;
  }

  bool visitTrunk(const BoxAxis::Divider &divider, unsigned t, int64_t times,
                  Ends &ends) {
    const Loop &loop = tiles.loop(divider.loop);
    EinsumId e = info().einsum;
    uint64_t mask = tiles.accessAlong(access, divider.loop).takes;
    int64_t scale = axis.dim < 0 ? 0 : info().dims[axis.dim].scale;
    for (; mask; mask &= mask - 1) {
      unsigned i = unsigned(std::countr_zero(mask));
      for (unsigned k = 0; k < axis.terms.size(); ++k)
        if (einsum().ranks[axis.terms[k].rank].loop == divider.loop)
          runs[k] = tiles.rankRuns(e, axis.terms[k].rank)[i];
      if (!child(t, times, loop.count(i), scale * loop.step, ends))
        return false;
    }
    return true;
  }

  bool visitBranch(const BoxAxis::Divider &divider, unsigned t, int64_t times,
                   Ends &ends) {
    const Run whole = runs[divider.term];
    if (whole.stride != 1)
      return false;
    int64_t step = tiles.loop(divider.loop).step;
    int64_t count = whole.n / step + (whole.n % step != 0);
    int64_t c = axis.dim < 0 ? 0 : axis.terms[divider.term].coefficient;
    // Tiles in [head, tail) are whole and inside the shape, whatever runs
    // below.
    int64_t head = 1, tail = whole.n / step;
    if (axis.dim >= 0) {
      const BoxDim &dim = info().dims[axis.dim];
      int64_t lo = dim.all.constant, hi = lo;
      for (unsigned k = 0; k < axis.terms.size(); ++k) {
        lo += axis.terms[k].coefficient * runs[k].lo;
        hi += axis.terms[k].coefficient * runs[k].last();
      }
      if (lo < 0)
        head = (-lo - 1) / (c * step) + 2;
      if (hi >= dim.extent)
        tail = std::max<int64_t>(0, whole.n - (hi - dim.extent) / c - 1) / step;
    }
    auto at = [&](int64_t tile, int64_t copies) {
      int64_t from = tile * step;
      runs[divider.term] = {whole.lo + from, std::min(step, whole.n - from), 1};
      bool fits = child(t, times, copies, c * step, ends);
      runs[divider.term] = whole;
      return fits;
    };
    if (divider.isShared)
      return at(0, 1);
    if (count > 4 && tail - head > 1) {
      if (head + 1 + count - tail > int64_t(kMaxEntries))
        return false;
      for (int64_t tile = 0; tile < head; ++tile)
        if (!at(tile, 1))
          return false;
      if (!at(head, tail - head))
        return false;
      for (int64_t tile = tail; tile < count; ++tile)
        if (!at(tile, 1))
          return false;
      return true;
    }
    if (count > int64_t(kMaxEntries))
      return false;
    for (int64_t tile = 0; tile < count; ++tile)
      if (!at(tile, 1))
        return false;
    return true;
  }

  bool leaf(int64_t times, Ends &ends) {
    if (repeat)
      return leafOfRepeat(times);
    Run window{0, 1, 1};
    int64_t ops = 1;
    if (axis.dim >= 0) {
      const BoxDim &dim = info().dims[axis.dim];
      window.lo = dim.all.constant;
      for (unsigned k = 0; k < axis.terms.size(); ++k) {
        ops *= runs[k].n;
        auto sum =
            sumOfRuns(window, scaled(runs[k], axis.terms[k].coefficient));
        if (!sum)
          return false;
        window = *sum;
      }
      if (window.lo < 0 || window.last() >= dim.extent) {
        cut = true;
        ops = inside(dim, 0, dim.all.constant);
        auto part = intersect(window, makeRun(0, dim.extent, 1));
        if (!part)
          return true;
        window = *part;
      }
    } else if (info().counts[axis.terms[0].rank]) {
      ops = runs[0].n;
    }
    ends = {true, window, window};
    side->active += times;
    side->all += times * window.n;
    side->largest = std::max(side->largest, window.n);
    side->restarted[depth] += times * window.n;
    side->restartedElement[depth] += times * (window.n == 1);
    side->changes += times * ops;
    for (SideCount &known : side->lengths)
      if (known.length == window.n) {
        known.count += times;
        return true;
      }
    side->lengths.push_back({window.n, times});
    return true;
  }

  /// Ops inside the shape.
  int64_t inside(const BoxDim &dim, size_t k, int64_t base) const {
    int64_t c = axis.terms[k].coefficient;
    if (k + 1 == axis.terms.size()) {
      auto part = intersect(scaled(moved(runs[k], 0), c),
                            makeRun(-base, dim.extent, 1));
      return part ? part->n : 0;
    }
    int64_t total = 0;
    for (int64_t i = 0; i < runs[k].n; ++i)
      total += inside(dim, k + 1, base + c * (runs[k].lo + i * runs[k].stride));
    return total;
  }

  bool leafOfRepeat(int64_t times) {
    int64_t span = 0, own = 0, product = times;
    for (unsigned k = 0; k < axis.terms.size(); ++k) {
      RankId r = axis.terms[k].rank;
      int64_t n = runs[k].n;
      if (r == repeat->rank)
        own = axis.terms[k].coefficient * runs[k].stride;
      else if (r > repeat->rank)
        span += axis.terms[k].coefficient * (n - 1) * runs[k].stride;
      const BoxRank &rank = einsum().ranks[r];
      if (rank.loop == kNone && rank.branchLoop == kNone)
        continue; // In the constant.
      product *= repeat->factor(r, n);
    }
    if (axis.dim >= 0 && repeat->coupled == axis.dim)
      product *= span == own;
    factor += product;
    return true;
  }

  bool run() {
    for (unsigned k = 0; k < axis.terms.size(); ++k)
      runs[k] = info().isInitRank(axis.terms[k].rank)
                    ? Run{0, 1, 1}
                    : einsum().ranks[axis.terms[k].rank].fixed;
    Ends ends;
    return visit(0, 1, ends);
  }
};

bool BoxTiles::walkAxes(unsigned a) {
  for (const BoxAxis &axis : boxes->accesses[a].axes) {
    if (axis.terms.size() > 8)
      return false;
    if (std::none_of(
            axis.dividers.begin(), axis.dividers.end(),
            [&](const auto &divider) { return changed >> divider.loop & 1; }))
      continue;
    for (unsigned depth = 0; depth <= axis.dividers.size(); ++depth) {
      if (!axis.needed[depth])
        continue;
      AxisSide &side = axisSides[axis.sides + depth];
      auto lengths = std::move(side.lengths);
      lengths.clear();
      side = {};
      side.lengths = std::move(lengths);
      AxisWalk walk{*this, a, axis, depth, &side};
      if (!walk.run())
        return false;
      side.isCut = walk.cut;
    }
  }
  return true;
}

int64_t BoxTiles::repeatFactor(const BoxRepeat &repeat, unsigned a,
                               const BoxAxis &axis) {
  AxisWalk walk{*this,   a,      axis, unsigned(axis.dividers.size()),
                nullptr, &repeat};
  walk.run(); // Fits, or the sides would not.
  return walk.factor;
}

bool BoxTiles::mayRepeatClipped(unsigned a) const {
  const BoxAccess &access = boxes->accesses[a];
  const BoxEinsum &einsum = boxes->einsums[access.einsum];
  auto isOne = [&](RankId r) {
    const BoxRank &rank = einsum.ranks[r];
    if (rank.branchLoop != kNone)
      return loop(rank.branchLoop).step == 1;
    if (rank.loop != kNone)
      return einsum.isHead && loop(rank.loop).step == 1;
    return rank.fixed.n == 1;
  };
  return std::any_of(access.unsafeClipped.begin(), access.unsafeClipped.end(),
                     [&](RankId r) { return !isOne(r); });
}
