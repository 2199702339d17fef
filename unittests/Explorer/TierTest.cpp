//===- TierTest.cpp - Fronts of the tiers against enumeration -------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every mapping of a tier, made here again from its definition in
// docs/Explorer.md and run by the simulator, must give the front that the
// search gives.
//
//===----------------------------------------------------------------------===//

#include "../Analysis/Builder.h"
#include "../Random.h"
#include "RandomCandidate.h"
#include "looptree/Explorer/Front.h"
#include "looptree/Reference/Simulate.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

using Values = std::vector<double>;
using Group = std::vector<EinsumId>;
using Trees = std::vector<Node>;

/// All trees of a tier, as lists of what may stand below a node.
class AllTrees {
public:
  AllTrees(const Workload &w, const Arch &arch, const TrunkSpace &space,
           size_t most)
      : w(w), arch(arch), space(space), most(most) {}

  /// False when there are more than `most` trees, or on the way to them.
  bool make(Trees &result) {
    Group all;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      all.push_back(e);
    std::vector<TensorId> middle;
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (w.tensors[t].kind == TensorKind::Intermediate)
        middle.push_back(t);
    for (uint64_t mask = 0; mask < uint64_t(1) << middle.size(); ++mask) {
      std::vector<int> levels(w.tensors.size(), 0);
      Retain outer;
      for (TensorId t = 0; t < w.tensors.size(); ++t) {
        size_t i =
            size_t(std::find(middle.begin(), middle.end(), t) - middle.begin());
        bool isOutside = i == middle.size() || (mask >> i & 1);
        levels[t] = isOutside ? 0 : -1;
        if (isOutside)
          outer.tensors.push_back(t);
        if (i < middle.size() &&
            std::count(isOutside ? space.fused.begin() : space.unfused.begin(),
                       isOutside ? space.fused.end() : space.unfused.end(), t))
          goto next;
      }
      for (Node &tree : chains(all, levels, {}, 0, nullptr))
        if (isAllowed(tree))
          result.push_back(outer.tensors.empty()
                               ? std::move(tree)
                               : Node{outer, {std::move(tree)}});
    next:;
    }
    return !tooMany && result.size() <= most;
  }

private:
  bool uses(EinsumId e, TensorId t) const {
    bool any = w.einsums[e].write.tensor == t;
    for (const Access &read : w.einsums[e].reads)
      any |= read.tensor == t;
    return any;
  }
  unsigned usersIn(const Group &group, TensorId t) const {
    unsigned count = 0;
    for (EinsumId e : group)
      count += uses(e, t);
    return count;
  }

  /// What may stand at a place in a chain, all retains of it still to come from
  /// tensor `t` on. `loops`: those above in this chain. `above`: whether
  /// it is a branch of a pipeline; none of the trunk.
  Trees chains(const Group &group, const std::vector<int> &levels,
               const std::vector<For> &loops, TensorId t, const bool *above) {
    if (tooMany)
      return {};
    if (t == w.tensors.size())
      return further(group, levels, loops, above);
    Trees result = chains(group, levels, loops, t + 1, above);
    Group all;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      all.push_back(e);
    auto rule = space.retain.find(t);
    bool isFirst = levels[t] <= 0, isRoot = !above;
    if (usersIn(group, t) == 0 ||
        (levels[t] < 0 && usersIn(group, t) != usersIn(all, t)))
      return result;
    if (isFirst && rule != space.retain.end() &&
        (!isRoot || rule->second.where == RetainRule::Where::OffChip))
      return result;
    for (LevelId l = LevelId(std::max(levels[t], 0)) + 1;
         l < arch.levels.size(); ++l) {
      if (!arch.levels[l].canHold(w.tensors[t]))
        continue;
      auto inside = levels;
      inside[t] = int(l);
      // Again the same tensor: further in, where there are more levels.
      for (const Node &below : chains(group, inside, loops, t, above))
        for (bool noReuse : {false, true}) {
          Retain here{l, {t}, {}};
          if (noReuse)
            here.noReuse = {t};
          result.push_back({here, {below}});
        }
    }
    return limited(std::move(result));
  }

