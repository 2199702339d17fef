//===- TileProducts.cpp - Costs as products over groups of ranks ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileProducts.h"
#include "PlainSet.h"
#include "looptree/Mapping/Mapping.h"

#include <algorithm>

using namespace looptree;

static std::optional<int64_t> product(std::optional<int64_t> a, int64_t b) {
  int64_t result;
  if (!a || __builtin_mul_overflow(*a, b, &result))
    return std::nullopt;
  return result;
}

const TileProducts::Operand *TileProducts::operandOf(EinsumId e,
                                                     TensorId t) const {
  for (const Operand &operand : operands[e])
    if (operand.access->tensor == t)
      return &operand;
  return nullptr;
}

/// The values of an expression inside a tensor; nothing if they have gaps.
std::optional<TileProducts::Interval>
TileProducts::intervalOf(EinsumId e, const LinearExpr &expr, const Side &box,
                         int64_t size) const {
  Interval values{expr.constant, expr.constant};
  int64_t reach = 0;
  // Smaller coefficients fill the gaps of larger ones.
  std::array<std::pair<int64_t, int64_t>, 8> strides;
  size_t count = 0;
  for (const LinearExpr::Term &term : expr.terms) {
    const Interval &rank = box[rankPosition[e][term.rank]];
    values.lo += term.coefficient * rank.lo;
    values.hi += term.coefficient * rank.hi;
    if (rank.size() > 1) {
      if (count == strides.size())
        return std::nullopt;
      strides[count++] = {term.coefficient, rank.size() - 1};
    }
  }
  std::sort(strides.begin(), strides.begin() + count);
  for (size_t i = 0; i < count; ++i) {
    if (strides[i].first > reach + 1)
      return std::nullopt;
    reach += strides[i].first * strides[i].second;
  }
  values.lo = std::max<int64_t>(values.lo, 0);
  values.hi = std::min(values.hi, size - 1);
  return values;
}

bool TileProducts::windowOf(EinsumId e, const Operand &operand, size_t group,
                            const Side &box, Side &window,
                            bool &isEmpty) const {
  window.clear();
  isEmpty = false;
  for (unsigned d : operand.dims[group]) {
    auto values = intervalOf(e, operand.access->index[d], box,
                             set.tensors[operand.access->tensor].shape[d]);
    if (!values)
      return false;
    isEmpty |= values->size() == 0;
    window.push_back(*values);
  }
  return true;
}

TileProducts::Tiles &TileProducts::firstTiles(size_t group,
                                              std::optional<For> loop) {
  EinsumId head = EinsumId(set.einsums.size() - 1);
  auto [entry, isNew] = heads.try_emplace(
      {int64_t(group), loop ? int64_t(loop->rank) : -1, loop ? loop->step : 0});
  Tiles &tiles = entry->second;
  if (!isNew)
    return tiles;
  Side box = fullBox[head][group];
  if (!loop) {
    tiles.runs = {true};
    tiles.boxes = {box};
    return tiles;
  }
  tiles.trunkRank = loop->rank;
  Interval &rank = box[rankPosition[head][loop->rank]];
  int64_t extent = set.einsums[head].ranks[loop->rank].extent;
  for (int64_t lo = 0; lo < extent; lo += loop->step) {
    rank = {lo, std::min(lo + loop->step, extent) - 1};
    tiles.runs.push_back(true);
    tiles.boxes.push_back(box);
  }
  return tiles;
}

