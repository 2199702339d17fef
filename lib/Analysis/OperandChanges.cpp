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

/// Coordinates moved along dimension d (d < 0: not moved).
void shift(Coords &coords, int d, int64_t by) {
  if (d >= 0)
    coords[d] += by;
}

/// What Walker puts together of one class.
struct Single {
  OperandWalk walk;

  static Single of(unsigned, OperandWalk walk) { return {std::move(walk)}; }
  template <typename Classes>
  static Single point(const Classes &, const Coords &element) {
    return {{1, element, element}};
  }

  /// The walk again n - 1 times, each moved by `by` along dimension d.
  void repeat(int64_t n, int d, int64_t by) {
    if (walk.changes == 0 || n == 1)
      return;
    Coords next = walk.first;
    shift(next, d, by);
    walk.changes = walk.changes * n - (next == walk.last ? n - 1 : 0);
    shift(walk.last, d, by * (n - 1));
  }

  void join(Single tail) {
    if (tail.walk.changes == 0)
      return;
    if (walk.changes == 0) {
      walk = std::move(tail.walk);
      return;
    }
    walk.changes += tail.walk.changes - (walk.last == tail.walk.first ? 1 : 0);
    walk.last = std::move(tail.walk.last);
  }
};

/// What Walker puts together of several classes. A step that is the first of
/// some classes and changes nothing for others may or may not count: that
/// depends on what those classes held before.
struct Shared {
  struct Ends {
    unsigned walker;
    Coords first, last;
  };
  int64_t certain = 0;
  std::vector<Ends> ends;                     ///< Of classes that take part.
  std::vector<std::vector<unsigned>> perhaps; ///< Classes first at such a step.

  static Shared of(unsigned walker, OperandWalk walk) {
    Shared result;
    if (walk.changes == 0)
      return result;
    result.certain = walk.changes - 1;
    result.ends = {{walker, walk.first, walk.last}};
    result.perhaps = {{walker}};
    return result;
  }
  template <typename Classes>
  static Shared point(const Classes &classes, const Coords &element) {
    Shared result;
    result.perhaps.emplace_back();
    for (unsigned walker : classes) {
      result.ends.push_back({walker, element, element});
      result.perhaps.back().push_back(walker);
    }
    return result;
  }

  Ends *find(unsigned walker) {
    for (Ends &e : ends)
      if (e.walker == walker)
        return &e;
    return nullptr;
  }

  void repeat(int64_t n, int d, int64_t by) {
    if (ends.empty() || n == 1)
      return;
    Shared next = *this, twice = *this;
    for (Ends &e : next.ends) {
      shift(e.first, d, by);
      shift(e.last, d, by);
    }
    twice.join(next);
    certain += (twice.certain - certain) * (n - 1);
    for (Ends &e : ends)
      shift(e.last, d, by * (n - 1));
  }

  void join(Shared tail) {
    for (const std::vector<unsigned> &step : tail.perhaps) {
      bool changes = false;
      std::vector<unsigned> first;
      for (unsigned walker : step)
        if (Ends *before = find(walker))
          changes |= before->last != tail.find(walker)->first;
        else
          first.push_back(walker);
      if (changes)
        ++certain;
      else if (!first.empty())
        perhaps.push_back(std::move(first));
    }
    certain += tail.certain;
    for (Ends &e : tail.ends)
      if (Ends *before = find(e.walker))
        before->last = e.last;
      else
        ends.push_back(std::move(e));
  }
};

