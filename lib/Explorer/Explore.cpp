//===- Explore.cpp - Fused sets of a whole network ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Partition.h"
#include "SetCache.h"
#include "looptree/Analysis/Evaluate.h"
#include "looptree/Analysis/Minimum.h"
#include "looptree/Explorer/Network.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>

using namespace looptree;

namespace {

class Explorer {
public:
  Explorer(const Network &network, const Arch &arch, Objective objective,
           const NetworkSearch &search, SetRules rules)
      : network(network), arch(arch), objective(objective), clock(search),
        rules(std::move(rules)), cache(arch, objective) {}

  Result<Exploration> run() {
    Labels byOps{start()}, byLayers{start()}, fused{start()};
    SetCache::Least bound;
    for (const std::vector<Layer> &layers : layersOf(network)) {
      Result<std::vector<Layer>> pinned =
          rules.withPinned(network.workload, layers);
      if (!pinned)
        return pinned.error();
      stretches.push_back(std::move(*pinned));
      std::vector<Layer> ops;
      Layer all;
      for (const Layer &layer : layers)
        all.insert(all.end(), layer.begin(), layer.end());
      std::sort(all.begin(), all.end());
      for (EinsumId e : all)
        ops.push_back({e});
      auto least = leastWork(extractSet(network.workload, all));
      if (!least)
        return least.error();
      result.algorithmicMinimum.elements += least->offChip.elements;
      result.algorithmicMinimum.bits += least->offChip.bits;

      StretchPartition &partition = partitions.emplace_back(
          network.workload, stretches.back(), arch, objective, cache, rules);
      auto opsError = chain(ops, byOps);
      if (opsError)
        return *opsError;
      for (const Layer &layer : layers)
        byLayers = extendedByLayer(byLayers, layer, objective,
                                   [&](const Layer &set) -> const SetResult & {
                                     return searched(set);
                                   });
      hasAllPrefixes &= partition.hasAllPrefixes();
      fused = partition.solve(fused, nullptr, clock);
      if (fused.empty())
        return noPlan(stretches.back());
      bound.objective += partition.least().objective;
      bound.energyPj += partition.least().energyPj;
      bound.latency += partition.least().latency;
    }
    result.stopped = clock.hasStopped();
    result.bound = objective == Objective::Edp ? bound.energyPj * bound.latency
                                               : bound.objective;
    result.opByOp = planOf(byOps);
    result.layerByLayer = planOf(byLayers);
    result.fused = planOf(fused);
    // Spread over the array, layers by themselves may gain more.
    if (objective != Objective::Edp && rules.isEmpty() &&
        sumOf(result.layerByLayer) < sumOf(result.fused))
      result.fused = result.layerByLayer;
    result.evaluations = cache.evaluations();
    result.notSearched = {
        hasAllPrefixes
            ? "sets of more than " + std::to_string(kLoopedLayers) +
                  " layers where the trunk has loops"
            : "sets of more than " + std::to_string(kLoopedLayers) +
                  " layers where the trunk has loops, and, of stretches that "
                  "can be computed in many orders, sets that are no run of "
                  "consecutive layers of the one taken",
        "trunks of more than two loops, and steps other than the least for "
        "each tile count of 2, 3, 4, 6, 9, ... and 1",
        "intermediates retained elsewhere than below all loops of the trunk or "
        "at the greatest depth without recomputation",
        "for other tensors, what a greedy choice of their places passes over; "
        "more than two loops in a branch; a second level on chip",
        "no_reuse, unfused intermediates, splits below splits, pipeline",
        "spatial_for elsewhere than directly above compute, over more than one "
        "rank for each fan-out, or with other steps than the least that fit"};
    return result;
  }

