//===- Front.cpp - Exact Pareto fronts of one fused set -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Explorer/Front.h"

#include "Conflict.h"
#include "Goals.h"
#include "S1Search.h"
#include "SearchClock.h"
#include "TierSearch.h"
#include "TrunkTree.h"
#include "WholeTiles.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

using namespace looptree;

static int64_t saturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum)
             ? std::numeric_limits<int64_t>::max()
             : sum;
}

namespace {

bool isIn(unsigned t, const std::vector<unsigned> &list) {
  return std::find(list.begin(), list.end(), t) != list.end();
}

/// Every value of `a` is at most that of `b`.
bool covers(const std::vector<double> &a, const std::vector<double> &b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i])
      return false;
  return true;
}

/// A place of a tensor and what it costs at the current trunk.
struct Choice {
  TrunkPlace place;
  int64_t bits = 0;    ///< On chip, at least.
  int64_t offChip = 0; ///< All transfers of the tensor.
};

class FrontSearcher {
public:
  FrontSearcher(const Workload &set, const Arch &arch, const TrunkSpace &space,
                const std::vector<Goal> &goals, const SearchLimits &limits)
      : set(set), arch(arch), space(space), goals(goals), clock(limits),
        places(set.tensors.size()), isOutside(set.tensors.size()) {
    // An evaluation cannot be interrupted.
    if (limits.seconds)
      scratch.maxVisits = kMostVisits;
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
    if (headsOf(all, set).size() == 1) {
      for (RankId r = 0; r < head().ranks.size(); ++r) {
        int64_t extent = head().ranks[r].extent;
        steps.push_back(space.stepsOf(r, extent));
        if (hasWholeTiles(set, r))
          steps.back() = leastOfEachCount(steps.back(), extent);
        most += !steps[r].empty();
      }
    }
    for (unsigned count = 0; count <= most && !stopped; ++count)
      extendTrunk(count);
    finish();
    return std::move(result);
  }

private:
  const Einsum &head() const { return set.einsums.back(); }

  void extendTrunk(unsigned count) {
    // The front may have the least that any mapping reaches.
    if (stopped || (hasMinimum && isBeaten(result.bounds)))
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
    // Unfused it is one of the other tensors; these have rules of their own.
    if (!isIn(t, space.fused)) {
      isOutside[t] = true;
      placeIntermediate(index + 1);
      isOutside[t] = false;
    }
  }

  std::optional<CostReport> measured() {
    if (stopped || clock.mustStop(result)) {
      stopped = true;
      return std::nullopt;
    }
    ++result.evaluations;
    auto report = costOfTree();
    std::optional<Error> error = report
                                     ? tooLargeToCompare(*report, goals, arch)
                                     : std::optional(report.error());
    if (!error)
      return std::move(*report);
    isTooLarge = bool(report) || isOfSize(*error);
    if (result.refused++ == 0)
      result.firstRefusal = error->message;
    return std::nullopt;
  }

