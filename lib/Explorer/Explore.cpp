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
#include <limits>
#include <map>
#include <memory>

using namespace looptree;

namespace {

class Explorer {
public:
  Explorer(const Network &network, const Arch &arch, Objective objective,
           const std::function<void(const std::string &)> &progress)
      : network(network), arch(arch), objective(objective), progress(progress),
        cache(arch, objective) {}

  Result<Exploration> run() {
    auto stretches = layersOf(network);
    Labels byOps{start()}, byLayers{start()}, fused{start()};
    for (const std::vector<Layer> &layers : stretches) {
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

      StretchPartition partition(network.workload, layers, arch, objective,
                                 cache);
      auto opsError = chain(ops, byOps);
      if (opsError)
        return *opsError;
      byLayers = partition.layerByLayer(byLayers);
      hasAllPrefixes &= partition.hasAllPrefixes();
      fused = partition.solve(fused, nullptr, progress);
    }
    result.opByOp = planOf(byOps);
    result.layerByLayer = planOf(byLayers);
    result.fused = planOf(fused);
    // Spread over the array, layers by themselves may gain more.
    if (objective != Objective::Edp &&
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
    return std::move(result);
  }

private:
  static std::shared_ptr<const Label> start() {
    return std::make_shared<Label>();
  }

  std::optional<Error> chain(const std::vector<Layer> &sets, Labels &labels) {
    for (const Layer &set : sets) {
      Workload w = extractSet(network.workload, set);
      const SetResult &found = cache.search(
          {w, TrunkLoops::Any, std::numeric_limits<double>::infinity()});
      if (found.found.empty())
        return misfit(w, found);
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
      auto report = evaluate(set, arch, *mapped.spread);
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
  const std::function<void(const std::string &)> &progress;
  SetCache cache;
  std::map<std::shared_ptr<const Mapping>, MappedSet> spreads;
  bool hasAllPrefixes = true;
  Exploration result;
};

} // namespace

Result<Exploration>
looptree::explore(const Network &network, const Arch &arch, Objective objective,
                  const std::function<void(const std::string &)> &progress) {
  if (auto error = network.workload.check())
    return *error;
  if (auto error = arch.check())
    return *error;
  return Explorer(network, arch, objective, progress).run();
}
