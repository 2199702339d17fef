//===- PlainBranch.cpp - Nests of a branch of a plain set -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlainBranch.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

using namespace looptree;

/// The first point that takes more than so many bits.
static size_t after(const BranchCurve &curve, int64_t bits) {
  return size_t(std::upper_bound(curve.begin(), curve.end(), bits,
                                 [](int64_t value, const BranchPoint &point) {
                                   return value < point.bits;
                                 }) -
                curve.begin());
}

static bool covers(const BranchCurve &curve, const BranchPoint &point) {
  size_t at = after(curve, point.bits);
  return at > 0 && curve[at - 1].offChip <= point.offChip;
}

static void insert(BranchCurve &curve, const BranchPoint &point) {
  if (covers(curve, point))
    return;
  size_t at = after(curve, point.bits);
  if (at > 0 && curve[at - 1].bits == point.bits)
    --at;
  size_t end = at;
  while (end < curve.size() && curve[end].offChip >= point.offChip)
    ++end;
  curve.erase(curve.begin() + long(at), curve.begin() + long(end));
  curve.insert(curve.begin() + long(at), point);
}

/// Steps that a free rank may have, and a range of positions in them.
struct StepRange {
  std::span<const int64_t> steps;
  size_t first = 0, last = 0;
  int64_t least() const { return steps[first]; }
  int64_t most() const { return steps[last]; }
};
/// Of each free rank.
using StepRanges = std::vector<StepRange>;

/// Halves ranges as long as `cost` of one is not covered: it is no more than
/// anything in the range costs. Single steps are added.
template <typename Cost>
static void search(StepRanges &ranges, const Cost &cost,
                   const PlainBranches::IsBeaten &isBeaten,
                   BranchCurve &curve) {
  BranchPoint point = cost();
  if (covers(curve, point) || isBeaten(point.bits, point.offChip))
    return;
  StepRange *widest = nullptr;
  double ratio = 0;
  for (StepRange &range : ranges)
    if (double mine = double(range.most()) / double(range.least());
        range.first < range.last && mine > ratio) {
      ratio = mine;
      widest = &range;
    }
  if (!widest) {
    insert(curve, point);
    return;
  }
  auto [steps, from, to] = *widest;
  double middle = std::sqrt(double(steps[from]) * double(steps[to]));
  size_t cut =
      size_t(std::upper_bound(steps.begin() + long(from),
                              steps.begin() + long(to), int64_t(middle)) -
             steps.begin());
  cut = std::max(cut, from + 1);
  widest->last = cut - 1;
  search(ranges, cost, isBeaten, curve);
  widest->first = cut;
  widest->last = to;
  search(ranges, cost, isBeaten, curve);
  widest->first = from;
}

static RankMask bit(unsigned rank) { return RankMask(1) << rank; }

PlainBranches::Operands PlainBranches::operandsOf(EinsumId e,
                                                  unsigned mask) const {
  Operands local;
  const auto &operands = plain.einsums[e].operands;
  for (size_t i = 0; i < operands.size(); ++i)
    if (mask >> i & 1)
      local.push_back(&operands[i]);
  return local;
}

/// No worse than another one, whatever the steps and visits.
bool PlainBranches::Term::isBest(const Term &other) const {
  if (!isStreamed && (other.isStreamed || (other.ones & ~ones) ||
                      ((ranks & ~ones & ~stepped) &
                       ~(other.ranks & ~other.ones & ~other.stepped))))
    return false;
  for (const Repeat &mine : repeats) {
    const Repeat *theirs = nullptr;
    for (const Repeat &repeat : other.repeats)
      if (repeat.rank == mine.rank)
        theirs = &repeat;
    if (!theirs || !mine.values.implies(theirs->values))
      return false;
    if (!mine.tiles.implies(theirs->tiles) &&
        !mine.tiles.implies(theirs->values))
      return false;
  }
  return true;
}

bool PlainBranches::Shape::isBest(const Shape &other) const {
  if (stepped & ~other.stepped)
    return false;
  for (size_t i = 0; i < terms.size(); ++i)
    if (!terms[i].isBest(other.terms[i]))
      return false;
  return true;
}