  /// After run().
  std::vector<SetEnd> endsOf(const NetworkPlan &plan) {
    std::vector<SetEnd> ends;
    if (clock.mustStop(cache.evaluations())) {
      ends.resize(plan.sets.size());
      return ends;
    }
    for (size_t s = 0; s < stretches.size(); ++s) {
      const std::vector<Layer> &layers = stretches[s];
      std::vector<const FusedSet *> sets;
      for (const FusedSet &set : plan.sets)
        if (std::any_of(layers.begin(), layers.end(), [&](const Layer &layer) {
              return std::count(layer.begin(), layer.end(),
                                set.einsums.front()) > 0;
            }))
          sets.push_back(&set);
      std::vector<EinsumId> done;
      for (size_t i = 0; i < sets.size(); ++i) {
        done.insert(done.end(), sets[i]->einsums.begin(),
                    sets[i]->einsums.end());
        SetEnd &end = ends.emplace_back();
        if (i + 1 == sets.size())
          continue;
        joinNext(*sets[i], layers, done, end);
        cutElsewhere(s, done, *sets[i], end);
      }
    }
    return ends;
  }

private:
  /// The set with the first layer that can be computed after it.
  void joinNext(const FusedSet &set, const std::vector<Layer> &layers,
                const std::vector<EinsumId> &done, SetEnd &end) {
    auto isDone = [&](TensorId t) {
      auto producer = network.workload.producer(t);
      return !producer ||
             std::find(done.begin(), done.end(), *producer) != done.end();
    };
    for (const Layer &layer : layers) {
      if (std::find(done.begin(), done.end(), layer[0]) != done.end())
        continue;
      bool isReady = std::all_of(layer.begin(), layer.end(), [&](EinsumId e) {
        const auto &reads = network.workload.einsums[e].reads;
        return std::all_of(reads.begin(), reads.end(), [&](const Access &a) {
          auto producer = network.workload.producer(a.tensor);
          return isDone(a.tensor) ||
                 std::count(layer.begin(), layer.end(), *producer) > 0;
        });
      });
      if (!isReady)
        continue;
      end.nextLayer = layer;
      break;
    }
    if (end.nextLayer.empty())
      return; // It ends amid a layer that is computed op by op.
    Layer both = set.einsums;
    both.insert(both.end(), end.nextLayer.begin(), end.nextLayer.end());
    std::sort(both.begin(), both.end());
    const SetResult *joined = nullptr;
    end.joined = costOf(both, joined);
    if (!end.joined)
      end.needed = joined->nearest;
    end.apart = objectiveOf(set.report, objective) +
                costOf(end.nextLayer, joined)
                    .value_or(std::numeric_limits<double>::infinity());
  }

  /// The best found for a set, none when nothing fits.
  std::optional<double> costOf(const Layer &einsums,
                               const SetResult *&searched) {
    searched = &this->searched(einsums);
    if (searched->found.empty())
      return std::nullopt;
    Workload set = extractSet(network.workload, einsums);
    return objectiveOf(spread(set, searched->found[0]).report, objective);
  }

  const SetResult &searched(const Layer &einsums) {
    return cache.search({extractSet(network.workload, einsums), TrunkLoops::Any,
                         std::numeric_limits<double>::infinity()});
  }

  /// Why rules leave nothing.
  Error noPlan(const std::vector<Layer> &layers) const {
    if (clock.hasStopped())
      return {"stopped before any plan was found that meets the constraints"};
    std::string conflict = rules.conflict(network, arch, layers);
    if (!conflict.empty())
      return {"no plan is left: " + conflict};
    return {"no plan that meets the constraints fits"};
  }

  void cutElsewhere(size_t stretch, const std::vector<EinsumId> &done,
                    const FusedSet &set, SetEnd &end) {
    LayerSet avoided = partitions[stretch].prefixOf(done);
    Labels best = partitions[stretch].solve({start()}, nullptr, clock);
    Labels other = partitions[stretch].solve({start()}, &avoided, clock);
    if (other.empty() || best.empty())
      return;
    end.otherwise =
        sumOf(result.fused) - sumOf(planOf(best)) + sumOf(planOf(other));
    for (const Label *l = other[0].get(); l->before; l = l->before.get())
      if (std::any_of(l->einsums.begin(), l->einsums.end(), [&](EinsumId e) {
            return std::count(set.einsums.begin(), set.einsums.end(), e) ||
                   std::count(end.nextLayer.begin(), end.nextLayer.end(), e);
          }))
        end.otherSets.insert(end.otherSets.begin(), l->einsums);
  }