  Trees further(const Group &group, const std::vector<int> &levels,
                const std::vector<For> &loops, const bool *above) {
    Trees result = ends(group, levels, loops.empty(), above);
    auto heads = headsOf(group, w);
    if (heads.size() != 1)
      return result;
    const auto &extents = w.einsums[heads[0]].ranks;
    auto given = space.branches.find(heads[0]);
    BranchSpace branch =
        given == space.branches.end() ? BranchSpace() : given->second;
    bool isRoot = !above;
    auto most = isRoot ? space.maxLoops : branch.maxLoops;
    const auto &only = isRoot ? space.ranks : branch.ranks;
    const auto &rules = isRoot ? space.steps : branch.steps;
    if (most && loops.size() >= *most)
      return result;
    for (RankId r = 0; r < extents.size(); ++r) {
      unsigned count = 0;
      int64_t end = extents[r].extent;
      for (const For &loop : loops)
        if (loop.rank == r) {
          ++count;
          end = loop.step;
        }
      if (count == (space.tier == MapTier::S3 ? 2 : 1) ||
          (only && !std::count(only->begin(), only->end(), r)))
        continue;
      for (int64_t step = 1; step < end; ++step) {
        if (auto rule = rules.find(r); rule != rules.end()) {
          const auto &list = rule->second.oneOf;
          const auto &tiles = rule->second.tiles;
          int64_t made = (extents[r].extent + step - 1) / step;
          if (step % rule->second.multipleOf != 0 ||
              (list && !std::count(list->begin(), list->end(), step)) ||
              (tiles && !std::count(tiles->begin(), tiles->end(), made)))
            continue;
        }
        auto more = loops;
        more.push_back({heads[0], r, step});
        for (const Node &node : chains(group, levels, more, 0, above))
          result.push_back({For{heads[0], r, step}, {node}});
      }
    }
    return limited(std::move(result));
  }

  /// A compute, or splits into runs of einsums.
  Trees ends(const Group &group, const std::vector<int> &levels,
             bool lacksLoops, const bool *above) {
    if (group.size() == 1) {
      for (TensorId t = 0; t < w.tensors.size(); ++t)
        if (uses(group[0], t) && levels[t] < 0)
          return {};
      return spread(group[0], arch.fanouts.size());
    }
    Trees result;
    for (uint64_t cuts = 1; cuts < uint64_t(1) << (group.size() - 1); ++cuts) {
      std::vector<Group> parts(1);
      for (size_t i = 0; i < group.size(); ++i) {
        parts.back().push_back(group[i]);
        if (i + 1 < group.size() && (cuts >> i & 1))
          parts.emplace_back();
      }
      if (space.tier == MapTier::S1 && parts.size() != group.size())
        continue;
      bool isBacked = true;
      for (TensorId t = 0; t < w.tensors.size(); ++t) {
        size_t branches = 0;
        for (const Group &part : parts)
          branches += usersIn(part, t) > 0;
        isBacked &= branches < 2 || levels[t] >= 0;
      }
      if (!isBacked)
        continue;
      for (bool isPipeline : {false, true}) {
        if (isPipeline ? !space.pipeline || space.tier == MapTier::S1
                       : !space.sequential)
          continue;
        // Below another split without loops: only a stage may share compute.
        if (lacksLoops && above && (isPipeline || !*above))
          continue;
        Trees splits{{isPipeline ? NodeKind(Pipeline{}) : Sequential{}, {}}};
        for (const Group &part : parts) {
          Trees longer;
          for (const Node &branch : chains(part, levels, {}, 0, &isPipeline))
            for (const Node &before : splits) {
              longer.push_back(before);
              longer.back().children.push_back(branch);
            }
          splits = limited(std::move(longer));
        }
        result.insert(result.end(), splits.begin(), splits.end());
      }
    }
    return limited(std::move(result));
  }

