//===- BoxesTest.cpp - The closed form for boxes against every tile ------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Builder.h"
#include "Random.h"
#include "RandomCandidate.h"

using namespace looptree;
using namespace looptree::test;

namespace {

TEST(Boxes, RandomTrunksEqualEveryTile) {
  WayCounts counts;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    Candidate candidate = randomTrunk(seed);
    ASSERT_EQ(differenceOfWays(candidate, counts), "")
        << "seed " << seed << "\n"
        << toString(candidate.mapping, candidate.workload, candidate.arch);
  }
  // Many of these trees are what the closed form is for.
  EXPECT_GT(5 * counts.boxes, counts.evaluations);
}

TEST(Boxes, RandomTreesEqualEveryTile) {
  WayCounts counts;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Candidate candidate = randomCandidate(seed);
    ASSERT_EQ(differenceOfWays(candidate, counts), "")
        << "seed " << seed << "\n"
        << toString(candidate.mapping, candidate.workload, candidate.arch);
  }
  EXPECT_GT(counts.boxes, 0u);
}

/// Padded 3x3 convolutions in a chain, `channels` wide, n x n.
WorkloadBuilder convolutions(int count, int64_t channels, int64_t n) {
  WorkloadBuilder b;
  b.input("T0", {channels, n, n});
  for (int i = 0; i < count; ++i) {
    std::string in = "T" + std::to_string(i), out = "T" + std::to_string(i + 1),
                weight = "W" + std::to_string(i);
    b.input(weight, {channels, channels, 3, 3});
    b.tensor(out,
             i + 1 == count ? TensorKind::Output : TensorKind::Intermediate,
             {channels, n, n});
    b.einsum("conv" + std::to_string(i),
             {{"m", channels},
              {"p", n},
              {"q", n},
              {"c", channels},
              {"r", 3},
              {"s", 3}},
             {out, {"m", "p", "q"}},
             {{in, {"c", "p + r - 1", "q + s - 1"}},
              {weight, {"m", "c", "r", "s"}}});
  }
  return b;
}

/// `p` and `q` of the last convolution on the trunk, intermediates in between.
Node lineBuffers(const Workload &w, NodeKind split = Sequential{}) {
  TreeBuilder t{w};
  std::vector<std::string> outside, middles;
  std::vector<Node> branches;
  for (const Tensor &tensor : w.tensors)
    (tensor.kind == TensorKind::Intermediate ? middles : outside)
        .push_back(tensor.name);
  for (const Einsum &einsum : w.einsums)
    branches.push_back(t.compute(einsum.name));
  std::string head = w.einsums.back().name,
              last = w.tensors[w.einsums.back().write.tensor].name;
  Node tree =
      t.retain(1, {"T0", last}, Node{std::move(split), std::move(branches)});
  tree = t.retain(1, middles, t.loop("q", head, 1, std::move(tree)));
  return t.retain(0, outside, t.loop("p", head, 1, std::move(tree)));
}

/// Steps from `from` on, every third row and fifth column.
void expectBoxes(const Workload &w, const Arch &arch, const Node &tree,
                 int64_t from) {
  auto plan = compile(w, arch, Mapping{tree});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  CostReport report;
  std::vector<int64_t> steps(plan->steps().begin(), plan->steps().end());
  for (int64_t p = from; p <= 57; p += 3)
    for (int64_t q = from; q <= 57; q += 5) {
      steps[0] = p;
      steps[1] = q;
      auto error = evaluateInto(*plan, steps, scratch, report);
      ASSERT_FALSE(error) << error->message;
      ASSERT_EQ(scratch.way, Scratch::Way::Boxes) << p << " " << q;
      auto every = evaluateEveryTile(*plan, steps);
      ASSERT_TRUE(bool(every)) << every.error().message;
      ASSERT_EQ(firstDifference(*every, report), "") << p << " " << q;
    }
}

TEST(Boxes, LineBuffersOfConvolutions) {
  for (int count : {2, 3}) {
    Workload w = convolutions(count, 4, 56).w;
    expectBoxes(w, twoLevels(), lineBuffers(w), 1);
  }
}

