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
#include "RandomHalos.h"
#include "looptree/Analysis/Evaluate.h"
#include "looptree/Reference/Simulate.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

using Values = std::vector<double>;

/// All trees of S1 or of the trunk space, one after the other.
class Exhaustive {
public:
  Exhaustive(const Workload &w, const Arch &arch, const TrunkSpace &space,
             bool inS1)
      : w(w), arch(arch), space(space), inS1(inS1 && w.einsums.size() > 1),
        severalLevels(inS1), isOutside(w.tensors.size()),
        nests(w.einsums.size()) {}

  /// False when there are more than `most`.
  bool forEach(size_t most, const std::function<void(const Mapping &)> &use) {
    this->use = &use;
    left = most;
    return addLoops();
  }

private:
  struct Spot {
    TensorId tensor;
    LevelId level;
    unsigned depth;
    bool noReuse;
  };
  struct Chain {
    std::vector<For> loops;
    std::vector<Spot> spots;
  };

  static bool isAllowed(const std::optional<std::vector<RankId>> &ranks,
                        const std::map<RankId, StepRule> &steps,
                        const std::vector<For> &loops, RankId r, int64_t extent,
                        int64_t step) {
    if (ranks && !std::count(ranks->begin(), ranks->end(), r))
      return false;
    for (const For &loop : loops)
      if (loop.rank == r)
        return false;
    auto rule = steps.find(r);
    if (rule == steps.end())
      return true;
    const auto &list = rule->second.oneOf;
    const auto &tiles = rule->second.tiles;
    int64_t count = (extent + step - 1) / step;
    return step % rule->second.multipleOf == 0 &&
           (!list || std::count(list->begin(), list->end(), step)) &&
           (!tiles || std::count(tiles->begin(), tiles->end(), count));
  }

  /// What docs/Candidates.md says of `loop_order` and a mapping's first loops.
  bool isWhole() const {
    std::vector<RankId> order;
    for (const For &loop : trunk.loops)
      order.push_back(loop.rank);
    if (space.orders &&
        !std::count(space.orders->begin(), space.orders->end(), order))
      return false;
    for (size_t i = 0; i < space.first.size(); ++i)
      if (i >= order.size() || order[i] != space.first[i])
        return false;
    return true;
  }

  bool keeps(const RetainRule &rule, const Spot &spot) const {
    switch (rule.where) {
    case RetainRule::Where::OnTrunk:
      break;
    case RetainRule::Where::AboveLoops:
      if (spot.depth != 0)
        return false;
      break;
    case RetainRule::Where::BelowLoops:
      if (spot.depth != trunk.loops.size())
        return false;
      break;
    case RetainRule::Where::BelowSome:
      if (spot.depth != rule.depth)
        return false;
      break;
    case RetainRule::Where::OffChip:
      return false;
    }
    return rule.level.value_or(spot.level) == spot.level &&
           rule.noReuse.value_or(spot.noReuse) == spot.noReuse;
  }

  bool addLoops() {
    if (w.einsums.size() > 1 && !space.sequential)
      return true;
    if (isWhole() && !placeTensor(0))
      return false;
    if (space.maxLoops && trunk.loops.size() >= *space.maxLoops)
      return true;
    const Einsum &head = w.einsums.back();
    std::vector<EinsumId> all;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      all.push_back(e);
    if (headsOf(all, w).size() > 1)
      return true;
    for (RankId r = 0; r < head.ranks.size(); ++r)
      for (int64_t step = 1; step < head.ranks[r].extent; ++step) {
        if (!isAllowed(space.ranks, space.steps, trunk.loops, r,
                       head.ranks[r].extent, step))
          continue;
        trunk.loops.push_back({EinsumId(w.einsums.size() - 1), r, step});
        bool good = addLoops();
        trunk.loops.pop_back();
        if (!good)
          return false;
      }
    return true;
  }

  /// Every way to retain a tensor in a chain from a level on inwards.
  bool retain(Chain &chain, TensorId t, LevelId level, unsigned depth,
              const std::function<bool()> &then) {
    if (level == arch.levels.size())
      return then();
    if (!retain(chain, t, level + 1, depth, then))
      return false;
    if (!arch.levels[level].canHold(w.tensors[t]))
      return true;
    for (unsigned at = depth; at <= chain.loops.size(); ++at)
      for (bool noReuse : {false, true}) {
        chain.spots.push_back({t, level, at, noReuse});
        bool good =
            severalLevels ? retain(chain, t, level + 1, at, then) : then();
        chain.spots.pop_back();
        if (!good)
          return false;
      }
    return true;
  }

