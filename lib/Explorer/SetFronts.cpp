//===- SetFronts.cpp - Exact fronts of whole networks ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sets that run one after another share capacity and add up transfers. So what
// is best for a part of a network is one set first and the best for the rest,
// at each capacity: the larger of the two with the sum of what both move. What
// a set cannot do better than its own parts is of no use, which closes most of
// its search.
//
// Worked example, capacity and transfers: (8, 100) or (32, 40) for one set, and
// (16, 30) for the next one, make (16, 130) and (32, 70).
//
//===----------------------------------------------------------------------===//

#include "Goals.h"
#include "LayerGraph.h"
#include "PlainSearch.h"
#include "PlainSet.h"
#include "SetCache.h"

#include <chrono>
#include <memory>

using namespace looptree;

namespace {

/// Sets, in order: those of `first`, then those of `rest`; or one.
struct Choice {
  std::shared_ptr<const Choice> first, rest;
  Layer einsums;                     ///< Of the one set.
  const FrontPoint *point = nullptr; ///< Its mapping.
};
using Choices = Stairs<std::shared_ptr<const Choice>>;

class SetFronts {
public:
  SetFronts(const Network &network, const Arch &arch,
            const std::vector<Goal> &goals, const SearchLimits &limits)
      : network(network), w(network.workload), arch(arch), goals(goals),
        limits(limits), begin(std::chrono::steady_clock::now()) {}

  Result<Front> run() {
    front.space = "fused sets of at most 4 einsums without overlaps, each in "
                  "S1 without idle loops";
    front.bounds.assign(goals.size(), 0);
    for (size_t i = 0; i < goals.size(); ++i)
      if (goals[i].kind == Goal::Kind::OffChipBits)
        for (const Tensor &tensor : w.tensors)
          if (tensor.kind != TensorKind::Intermediate)
            front.bounds[i] += double(tensor.bits) * elementsOf(tensor);
    std::vector<EinsumId> begins = network.cuts;
    begins.insert(begins.begin(), 0);
    begins.push_back(EinsumId(w.einsums.size()));
    std::optional<Choices> all;
    for (size_t s = 0; s + 1 < begins.size(); ++s) {
      Layer stretch;
      for (EinsumId e = begins[s]; e < begins[s + 1]; ++e)
        stretch.push_back(e);
      const Choices *best = bestOf(stretch);
      if (!best)
        return Error{"einsum " + w.einsums[begins[s]].name +
                     " and those after it can be computed in too many orders "
                     "to try all sets"};
      all = all ? combined(*all, *best) : *best;
    }
    finish(*all);
    return std::move(front);
  }

private:
  static double elementsOf(const Tensor &tensor) {
    double elements = 1;
    for (int64_t extent : tensor.shape)
      elements *= double(extent);
    return elements;
  }

  static Choices combined(const Choices &first, const Choices &rest) {
    Choices both;
    size_t i = 0, j = 0;
    while (i < first.steps.size() && j < rest.steps.size()) {
      const StairStep &a = first.steps[i], &b = rest.steps[j];
      int64_t capacity = std::max(a.capacity, b.capacity);
      if (i + 1 < first.steps.size() && first.steps[i + 1].capacity <= capacity)
        ++i;
      else if (j + 1 < rest.steps.size() &&
               rest.steps[j + 1].capacity <= capacity)
        ++j;
      else {
        both.insert({capacity, plus(a.offChip, b.offChip)},
                    std::make_shared<const Choice>(
                        Choice{first.payloads[i], rest.payloads[j], {}, {}}));
        bool hasA = i + 1 < first.steps.size();
        bool hasB = j + 1 < rest.steps.size();
        if (hasA && (!hasB ||
                     first.steps[i + 1].capacity <= rest.steps[j + 1].capacity))
          ++i;
        else
          ++j;
      }
    }
    return both;
  }

  StairStep stepOf(const FrontPoint &point) const {
    StairStep step{0, 0};
    for (size_t i = 0; i < goals.size(); ++i)
      (goals[i].kind == Goal::Kind::OffChipBits ? step.offChip
                                                : step.capacity) =
          int64_t(point.values[i]);
    return step;
  }

  /// The best ways to compute some einsums, or null when there are too many to
  /// try.
  const Choices *bestOf(const Layer &einsums) {
    auto [entry, isNew] = known.try_emplace(einsums);
    if (!isNew)
      return &entry->second;
    std::vector<Layer> layers;
    for (EinsumId e : einsums)
      layers.push_back({e});
    LayerGraph graph(w, layers);
    auto prefixes = graph.prefixes(kMostPrefixes);
    if (!prefixes)
      return nullptr;
    Choices best;
    for (const LayerSet &prefix : *prefixes) {
      Layer first, rest;
      for (size_t l = 0; l < einsums.size(); ++l)
        (prefix[l] ? first : rest).push_back(einsums[l]);
      if (first.empty() || rest.empty() || first.size() > kSetEinsums)
        continue;
      bestOf(first);
      if (!bestOf(rest))
        return nullptr;
      // A part that several sets compute is one of these and the rest.
      const Choices &one = oneSet.at(first);
      if (one.steps.empty())
        continue;
      Choices more = combined(one, known.at(rest));
      for (size_t i = 0; i < more.steps.size(); ++i)
        best.insert(more.steps[i], more.payloads[i]);
    }
    Choices &mine = oneSet[einsums];
    if (einsums.size() <= kSetEinsums &&
        !graph.fallsApart(LayerSet(einsums.size(), true)))
      for (const FrontPoint &point : frontOf(einsums, best.steps)) {
        auto choice = std::make_shared<const Choice>(
            Choice{nullptr, nullptr, einsums, &point});
        mine.insert(stepOf(point), choice);
        best.insert(stepOf(point), choice);
      }
    return &(known[einsums] = std::move(best));
  }