TEST(Boxes, LineBuffersInPipelines) {
  Workload w = convolutions(2, 4, 56).w;
  expectBoxes(w, twoLevels(), lineBuffers(w, Pipeline{}), 3);
}

/// Channels and kernel columns side by side; the first dimension multicasts to
/// all instances, the second is wider than its fan-out.
TEST(Boxes, SpatialLoopsInPipelines) {
  Workload w = convolutions(2, 6, 56).w;
  Node tree = lineBuffers(w, Pipeline{});
  Node *split = &tree;
  while (!split->isSplit())
    split = &split->children[0];
  for (EinsumId e = 0; e < 2; ++e) {
    Node leaf = std::move(split->children[e]);
    leaf = {SpatialFor{e, RankId(2 - 2 * e), 3, 1}, {std::move(leaf)}};
    split->children[e] = {SpatialFor{e, RankId(e), 2, 0}, {std::move(leaf)}};
  }
  Arch arch = twoLevels();
  arch.fanouts = {{"X", 4, 1}, {"Y", 2, 1}};
  for (bool multicast : {true, false}) {
    arch.levels[1].multicast = multicast;
    expectBoxes(w, arch, tree, 5);
  }
}

/// E0 makes rows 0, 2, ... of T1: its filter's taps never meet in a row of T0.
TEST(Boxes, RanksWithGapsUnderALoop) {
  WorkloadBuilder b;
  b.input("T0", {16}).middle("T1", {15}).output("T2", {8});
  b.einsum("E0", {{"p", 15}, {"r", 2}}, {"T1", {"p"}}, {{"T0", {"p + r"}}});
  b.einsum("E1", {{"p", 8}}, {"T2", {"p"}}, {{"T1", {"2*p"}}});
  TreeBuilder t{b.w};
  Node tree =
      t.sequential({t.loop("r", "E0", 1, t.compute("E0")), t.compute("E1")});
  tree = t.retain(0, {"T0", "T2"}, t.retain(1, {"T1"}, std::move(tree)));
  auto plan = compile(b.w, twoLevels(), Mapping{tree});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  for (int64_t step : {1, 2}) {
    auto report = evaluate(*plan, {&step, 1}, scratch);
    ASSERT_TRUE(bool(report)) << report.error().message;
    EXPECT_EQ(scratch.way, Scratch::Way::Boxes);
    EXPECT_EQ(moved(*report, b.w, 0, "T0").reads, 16);
  }
}

/// The init read takes the first value of `k` only.
TEST(Boxes, InitReadsBesideALoop) {
  WorkloadBuilder b;
  b.input("T0", {3, 1}).output("T1", {2, 1});
  b.einsum("E0", {{"m", 2}, {"k", 2}, {"n", 1}}, {"T1", {"m", "n"}},
           {{"T0", {"m + k + n", "0"}, true}});
  TreeBuilder t{b.w};
  auto plan = compile(b.w, twoLevels(),
                      Mapping{t.retain(0, {"T0", "T1"},
                                       t.loop("n", "E0", 1, t.compute("E0")))});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  auto report = evaluate(*plan, plan->steps(), scratch);
  ASSERT_TRUE(bool(report)) << report.error().message;
  EXPECT_EQ(scratch.way, Scratch::Way::Boxes);
  EXPECT_EQ(moved(*report, b.w, 0, "T0").reads, 2);
}

/// Evaluates step vectors of several plans in turn, in random order, and
/// expects of each what it gives when nothing was evaluated before.
void expectNoMemory(const std::vector<Plan> &plans,
                    const std::vector<int64_t> &largest, int count,
                    uint64_t seed) {
  Random random(seed);
  Scratch scratch;
  scratch.maxVisits = 1; // Other ways keep nothing.
  CostReport report;
  int boxes = 0;
  for (int i = 0; i < count; ++i) {
    const Plan &plan = plans[size_t(i / 50) % plans.size()];
    std::vector<int64_t> steps(plan.steps().begin(), plan.steps().end());
    for (size_t l = 0; l < steps.size(); ++l)
      steps[l] = random.in(1, largest[l]);
    Scratch fresh;
    fresh.maxVisits = 1;
    CostReport expected;
    auto error = evaluateInto(plan, steps, scratch, report);
    auto expectedError = evaluateInto(plan, steps, fresh, expected);
    ASSERT_EQ(bool(error), bool(expectedError));
    if (!error) {
      ASSERT_EQ(scratch.way, fresh.way);
      ASSERT_EQ(firstDifference(expected, report), "") << "vector " << i;
      boxes += scratch.way == Scratch::Way::Boxes;
    }
  }
  if (count > 1000) {
    EXPECT_GT(4 * boxes, count);
  }
}

