//===- S1Search.cpp - Exact fronts over trunks and branches ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "S1Search.h"

#include "BranchFronts.h"
#include "Goals.h"
#include "ParetoSet.h"
#include "PlainSearch.h"
#include "SearchClock.h"
#include "TierSearch.h"
#include "TileProducts.h"
#include "TrunkTree.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>
#include <limits>
#include <map>

using namespace looptree;

/// For them one buffer on chip is enough for each tensor.
static bool isOfS1(const std::vector<Goal> &goals) {
  return std::all_of(goals.begin(), goals.end(), [](const Goal &goal) {
    return goal.kind == Goal::Kind::CapacityBits ||
           goal.kind == Goal::Kind::OffChipBits ||
           goal.kind == Goal::Kind::RecomputeOps;
  });
}

static int64_t saturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum)
             ? std::numeric_limits<int64_t>::max()
             : sum;
}

namespace {

bool isIn(TensorId t, const std::vector<TensorId> &list) {
  return std::find(list.begin(), list.end(), t) != list.end();
}

/// A place of a tensor on the trunk and what it costs there.
struct Choice {
  TrunkPlace place;
  int64_t bits = 0;     ///< On chip, at least.
  int64_t offChip = 0;  ///< All transfers of the tensor.
  bool isLocal = false; ///< Left to the branches: transfers at least.
  bool dies = false;    ///< Takes space among its users only, or may do so.
};

class S1Searcher {
public:
  S1Searcher(const Workload &set, const Arch &arch, const TrunkSpace &space,
             const std::vector<Goal> &goals, const SearchLimits &limits)
      : set(set), arch(arch), space(space), goals(goals), limits(limits),
        clock(limits), products(TileProducts::of(set)),
        places(set.tensors.size()), isOutside(set.tensors.size()),
        nests(set.einsums.size()) {
    // An evaluation cannot be interrupted.
    if (limits.seconds)
      scratch.maxVisits = kMostVisits;
    bench.name = arch.name;
    bench.levels = {arch.levels[0], Level()};
    bench.levels[1].name = arch.levels[0].name + "'s buffer";
    bench.compute = arch.compute;
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      auto producer = set.producer(t);
      auto consumers = set.consumers(t);
      EinsumId first = producer ? *producer : consumers.front();
      EinsumId last = consumers.empty() ? first : consumers.back();
      users.push_back({first, last});
      if (set.tensors[t].kind == TensorKind::Intermediate)
        intermediates.push_back(t);
    }
  }

  Front run() {
    result.space = "S1";
    bounds.assign(goals.size(), 0);
    result.bounds.assign(goals.size(), 0);
    std::vector<EinsumId> all;
    for (EinsumId e = 0; e < set.einsums.size(); ++e)
      all.push_back(e);
    if (all.size() > 1 && !space.sequential) {
      finish();
      return std::move(result);
    }
    // Few loops first: their points close much of the rest.
    unsigned most = 0;
    if (headsOf(all, set).size() == 1)
      for (RankId r = 0; r < head().ranks.size(); ++r) {
        steps.push_back(space.stepsOf(r, head().ranks[r].extent));
        if (products && !mayLoopInBranches(r))
          steps.back() = products->bestSteps(r, steps.back());
        most += !steps[r].empty();
      }
    for (unsigned count = 0; count <= most && !stopped; ++count)
      extendTrunk(count);
    finish();
    return std::move(result);
  }

private:
  const Einsum &head() const { return set.einsums.back(); }

