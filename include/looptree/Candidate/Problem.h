//===- Problem.h - Problem files ---------------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A problem is a candidate without its mapping, with what is asked of one
// (docs/Explorer.md).
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_CANDIDATE_PROBLEM_H
#define LOOPTREE_CANDIDATE_PROBLEM_H

#include "looptree/Mapping/MapSpace.h"
#include "looptree/Mapping/Mapping.h"

#include <string>
#include <string_view>

namespace looptree {

struct SearchProblem {
  Workload workload;
  /// Einsums with a barrier before them, as Network::cuts.
  std::vector<EinsumId> cuts;
  Arch arch;
  std::vector<Goal> goals; ///< One to three, all different.
  TrunkSpace space;        ///< What the constraints leave.
  /// Pinned by hand from root to leaves: nothing is left to search.
  std::optional<Mapping> mapping;
  /// In place of these two, with ProblemOptions::forSets.
  Constraints constraints;
  std::optional<double> seconds;
  std::optional<int64_t> evaluations;
  std::optional<int64_t> memoryBytes;
};

/// What stands in place of keys of a problem file. Empty: the file's.
struct ProblemOptions {
  std::optional<Arch> arch;
  std::string capacity; ///< For overrideCapacities().
  std::vector<std::string> objectives;
  std::string constraints;     ///< YAML: "{max_loops: 2}".
  std::optional<MapTier> tier; ///< The `space`.
  /// The part of the workload that is asked about: extractSet() of these.
  std::vector<std::string> einsums;
  std::optional<double> seconds;
  std::optional<int64_t> evaluations, memoryBytes;
  /// Constraints are for sets of the workload: see readConstraints().
  bool forSets = false;
};

/// `name` stands before line:column in errors. The workload and architecture
/// have passed their checks.
Result<SearchProblem> readProblem(std::string_view text, std::string_view name,
                                  const ProblemOptions &options = {});
/// A workload as a problem that lacks all else, one line of JSON.
std::string writeProblem(const Network &network,
                         const std::optional<Arch> &arch);

/// The `constraints` part of a problem alone, for sets of a workload: keys may
/// name any einsum, and there is no `mapping`.
Result<Constraints> readConstraints(std::string_view text,
                                    std::string_view name,
                                    const Workload &workload, const Arch &arch);

/// The `mapping` part of a candidate, one line of JSON.
std::string writeMapping(const Mapping &mapping, const Workload &workload,
                         const Arch &arch);

} // namespace looptree

#endif // LOOPTREE_CANDIDATE_PROBLEM_H
