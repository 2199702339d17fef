//===- SetSearch.cpp - The mapping of one fused set -----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SetSearch.h"

#include "TrunkPlanner.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>

using namespace looptree;

namespace {

/// About a tenth of a second where the analysis goes tile by tile.
constexpr size_t kMaxSpreadVisits = size_t(1) << 18;
/// Candidates that are evaluated exactly.
constexpr size_t kEvaluatedAtMost = 8;
/// A trunk that could save no more than this part is not planned.
constexpr double kNegligible = 1e-3;
/// Nor are any more after so many that saved nothing.
constexpr size_t kInVain = 256;
/// Ranks of the head that a trunk of two loops is made of.
constexpr size_t kPairedRanks = 4;

class SetSearcher {
public:
  SetSearcher(const Workload &set, const Arch &arch, Objective objective,
              const TrunkSpace &space, double limit, BranchOptions &options)
      : set(set), arch(arch), objective(objective), space(space), limit(limit),
        prices(arch, objective), homes(set, arch, space),
        leaves(arch, homes.innermost()),
        planner(set, homes, prices, leaves, space, options) {}

  SetResult run(TrunkLoops loops) {
    if (!hasPlaces()) {
      result.hasRoom = true; // More einsums may be what is asked for.
      return std::move(result);
    }
    const Einsum &head = set.einsums.back();
    if (loops == TrunkLoops::Any && headsOf(allEinsums(), set).size() == 1) {
      std::vector<RankId> ranks;
      for (RankId r = 0; r < head.ranks.size(); ++r)
        if (head.ranks[r].extent > 1)
          ranks.push_back(r);
      std::stable_sort(ranks.begin(), ranks.end(), [&](RankId a, RankId b) {
        return head.ranks[a].extent > head.ranks[b].extent;
      });
      if (space.orders)
        for (const std::vector<RankId> &order : *space.orders)
          tryTrunks(order);
      else
        tryOrders(ranks);
    }
    result.hasRoom =
        !open.empty() || planner.bound({}, kWithoutRecompute).has_value();
    planTrunks();
    if (space.mayBe({}))
      evaluateWithoutTrunk();
    evaluateBest();
    return std::move(result);
  }

private:
  std::vector<EinsumId> allEinsums() const {
    std::vector<EinsumId> all;
    for (EinsumId e = 0; e < set.einsums.size(); ++e)
      all.push_back(e);
    return all;
  }

  /// Whether constraints leave every tensor a place that is searched.
  bool hasPlaces() const {
    for (const auto &[t, rule] : space.retain)
      if (rule.noReuse.value_or(false) ||
          (rule.where != RetainRule::Where::OffChip && homes.slot[t] < 0))
        return false;
    return true;
  }

  /// Trunks of one loop over any rank, and of two over the largest.
  void tryOrders(std::vector<RankId> ranks) {
    std::erase_if(ranks, [&](RankId r) { return !space.mayBegin({&r, 1}); });
    for (RankId r : ranks)
      for (int64_t step : stepsOf(r, true))
        tryTrunk({{r, step}});
    if (space.maxLoops.value_or(2) < 2)
      return;
    if (ranks.size() > kPairedRanks)
      ranks.resize(kPairedRanks);
    for (RankId outer : ranks)
      for (RankId inner : ranks)
        if (outer != inner)
          tryTrunks({outer, inner});
  }

  /// All steps of a trunk of loops over these ranks.
  void tryTrunks(const std::vector<RankId> &order,
                 std::vector<TrunkLoop> trunk = {}) {
    if (trunk.size() == order.size()) {
      if (!trunk.empty() && space.mayBe(order))
        tryTrunk(trunk);
      return;
    }
    RankId next = order[trunk.size()];
    trunk.push_back({next, 1});
    for (int64_t step : stepsOf(next, order.size() == 1)) {
      trunk.back().step = step;
      tryTrunks(order, trunk);
    }
  }

  /// Those of the list, each made larger until it meets a rule.
  std::vector<int64_t> stepsOf(RankId r, bool dense) const {
    int64_t extent = set.einsums.back().ranks[r].extent;
    std::vector<int64_t> steps = stepsFor(extent, dense);
    auto rule = space.steps.find(r);
    if (rule == space.steps.end())
      return steps;
    if (rule->second.tiles) {
      steps.clear();
      for (int64_t tiles : *rule->second.tiles)
        steps.push_back((extent - 1) / tiles + 1);
    }
    int64_t multiple = rule->second.multipleOf;
    for (int64_t &step : steps)
      step = step > extent - multiple
                 ? extent
                 : (step - 1) / multiple * multiple + multiple;
    if (rule->second.oneOf)
      steps = *rule->second.oneOf;
    std::erase_if(
        steps, [&](int64_t step) { return !space.mayStep(r, extent, step); });
    std::sort(steps.begin(), steps.end(), std::greater<>());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    return steps;
  }

  void tryTrunk(const std::vector<TrunkLoop> &trunk) {
    for (int policy : {kWithoutRecompute, int(trunk.size())})
      if (auto bound = planner.bound(trunk, policy))
        open.push_back({*bound, trunk, policy});
  }

