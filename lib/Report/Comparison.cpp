//===- Comparison.cpp - Sets against the baselines ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"

#include <algorithm>
#include <numeric>

using namespace looptree;
using namespace looptree::report;

const NamedPlan *report::findPlan(const NetworkCosts &costs, PlanRole role) {
  for (const NamedPlan &plan : costs.plans)
    if (plan.role == role)
      return &plan;
  return nullptr;
}

std::vector<const NamedPlan *> report::shownPlans(const NetworkCosts &costs) {
  std::vector<const NamedPlan *> shown, all;
  for (const NamedPlan &plan : costs.plans) {
    all.push_back(&plan);
    if (!plan.role || plan.role == PlanRole::Fused)
      shown.push_back(&plan);
  }
  return shown.empty() ? all : shown;
}

/// The sets of a baseline that make up a set of einsums; nothing when one of
/// them lies across its border.
static std::optional<std::vector<const FusedSet *>>
setsWithin(const NamedPlan &baseline, const std::vector<EinsumId> &einsums) {
  std::vector<const FusedSet *> within;
  for (const NamedSet &named : baseline.sets) {
    size_t inside = std::count_if(
        named.set.einsums.begin(), named.set.einsums.end(),
        [&](EinsumId einsum) {
          return std::binary_search(einsums.begin(), einsums.end(), einsum);
        });
    if (inside == 0)
      continue;
    if (inside != named.set.einsums.size())
      return std::nullopt;
    within.push_back(&named.set);
  }
  return within;
}

std::optional<Share> report::shareOf(const NetworkCosts &costs,
                                     PlanRole baseline,
                                     const std::vector<EinsumId> &einsums) {
  const NamedPlan *plan = findPlan(costs, baseline);
  if (!plan)
    return std::nullopt;
  auto sets = setsWithin(*plan, einsums);
  if (!sets)
    return std::nullopt;
  Share share;
  for (const FusedSet *set : *sets) {
    share.offChip.elements += set->report.offChip.elements;
    share.offChip.bits += set->report.offChip.bits;
    share.latencyCycles += set->report.latencyCycles;
    share.energyPj += set->report.energyPj;
  }
  return share;
}

std::vector<std::vector<std::string>>
report::layersOf(const NetworkCosts &costs, const FusedSet &set) {
  const std::vector<Einsum> &all = costs.network.workload.einsums;
  std::vector<std::vector<std::string>> layers;
  const NamedPlan *plan = findPlan(costs, PlanRole::LayerByLayer);
  if (auto sets = plan ? setsWithin(*plan, set.einsums) : std::nullopt) {
    for (const FusedSet *layer : *sets) {
      layers.emplace_back();
      for (EinsumId einsum : layer->einsums)
        layers.back().push_back(all[einsum].name);
    }
    return layers;
  }
  for (EinsumId einsum : set.einsums)
    layers.push_back({all[einsum].name});
  return layers;
}

bool report::hasIdealArray(const Arch &arch) {
  const std::optional<Rational> &rate =
      arch.compute.of(EinsumKind::Contraction).opsPerCycle;
  return arch.fanouts.empty() && (!rate || rate->num > rate->den);
}

int64_t report::sumOf(const std::vector<int64_t> &counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t(0));
}
