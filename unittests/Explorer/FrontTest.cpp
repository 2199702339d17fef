//===- FrontTest.cpp - Fronts against exhaustive enumeration --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every mapping of the trunk space, made here again from its definition in
// docs/Explorer.md and run by the simulator, must give the front that the
// search gives.
//
//===----------------------------------------------------------------------===//

#include "looptree/Explorer/Front.h"
#include "../Analysis/Builder.h"
#include "../Random.h"
#include "RandomCandidate.h"
#include "looptree/Analysis/Evaluate.h"
#include "looptree/Reference/Simulate.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

using Values = std::vector<double>;

/// Where a tensor stands: {} is the outermost level alone.
struct Spot {
  bool isOutside = true, onChip = false, noReuse = false;
  unsigned level = 0, depth = 0;
};

/// All trees of the space, one after the other.
class Exhaustive {
public:
  Exhaustive(const Workload &w, const Arch &arch, const TrunkSpace &space)
      : w(w), arch(arch), space(space), spots(w.tensors.size()) {}

  /// False when there are more than `most`.
  bool forEach(size_t most, const std::function<void(const Mapping &)> &use) {
    this->use = &use;
    left = most;
    return addLoops();
  }

private:
  /// What docs/Candidates.md says of `loop_order` and a mapping's first loops.
  bool isWhole() const {
    std::vector<RankId> order;
    for (const For &loop : loops)
      order.push_back(loop.rank);
    if (space.orders &&
        !std::count(space.orders->begin(), space.orders->end(), order))
      return false;
    for (size_t i = 0; i < space.first.size(); ++i)
      if (i >= order.size() || order[i] != space.first[i])
        return false;
    return true;
  }

  bool addLoops() {
    if (w.einsums.size() > 1 && !space.sequential)
      return true;
    if (isWhole() && !placeTensor(0))
      return false;
    if (space.maxLoops && loops.size() >= *space.maxLoops)
      return true;
    const Einsum &head = w.einsums.back();
    std::vector<EinsumId> all;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      all.push_back(e);
    if (headsOf(all, w).size() > 1)
      return true;
    for (RankId r = 0; r < head.ranks.size(); ++r) {
      bool allowed = !space.ranks;
      if (space.ranks)
        for (RankId known : *space.ranks)
          allowed |= known == r;
      for (const For &loop : loops)
        allowed &= loop.rank != r;
      if (!allowed)
        continue;
      for (int64_t step = 1; step < head.ranks[r].extent; ++step) {
        auto rule = space.steps.find(r);
        if (rule != space.steps.end()) {
          if (step % rule->second.multipleOf != 0)
            continue;
          const auto &list = rule->second.oneOf;
          if (list && !std::count(list->begin(), list->end(), step))
            continue;
          const auto &tiles = rule->second.tiles;
          int64_t count = (head.ranks[r].extent + step - 1) / step;
          if (tiles && !std::count(tiles->begin(), tiles->end(), count))
            continue;
        }
        loops.push_back({EinsumId(w.einsums.size() - 1), r, step});
        bool good = addLoops();
        loops.pop_back();
        if (!good)
          return false;
      }
    }
    return true;
  }

  bool placeTensor(TensorId t) {
    if (t == w.tensors.size()) {
      if (left-- == 0)
        return false;
      (*use)(Mapping{tree(0)});
      return true;
    }
    bool middle = w.tensors[t].kind == TensorKind::Intermediate;
    auto has = [&](const std::vector<TensorId> &list) {
      return std::count(list.begin(), list.end(), t) > 0;
    };
    for (bool outside : {true, false}) {
      if (!outside && (!middle || has(space.unfused)))
        continue;
      if (outside && middle && has(space.fused))
        continue;
      auto rule = space.retain.find(t);
      bool ruled = rule != space.retain.end();
      if (outside &&
          (!ruled || rule->second.where == RetainRule::Where::OffChip)) {
        spots[t] = {};
        if (!placeTensor(t + 1))
          return false;
      }
      for (unsigned level = 1; level < arch.levels.size(); ++level)
        for (unsigned depth = 0; depth <= loops.size(); ++depth)
          for (bool noReuse : {false, true}) {
            if (!arch.levels[level].canHold(w.tensors[t]))
              continue;
            if (ruled && !keeps(rule->second, level, depth, noReuse))
              continue;
            spots[t] = {outside, true, noReuse, level, depth};
            if (!placeTensor(t + 1))
              return false;
          }
    }
    return true;
  }

