//===- ConstraintsTest.cpp - What is asked of a network's plan ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Networks.h"
#include "Random.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace looptree;
using namespace looptree::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// conv_T1, relu_T2, conv_T3, relu_T4, conv_T5, add_T6 of T5 and T2, pool_T7.
Network residualBlock() {
  NetworkBuilder b;
  Feature x = b.relu(b.conv(b.input(3, 12), 6, 3));
  Feature y = b.relu(b.conv(x, 6, 3));
  b.maxPool(b.add(b.conv(y, 6, 3), x), 2, 2);
  return b.finish();
}

TensorId tensor(const Network &n, const char *name) {
  return *n.workload.findTensor(name);
}

Result<Exploration> explored(const Network &network, const Constraints &c,
                             int64_t bytes = 1024) {
  NetworkSearch search;
  search.constraints = c;
  return explore(network, edgeLike(bytes * 8), Objective::OffChipBits, search);
}

std::vector<std::vector<EinsumId>> setsOf(const NetworkPlan &plan) {
  std::vector<std::vector<EinsumId>> sets;
  for (const FusedSet &set : plan.sets)
    sets.push_back(set.einsums);
  return sets;
}

/// The trunk of a mapping, and where tensors are on chip first.
struct Trunk {
  std::vector<RankId> loops;
  std::vector<int64_t> steps;
  struct Place {
    LevelId level;
    unsigned depth;
    bool inBranch;
  };
  std::map<TensorId, Place> places;

  void read(const Node &node, bool inBranch) {
    if (const auto *loop = std::get_if<For>(&node.kind); loop && !inBranch) {
      loops.push_back(loop->rank);
      steps.push_back(loop->step);
    }
    if (const auto *retain = std::get_if<Retain>(&node.kind))
      for (TensorId t : retain->tensors)
        if (retain->level > 0)
          places.insert({t, {retain->level, unsigned(loops.size()), inBranch}});
    for (const Node &child : node.children)
      read(child, inBranch || node.isSplit());
  }
};

void expectMet(const FusedSet &set, const Constraints &c, const Network &n) {
  TrunkSpace space = spaceOf(c, n.workload, set.einsums);
  Trunk trunk;
  trunk.read(set.mapping.root, false);
  EXPECT_TRUE(space.mayBe(trunk.loops));
  for (size_t i = 0; i < trunk.loops.size(); ++i)
    EXPECT_TRUE(
        space.mayStep(trunk.loops[i],
                      set.workload.einsums.back().ranks[trunk.loops[i]].extent,
                      trunk.steps[i]));
  for (const auto &[t, rule] : space.retain) {
    auto place = trunk.places.find(t);
    if (place == trunk.places.end()) {
      EXPECT_TRUE(space.mayBeOffChip(t)) << set.workload.tensors[t].name;
    } else {
      EXPECT_FALSE(place->second.inBranch) << set.workload.tensors[t].name;
      EXPECT_TRUE(space.mayRetain(t, place->second.level, place->second.depth,
                                  unsigned(trunk.loops.size()), false))
          << set.workload.tensors[t].name;
    }
  }
  for (TensorId t : space.unfused)
    EXPECT_NE(set.workload.tensors[t].kind, TensorKind::Intermediate);
  for (TensorId t : space.fused)
    EXPECT_EQ(set.workload.tensors[t].kind, TensorKind::Intermediate);
}

Constraints randomConstraints(const Workload &w, Random &random) {
  Constraints c;
  auto einsum = [&] { return EinsumId(random.in(0, w.einsums.size() - 1)); };
  auto rank = [&](EinsumId e) {
    return RankId(random.in(0, w.einsums[e].ranks.size() - 1));
  };
  if (random.chance(0.2))
    c.maxLoops = unsigned(random.in(0, 2));
  for (int i = 0; i < 2; ++i) {
    EinsumId e = einsum();
    if (random.chance(0.4))
      c.ranks[e] = {rank(e), RankId(1)};
    if (random.chance(0.3))
      c.orders[e] = {{}, {RankId(1)}, {RankId(2), RankId(1)}};
    if (random.chance(0.4)) {
      StepRule &rule = c.steps[e][random.chance(0.5) ? 1 : rank(e)];
      rule.multipleOf = random.in(1, 4);
      if (random.chance(0.3))
        rule.oneOf = {{2, 4, 6, 8}};
      if (random.chance(0.3))
        rule.tiles = {{2, 3}};
    }
  }
  std::vector<TensorId> middles;
  for (TensorId t = 0; t < w.tensors.size(); ++t)
    if (w.tensors[t].kind == TensorKind::Intermediate)
      middles.push_back(t);
  if (random.chance(0.4))
    c.unfused = {random.of(middles)};
  if (TensorId t = random.of(middles);
      random.chance(0.4) && (c.unfused.empty() || c.unfused[0] != t))
    c.fused = {t};
  if (random.chance(0.5)) {
    RetainRule rule;
    rule.where = random.of<RetainRule::Where>(
        {RetainRule::Where::OnTrunk, RetainRule::Where::AboveLoops,
         RetainRule::Where::BelowLoops, RetainRule::Where::BelowSome,
         RetainRule::Where::OffChip});
    rule.depth = unsigned(random.in(0, 2));
    c.retain[TensorId(random.in(0, w.tensors.size() - 1))] = rule;
  }
  return c;
}