  /// A tree is compiled once for many steps.
  Result<CostReport> costOfTree() {
    std::vector<int> shape;
    std::vector<int64_t> loopSteps;
    for (const For &loop : loops) {
      shape.push_back(int(loop.rank));
      loopSteps.push_back(loop.step);
    }
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      const TrunkPlace &place = places[t];
      shape.insert(shape.end(), {place.depth, int(place.level),
                                 int(place.noReuse), int(isOutside[t])});
    }
    auto known = plans.find(shape);
    if (known == plans.end()) {
      auto plan =
          compile(set, arch, trunkMapping(set, loops, places, isOutside));
      if (!plan)
        return plan.error();
      if (plans.size() == kMaxPlans)
        plans.clear();
      known = plans.emplace(std::move(shape), std::move(*plan)).first;
    }
    return evaluate(known->second, loopSteps, scratch);
  }

  /// With trunk and intermediates given: the places of all other tensors.
  void placeOthers() {
    std::vector<TensorId> free;
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      if (set.tensors[t].kind != TensorKind::Intermediate)
        isOutside[t] = true;
      if (!isOutside[t])
        continue;
      places[t] = {};
      free.push_back(t);
    }
    auto bare = measured();
    if (!bare) {
      // Incomplete here is incomplete wherever the other tensors are; a count
      // of 64 bits may be lower elsewhere.
      unproven |= isTooLarge;
      return;
    }
    least = leastOf(*bare);
    if (!hasMinimum) {
      hasMinimum = true;
      LeastCosts any = leastWithoutRecompute(set, *bare, arch);
      for (size_t i = 0; i < goals.size(); ++i)
        result.bounds[i] = leastValue(goals[i], any, 0, arch);
    }
    occupied.assign(arch.levels.size(),
                    std::vector<int64_t>(set.einsums.size()));
    for (TensorId t : intermediates)
      if (!isOutside[t])
        occupy(t, places[t], bitsOf(*bare, t));
    if (isHopeless(bare->algorithmicMinimum.bits))
      return;
    if (measureChoices(free, *bare))
      choose(free, 0, 0);
    else
      unproven = true;
    for (TensorId t : free)
      places[t] = {};
  }

  /// Level 1 and further in; an on-chip tensor has one buffer.
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

  /// One evaluation measures one choice of every tensor at once.
  bool measureChoices(const std::vector<TensorId> &free,
                      const CostReport &bare) {
    choices.assign(free.size(), {});
    leastRest.assign(free.size() + 1, 0);
    size_t most = 0;
    for (size_t i = 0; i < free.size(); ++i) {
      if (space.mayBeOffChip(free[i]))
        choices[i].push_back({{}, 0, offChipOf(bare, free[i])});
      for (const TrunkPlace &place :
           placesOf(set, free[i], arch, space, unsigned(loops.size())))
        choices[i].push_back({place, 0, 0});
      if (choices[i].empty())
        return true;
      most = std::max(most, choices[i].size());
    }
    for (size_t c = 0; c < most; ++c) {
      bool isNew = false;
      for (size_t i = 0; i < free.size(); ++i) {
        bool has = c < choices[i].size();
        places[free[i]] = has ? choices[i][c].place : TrunkPlace();
        isNew |= has && choices[i][c].place.depth >= 0;
      }
      if (!isNew)
        continue;
      auto report = measured();
      if (!report)
        return false;
      for (size_t i = 0; i < free.size(); ++i)
        if (c < choices[i].size() && choices[i][c].place.depth >= 0) {
          choices[i][c].bits = bitsOf(*report, free[i]);
          choices[i][c].offChip = offChipOf(*report, free[i]);
        }
    }
    for (size_t i = free.size(); i-- > 0;) {
      auto &list = choices[i];
      // Cheapest first, so that good points come early.
      std::stable_sort(list.begin(), list.end(),
                       [](const Choice &a, const Choice &b) {
                         return a.offChip != b.offChip ? a.offChip < b.offChip
                                                       : a.bits < b.bits;
                       });
      leastRest[i] = saturatingAdd(leastRest[i + 1], list[0].offChip);
    }
    return true;
  }

  /// Where a buffer counts whatever else: among its users when it stands
  /// directly above the split, else in every branch.
  void occupy(TensorId t, const TrunkPlace &place, int64_t bits) {
    if (place.depth < 0)
      return;
    bool mayDie = place.depth == int(loops.size());
    EinsumId first = mayDie ? users[t].first : 0;
    EinsumId last = mayDie ? users[t].second : EinsumId(set.einsums.size() - 1);
    for (EinsumId e = first; e <= last; ++e)
      occupied[place.level][e] = saturatingAdd(occupied[place.level][e], bits);
  }
  int64_t occupiedAt(LevelId level) const {
    return *std::max_element(occupied[level].begin(), occupied[level].end());
  }

  /// Whether nothing with at least these transfers and the occupied space is
  /// valid and new to the front.
  bool isHopeless(int64_t offChip) const {
    for (LevelId level = 1; level < arch.levels.size(); ++level)
      if (arch.levels[level].capacityBits &&
          occupiedAt(level) > *arch.levels[level].capacityBits)
        return true;
    LeastCosts costs = least;
    costs.offChipBits = offChip;
    std::vector<double> values;
    for (const Goal &goal : goals)
      values.push_back(leastValue(
          goal, costs,
          goal.kind == Goal::Kind::CapacityBits ? occupiedAt(goal.level) : 0,
          arch));
    return isBeaten(values);
  }

  bool isBeaten(const std::vector<double> &values) const {
    return std::any_of(
        result.points.begin(), result.points.end(),
        [&](const FrontPoint &point) { return covers(point.values, values); });
  }

  void choose(const std::vector<TensorId> &free, size_t index,
              int64_t offChip) {
    if (stopped || isHopeless(saturatingAdd(offChip, leastRest[index])))
      return;
    if (index == free.size()) {
      if (auto report = measured())
        keep(std::move(*report));
      else
        unproven = true;
      return;
    }
    for (const Choice &choice : choices[index]) {
      auto before = occupied;
      places[free[index]] = choice.place;
      occupy(free[index], choice.place, choice.bits);
      choose(free, index + 1, saturatingAdd(offChip, choice.offChip));
      occupied = std::move(before);
    }
  }

  void keep(CostReport report) {
    if (!report.valid())
      return;
    FrontPoint point;
    for (const Goal &goal : goals)
      point.values.push_back(valueOf(report, goal));
    if (isBeaten(point.values))
      return;
    std::erase_if(result.points, [&](const FrontPoint &other) {
      return covers(point.values, other.values);
    });
    point.mapping = trunkMapping(set, loops, places, isOutside);
    point.report = std::move(report);
    result.points.push_back(std::move(point));
  }

  void finish() { conclude(result, !stopped && !unproven); }

  const Workload &set;
  const Arch &arch;
  const TrunkSpace &space;
  const std::vector<Goal> &goals;
  SearchClock clock;

  std::vector<std::pair<EinsumId, EinsumId>> users; ///< First and last.
  std::vector<TensorId> intermediates;
  std::vector<std::vector<int64_t>> steps; ///< Of the head's ranks.
  std::vector<For> loops;
  std::vector<TrunkPlace> places;
  std::vector<bool> isOutside;
  /// By ranks of the loops and places of the tensors.
  std::map<std::vector<int>, Plan> plans;
  static constexpr size_t kMaxPlans = 4096; ///< Bounds the memory they take.
  Scratch scratch;
  LeastCosts least; ///< With the trunk and the intermediates given.
  std::vector<std::vector<int64_t>> occupied; ///< Bits by level and branch.
  std::vector<std::vector<Choice>> choices;   ///< Of each free tensor.
  std::vector<int64_t> leastRest; ///< Transfers of the tensors from here on.
  bool isTooLarge = false;        ///< Why the last refusal.
  bool stopped = false, unproven = false, hasMinimum = false;
  Front result;
};