template <typename Walk> class Walker {
public:
  Walker(std::span<const BoxSet *const> classes, const Access &access,
         const Tensor &tensor)
      : tensor(tensor), base(tensor.shape.size()), dims(classes[0]->dims()),
        rankDim(dims, -1), rankCoefficient(dims, 0) {
    for (unsigned k = 0; k < classes.size(); ++k)
      for (unsigned i = 0; i < classes[k]->boxes(); ++i)
        boxes.push_back({classes[k]->box(i), k});
    for (size_t d = 0; d < access.index.size(); ++d) {
      base[d] = access.index[d].constant;
      for (const auto &term : access.index[d].terms) {
        rankDim[term.rank] = int(d);
        rankCoefficient[term.rank] = term.coefficient;
      }
    }
  }

  Walk run() {
    Active active(boxes.size());
    for (unsigned i = 0; i < active.size(); ++i)
      active[i] = i;
    return active.empty() ? Walk() : walk(active, 0);
  }

private:
  using Active = InlineVector<unsigned, 8>;
  struct Box {
    std::span<const Run> runs;
    unsigned walker;
  };

  /// Values of dimension d over the ranks from `depth` on, less base[d].
  std::pair<int64_t, int64_t> reach(const Active &active, unsigned depth,
                                    unsigned d) const {
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    for (unsigned i : active) {
      int64_t boxLo = 0, boxHi = 0;
      for (unsigned r = depth; r < dims; ++r)
        if (rankDim[r] == int(d)) {
          boxLo += rankCoefficient[r] * boxes[i].runs[r].lo;
          boxHi += rankCoefficient[r] * boxes[i].runs[r].last();
        }
      lo = std::min(lo, boxLo);
      hi = std::max(hi, boxHi);
    }
    return {lo, hi};
  }

  /// The walk of one box none of whose remaining ops leaves the shape.
  Walk walkInside(unsigned box, unsigned depth) const {
    Single result;
    auto runs = boxes[box].runs;
    result.walk.changes = 1;
    result.walk.first = base;
    for (unsigned r = depth; r < dims; ++r)
      if (rankDim[r] >= 0)
        result.walk.first[rankDim[r]] += rankCoefficient[r] * runs[r].lo;
    result.walk.last = result.walk.first;
    for (unsigned r = dims; r-- > depth;)
      result.repeat(runs[r].n, rankDim[r], rankCoefficient[r] * runs[r].stride);
    return Walk::of(boxes[box].walker, std::move(result.walk));
  }

  Walk walk(const Active &active, unsigned depth) {
    bool mayLeave = false;
    for (size_t d = 0; d < base.size(); ++d) {
      auto [lo, hi] = reach(active, depth, d);
      if (base[d] + hi < 0 || base[d] + lo >= tensor.shape[d])
        return {};
      mayLeave |= base[d] + lo < 0 || base[d] + hi >= tensor.shape[d];
    }
    if (active.size() == 1 && !mayLeave)
      return walkInside(active[0], depth);
    if (depth == dims) {
      // Boxes of one class are disjoint: one op of each class that is left.
      InlineVector<unsigned, 8> classes;
      for (unsigned i : active)
        classes.push_back(boxes[i].walker);
      return Walk::point(classes, base);
    }

    const Run &run = boxes[active[0]].runs[depth];
    bool same = std::all_of(active.begin(), active.end(), [&](unsigned i) {
      return boxes[i].runs[depth] == run;
    });
    return same ? walkRun(active, depth, run) : walkSegments(active, depth);
  }

  /// The same boxes are active at every value of the rank at `depth`.
  Walk walkRun(const Active &active, unsigned depth, const Run &run) {
    int d = rankDim[depth];
    if (d < 0) {
      Walk result = walk(active, depth + 1);
      result.repeat(run.n, -1, 0);
      return result;
    }
    // Values between `from` and `to` keep all ops inside the shape along d.
    int64_t c = rankCoefficient[depth];
    auto [lo, hi] = reach(active, depth + 1, d);
    int64_t saved = base[d];
    Walk result;
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
      Walk part = walk(active, depth + 1);
      part.repeat(count, d, c * run.stride);
      result.join(std::move(part));
      i += count;
    }
    base[d] = saved;
    return result;
  }

  /// Boxes with different runs at `depth`: cut the rank where the active boxes
  /// change.
  Walk walkSegments(const Active &active, unsigned depth) {
    bool dense = true;
    std::vector<int64_t> marks;
    for (unsigned i : active) {
      const Run &run = boxes[i].runs[depth];
      dense &= run.stride == 1;
      marks.push_back(run.lo);
      marks.push_back(run.last() + 1);
    }
    if (!dense) {
      marks.clear();
      for (unsigned i : active) {
        const Run &run = boxes[i].runs[depth];
        for (int64_t k = 0; k < run.n; ++k) {
          marks.push_back(run.lo + k * run.stride);
          marks.push_back(run.lo + k * run.stride + 1);
        }
      }
    }
    std::sort(marks.begin(), marks.end());
    marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
    Walk result;
    for (size_t m = 0; m + 1 < marks.size(); ++m) {
      Active here;
      for (unsigned i : active)
        if (boxes[i].runs[depth].contains(marks[m]))
          here.push_back(i);
      if (!here.empty())
        result.join(walkRun(here, depth,
                            makeRun(marks[m], marks[m + 1] - marks[m], 1)));
    }
    return result;
  }

  std::vector<Box> boxes;
  const Tensor &tensor;
  Coords base;                  ///< Index so far, the outer ranks fixed.
  unsigned dims;                ///< Ranks.
  InlineVector<int, 8> rankDim; ///< The dimension a rank moves, or -1.
  Coords rankCoefficient;
};

} // namespace

OperandWalk looptree::walkOperand(const BoxSet &ops, const Access &access,
                                  const Tensor &tensor) {
  const BoxSet *one[] = {&ops};
  return Walker<Single>(one, access, tensor).run().walk;
}

SharedWalk looptree::walkTogether(std::span<const WalkerClass> classes,
                                  const Access &access, const Tensor &tensor) {
  std::vector<const BoxSet *> sets;
  Shared all;
  for (unsigned k = 0; k < classes.size(); ++k) {
    sets.push_back(classes[k].ops);
    if (const auto &held = classes[k].held)
      all.ends.push_back({k, *held, *held});
  }
  all.join(Walker<Shared>(sets, access, tensor).run());
  SharedWalk result;
  result.changes = all.certain + int64_t(all.perhaps.size());
  result.last.resize(classes.size());
  for (const Shared::Ends &e : all.ends)
    result.last[e.walker] = e.last;
  return result;
}