TEST(NetworkConstraints, EverySetMeetsThem) {
  Network network = residualBlock();
  int found = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Constraints c = randomConstraints(network.workload, random);
    auto plan = explored(network, c, random.of<int64_t>({400, 1024, 1 << 20}));
    if (!plan) {
      EXPECT_THAT(plan.error().message, testing::StartsWith("no plan"));
      continue;
    }
    ++found;
    size_t einsums = 0;
    for (const FusedSet &set : plan->fused.sets) {
      EXPECT_TRUE(set.report.valid());
      expectMet(set, c, network);
      einsums += set.einsums.size();
    }
    EXPECT_EQ(einsums, network.workload.einsums.size());
  }
  EXPECT_GT(found, 20);
}

TEST(NetworkConstraints, WhatAllPlansMeetChangesNothing) {
  Network network = residualBlock();
  Constraints loose;
  loose.maxLoops = 2;
  auto with = explored(network, loose), without = explored(network, {});
  ASSERT_TRUE(with && without);
  // Of sets of several einsums; loops of a single one count as its trunk's.
  EXPECT_EQ(setsOf(with->fused), setsOf(without->fused));
  EXPECT_EQ(setsOf(with->layerByLayer), setsOf(without->layerByLayer));
}

TEST(NetworkConstraints, TensorsAreKeptInOrOut) {
  Network network = residualBlock();
  Constraints c;
  c.unfused = {tensor(network, "T2")};
  c.fused = {tensor(network, "T3"), tensor(network, "T4")};
  auto found = explored(network, c, 1 << 20);
  ASSERT_TRUE(bool(found)) << found.error().message;
  EXPECT_THAT(setsOf(found->fused),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3, 4, 5, 6)));
  // The plans that it is compared with are free.
  EXPECT_EQ(found->layerByLayer.sets.size(), 4u);
}

TEST(NetworkConstraints, ConflictsAreNamed) {
  Network network = residualBlock();
  Constraints c;
  c.maxLoops = 0;
  c.retain[tensor(network, "T4")] = {RetainRule::Where::BelowSome, 1};
  auto found = explored(network, c);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message,
            "no plan is left: max_loops: 0 and retain of T4 below 1 loop leave "
            "relu_T4 no mapping together");

  Network cut = network;
  cut.cuts = {3};
  c = {};
  c.fused = {tensor(network, "T3")};
  found = explored(cut, c);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "no plan is left: fused: T3, but a barrier "
                                   "stands before relu_T4");

  c.sequential = false;
  found = explored(network, c);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message,
            "no plan is left: fused: T3 and splits without sequential leave no "
            "mapping together");

  c = {};
  c.orders[0] = {{0, 1, 2, 3}};
  found = explored(network, c);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "loop_order of conv_T1 has 4 loops; sets "
                                   "are searched with at most 3");
}

/// conv_T3 and relu_T4 without loops.
PinnedSet pinnedPair(const Network &network) {
  Workload set = extractSet(network.workload, {2, 3});
  TreeBuilder t{set};
  return {"@hand",
          {2, 3},
          {t.retain(0, {"T2", "WT3", "T4"},
                    t.retain(1, {"T2", "WT3", "T3", "T4"},
                             t.sequential({t.compute("conv_T3"),
                                           t.compute("relu_T4")})))}};
}