Front search(const Workload &set, const Arch &arch, const TrunkSpace &space,
             const std::vector<Goal> &goals, const SearchLimits &limits,
             bool mayBeS1) {
  if (space.tier) {
    // What is known of a part of the space closes much of the rest.
    TrunkSpace part = space;
    part.tier = std::nullopt;
    if (*space.tier == MapTier::S3)
      part.tier = MapTier::S2;
    SearchLimits some = limits;
    if (some.seconds)
      *some.seconds /= part.tier ? 2 : 4;
    auto begin = std::chrono::steady_clock::now();
    Front known = search(set, arch, part, goals, some, true);
    if (known.status == Front::Status::Optimal &&
        std::string_view(known.space) == toString(*space.tier))
      return known;
    SearchLimits rest = limits;
    if (rest.seconds)
      *rest.seconds -= std::chrono::duration<double>(
                           std::chrono::steady_clock::now() - begin)
                           .count();
    return searchTier(set, arch, space, *space.tier, goals, rest, known);
  }
  if (mayBeS1)
    if (auto front = searchS1(set, arch, space, goals, limits))
      return std::move(*front);
  return FrontSearcher(set, arch, space, goals, limits).run();
}

/// The least that some level can hold in a space; the capacities of `arch`
/// stand.
std::optional<int64_t> leastCapacity(const Workload &set, const Arch &arch,
                                     LevelId level, const TrunkSpace &space,
                                     const SearchLimits &limits, bool inS1) {
  Front least = search(set, arch, space, {{Goal::Kind::CapacityBits, level}},
                       limits, inS1);
  if (least.status != Front::Status::Optimal)
    return std::nullopt;
  return int64_t(least.points[0].values[0]);
}