/// Of a tensor's consumers those that read, in this group, whatever any does;
/// `at`: per einsum.
unsigned TileProducts::leadersOf(TensorId t, size_t group,
                                 const std::vector<const Tiles *> &at) const {
  std::vector<EinsumId> readers = set.consumers(t);
  if (readers.size() == 1)
    return 1;
  unsigned leaders = (1u << readers.size()) - 1;
  size_t tiles = at[readers[0]]->runs.size();
  std::vector<Side> windows(readers.size());
  std::vector<bool> has(readers.size());
  for (size_t n = 0; n < tiles; ++n) {
    for (size_t i = 0; i < readers.size(); ++i) {
      const Tiles &mine = *at[readers[i]];
      has[i] = mine.runs[n];
      bool isEmpty = false;
      if (has[i] && !windowOf(readers[i], *operandOf(readers[i], t), group,
                              mine.boxes[n], windows[i], isEmpty))
        return 0;
      if (isEmpty)
        has[i] = false;
    }
    for (size_t i = 0; i < readers.size(); ++i)
      for (size_t j = 0; j < readers.size(); ++j) {
        bool covers = !has[j] || has[i];
        for (size_t d = 0; covers && has[j] && d < windows[j].size(); ++d)
          covers = windows[i][d].lo <= windows[j][d].lo &&
                   windows[i][d].hi >= windows[j][d].hi;
        if (!covers)
          leaders &= ~(1u << i);
      }
  }
  return leaders;
}

TileProducts::Tiles &TileProducts::tilesBefore(size_t group, EinsumId e,
                                               Tiles &next, Made made) {
  std::unique_ptr<Tiles> &child = next.before[made];
  if (child)
    return *child;
  child = std::make_unique<Tiles>();
  Tiles &tiles = *child;
  tiles.trunkRank = next.trunkRank;
  size_t count = next.runs.size();
  tiles.runs.assign(count, false);
  tiles.boxes.assign(count, fullBox[e][group]);
  const Access &write = set.einsums[e].write;
  EinsumId reader =
      set.consumers(write.tensor)[size_t(__builtin_ctz(*next.leaders))];
  const Tiles &asking = *path[group][reader];
  const Operand &read = *operandOf(reader, write.tensor);
  const Operand &written = operands[e].back();
  const std::vector<unsigned> &dims = written.dims[group];
  Side window, last;
  bool hasLast = false;
  for (size_t n = 0; n < count && !tiles.isBad; ++n) {
    bool isEmpty = false;
    if (!asking.runs[n])
      continue;
    if (!windowOf(reader, read, group, asking.boxes[n], window, isEmpty)) {
      tiles.isBad = true;
      break;
    }
    if (isEmpty)
      continue;
    Side fresh = window;
    if (made != Whole && hasLast) {
      if (dims.empty())
        continue;
      // A step back, or two dimensions that move at once, is not a box.
      if (dims.size() > 1 || window[0].lo < last[0].lo ||
          window[0].hi < last[0].hi) {
        tiles.isBad = true;
        break;
      }
      fresh[0].lo = std::max(window[0].lo, last[0].hi + 1);
    } else if (made == CarriedAround && dims.size() == 1) {
      auto around = ends(write.tensor, reader, group);
      fresh[0].hi = std::min(window[0].hi, around->second[0].lo - 1);
    }
    last = window;
    hasLast = true;
    if (!fresh.empty() && fresh[0].size() == 0)
      continue;
    tiles.runs[n] = true;
    for (size_t i = 0; i < dims.size(); ++i) {
      RankId r = write.index[dims[i]].terms[0].rank;
      tiles.boxes[n][rankPosition[e][r]] = fresh[i];
    }
  }
  return tiles;
}

/// What a tensor's user takes in the first tile and the last.
std::optional<std::pair<TileProducts::Side, TileProducts::Side>>
TileProducts::ends(TensorId t, EinsumId user, size_t group) {
  const Tiles &tiles = *path[group][user];
  std::optional<std::pair<Side, Side>> result;
  Side window;
  bool isEmpty = false;
  for (size_t n = 0; n < tiles.runs.size(); ++n) {
    if (!tiles.runs[n])
      continue;
    if (!windowOf(user, *operandOf(user, t), group, tiles.boxes[n], window,
                  isEmpty))
      return std::nullopt;
    if (isEmpty)
      continue;
    if (!result)
      result.emplace(window, window);
    result->second = window;
  }
  return result;
}