  /// A compute, in S3 below loops over fan-outs that lie below all levels, the
  /// first `count` of them. A rank is spread over one.
  Trees spread(EinsumId e, size_t count) {
    Trees result{{ComputeNode{e}, {}}};
    for (unsigned f = unsigned(count); f-- > 0;) {
      if (space.tier != MapTier::S3 || arch.fanouts[f].size == 1 ||
          arch.fanouts[f].below + 1 != arch.levels.size())
        continue;
      Trees more;
      for (const Node &node : result)
        for (RankId r = 0; r < w.einsums[e].ranks.size(); ++r) {
          bool isSpread = false;
          for (const Node *n = &node; !n->children.empty(); n = &n->children[0])
            isSpread |= std::get<SpatialFor>(n->kind).rank == r;
          for (int64_t step = 1; step < w.einsums[e].ranks[r].extent; ++step)
            if (!isSpread)
              more.push_back({SpatialFor{e, r, step, f}, {node}});
        }
      result.insert(result.end(), more.begin(), more.end());
    }
    return result;
  }

  Trees limited(Trees trees) {
    // Rules leave out some in the end.
    made += trees.size();
    tooMany |= trees.size() > 3 * most || made > 8 * most;
    return tooMany ? Trees() : std::move(trees);
  }

  /// Rules for the trunk, and for what must be on it.
  bool isAllowed(const Node &tree) const {
    std::vector<RankId> order;
    std::vector<std::pair<Retain, unsigned>> retains;
    const Node *node = &tree;
    while (!node->isSplit() && !node->children.empty()) {
      if (auto *loop = std::get_if<For>(&node->kind))
        order.push_back(loop->rank);
      if (auto *retain = std::get_if<Retain>(&node->kind))
        retains.push_back({*retain, unsigned(order.size())});
      node = &node->children[0];
    }
    if (space.orders &&
        !std::count(space.orders->begin(), space.orders->end(), order))
      return false;
    for (size_t i = 0; i < space.first.size(); ++i)
      if (i >= order.size() || order[i] != space.first[i])
        return false;
    for (const auto &[t, rule] : space.retain) {
      auto at = std::find_if(retains.begin(), retains.end(), [&](auto &item) {
        return item.first.tensors[0] == t;
      });
      if (at == retains.end()) {
        if (rule.where != RetainRule::Where::OffChip)
          return false;
        continue;
      }
      unsigned depth = at->second;
      bool isHere =
          rule.where == RetainRule::Where::OnTrunk ||
          (rule.where == RetainRule::Where::AboveLoops && depth == 0) ||
          (rule.where == RetainRule::Where::BelowLoops &&
           depth == order.size()) ||
          (rule.where == RetainRule::Where::BelowSome && depth == rule.depth);
      if (!isHere || rule.level.value_or(at->first.level) != at->first.level ||
          rule.noReuse.value_or(!at->first.noReuse.empty()) !=
              !at->first.noReuse.empty())
        return false;
    }
    return true;
  }

  const Workload &w;
  const Arch &arch;
  const TrunkSpace &space;
  const size_t most;
  size_t made = 0; ///< On the way, for all nodes.
  bool tooMany = false;
};

bool covers(const Values &a, const Values &b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i])
      return false;
  return true;
}

/// Ascending, each once.
std::vector<Values> frontOf(const std::vector<Values> &all) {
  std::vector<Values> front;
  for (const Values &v : all) {
    if (std::any_of(front.begin(), front.end(),
                    [&](const Values &other) { return covers(other, v); }))
      continue;
    std::erase_if(front, [&](const Values &other) { return covers(v, other); });
    front.push_back(v);
  }
  std::sort(front.begin(), front.end());
  return front;
}

std::vector<Values> valuesOf(const Front &front) {
  std::vector<Values> values;
  for (const FrontPoint &point : front.points)
    values.push_back(point.values);
  std::sort(values.begin(), values.end());
  return values;
}

