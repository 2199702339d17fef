//===- BoxPipeline.cpp - Pipelines of boxes ------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoxPipeline.h"

#include <algorithm>
#include <numeric>

using namespace looptree;

/// Jobs that are looked at one by one; more are left to the general way.
constexpr unsigned kMaxJobs = 1024;

bool BoxPipeline::run(const Plan::Impl &p, const BoxPlan &b, const BoxTiles &t,
                      Checked &checked) {
  plan = &p;
  boxes = &b;
  tiles = &t;
  count = &checked;
  if (!findRooms())
    return false;
  unsigned stages = b.branches;
  finish.assign(stages, 0);
  ops.assign(size_t(b.trunk + 1) * stages, 0);
  rates.resize(stages);
  for (EinsumId e = 0; e < b.einsums.size(); ++e) {
    ops[b.branchOf[e]] = t.fixedSteps(e);
    rates[b.branchOf[e]] =
        p.arch.compute.of(p.workload.einsums[e].kind).opsPerCycle;
  }
  log.clear();
  growths.resize(b.trunk);
  jobs = 0;
  if (!walk(0))
    return false;
  cycles = finish[stages - 1];
  drain = cycles - finish[0];
  return true;
}

//===----------------------------------------------------------------------===//
// Rooms
//===----------------------------------------------------------------------===//

/// Buffers on the trunk whose windows change and that two stages use.
bool BoxPipeline::findRooms() {
  allRooms.clear();
  for (BufferId b = 0; b < boxes->buffers.size(); ++b) {
    const BoxBuffer &info = boxes->buffers[b];
    if (info.inBranch || info.depth == 0 || info.firstBranch == info.lastBranch)
      continue;
    if (info.lastBranch - info.firstBranch > 1)
      return false;
    Room room{b, tiles->window(plan->buffers[b].tensor), info.depth,
              info.firstBranch};
    if (!measureRoom(room))
      return false;
    allRooms.push_back(room);
    dims.resize(std::max(dims.size(), allRooms.size()));
    auto &moved = dims[allRooms.size() - 1];
    moved.clear();
    const BoxAccess &access = boxes->accesses[room.access];
    for (unsigned l = 0; l < info.depth; ++l)
      for (unsigned d : access.dimsOf[l])
        moved.push_back({l, d});
    if (moved.size() > 4)
      return false;
  }
  histories.assign(allRooms.size(), {});
  for (History &history : histories)
    for (auto &window : history.sides)
      window.fill(Run{0, 1, 1});
  sides.assign(allRooms.size() * 4, Run{0, 1, 1});
  return true;
}

/// Points of the smallest lattice that has both runs.
static int64_t latticeAround(const Run &a, const Run &b) {
  int64_t stride = std::abs(a.lo - b.lo);
  if (a.n > 1)
    stride = std::gcd(stride, a.stride);
  if (b.n > 1)
    stride = std::gcd(stride, b.stride);
  int64_t span = std::max(a.last(), b.last()) - std::min(a.lo, b.lo);
  return stride == 0 ? 1 : span / stride + 1;
}

static int64_t shared(const Run &a, const Run &b) {
  auto both = intersect(a, b);
  return both ? both->n : 0;
}

/// The largest union of two windows that follow each other: with one loop
/// advancing, those outside of it anywhere, those inside of it restarting.
bool BoxPipeline::measureRoom(Room &room) {
  const BoxAccess &access = boxes->accesses[room.access];
  int64_t fixed = access.fixedSize;
  for (unsigned l = 0; l < boxes->trunk; ++l) {
    const LoopSide &side = tiles->side(room.access, l);
    if (access.dimsOf[l].size() > 1 || tiles->hasEmptyVisits(room.access, l) ||
        (l >= room.depth && side.together < 0))
      return false;
    if (l >= room.depth)
      fixed = count->mul(fixed, side.together);
  }
  int64_t outside = fixed;
  for (unsigned g = 0; g < room.depth; ++g) {
    // Sizes of the window before, of this one, of what they share, and of the
    // lattice box around both, along the loops that restart.
    int64_t a = 1, b = 1, s = 1, box = 1;
    for (unsigned l = g + 1; l < room.depth; ++l) {
      if (access.dimsOf[l].empty())
        continue;
      unsigned d = access.dimsOf[l][0];
      Run first = tiles->sideAt(room.access, d, 0),
          last = tiles->lastSide(room.access, d);
      a = count->mul(a, last.n);
      b = count->mul(b, first.n);
      s = count->mul(s, shared(first, last));
      box = count->mul(box, latticeAround(first, last));
    }
    int64_t elements = 0, footprint = 0;
    auto add = [&](const Run &from, const Run &to) {
      elements =
          std::max(elements, count->mul(a, from.n) + count->mul(b, to.n) -
                                 count->mul(s, shared(from, to)));
      footprint = std::max(footprint, count->mul(box, latticeAround(from, to)));
    };
    if (tiles->tileCount(g) > 1) {
      if (access.dimsOf[g].empty()) {
        add({0, 1, 1}, {0, 1, 1});
      } else {
        unsigned d = access.dimsOf[g][0];
        for (unsigned i = 1; i < tiles->loop(g).entries; ++i)
          add(tiles->sideBefore(room.access, d, i),
              tiles->sideAt(room.access, d, i));
      }
      room.elements = std::max(room.elements, count->mul(outside, elements));
      room.footprint = std::max(room.footprint, count->mul(outside, footprint));
    }
    outside = count->mul(outside, tiles->side(room.access, g).largest);
  }
  room.elements = std::max(room.elements, outside);
  room.footprint = std::max(room.footprint, outside);
  return true;
}

