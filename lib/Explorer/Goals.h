//===- Goals.h - Objectives and what bounds them ------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every objective bounded from below by transfers, ops and capacity, so that a
// search which bounds these bounds any objective.
//
// Worked example: 1000 bits off chip over a port of 8 bits a cycle, and ops
// that take 100 cycles: no mapping is faster than 125 cycles.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_GOALS_H
#define LOOPTREE_LIB_EXPLORER_GOALS_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Explorer/Front.h"

namespace looptree {

/// What every mapping of some part of a space spends at least.
struct LeastCosts {
  int64_t offChipBits = 0;
  int64_t recomputeOps = 0;
  int64_t computeCycles = 0;
  double computePj = 0;
};

/// Of the mappings that run the same ops in the same leaves, one of which is
/// reported: all but their transfers.
LeastCosts leastOf(const CostReport &report);

/// Of every mapping of a set, given the report of one: each op that is needed
/// once, spread over all of compute, and the algorithmic minimum.
LeastCosts leastWithoutRecompute(const Workload &set, const CostReport &report,
                                 const Arch &arch);

/// The least that a goal can come to; `capacityBits` is for CapacityBits.
double leastValue(const Goal &goal, const LeastCosts &least,
                  int64_t capacityBits, const Arch &arch);

/// An evaluation of a search with a limit of time takes no more tiles.
inline constexpr size_t kMostVisits = 32'768;

/// Whether a mapping was refused for the size of a count or of its tree. Other
/// mappings with the same loops may not be; incomplete ones are, wherever other
/// tensors are kept.
bool isOfSize(const Error &error);

/// Why the values of these goals cannot be compared exactly, if they cannot.
std::optional<Error> tooLargeToCompare(const CostReport &report,
                                       const std::vector<Goal> &goals,
                                       const Arch &arch);

/// Says so of a rank with more than 2^24 values: steps are tried one by one.
std::optional<Error> tooManyValues(const Workload &workload);

/// Sorts the points of a search that has ended, and says how it did.
void conclude(Front &front, bool isWhole);

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_GOALS_H
