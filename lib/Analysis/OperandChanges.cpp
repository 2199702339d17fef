//===- OperandChanges.cpp - What compute holds ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperandChanges.h"

#include <algorithm>
#include <cassert>

using namespace looptree;

namespace {

class Walker {
public:
  Walker(const BoxSet &ops, const Access &access, const Tensor &tensor)
      : ops(ops), tensor(tensor), base(tensor.shape.size()),
        rankDim(ops.dims(), -1), rankCoefficient(ops.dims(), 0) {
    for (size_t d = 0; d < access.index.size(); ++d) {
      base[d] = access.index[d].constant;
      for (const auto &term : access.index[d].terms) {
        rankDim[term.rank] = int(d);
        rankCoefficient[term.rank] = term.coefficient;
      }
    }
  }

  OperandWalk run() {
    Active active(ops.boxes());
    for (unsigned i = 0; i < active.size(); ++i)
      active[i] = i;
    return active.empty() ? OperandWalk() : walk(active, 0);
  }

private:
  using Active = InlineVector<unsigned, 8>;

  /// Values of dimension d over the ranks from `depth` on, less base[d].
  std::pair<int64_t, int64_t> reach(const Active &active, unsigned depth,
                                    unsigned d) const {
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    for (unsigned i : active) {
      int64_t boxLo = 0, boxHi = 0;
      for (unsigned r = depth; r < ops.dims(); ++r)
        if (rankDim[r] == int(d)) {
          boxLo += rankCoefficient[r] * ops.box(i)[r].lo;
          boxHi += rankCoefficient[r] * ops.box(i)[r].last();
        }
      lo = std::min(lo, boxLo);
      hi = std::max(hi, boxHi);
    }
    return {lo, hi};
  }

  /// `walk` again n - 1 times, each moved by `shift` along dimension d (d < 0:
  /// not moved).
  static void repeat(OperandWalk &walk, int64_t n, int d, int64_t shift) {
    if (walk.changes == 0 || n == 1)
      return;
    Coords next = walk.first;
    if (d >= 0)
      next[d] += shift;
    walk.changes = walk.changes * n - (next == walk.last ? n - 1 : 0);
    if (d >= 0)
      walk.last[d] += shift * (n - 1);
  }

  static void join(OperandWalk &head, OperandWalk tail) {
    if (tail.changes == 0)
      return;
    if (head.changes == 0) {
      head = std::move(tail);
      return;
    }
    head.changes += tail.changes - (head.last == tail.first ? 1 : 0);
    head.last = std::move(tail.last);
  }

  /// The walk of one box none of whose remaining ops leaves the shape.
  OperandWalk walkInside(unsigned box, unsigned depth) const {
    OperandWalk result;
    result.changes = 1;
    result.first = base;
    for (unsigned r = depth; r < ops.dims(); ++r)
      if (rankDim[r] >= 0)
        result.first[rankDim[r]] += rankCoefficient[r] * ops.box(box)[r].lo;
    result.last = result.first;
    for (unsigned r = ops.dims(); r-- > depth;) {
      const Run &run = ops.box(box)[r];
      repeat(result, run.n, rankDim[r], rankCoefficient[r] * run.stride);
    }
    return result;
  }

  OperandWalk walk(const Active &active, unsigned depth) {
    bool mayLeave = false;
    for (size_t d = 0; d < base.size(); ++d) {
      auto [lo, hi] = reach(active, depth, d);
      if (base[d] + hi < 0 || base[d] + lo >= tensor.shape[d])
        return {};
      mayLeave |= base[d] + lo < 0 || base[d] + hi >= tensor.shape[d];
    }
    if (active.size() == 1 && !mayLeave)
      return walkInside(active[0], depth);
    assert(depth < ops.dims() && "disjoint boxes differ in some rank");

    const Run &run = ops.box(active[0])[depth];
    bool same = std::all_of(active.begin(), active.end(), [&](unsigned i) {
      return ops.box(i)[depth] == run;
    });
    return same ? walkRun(active, depth, run) : walkSegments(active, depth);
  }

  /// The same boxes are active at every value of the rank at `depth`.
  OperandWalk walkRun(const Active &active, unsigned depth, const Run &run) {
    int d = rankDim[depth];
    if (d < 0) {
      OperandWalk result = walk(active, depth + 1);
      repeat(result, run.n, -1, 0);
      return result;
    }
    // Values between `from` and `to` keep all ops inside the shape along d.
    int64_t c = rankCoefficient[depth];
    auto [lo, hi] = reach(active, depth + 1, d);
    int64_t saved = base[d];
    OperandWalk result;
    for (int64_t i = 0; i < run.n;) {
      base[d] = saved + c * (run.lo + i * run.stride);
      bool below = base[d] + lo < 0;
      bool above = base[d] + hi >= tensor.shape[d];
      int64_t count = 1;
      if (base[d] + hi < 0) {
        // Nothing is touched until the farthest op reaches the shape.
        int64_t step = c * run.stride;
        i += std::max<int64_t>(1, (-(base[d] + hi) + step - 1) / step);
        continue;
      }
      if (base[d] + lo >= tensor.shape[d])
        break;
      if (!below && !above)
        count = std::min(
            run.n - i,
            (tensor.shape[d] - 1 - hi - base[d]) / (c * run.stride) + 1);
      OperandWalk part = walk(active, depth + 1);
      repeat(part, count, d, c * run.stride);
      join(result, std::move(part));
      i += count;
    }
    base[d] = saved;
    return result;
  }

  /// Boxes with different runs at `depth`: cut the rank where the active boxes
  /// change.
  OperandWalk walkSegments(const Active &active, unsigned depth) {
    bool dense = true;
    std::vector<int64_t> marks;
    for (unsigned i : active) {
      const Run &run = ops.box(i)[depth];
      dense &= run.stride == 1;
      marks.push_back(run.lo);
      marks.push_back(run.last() + 1);
    }
    if (!dense) {
      marks.clear();
      for (unsigned i : active) {
        const Run &run = ops.box(i)[depth];
        for (int64_t k = 0; k < run.n; ++k) {
          marks.push_back(run.lo + k * run.stride);
          marks.push_back(run.lo + k * run.stride + 1);
        }
      }
    }
    std::sort(marks.begin(), marks.end());
    marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
    OperandWalk result;
    for (size_t m = 0; m + 1 < marks.size(); ++m) {
      Active here;
      for (unsigned i : active)
        if (ops.box(i)[depth].contains(marks[m]))
          here.push_back(i);
      if (!here.empty())
        join(result, walkRun(here, depth,
                             makeRun(marks[m], marks[m + 1] - marks[m], 1)));
    }
    return result;
  }

  const BoxSet &ops;
  const Tensor &tensor;
  Coords base;                  ///< Index so far, the outer ranks fixed.
  InlineVector<int, 8> rankDim; ///< The dimension a rank moves, or -1.
  Coords rankCoefficient;
};

} // namespace

OperandWalk looptree::walkOperand(const BoxSet &ops, const Access &access,
                                  const Tensor &tensor) {
  return Walker(ops, access, tensor).run();
}