PlainBranches::Term PlainBranches::termOf(EinsumId e,
                                          const PlainOperand &operand,
                                          const Shape &shape,
                                          int position) const {
  Term term;
  term.isStreamed = position < 0;
  term.ranks = operand.ranks;
  size_t depth = term.isStreamed ? shape.order.size() : size_t(position);
  RankMask looped = 0;
  for (size_t i = 0; i < depth; ++i)
    looped |= bit(shape.order[i]);
  term.ones = shape.ones & looped & operand.ranks;
  term.stepped = shape.stepped & looped & operand.ranks;
  const auto &extents = plain.einsums[e].extents;
  Guard inside; // What moves the tensor further in.
  std::map<unsigned, Repeat> repeats;
  if (term.isStreamed)
    for (unsigned r = unsigned(extents.size()); r-- > 0;) {
      if (extents[r] == 1 || (shape.ones & bit(r)))
        continue;
      bool isStepped = shape.stepped & bit(r);
      if (operand.ranks & bit(r))
        (isStepped ? inside.piece : inside.one) |= bit(r);
      else if (!inside.isEmpty())
        repeats[r] = {r, {}, inside};
    }
  for (size_t i = depth; i-- > 0;) {
    unsigned r = shape.order[i];
    bool isStepped = shape.stepped & bit(r);
    if (operand.ranks & bit(r)) {
      (isStepped ? inside.stepped : inside.one) |= bit(r);
      continue;
    }
    if (inside.isEmpty())
      continue;
    Repeat &repeat = repeats.try_emplace(r, Repeat{r, {}, {}}).first->second;
    (isStepped ? repeat.tiles : repeat.values) = inside;
  }
  for (auto &[rank, repeat] : repeats)
    term.repeats.push_back(repeat);
  term.moves = inside;
  return term;
}

void PlainBranches::placeTensors(EinsumId e, const Operands &local,
                                 Shape &shape,
                                 std::vector<Shape> &shapes) const {
  size_t index = shape.positions.size();
  if (index == local.size()) {
    for (const Shape &other : shapes)
      if (other.isBest(shape))
        return;
    std::erase_if(shapes,
                  [&](const Shape &other) { return shape.isBest(other); });
    shapes.push_back(shape);
    for (const Term &term : shape.terms)
      for (const Repeat &repeat : term.repeats) {
        if (!repeat.tiles.isEmpty())
          shapes.back().counted |= bit(repeat.rank);
        shapes.back().pieces |= repeat.tiles.piece | repeat.values.piece;
      }
    return;
  }
  for (int position = -1; position <= int(shape.order.size()); ++position) {
    shape.positions.push_back(position);
    shape.terms.push_back(termOf(e, *local[index], shape, position));
    placeTensors(e, local, shape, shapes);
    shape.terms.pop_back();
    shape.positions.pop_back();
  }
}

void PlainBranches::addShapes(EinsumId e, const Operands &local, RankMask rest,
                              Shape &shape, std::vector<Shape> &shapes) const {
  placeTensors(e, local, shape, shapes);
  for (unsigned r = 0; r < plain.einsums[e].extents.size(); ++r) {
    if (!(rest & bit(r)))
      continue;
    shape.order.push_back(r);
    shape.ones |= bit(r);
    addShapes(e, local, rest & ~bit(r), shape, shapes);
    shape.ones &= ~bit(r);
    if (shape.free.size() < BranchPoint::kMaxSteps) {
      shape.stepped |= bit(r);
      shape.free.push_back(r);
      addShapes(e, local, rest & ~bit(r), shape, shapes);
      shape.free.pop_back();
      shape.stepped &= ~bit(r);
    }
    shape.order.pop_back();
  }
}

const std::vector<PlainBranches::Shape> &
PlainBranches::shapesOf(EinsumId e, unsigned mask) {
  auto [entry, isNew] = shapes.try_emplace({e, mask});
  if (!isNew)
    return entry->second;
  Operands local = operandsOf(e, mask);
  RankMask all = ~RankMask(0), any = 0;
  for (const PlainOperand *operand : local) {
    all &= operand->ranks;
    any |= operand->ranks;
  }
  // Ranks that every local tensor has cost nothing outside of all others, one
  // by one; those that none has are best left to compute.
  Shape shape;
  if (!local.empty())
    for (unsigned r = 0; r < plain.einsums[e].extents.size(); ++r)
      if (all & bit(r)) {
        shape.order.push_back(r);
        shape.ones |= bit(r);
      }
  std::vector<Shape> &found = entry->second;
  addShapes(e, local, any & ~all, shape, found);
  std::sort(found.begin(), found.end(), [](const Shape &a, const Shape &b) {
    return a.order != b.order ? a.order < b.order
           : a.ones != b.ones ? a.ones < b.ones
                              : a.positions < b.positions;
  });
  return found;
}

