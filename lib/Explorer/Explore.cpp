//===- Explore.cpp - Fused sets of a whole network ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layers.h"
#include "SetCache.h"
#include "looptree/Explorer/Network.h"

#include <algorithm>
#include <limits>
#include <memory>

using namespace looptree;

namespace {

/// Layers of a set whose trunk has loops, at most.
constexpr size_t kLoopedLayers = 24;
/// Sets that are searched at a time.
constexpr size_t kBatch = 4;
constexpr double kNoLimit = std::numeric_limits<double>::infinity();

/// A way to compute the first layers of a stretch.
struct Label {
  double energy = 0, latency = 0, sum = 0; ///< Sum of the sets' objectives.
  std::shared_ptr<const Label> before;
  std::vector<EinsumId> einsums; ///< The last set.
  MappedSet last;
};
using Labels = std::vector<std::shared_ptr<const Label>>;

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
      auto least = cache.minimum(extractSet(network.workload, all));
      if (!least)
        return least.error();
      result.algorithmicMinimum.elements += least->elements;
      result.algorithmicMinimum.bits += least->bits;

      auto opsError = chain(ops, byOps);
      if (opsError)
        return *opsError;
      chainLayers(layers, byLayers);
      fuse(layers, fused);
    }
    result.opByOp = planOf(byOps);
    result.layerByLayer = planOf(byLayers);
    result.fused = planOf(fused);
    result.evaluations = cache.evaluations();
    result.notSearched = {
        "sets other than runs of consecutive layers between barriers, at "
        "most " +
            std::to_string(kLoopedLayers) +
            " of them where the trunk has loops",
        "trunks of more than two loops, and steps other than the least for "
        "each tile count of 2, 3, 4, 6, 9, ... and 1",
        "intermediates retained elsewhere than below all loops of the trunk or "
        "at the greatest depth without recomputation",
        "for other tensors, what a greedy choice of their places passes over; "
        "more than two loops in a branch; a second level on chip",
        "no_reuse, unfused intermediates, splits below splits, pipeline, "
        "spatial_for"};
    return std::move(result);
  }

