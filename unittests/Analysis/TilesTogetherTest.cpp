//===- TilesTogetherTest.cpp - Equal tiles against every tile ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Taking equal tiles together and visiting every tile give one answer.

#include "Builder.h"

using namespace looptree;
using namespace looptree::test;

namespace {

void expectSame(const CostReport &a, const CostReport &b) {
  EXPECT_EQ(a.ops, b.ops);
  EXPECT_EQ(a.recompute, b.recompute);
  EXPECT_EQ(a.accesses, b.accesses);
  EXPECT_EQ(a.buffers, b.buffers);
  EXPECT_EQ(a.capacityBits, b.capacityBits);
  EXPECT_EQ(a.offChip, b.offChip);
  EXPECT_EQ(a.computeCycles, b.computeCycles);
  EXPECT_EQ(a.fillCycles, b.fillCycles);
  EXPECT_EQ(a.drainCycles, b.drainCycles);
}

/// A chain of three padded convolutions, the second of which strides.
WorkloadBuilder chain(int64_t n) {
  WorkloadBuilder b;
  b.input("I", {4, 2 * n}).middle("A", {3, 2 * n}).middle("B", {2, n});
  b.output("C", {2, n});
  b.einsum("first", {{"m", 3}, {"p", 2 * n}, {"c", 4}, {"r", 3}},
           {"A", {"m", "p"}}, {{"I", {"c", "p + r - 1"}}});
  b.einsum("second", {{"m", 2}, {"p", n}, {"c", 3}, {"r", 3}},
           {"B", {"m", "p"}}, {{"A", {"c", "2*p + r - 1"}}});
  b.einsum("third", {{"m", 2}, {"p", n}, {"c", 2}, {"r", 5}}, {"C", {"m", "p"}},
           {{"B", {"c", "p + r - 2"}}});
  return b;
}

struct Shape {
  int64_t extent, step;
  int place; ///< 0: A and B above the loop, 1: below, 2: below, not reused.
  bool togetherExpected;
  bool pipeline = false;
};

class TilesTogether : public testing::TestWithParam<Shape> {};

TEST_P(TilesTogether, EqualsEveryTile) {
  Shape shape = GetParam();
  Workload w = chain(shape.extent).w;
  TreeBuilder t{w};
  std::vector<Node> branches{t.loop("m", "first", 2, t.compute("first")),
                             t.compute("second"),
                             t.loop("c", "third", 1, t.compute("third"))};
  Node tree = shape.pipeline ? t.pipeline(branches) : t.sequential(branches);
  tree = t.retain(1, {"I", "C"}, std::move(tree));
  std::vector<std::string> middles{"A", "B"};
  if (shape.place > 0)
    tree = t.retain(1, middles, std::move(tree),
                    shape.place == 2 ? middles : std::vector<std::string>{});
  tree = t.loop("p", "third", shape.step, std::move(tree));
  if (shape.place == 0)
    tree = t.retain(1, middles, std::move(tree));
  auto plan = compile(w, twoLevels(), Mapping{t.retain(0, {"I", "C"}, tree)});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  auto together = evaluateTilesTogether(*plan, plan->steps(), scratch);
  ASSERT_TRUE(bool(together)) << together.error().message;
  EXPECT_EQ(scratch.way == Scratch::Way::TilesTogether, shape.togetherExpected);
  auto every = evaluateEveryTile(*plan, plan->steps());
  ASSERT_TRUE(bool(every)) << every.error().message;
  expectSame(*together, *every);
}

INSTANTIATE_TEST_SUITE_P(
    Chains, TilesTogether,
    testing::Values(Shape{90, 1, 0, true}, Shape{90, 1, 1, true},
                    Shape{90, 1, 2, true}, Shape{201, 4, 0, true},
                    Shape{201, 4, 1, true}, Shape{203, 4, 2, true},
                    Shape{201, 5, 0, true}, Shape{400, 7, 1, true},
                    Shape{10, 1, 1, false}, Shape{90, 1, 0, true, true},
                    Shape{90, 1, 1, true, true}, Shape{90, 1, 2, true, true},
                    Shape{201, 4, 0, true, true}, Shape{203, 4, 1, true, true},
                    Shape{400, 7, 1, true, true}));

/// Jobs of several tiles make up a zone, and the pipeline's jobs come in their
/// order.
TEST(TilesTogether, PipelineOfTilesThatShareAZone) {
  Workload w = chain(400).w;
  for (auto [outer, inner] : {std::pair{12, 3}, {3, 1}, {400, 5}}) {
    TreeBuilder t{w};
    Node tree = t.pipeline({t.loop("p", "first", 4, t.compute("first")),
                            t.compute("second"),
                            t.loop("m", "third", 1, t.compute("third"))});
    tree = t.loop("p", "third", inner, t.retain(1, {"B"}, std::move(tree)));
    tree =
        t.loop("p", "third", outer, t.retain(1, {"A", "I"}, std::move(tree)));
    auto plan = compile(w, twoLevels(), Mapping{t.retain(0, {"I", "C"}, tree)});
    ASSERT_TRUE(bool(plan)) << plan.error().message;
    Scratch scratch;
    auto together = evaluate(*plan, plan->steps(), scratch);
    ASSERT_TRUE(bool(together)) << together.error().message;
    auto every = evaluateEveryTile(*plan, plan->steps());
    expectSame(*together, *every);
  }
}

/// Instances side by side inside the tiles, along ranks that move with the loop
/// and along others, with buffers of their own and without.
TEST(TilesTogether, TilesOfInstances) {
  Arch arch = twoLevels();
  arch.levels.push_back(arch.levels[1]);
  arch.levels[2].name = "RF";
  arch.fanouts = {{"X", 4, 1}, {"Y", 4, 1}};
  for (bool pipeline : {false, true})
    for (bool multicast : {false, true})
      for (int64_t step : {4, 6}) {
        arch.levels[1].multicast = arch.levels[1].reduce = multicast;
        Workload w = chain(200).w;
        TreeBuilder t{w};
        auto spatial = [&](const char *rank, const char *einsum, int64_t size,
                           unsigned fanout, Node body) {
          EinsumId e = *w.findEinsum(einsum);
          return Node{SpatialFor{e, *w.einsums[e].findRank(rank), size, fanout},
                      {std::move(body)}};
        };
        std::vector<Node> branches{
            spatial("p", "first", 3, 0,
                    spatial("c", "first", 1, 1,
                            t.retain(2, {"I"}, t.compute("first")))),
            spatial("c", "second", 2, 0, t.compute("second")),
            spatial("p", "third", 1, 1,
                    spatial("m", "third", 1, 0, t.compute("third")))};
        Node tree = pipeline ? t.pipeline(branches) : t.sequential(branches);
        tree = t.loop("p", "third", step,
                      t.retain(1, {"I", "A", "B", "C"}, std::move(tree)));
        auto plan = compile(w, arch, Mapping{t.retain(0, {"I", "C"}, tree)});
        ASSERT_TRUE(bool(plan)) << plan.error().message;
        Scratch scratch;
        auto together = evaluate(*plan, plan->steps(), scratch);
        ASSERT_TRUE(bool(together)) << together.error().message;
        EXPECT_EQ(scratch.way, Scratch::Way::TilesTogether);
        auto every = evaluateEveryTile(*plan, plan->steps());
        expectSame(*together, *every);
        EXPECT_EQ(together->memoryCycles, every->memoryCycles);
      }
}

TEST(TilesTogether, NestedLoopsOverOneRank) {
  Workload w = chain(400).w;
  TreeBuilder t{w};
  Node tree = t.sequential(
      {t.compute("first"), t.compute("second"), t.compute("third")});
  tree = t.loop("p", "third", 3, t.retain(1, {"B"}, std::move(tree)));
  tree = t.loop("p", "third", 12, t.retain(1, {"A", "I"}, std::move(tree)));
  auto plan = compile(w, twoLevels(), Mapping{t.retain(0, {"I", "C"}, tree)});
  ASSERT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  auto together = evaluateTilesTogether(*plan, plan->steps(), scratch);
  ASSERT_TRUE(bool(together)) << together.error().message;
  EXPECT_EQ(scratch.way, Scratch::Way::TilesTogether);
  auto every = evaluateEveryTile(*plan, plan->steps());
  expectSame(*together, *every);
}

/// Tile after tile through two stages: each is a job, of which the schedule
/// knows the times one by one. Boxes do not need to.
TEST(TilesTogether, PipelinesOfTooManyJobs) {
  for (int64_t n : {int64_t(1000), (int64_t(1) << 22) + 1}) {
    WorkloadBuilder b;
    b.input("I", {n}).middle("A", {n}).output("B", {n});
    b.einsum("first", {{"p", n}}, {"A", {"p"}}, {{"I", {"p"}}});
    b.einsum("second", {{"p", n}}, {"B", {"p"}}, {{"A", {"p"}}});
    TreeBuilder t{b.w};
    Node tree = t.retain(1, {"I", "A", "B"},
                         t.pipeline({t.compute("first"), t.compute("second")}));
    auto plan = compile(
        b.w, twoLevels(),
        Mapping{t.retain(0, {"I", "B"}, t.loop("p", "second", 1, tree))});
    ASSERT_TRUE(bool(plan)) << plan.error().message;
    Scratch scratch;
    auto boxes = evaluate(*plan, plan->steps(), scratch);
    ASSERT_TRUE(bool(boxes)) << boxes.error().message;
    EXPECT_EQ(scratch.way, Scratch::Way::Boxes);
    auto together = evaluateTilesTogether(*plan, plan->steps(), scratch);
    if (n == 1000) {
      ASSERT_TRUE(bool(together)) << together.error().message;
      expectSame(*together, *boxes);
    } else {
      ASSERT_FALSE(together);
      EXPECT_EQ(together.error().message,
                "the pipeline of first, second runs more than 4194304 jobs, "
                "which the closed form does not cover");
    }
  }
}

} // namespace