/// What stands in the way when no mapping is valid.
std::string reasonOf(const Workload &set, const Arch &arch,
                     const TrunkSpace &space, const Front &front,
                     const SearchLimits &limits, bool inS1) {
  auto conflict = conflictOf(set, arch, space);
  if (!conflict.empty()) {
    std::string text = "the constraints leave no mapping: ";
    for (size_t i = 0; i < conflict.size(); ++i)
      text += (i == 0                    ? ""
               : i + 1 < conflict.size() ? ", "
                                         : " and ") +
              conflict[i];
    return text +
           (conflict.size() == 1 ? " leaves none" : " leave none together");
  }
  int64_t stages = int64_t(set.einsums.size());
  if (!space.sequential && stages > arch.computeInstances())
    return "without sequential every einsum is a stage, and " +
           std::to_string(stages) + " stages take as many instances of " +
           "compute; there " +
           (arch.computeInstances() == 1
                ? std::string("is 1")
                : "are " + std::to_string(arch.computeInstances()));
  std::string others;
  for (bool alone : {true, false})
    for (LevelId level = 0; level < arch.levels.size(); ++level) {
      auto holds = arch.levels[level].capacityBits;
      if (!holds)
        continue;
      Arch roomy = arch;
      for (LevelId l = 0; l < arch.levels.size(); ++l)
        if (alone || l == level)
          roomy.levels[l].capacityBits = std::nullopt;
      auto least = leastCapacity(set, roomy, level, space, limits, inS1);
      if (!least || *least <= *holds)
        continue;
      if (alone)
        return "level " + arch.levels[level].name + " holds " +
               std::to_string(*holds) +
               " bits, and every mapping of the space needs at least " +
               std::to_string(*least);
      others += (others.empty() ? "" : ", or ") + std::to_string(*least) +
                " bits at " + arch.levels[level].name + " in place of " +
                std::to_string(*holds);
    }
  if (!others.empty())
    return "no mapping of the space fits all levels at once; it would take " +
           others;
  return front.refused ? front.firstRefusal
                       : "no mapping of the space fits all levels at once";
}

} // namespace

Result<Front> looptree::searchFront(const Workload &workload, const Arch &arch,
                                    const TrunkSpace &space,
                                    const std::vector<Goal> &goals,
                                    const SearchLimits &limits) {
  if (auto error = workload.check())
    return *error;
  if (auto error = arch.check())
    return *error;
  if (workload.einsums.empty())
    return Error{"the workload has no einsum to map"};
  if (goals.empty())
    return Error{"there is no objective"};
  constexpr size_t kMostEinsums = 64;
  if (workload.einsums.size() > kMostEinsums)
    return Error{"a set of " + std::to_string(workload.einsums.size()) +
                 " einsums; fronts are searched of at most " +
                 std::to_string(kMostEinsums)};
  if (auto error = tooManyValues(workload))
    return *error;
  Front front = search(workload, arch, space, goals, limits, true);
  if (front.status == Front::Status::Infeasible)
    front.reason = reasonOf(workload, arch, space, front, limits,
                            front.space != std::string_view("trunk"));
  return front;
}