  static std::shared_ptr<const Label> start() {
    return std::make_shared<Label>();
  }

  std::optional<Error> chain(const std::vector<Layer> &sets, Labels &labels) {
    for (const Layer &set : sets) {
      const SetResult &found = searched(set);
      if (found.found.empty())
        return misfit(extractSet(network.workload, set), found);
      Labels next;
      merge(next, extended(labels, set, found.found, objective), objective);
      labels = std::move(next);
    }
    return std::nullopt;
  }

  Error misfit(const Workload &w, const SetResult &found) const {
    std::string message = "einsum " + w.einsums[0].name + " fits nowhere";
    if (found.nearest) {
      const Level &level = arch.levels[found.nearest->level];
      message += ": level " + level.name + " holds " +
                 std::to_string(*level.capacityBits) +
                 " bits, and the least found is " +
                 std::to_string(found.nearest->bits);
    }
    return {message};
  }

  double sumOf(const NetworkPlan &plan) const {
    double sum = 0;
    for (const FusedSet &set : plan.sets)
      sum += objectiveOf(set.report, objective);
    return sum;
  }

  /// The mapping on the array, if that is no worse.
  const MappedSet &spread(const Workload &set, const MappedSet &mapped) {
    if (!mapped.spread)
      return mapped;
    auto [known, isNew] = spreads.try_emplace(mapped.spread, mapped);
    if (isNew) {
      auto report = evaluateSpread(set, arch, *mapped.spread);
      if (report && report->valid() &&
          objectiveOf(*report, objective) <=
              objectiveOf(mapped.report, objective))
        known->second = {*mapped.spread, std::move(*report), nullptr};
    }
    return known->second;
  }

  NetworkPlan planOf(const Labels &labels) {
    const Label *best = labels[0].get();
    for (const auto &label : labels)
      if (scoreOf(*label, objective) < scoreOf(*best, objective))
        best = label.get();
    NetworkPlan plan;
    for (const Label *l = best; l->before; l = l->before.get()) {
      Workload set = extractSet(network.workload, l->einsums);
      const MappedSet &last = spread(set, l->last);
      plan.sets.push_back(
          {l->einsums, std::move(set), last.mapping, last.report});
    }
    std::reverse(plan.sets.begin(), plan.sets.end());
    return plan;
  }

  const Network &network;
  const Arch &arch;
  Objective objective;
  PlanClock clock;
  SetRules rules;
  SetCache cache;
  std::map<std::shared_ptr<const Mapping>, MappedSet> spreads;
  std::deque<std::vector<Layer>> stretches; ///< With pinned sets.
  std::deque<StretchPartition> partitions;  ///< One for each.
  bool hasAllPrefixes = true;
  Exploration result;
};

} // namespace

Result<Exploration> looptree::explore(const Network &network, const Arch &arch,
                                      Objective objective,
                                      const NetworkSearch &search) {
  if (auto error = network.workload.check())
    return *error;
  if (auto error = arch.check())
    return *error;
  auto rules = SetRules::of(network, arch, search);
  if (!rules)
    return rules.error();
  return Explorer(network, arch, objective, search, std::move(*rules)).run();
}

Result<Explanation> looptree::explain(const Network &network, const Arch &arch,
                                      Objective objective,
                                      const NetworkSearch &search) {
  if (objective == Objective::Edp)
    return Error{"an edp is no sum over sets: what one cut costs is not "
                 "defined; explain energy_pj or latency"};
  if (auto error = network.workload.check())
    return *error;
  if (auto error = arch.check())
    return *error;
  auto rules = SetRules::of(network, arch, search);
  if (!rules)
    return rules.error();
  Explorer explorer(network, arch, objective, search, std::move(*rules));
  auto found = explorer.run();
  if (!found)
    return found.error();
  Explanation explanation;
  for (const FusedSet &set : found->fused.sets)
    explanation.total += objectiveOf(set.report, objective);
  explanation.ends = explorer.endsOf(found->fused);
  explanation.found = std::move(*found);
  return explanation;
}