  bool keeps(const RetainRule &rule, unsigned level, unsigned depth,
             bool noReuse) const {
    switch (rule.where) {
    case RetainRule::Where::OnTrunk:
      break;
    case RetainRule::Where::AboveLoops:
      if (depth != 0)
        return false;
      break;
    case RetainRule::Where::BelowLoops:
      if (depth != loops.size())
        return false;
      break;
    case RetainRule::Where::BelowSome:
      if (depth != rule.depth)
        return false;
      break;
    case RetainRule::Where::OffChip:
      return false;
    }
    return rule.level.value_or(level) == level &&
           rule.noReuse.value_or(noReuse) == noReuse;
  }

  Node retains(unsigned depth, TensorId t, Node body) const {
    if (t == w.tensors.size())
      return body;
    body = retains(depth, t + 1, std::move(body));
    const Spot &spot = spots[t];
    if (!spot.onChip || spot.depth != depth)
      return body;
    Retain retain{spot.level, {t}, {}};
    if (spot.noReuse)
      retain.noReuse = {t};
    return {retain, {std::move(body)}};
  }

  Node tree(unsigned depth) const {
    Node node;
    if (depth < loops.size()) {
      node = {loops[depth], {tree(depth + 1)}};
    } else {
      std::vector<Node> branches;
      for (EinsumId e = 0; e < w.einsums.size(); ++e)
        branches.push_back({ComputeNode{e}, {}});
      node = branches.size() == 1 ? branches[0] : Node{Sequential{}, branches};
    }
    node = retains(depth, 0, std::move(node));
    if (depth > 0)
      return node;
    Retain outer{0, {}, {}};
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (spots[t].isOutside)
        outer.tensors.push_back(t);
    return outer.tensors.empty() ? node : Node{outer, {std::move(node)}};
  }

  const Workload &w;
  const Arch &arch;
  const TrunkSpace &space;
  std::vector<For> loops;
  std::vector<Spot> spots;
  const std::function<void(const Mapping &)> *use = nullptr;
  size_t left = 0;
};

bool covers(const Values &a, const Values &b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i])
      return false;
  return true;
}

std::vector<Values> frontOf(const std::vector<Values> &all) {
  std::vector<Values> front;
  for (const Values &v : all) {
    bool beaten = false;
    for (const Values &other : all)
      beaten |= other != v && covers(other, v);
    if (!beaten && !std::count(front.begin(), front.end(), v))
      front.push_back(v);
  }
  std::sort(front.begin(), front.end());
  return front;
}

std::vector<Values> valuesOf(const Front &front) {
  std::vector<Values> values;
  for (const FrontPoint &point : front.points)
    values.push_back(point.values);
  return values;
}

struct RandomProblem {
  Workload workload;
  Arch arch;
  TrunkSpace space;
  std::vector<Goal> goals;
};

