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
#include "looptree/Mapping/MapSpace.h"
#include "looptree/Mapping/Mapping.h"
#include "looptree/Workload/Network.h"

#include <atomic>
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

/// A set of a plan whose mapping is given.
struct PinnedSet {
  std::string name;              ///< In errors.
  std::vector<EinsumId> einsums; ///< Of the network, ascending.
  Mapping mapping;               ///< Ids are those of extractSet().
};

/// What is asked of a plan, and when its search must stop. Constraints and
/// pinned sets hold for the fused plan; the other two, which it is compared
/// with, are free of them.
struct NetworkSearch {
  Constraints constraints;
  std::vector<PinnedSet> pinned;
  std::optional<double> seconds;
  std::optional<int64_t> evaluations;
  std::optional<int64_t> memoryBytes;      ///< That the process may ever hold.
  const std::atomic<bool> *stop = nullptr; ///< Set from outside to stop.
  /// Called now and then with a line about what has been done.
  std::function<void(const std::string &)> progress = {};
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
  /// Whether a limit came before the end of the search: `fused` is the best
  /// plan of what was looked at until then.
  bool stopped = false;
  /// What no plan comes below by the objective: each fused set computes what
  /// its results need once and moves what it must. Of edp: of the energies
  /// times of the latencies.
  double bound = 0;
  /// One line each: what the search did not look at.
  std::vector<std::string> notSearched;
};

/// Finds the three plans. A fused plan is never worse than layer by layer by
/// `objective`, unless it has to meet constraints. Fails when an einsum has no
/// valid mapping at this capacity, naming it, the level and the least number of
/// bits found; when the constraints leave no plan, naming those that conflict;
/// and when a pinned mapping is not valid or cannot be part of a plan.
Result<Exploration> explore(const Network &network, const Arch &arch,
                            Objective objective,
                            const NetworkSearch &search = {});

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
Result<Explanation> explain(const Network &network, const Arch &arch,
                            Objective objective,
                            const NetworkSearch &search = {});

} // namespace looptree

#endif // LOOPTREE_EXPLORER_NETWORK_H