bool TileProducts::enter(std::span<const For> loops,
                         std::span<const TrunkPlace> places,
                         const std::vector<bool> &outside) {
  trunk.assign(loops.begin(), loops.end());
  isOutside = outside;
  boundAt.reset();
  outer.reset();
  EinsumId head = EinsumId(set.einsums.size() - 1);
  loopOf.assign(groups, std::nullopt);
  path.assign(groups, std::vector<Tiles *>(set.einsums.size()));
  for (size_t i = 0; i < trunk.size(); ++i) {
    std::optional<size_t> &here = loopOf[rankGroup[head][trunk[i].rank]];
    if (here)
      return false; // Windows slide in two ways.
    here = i;
  }
  for (size_t g = 0; g < groups; ++g)
    path[g][head] = &firstTiles(g, loopOf[g] ? std::optional(trunk[*loopOf[g]])
                                             : std::nullopt);
  for (EinsumId e = head; e-- > 0;) {
    TensorId t = set.einsums[e].write.tensor;
    unsigned leaders = ~0u;
    for (size_t g = 0; g < groups; ++g) {
      Tiles &next = *path[g][e + 1];
      if (!next.leaders) {
        std::vector<const Tiles *> at(path[g].begin(), path[g].end());
        next.leaders = leadersOf(t, g, at);
      }
      leaders &= *next.leaders;
    }
    if (leaders == 0)
      return false;
    EinsumId user = set.consumers(t)[size_t(__builtin_ctz(leaders))];
    std::vector<Made> made(groups, Carried);
    // Before an L nothing but the least is known.
    unsigned depth = outside[t] || boundAt ? 0 : unsigned(places[t].depth);
    std::optional<size_t> innermost; // Loop's group that moves it.
    size_t moving = 0, whole = 0;
    // From the buffer outwards: whether all loops so far leave the tensor where
    // it is when they begin again, whether some take it somewhere else.
    bool stays = !(depth > 0 && places[t].noReuse), leaves = !stays;
    for (size_t i = depth; i-- > 0;) {
      size_t group = rankGroup[head][trunk[i].rank];
      made[group] = stays ? Carried : Whole;
      whole += !stays;
      if (!stays && !leaves) {
        // Neither all of it nor nothing is held still.
        boundAt = e;
        shrunk = *innermost;
      }
      auto window = ends(t, user, group);
      if (!window)
        return false;
      if (window->first == window->second)
        continue;
      stays = false;
      if (++moving == 2)
        outer = group;
      if (!innermost)
        innermost = group;
      for (size_t d = 0; d < window->first.size(); ++d)
        leaves |= window->second[d].lo > window->first[d].hi;
    }
    if (boundAt == e)
      made[shrunk] = CarriedAround;
    if (!boundAt || (boundAt == e && (moving != 2 || whole != 1)))
      outer.reset();
    for (size_t g = 0; g < groups; ++g) {
      path[g][e] = &tilesBefore(g, e, *path[g][e + 1], made[g]);
      if (path[g][e]->isBad)
        return false;
    }
  }
  widest.reset();
  for (EinsumId e = 0; e < head && !widest; ++e) {
    bool isWidest = true;
    for (size_t g = 0; g < groups && isWidest; ++g)
      for (EinsumId other = 0; other < head; ++other)
        for (size_t n = 0; n < path[g][e]->runs.size(); ++n)
          isWidest &= path[g][e]->runs[n] || !path[g][other]->runs[n];
    if (isWidest)
      widest = e;
  }
  return widest.has_value();
}