/// What comes in per element that a residency begins or ends: an input is read;
/// a result is written each time and read each time but the first.
int64_t PlainBranches::movedBits(const PlainOperand &operand,
                                 int64_t elements) const {
  if (operand.isWrite)
    elements = times(2, elements) - plain.tensors[operand.tensor].elements;
  return times(elements, set.tensors[operand.tensor].bits);
}

PlainBranches::Stays PlainBranches::staysOf(RankMask ranks,
                                            const std::vector<RankTiles> &tiles,
                                            const SoloLoops &solo) {
  Stays stays;
  for (unsigned r = 0; r < tiles.size(); ++r)
    if (tiles[r].isTiled && !(ranks & bit(r)))
      stays.everyTile |= bit(r);
  if (!solo.solo)
    return stays;
  // Loops further in than the last one that moves it leave it where it is,
  // unless another branch runs in between.
  RankMask inner = 0;
  size_t i = solo.order.size();
  while (i > 0 && !(ranks & bit(solo.order[i - 1])))
    inner |= bit(solo.order[--i]);
  RankMask outer = 0;
  while (i > 0)
    outer |= bit(solo.order[--i]);
  stays.everyTile &= ~(inner & solo.solo);
  if (outer & solo.solo) {
    stays.everyTile &= ~inner;
    stays.first = outer & solo.solo & ranks;
    stays.others = stays.everyTile & ~solo.solo;
    stays.again = inner & ~solo.solo;
  }
  return stays;
}

/// Elements of a tensor that come in over all visits, at least.
int64_t PlainBranches::onceOf(const PlainOperand &operand,
                              const std::vector<RankTiles> &tiles,
                              const SoloLoops &solo) const {
  int64_t once = plain.tensors[operand.tensor].elements;
  RankMask everyTile = staysOf(operand.ranks, tiles, solo).everyTile;
  for (unsigned r = 0; r < tiles.size(); ++r)
    if (everyTile & bit(r))
      once = times(once, tiles[r].visits());
  return once;
}

int64_t PlainBranches::least(EinsumId e, unsigned mask,
                             const std::vector<RankTiles> &tiles,
                             const SoloLoops &solo) const {
  int64_t sum = 0;
  const auto &operands = plain.einsums[e].operands;
  for (size_t i = 0; i < operands.size(); ++i)
    if (mask >> i & 1)
      sum = plus(sum, movedBits(operands[i], onceOf(operands[i], tiles, solo)));
  return sum;
}