TEST(Boxes, WhatIsKeptChangesNothing) {
  // More steps than are kept.
  std::vector<Plan> plans;
  for (int count : {2, 3}) {
    Workload w = convolutions(count, 2, 700).w;
    auto plan = compile(w, twoLevels(), Mapping{lineBuffers(w)});
    ASSERT_TRUE(bool(plan)) << plan.error().message;
    plans.push_back(*plan);
  }
  expectNoMemory(plans, {700, 700}, 2000, 1);
  // What is made along the rows depends on whether there are several columns.
  Workload w = convolutions(2, 2, 12).w;
  TreeBuilder t{w};
  Node below = t.retain(1, {"T0", "T1", "T2"},
                        t.sequential({t.compute("conv0"), t.compute("conv1")}));
  auto plan = compile(
      w, twoLevels(),
      Mapping{t.retain(
          0, {"T0", "W0", "W1", "T2"},
          t.loop("p", "conv1", 1, t.loop("q", "conv1", 1, std::move(below))))});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  expectNoMemory({*plan}, {12, 12}, 1001, 2);
  // Few steps, many kinds of trees.
  RandomOptions options;
  options.pipelines = options.spatial = true;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Candidate c = randomTrunk(seed, options);
    auto plan = compile(c.workload, c.arch, c.mapping);
    if (plan)
      expectNoMemory({*plan}, std::vector<int64_t>(plan->steps().size(), 4), 40,
                     seed);
  }
}

/// Cells that no machine visits: 10^7 x 10^7 in tiles of 1.
TEST(Boxes, CostDoesNotGrowWithExtents) {
  Workload w = convolutions(2, 1, 10'000'000).w;
  auto plan = compile(w, twoLevels(), Mapping{lineBuffers(w)});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  int64_t steps[] = {1, 1};
  auto report = evaluate(*plan, steps, scratch);
  ASSERT_TRUE(bool(report)) << report.error().message;
  EXPECT_EQ(scratch.way, Scratch::Way::Boxes);
  EXPECT_EQ(report->ops,
            (std::vector<int64_t>{900000000000000, 900000000000000}));
  EXPECT_EQ(report->recompute, (std::vector<int64_t>{0, 0}));
}

/// What buffers of a tensor move at a level are its accesses there, whichever
/// way the numbers come from.
TEST(Boxes, BuffersAddUpToAccesses) {
  RandomOptions options;
  options.pipelines = options.spatial = true;
  uint64_t several = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Candidate c =
        seed % 2 ? randomCandidate(seed, options) : randomTrunk(seed, options);
    Result<CostReport> report = evaluate(c.workload, c.arch, c.mapping);
    if (!report)
      continue;
    std::map<std::pair<LevelId, TensorId>, std::array<int64_t, 6>> byBuffer,
        byAccess;
    auto add = [](auto &sums, const auto &row) {
      auto &sum = sums[{row.level, row.tensor}];
      int64_t moved[] = {row.reads,  row.writes,   row.fills,
                         row.drains, row.readBits, row.writeBits};
      for (size_t i = 0; i < sum.size(); ++i)
        sum[i] += moved[i];
    };
    for (const BufferRow &row : report->buffers) {
      several += byBuffer.count({row.level, row.tensor});
      add(byBuffer, row);
    }
    for (const AccessRow &row : report->accesses)
      add(byAccess, row);
    std::erase_if(byBuffer, [](const auto &sum) {
      return sum.second == std::array<int64_t, 6>{};
    });
    EXPECT_EQ(byBuffer, byAccess) << "seed " << seed;
  }
  EXPECT_GT(several, 20u); // Retained in several branches.
}

} // namespace