TEST(PinnedSets, StayAsTheyAre) {
  Network network = residualBlock();
  NetworkSearch search;
  search.pinned = {pinnedPair(network)};
  for (Objective objective :
       {Objective::OffChipBits, Objective::Latency, Objective::Edp}) {
    auto found = explore(network, edgeLike(1 << 20), objective, search);
    ASSERT_TRUE(bool(found)) << found.error().message;
    auto pinned =
        std::find_if(found->fused.sets.begin(), found->fused.sets.end(),
                     [](const FusedSet &set) { return set.einsums[0] == 2; });
    ASSERT_NE(pinned, found->fused.sets.end());
    EXPECT_THAT(pinned->einsums, ElementsAre(2, 3));
    EXPECT_EQ(pinned->mapping, search.pinned[0].mapping);
    EXPECT_EQ(found->fused.sets.size(), 3u);
  }
}

/// A part of a layer, the rest of which goes elsewhere.
TEST(PinnedSets, MayCutLayers) {
  Network network = residualBlock();
  Workload set = extractSet(network.workload, {1, 2});
  TreeBuilder t{set};
  NetworkSearch search;
  search.pinned = {
      {"@hand",
       {1, 2},
       {t.retain(0, {"T1", "T2", "WT3", "T3"},
                 t.retain(1, {"T1", "T2", "WT3"},
                          t.sequential({t.compute("relu_T2"),
                                        t.compute("conv_T3")})))}}};
  auto found =
      explore(network, edgeLike(1 << 20), Objective::OffChipBits, search);
  ASSERT_TRUE(bool(found)) << found.error().message;
  EXPECT_THAT(
      setsOf(found->fused),
      ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(3, 4, 5, 6)));
}

TEST(PinnedSets, ThatCannotBeKept) {
  Network network = residualBlock();
  NetworkSearch search;
  auto message = [&](int64_t bits) {
    auto found =
        explore(network, edgeLike(bits), Objective::OffChipBits, search);
    return found ? "" : found.error().message;
  };
  search.pinned = {pinnedPair(network), pinnedPair(network)};
  search.pinned[1].name = "@other";
  EXPECT_EQ(message(1 << 20), "einsum conv_T3 is in two pinned mappings: @hand "
                              "and @other");
  search.pinned.pop_back();
  EXPECT_THAT(message(8000),
              HasSubstr("pinned mapping @hand does not fit: level GLB needs"));
  network.cuts = {3};
  EXPECT_EQ(message(1 << 20),
            "pinned mapping @hand crosses the barrier before relu_T4");
  network.cuts = {};
  search.constraints.fused = {tensor(network, "T4")};
  EXPECT_EQ(message(1 << 20), "no plan is left: fused: T4, but pinned mapping "
                              "@hand holds some of its einsums only");

  // relu_T2 waits for conv_T1, add_T6 for what conv_T5 makes of it.
  search = {};
  Workload set = extractSet(network.workload, {1, 5});
  TreeBuilder t{set};
  search.pinned = {
      {"@around",
       {1, 5},
       {t.retain(0, {"T1", "T2", "T5", "T6"},
                 t.sequential({t.compute("relu_T2"), t.compute("add_T6")}))}}};
  EXPECT_EQ(message(1 << 20), "pinned mapping @around needs what is computed "
                              "from its own results");
}

TEST(NetworkLimits, GiveTheBestSoFar) {
  Network network = residualBlock();
  Arch arch = edgeLike(1 << 20);
  auto all = explore(network, arch, Objective::OffChipBits);
  ASSERT_TRUE(bool(all));
  EXPECT_FALSE(all->stopped);
  EXPECT_LE(all->bound, double(all->fused.sets[0].report.offChip.bits));
  NetworkSearch search;
  search.evaluations = 1;
  auto first = explore(network, arch, Objective::OffChipBits, search);
  ASSERT_TRUE(bool(first));
  EXPECT_TRUE(first->stopped);
  EXPECT_EQ(first->bound, all->bound);
  EXPECT_GT(first->fused.sets.size(), all->fused.sets.size());
  EXPECT_EQ(setsOf(first->fused), setsOf(first->layerByLayer));

  std::atomic<bool> stop = true;
  search = {};
  search.stop = &stop;
  search.constraints.fused = {tensor(network, "T3")};
  auto none = explore(network, arch, Objective::OffChipBits, search);
  ASSERT_TRUE(none) << none.error().message; // A layer holds it.
  EXPECT_TRUE(none->stopped);
  search.constraints.fused = {tensor(network, "T4")};
  none = explore(network, arch, Objective::OffChipBits, search);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message,
            "stopped before any plan was found that meets the constraints");
}

} // namespace