  /// Whether a branch may tile what a loop of the trunk does.
  bool mayLoopInBranches(RankId rank) const {
    for (EinsumId e = 0; e < set.einsums.size(); ++e)
      for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r)
        if (products->isInGroupOf(rank, e, r) &&
            (!space.branches.contains(e) || space.branches.at(e).mayLoop(r)) &&
            set.einsums[e].ranks[r].extent > 1)
          return true;
    return false;
  }

  void extendTrunk(unsigned count) {
    // The front may have the least that any mapping reaches.
    if (stopped || (hasMinimum && points.covers(bounds)))
      return;
    std::vector<RankId> order;
    for (const For &loop : loops)
      order.push_back(loop.rank);
    if (loops.size() == count) {
      if (space.mayBe(order))
        placeIntermediate(0);
      return;
    }
    for (RankId r = 0; r < head().ranks.size(); ++r) {
      if (isIn(r, order))
        continue;
      order.push_back(r);
      bool mayBegin = space.mayBegin(order);
      order.pop_back();
      if (!mayBegin)
        continue;
      for (int64_t step : steps[r]) {
        loops.push_back({EinsumId(set.einsums.size() - 1), r, step});
        extendTrunk(count);
        loops.pop_back();
      }
    }
  }

  /// Fused at each place, and unfused, as far as the space allows.
  void placeIntermediate(size_t index) {
    if (stopped)
      return;
    if (index == intermediates.size()) {
      placeOthers();
      return;
    }
    TensorId t = intermediates[index];
    if (!isIn(t, space.unfused))
      for (const TrunkPlace &place :
           placesOf(set, t, arch, space, unsigned(loops.size()))) {
        places[t] = place;
        placeIntermediate(index + 1);
      }
    places[t] = {};
    if (!isIn(t, space.fused)) {
      isOutside[t] = true;
      placeIntermediate(index + 1);
      isOutside[t] = false;
    }
  }

  std::optional<CostReport> refuse(const Error &error, bool isTooLarge) {
    wasTooLarge = isTooLarge || isOfSize(error);
    if (result.refused++ == 0)
      result.firstRefusal = error.message;
    return std::nullopt;
  }

  /// What tensors move off chip does not depend on levels: all are at one.
  /// A tree is compiled once for many steps.
  std::optional<CostReport> measured(std::span<const BranchNest> branches) {
    if (stopped || clock.mustStop(result)) {
      stopped = true;
      return std::nullopt;
    }
    ++result.evaluations;
    std::vector<int> shape;
    std::vector<int64_t> loopSteps;
    for (const For &loop : loops) {
      shape.push_back(int(loop.rank));
      loopSteps.push_back(loop.step);
    }
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      shape.insert(shape.end(), {places[t].depth, int(places[t].noReuse),
                                 int(isOutside[t])});
    for (const BranchNest &nest : branches) {
      shape.push_back(-2);
      for (const For &loop : nest.loops) {
        shape.push_back(int(loop.rank));
        loopSteps.push_back(loop.step);
      }
      shape.push_back(-2);
      for (const BranchNest::Kept &kept : nest.kept)
        shape.insert(shape.end(), {int(kept.tensor), int(kept.depth)});
    }
    auto known = plans.find(shape);
    if (known == plans.end()) {
      std::vector<TrunkPlace> atOne = places;
      for (TrunkPlace &place : atOne)
        place.level = place.depth < 0 ? 0 : 1;
      Mapping mapping = trunkMapping(set, loops, atOne, isOutside);
      addBranches(mapping, branches);
      auto plan = compile(set, bench, mapping);
      if (!plan)
        return refuse(plan.error(), false);
      if (plans.size() == kMaxPlans)
        plans.clear();
      known = plans.emplace(std::move(shape), std::move(*plan)).first;
    }
    auto report = evaluate(known->second, loopSteps, scratch);
    if (!report)
      return refuse(report.error(), false);
    return std::move(*report);
  }

  /// With trunk and intermediates given: everything else.
  void placeOthers() {
    free.clear();
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      if (set.tensors[t].kind != TensorKind::Intermediate)
        isOutside[t] = true;
      if (!isOutside[t])
        continue;
      places[t] = {};
      free.push_back(t);
    }
    if (clock.mustStop(result)) {
      stopped = true;
      return;
    }
    if (knownNests.size() > kMostNests)
      knownNests.clear();
    isEntered = products && products->enter(loops, places, isOutside);
    isProduct = isEntered;
    isProbing = isProduct && products->isBound();
    mayBeNew = false;
    placeFree();
    if (isProbing && mayBeNew) {
      // Bounds do not do.
      isProbing = isProduct = false;
      placeFree();
    }
    isProbing = false;
  }

  void placeFree() {
    nests.assign(set.einsums.size(), {});
    std::optional<int64_t> again;
    if (isProduct)
      again = products->recompute();
    isProduct = again.has_value();
    std::optional<CostReport> bare;
    if (!isProduct || !hasMinimum) {
      bare = measured(nests);
      if (!bare) {
        // Incomplete here is incomplete wherever the other tensors are; a count
        // of 64 bits may be lower elsewhere.
        unproven |= wasTooLarge;
        return;
      }
      again = int64_t(valueOf(*bare, {Goal::Kind::RecomputeOps, 0}));
    }
    recompute = *again;
    if (!hasMinimum) {
      hasMinimum = true;
      minimum = bare->algorithmicMinimum.bits;
      for (size_t i = 0; i < goals.size(); ++i)
        if (goals[i].kind == Goal::Kind::OffChipBits)
          bounds[i] = minimum;
      result.bounds.assign(bounds.begin(), bounds.end());
    }
    occupied.assign(arch.levels.size(),
                    std::vector<int64_t>(set.einsums.size()));
    for (TensorId t : intermediates)
      if (!isOutside[t])
        occupyFused(t, bare);
    if (stopped || isHopeless(minimum))
      return;
    local.assign(set.einsums.size(), {});
    for (EinsumId e = 0; e < set.einsums.size(); ++e) {
      const Einsum &einsum = set.einsums[e];
      for (TensorId t : free)
        if (einsum.write.tensor == t ||
            std::any_of(einsum.reads.begin(), einsum.reads.end(),
                        [&](const Access &read) { return read.tensor == t; }))
          local[e].push_back(t);
    }
    BranchFronts branchFronts(
        set, arch, space, local,
        [this](EinsumId e, std::span<const For> own, bool isRetained) {
          return costsInBranch(e, own, isRetained);
        },
        [this, lengths = longestVisits(set, loops)](EinsumId e, RankId r) {
          return branchSteps(e, r, lengths[e][r]);
        });
    branches = &branchFronts;
    masks.assign(set.einsums.size(), 0);
    if (!measureChoices() || !choose(0, 0))
      unproven = true;
    for (TensorId t : free)
      places[t] = {};
  }

  /// On-chip tensors have one buffer here.
  static int64_t bitsOf(const CostReport &report, TensorId t) {
    int64_t bits = 0;
    for (const BufferRow &row : report.buffers)
      if (row.tensor == t && row.level > 0)
        bits = std::max(bits, row.bits);
    return bits;
  }
  static int64_t offChipOf(const CostReport &report, TensorId t) {
    int64_t bits = 0;
    for (const AccessRow &row : report.accesses)
      if (row.tensor == t && row.level == 0)
        bits += row.readBits + row.writeBits;
    return bits;
  }

  void occupyFused(TensorId t, std::optional<CostReport> &bare) {
    std::optional<TensorCost> cost;
    if (isProduct)
      cost = products->onTrunk(t, unsigned(places[t].depth), places[t].noReuse);
    if (!cost) {
      isProduct = false;
      if (!bare)
        bare = measured(nests);
      if (!bare)
        return;
      cost = TensorCost{bitsOf(*bare, t), 0, mayDie(places[t])};
    }
    occupy(t, places[t].level, cost->bits, cost->dies);
  }

  /// Steps worth a try in visits of at most that length.
  std::vector<int64_t> branchSteps(EinsumId e, RankId rank, int64_t length) {
    static const BranchSpace anything;
    auto given = space.branches.find(e);
    const BranchSpace &rules =
        given == space.branches.end() ? anything : given->second;
    bool isFree = isEntered && !rules.steps.contains(rank) &&
                  (products->isExact(e) || !products->hasTrunkLoop(e, rank));
    for (RankId r = 0; r < set.einsums[e].ranks.size() && isFree; ++r)
      isFree = r == rank || set.einsums[e].ranks[r].extent == 1 ||
               !rules.mayLoop(r) || !products->areInOneGroup(e, rank, r);
    return isFree ? products->bestStepsInBranch(e, rank)
                  : rules.stepsOf(rank, length);
  }

  bool mayUseProducts(EinsumId e) const {
    return isProduct || (isEntered && products->isExact(e));
  }

  /// The nests of a branch, found once for all trunks that are the same to it.
  const ParetoSet<BranchNest> *nestsOf(EinsumId e) {
    if (!mayUseProducts(e))
      return branches->of(e, masks[e]);
    std::vector<int64_t> key = products->keyOf(e);
    key.insert(key.end(), {int64_t(e), int64_t(masks[e])});
    for (TensorId t : local[e])
      key.push_back(t);
    auto known = knownNests.find(key);
    if (known != knownNests.end())
      return &known->second;
    const ParetoSet<BranchNest> *front = branches->of(e, masks[e]);
    if (front && mayUseProducts(e))
      return &knownNests.emplace(std::move(key), *front).first->second;
    return front;
  }

  /// What the tensors left to a branch cost in one nest, those that the trunk
  /// may hold as if it did not.
  std::optional<std::vector<TensorCost>>
  costsInBranch(EinsumId e, std::span<const For> own, bool isRetained) {
    std::vector<TensorCost> costs;
    for (size_t i = 0; i < local[e].size() && mayUseProducts(e); ++i)
      if (auto cost = products->inBranch(e, local[e][i], own, isRetained))
        costs.push_back(*cost);
    if (costs.size() == local[e].size())
      return costs;
    std::vector<BranchNest> one(set.einsums.size());
    one[e].loops.assign(own.begin(), own.end());
    if (isRetained)
      for (TensorId t : local[e])
        one[e].kept.push_back({t, 1, unsigned(own.size())});
    std::vector<TrunkPlace> chosen = places;
    for (TensorId t : free)
      places[t] = {};
    auto report = measured(one);
    places = std::move(chosen);
    if (!report)
      return std::nullopt;
    costs.clear();
    for (TensorId t : local[e]) {
      TensorCost cost;
      for (const AccessRow &row : report->accesses)
        if (row.tensor == t && row.level == 0 && row.einsum == e)
          cost.offChip += row.readBits + row.writeBits;
      if (isRetained)
        cost.bits = bitsOf(*report, t);
      costs.push_back(cost);
    }
    return costs;
  }

  /// One evaluation measures one choice of every tensor at once.
  bool measureChoices() {
    auto least = branches->least();
    if (!least)
      return false;
    choices.assign(free.size(), {});
    size_t most = 0;
    std::vector<std::vector<TrunkPlace>> depths(free.size());
    for (size_t i = 0; i < free.size(); ++i) {
      Choice left;
      left.isLocal = true;
      for (EinsumId e = 0; e < local.size(); ++e)
        for (size_t k = 0; k < local[e].size(); ++k)
          if (local[e][k] == free[i])
            left.offChip = saturatingAdd(left.offChip, (*least)[e][k]);
      if (space.mayBeOffChip(free[i]))
        choices[i].push_back(left);
      for (const TrunkPlace &place :
           placesOf(set, free[i], arch, space, unsigned(loops.size())))
        if (std::none_of(depths[i].begin(), depths[i].end(),
                         [&](const TrunkPlace &known) {
                           return known.depth == place.depth &&
                                  known.noReuse == place.noReuse;
                         }))
          depths[i].push_back(place);
      most = std::max(most, depths[i].size());
    }
    std::vector<std::vector<std::optional<TensorCost>>> costs(free.size());
    for (size_t i = 0; i < free.size(); ++i)
      for (const TrunkPlace &place : depths[i]) {
        costs[i].push_back(std::nullopt);
        if (isProduct)
          costs[i].back() =
              products->onTrunk(free[i], unsigned(place.depth), place.noReuse);
        isProduct &= costs[i].back().has_value();
      }
    for (size_t c = 0; c < most && !isProduct; ++c) {
      for (size_t i = 0; i < free.size(); ++i)
        places[free[i]] = c < depths[i].size() ? depths[i][c] : TrunkPlace();
      auto report = measured(nests);
      if (!report)
        return false;
      for (size_t i = 0; i < free.size(); ++i)
        if (c < depths[i].size())
          costs[i][c] = {bitsOf(*report, free[i]), offChipOf(*report, free[i]),
                         depths[i][c].depth == int(loops.size())};
    }
    for (size_t i = 0; i < free.size(); ++i)
      for (size_t c = 0; c < depths[i].size(); ++c)
        for (const TrunkPlace &place :
             placesOf(set, free[i], arch, space, unsigned(loops.size())))
          if (place.depth == depths[i][c].depth &&
              place.noReuse == depths[i][c].noReuse)
            addChoice(choices[i],
                      {place,
                       costs[i][c]->bits *
                           (arch.levels[place.level].doubleBuffered ? 2 : 1),
                       costs[i][c]->offChip, false, costs[i][c]->dies});
    leastRest.assign(free.size() + 1, 0);
    for (size_t i = free.size(); i-- > 0;) {
      places[free[i]] = {};
      auto &list = choices[i];
      if (list.empty())
        continue;
      // Cheapest first, so that good points come early.
      std::sort(list.begin(), list.end(), [](const Choice &a, const Choice &b) {
        return a.offChip != b.offChip   ? a.offChip < b.offChip
               : a.isLocal != b.isLocal ? b.isLocal
                                        : a.bits < b.bits;
      });
      leastRest[i] = saturatingAdd(leastRest[i + 1], list[0].offChip);
    }
    return true;
  }

  bool mayDie(const TrunkPlace &place) const {
    return place.depth == int(loops.size());
  }

  /// Of places that take space in every branch those that another one beats are
  /// left out.
  void addChoice(std::vector<Choice> &list, const Choice &choice) const {
    auto beats = [&](const Choice &a, const Choice &b) {
      return !a.isLocal && !b.isLocal && (a.dies || !b.dies) &&
             (isProduct || !b.dies) && a.place.level == b.place.level &&
             a.bits <= b.bits && a.offChip <= b.offChip;
    };
    if (std::any_of(list.begin(), list.end(),
                    [&](const Choice &other) { return beats(other, choice); }))
      return;
    std::erase_if(list,
                  [&](const Choice &other) { return beats(choice, other); });
    list.push_back(choice);
  }

  /// Where a buffer counts whatever else: among its users when it dies, else in
  /// every branch.
  void occupy(TensorId t, LevelId level, int64_t bits, bool dies) {
    EinsumId first = dies ? users[t].first : 0;
    EinsumId last = dies ? users[t].second : EinsumId(set.einsums.size() - 1);
    for (EinsumId e = first; e <= last; ++e)
      occupied[level][e] = saturatingAdd(occupied[level][e], bits);
  }
  int64_t occupiedAt(LevelId level) const {
    return *std::max_element(occupied[level].begin(), occupied[level].end());
  }

  /// Whether nothing with at least these transfers and the occupied space is
  /// valid and new to the front.
  bool isHopeless(int64_t offChip) const {
    if (isProbing && mayBeNew)
      return true; // Known enough.
    for (LevelId level = 1; level < arch.levels.size(); ++level)
      if (arch.levels[level].capacityBits &&
          occupiedAt(level) > *arch.levels[level].capacityBits)
        return true;
    std::vector<int64_t> least;
    for (const Goal &goal : goals)
      least.push_back(goal.kind == Goal::Kind::OffChipBits ? offChip
                      : goal.kind == Goal::Kind::RecomputeOps
                          ? recompute
                          : occupiedAt(goal.level));
    return points.covers(least);
  }

  /// False when something could not be measured.
  bool choose(size_t index, int64_t offChip) {
    if (stopped || isHopeless(saturatingAdd(offChip, leastRest[index])))
      return true;
    if (index == free.size())
      return nestBranch(0, offChip);
    TensorId t = free[index];
    for (const Choice &choice : choices[index]) {
      auto before = occupied;
      auto masksBefore = masks;
      places[t] = choice.place;
      if (choice.place.depth >= 0)
        occupy(t, choice.place.level, choice.bits, choice.dies);
      if (choice.isLocal)
        for (EinsumId e = 0; e < local.size(); ++e)
          for (size_t k = 0; k < local[e].size(); ++k)
            if (local[e][k] == t)
              masks[e] |= 1u << k;
      bool good = choose(index + 1, saturatingAdd(offChip, choice.offChip));
      occupied = std::move(before);
      masks = std::move(masksBefore);
      if (!good)
        return false;
    }
    return true;
  }

  /// With all tensors of the trunk given: the nests of the branches from `e`
  /// on. `offChip` has the least of these in it.
  bool nestBranch(EinsumId e, int64_t offChip) {
    if (stopped || isHopeless(offChip))
      return true;
    if (e == set.einsums.size()) {
      evaluateWhole(offChip);
      return true;
    }
    nests[e] = {};
    if (masks[e] == 0)
      return nestBranch(e + 1, offChip);
    auto least = branches->least();
    const ParetoSet<BranchNest> *front = least ? nestsOf(e) : nullptr;
    if (!front)
      return false;
    for (size_t k = 0; k < local[e].size(); ++k)
      if (masks[e] >> k & 1)
        offChip -= (*least)[e][k];
    for (size_t i = 0; i < front->items.size(); ++i) {
      const auto &item = front->items[i];
      // Where more fits into what another branch takes, less is no better.
      if (isProduct && arch.levels.size() == 2 && i + 1 < front->items.size() &&
          saturatingAdd(occupied[1][e], front->items[i + 1].values[0]) <=
              occupiedAt(1))
        continue;
      for (LevelId level = 1; level < arch.levels.size(); ++level)
        occupied[level][e] += item.values[level - 1];
      nests[e] = item.payload;
      bool good = nestBranch(e + 1, saturatingAdd(offChip, item.values.back()));
      for (LevelId level = 1; level < arch.levels.size(); ++level)
        occupied[level][e] -= item.values[level - 1];
      if (!good)
        return false;
    }
    nests[e] = {};
    return true;
  }

  void evaluateWhole(int64_t offChip) {
    if (isProbing) {
      mayBeNew = true;
      return;
    }
    if (clock.mustStop(result)) {
      stopped = true;
      return;
    }
    ++result.evaluations;
    Mapping mapping = trunkMapping(set, loops, places, isOutside);
    addBranches(mapping, nests);
    std::vector<int64_t> values;
    if (isProduct) {
      // Evaluated in the end, if nothing else beats it.
      for (const Goal &goal : goals)
        values.push_back(goal.kind == Goal::Kind::OffChipBits ? offChip
                         : goal.kind == Goal::Kind::RecomputeOps
                             ? recompute
                             : occupiedAt(goal.level));
      if (points.insert(values, {std::move(mapping), {}}) && limits.progress)
        takePoints();
      return;
    }
    auto report = evaluate(set, arch, mapping);
    std::optional<Error> error = report
                                     ? tooLargeToCompare(*report, goals, arch)
                                     : std::optional(report.error());
    if (error) {
      refuse(*error, true);
      unproven = true;
      return;
    }
    if (!report->valid())
      return;
    for (const Goal &goal : goals)
      values.push_back(int64_t(valueOf(*report, goal)));
    if (points.insert(values, {std::move(mapping), std::move(*report)}) &&
        limits.progress)
      takePoints();
  }

  /// What products say is what its evaluation says, or else the point is left
  /// out and the front no proven one.
  void evaluatePoints() {
    std::erase_if(points.items, [&](auto &item) {
      auto &[mapping, report] = item.payload;
      if (!report.capacityBits.empty())
        return false;
      auto found = evaluate(set, arch, mapping);
      std::optional<Error> error = found
                                       ? tooLargeToCompare(*found, goals, arch)
                                       : std::optional(found.error());
      std::vector<int64_t> values;
      if (!error && found->valid())
        for (const Goal &goal : goals)
          values.push_back(int64_t(valueOf(*found, goal)));
      if (values == item.values) {
        report = std::move(*found);
        return false;
      }
      refuse(error ? *error
                   : Error{"the products over groups of ranks differ "
                           "from an evaluation"},
             true);
      unproven = true;
      return true;
    });
  }

  void takePoints() {
    result.points.clear();
    for (const auto &item : points.items)
      result.points.push_back({{item.values.begin(), item.values.end()},
                               item.payload.first,
                               item.payload.second});
  }

  void finish() {
    evaluatePoints();
    takePoints();
    conclude(result, !stopped && !unproven);
  }

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  const std::vector<Goal> &goals;
  const SearchLimits &limits;
  SearchClock clock;
  std::optional<TileProducts> products;
  bool isEntered = false; ///< With the trunk and the intermediates, and
  bool isProduct = false; ///< for all that is asked.
  /// Looks only whether bounds leave something that may be new.
  bool isProbing = false, mayBeNew = false;
  Arch bench; ///< One level on chip, for everything.

  std::vector<std::pair<EinsumId, EinsumId>> users; ///< First and last.
  std::vector<TensorId> intermediates;
  std::vector<std::vector<int64_t>> steps; ///< Of the head's ranks.
  std::vector<For> loops;
  std::vector<TrunkPlace> places;
  std::vector<bool> isOutside;
  std::vector<BranchNest> nests;
  /// By ranks of the loops and places of the tensors.
  std::map<std::vector<int>, Plan> plans;
  static constexpr size_t kMaxPlans = 4096; ///< Bounds the memory they take.
  Scratch scratch;
  int64_t recompute = 0;
  std::vector<TensorId> free;               ///< Not fused.
  std::vector<std::vector<TensorId>> local; ///< Of those, per einsum.
  BranchFronts *branches = nullptr;
  std::map<std::vector<int64_t>, ParetoSet<BranchNest>> knownNests;
  static constexpr size_t kMostNests = 100'000; ///< Kept at a time.
  std::vector<unsigned> masks;                  ///< Left to each branch.
  std::vector<std::vector<int64_t>> occupied;   ///< Bits by level and branch.
  std::vector<std::vector<Choice>> choices;     ///< Of each free tensor.
  std::vector<int64_t> leastRest; ///< Transfers of the tensors from here on.
  bool wasTooLarge = false;       ///< Why the last refusal.
  bool stopped = false, unproven = false, hasMinimum = false;
  int64_t minimum = 0; ///< Bits off chip, algorithmically.
  std::vector<int64_t> bounds;
  ParetoSet<std::pair<Mapping, CostReport>> points;
  Front result;
};

} // namespace

std::optional<Front> looptree::searchS1(const Workload &set, const Arch &arch,
                                        const TrunkSpace &space,
                                        const std::vector<Goal> &goals,
                                        const SearchLimits &limits) {
  if (!isOfS1(goals))
    return std::nullopt;
  if (auto front = searchPlain(set, arch, space, goals, limits))
    return front;
  constexpr int64_t kMostNests = 20'000; // Each takes two evaluations.
  if (countNests(set, space, kMostNests) > kMostNests)
    return std::nullopt;
  // Masks of operands have 32 bits.
  for (const Einsum &einsum : set.einsums)
    if (einsum.reads.size() > 30)
      return std::nullopt;
  // Loops in branches decide whether a buffer further out ever holds parts of
  // sums, and so its size.
  bool hasParts = std::any_of(
      set.tensors.begin(), set.tensors.end(), [](const Tensor &tensor) {
        return tensor.kind != TensorKind::Input &&
               tensor.partialBits.value_or(tensor.bits) != tensor.bits;
      });
  if (hasParts)
    return searchTier(set, arch, space, MapTier::S1, goals, limits, {});
  return S1Searcher(set, arch, space, goals, limits).run();
}