struct RandomProblem {
  Workload workload;
  Arch arch;
  TrunkSpace space;
  std::vector<Goal> goals;
};

RandomProblem randomProblem(uint64_t seed, MapTier tier) {
  Random random(seed);
  RandomOptions options;
  options.maxEinsums = 3;
  options.maxOps = 120;
  options.maxLevels = random.chance(0.25) ? 3 : 2;
  Candidate candidate = randomCandidate(seed, options);
  RandomProblem p{candidate.workload, candidate.arch, {}, {}};
  TrunkSpace &space = p.space;
  space.tier = tier;
  space.maxLoops = unsigned(random.in(0, 2));
  if (p.arch.levels.size() == 1)
    p.arch.levels.push_back(Level());
  p.arch.levels.back().name = "inner";
  // Pipelines need an instance for each stage.
  LevelId last = LevelId(p.arch.levels.size() - 1);
  p.arch.fanouts = {{"X", random.in(1, 4), last}};
  if (random.chance(0.20))
    p.arch.fanouts.push_back({"Y", 2, random.chance(0.50) ? last : 0});
  auto someSteps = [&](std::map<RankId, StepRule> &steps, RankId r,
                       int64_t extent) {
    if (random.chance(0.80))
      steps[r].oneOf = {{1 + random.in(0, std::max<int64_t>(extent / 2, 1))}};
    else if (random.chance(0.30))
      steps[r].tiles = {{2, 3}};
    else
      steps[r].multipleOf = 1 + random.in(0, 2);
  };
  const Einsum &head = p.workload.einsums.back();
  space.ranks.emplace();
  for (RankId r = 0; r < head.ranks.size(); ++r) {
    if (random.chance(0.50))
      space.ranks->push_back(r);
    someSteps(space.steps, r, head.ranks[r].extent);
  }
  if (random.chance(0.10)) {
    space.orders.emplace();
    for (int i = 0; i < 2; ++i) {
      auto &order = space.orders->emplace_back();
      for (RankId r = 0; r < head.ranks.size(); ++r)
        if (random.chance(0.40))
          order.insert(random.chance(0.50) ? order.begin() : order.end(), r);
    }
  }
  if (!space.ranks->empty() && random.chance(0.30))
    space.first = {random.of(*space.ranks)};
  for (EinsumId e = 0; e < p.workload.einsums.size(); ++e) {
    BranchSpace &branch = space.branches[e];
    branch.maxLoops = random.chance(0.60) ? 0 : 1;
    branch.ranks.emplace();
    for (RankId r = 0; r < p.workload.einsums[e].ranks.size(); ++r) {
      if (random.chance(0.40))
        branch.ranks->push_back(r);
      someSteps(branch.steps, r, p.workload.einsums[e].ranks[r].extent);
    }
  }
  double strict = random.of(std::vector<double>{0.3, 0.6, 0.9});
  for (TensorId t = 0; t < p.workload.tensors.size(); ++t) {
    bool middle = p.workload.tensors[t].kind == TensorKind::Intermediate;
    if (middle && random.chance(0.70))
      (random.chance(0.25) ? space.unfused : space.fused).push_back(t);
    if (!random.chance(middle ? strict / 3 : strict))
      continue;
    RetainRule &rule = space.retain[t];
    rule.where = random.chance(0.50) ? RetainRule::Where::OffChip
                                     : RetainRule::Where(random.in(0, 3));
    if (middle && rule.where == RetainRule::Where::OffChip)
      rule.where = RetainRule::Where::OnTrunk;
    rule.depth = unsigned(random.in(0, 1));
    if (random.chance(0.60))
      rule.noReuse = random.chance(0.30);
  }
  space.sequential = random.chance(0.85);
  space.pipeline = !space.sequential || random.chance(0.80);
  for (Level &level : p.arch.levels) {
    level.capacityBits = std::nullopt;
    level.doubleBuffered = random.chance(0.10);
    if (&level != &p.arch.levels[0] && random.chance(0.25))
      level.capacityBits = 8 + random.in(0, 399);
  }
  for (LevelId level = 1; level < p.arch.levels.size(); ++level)
    if (random.chance(0.60))
      p.goals.push_back({Goal::Kind::CapacityBits, level});
  if (p.goals.empty() || random.chance(0.50))
    p.goals.push_back({Goal::Kind::OffChipBits});
  for (auto kind : {Goal::Kind::Latency, Goal::Kind::EnergyPj, Goal::Kind::Edp,
                    Goal::Kind::RecomputeOps})
    if (p.goals.size() < 3 &&
        random.chance(kind == Goal::Kind::Latency ? 0.50 : 0.15))
      p.goals.push_back({kind});
  return p;
}