private:
  static std::shared_ptr<const Label> start() {
    return std::make_shared<Label>();
  }

  /// Extends every label by every mapping.
  Labels extended(const Labels &labels, const std::vector<EinsumId> &einsums,
                  const std::vector<MappedSet> &mappings) const {
    Labels next;
    for (const auto &label : labels)
      for (const MappedSet &mapped : mappings) {
        auto more = std::make_shared<Label>();
        more->energy = label->energy + mapped.report.energyPj;
        more->latency = label->latency + double(mapped.report.latencyCycles);
        more->sum = label->sum + objectiveOf(mapped.report, objective);
        more->before = label;
        more->einsums = einsums;
        more->last = mapped;
        next.push_back(std::move(more));
      }
    return next;
  }

  double scoreOf(const Label &label) const {
    return objective == Objective::Edp ? label.energy * label.latency
                                       : label.sum;
  }

  /// Keeps what no other label beats. The product of two sums needs both.
  void merge(Labels &into, Labels more) const {
    for (auto &label : more) {
      auto beats = [&](const Label &a, const Label &b) {
        return objective == Objective::Edp
                   ? a.energy <= b.energy && a.latency <= b.latency
                   : a.sum <= b.sum;
      };
      if (std::any_of(into.begin(), into.end(),
                      [&](const auto &other) { return beats(*other, *label); }))
        continue;
      std::erase_if(into,
                    [&](const auto &other) { return beats(*label, *other); });
      into.push_back(std::move(label));
    }
  }

  std::optional<Error> chain(const std::vector<Layer> &sets, Labels &labels) {
    for (const Layer &set : sets) {
      Workload w = extractSet(network.workload, set);
      const SetResult &found = cache.search({w, TrunkLoops::Any, kNoLimit});
      if (found.found.empty())
        return misfit(w, found);
      Labels next;
      merge(next, extended(labels, set, found.found));
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

  /// The mappings of one layer; op by op where riding along does not fit.
  Labels layer(const Labels &labels, const Layer &layer) {
    Workload w = extractSet(network.workload, layer);
    Labels next;
    merge(next, extended(labels, layer,
                         cache.search({w, TrunkLoops::Any, kNoLimit}).found));
    if (layer.size() > 1) {
      std::vector<Layer> ops;
      for (EinsumId e : layer)
        ops.push_back({e});
      Labels apart = labels;
      if (!chain(ops, apart))
        merge(next, std::move(apart));
    }
    return next;
  }

  void chainLayers(const std::vector<Layer> &layers, Labels &labels) {
    for (const Layer &l : layers)
      labels = layer(labels, l);
  }

  /// Cheapest ways to the end of every prefix of the layers.
  void fuse(const std::vector<Layer> &layers, Labels &labels) {
    std::vector<Labels> reached(layers.size() + 1);
    reached[0] = labels;
    for (size_t end = 1; end <= layers.size(); ++end) {
      reached[end] = layer(reached[end - 1], layers[end - 1]);
      for (size_t begin = end - 1; begin > 0;)
        begin = extendBatch(layers, begin, end, reached);
      if (progress)
        progress("layer " + std::to_string(end) + " of " +
                 std::to_string(layers.size()) + ", " +
                 std::to_string(cache.evaluations()) + " mappings evaluated");
    }
    labels = std::move(reached.back());
  }

  /// Reaches `end` by sets that begin at the next few layers before `begin`;
  /// returns the first of these, 0 when no earlier one is of use.
  size_t extendBatch(const std::vector<Layer> &layers, size_t begin, size_t end,
                     std::vector<Labels> &reached) {
    std::vector<SetCache::Request> requests;
    std::vector<std::pair<size_t, Layer>> sets;
    while (begin > 0 && requests.size() < kBatch) {
      --begin;
      bool mayLoop = end - begin <= kLoopedLayers;
      Layer set;
      for (size_t i = begin; i < end; ++i)
        set.insert(set.end(), layers[i].begin(), layers[i].end());
      std::sort(set.begin(), set.end());
      Workload w = extractSet(network.workload, set);
      if (cannotHelp(w, reached[begin], reached[end]))
        continue;
      requests.push_back({std::move(w),
                          mayLoop ? TrunkLoops::Any : TrunkLoops::None,
                          worthLess(reached[begin], reached[end])});
      sets.push_back({begin, std::move(set)});
    }
    std::vector<const SetResult *> found = cache.search(requests);
    for (size_t i = 0; i < sets.size(); ++i) {
      merge(reached[end],
            extended(reached[sets[i].first], sets[i].second, found[i]->found));
      // What is of no use whole is of none with more layers.
      if (requests[i].loops == TrunkLoops::None && found[i]->found.empty())
        return 0;
    }
    return begin;
  }

  /// A set from one point to the other is of use below this.
  double worthLess(const Labels &from, const Labels &to) const {
    return objective == Objective::Edp ? kNoLimit : to[0]->sum - from[0]->sum;
  }

  /// Whether even the least transfers of a set are too many.
  bool cannotHelp(const Workload &w, const Labels &from, const Labels &to) {
    if (objective != Objective::OffChipBits)
      return false;
    auto least = cache.minimum(w);
    if (!least)
      return true;
    return double(least->bits) >= worthLess(from, to);
  }

  NetworkPlan planOf(const Labels &labels) const {
    const Label *best = labels[0].get();
    for (const auto &label : labels)
      if (scoreOf(*label) < scoreOf(*best))
        best = label.get();
    NetworkPlan plan;
    for (const Label *l = best; l->before; l = l->before.get())
      plan.sets.push_back({l->einsums, extractSet(network.workload, l->einsums),
                           l->last.mapping, l->last.report});
    std::reverse(plan.sets.begin(), plan.sets.end());
    return plan;
  }

  const Network &network;
  const Arch &arch;
  Objective objective;
  const std::function<void(const std::string &)> &progress;
  SetCache cache;
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