  /// Plans trunks from the most promising on, until none can be among the best.
  void planTrunks() {
    std::stable_sort(
        open.begin(), open.end(),
        [](const Open &a, const Open &b) { return a.bound < b.bound; });
    size_t inVain = 0;
    for (const Open &next : open) {
      double worst =
          best.size() == kEvaluatedAtMost ? best.back().score : limit;
      // Estimates may be off: there are to be as many to evaluate as may be.
      bool isFull = best.size() == kEvaluatedAtMost;
      double least = best.empty() ? limit : best[0].score;
      if (next.bound >= worst ||
          (isFull &&
           (next.bound * (1 + kNegligible) >= least || inVain == kInVain)))
        break;
      if (auto candidate = planner.plan(next.trunk, next.policy, worst))
        keep(std::move(*candidate));
      bool saved = !best.empty() && best[0].score * (1 + kNegligible) < least;
      inVain = saved || !isFull ? 0 : inVain + 1;
    }
  }

  void keep(TrunkCandidate candidate) {
    auto place = std::upper_bound(
        best.begin(), best.end(), candidate,
        [](const auto &a, const auto &b) { return a.score < b.score; });
    best.insert(place, std::move(candidate));
    if (best.size() > kEvaluatedAtMost)
      best.pop_back();
  }

  /// Without a trunk, estimates are all but exact: what it gives is not left to
  /// them.
  void evaluateWithoutTrunk() {
    if (auto candidate = planner.plan({}, kWithoutRecompute, limit))
      evaluateCandidate(*candidate);
  }

  void evaluateBest() {
    for (size_t i = 0; i < best.size(); ++i) {
      // What is estimated to be worse than what was found rarely is better.
      if (!result.found.empty() && best[i].score >= bestFound())
        break;
      evaluateCandidate(best[i]);
    }
  }

  void evaluateCandidate(TrunkCandidate candidate) {
    TrunkCandidate plain = candidate;
    for (BranchOption &branch : plain.branches)
      branch.leaf.clear();
    auto mapped = evaluated(buildMapping(set, homes, plain));
    if (!mapped)
      return;
    if (leaves.instances() > 1) {
      if (!prices.dependOnLeaves())
        planner.addLeaves(candidate);
      Mapping spread = buildMapping(set, homes, candidate);
      if (!prices.dependOnLeaves())
        mapped->spread = std::make_shared<const Mapping>(std::move(spread));
      else {
        auto report = evaluateSpread(set, arch, spread);
        ++result.evaluations;
        if (report && report->valid())
          add({std::move(spread), std::move(*report), nullptr});
      }
    }
    add(std::move(*mapped));
  }

  std::optional<MappedSet> evaluated(Mapping mapping) {
    auto report = evaluate(set, arch, mapping);
    ++result.evaluations;
    if (report && report->valid())
      return MappedSet{std::move(mapping), std::move(*report), nullptr};
    if (report)
      noteExcess(*report);
    return std::nullopt;
  }

  double bestFound() const {
    return objectiveOf(result.found[0].report, objective);
  }

  void noteExcess(const CostReport &report) {
    for (const Problem &problem : report.problems)
      if (auto *over = std::get_if<OverCapacity>(&problem))
        if (!result.nearest || over->excess < result.nearest->excess)
          result.nearest = *over;
  }

  void add(MappedSet mapped) {
    auto &found = result.found;
    if (objective == Objective::Edp) {
      auto beats = [](const CostReport &a, const CostReport &b) {
        return a.energyPj <= b.energyPj && a.latencyCycles <= b.latencyCycles;
      };
      for (const MappedSet &other : found)
        if (beats(other.report, mapped.report))
          return;
      std::erase_if(found, [&](const MappedSet &other) {
        return beats(mapped.report, other.report);
      });
      found.push_back(std::move(mapped));
      std::stable_sort(found.begin(), found.end(),
                       [&](const auto &a, const auto &b) {
                         return objectiveOf(a.report, objective) <
                                objectiveOf(b.report, objective);
                       });
    } else if (found.empty() ||
               objectiveOf(mapped.report, objective) < bestFound()) {
      found.assign(1, std::move(mapped));
    }
  }

  const Workload &set;
  const Arch &arch;
  Objective objective;
  const TrunkSpace &space;
  double limit;
  Prices prices;
  Homes homes;
  LeafMaps leaves;
  TrunkPlanner planner;
  struct Open {
    double bound;
    std::vector<TrunkLoop> trunk;
    int policy;
  };
  std::vector<Open> open;
  std::vector<TrunkCandidate> best; ///< By score.
  SetResult result;
};

} // namespace

SetResult looptree::searchSet(const Workload &set, const Arch &arch,
                              Objective objective, TrunkLoops loops,
                              const TrunkSpace &space, double limit,
                              BranchOptions &options) {
  return SetSearcher(set, arch, objective, space, limit, options).run(loops);
}

Result<CostReport> looptree::evaluateSpread(const Workload &set,
                                            const Arch &arch,
                                            const Mapping &mapping) {
  auto plan = compile(set, arch, mapping);
  if (!plan)
    return plan.error();
  Scratch scratch;
  scratch.maxVisits = kMaxSpreadVisits;
  return evaluate(*plan, plan->steps(), scratch);
}