const std::optional<TileProducts::Sums> &
TileProducts::sumsOf(EinsumId e, const Operand &operand, size_t group,
                     bool isSplit, std::span<const For> own, bool isUnit,
                     const Tiles *other) {
  Tiles &tiles = *path[group][e];
  std::vector<int64_t> key{&operand - operands[e].data(),
                           int64_t(isSplit) * 2 + isUnit,
                           int64_t(reinterpret_cast<intptr_t>(other))};
  for (const For &loop : own) {
    key.push_back(loop.rank);
    key.push_back(loop.step);
  }
  auto [entry, isNew] = tiles.sums.try_emplace(std::move(key));
  std::optional<Sums> &result = entry->second;
  if (!isNew)
    return result;
  std::vector<For> inner(own.begin(), own.end());
  if (isUnit)
    for (RankId r = 0; r < rankGroup[e].size(); ++r)
      if (rankGroup[e][r] == group)
        inner.push_back({e, r, 1});
  size_t isTiled = isSplit && tiles.trunkRank ? 1 : 0;
  size_t depth = isTiled + inner.size();
  if (depth > kMostLoops)
    return result;

  Sums sums;
  bool isBad = false, hasAny = false;
  std::vector<int64_t> index(depth), lastIndex(depth);
  std::vector<Side> first(depth + 1);
  std::vector<bool> firstLost(depth + 1);
  Side last, window;
  auto overlap = [](const Side &a, const Side &b) {
    int64_t count = 1;
    for (size_t d = 0; d < a.size(); ++d)
      count *= Interval{std::max(a[d].lo, b[d].lo), std::min(a[d].hi, b[d].hi)}
                   .size();
    return count;
  };
  /// Ends what the first q loops hold still, for all q from `from` on.
  auto close = [&](size_t from) {
    for (size_t q = from; q <= depth; ++q) {
      int64_t count = overlap(first[q], last);
      sums.block[q] += count;
      if (firstLost[q])
        sums.lostBlock[q] += count;
    }
  };
  auto add = [&](const Side &side, bool isLost) {
    ++sums.count;
    sums.largest = std::max(sums.largest, overlap(side, side));
    size_t from = 0;
    if (hasAny) {
      size_t q = 0;
      while (q < depth && index[q] == lastIndex[q])
        ++q;
      int64_t count = overlap(side, last);
      sums.tick[q] += count;
      if (isLost)
        sums.lostTick[q] += count;
      from = q + 1;
      close(from);
    }
    for (size_t q = from; q <= depth; ++q) {
      first[q] = side;
      firstLost[q] = isLost;
    }
    last = side;
    lastIndex = index;
    hasAny = true;
  };
  auto visit = [&](auto &self, size_t at, Side &box, bool isLost) -> void {
    if (isBad)
      return;
    if (at == inner.size()) {
      bool isEmpty = false;
      if (!windowOf(e, operand, group, box, window, isEmpty))
        isBad = true;
      else if (!isEmpty)
        add(window, isLost);
      return;
    }
    Interval &rank = box[rankPosition[e][inner[at].rank]];
    Interval whole = rank;
    int64_t &tile = index[isTiled + at];
    tile = 0;
    for (int64_t lo = whole.lo; lo <= whole.hi; lo += inner[at].step, ++tile) {
      rank = {lo, std::min(lo + inner[at].step - 1, whole.hi)};
      self(self, at + 1, box, isLost);
    }
    rank = whole;
  };
  if (isTiled || !tiles.trunkRank) {
    for (size_t n = 0; n < tiles.runs.size() && !isBad; ++n) {
      if (!tiles.runs[n])
        continue;
      if (isTiled)
        index[0] = int64_t(n);
      bool isLost = other && other->runs[n];
      int64_t largest = sums.largest;
      sums.largest = 0;
      Side box = tiles.boxes[n];
      visit(visit, 0, box, isLost);
      // Where the window is empty others may run, with what is held lost.
      if (sums.largest == 0 && other &&
          std::count(other->runs.begin(), other->runs.end(), false) > 0)
        isBad = true;
      sums.largest = std::max(sums.largest, largest);
    }
  } else {
    // All that the loop takes, in one window.
    Side hull;
    for (size_t n = 0; n < tiles.runs.size() && !isBad; ++n) {
      if (!tiles.runs[n])
        continue;
      bool isEmpty = false;
      if (!windowOf(e, operand, group, tiles.boxes[n], window, isEmpty)) {
        isBad = true;
        break;
      }
      if (isEmpty)
        continue;
      if (!hasAny)
        hull = window;
      hasAny = true;
      if (window == hull)
        continue;
      if (hull.size() != 1 || window[0].lo < hull[0].lo ||
          window[0].lo > hull[0].hi + 1)
        isBad = true;
      else
        hull[0].hi = std::max(hull[0].hi, window[0].hi);
    }
    bool any = hasAny;
    hasAny = false;
    if (any)
      add(hull, other != nullptr);
  }
  if (isBad)
    return result;
  if (hasAny)
    close(0);
  result = sums;
  return result;
}