/// The time at which the job has room: when the latest job has left the later
/// stage whose window is not among those of this job and the one before.
bool BoxPipeline::mustWaitFor(const Room &room, const History &history,
                              int64_t &time) {
  time = -1;
  unsigned newest = history.windows - 1;
  bool opens = history.offset == 0;
  if (opens && newest == 0)
    return true;
  const auto &now = history.sides[newest];
  const auto &with = opens ? history.sides[newest - 1] : now;
  size_t n = dims[&room - allRooms.data()].size();
  unsigned older = opens ? newest - 1 : newest;
  while (older-- > 0) {
    const auto &window = history.sides[older];
    int64_t size = 1, inNow = 1, inWith = 1, inBoth = 1;
    for (size_t i = 0; i < n; ++i) {
      size *= window[i].n;
      auto first = intersect(window[i], now[i]);
      auto second = intersect(window[i], with[i]);
      inNow *= first ? first->n : 0;
      inWith *= second ? second->n : 0;
      inBoth *= first && second ? shared(*first, *second) : 0;
    }
    if (inNow + inWith - inBoth < size) {
      time = history.finish[older];
      return true;
    }
  }
  return history.isWhole;
}

//===----------------------------------------------------------------------===//
// Jobs
//===----------------------------------------------------------------------===//

bool BoxPipeline::walk(unsigned l) {
  for (size_t r = 0; r < allRooms.size(); ++r) {
    if (allRooms[r].depth != l)
      continue;
    History &history = histories[r];
    if (history.windows == History::kMax) {
      std::move(history.sides.begin() + 1, history.sides.end(),
                history.sides.begin());
      std::move(history.finish.begin() + 1, history.finish.end(),
                history.finish.begin());
      history.isWhole = false;
    } else {
      ++history.windows;
    }
    std::copy_n(sides.begin() + ptrdiff_t(4 * r), 4,
                history.sides[history.windows - 1].begin());
    history.offset = 0;
  }
  if (l == boxes->trunk)
    return job();

  const BoxTiles::Loop &loop = tiles->loop(l);
  unsigned stages = boxes->branches;
  for (unsigned i = 0; i < loop.entries; ++i) {
    for (EinsumId e = 0; e < boxes->einsums.size(); ++e) {
      unsigned k = boxes->branchOf[e];
      ops[(l + 1) * stages + k] =
          count->mul(ops[l * stages + k], tiles->stepsAt(e, l, i));
    }
    for (size_t r = 0; r < allRooms.size(); ++r)
      for (size_t d = 0; d < dims[r].size(); ++d)
        if (dims[r][d].first == l)
          sides[4 * r + d] =
              tiles->sideAt(allRooms[r].access, dims[r][d].second, i);
    if (!repeat(l, loop.count(i)))
      return false;
  }
  return true;
}

