//===- FlowShopTest.cpp - Makespans against the definition ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/FlowShop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace looptree;

namespace {

using Elements = std::set<int64_t>;

BoxSet setOf(const Elements &elements) {
  BoxSet set(1);
  for (int64_t x : elements)
    set.unite(BoxSet::point({&x, 1}));
  return set;
}

TEST(FlowShop, WorkedExample) {
  PipelineRun run;
  run.stages = 2;
  run.times = {18, 12, 12, 12, 12, 12, 12, 12};
  Checked count;
  PipelineTime time = timeOf(run, count);
  EXPECT_EQ(time.cycles, 66);
  EXPECT_EQ(time.fill, 18);
  EXPECT_EQ(time.drain, 12);
}

TEST(FlowShop, NoJobsTakeNoTime) {
  PipelineRun run;
  run.stages = 3;
  Checked count;
  EXPECT_EQ(timeOf(run, count).cycles, 0);
}

TEST(FlowShop, OverflowIsNoticed) {
  PipelineRun run;
  run.stages = 1;
  run.times = {INT64_MAX, 1};
  Checked count;
  timeOf(run, count);
  EXPECT_TRUE(count.overflow);
}

TEST(FlowShop, AgreesWithTheDefinition) {
  std::mt19937 engine(3);
  auto in = [&](int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  };
  for (int i = 0; i < 3000; ++i) {
    PipelineRun run;
    run.stages = in(1, 4);
    size_t jobs = in(1, 12), stages = run.stages;
    for (size_t n = 0; n < jobs * stages; ++n)
      run.times.push_back(in(0, 9));
    std::vector<std::vector<Elements>> held; // Per room and job.
    for (int64_t rooms = stages > 1 ? in(0, 3) : 0; rooms > 0; --rooms) {
      unsigned first = in(0, stages - 2), last = in(first + 1, stages - 1);
      PipelineRun::Room room{first, last, {}};
      held.emplace_back(jobs);
      for (size_t t = 0; t < jobs; ++t) {
        if (t > 0 && in(0, 3) == 0) {
          room.window.push_back(room.window.back()); // One visit, many jobs.
          held.back()[t] = held.back()[t - 1];
          continue;
        }
        for (int64_t x = in (0, 3), n = in(0, 3); n > 0; --n, x += in(1, 2))
          held.back()[t].insert(x);
        bool isAbsent = held.back()[t].empty();
        room.window.push_back(isAbsent ? PipelineRun::kAbsent
                                       : unsigned(run.windows.size()));
        if (!isAbsent)
          run.windows.push_back(setOf(held.back()[t]));
      }
      run.rooms.push_back(std::move(room));
    }

    std::vector<std::vector<int64_t>> finish(jobs,
                                             std::vector<int64_t>(stages));
    std::vector<int64_t> most(run.rooms.size(), 0);
    for (size_t t = 0; t < jobs; ++t)
      for (size_t k = 0; k < stages; ++k) {
        int64_t start =
            std::max(t ? finish[t - 1][k] : 0, k ? finish[t][k - 1] : 0);
        for (size_t r = 0; r < run.rooms.size(); ++r) {
          const auto &room = run.rooms[r];
          size_t depth = room.last - room.first;
          Elements now;
          for (size_t u = t < depth ? 0 : t - depth; u <= t; ++u)
            now.insert(held[r][u].begin(), held[r][u].end());
          most[r] = std::max(most[r], int64_t(now.size()));
          if (room.first != k || held[r][t].empty())
            continue;
          for (size_t u = 0; u + depth < t; ++u)
            if (!std::includes(now.begin(), now.end(), held[r][u].begin(),
                               held[r][u].end()))
              start = std::max(start, finish[u][room.last]);
        }
        finish[t][k] = start + run.times[t * stages + k];
      }

    Checked count;
    PipelineTime time = timeOf(run, count);
    ASSERT_EQ(time.cycles, finish[jobs - 1][stages - 1]) << "case " << i;
    EXPECT_EQ(time.fill, finish[0][stages - 1] - run.times[stages - 1]);
    EXPECT_EQ(time.drain, time.cycles - finish[jobs - 1][0]);
    EXPECT_EQ(time.elements, most) << "case " << i;
  }
}

} // namespace
