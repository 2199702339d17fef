//===- Partition.h - The fused sets of a stretch ------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dynamic programming over the prefixes of a stretch (LayerGraph.h). Given what
// the search of single sets finds, it finds a best one of all partitions of the
// layers into sets that can be computed one after another: a prefix is reached
// from any smaller one by the set between them. What is passed over cannot be
// part of a better plan: by the least that a set can cost, plus the least that
// the layers after it can, against a plan that is known.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_PARTITION_H
#define LOOPTREE_LIB_EXPLORER_PARTITION_H

#include "LayerGraph.h"
#include "SearchClock.h"
#include "SetCache.h"
#include "SetRules.h"

#include <memory>

namespace looptree {

/// Layers of a set whose trunk has loops, at most.
constexpr size_t kLoopedLayers = 24;
/// A stretch with more prefixes is cut along one order of its layers only.
constexpr size_t kPrefixes = 1024;

/// A way to compute some einsums, set by set.
struct Label {
  double energy = 0, latency = 0, sum = 0; ///< Sum of the sets' objectives.
  std::shared_ptr<const Label> before;
  std::vector<EinsumId> einsums; ///< The last set.
  MappedSet last;
};
/// Of one prefix: the best, or for edp those that no other one beats in both
/// energy and latency.
using Labels = std::vector<std::shared_ptr<const Label>>;

/// Extends every label by every mapping of one more set.
Labels extended(const Labels &labels, const std::vector<EinsumId> &einsums,
                const std::vector<MappedSet> &mappings, Objective objective);
/// What the objective comes to.
double scoreOf(const Label &label, Objective objective);
/// Keeps what no other label beats. The product of two sums needs both.
void merge(Labels &into, Labels more, Objective objective);

/// The best ways to go on with one layer, or with its einsums one by one where
/// riding along does not fit or pays off. `search` finds mappings of a set.
Labels
extendedByLayer(const Labels &labels, const Layer &layer, Objective objective,
                const std::function<const SetResult &(const Layer &)> &search);

class StretchPartition {
public:
  StretchPartition(const Workload &network, const std::vector<Layer> &layers,
                   const Arch &arch, Objective objective, SetCache &cache,
                   const SetRules &rules);

  /// The best ways to go on from `start` through all layers that meet the
  /// rules. With `avoided`, none in which a set begins after exactly these
  /// layers. None when a layer fits nowhere, or when the clock stops the search
  /// before it has any: it goes on from plans of small sets to plans of larger
  /// ones.
  Labels solve(const Labels &start, const LayerSet *avoided, PlanClock &clock);

  /// The least that the whole stretch can cost.
  const SetCache::Least &least() const { return leastAfter[0]; }

  /// Whether all prefixes were looked at.
  bool hasAllPrefixes() const { return allPrefixes; }
  /// The prefix that ends with the given sets.
  LayerSet prefixOf(const std::vector<EinsumId> &einsums) const;

private:
  /// The set between two prefixes.
  struct Move {
    size_t from, size;     ///< Layers.
    SetCache::Least least; ///< That it can cost.
  };

  Layer einsumsBetween(size_t from, size_t to) const;
  void searchLayers();
  void listMoves(size_t to);
  bool fitsWithoutLoops(const Workload &set) const;
  std::vector<const SetResult *> search(const std::vector<Layer> &sets,
                                        const std::vector<TrunkLoops> &loops,
                                        const std::vector<double> &limits);
  const SetResult &search(const Layer &set);
  Labels byLayer(const Labels &labels, const Layer &layer);
  void reach(size_t to, size_t most, double known, PlanClock &clock,
             std::vector<Labels> &reached);
  SetCache::Least leastOf(const Layer &einsums);
  std::optional<double> roomFor(const Move &move, size_t to, double known,
                                const std::vector<Labels> &reached) const;

  const Workload &network;
  const std::vector<Layer> &layers;
  const Arch &arch;
  Objective objective;
  SetCache &cache;
  const SetRules &rules;
  LayerGraph graph;
  bool allPrefixes = true;
  std::vector<LayerSet> prefixes;
  std::vector<size_t> sizes;            ///< Layers of a prefix.
  std::vector<std::vector<Move>> moves; ///< To a prefix, fewest layers first.
  std::vector<SetCache::Least> leastAfter; ///< That the other layers can cost.
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_PARTITION_H