  bool placeTensor(TensorId t) {
    if (t == w.tensors.size())
      return addNest(0);
    bool middle = w.tensors[t].kind == TensorKind::Intermediate;
    auto has = [&](const std::vector<TensorId> &list) {
      return std::count(list.begin(), list.end(), t) > 0;
    };
    for (bool outside : {true, false}) {
      if (!outside && (!middle || has(space.unfused)))
        continue;
      if (outside && middle && has(space.fused))
        continue;
      isOutside[t] = outside;
      bool good = retain(trunk, t, 1, 0, [&] {
        return (!outside && levelOf(t) == 0) || !follows(t) ||
               placeTensor(t + 1);
      });
      if (!good)
        return false;
    }
    return true;
  }

  /// The rule for a tensor, if it has one: of its outermost retain on chip.
  bool follows(TensorId t) const {
    auto rule = space.retain.find(t);
    if (rule == space.retain.end())
      return true;
    for (const Spot &spot : trunk.spots)
      if (spot.tensor == t)
        return keeps(rule->second, spot);
    return rule->second.where == RetainRule::Where::OffChip;
  }

  /// The innermost level that holds a tensor on the trunk.
  LevelId levelOf(TensorId t) const {
    LevelId level = 0;
    for (const Spot &spot : trunk.spots)
      if (spot.tensor == t)
        level = std::max(level, spot.level);
    return level;
  }

  bool addNest(EinsumId e) {
    if (e == w.einsums.size()) {
      if (left-- == 0)
        return false;
      (*use)(Mapping{tree()});
      return true;
    }
    nests[e] = {};
    return addNestLoops(e);
  }

  bool addNestLoops(EinsumId e) {
    if (!placeInNest(e, 0))
      return false;
    BranchSpace rules;
    if (space.branches.count(e))
      rules = space.branches.at(e);
    std::vector<For> &loops = nests[e].loops;
    if (!inS1 || (rules.maxLoops && loops.size() >= *rules.maxLoops))
      return true;
    for (RankId r = 0; r < w.einsums[e].ranks.size(); ++r)
      for (int64_t step = 1; step < w.einsums[e].ranks[r].extent; ++step) {
        if (!isAllowed(rules.ranks, rules.steps, loops, r,
                       w.einsums[e].ranks[r].extent, step))
          continue;
        loops.push_back({e, r, step});
        bool good = addNestLoops(e);
        loops.pop_back();
        if (!good)
          return false;
      }
    return true;
  }

  bool placeInNest(EinsumId e, TensorId t) {
    if (t == w.tensors.size()) {
      Chain nest = nests[e];
      bool good = addNest(e + 1);
      nests[e] = nest;
      return good;
    }
    const Einsum &einsum = w.einsums[e];
    bool uses = einsum.write.tensor == t;
    for (const Access &read : einsum.reads)
      uses |= read.tensor == t;
    bool isOffChip = space.retain.count(t) && levelOf(t) == 0;
    if (!uses || !inS1 || isOffChip)
      return placeInNest(e, t + 1);
    return retain(nests[e], t, levelOf(t) + 1, 0,
                  [&] { return placeInNest(e, t + 1); });
  }

  Node around(const Chain &chain, Node node) const {
    for (size_t depth = chain.loops.size() + 1; depth-- > 0;) {
      for (LevelId level = LevelId(arch.levels.size()); --level > 0;)
        for (const Spot &spot : chain.spots)
          if (spot.depth == depth && spot.level == level) {
            Retain retain{spot.level, {spot.tensor}, {}};
            if (spot.noReuse)
              retain.noReuse = {spot.tensor};
            node = {retain, {std::move(node)}};
          }
      if (depth > 0)
        node = {chain.loops[depth - 1], {std::move(node)}};
    }
    return node;
  }

  Node tree() const {
    std::vector<Node> branches;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      branches.push_back(around(nests[e], {ComputeNode{e}, {}}));
    Node node =
        around(trunk, branches.size() == 1 ? branches[0]
                                           : Node{Sequential{}, branches});
    Retain outer{0, {}, {}};
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (isOutside[t])
        outer.tensors.push_back(t);
    return outer.tensors.empty() ? node : Node{outer, {std::move(node)}};
  }