  /// Of a set's front what `apart`, that of its parts, does not cover.
  const std::vector<FrontPoint> &frontOf(const Layer &einsums,
                                         const std::vector<StairStep> &apart) {
    Workload set = extractSet(w, einsums);
    auto [entry, isNew] = fronts.try_emplace(structureOf(set));
    std::vector<FrontPoint> &points = entry->second;
    if (!isNew || stopped)
      return points;
    SearchLimits rest = limits;
    rest.progress = {};
    if (limits.seconds)
      *rest.seconds -= std::chrono::duration<double>(
                           std::chrono::steady_clock::now() - begin)
                           .count();
    if (limits.evaluations)
      *rest.evaluations -= front.evaluations;
    TrunkSpace space;
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (set.tensors[t].kind == TensorKind::Intermediate)
        space.fused.push_back(t);
    auto found = searchPlain(set, arch, space, goals, rest, apart);
    if (!found && einsums.size() == 1) {
      auto alone = searchFront(set, arch, {}, goals, rest);
      if (alone)
        found = std::move(*alone);
    }
    if (!found)
      return points;
    stopped |= found->status == Front::Status::Limit;
    front.evaluations += found->evaluations;
    if (einsums.size() == 1 && found->points.empty() && !stopped)
      front.reason = "einsum " + set.einsums[0].name + ": " + found->reason;
    points = std::move(found->points);
    if (limits.progress)
      limits.progress(front);
    return points;
  }

  void list(const Choice &choice, std::vector<const Choice *> &sets) const {
    if (choice.point) {
      sets.push_back(&choice);
      return;
    }
    list(*choice.first, sets);
    list(*choice.rest, sets);
  }

  void finish(const Choices &best) {
    // Points share the sets that they have in common.
    std::map<const Choice *, std::shared_ptr<const FusedSet>> made;
    for (size_t i = 0; i < best.steps.size(); ++i) {
      FrontPoint point;
      for (const Goal &goal : goals)
        point.values.push_back(double(goal.kind == Goal::Kind::OffChipBits
                                          ? best.steps[i].offChip
                                          : best.steps[i].capacity));
      std::vector<const Choice *> sets;
      list(*best.payloads[i], sets);
      for (const Choice *choice : sets) {
        std::shared_ptr<const FusedSet> &set = made[choice];
        if (!set)
          set = std::make_shared<const FusedSet>(
              FusedSet{choice->einsums, extractSet(w, choice->einsums),
                       choice->point->mapping, choice->point->report});
        point.sets.push_back(set);
      }
      front.points.push_back(std::move(point));
    }
    conclude(front, !stopped);
    if (front.status == Front::Status::Optimal)
      front.reason.clear();
  }

  /// Prefixes of a stretch.
  static constexpr size_t kMostPrefixes = 1024;

  const Network &network;
  const Workload &w;
  const Arch &arch;
  const std::vector<Goal> &goals;
  const SearchLimits &limits;
  const std::chrono::steady_clock::time_point begin;
  bool stopped = false;
  std::map<Layer, Choices> known, oneSet;
  std::map<std::string, std::vector<FrontPoint>> fronts; ///< By structure.
  Front front;
};

} // namespace

Result<Front> looptree::searchSets(const Network &network, const Arch &arch,
                                   const std::vector<Goal> &goals,
                                   const SearchLimits &limits) {
  if (auto error = network.workload.check())
    return *error;
  if (auto error = arch.check())
    return *error;
  if (network.workload.einsums.empty())
    return Error{"the workload has no einsum to map"};
  if (goals.empty())
    return Error{"there is no objective"};
  if (auto error = tooManyValues(network.workload))
    return *error;
  if (arch.levels.size() != 2)
    return Error{"sets are searched on one level on chip, and there are " +
                 std::to_string(arch.levels.size() - 1)};
  for (const Goal &goal : goals)
    if (goal.kind != Goal::Kind::OffChipBits &&
        goal.kind != Goal::Kind::CapacityBits)
      return Error{"sets are searched for capacity_bits and off_chip_bits, "
                   "and not for " +
                   toString(goal, arch)};
  return SetFronts(network, arch, goals, limits).run();
}