/// Steps between 1 and the length of a visit that are worth a try: where the
/// number of tiles changes that count, where a last, short visit comes to one
/// tile, and where a piece of one value is left.
static std::vector<int64_t> stepsFor(int64_t length, int64_t last,
                                     bool isCounted, bool hasPieces) {
  std::vector<int64_t> steps;
  for (int64_t visit : {length, last}) {
    int64_t most = visit - 1; // Steps below each other divide it differently.
    if (isCounted)
      for (int64_t step = 2; most > 0;) {
        steps.push_back(step);
        int64_t whole = most / step; // Tiles before the last one.
        if (whole == 0)
          break;
        step = most / whole + 1;
      }
    else
      steps.push_back(last);
    if (hasPieces)
      for (int64_t step = 1; step * step <= most; ++step)
        if (most % step == 0)
          steps.insert(steps.end(), {step, most / step});
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  std::erase_if(steps,
                [&](int64_t step) { return step < 2 || step >= length; });
  return steps;
}

void PlainBranches::addExact(const Query &query, BranchCurve &points) const {
  const auto &[local, shapes, tiles, solo, isBeaten] = query;
  size_t n = tiles.size();
  struct Class {
    int64_t length, count;
  };
  std::vector<std::vector<Class>> classes(n);
  std::vector<int64_t> longest(n);
  for (size_t r = 0; r < n; ++r) {
    int64_t visits = tiles[r].visits();
    int64_t last = tiles[r].extent - (visits - 1) * tiles[r].lo;
    longest[r] = visits == 1 ? last : tiles[r].lo;
    if (last < longest[r])
      classes[r] = {{longest[r], visits - 1}, {last, 1}};
    else
      classes[r] = {{longest[r], visits}};
  }
  // By rank, and whether its tiles and pieces count.
  std::map<std::tuple<unsigned, bool, bool>, std::vector<int64_t>> lists;
  auto listOf = [&](const Shape &shape, unsigned r) -> auto & {
    bool isCounted = shape.counted & bit(r), hasPieces = shape.pieces & bit(r);
    auto [entry, isNew] = lists.try_emplace({r, isCounted, hasPieces});
    if (isNew)
      entry->second = stepsFor(classes[r].front().length,
                               classes[r].back().length, isCounted, hasPieces);
    return entry->second;
  };
  std::vector<Stays> stays;
  for (const PlainOperand *operand : local)
    stays.push_back(staysOf(operand->ranks, tiles, solo));
  const Shape *shape = nullptr;
  StepRanges ranges;
  // The lengths of the ranks that a tensor has, in visits of one kind.
  std::vector<int64_t> small(n, 1), step(n, 1), length(n);
  bool isOne = true; // One step of each free rank, not a range.
  auto hasTiles = [&](const Guard &guard, RankMask units) {
    for (unsigned r = 0; r < n; ++r)
      if (((guard.one & bit(r)) && length[r] > 1) ||
          ((guard.stepped & bit(r)) && length[r] > step[r]) ||
          ((guard.piece & bit(r)) && !(units & bit(r))))
        return true;
    return false;
  };
  auto tilesOf = [&](RankMask ranks) {
    int64_t product = 1;
    for (unsigned r = 0; r < n; ++r)
      if (ranks & bit(r))
        product = times(product, tiles[r].visits());
    return product;
  };
  /// Elements that come in over all these visits, those along stepped ranks
  /// apart that lie in pieces of one value. `firsts`: visits that are first
  /// tiles of Stays::first.
  auto arrivals = [&](const Term &term, const Stays &stay, int64_t visits,
                      int64_t firsts) {
    RankMask split = term.isStreamed ? term.stepped : 0;
    int64_t sum = 0;
    RankMask units = split;
    for (;; units = (units - 1) & split) {
      int64_t product = 1;
      for (unsigned r = 0; r < n; ++r) {
        if (!(term.ranks & bit(r)))
          continue;
        int64_t values = length[r];
        if (split & bit(r)) {
          int64_t single = !isOne || (values - 1) % step[r] == 0;
          values = units & bit(r) ? single : values - single;
        }
        product = times(product, values);
      }
      if (product > 0 && solo.solo && !hasTiles(term.moves, units)) {
        int64_t once = times(times(product, visits), tilesOf(stay.everyTile));
        if (stay.again)
          once =
              plus(once,
                   times(times(product, firsts),
                         times(tilesOf(stay.others), tilesOf(stay.again) - 1)));
        sum = plus(sum, once);
      } else if (product > 0) {
        product = times(product, visits);
        RankMask repeated = 0;
        for (const Repeat &repeat : term.repeats) {
          unsigned r = repeat.rank;
          bool byValue = hasTiles(repeat.values, units);
          if (!byValue && !hasTiles(repeat.tiles, units))
            continue;
          repeated |= bit(r);
          int64_t times_ = 0;
          for (const Class &c : classes[r])
            times_ +=
                c.count * (byValue ? c.length : (c.length - 1) / step[r] + 1);
          product = times(product, times_);
        }
        RankMask once = 0;
        for (unsigned r = 0; r < n; ++r)
          if (tiles[r].isTiled && !(term.ranks & bit(r)))
            once |= bit(r);
        sum = plus(sum, times(product, tilesOf(once & ~repeated)));
      }
      if (units == 0)
        return sum;
    }
  };
  auto moved = [&](size_t i) {
    const Term &term = shape->terms[i];
    int64_t sum = 0;
    auto visit = [&](auto &self, size_t r, int64_t count,
                     int64_t firsts) -> void {
      while (r < n && !(term.ranks & bit(unsigned(r))))
        ++r;
      if (r == n) {
        sum = plus(sum, arrivals(term, stays[i], count, firsts));
        return;
      }
      for (const Class &c : classes[r]) {
        length[r] = c.length;
        bool isFirst = &c == &classes[r][0];
        self(self, r + 1, times(count, c.count),
             stays[i].first & bit(unsigned(r)) ? (isFirst ? firsts : 0)
                                               : times(firsts, c.count));
      }
    };
    visit(visit, 0, 1, 1);
    return sum;
  };
  // Space at the smallest steps, tiles at the largest.
  auto cost = [&] {
    BranchPoint point;
    point.shape = int(shape - shapes.data());
    isOne = true;
    for (size_t i = 0; i < ranges.size(); ++i) {
      small[shape->free[i]] = point.steps[i] = ranges[i].least();
      step[shape->free[i]] = ranges[i].most();
      isOne &= ranges[i].first == ranges[i].last;
    }
    for (size_t i = 0; i < local.size(); ++i) {
      const Term &term = shape->terms[i];
      point.offChip = plus(point.offChip, movedBits(*local[i], moved(i)));
      if (term.isStreamed)
        continue;
      int64_t size = times(copies, set.tensors[local[i]->tensor].bits);
      for (unsigned r = 0; r < n; ++r)
        if (term.ranks & ~term.ones & bit(r))
          size = times(size, term.stepped & bit(r) ? small[r] : longest[r]);
      point.bits = plus(point.bits, size);
    }
    return point;
  };
  for (const Shape &each : shapes) {
    shape = &each;
    ranges.clear();
    for (unsigned r : shape->free) {
      const std::vector<int64_t> &list = listOf(*shape, r);
      if (list.empty())
        break;
      ranges.push_back({list, 0, list.size() - 1});
    }
    if (ranges.size() == shape->free.size())
      search(ranges, cost, isBeaten, points);
  }
}

/// Steps from 2 on, about a quarter apart.
static std::span<const int64_t> ladderBelow(int64_t end) {
  static const std::vector<int64_t> ladder = [] {
    std::vector<int64_t> steps;
    for (int64_t step = 2; step < kPlenty; step += step / 4 + 1)
      steps.push_back(step);
    return steps;
  }();
  return {ladder.begin(), std::lower_bound(ladder.begin(), ladder.end(), end)};
}

/// The same from below where steps of the trunk are known to lie in ranges
/// only, and for steps of the branch in ranges, too: space at the lower ends,
/// tiles at the upper ones.
void PlainBranches::addBounds(const Query &query, BranchCurve &points) const {
  const auto &[local, shapes, tiles, solo, isBeaten] = query;
  size_t n = tiles.size();
  std::vector<int64_t> low(n, 1), high(n, 1);
  std::vector<Stays> stays;
  for (const PlainOperand *operand : local)
    stays.push_back(staysOf(operand->ranks, tiles, solo));
  /// The part of the elements for which a guard may not hold, at most. Where
  /// there may be one tile along a rank, it is in the last visit.
  auto withoutTiles = [&](const Guard &guard) {
    double least = 1;
    for (unsigned r = 0; r < n; ++r) {
      if (!((guard.one | guard.stepped | guard.piece) & bit(r)))
        continue;
      const RankTiles &rank = tiles[r];
      int64_t visits = rank.isTiled ? (rank.extent - 1) / rank.lo + 1 : 1;
      // The last visit, if there are as many with every step.
      int64_t others = visits - 1;
      bool isKnown = rank.visits() == visits;
      int64_t shortest = isKnown ? rank.extent - others * rank.hi : 1;
      int64_t longest = isKnown ? rank.extent - others * rank.lo : rank.hi;
      int64_t values = visits; // A piece of one value in each.
      if ((guard.one | guard.stepped) & bit(r) && !rank.isTiled)
        values = 0;
      else if (guard.one & bit(r))
        values = rank.lo == 1 ? rank.extent : shortest == 1 ? 1 : 0;
      else if (guard.stepped & bit(r))
        values = shortest > high[r] ? 0 : std::min(longest, high[r]);
      least = std::min(least, double(values) / double(rank.extent));
    }
    return least;
  };
  const Shape *shape = nullptr;
  StepRanges ranges;
  auto cost = [&] {
    BranchPoint point;
    point.shape = int(shape - shapes.data());
    for (size_t i = 0; i < ranges.size(); ++i) {
      unsigned r = shape->free[i];
      size_t next = ranges[i].last + 1;
      low[r] = ranges[i].least();
      high[r] = next < ranges[i].steps.size() ? ranges[i].steps[next] - 1
                                              : tiles[r].hi - 1;
    }
    for (size_t i = 0; i < local.size(); ++i) {
      const Term &term = shape->terms[i];
      int64_t once = plain.tensors[local[i]->tensor].elements;
      int64_t again = once;
      for (unsigned r = 0; r < n; ++r)
        if (!(term.ranks & bit(r)) && tiles[r].isTiled) {
          again = times(again, tiles[r].visits());
          if (stays[i].everyTile & bit(r))
            once = times(once, tiles[r].visits());
        }
      // The part of the elements that a repeat multiplies, at least.
      double part = once < again ? 1 - withoutTiles(term.moves) : 1;
      for (const Repeat &repeat : term.repeats) {
        const RankTiles &rank = tiles[repeat.rank];
        int64_t visits = rank.visits(), best = visits;
        double bestPart = part;
        auto consider = [&](const Guard &guard, int64_t count) {
          double with = part - withoutTiles(guard);
          if (guard.isEmpty() ||
              double(count) * with <= double(best) * bestPart)
            return;
          best = count;
          bestPart = with;
        };
        consider(repeat.values, rank.extent);
        // Each visit but the last has several tiles.
        int64_t several = rank.isTiled ? 2 * visits - 1 : 2;
        consider(repeat.tiles,
                 std::max(several, (rank.extent - 1) / high[repeat.rank] + 1));
        again = times(again / visits, best);
        part = bestPart;
      }
      int64_t moved = part >= 1 ? again : once;
      if (part > 0 && part < 1)
        moved += int64_t(double(again - once) * part * (1 - 1e-9));
      point.offChip = plus(point.offChip, movedBits(*local[i], moved));
      if (term.isStreamed)
        continue;
      int64_t size = times(copies, set.tensors[local[i]->tensor].bits);
      for (unsigned r = 0; r < n; ++r)
        if (term.ranks & ~term.ones & bit(r))
          size =
              times(size, term.stepped & bit(r) ? std::min(low[r], tiles[r].lo)
                                                : tiles[r].lo);
      point.bits = plus(point.bits, size);
    }
    return point;
  };
  for (const Shape &each : shapes) {
    shape = &each;
    ranges.clear();
    for (unsigned r : shape->free) {
      auto list = ladderBelow(tiles[r].hi);
      if (list.empty())
        break;
      ranges.push_back({list, 0, list.size() - 1});
    }
    if (ranges.size() == shape->free.size())
      search(ranges, cost, isBeaten, points);
  }
}

BranchCurve PlainBranches::curve(EinsumId e, unsigned mask,
                                 const std::vector<RankTiles> &tiles,
                                 const SoloLoops &solo, bool isExact,
                                 const IsBeaten &isBeaten) {
  BranchCurve points;
  Operands local = operandsOf(e, mask);
  Query query{local, shapesOf(e, mask), tiles, solo, isBeaten};
  if (isExact)
    addExact(query, points);
  else
    addBounds(query, points);
  return points;
}

BranchNest PlainBranches::nestOf(EinsumId e, unsigned mask,
                                 const BranchPoint &point) {
  const Shape &shape = shapesOf(e, mask)[size_t(point.shape)];
  Operands local = operandsOf(e, mask);
  BranchNest nest;
  for (unsigned r : shape.order) {
    int64_t step = 1;
    for (size_t i = 0; i < shape.free.size(); ++i)
      if (shape.free[i] == r)
        step = point.steps[i];
    nest.loops.push_back({e, r, step});
  }
  for (size_t i = 0; i < local.size(); ++i)
    if (shape.positions[i] >= 0)
      nest.kept.push_back({local[i]->tensor, 1, unsigned(shape.positions[i])});
  return nest;
}