std::optional<int64_t>
TileProducts::arrivals(const std::vector<const Sums *> &sums,
                       const std::vector<Loop> &loops, bool isLost) const {
  std::array<size_t, kMostGroups> above{}; // Loops of each group so far.
  std::vector<size_t> all(groups, 0);
  for (const Loop &loop : loops)
    ++all[loop.group];
  std::optional<int64_t> result = 1;
  for (size_t g = 0; g < groups; ++g)
    result = product(result, sums[g]->block[all[g]]);
  if (!result || isLost)
    return result;
  for (const Loop &loop : loops) {
    int64_t kept = 1, lost = 1;
    for (size_t g = 0; g < groups; ++g) {
      bool isOwn = g == loop.group;
      size_t q = above[g];
      kept *= isOwn ? sums[g]->tick[q] : sums[g]->block[q];
      lost *= isOwn ? sums[g]->lostTick[q] : sums[g]->lostBlock[q];
    }
    *result -= loop.isOfTrunk ? kept - lost : kept;
    ++above[loop.group];
  }
  return result;
}

/// Whose windows of a tensor hold all that anyone's do.
std::optional<EinsumId> TileProducts::userOf(TensorId t) {
  std::vector<EinsumId> readers = set.consumers(t);
  if (readers.empty())
    return EinsumId(set.einsums.size() - 1);
  unsigned leaders = (1u << readers.size()) - 1;
  auto producer = set.producer(t);
  for (size_t g = 0; g < groups && readers.size() > 1; ++g) {
    if (producer) {
      leaders &= *path[g][*producer + 1]->leaders;
      continue;
    }
    std::vector<const Tiles *> at(path[g].begin(), path[g].end());
    leaders &= leadersOf(t, g, at);
  }
  if (leaders == 0)
    return std::nullopt;
  return readers[size_t(__builtin_ctz(leaders))];
}

/// Windows that are larger hold more still: at most what the tiles before had
/// of what the windows of the box within the L leave out.
int64_t TileProducts::slackOf(EinsumId e, const Operand &operand,
                              const std::vector<const Sums *> &sums,
                              const std::vector<Loop> &loops) {
  bool isSplit = std::any_of(loops.begin(), loops.end(), [&](const Loop &loop) {
    return loop.group == shrunk;
  });
  Tiles *within = path[shrunk][e];
  path[shrunk][e] = &tilesBefore(shrunk, e, *path[shrunk][e + 1], Carried);
  auto &whole = sumsOf(e, operand, shrunk, isSplit, {}, false, nullptr);
  path[shrunk][e] = within;
  if (!whole)
    return kPlenty;
  int64_t rest = whole->block[isSplit] - sums[shrunk]->block[isSplit];
  int64_t slack = 0;
  std::vector<size_t> above(groups, 0);
  for (const Loop &loop : loops) {
    int64_t held = rest;
    for (size_t g = 0; g < groups; ++g)
      if (g != shrunk)
        held = times(held, g == loop.group ? sums[g]->tick[above[g]]
                                           : sums[g]->block[above[g]]);
    ++above[loop.group];
    if (loop.group != shrunk)
      slack = plus(slack, held);
  }
  return slack;
}