RandomProblem randomProblem(uint64_t seed) {
  Random random(seed);
  RandomOptions options;
  options.maxEinsums = 3;
  options.maxOps = 150;
  Candidate candidate = randomCandidate(seed, options);
  RandomProblem p{candidate.workload, candidate.arch, {}, {}};
  p.space.maxLoops = unsigned(random.in(0, 2));
  const Einsum &head = p.workload.einsums.back();
  std::vector<RankId> ranks;
  for (RankId r = 0; r < head.ranks.size(); ++r) {
    if (random.chance(0.50))
      ranks.push_back(r);
    if (random.chance(0.40))
      p.space.steps[r].multipleOf = 1 + random.in(0, 1);
    else if (random.chance(0.50))
      p.space.steps[r].oneOf = {{1 + random.in(0, 2)}};
  }
  if (random.chance(0.70))
    p.space.ranks = ranks;
  for (TensorId t = 0; t < p.workload.tensors.size(); ++t)
    if (p.workload.tensors[t].kind == TensorKind::Intermediate &&
        random.chance(0.60))
      (random.chance(0.30) ? p.space.unfused : p.space.fused).push_back(t);
  // Rarely: most problems should have mappings left.
  if (random.chance(0.15)) {
    p.space.orders.emplace();
    for (int i = 0; i < 2; ++i) {
      auto &order = p.space.orders->emplace_back();
      for (RankId r = 0; r < head.ranks.size(); ++r)
        if (random.chance(0.40))
          order.insert(random.chance(0.50) ? order.begin() : order.end(), r);
    }
  }
  if (!head.ranks.empty() && random.chance(0.10))
    p.space.first = {RankId(random.in(0, int64_t(head.ranks.size()) - 1))};
  for (RankId r = 0; r < head.ranks.size(); ++r)
    if (random.chance(0.15))
      p.space.steps[r].tiles = {{2, 3}};
  p.space.sequential = random.chance(0.97);
  for (TensorId t = 0; t < p.workload.tensors.size(); ++t) {
    if (!random.chance(0.20))
      continue;
    RetainRule &rule = p.space.retain[t];
    rule.where = RetainRule::Where(random.in(0, 4));
    rule.depth = unsigned(random.in(0, 1));
    if (random.chance(0.30))
      rule.level = LevelId(p.arch.levels.size() - 1);
    if (random.chance(0.30))
      rule.noReuse = random.chance(0.50);
  }
  for (Level &level : p.arch.levels) {
    level.capacityBits = std::nullopt;
    if (&level != &p.arch.levels[0] && random.chance(0.50))
      level.capacityBits = 8 + random.in(0, 399);
  }
  for (LevelId level = 1; level < p.arch.levels.size(); ++level)
    if (random.chance(0.60))
      p.goals.push_back({Goal::Kind::CapacityBits, level});
  if (p.goals.empty() || random.chance(0.80))
    p.goals.push_back({Goal::Kind::OffChipBits});
  for (auto kind : {Goal::Kind::RecomputeOps, Goal::Kind::Latency,
                    Goal::Kind::EnergyPj, Goal::Kind::Edp})
    if (p.goals.size() < 3 && random.chance(0.25))
      p.goals.push_back({kind});
  return p;
}

TEST(SearchFront, EqualsEnumerationWithTheSimulator) {
  constexpr unsigned kProblems = 100;
  constexpr size_t kMappings = 3000;
  unsigned compared = 0, infeasible = 0, several = 0;
  for (uint64_t seed = 0; compared < kProblems; ++seed) {
    ASSERT_LT(seed, 5000u);
    RandomProblem p = randomProblem(seed);
    Exhaustive space(p.workload, p.arch, p.space);
    if (!space.forEach(kMappings, [](const Mapping &) {}))
      continue;
    std::vector<Values> all;
    space.forEach(kMappings, [&](const Mapping &mapping) {
      ASSERT_FALSE(check(mapping, p.workload, p.arch));
      auto report = simulate(p.workload, p.arch, mapping);
      if (!report || !report->valid())
        return;
      Values values;
      for (const Goal &goal : p.goals)
        values.push_back(valueOf(*report, goal));
      all.push_back(std::move(values));
    });
    auto front = searchFront(p.workload, p.arch, p.space, p.goals);
    ASSERT_TRUE(bool(front)) << front.error().message;
    ASSERT_EQ(valuesOf(*front), frontOf(all)) << "seed " << seed;
    EXPECT_EQ(front->status,
              all.empty() ? Front::Status::Infeasible : Front::Status::Optimal);
    EXPECT_EQ(front->reason.empty(), !all.empty());
    for (const FrontPoint &point : front->points) {
      auto report = simulate(p.workload, p.arch, point.mapping);
      ASSERT_TRUE(report && report->valid());
      for (size_t i = 0; i < p.goals.size(); ++i)
        EXPECT_EQ(valueOf(*report, p.goals[i]), point.values[i]);
    }
    ++compared;
    infeasible += all.empty();
    several += front->points.size() > 1;
  }
  // The comparison means something.
  EXPECT_GT(several, kProblems / 10);
  EXPECT_LT(infeasible, kProblems / 2);
}

/// B[16] <- A[18] <- I[20], 3-wide filters.
Workload pair() {
  WorkloadBuilder b;
  b.input("I", {20}).input("WA", {3}).input("WB", {3});
  b.middle("A", {18}).output("B", {16});
  b.einsum("convA", {{"p", 18}, {"r", 3}}, {"A", {"p"}},
           {{"I", {"p + r"}}, {"WA", {"r"}}});
  b.einsum("convB", {{"p", 16}, {"r", 3}}, {"B", {"p"}},
           {{"A", {"p + r"}}, {"WB", {"r"}}});
  return b.w;
}