  const Workload &w;
  const Arch &arch;
  const TrunkSpace &space;
  const bool inS1, severalLevels; ///< Nests of branches; of a tensor.
  std::vector<bool> isOutside;
  Chain trunk;
  std::vector<Chain> nests;
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
  for (EinsumId e = 0; e < p.workload.einsums.size(); ++e) {
    BranchSpace &branch = p.space.branches[e];
    branch.maxLoops = unsigned(random.in(0, 2));
    for (RankId r = 0; r < p.workload.einsums[e].ranks.size(); ++r)
      if (random.chance(0.50))
        branch.steps[r].oneOf = {{1 + random.in(0, 2)}};
  }
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

/// More by hand: problems, mappings of each, the first seed.
size_t number(const char *name, size_t otherwise) {
  const char *text = std::getenv(name);
  return text ? size_t(std::atoll(text)) : otherwise;
}

TEST(SearchFront, EqualsEnumerationWithTheSimulator) {
  const size_t kProblems = number("LOOPTREE_FRONT_PROBLEMS", 200);
  const size_t kMappings = number("LOOPTREE_FRONT_MAPPINGS", 3000);
  size_t compared = 0, ofS1 = 0, infeasible = 0, several = 0;
  for (uint64_t seed = number("LOOPTREE_FRONT_SEED", 0); compared < kProblems;
       ++seed) {
    RandomProblem p = randomProblem(seed);
    bool inS1 = std::all_of(p.goals.begin(), p.goals.end(), [](const Goal &g) {
      return g.kind == Goal::Kind::CapacityBits ||
             g.kind == Goal::Kind::OffChipBits ||
             g.kind == Goal::Kind::RecomputeOps;
    });
    Exhaustive space(p.workload, p.arch, p.space, inS1);
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
    ASSERT_EQ(valuesOf(*front), frontOf(all))
        << "seed " << seed << ", " << front->refused
        << " refused: " << front->firstRefusal;
    EXPECT_EQ(std::string(front->space), inS1 ? "S1" : "trunk");
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
    ofS1 += inS1;
    infeasible += all.empty();
    several += front->points.size() > 1;
  }
  // The comparison means something.
  EXPECT_GT(several, kProblems / 10);
  EXPECT_GT(ofS1, kProblems / 4);
  EXPECT_LT(infeasible, kProblems / 2);
}

/// Branches have loops over channels only, so that steps of rows and columns
/// are compared without trying them.
RandomProblem haloProblem(uint64_t seed) {
  Random random(seed);
  RandomProblem p{randomHalos(random, 5, unsigned(random.in(2, 3))),
                  twoLevels(),
                  {},
                  {{Goal::Kind::CapacityBits, 1}, {Goal::Kind::OffChipBits}}};
  p.space.maxLoops = unsigned(random.in(1, 2));
  for (EinsumId e = 0; e < p.workload.einsums.size(); ++e) {
    std::vector<RankId> ranks;
    for (const char *name : {"m", "c"})
      if (auto r = p.workload.einsums[e].findRank(name);
          r && random.chance(0.30))
        ranks.push_back(*r);
    p.space.branches[e].ranks = ranks;
  }
  for (TensorId t = 0; t < p.workload.tensors.size(); ++t) {
    if (p.workload.tensors[t].kind == TensorKind::Intermediate) {
      if (random.chance(0.50))
        p.space.fused.push_back(t);
    } else if (random.chance(0.50)) {
      p.space.retain[t].where = random.chance(0.50)
                                    ? RetainRule::Where::OnTrunk
                                    : RetainRule::Where::OffChip;
    }
  }
  p.arch.levels[1].doubleBuffered = random.chance(0.20);
  if (random.chance(0.30))
    p.goals.push_back({Goal::Kind::RecomputeOps});
  return p;
}

TEST(SearchFront, OfSetsWithHalosEqualsEnumeration) {
  const size_t kProblems = number("LOOPTREE_FRONT_PROBLEMS", 60);
  const size_t kMappings = number("LOOPTREE_FRONT_MAPPINGS", 5000);
  size_t compared = 0, withLoops = 0;
  for (uint64_t seed = number("LOOPTREE_FRONT_SEED", 0); compared < kProblems;
       ++seed) {
    RandomProblem p = haloProblem(seed);
    Exhaustive space(p.workload, p.arch, p.space, true);
    if (!space.forEach(kMappings, [](const Mapping &) {}))
      continue;
    std::vector<Values> all;
    space.forEach(kMappings, [&](const Mapping &mapping) {
      auto report = evaluate(p.workload, p.arch, mapping);
      ASSERT_TRUE(bool(report)) << report.error().message;
      Values values;
      for (const Goal &goal : p.goals)
        values.push_back(valueOf(*report, goal));
      all.push_back(std::move(values));
    });
    auto front = searchFront(p.workload, p.arch, p.space, p.goals);
    ASSERT_TRUE(bool(front)) << front.error().message;
    ASSERT_EQ(valuesOf(*front), frontOf(all)) << "seed " << seed;
    EXPECT_EQ(std::string(front->space), "S1");
    EXPECT_EQ(front->status, Front::Status::Optimal) << front->firstRefusal;
    ++compared;
    withLoops += all.size() > 100;
  }
  EXPECT_GT(withLoops, kProblems / 2);
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

/// Matmuls and elementwise einsums, one after the other or with a residual.
Workload randomPlainSet(Random &random) {
  WorkloadBuilder b;
  int64_t m = random.in(1, 5), k = random.in(1, 4);
  b.input("T0", {m, k});
  unsigned count = unsigned(random.in(1, 3));
  std::string last = "T0";
  for (unsigned i = 1; i <= count; ++i) {
    std::string name = "T" + std::to_string(i);
    bool isLast = i == count;
    bool isMatmul = i == 1 || random.chance(0.70);
    int64_t n = isMatmul ? random.in(1, 4) : k;
    isLast ? b.output(name, {m, n}) : b.middle(name, {m, n});
    std::vector<std::pair<std::string, int64_t>> ranks{{"m", m}, {"n", n}};
    if (isMatmul) {
      std::string weight = "W" + std::to_string(i);
      ranks.push_back({"k", k});
      random.shuffle(ranks);
      b.input(weight, {k, n});
      b.einsum("e" + std::to_string(i), ranks, {name, {"m", "n"}},
               {{last, {"m", "k"}}, {weight, {"k", "n"}}});
    } else {
      random.shuffle(ranks);
      std::vector<AccessText> reads{{last, {"m", "n"}}};
      if (random.chance(0.30)) {
        b.input("X" + std::to_string(i), {m});
        reads.push_back({"X" + std::to_string(i), {"m"}});
      }
      b.einsum("e" + std::to_string(i), ranks, {name, {"m", "n"}}, reads);
    }
    last = name;
    k = n;
  }
  for (Tensor &tensor : b.w.tensors)
    tensor.bits = random.in(1, 3);
  return b.w;
}

// The closed form of sets whose tiles never overlap against measurements of
// every step and nest, which the test above compares with the simulator.
TEST(SearchFront, OfPlainSetsIsThatOfMeasurements) {
  const size_t kProblems = number("LOOPTREE_FRONT_PROBLEMS", 100);
  uint64_t first = number("LOOPTREE_FRONT_SEED", 0);
  for (uint64_t seed = first; seed < first + kProblems; ++seed) {
    Random random(seed);
    Workload set = randomPlainSet(random);
    TrunkSpace space;
    space.maxLoops = unsigned(random.in(0, 2));
    if (set.einsums.size() == 1)
      space.maxLoops = std::nullopt;
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (set.tensors[t].kind == TensorKind::Intermediate &&
          random.chance(0.40))
        (random.chance(0.70) ? space.fused : space.unfused).push_back(t);
    std::vector<Goal> goals{{Goal::Kind::CapacityBits, 1},
                            {Goal::Kind::OffChipBits}};
    Arch arch = twoLevels();
    arch.levels[1].doubleBuffered = random.chance(0.20);
    if (random.chance(0.30)) {
      arch.levels[1].capacityBits = random.in(1, 100);
      goals.erase(goals.begin() + random.in(0, 1));
    }
    auto closed = searchFront(set, arch, space, goals);
    space.branches[0] = {}; // Not the closed form.
    auto measured = searchFront(set, arch, space, goals);
    ASSERT_TRUE(closed && measured);
    EXPECT_EQ(valuesOf(*closed), valuesOf(*measured)) << "seed " << seed;
    EXPECT_EQ(closed->status, measured->status)
        << "seed " << seed << ": " << closed->firstRefusal;
    EXPECT_EQ(closed->reason, measured->reason) << "seed " << seed;
  }
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

// Source: least traffic of a mapper over perfect factors with one fused loop a
// rank (AccelForge 1.0.467), two matmuls of extents 64, 8 bits an element.
TEST(SearchFront, OfTwoMatmulsIsNoWorseThanPerfectFactorsAllow) {
  Workload set = twoMatmuls(64, 64, 64, 64);
  TrunkSpace space;
  space.fused = {set.findTensor("T1").value()};
  auto front =
      searchFront(set, twoLevels(), space,
                  {{Goal::Kind::CapacityBits, 1}, {Goal::Kind::OffChipBits}});
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Optimal);
  for (auto [capacity, traffic] : {std::pair(24., 8'454'144.),
                                   {152., 2'686'976.},
                                   {4232., 425'984.},
                                   {8456., 294'912.},
                                   {16648., 196'608.},
                                   {33288., 131'072.}})
    EXPECT_TRUE(std::any_of(front->points.begin(), front->points.end(),
                            [&](const FrontPoint &point) {
                              return point.values[0] <= capacity &&
                                     point.values[1] <= traffic;
                            }))
        << capacity;
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

// The bound of a search that stopped is that of the steps it did not look at.
TEST(SearchFront, BoundsWhatItDidNotLookAt) {
  Workload set = twoMatmuls(64, 48, 80, 64);
  Arch arch = twoLevels();
  arch.levels[1].capacityBits = 2048;
  std::vector<Goal> goals{{Goal::Kind::OffChipBits}};
  auto whole = searchFront(set, arch, {}, goals);
  ASSERT_TRUE(whole && whole->points.size() == 1);
  EXPECT_EQ(std::string(whole->space), "S1 without idle loops");
  SearchLimits limits;
  limits.evaluations = 20;
  auto some = searchFront(set, arch, {}, goals, limits);
  ASSERT_TRUE(bool(some));
  EXPECT_EQ(some->status, Front::Status::Limit);
  double best = whole->points[0].values[0];
  EXPECT_LE(some->bounds[0], best);
  // More than each element of the inputs and of the result once.
  double minimum = 8. * (64 * 48 + 48 * 80 + 80 * 64 + 64 * 64);
  EXPECT_GT(some->bounds[0], 1.5 * minimum);
  EXPECT_GT(best, 5 * minimum);
}

/// Of each point the sum of what its sets move and the most that one holds.
void checkSums(const Front &front) {
  for (const FrontPoint &point : front.points) {
    double capacity = 0, offChip = 0;
    for (const auto &set : point.sets) {
      auto report = evaluate(set->workload, twoLevels(), set->mapping);
      ASSERT_TRUE(report && report->valid());
      capacity =
          std::max(capacity, valueOf(*report, {Goal::Kind::CapacityBits, 1}));
      offChip += valueOf(*report, {Goal::Kind::OffChipBits});
    }
    EXPECT_EQ(point.values, (Values{capacity, offChip}));
  }
}

const std::vector<Goal> kBoth{{Goal::Kind::CapacityBits, 1},
                              {Goal::Kind::OffChipBits}};

// S1 of the two has the two apart, too: a sequential without loops.
TEST(SearchSets, OfTwoMatmulsIsThatOfOneSet) {
  Workload set = twoMatmuls(32, 24, 40, 32);
  auto sets = searchSets({set, {}}, twoLevels(), kBoth);
  auto one = searchFront(set, twoLevels(), {}, kBoth);
  ASSERT_TRUE(sets && one);
  EXPECT_EQ(sets->status, Front::Status::Optimal);
  EXPECT_EQ(valuesOf(*sets), valuesOf(*one));
  checkSums(*sets);
  EXPECT_EQ(sets->points.back().sets.size(), 1u);
}

// No set holds einsums from both sides of a cut.
TEST(SearchSets, EndAtCuts) {
  Workload set = twoMatmuls(32, 24, 40, 32);
  auto sets = searchSets({set, {1}}, twoLevels(), kBoth);
  ASSERT_TRUE(bool(sets));
  checkSums(*sets);
  for (const FrontPoint &point : sets->points)
    EXPECT_EQ(point.sets.size(), 2u);
  // T1 is written and read.
  EXPECT_EQ(sets->points.back().values[1],
            8. * (32 * 24 + 24 * 40 + 2 * 32 * 40 + 40 * 32 + 32 * 32));
}

/// Scores of queries and keys of one input, and what they weigh of it.
Workload smallAttention() {
  WorkloadBuilder b;
  b.input("I", {12, 8}).input("WQ", {8, 6}).input("WK", {8, 6});
  b.middle("Q", {12, 6}).middle("K", {12, 6}).middle("S", {12, 12});
  b.output("Z", {12, 8});
  b.einsum("q", {{"m", 12}, {"e", 6}, {"d", 8}}, {"Q", {"m", "e"}},
           {{"I", {"m", "d"}}, {"WQ", {"d", "e"}}});
  b.einsum("k", {{"p", 12}, {"e", 6}, {"d", 8}}, {"K", {"p", "e"}},
           {{"I", {"p", "d"}}, {"WK", {"d", "e"}}});
  b.einsum("s", {{"m", 12}, {"p", 12}, {"e", 6}}, {"S", {"m", "p"}},
           {{"Q", {"m", "e"}}, {"K", {"p", "e"}}});
  b.einsum("z", {{"m", 12}, {"d", 8}, {"p", 12}}, {"Z", {"m", "d"}},
           {{"S", {"m", "p"}}, {"I", {"p", "d"}}});
  return b.w;
}

// At each capacity a set alone, or several, is best; more capacity moves less.
TEST(SearchSets, OfAttentionIsBelowOneEinsumAtATime) {
  Workload attention = smallAttention();
  auto apart = searchSets({attention, {1, 2, 3}}, twoLevels(), kBoth);
  auto sets = searchSets({attention, {}}, twoLevels(), kBoth);
  ASSERT_TRUE(apart && sets);
  EXPECT_EQ(sets->status, Front::Status::Optimal);
  checkSums(*sets);
  checkSums(*apart);
  for (const FrontPoint &point : apart->points)
    EXPECT_TRUE(std::any_of(
        sets->points.begin(), sets->points.end(),
        [&](const auto &other) { return covers(other.values, point.values); }));
  EXPECT_LT(sets->points.back().values[1], apart->points.back().values[1]);
}

TEST(SearchSets, RefusesWhatItDoesNotCover) {
  auto error = [](const Arch &arch, const std::vector<Goal> &goals) {
    auto front = searchSets({twoMatmuls(2, 2, 2, 2), {}}, arch, goals);
    return front ? std::string() : front.error().message;
  };
  EXPECT_EQ(error(twoLevels(), {{Goal::Kind::EnergyPj}}),
            "sets are searched for capacity_bits and off_chip_bits, and not "
            "for energy_pj");
  EXPECT_EQ(error(twoLevels(), {}), "there is no objective");
  Arch three = twoLevels();
  three.levels.push_back(three.levels[1]);
  three.levels[2].name = "L2";
  EXPECT_EQ(error(three, kBoth),
            "sets are searched on one level on chip, and there are 2");
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
  WorkloadBuilder b;
  b.input("A", {1 << 25}).output("B", {1 << 25});
  b.einsum("copy", {{"i", 1 << 25}}, {"B", {"i"}}, {{"A", {"i"}}});
  front = searchFront(b.w, twoLevels(), {}, {{Goal::Kind::OffChipBits}});
  ASSERT_FALSE(bool(front));
  EXPECT_EQ(front.error().message, "rank i of copy has 33554432 values; fronts "
                                   "are searched of at most 16777216");
}

// Ranks of one value have no loops, in whatever number.
TEST(SearchFront, OfRanksOfOneValueEnds) {
  WorkloadBuilder b;
  b.input("A", {2}).middle("B", {2}).output("C", {1});
  std::vector<std::pair<std::string, int64_t>> ranks{{"i", 2}};
  for (int i = 0; i < 14; ++i)
    ranks.push_back({"u" + std::to_string(i), 1});
  b.einsum("first", ranks, {"B", {"i"}}, {{"A", {"i"}}});
  std::vector<std::pair<std::string, int64_t>> window{{"i", 1}, {"r", 2}};
  b.einsum("second", window, {"C", {"i"}}, {{"B", {"i + r"}}});
  auto front = searchFront(b.w, twoLevels(), {},
                           {{Goal::Kind::CapacityBits, 1},
                            {Goal::Kind::OffChipBits}});
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Optimal);
}

} // namespace
