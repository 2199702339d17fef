//===- Front.h - Exact Pareto fronts of one fused set ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All mappings of a space that no other one beats, proven: what is not
// evaluated is passed over only because a lower bound of it is beaten already.
// The spaces, S1 and the trunk space, are those of docs/Explorer.md.
//
//     Result<Front> front = searchFront(workload, arch, {},
//                                       {{Goal::Kind::CapacityBits, 1},
//                                        {Goal::Kind::OffChipBits}});
//
// What decomposes: with the trunk and the places of fused intermediates given,
// the ops of every visit are too, so the off-chip transfers of every other
// tensor depend on its own place alone. They are measured one by one and added
// up; a mapping whose sum may be on the front is then evaluated.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_FRONT_H
#define LOOPTREE_EXPLORER_FRONT_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Explorer/Network.h"
#include "looptree/Mapping/MapSpace.h"

#include <atomic>
#include <functional>
#include <memory>

namespace looptree {

struct FrontPoint {
  std::vector<double> values; ///< One per goal.
  Mapping mapping;
  CostReport report;
  /// Of searchSets(), in place of a mapping and its report: those of each set,
  /// in order.
  std::vector<std::shared_ptr<const FusedSet>> sets = {};
};

struct Front {
  enum class Status {
    Optimal,    ///< The front of the space is `points`.
    Limit,      ///< Stopped, or a count exceeded 64 bit: `points` are the best
                ///< seen, `bounds` hold.
    Infeasible, ///< No mapping of the space is valid; `reason` says why.
  };
  Status status = Status::Optimal;
  const char *space = "trunk"; ///< Its name in docs/Explorer.md.
  /// Valid mappings, none beaten by another, ascending by the first goal, then
  /// the second. One mapping for each vector of values.
  std::vector<FrontPoint> points;
  std::vector<double> bounds; ///< No mapping is below these; one per goal.
  std::string reason;
  int64_t evaluations = 0;
  /// Evaluated mappings without a number (incomplete, or a count over 64 bit),
  /// with the first reason.
  int64_t refused = 0;
  std::string firstRefusal;
};

struct SearchLimits {
  std::optional<double> seconds;
  std::optional<int64_t> evaluations;
  std::optional<int64_t> memoryBytes;      ///< That the process may ever hold.
  const std::atomic<bool> *stop = nullptr; ///< Set from outside to stop.
  /// Called now and then with what was found so far.
  std::function<void(const Front &)> progress = {};
};

/// Fails when the workload or architecture is not one, or there is no goal.
Result<Front> searchFront(const Workload &workload, const Arch &arch,
                          const TrunkSpace &space,
                          const std::vector<Goal> &goals,
                          const SearchLimits &limits = {});

/// Einsums of a set of searchSets(), at most.
inline constexpr size_t kSetEinsums = 4;
/// The same over partitions of a network into fused sets, one after another,
/// and over mappings of each set. Sets are single einsums, and those of several
/// whose tiles never overlap (docs/Explorer.md). Points have
/// sets in place of a mapping. For capacities and transfers where one level is
/// on chip; fails also where a stretch has more than 1024 prefixes.
Result<Front> searchSets(const Network &network, const Arch &arch,
                         const std::vector<Goal> &goals,
                         const SearchLimits &limits = {});

/// The point of a front nearest to the least of each objective over the front,
/// when each is scaled to run from 0 to 1 there; the first of several. None of
/// an empty front.
std::optional<size_t> kneeOf(const Front &front);

/// The value of a goal. Integers are exact: a search refuses a mapping with one
/// above 2^53. Energies are rounded to 40 bits, so that those which differ in
/// the order of their sums only are equal.
double valueOf(const CostReport &report, const Goal &goal);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_FRONT_H