/// Takes `times` equal tiles of a loop.
bool BoxPipeline::repeat(unsigned l, int64_t times) {
  auto &[last, now, grown, grownBefore] = growths[l];
  grown.clear();
  grownBefore.clear();
  size_t logBefore = 0;
  for (int64_t tile = 0; tile < times; ++tile) {
    if (tile > 0)
      for (size_t r = 0; r < allRooms.size(); ++r)
        for (size_t d = 0; d < dims[r].size(); ++d)
          if (dims[r][d].first == l)
            sides[4 * r + d].lo +=
                tiles->shift(allRooms[r].access, dims[r][d].second, l);
    if (times > 2)
      saveState(last);
    size_t logStart = log.size();
    if (!walk(l + 1))
      return false;
    if (times <= 2)
      continue;
    saveState(now);
    grown.clear();
    for (size_t i = 0; i < now.size(); ++i)
      grown.push_back(now[i] - last[i]);
    size_t length = log.size() - logStart;
    bool settled =
        tile > 0 && grown == grownBefore && logStart - logBefore == length;
    // Nothing changes its kind, and no loser catches up.
    for (size_t i = 0; settled && i < shapeSize; ++i)
      settled = grown[i] == 0;
    for (size_t i = 0; settled && i < length; ++i) {
      const Lost &a = log[logBefore + i], &b = log[logStart + i];
      settled = a.winner == b.winner &&
                (a.winner == kEqual ? a.gap == b.gap : a.gap <= b.gap);
    }
    if (settled && tile + 1 < times) {
      advanceState(grown, times - 1 - tile);
      break;
    }
    logBefore = logStart;
    std::swap(grown, grownBefore);
  }
  // What the tiles grow by is part of what has to be the same from row to row.
  if (times > 2)
    for (int64_t by : grown.empty() ? grownBefore : grown)
      log.push_back({kEqual, by});
  return true;
}

/// First what must not change from tile to tile, then what grows.
void BoxPipeline::saveState(std::vector<int64_t> &state) const {
  state.clear();
  for (size_t r = 0; r < histories.size(); ++r) {
    const History &history = histories[r];
    state.push_back(history.windows);
    state.push_back(history.isWhole);
    for (const auto &window : history.sides)
      for (size_t d = 0; d < dims[r].size(); ++d) {
        state.push_back(window[d].n);
        state.push_back(window[d].stride);
      }
  }
  shapeSize = state.size();
  state.insert(state.end(), finish.begin(), finish.end());
  for (size_t r = 0; r < histories.size(); ++r) {
    const History &history = histories[r];
    state.insert(state.end(), history.finish.begin(), history.finish.end());
    state.push_back(history.offset);
    for (const auto &window : history.sides)
      for (size_t d = 0; d < dims[r].size(); ++d)
        state.push_back(window[d].lo);
  }
}

void BoxPipeline::advanceState(const std::vector<int64_t> &by, int64_t times) {
  size_t i = shapeSize;
  auto advance = [&](int64_t &value) {
    count->increase(value, count->mul(by[i++], times));
  };
  for (int64_t &time : finish)
    advance(time);
  for (size_t r = 0; r < histories.size(); ++r) {
    History &history = histories[r];
    for (int64_t &time : history.finish)
      advance(time);
    advance(history.offset);
    for (auto &window : history.sides)
      for (size_t d = 0; d < dims[r].size(); ++d)
        advance(window[d].lo);
  }
}

int64_t BoxPipeline::cyclesOf(unsigned stage, int64_t stageOps) {
  const auto &rate = rates[stage];
  if (!rate || stageOps == 0)
    return 0;
  int64_t scaled = count->mul(stageOps, rate->den);
  return rate->num == 1 ? scaled : (scaled - 1) / rate->num + 1;
}

bool BoxPipeline::job() {
  if (++jobs > kMaxJobs)
    return false;
  unsigned stages = boxes->branches;
  const int64_t *now = ops.data() + size_t(boxes->trunk) * stages;
  for (unsigned k = 0; k < stages; ++k) {
    std::array<int64_t, 8> candidates;
    unsigned n = 0;
    candidates[n++] = finish[k];
    if (k > 0)
      candidates[n++] = finish[k - 1];
    for (size_t r = 0; r < allRooms.size(); ++r)
      if (allRooms[r].stage == k) {
        int64_t time = -1;
        if (n == candidates.size() ||
            !mustWaitFor(allRooms[r], histories[r], time))
          return false;
        if (time >= 0)
          candidates[n++] = time;
        else
          log.push_back({kEqual, 0});
      }
    auto best = std::max_element(candidates.begin(), candidates.begin() + n);
    int winner = int(best - candidates.begin());
    for (unsigned i = 0; i < n; ++i)
      log.push_back({winner, *best - candidates[i]});
    if (jobs == 1 && k + 1 == stages)
      fill = *best;
    finish[k] = count->add(*best, cyclesOf(k, now[k]));
  }
  for (size_t r = 0; r < allRooms.size(); ++r) {
    History &history = histories[r];
    history.finish[history.windows - 1] = finish[allRooms[r].stage + 1];
    ++history.offset;
  }
  return true;
}
