//===- Latency.cpp - Cycles of branches ----------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Latency.h"

#include <algorithm>
#include <limits>

namespace looptree::reference {

std::span<const Used> Run::windowOf(size_t crossing, InstanceId instance,
                                    size_t job) const {
  for (const OpenVisit &visit : jobs[job].windows[crossing])
    if (visit.instance == instance)
      return lookahead.window(node.crossings[crossing].slot, instance,
                              visit.place);
  return {};
}

std::vector<Element> Run::heldFor(size_t crossing, InstanceId instance,
                                  size_t job) const {
  size_t inFlight =
      node.crossings[crossing].last - node.crossings[crossing].first;
  std::vector<Element> held;
  for (size_t j = job - std::min(job, inFlight); j <= job; ++j)
    for (const Used &used : windowOf(crossing, instance, j))
      held.push_back(used.element);
  std::sort(held.begin(), held.end());
  held.erase(std::unique(held.begin(), held.end()), held.end());
  return held;
}

int64_t Run::waitForRoom(size_t crossing, size_t job) const {
  const Crossing &c = node.crossings[crossing];
  size_t inFlight = c.last - c.first;
  int64_t wait = 0;
  for (const OpenVisit &visit : jobs[job].windows[crossing]) {
    std::vector<Element> room = heldFor(crossing, visit.instance, job);
    // Stages finish their jobs in order: the last job that has to be over
    // decides.
    for (size_t u = job - std::min(job, inFlight); u-- > 0;) {
      auto before = windowOf(crossing, visit.instance, u);
      bool isContained =
          std::all_of(before.begin(), before.end(), [&](const Used &used) {
            return std::binary_search(room.begin(), room.end(), used.element);
          });
      if (isContained)
        continue;
      wait = std::max(wait, finish[u][c.last]);
      break;
    }
  }
  return wait;
}

bool Run::schedule() {
  for (size_t t = 0; t < jobs.size(); ++t) {
    finish.emplace_back();
    for (size_t k = 0; k < jobs[t].cycles.size(); ++k) {
      int64_t start = 0;
      if (t > 0)
        start = finish[t - 1][k];
      if (k > 0)
        start = std::max(start, finish[t][k - 1]);
      for (size_t c = 0; c < node.crossings.size(); ++c)
        if (node.crossings[c].first == k)
          start = std::max(start, waitForRoom(c, t));
      int64_t end;
      if (__builtin_add_overflow(start, jobs[t].cycles[k], &end))
        return false;
      finish[t].push_back(end);
    }
  }
  return true;
}

void Run::forEachHeld(
    size_t crossing,
    const std::function<void(const std::vector<Element> &)> &use) const {
  for (size_t t = 0; t < jobs.size(); ++t)
    for (const OpenVisit &visit : jobs[t].windows[crossing])
      use(heldFor(crossing, visit.instance, t));
}

std::optional<int64_t> Run::originalLatency() const {
  std::vector<int64_t> cycles; // Stage by stage, job after job.
  int64_t total = 0;
  for (const Job &job : jobs)
    for (int64_t c : job.cycles) {
      cycles.push_back(c);
      if (__builtin_add_overflow(total, c, &total))
        return std::nullopt;
    }
  size_t stages = node.children.size();
  for (size_t t = 0; t + 1 < jobs.size(); ++t) {
    if (jobs[t].outer != jobs[t + 1].outer)
      continue; // The innermost loop's last iteration overlaps with nothing.
    int64_t least = std::numeric_limits<int64_t>::max();
    for (size_t s = 0; s < stages; ++s) {
      int64_t overlap = 0;
      for (size_t k = 1; k < stages; ++k)
        overlap += cycles[stages * t + s + k];
      least = std::min(least, overlap);
    }
    total -= least;
  }
  return total;
}

} // namespace looptree::reference