std::optional<TensorCost> TileProducts::onTrunk(TensorId t, unsigned depth,
                                                bool noReuse) {
  std::vector<EinsumId> readers = set.consumers(t);
  bool isShared = readers.size() > 1;
  for (EinsumId reader : readers)
    if (boundAt && (reader < *boundAt || (isShared && reader == *boundAt)))
      return TensorCost{set.tensors[t].bits, isOutside[t] ? leastMoves[t] : 0,
                        depth == trunk.size()};
  auto user = userOf(t);
  if (!user)
    return std::nullopt;
  bool isLeast = boundAt == *user;
  const Operand &operand = *operandOf(*user, t);
  std::vector<Loop> loops;
  for (unsigned i = 0; i < depth; ++i)
    loops.push_back({rankGroup.back()[trunk[i].rank], true});
  std::vector<const Sums *> sums;
  std::optional<int64_t> bits = set.tensors[t].bits;
  for (size_t g = 0; g < groups; ++g) {
    auto &found = sumsOf(*user, operand, g, loopOf[g] && *loopOf[g] < depth, {},
                         false, nullptr);
    if (!found)
      return std::nullopt;
    sums.push_back(&*found);
    bits = product(bits, found->largest);
  }
  auto moved = arrivals(sums, loops, noReuse);
  auto all = arrivals(sums, loops, true);
  bool dies = depth == trunk.size();
  for (size_t g = 0; g < groups && dies && !noReuse; ++g) {
    const Tiles &tiles = *path[g][*user];
    // An empty window leaves what is there standing.
    dies &= isLeast ||
            (moved == all && sums[g]->count == int64_t(tiles.runs.size()));
  }
  if (isLeast && moved && !noReuse)
    moved = std::max<int64_t>(*moved - slackOf(*user, operand, sums, loops),
                              leastMoves[t] / set.tensors[t].bits);
  if (moved && set.tensors[t].kind == TensorKind::Output) {
    std::optional<int64_t> once = 1;
    for (int64_t size : set.tensors[t].shape)
      once = product(once, size);
    moved = product(moved, 2);
    if (moved)
      *moved -= *once;
  }
  moved = product(moved, set.tensors[t].bits);
  if (!bits || !moved)
    return std::nullopt;
  return TensorCost{*bits, isOutside[t] ? *moved : 0, dies};
}

/// Of a buffer that keeps nothing between visits: all of the boxes less the
/// corner that an L lacks, which is what both the outer loop's tile and the
/// inner loop's first one take only because of what is there already.
std::optional<int64_t>
TileProducts::aroundCorners(EinsumId e, const Operand &operand,
                            std::vector<const Sums *> sums,
                            const std::vector<Loop> &loops) {
  auto with = [&](size_t group, Made made) -> const std::optional<Sums> & {
    Tiles *now = path[group][e];
    path[group][e] = &tilesBefore(group, e, *path[group][e + 1], made);
    auto &found = sumsOf(e, operand, group, true, {}, false, path[group][e]);
    path[group][e] = now;
    return found;
  };
  auto &fresh = with(*outer, Carried), &whole = with(shrunk, Carried);
  if (!fresh || !whole)
    return std::nullopt;
  Sums corners[2];
  corners[0].block[1] = sums[*outer]->block[1] - fresh->block[1];
  corners[1].block[1] = whole->block[1] - sums[shrunk]->block[1];
  sums[shrunk] = &*whole;
  auto boxes = arrivals(sums, loops, false);
  sums[*outer] = &corners[0];
  sums[shrunk] = &corners[1];
  for (Sums &corner : corners)
    corner.lostBlock = corner.block;
  auto missing = arrivals(sums, loops, false);
  if (!boxes || !missing)
    return std::nullopt;
  return *boxes - *missing;
}