TEST(SearchFront, OfThePairReachesTheMinimum) {
  auto front =
      searchFront(pair(), twoLevels(), {},
                  {{Goal::Kind::CapacityBits, 1}, {Goal::Kind::OffChipBits}});
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Optimal);
  EXPECT_EQ(front->points.back().values[1], 42 * 8);
  for (size_t i = 1; i < front->points.size(); ++i) {
    EXPECT_GT(front->points[i].values[0], front->points[i - 1].values[0]);
    EXPECT_LT(front->points[i].values[1], front->points[i - 1].values[1]);
  }
}

/// (T0[m,k] W0[k,n]) W1[n,o].
Workload twoMatmuls(int64_t m, int64_t k, int64_t n, int64_t o) {
  WorkloadBuilder b;
  b.input("T0", {m, k}).input("W0", {k, n}).input("W1", {n, o});
  b.middle("T1", {m, n}).output("T2", {m, o});
  b.einsum("mm0", {{"m", m}, {"k", k}, {"n", n}}, {"T1", {"m", "n"}},
           {{"T0", {"m", "k"}}, {"W0", {"k", "n"}}});
  b.einsum("mm1", {{"m", m}, {"n", n}, {"o", o}}, {"T2", {"m", "o"}},
           {{"T1", {"m", "n"}}, {"W1", {"n", "o"}}});
  return b.w;
}

// Source: the two-layer chain of Orojenesis (ISCA 2024). At unlimited capacity
// each element of the inputs and of the result moves once.
TEST(SearchFront, OfTheChainOfOrojenesisAtUnlimitedCapacity) {
  auto front = searchFront(twoMatmuls(32768, 4096, 16384, 4096), twoLevels(),
                           {}, {{Goal::Kind::OffChipBits}});
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Optimal);
  EXPECT_EQ(front->points.at(0).report.offChip.elements, 402'653'184);
  // Nothing moves less, so nothing is left to look at.
  EXPECT_LT(front->evaluations, 100);
}

// Steps left out of a matmul's ranks change nothing of the front.
TEST(SearchFront, OfMatmulsNeedsTheLeastStepOfEachTileCount) {
  for (bool fused : {false, true}) {
    Workload set = twoMatmuls(7, 2, 3, 6);
    TrunkSpace space;
    space.maxLoops = 1;
    (fused ? space.fused : space.unfused) = {set.findTensor("T1").value()};
    std::vector<Values> all;
    Exhaustive(set, twoLevels(), space)
        .forEach(SIZE_MAX, [&](const Mapping &mapping) {
          auto report = evaluate(set, twoLevels(), mapping);
          if (report)
            all.push_back({double(report->capacityBits[1]),
                           double(report->offChip.bits)});
        });
    auto front =
        searchFront(set, twoLevels(), space,
                    {{Goal::Kind::CapacityBits, 1}, {Goal::Kind::OffChipBits}});
    ASSERT_TRUE(bool(front)) << front.error().message;
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(valuesOf(*front), frontOf(all));
  }
}

TEST(SearchFront, StopsAtALimitWithItsBound) {
  SearchLimits limits;
  limits.evaluations = 2;
  auto front =
      searchFront(pair(), twoLevels(), {}, {{Goal::Kind::OffChipBits}}, limits);
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Limit);
  EXPECT_LE(front->evaluations, 2);
  EXPECT_EQ(front->bounds, Values{42 * 8});

  std::atomic<bool> stop = true;
  limits = {};
  limits.stop = &stop;
  front =
      searchFront(pair(), twoLevels(), {}, {{Goal::Kind::OffChipBits}}, limits);
  EXPECT_EQ(front->status, Front::Status::Limit);
  EXPECT_TRUE(front->points.empty());
}

TEST(SearchFront, SaysWhatWouldFit) {
  Arch arch = twoLevels();
  arch.levels[1].capacityBits = 7;
  TrunkSpace space;
  space.fused = {3}; // A: an element at least
  auto front = searchFront(pair(), arch, space, {{Goal::Kind::OffChipBits}});
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Infeasible);
  EXPECT_EQ(front->reason, "level GLB holds 7 bits, and every mapping of the "
                           "space needs at least 8");
}

TEST(SearchFront, RefusesWhatIsNoProblem) {
  auto front = searchFront(pair(), twoLevels(), {}, {});
  ASSERT_FALSE(bool(front));
  EXPECT_EQ(front.error().message, "there is no objective");
  front = searchFront({}, twoLevels(), {}, {{Goal::Kind::OffChipBits}});
  ASSERT_FALSE(bool(front));
}

} // namespace
