//===- Network.h - Fused sets of a whole network -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network is a workload too large to be one fused set. It is partitioned
// into fused sets, each with a mapping of its own; a set's inputs and outputs
// go through the outermost level.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_NETWORK_H
#define LOOPTREE_EXPLORER_NETWORK_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Mapping/Mapping.h"
#include "looptree/Workload/Network.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace looptree {

enum class Objective { OffChipBits, EnergyPj, Latency, Edp };

/// The number that an objective minimises (edp: pJ * cycles).
double objectiveOf(const CostReport &report, Objective objective);

struct FusedSet {
  std::vector<EinsumId> einsums; ///< Of the network.
  Workload workload;             ///< extractSet() of them.
  Mapping mapping;               ///< Ids are those of `workload`.
  CostReport report;
};

/// Mappings that together compute the network, in order.
struct NetworkPlan {
  std::vector<FusedSet> sets;
};

/// Three executions of one network found by one search at one capacity.
struct Exploration {
  NetworkPlan fused;
  /// A layer is a contraction, pool or reduction with the single-consumer
  /// elementwise einsums that follow it.
  NetworkPlan layerByLayer;
  NetworkPlan opByOp;
  /// Each input read once, each output written once, of the whole network
  /// between its cuts.
  ElementsAndBits algorithmicMinimum;
  int64_t evaluations = 0;
  /// One line each: what the search did not look at.
  std::vector<std::string> notSearched;
};

/// Finds the three plans. A fused plan is never worse than layer by layer by
/// `objective`. Fails when an einsum has no valid mapping at this capacity,
/// naming it, the level and the least number of bits found.
Result<Exploration>
explore(const Network &network, const Arch &arch, Objective objective,
        const std::function<void(const std::string &)> &progress = {});

/// Why a fused set of a plan ends where it does.
struct SetEnd {
  /// The set together with the layer that comes next, and the two apart, by the
  /// objective. No `joined`: no mapping was found that fits; then `needed` is
  /// what the one that came nearest needs of a level, if one came near.
  std::vector<EinsumId> nextLayer;
  std::optional<double> joined;
  double apart = 0;
  std::optional<OverCapacity> needed;
  /// The best plan in which no set ends here, and what it comes to: the price
  /// of another cut. None at a barrier and at the end.
  std::optional<double> otherwise;
  std::vector<std::vector<EinsumId>> otherSets; ///< Those around here.
};

struct Explanation {
  Exploration found;
  double total = 0;         ///< Of the fused plan.
  std::vector<SetEnd> ends; ///< One for each set; of the last nothing is said.
};

/// Explores, and explains the fused plan. Fails as explore() does, and for edp,
/// which is no sum over sets.
Result<Explanation>
explain(const Network &network, const Arch &arch, Objective objective,
        const std::function<void(const std::string &)> &progress = {});

} // namespace looptree

#endif // LOOPTREE_EXPLORER_NETWORK_H