std::optional<TensorCost> TileProducts::inBranch(EinsumId e, TensorId t,
                                                 std::span<const For> own,
                                                 bool isRetained) {
  const Operand &operand = *operandOf(e, t);
  bool isHead = e + 1 == set.einsums.size();
  bool isSliding = std::any_of(own.begin(), own.end(), [&](const For &loop) {
    return loopOf[rankGroup[e][loop.rank]].has_value();
  });
  if (boundAt && (e < *boundAt || (e == *boundAt && isSliding)))
    return TensorCost{isRetained ? set.tensors[t].bits : 0,
                      set.consumers(t).size() > 1 ? 0 : leastMoves[t], false};
  bool isWrite = operand.access == &set.einsums[e].write;
  std::vector<Loop> loops;
  for (const For &loop : trunk)
    loops.push_back({rankGroup.back()[loop.rank], true});
  for (const For &loop : own)
    loops.push_back({rankGroup[e][loop.rank], false});
  if (!isRetained)
    for (size_t group : rankGroup[e])
      loops.push_back({group, false});
  std::vector<const Sums *> sums;
  std::optional<int64_t> bits = set.tensors[t].bits, once = 1;
  std::vector<For> mine;
  for (size_t g = 0; g < groups; ++g) {
    mine.clear();
    for (const For &loop : own)
      if (rankGroup[e][loop.rank] == g)
        mine.push_back(loop);
    auto &found =
        sumsOf(e, operand, g, true, mine, !isRetained, othersOf(e, g));
    if (!found)
      return std::nullopt;
    sums.push_back(&*found);
    bits = product(bits, found->largest);
    if (!isWrite || isHead)
      continue;
    auto &tiles = sumsOf(e, operand, g, true, {}, false, path[g][e]);
    if (!tiles)
      return std::nullopt;
    once = product(once, tiles->block[loopOf[g].has_value()]);
  }
  if (isWrite && isHead)
    for (int64_t size : set.tensors[t].shape)
      once = product(once, size);
  auto moved = arrivals(sums, loops, false);
  if (boundAt == e && outer && isRetained && moved)
    moved = aroundCorners(e, operand, sums, loops).value_or(*moved);
  if (isWrite) {
    moved = product(moved, 2);
    if (moved && once)
      *moved -= *once;
  }
  moved = product(moved, set.tensors[t].bits);
  if (!bits || !moved || !once)
    return std::nullopt;
  return TensorCost{isRetained ? *bits : 0, *moved, false};
}

int64_t TileProducts::Tiles::ops() const {
  int64_t sum = 0;
  for (size_t n = 0; n < runs.size(); ++n) {
    int64_t values = runs[n];
    for (const Interval &rank : boxes[n])
      values *= rank.size();
    sum += values;
  }
  return sum;
}

std::optional<int64_t> TileProducts::opsOf(EinsumId e) {
  std::optional<int64_t> ops = 1;
  for (size_t g = 0; g < groups; ++g)
    ops = product(ops, path[g][e]->ops());
  return ops;
}

std::optional<int64_t> TileProducts::recompute() {
  int64_t sum = 0;
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    auto ops = boundAt && e < *boundAt ? std::optional(leastOps[e]) : opsOf(e);
    sum -= leastOps[e];
    if (!ops || __builtin_add_overflow(sum, *ops, &sum))
      return std::nullopt;
  }
  return sum;
}

std::vector<int64_t> TileProducts::keyOf(EinsumId e) const {
  std::vector<int64_t> key;
  for (size_t g = 0; g < groups; ++g) {
    key.push_back(int64_t(reinterpret_cast<intptr_t>(path[g][e])));
    key.push_back(int64_t(reinterpret_cast<intptr_t>(othersOf(e, g))));
  }
  if (boundAt && e <= *boundAt)
    key.push_back(e == *boundAt ? -1 : -2);
  // What stays between visits depends on the order of the trunk's loops.
  bool stays = false;
  for (size_t g = 0; g < groups; ++g)
    for (size_t n = 0; n < path[g][e]->runs.size(); ++n)
      stays |= path[g][e]->runs[n] && !othersOf(e, g)->runs[n];
  for (size_t i = 0; i < trunk.size() && stays; ++i)
    key.push_back(trunk[i].rank);
  return key;
}
