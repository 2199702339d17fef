//===- SetRules.cpp - What is asked of the sets of a plan
//------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SetRules.h"

#include "Conflict.h"
#include "LayerGraph.h"
#include "looptree/Analysis/Evaluate.h"

#include <algorithm>

using namespace looptree;

/// Loops of a trunk, where an order gives them.
static constexpr size_t kOrderedLoops = 3;

static bool isIn(EinsumId e, const Layer &layer) {
  return std::find(layer.begin(), layer.end(), e) != layer.end();
}

/// Why a pinned mapping cannot be kept.
static std::optional<std::string> problemOf(const CostReport &report,
                                            const Arch &arch) {
  for (const Problem &problem : report.problems)
    if (auto *over = std::get_if<OverCapacity>(&problem))
      return "level " + arch.levels[over->level].name + " needs " +
             std::to_string(over->bits) + " bits, " +
             std::to_string(over->excess) + " more than it has";
  if (!report.valid())
    return "it uses more instances than there are";
  return std::nullopt;
}

Result<SetRules> SetRules::of(const Network &network, const Arch &arch,
                              const NetworkSearch &search) {
  SetRules rules;
  rules.constraints = search.constraints;
  rules.isConstrained = !(search.constraints == Constraints());
  const Workload &w = network.workload;
  for (const auto &[e, orders] : search.constraints.orders)
    for (const auto &order : orders)
      if (order.size() > kOrderedLoops)
        return Error{"loop_order of " + w.einsums[e].name + " has " +
                     std::to_string(order.size()) +
                     " loops; sets are searched with at most " +
                     std::to_string(kOrderedLoops)};
  for (const PinnedSet &given : search.pinned) {
    for (const Pinned &other : rules.pinned)
      for (EinsumId e : given.einsums)
        if (isIn(e, other.einsums))
          return Error{"einsum " + w.einsums[e].name + " is in two pinned " +
                       "mappings: " + other.name + " and " + given.name};
    for (EinsumId cut : network.cuts)
      if (given.einsums.front() < cut && given.einsums.back() >= cut)
        return Error{"pinned mapping " + given.name +
                     " crosses the barrier before " + w.einsums[cut].name};
    Workload set = extractSet(w, given.einsums);
    auto report = evaluate(set, arch, given.mapping);
    if (!report)
      return Error{"pinned mapping " + given.name + ": " +
                   report.error().message};
    if (auto problem = problemOf(*report, arch))
      return Error{"pinned mapping " + given.name +
                   " does not fit: " + *problem};
    Pinned kept{given.name, given.einsums, {}};
    kept.result.found.push_back({given.mapping, std::move(*report), nullptr});
    kept.result.hasRoom = true;
    kept.result.evaluations = 1;
    rules.pinned.push_back(std::move(kept));
  }
  return rules;
}

Result<std::vector<Layer>>
SetRules::withPinned(const Workload &network, std::vector<Layer> layers) const {
  auto contains = [&](EinsumId e) {
    return std::any_of(layers.begin(), layers.end(),
                       [&](const Layer &layer) { return isIn(e, layer); });
  };
  std::vector<Layer> all;
  for (const Pinned &set : pinned)
    if (contains(set.einsums.front()))
      all.push_back(set.einsums);
  size_t kept = all.size();
  if (kept == 0)
    return layers;
  for (const Layer &layer : layers) {
    Layer rest;
    for (EinsumId e : layer)
      if (std::none_of(all.begin(), all.begin() + ptrdiff_t(kept),
                       [&](const Layer &set) { return isIn(e, set); }))
        rest.push_back(e);
    // What a pinned set leaves of a layer need not hang together.
    if (rest.size() == layer.size())
      all.push_back(std::move(rest));
    else
      for (EinsumId e : rest)
        all.push_back({e});
  }
  std::sort(all.begin(), all.end());
  // The first whose operands are there comes next.
  std::vector<Layer> ordered;
  auto isReady = [&](const Layer &layer) {
    return std::all_of(layer.begin(), layer.end(), [&](EinsumId e) {
      const auto &reads = network.einsums[e].reads;
      return std::all_of(reads.begin(), reads.end(), [&](const Access &read) {
        auto producer = network.producer(read.tensor);
        return !producer || isIn(*producer, layer) || !contains(*producer) ||
               std::any_of(
                   ordered.begin(), ordered.end(),
                   [&](const Layer &done) { return isIn(*producer, done); });
      });
    });
  };
  while (!all.empty()) {
    auto next = std::find_if(all.begin(), all.end(), isReady);
    if (next != all.end()) {
      ordered.push_back(std::move(*next));
      all.erase(next);
      continue;
    }
    auto mixed = std::find_if(all.begin(), all.end(), [&](const Layer &layer) {
      return layer.size() > 1 && !resultOf(layer);
    });
    if (mixed == all.end()) {
      auto stuck =
          std::find_if(pinned.begin(), pinned.end(), [&](const Pinned &set) {
            return std::count(all.begin(), all.end(), set.einsums) > 0;
          });
      return Error{"pinned mapping " + stuck->name +
                   " needs what is computed from its own results"};
    }
    Layer apart = std::move(*mixed);
    all.erase(mixed);
    for (EinsumId e : apart)
      all.push_back({e});
  }
  return ordered;
}

