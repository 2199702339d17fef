//===- BoxOps.cpp - Ops of boxes and what compute holds ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of BoxTiles that is about ops: how many a tile has, on how many
// instances and in how many steps, and which of them find their element in
// compute.
//
//===----------------------------------------------------------------------===//

#include "BoxTiles.h"

#include <algorithm>

using namespace looptree;

void BoxTiles::sumOps(EinsumId e) {
  const BoxEinsum &einsum = boxes->einsums[e];
  for (unsigned l : einsum.nest) {
    if (!boxes->loops[l].hasTiles)
      continue;
    uint64_t mask = einsumAlong(e, l).entered;
    everyTileEntered &= mask == firstBits(loop(l).entries);
    if (!isStale(l))
      continue;
    const auto &ranks = einsum.ranksOf[l];
    int64_t total = 0;
    if (ranks.empty())
      total = iterations(mask, l);
    else if (ranks.size() == 1)
      forEachBit(mask, [&, at = rankRuns(e, ranks[0])](unsigned i) {
        total += loop(l).count(i) * at[i].n;
        return true;
      });
    else
      forEachBit(mask, [&](unsigned i) {
        int64_t ops = loop(l).count(i);
        for (RankId r : ranks)
          ops *= rankRuns(e, r)[i].n;
        total += ops;
        return true;
      });
    einsumAlong(e, l).ops = total;
  }
}

int64_t BoxTiles::opsAt(EinsumId e, unsigned l, unsigned i) const {
  int64_t ops = einsumAlong(e, l).entered >> i & 1;
  if (ops)
    for (RankId r : boxes->einsums[e].ranksOf[l])
      ops *= rankRuns(e, r)[i].n;
  return ops;
}

/// Values of a rank on the largest of the instances among which a spatial loop
/// of the branch divides it.
static int64_t onOneInstance(int64_t n, const BoxRank &rank,
                             const BoxPlan &boxes, int64_t step) {
  return boxes.loops[rank.branchLoop].fanout == kNone ? n : std::min(n, step);
}

int64_t BoxTiles::stepsAt(EinsumId e, unsigned l, unsigned i) const {
  int64_t steps = einsumAlong(e, l).entered >> i & 1;
  if (steps)
    for (RankId r : boxes->einsums[e].ranksOf[l]) {
      const BoxRank &rank = boxes->einsums[e].ranks[r];
      int64_t n = rankRuns(e, r)[i].n;
      steps *= rank.branchLoop == kNone
                   ? n
                   : onOneInstance(n, rank, *boxes, loop(rank.branchLoop).step);
    }
  return steps;
}

int64_t BoxTiles::fixedSteps(EinsumId e) const {
  const BoxEinsum &einsum = boxes->einsums[e];
  if (einsum.spatial.empty())
    return einsum.fixedOps;
  int64_t steps = 1;
  for (const BoxRank &rank : einsum.ranks)
    if (rank.loop == kNone)
      steps *= rank.branchLoop == kNone
                   ? rank.fixed.n
                   : onOneInstance(rank.fixed.n, rank, *boxes,
                                   loop(rank.branchLoop).step);
  return steps;
}

int64_t BoxTiles::instances(EinsumId e, unsigned spatial) const {
  const BoxRank &rank = boxes->einsums[e].ranks[boxes->loops[spatial].rank];
  int64_t n = rank.fixed.n;
  if (rank.loop != kNone) {
    n = 0;
    forEachBit(einsumAlong(e, rank.loop).entered, [&](unsigned i) {
      n = std::max(n, rankRuns(e, boxes->loops[spatial].rank)[i].n);
      return true;
    });
  }
  return (n - 1) / loop(spatial).step + 1;
}

std::span<const SideCount> BoxTiles::stepCounts(EinsumId e, unsigned l) {
  stepLengths.clear();
  forEachBit(einsumAlong(e, l).entered, [&](unsigned i) {
    int64_t steps = stepsAt(e, l, i);
    for (SideCount &known : stepLengths)
      if (known.length == steps) {
        known.count += loop(l).count(i);
        return true;
      }
    stepLengths.push_back({steps, loop(l).count(i)});
    return true;
  });
  return stepLengths;
}

