//===- FlowShop.cpp - The time of a pipeline's run -----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FlowShop.h"

#include <algorithm>

using namespace looptree;

namespace {

/// What one room holds, job by job.
class RoomUse {
public:
  RoomUse(const PipelineRun &run, const PipelineRun::Room &room)
      : run(run), room(room), depth(room.last - room.first),
        runStart(run.jobs()) {
    for (size_t t = 1; t < run.jobs(); ++t)
      runStart[t] = window(t) == window(t - 1) ? runStart[t - 1] : t;
  }

  /// Moves on to job t; jobs come in order.
  void advance(size_t t) {
    bool same = t > 0 && runStart[t] + depth < t;
    if (same)
      return; // As many equal windows as the room holds, and more.
    held.clear();
    for (size_t i = t < depth ? 0 : t - depth; i <= t; ++i)
      if (window(i) != PipelineRun::kAbsent) {
        if (held.empty())
          held = run.windows[window(i)];
        else
          held.unite(run.windows[window(i)]);
      }
    if (held.empty())
      return;
    elements = std::max(elements, held.size());
    footprint = std::max(footprint, held.latticeBoxSize());
  }

  /// The latest job before those held whose window is not among what they
  /// hold, or none. A job without a window brings nothing in.
  std::optional<size_t> mustHaveLeft(size_t t) const {
    if (t <= depth || window(t) == PipelineRun::kAbsent ||
        run.windows[window(t)].empty())
      return std::nullopt;
    for (size_t u = t - depth; u > 0; u = runStart[u - 1]) {
      unsigned w = window(u - 1);
      if (w != PipelineRun::kAbsent && !isHeldNow(w, t) &&
          !held.covers(run.windows[w]))
        return u - 1;
    }
    return std::nullopt;
  }

  int64_t elementsNow() const { return held.empty() ? 0 : held.size(); }

  int64_t elements = 0, footprint = 0;

private:
  unsigned window(size_t t) const {
    return t < room.window.size() ? room.window[t] : PipelineRun::kAbsent;
  }
  bool isHeldNow(unsigned w, size_t t) const {
    for (size_t i = t - depth; i <= t; ++i)
      if (window(i) == w)
        return true;
    return false;
  }

  const PipelineRun &run;
  const PipelineRun::Room &room;
  size_t depth; ///< Jobs held at once, less one.
  /// Per job: the first of the jobs up to it that share its window.
  std::vector<size_t> runStart;
  BoxSet held;
};

} // namespace

PipelineTime looptree::timeOf(const PipelineRun &run, Checked &count,
                              PipelineTimes *times) {
  PipelineTime result;
  size_t jobs = run.jobs();
  unsigned stages = run.stages;
  if (jobs == 0)
    return result;
  std::vector<RoomUse> rooms;
  for (const PipelineRun::Room &room : run.rooms)
    rooms.emplace_back(run, room);

  // finish[k][t]; earlier jobs of a room's last stage are looked up.
  if (times)
    times->held.resize(rooms.size());
  std::vector<std::vector<int64_t>> finish(stages, std::vector<int64_t>(jobs));
  for (size_t t = 0; t < jobs; ++t) {
    for (RoomUse &room : rooms)
      room.advance(t);
    for (unsigned k = 0; k < stages; ++k) {
      int64_t start =
          std::max(t > 0 ? finish[k][t - 1] : 0, k > 0 ? finish[k - 1][t] : 0);
      for (size_t r = 0; r < rooms.size(); ++r)
        if (run.rooms[r].first == k)
          if (auto u = rooms[r].mustHaveLeft(t))
            start = std::max(start, finish[run.rooms[r].last][*u]);
      finish[k][t] = count.add(start, run.times[t * stages + k]);
      if (times) {
        times->starts.push_back(start);
        times->ends.push_back(finish[k][t]);
      }
    }
    for (size_t r = 0; r < rooms.size() && times; ++r)
      times->held[r].push_back(rooms[r].elementsNow());
  }
  result.cycles = finish[stages - 1][jobs - 1];
  result.fill = finish[stages - 1][0] - run.times[stages - 1];
  result.drain = result.cycles - finish[0][jobs - 1];
  for (const RoomUse &room : rooms) {
    result.elements.push_back(room.elements);
    result.footprints.push_back(room.footprint);
  }
  return result;
}

int64_t looptree::cyclesOfOriginal(const PipelineRun &run, Checked &count) {
  int64_t total = 0;
  for (int64_t time : run.times)
    count.increase(total, time);
  for (size_t t = 0; t + 1 < run.jobs(); ++t) {
    if (run.restart[t] != run.restart[t + 1])
      continue;
    int64_t least = INT64_MAX;
    for (size_t s = 0; s < run.stages; ++s) {
      int64_t sum = 0;
      for (size_t k = 1; k < run.stages; ++k)
        sum = count.add(sum, run.times[run.stages * t + s + k]);
      least = std::min(least, sum);
    }
    total -= least;
  }
  return total;
}
