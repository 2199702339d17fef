//===- BoxTiles.cpp - The sides of boxes, loop by loop -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoxTiles.h"

#include <algorithm>
#include <bit>
#include <cassert>

using namespace looptree;

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// Whether both lie on one lattice, the coarser stride of which is `stride`.
static bool alignedRuns(const Run &a, const Run &b, int64_t &stride) {
  stride = a.n == 1 ? b.stride : a.stride;
  if (stride == 1)
    return a.stride == b.stride || a.n == 1 || b.n == 1;
  return (a.n == 1 || b.n == 1 || a.stride == b.stride) &&
         (a.lo - b.lo) % stride == 0;
}

static int64_t sharedElements(const Run &a, const Run &b) {
  int64_t lo = std::max(a.lo, b.lo), hi = std::min(a.last(), b.last());
  if (lo > hi)
    return 0;
  if (a.stride == 1 && b.stride == 1)
    return hi - lo + 1;
  auto both = intersect(a, b);
  return both ? both->n : 0;
}

static bool containsRun(const Run &outer, const Run &inner) {
  return inner.lo >= outer.lo && inner.last() <= outer.last() &&
         (outer.stride == 1 ||
          ((inner.lo - outer.lo) % outer.stride == 0 &&
           (inner.n == 1 || inner.stride % outer.stride == 0)));
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Steps of a loop that are kept, hashed; and places where one may be.
static constexpr unsigned kKeptBits = 7, kKeptPlaces = 4;

void BoxTiles::startPlan(const BoxPlan &b) {
  id = b.id;
  isValid = false;
  numLoops = unsigned(b.loops.size());
  now = {};
  used = 0;
  for (unsigned l = 0; l < numLoops; ++l)
    kept[l].assign(size_t(1) << kKeptBits, nullptr);
  if (axisSides.size() < b.axisSides)
    axisSides.resize(b.axisSides);
  clipped.resize(b.accesses.size());
  windows.resize(b.tensors.size());
}

BoxTiles::Along &BoxTiles::along(unsigned l, int64_t step) {
  uint64_t home = uint64_t(step) * 0x9E3779B97F4A7C15 >> (64 - kKeptBits);
  for (unsigned place = 0; place < kKeptPlaces; ++place) {
    Along *&here = kept[l][(home + place) % kept[l].size()];
    if (!here) {
      if (used == pool.size())
        pool.push_back(std::make_unique<Along>());
      here = pool[used++].get();
      here->accesses.resize(boxes->accesses.size());
      here->einsums.resize(boxes->einsums.size());
    } else if (here->loop.step == step) {
      return *here;
    } else if (place + 1 < kKeptPlaces) {
      continue;
    }
    here->loop.step = step;
    here->isComplete = false;
    return *here;
  }
  __builtin_unreachable();
}

void BoxTiles::setStale(unsigned l) {
  stale |= uint32_t(1) << l;
  changed |= uint32_t(1) << l;
  now[l]->isComplete = false;
}

bool BoxTiles::run(const Plan::Impl &p, const BoxPlan &b,
                   std::span<const int64_t> steps) {
  plan = &p;
  boxes = &b;
  if (id != b.id)
    startPlan(b);
  stale = 0;
  changed = isValid ? 0 : ~uint32_t(0);
  isValid = false;
  everyTileEntered = true;
  if (!chooseTiles(steps))
    return false;
  for (EinsumId e = EinsumId(b.einsums.size()); e-- > 0;) {
    const BoxEinsum &einsum = b.einsums[e];
    if (!einsum.isHead && !placeProducer(e))
      return false;
    for (unsigned l : einsum.nest)
      if (isStale(l) && b.loops[l].hasTiles && (einsum.isHead || l >= b.trunk))
        placeTiles(e, l);
    sumOps(e);
    for (unsigned access : einsum.reads) {
      for (unsigned l : b.accesses[access].followed)
        if (isStale(l) && !followAlong(access, l))
          return false;
      if (!walkAxes(access))
        return false;
    }
    for (unsigned l : b.accesses[einsum.write].followed)
      if (isStale(l) && !followWrite(e, l))
        return false;
    if (!walkAxes(einsum.write))
      return false;
  }
  for (TensorId t = 0; t < b.tensors.size(); ++t)
    if (b.tensors[t].hasWindow &&
        plan->workload.tensors[t].kind != TensorKind::Intermediate &&
        !chooseWindow(t))
      return false;
  for (unsigned a = 0; a < b.accesses.size(); ++a) {
    clipped[a] = false;
    for (unsigned l : b.accesses[a].followed)
      clipped[a] |= accessAlong(a, l).cut != 0;
    for (const BoxAxis &axis : b.accesses[a].axes)
      clipped[a] |= axisSides[axis.sides + axis.dividers.size()].isCut;
  }
  for (unsigned l = 0; l < numLoops; ++l)
    now[l]->isComplete = true;
  isValid = true;
  return true;
}

bool BoxTiles::chooseTiles(std::span<const int64_t> steps) {
  for (unsigned l = 0; l < numLoops; ++l) {
    const BoxLoop &info = boxes->loops[l];
    int64_t step = info.hasTiles ? std::min(steps[info.step], info.extent)
                                 : steps[info.step];
    Along *last = now[l];
    if (!last || last->loop.step != step)
      now[l] = &along(l, step);
    if (now[l] != last)
      changed |= uint32_t(1) << l;
    if (now[l]->isComplete)
      continue;
    setStale(l);
    if (!cutLoop(l))
      return false;
    Along &fresh = *now[l];
    fresh.runs.resize(
        std::max(fresh.runs.size(), size_t(info.streams) * fresh.loop.entries));
    fresh.lengths.resize(std::max(fresh.lengths.size(),
                                  fresh.accesses.size() * fresh.loop.entries));
  }
  return true;
}

/// Finds the tiles of a loop that differ; false where these are many.
bool BoxTiles::cutLoop(unsigned l) {
  const BoxLoop &info = boxes->loops[l];
  Loop &loop = now[l]->loop;
  loop.entries = 0;
  loop.steady = kNone;
  loop.steadyCount = 1;
  if (!info.hasTiles)
    return true;
  int64_t tiles = (info.extent + loop.step - 1) / loop.step;
  // Tile `head` is like the one before it, which is inside all shapes and
  // has a tile before it; tiles from `tail` on are cut at the end.
  int64_t head =
      std::max<int64_t>(2, (info.behind + loop.step - 1) / loop.step + 1);
  int64_t tail = (info.extent - info.ahead) / loop.step;
  if (info.ahead > info.extent || tail - head < 2) {
    if (tiles > int64_t(kMaxEntries))
      return false;
    loop.entries = unsigned(tiles);
    for (unsigned i = 0; i < loop.entries; ++i)
      loop.first[i] = i;
    return true;
  }
  if (head + 1 + tiles - tail > int64_t(kMaxEntries))
    return false;
  loop.entries = unsigned(head + 1 + tiles - tail);
  loop.steady = unsigned(head);
  loop.steadyCount = tail - head;
  for (unsigned i = 0; i <= loop.steady; ++i)
    loop.first[i] = i;
  for (unsigned i = loop.steady + 1; i < loop.entries; ++i)
    loop.first[i] = tail + (i - loop.steady - 1);
  return true;
}

int64_t BoxTiles::iterations(uint64_t mask, unsigned l) const {
  int64_t total = std::popcount(mask);
  if (loop(l).steady != kNone && (mask >> loop(l).steady & 1))
    total += loop(l).steadyCount - 1;
  return total;
}

/// The tiles of a loop over ranks of an einsum that begin where it says.
void BoxTiles::placeTiles(EinsumId e, unsigned l) {
  const Loop &loop = this->loop(l);
  const BoxLoop &info = boxes->loops[l];
  einsumAlong(e, l).entered = firstBits(loop.entries);
  for (RankId r : boxes->einsums[e].ranksOf[l]) {
    Run *out = rankRuns(e, r);
    for (unsigned i = 0; i < loop.entries; ++i) {
      int64_t lo = loop.first[i] * loop.step;
      out[i] = {info.lo + lo, std::min(loop.step, info.extent - lo), 1};
    }
  }
}

/// The run of the tile before, seen from `entry`, which is the one just before
/// the entry asked about.
Run BoxTiles::before(const Run *at, unsigned entry, int64_t scale,
                     unsigned l) const {
  Run run = at[entry];
  if (entry == loop(l).steady)
    run.lo += (loop(l).steadyCount - 1) * scale * loop(l).step;
  return run;
}

/// Whether the steady entry is like the one before it but for its place.
bool BoxTiles::isSteady(const Run *at, int64_t scale, unsigned l) const {
  unsigned i = loop(l).steady;
  return at[i].n == at[i - 1].n && at[i].stride == at[i - 1].stride &&
         at[i].lo == at[i - 1].lo + scale * loop(l).step;
}

bool BoxTiles::placeProducer(EinsumId e) {
  TensorId t = boxes->einsums[e].made;
  if (!chooseWindow(t))
    return false;
  unsigned need = windows[t];
  const Buffer &backing = plan->buffers[plan->tensors[t].backing];
  unsigned depth = boxes->buffers[plan->tensors[t].backing].depth;

  // What is kept from one visit of the backing to the next is kept along the
  // innermost loop outside of it that moves the window. When that loop
  // restarts, its first window must not meet its last one: the rest would not
  // be a box.
  unsigned difference = 0;
  if (backing.noReuse) {
    difference = depth;
  } else {
    for (unsigned l = depth; l-- > 0;) {
      if (side(need, l).active <= 1 || boxes->accesses[need].dimsOf[l].empty())
        continue;
      difference = l;
      break;
    }
    for (unsigned outer = 0; outer < difference; ++outer)
      if (side(need, outer).active > 1 && side(need, difference).restart > 0)
        return false;
  }
  for (unsigned l = 0; l < boxes->trunk; ++l) {
    EinsumAlong &along = einsumAlong(e, l);
    bool onlyNew = l >= difference;
    if (!isStale(l) && (along.need != need || along.onlyNew != onlyNew))
      setStale(l);
    along.need = need;
    along.onlyNew = onlyNew;
    if (isStale(l) && !makeAlong(e, need, l, onlyNew))
      return false;
  }
  return true;
}

/// What of `cur` is not in `prev`, the tile before; n == 0 for nothing. False
/// when tiles do not follow each other.
static bool subtractRun(const Run &cur, const Run &prev, Run &out) {
  out = cur;
  if (cur.lo < prev.lo || cur.last() < prev.last())
    return false;
  if (prev.last() < cur.lo)
    return true;
  int64_t stride = 1;
  if (!alignedRuns(cur, prev, stride))
    return false;
  int64_t gone = (prev.last() - cur.lo) / stride + 1;
  out = makeRun(cur.lo + gone * stride, cur.n - gone, stride);
  return true;
}

bool BoxTiles::makeAlong(EinsumId e, unsigned need, unsigned l, bool onlyNew) {
  const Loop &loop = this->loop(l);
  const BoxAccess &access = boxes->accesses[need];
  const BoxTensor &tensor = boxes->tensors[access.tensor];
  uint64_t mask = accessAlong(need, l).elements;
  const auto &dims = access.dimsOf[l];
  int64_t &total = einsumAlong(e, l).made;
  if (dims.empty()) {
    // The same is needed at every tile.
    uint64_t made = onlyNew ? mask & -mask : mask;
    einsumAlong(e, l).entered = made;
    total = iterations(made, l);
    return true;
  }
  if (onlyNew && dims.size() > 1 && side(need, l).active > 1)
    return false;
  uint64_t made = mask;
  for (unsigned d : dims) {
    const Run *from = dimRuns(need, d);
    RankId r = tensor.writtenBy[d];
    Run *out = r == kNone ? nullptr : rankRuns(e, r);
    unsigned previous = kNone;
    bool fits = forEachBit(mask, [&](unsigned i) {
      Run make = from[i];
      if (onlyNew && previous != kNone &&
          !subtractRun(from[i], before(from, previous, access.dims[d].scale, l),
                       make))
        return false;
      previous = i;
      if (make.n == 0)
        made &= ~(uint64_t(1) << i);
      if (out)
        out[i] = make;
      return true;
    });
    if (!fits)
      return false;
  }
  einsumAlong(e, l).entered = made;
  total = 0;
  forEachBit(made, [&](unsigned i) {
    int64_t length = loop.count(i);
    for (unsigned d : dims)
      if (RankId r = tensor.writtenBy[d]; r != kNone)
        length *= rankRuns(e, r)[i].n;
    total += length;
    return true;
  });
  if (loop.steady == kNone)
    return true;
  bool now = made >> loop.steady & 1, last = made >> (loop.steady - 1) & 1;
  if (now != last)
    return false;
  for (unsigned d : dims)
    if (RankId r = tensor.writtenBy[d];
        now && r != kNone && !isSteady(rankRuns(e, r), access.dims[d].scale, l))
      return false;
  return true;
}

/// sumOfRuns of the ranks that stay and one that moves.
static bool addMoving(Run &sum, const Run &run, int64_t coefficient) {
  if (sum.stride == 1 && run.stride == 1 && coefficient == 1) {
    sum.lo += run.lo;
    sum.n += run.n - 1;
    return true;
  }
  auto next = sumOfRuns(sum, scaled(run, coefficient));
  if (next)
    sum = *next;
  return next.has_value();
}

/// Cuts a run to [0, extent); false when nothing is left.
static bool cutRun(Run &run, int64_t extent) {
  if (run.stride == 1) {
    int64_t lo = std::max<int64_t>(run.lo, 0),
            end = std::min(run.lo + run.n, extent);
    run = {lo, end - lo, 1};
    return end > lo;
  }
  auto inside = intersect(run, makeRun(0, extent, 1));
  if (inside)
    run = *inside;
  return inside.has_value();
}

/// Pairs (i, j), i < n and j < m, with i + j < t.
static int64_t pairsBelow(int64_t t, int64_t n, int64_t m) {
  auto triangle = [](int64_t x) { return x > 0 ? x * (x + 1) / 2 : 0; };
  return triangle(t) - triangle(t - n) - triangle(t - m) + triangle(t - n - m);
}

/// Finds the elements and the changes in compute along one loop. False when
/// the elements are not a run, or the steady tile is not like the one before.
bool BoxTiles::followAlong(unsigned a, unsigned l) {
  const BoxAccess &access = boxes->accesses[a];
  const BoxAlong &along = access.along[l];
  AccessAlong &at = accessAlong(a, l);
  uint64_t mask = einsumAlong(access.einsum, l).entered;
  bool fits = true;
  if (along.kind == BoxAlong::Kind::Nothing ||
      along.kind == BoxAlong::Kind::Repeated) {
    bool isFirstOnly = access.shared[l];
    at.takes = at.elements = isFirstOnly ? mask & -mask : mask;
    at.cut = 0;
    at.changes = along.kind == BoxAlong::Kind::Nothing ? iterations(at.takes, l)
                 : isFirstOnly ? opsAt(access.einsum, l, 0)
                               : einsumAlong(access.einsum, l).ops;
  } else if (along.kind == BoxAlong::Kind::OneRank) {
    fits = followOneRank(a, l, mask);
  } else {
    fits = followRanks(a, l, opsAtStart(access, l, mask));
  }
  const Loop &loop = this->loop(l);
  if (!fits ||
      (loop.steady != kNone &&
       (at.elements >> loop.steady ^ at.elements >> (loop.steady - 1)) & 1))
    return false;
  if (access.needsSides)
    measure(a, l);
  return true;
}

bool BoxTiles::followOneRank(unsigned a, unsigned l, uint64_t mask) {
  const Loop &loop = this->loop(l);
  const BoxAccess &access = boxes->accesses[a];
  const BoxAlong &along = access.along[l];
  const BoxDim &dim = access.dims[along.dim];
  const Run *rank = rankRuns(access.einsum, along.rank);
  Run *out = dimRuns(a, along.dim);
  AccessAlong &at = accessAlong(a, l);
  at.takes = mask;
  uint64_t cut = 0;
  int64_t changes = 0;
  const int64_t fixedOps = dim.fixedOps, extent = dim.extent;
  bool fits = forEachBit(at.takes, [&](unsigned i) {
    const int64_t n = rank[i].n;
    int64_t inside = n * fixedOps;
    if (along.isPair && rank[i].stride == 1) {
      int64_t lo = dim.base.lo + rank[i].lo, end = lo + dim.base.n + n - 1;
      if (lo < 0 || end > extent) {
        cut |= uint64_t(1) << i;
        inside -= pairsBelow(-lo, n, fixedOps) +
                  pairsBelow(end - extent, n, fixedOps);
        lo = std::max<int64_t>(lo, 0);
        end = std::min(end, extent);
        if (end <= lo)
          mask &= ~(uint64_t(1) << i);
      }
      out[i].lo = lo;
      out[i].n = end - lo;
      out[i].stride = 1;
      changes += loop.count(i) * inside;
      return true;
    }
    Run sum = dim.base;
    if (!addMoving(sum, rank[i], along.coefficient))
      return false;
    if (sum.lo < 0 || sum.last() >= extent) {
      cut |= uint64_t(1) << i;
      inside = countInside(a, dim, 0, dim.all.constant, i);
      if (!cutRun(sum, extent))
        mask &= ~(uint64_t(1) << i);
    }
    out[i] = sum;
    changes += loop.count(i) * inside;
    return true;
  });
  at.elements = mask;
  at.cut = cut;
  at.changes = changes;
  return fits && (loop.steady == kNone || isSteady(a, along.dim, l, mask, cut));
}

/// The same for several ranks and dimensions, and for init reads.
bool BoxTiles::followRanks(unsigned a, unsigned l, uint64_t mask) {
  const Loop &loop = this->loop(l);
  const BoxAccess &access = boxes->accesses[a];
  AccessAlong &at = accessAlong(a, l);
  const uint64_t take = mask;
  uint64_t cut = 0;
  at.takes = take;
  for (unsigned d : access.dimsOf[l]) {
    const BoxDim &dim = access.dims[d];
    Run *out = dimRuns(a, d);
    bool fits = forEachBit(take, [&](unsigned i) {
      Run sum = dim.base;
      for (const auto &term : dim.moving)
        if (!addMoving(sum, rankRuns(access.einsum, term.rank)[i],
                       term.coefficient))
          return false;
      if (sum.lo < 0 || sum.last() >= dim.extent) {
        cut |= uint64_t(1) << i;
        if (!cutRun(sum, dim.extent))
          mask &= ~(uint64_t(1) << i);
      }
      out[i] = sum;
      return true;
    });
    if (!fits || (loop.steady != kNone && !isSteady(a, d, l, mask, cut)))
      return false;
  }
  at.elements = mask;
  at.cut = cut;
  const auto &ranks = boxes->einsums[access.einsum].ranksOf[l];
  int64_t total = 0;
  forEachBit(take, [&](unsigned i) {
    int64_t changes = loop.count(i);
    for (RankId r : ranks)
      if (access.counts[r])
        changes *= rankRuns(access.einsum, r)[i].n;
    for (unsigned d : access.dimsOf[l])
      changes *=
          countInside(a, access.dims[d], 0, access.dims[d].all.constant, i);
    total += changes;
    return true;
  });
  at.changes = total;
  return true;
}

/// What a producer writes is what was found to be made.
bool BoxTiles::followWrite(EinsumId e, unsigned l) {
  unsigned a = boxes->einsums[e].write;
  const BoxAccess &access = boxes->accesses[a];
  if (boxes->einsums[e].isHead || l >= boxes->trunk || access.needsSides ||
      access.along[l].kind == BoxAlong::Kind::General)
    return followAlong(a, l);
  AccessAlong &at = accessAlong(a, l);
  at.takes = einsumAlong(e, l).entered;
  at.cut = 0;
  at.changes = einsumAlong(e, l).made;
  return true;
}

/// Tiles with ops that take an init read.
uint64_t BoxTiles::opsAtStart(const BoxAccess &access, unsigned l,
                              uint64_t mask) const {
  for (RankId r : access.initRanks)
    if (boxes->einsums[access.einsum].ranks[r].movedBy() == l) {
      const Run *at = rankRuns(access.einsum, r);
      forEachBit(mask, [&](unsigned i) {
        if (!at[i].contains(0))
          mask &= ~(uint64_t(1) << i);
        return true;
      });
    }
  return mask;
}

/// Whether the steady tile, to its last copy, lies inside the shape, and is
/// like the one before it.
bool BoxTiles::isSteady(unsigned a, unsigned d, unsigned l, uint64_t mask,
                        uint64_t cut) const {
  const Loop &loop = this->loop(l);
  if (!(mask >> loop.steady & 1))
    return true;
  const BoxDim &dim = boxes->accesses[a].dims[d];
  int64_t far = (loop.steadyCount - 1) * dim.scale * loop.step;
  const Run *at = dimRuns(a, d);
  return !(cut >> loop.steady & 1) &&
         at[loop.steady].last() + far < dim.extent &&
         isSteady(at, dim.scale, l);
}

void BoxTiles::measure(unsigned a, unsigned l) {
  const Loop &loop = this->loop(l);
  const BoxAccess &access = boxes->accesses[a];
  const auto &dims = access.dimsOf[l];
  LoopSide &side = accessAlong(a, l).side;
  SideCount *list = now[l]->lengths.data() + size_t(a) * loop.entries;
  side = {};
  uint64_t mask = accessAlong(a, l).elements;
  if (mask == 0)
    return;
  if (dims.empty()) {
    side.active = iterations(mask, l);
    side.all = side.active;
    side.kept = side.active - 1;
    side.restart = side.largest = side.together = side.lengths = 1;
    list[0] = side.common = {1, side.active};
    return;
  }
  auto add = [&](int64_t length, int64_t kept, int64_t count) {
    side.active += count;
    side.all += length * count;
    side.kept += kept * count;
    side.largest = std::max(side.largest, length);
    unsigned known = 0;
    while (known < side.lengths && list[known].length != length)
      ++known;
    if (known == side.lengths)
      list[side.lengths++] = {length, 0};
    list[known].count += count;
  };
  if (dims.size() > 1) {
    unsigned previous = kNone, first = unsigned(std::countr_zero(mask));
    auto shared = [&](unsigned i, unsigned previousEntry) {
      int64_t product = 1;
      for (unsigned d : dims) {
        const Run *at = dimRuns(a, d);
        product *= sharedElements(
            at[i], before(at, previousEntry, access.dims[d].scale, l));
      }
      return product;
    };
    forEachBit(mask, [&](unsigned i) {
      int64_t length = 1;
      for (unsigned d : dims)
        length *= dimRuns(a, d)[i].n;
      add(length, previous == kNone ? 0 : shared(i, previous), loop.count(i));
      previous = i;
      return true;
    });
    side.common = mostFrequent({list, side.lengths});
    side.restart = shared(first, previous);
    side.together = side.active > 1 ? -1 : side.all;
    return;
  }

  const Run *at = dimRuns(a, dims[0]);
  int64_t far = (loop.steadyCount - 1) * access.dims[dims[0]].scale * loop.step;
  const Run &first = at[std::countr_zero(mask)];
  Run previous = {0, 0, 1}, together = first;
  bool isRun = true;
  forEachBit(mask, [&](unsigned i) {
    const Run &run = at[i];
    int64_t count = loop.count(i);
    add(run.n, previous.n ? sharedElements(run, previous) : 0, count);
    int64_t stride = 1;
    if (previous.n) {
      bool aligned = alignedRuns(together, run, stride);
      if (together.n == 1 && run.n == 1)
        stride = std::max<int64_t>(1, run.lo - together.lo);
      isRun &= aligned && run.lo >= together.lo &&
               run.lo <= together.last() + stride;
    } else {
      stride = run.stride;
    }
    previous = run;
    if (i == loop.steady)
      previous.lo += far;
    if (previous.last() > together.last())
      together =
          stride == 1
              ? Run{together.lo, previous.last() - together.lo + 1, 1}
              : makeRun(together.lo,
                        (previous.last() - together.lo) / stride + 1, stride);
    return true;
  });
  side.common = mostFrequent({list, side.lengths});
  side.restart = sharedElements(first, previous);
  side.together = isRun ? together.n : -1;
}

bool BoxTiles::startsFull(unsigned a) const {
  for (unsigned l = 0; l < boxes->trunk; ++l)
    if (!(accessAlong(a, l).elements & 1))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Windows of several accesses
//===----------------------------------------------------------------------===//

bool BoxTiles::contains(unsigned outer, unsigned inner) const {
  const BoxAccess &a = boxes->accesses[outer], &b = boxes->accesses[inner];
  for (unsigned l = 0; l < boxes->trunk; ++l)
    if (accessAlong(inner, l).elements & ~accessAlong(outer, l).elements)
      return false;
  for (unsigned d = 0; d < a.dims.size(); ++d) {
    const BoxDim &x = a.dims[d], &y = b.dims[d];
    unsigned l = y.loop;
    if (l == kNone) {
      if (x.loop != kNone || !containsRun(x.fixed, y.fixed))
        return false;
      continue;
    }
    if (x.loop != l && x.loop != kNone)
      return false;
    if (x.loop == l && x.scale != y.scale)
      return false;
    const Run *at = dimRuns(inner, d);
    bool all = forEachBit(accessAlong(inner, l).elements, [&](unsigned i) {
      if (x.loop == l)
        return containsRun(dimRuns(outer, d)[i], at[i]);
      return containsRun(x.fixed, at[i]) &&
             containsRun(x.fixed, before(at, i, y.scale, l));
    });
    if (!all)
      return false;
  }
  return true;
}

bool BoxTiles::chooseWindow(TensorId t) {
  const auto &uses = boxes->tensors[t].uses;
  for (unsigned candidate : uses) {
    bool holdsAll = std::all_of(uses.begin(), uses.end(), [&](unsigned use) {
      return use == candidate || contains(candidate, use);
    });
    if (holdsAll) {
      windows[t] = candidate;
      return true;
    }
  }
  return false;
}
