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
  Arch arch;
  std::vector<Goal> goals; ///< One to three, all different.
  TrunkSpace space;
  std::optional<double> seconds;
  std::optional<int64_t> evaluations;
};

/// `name` stands before line:column in errors. The workload and architecture
/// have passed their checks.
Result<SearchProblem> readProblem(std::string_view text, std::string_view name);

/// "capacity_bits.GLB", "off_chip_bits", "recompute_ops".
std::string toString(const Goal &goal, const Arch &arch);

/// The `mapping` part of a candidate, one line of JSON.
std::string writeMapping(const Mapping &mapping, const Workload &workload,
                         const Arch &arch);

} // namespace looptree

#endif // LOOPTREE_CANDIDATE_PROBLEM_H