/// More by hand: problems, mappings of each, the first seed.
size_t number(const char *name, size_t otherwise) {
  const char *text = std::getenv(name);
  return text ? size_t(std::atoll(text)) : otherwise;
}

bool isFlat(const Node &node, bool isBelowSplit = false) {
  if (std::holds_alternative<Pipeline>(node.kind) ||
      (isBelowSplit && node.isSplit()))
    return false;
  return std::all_of(node.children.begin(), node.children.end(),
                     [&](const Node &child) {
                       return isFlat(child, isBelowSplit || node.isSplit());
                     });
}

class SearchTiers : public testing::TestWithParam<MapTier> {};

TEST_P(SearchTiers, EqualsEnumerationWithTheSimulator) {
  const size_t kProblems =
      number("LOOPTREE_FRONT_PROBLEMS", GetParam() == MapTier::S2 ? 100 : 40);
  const size_t kMappings = number("LOOPTREE_FRONT_MAPPINGS", 1500);
  size_t compared = 0, infeasible = 0, several = 0, better = 0;
  for (uint64_t seed = number("LOOPTREE_FRONT_SEED", 0); compared < kProblems;
       ++seed) {
    RandomProblem p = randomProblem(seed, GetParam());
    Trees trees;
    if (!AllTrees(p.workload, p.arch, p.space, kMappings).make(trees))
      continue;
    // Few mappings tell little.
    if (trees.size() < 50 && seed % 16 != 0)
      continue;
    std::vector<Values> all, flat;
    for (Node &tree : trees) {
      Mapping mapping{std::move(tree)};
      ASSERT_FALSE(check(mapping, p.workload, p.arch));
      auto report = simulate(p.workload, p.arch, mapping);
      if (!report || !report->valid())
        continue;
      Values values;
      for (const Goal &goal : p.goals)
        values.push_back(valueOf(*report, goal));
      if (isFlat(mapping.root))
        flat.push_back(values);
      all.push_back(std::move(values));
    }
    auto front = searchFront(p.workload, p.arch, p.space, p.goals);
    ASSERT_TRUE(bool(front)) << front.error().message;
    ASSERT_EQ(valuesOf(*front), frontOf(all))
        << "seed " << seed << ", " << front->refused
        << " refused: " << front->firstRefusal;
    EXPECT_EQ(std::string(front->space), toString(GetParam()));
    EXPECT_EQ(front->status,
              all.empty() ? Front::Status::Infeasible : Front::Status::Optimal)
        << "seed " << seed;
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
    better += !flat.empty() && frontOf(flat) != frontOf(all);
  }
  // The comparison means something.
  EXPECT_GT(several, kProblems / 10);
  EXPECT_LT(infeasible, kProblems / 2);
  if (GetParam() != MapTier::S1)
    EXPECT_GT(better, 0u);
}

static WorkloadBuilder chainOf(int count) {
  WorkloadBuilder b;
  b.input("T0", {2});
  for (int i = 1; i <= count; ++i) {
    std::string made = "T" + std::to_string(i);
    if (i < count)
      b.middle(made, {2});
    else
      b.output(made, {2});
    b.einsum("e" + std::to_string(i), {{"i", 2}}, {made, {"i"}},
             {{"T" + std::to_string(i - 1), {"i"}}});
  }
  return b;
}