int64_t BoxTiles::countInside(unsigned a, const BoxDim &dim, size_t k,
                              int64_t base, unsigned entry) const {
  const BoxAccess &access = boxes->accesses[a];
  const BoxRank &rank =
      boxes->einsums[access.einsum].ranks[dim.all.terms[k].rank];
  int64_t c = dim.all.terms[k].coefficient;
  Run run = access.isInitRank(dim.all.terms[k].rank) ? Run{0, 1, 1}
            : rank.movedBy() == kNone || rank.movedBy() != dim.movedBy()
                ? rank.fixed
                : rankRuns(access.einsum, dim.all.terms[k].rank)[entry];
  if (k + 1 == dim.all.terms.size()) {
    if (c == 1 && run.stride == 1)
      return std::max<int64_t>(0, std::min(base + run.lo + run.n, dim.extent) -
                                      std::max<int64_t>(base + run.lo, 0));
    run = scaled(run, c);
    run.lo += base;
    auto inside = intersect(run, makeRun(0, dim.extent, 1));
    return inside ? inside->n : 0;
  }
  int64_t total = 0;
  for (int64_t i = 0; i < run.n; ++i)
    total +=
        countInside(a, dim, k + 1, base + c * (run.lo + i * run.stride), entry);
  return total;
}

bool BoxTiles::isDense(unsigned a) const {
  const BoxAccess &access = boxes->accesses[a];
  for (const BoxDim &dim : access.dims)
    for (const auto &term : dim.moving) {
      const Run *at = rankRuns(access.einsum, term.rank);
      if (unsigned l = dim.movedBy();
          !forEachBit(accessAlong(a, l).takes,
                      [&](unsigned i) { return at[i].stride == 1; }))
        return false;
    }
  return true;
}

int64_t BoxTiles::repeatFactor(const BoxRepeat &repeat, unsigned a,
                               unsigned l) const {
  int64_t total = 0;
  EinsumId e = boxes->accesses[a].einsum;
  forEachBit(accessAlong(a, l).takes, [&](unsigned i) {
    int64_t product = loop(l).count(i);
    for (RankId r : boxes->einsums[e].ranksOf[l])
      product *= repeat.factor(r, rankRuns(e, r)[i].n);
    if (repeat.coupled >= 0 &&
        boxes->accesses[a].dims[repeat.coupled].movedBy() == l) {
      // The deeper ranks of the dimension must end where the next begins.
      int64_t span = 0, own = 0;
      for (const auto &term :
           boxes->accesses[a].dims[repeat.coupled].all.terms) {
        const BoxRank &rank = boxes->einsums[e].ranks[term.rank];
        const Run run = boxes->accesses[a].isInitRank(term.rank) ? Run{0, 1, 1}
                        : rank.movedBy() == l ? rankRuns(e, term.rank)[i]
                                              : rank.fixed;
        if (term.rank == repeat.rank)
          own = term.coefficient * run.stride;
        else if (term.rank > repeat.rank)
          span += term.coefficient * (run.n - 1) * run.stride;
      }
      product *= span == own;
    }
    total += product;
    return true;
  });
  return total;
}

BoxTiles::Repeated BoxTiles::repeated(unsigned a, unsigned l) const {
  const BoxAccess &access = boxes->accesses[a];
  Repeated result;
  unsigned previous = kNone, first = kNone;
  auto beginsAtEndOf = [&](unsigned i, unsigned previousEntry) {
    return std::all_of(
        access.dimsOf[l].begin(), access.dimsOf[l].end(), [&](unsigned d) {
          const Run *at = dimRuns(a, d);
          return at[i].lo ==
                 before(at, previousEntry, access.dims[d].scale, l).last();
        });
  };
  forEachBit(accessAlong(a, l).elements, [&](unsigned i) {
    bool single =
        std::all_of(access.dimsOf[l].begin(), access.dimsOf[l].end(),
                    [&](unsigned d) { return dimRuns(a, d)[i].n == 1; });
    result.stay += single ? loop(l).count(i) : 0;
    if (previous == kNone)
      first = i;
    else if (beginsAtEndOf(i, previous))
      result.advance += loop(l).count(i);
    previous = i;
    return true;
  });
  if (first != kNone)
    result.restart = beginsAtEndOf(first, previous);
  return result;
}