const SetResult *SetRules::resultOf(const Layer &einsums) const {
  for (const Pinned &set : pinned)
    if (set.einsums == einsums)
      return &set.result;
  return nullptr;
}

std::optional<TrunkSpace> SetRules::spaceOf(const Workload &network,
                                            const Layer &einsums) const {
  for (const Pinned &set : pinned)
    if (std::any_of(set.einsums.begin(), set.einsums.end(),
                    [&](EinsumId e) { return isIn(e, einsums); }))
      return std::nullopt;
  if (!isConstrained)
    return TrunkSpace();
  TrunkSpace space = looptree::spaceOf(constraints, network, einsums);
  Workload set = extractSet(network, einsums);
  auto isMiddle = [&](TensorId t) {
    return set.tensors[t].kind == TensorKind::Intermediate;
  };
  if (std::any_of(space.unfused.begin(), space.unfused.end(), isMiddle) ||
      !std::all_of(space.fused.begin(), space.fused.end(), isMiddle) ||
      (einsums.size() > 1 && !space.sequential))
    return std::nullopt;
  return space;
}

std::string SetRules::conflict(const Network &network, const Arch &arch,
                               const std::vector<Layer> &layers) const {
  const Workload &w = network.workload;
  auto namesOf = [&](const std::vector<std::string> &parts) {
    std::string text;
    for (size_t i = 0; i < parts.size(); ++i)
      text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    return text;
  };
  // A plan holds each layer in some set; what no set of layers may be, none is.
  for (TensorId t : constraints.fused) {
    auto producer = w.producer(t);
    std::vector<EinsumId> users = w.consumers(t);
    users.push_back(*producer);
    auto [first, last] = std::minmax_element(users.begin(), users.end());
    for (EinsumId cut : network.cuts)
      if (*first < cut && cut <= *last)
        return "fused: " + w.tensors[t].name +
               ", but a barrier stands before " + w.einsums[cut].name;
    for (const Pinned &set : pinned)
      if (std::any_of(users.begin(), users.end(),
                      [&](EinsumId e) { return isIn(e, set.einsums); }) &&
          !std::all_of(users.begin(), users.end(),
                       [&](EinsumId e) { return isIn(e, set.einsums); }))
        return "fused: " + w.tensors[t].name + ", but pinned mapping " +
               set.name + " holds some of its einsums only";
    if (users.size() > 1 && !constraints.sequential)
      return "fused: " + w.tensors[t].name +
             " and splits without sequential leave no mapping together";
  }
  for (const Layer &layer : layers)
    for (EinsumId e : layer) {
      if (resultOf(layer))
        continue;
      Constraints own = constraints;
      own.fused.clear();
      auto parts =
          conflictOf(extractSet(w, {e}), arch, looptree::spaceOf(own, w, {e}));
      if (!parts.empty())
        return namesOf(parts) + (parts.size() > 1 ? " leave " : " leaves ") +
               w.einsums[e].name + " no mapping" +
               (parts.size() > 1 ? " together" : "");
    }
  return "";
}