TEST(SearchTier, RefusesLongChains) {
  Arch arch;
  arch.levels = {Level(), Level()};
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  TrunkSpace space;
  space.tier = MapTier::S2;
  auto front =
      searchFront(chainOf(65).w, arch, space, {{Goal::Kind::CapacityBits, 1}});
  ASSERT_FALSE(bool(front));
  EXPECT_EQ(front.error().message,
            "a set of 65 einsums; fronts are searched of at most 64");
}

// Of 2^39 ways to cut a chain none has stages for one instance.
TEST(SearchTier, StopsAmongShapesThatNeedMoreInstances) {
  Arch arch;
  arch.levels = {Level(), Level()};
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  TrunkSpace space;
  space.tier = MapTier::S2;
  space.sequential = false;
  std::atomic<bool> stop = true;
  SearchLimits limits;
  limits.stop = &stop;
  auto front = searchFront(chainOf(40).w, arch, space,
                           {{Goal::Kind::CapacityBits, 1}}, limits);
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(front->status, Front::Status::Limit);
}

// Sets with many ops are searched in two passes, few steps and loops first.
TEST(SearchTier, OfManyOpsEqualsEnumeration) {
  WorkloadBuilder b;
  b.input("T0", {32, 12}).input("W0", {12, 32}).input("W1", {32, 12});
  b.middle("T1", {32, 32}).output("T2", {32, 12});
  b.einsum("mm0", {{"m", 32}, {"n", 32}, {"k", 12}}, {"T1", {"m", "n"}},
           {{"T0", {"m", "k"}}, {"W0", {"k", "n"}}});
  b.einsum("mm1", {{"m", 32}, {"n", 12}, {"k", 32}}, {"T2", {"m", "n"}},
           {{"T1", {"m", "k"}}, {"W1", {"k", "n"}}});
  TrunkSpace space;
  space.tier = MapTier::S2;
  space.sequential = false;
  space.maxLoops = 1;
  space.ranks = {{0}};
  space.steps[0].oneOf = {{5, 6, 7, 8, 9, 10, 16}};
  space.fused = {b.w.findTensor("T1").value()};
  space.retain[*b.w.findTensor("T1")] = {
      RetainRule::Where::BelowLoops, 0, {}, false};
  for (const char *name : {"T0", "W0", "T2"})
    space.retain[*b.w.findTensor(name)].where = RetainRule::Where::OffChip;
  space.retain[*b.w.findTensor("W1")].where = RetainRule::Where::AboveLoops;
  space.branches[0].maxLoops = 0;
  space.branches[1].ranks = {{1, 2}};
  space.branches[1].steps[1].oneOf = {{4}};
  space.branches[1].steps[2].oneOf = {{6}};
  Arch arch;
  arch.levels = {Level(), Level()};
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  arch.levels[0].sharedBitsPerCycle = Rational{16, 1};
  arch.fanouts = {{"X", 2, 1}};
  std::vector<Goal> goals{{Goal::Kind::CapacityBits, 1}, {Goal::Kind::Latency}};
  Trees trees;
  ASSERT_TRUE(AllTrees(b.w, arch, space, 2000).make(trees));
  EXPECT_GT(trees.size(), 30u);
  std::vector<Values> all;
  for (Node &tree : trees) {
    auto report = simulate(b.w, arch, Mapping{std::move(tree)});
    ASSERT_TRUE(report && report->valid());
    all.push_back({valueOf(*report, goals[0]), valueOf(*report, goals[1])});
  }
  auto front = searchFront(b.w, arch, space, goals);
  ASSERT_TRUE(bool(front)) << front.error().message;
  EXPECT_EQ(valuesOf(*front), frontOf(all));
  EXPECT_EQ(front->status, Front::Status::Optimal);
}

INSTANTIATE_TEST_SUITE_P(Tiers, SearchTiers,
                         testing::Values(MapTier::S1, MapTier::S2, MapTier::S3),
                         [](const auto &info) {
                           return std::string(toString(info.param));
                         });

} // namespace
