//===- TimelineTest.cpp - Timelines add up to the report -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Timeline.h"

#include "Builder.h"
#include "RandomCandidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace looptree;
using namespace looptree::test;

namespace {

/// Everything with its time in the run, in order of time.
std::vector<Timeline::Item> flatten(const Timeline &timeline) {
  std::vector<Timeline::Item> items;
  auto add = [&](auto &self, unsigned part, double begin) -> void {
    for (const Timeline::Item &item : timeline.parts[part]) {
      const auto *repeat = std::get_if<Timeline::Repeat>(&item.what);
      if (!repeat)
        items.push_back({begin + item.at, item.what});
      for (int64_t i = 0; repeat && i < repeat->count; ++i)
        self(self, repeat->part, begin + item.at + double(i) * repeat->period);
    }
  };
  add(add, timeline.root, 0);
  std::stable_sort(items.begin(), items.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
  return items;
}

/// What does not add up, or "".
std::string difference(const Candidate &c) {
  constexpr double kEpsilon = 1e-6;
  auto plan = compile(c.workload, c.arch, c.mapping);
  if (!plan)
    return "";
  auto report = evaluateEveryTile(*plan, plan->steps());
  auto run = timeline(*plan, plan->steps());
  if (!report || !run)
    return bool(report) == bool(run) ? "" : "only one has a result";
  std::vector<int64_t> ops(c.workload.einsums.size());
  std::vector<double> busyUntil(ops.size());
  std::map<std::tuple<LevelId, TensorId, EinsumId>, std::array<int64_t, 2>>
      moved;
  std::vector<int64_t> windows(run->buffers.size());
  double end = 0;
  for (const Timeline::Item &item : flatten(*run)) {
    if (const auto *leaf = std::get_if<Timeline::Leaf>(&item.what)) {
      EinsumId e = leaf->einsum;
      auto rate = c.arch.compute.of(c.workload.einsums[e].kind).opsPerCycle;
      if (item.at + kEpsilon < busyUntil[e])
        return "visits of a leaf overlap";
      busyUntil[e] =
          item.at + (rate ? double(leaf->steps) / rate->toDouble() : 0);
      end = std::max(end, busyUntil[e]);
      ops[e] += leaf->ops;
    } else if (const auto *moves =
                   std::get_if<Timeline::Transfer>(&item.what)) {
      const Timeline::Buffer &buffer = run->buffers[moves->buffer];
      moved[{buffer.level, buffer.tensor, moves->einsum}][moves->isDrain] +=
          moves->elements;
    } else if (const auto *window = std::get_if<Timeline::Window>(&item.what)) {
      windows[window->buffer] = window->elements;
      std::vector<int64_t> bits(c.arch.levels.size());
      for (size_t b = 0; b < windows.size(); ++b)
        bits[run->buffers[b].level] += windows[b] * run->buffers[b].elementBits;
      for (LevelId level = 0; level < bits.size(); ++level)
        if (bits[level] > report->capacityBits[level])
          return "windows at level " + std::to_string(level);
    }
  }
  if (int64_t(std::ceil(end - kEpsilon)) != report->computeCycles)
    return "ends at another time";
  if (ops != report->ops)
    return "ops";
  for (const AccessRow &row : report->accesses) {
    auto counted = moved[{row.level, row.tensor, row.einsum}];
    if (counted[0] != row.fills || counted[1] != row.drains)
      return "transfers of " + c.workload.tensors[row.tensor].name;
  }
  return "";
}

TEST(Timeline, RandomCandidatesAddUp) {
  RandomOptions options;
  options.pipelines = options.spatial = true;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Candidate c =
        seed % 3 ? randomCandidate(seed, options) : randomTrunk(seed, options);
    std::string how = difference(c);
    if (how.empty())
      continue;
    Candidate small =
        shrink(c, [&](const Candidate &s) { return difference(s) == how; });
    FAIL() << "seed " << seed << ": " << how << "\n"
           << writeCandidate(small) << "\n"
           << toString(small.mapping, small.workload, small.arch);
  }
}

/// `B[n] <- A[n+2]`, 3-wide, everything below `for p of B step 4`.
Result<Timeline> pair(int64_t extent, bool isPipeline,
                      Convention convention = Convention::Exact) {
  WorkloadBuilder b;
  b.input("I", {extent + 4})
      .middle("A", {extent + 2})
      .output("B", {extent})
      .einsum("convA", {{"p", extent + 2}, {"r", 3}}, {"A", {"p"}},
              {{"I", {"p + r"}}})
      .einsum("convB", {{"p", extent}, {"r", 3}}, {"B", {"p"}},
              {{"A", {"p + r"}}});
  TreeBuilder t{b.w};
  std::vector<Node> branches = {t.compute("convA"), t.compute("convB")};
  Node split = isPipeline ? t.pipeline(branches) : t.sequential(branches);
  Node root = t.retain(
      0, {"I", "B"},
      t.loop("p", "convB", 4, t.retain(1, {"I", "A", "B"}, std::move(split))));
  auto plan = compile(b.w, twoLevels(), {std::move(root)}, convention);
  return timeline(*plan, plan->steps());
}

std::vector<std::pair<double, EinsumId>> leavesOf(const Timeline &timeline) {
  std::vector<std::pair<double, EinsumId>> leaves;
  for (const Timeline::Item &item : flatten(timeline))
    if (const auto *leaf = std::get_if<Timeline::Leaf>(&item.what))
      leaves.push_back({item.at, leaf->einsum});
  std::sort(leaves.begin(), leaves.end());
  return leaves;
}

TEST(Timeline, StagesRunAtTheSameTime) {
  auto run = pair(16, /*isPipeline=*/true);
  ASSERT_TRUE(run);
  using Leaf = std::pair<double, EinsumId>;
  EXPECT_THAT(leavesOf(*run),
              testing::ElementsAre(Leaf(0, 0), Leaf(18, 0), Leaf(18, 1),
                                   Leaf(30, 0), Leaf(30, 1), Leaf(42, 0),
                                   Leaf(42, 1), Leaf(54, 1)));
}

TEST(Timeline, IsAsLongAsThereAreKindsOfTiles) {
  for (bool isPipeline : {false, true}) {
    auto few = pair(400, isPipeline), many = pair(4000, isPipeline);
    ASSERT_TRUE(few && many);
    EXPECT_EQ(few->parts.size(), many->parts.size());
    EXPECT_EQ(few->parts[few->root].size(), many->parts[many->root].size());
  }
}

TEST(Timeline, TheOriginalHasNone) {
  auto run = pair(16, /*isPipeline=*/true, Convention::LoopTreeV1);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, testing::HasSubstr("looptree-v1"));
}

} // namespace
