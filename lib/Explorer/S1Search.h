//===- S1Search.h - Exact fronts over trunks and branches --- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_S1SEARCH_H
#define LOOPTREE_EXPLORER_S1SEARCH_H

#include "looptree/Explorer/Front.h"

#include <optional>

namespace looptree {

/// The front of S1 (docs/Explorer.md), without `reason`. Nothing for goals that
/// depend on more than the outermost buffer on chip of each tensor, which
/// capacities, off-chip transfers and recompute do not; and nothing where tiles
/// may overlap and branches have too many nests to try.
std::optional<Front> searchS1(const Workload &set, const Arch &arch,
                              const TrunkSpace &space,
                              const std::vector<Goal> &goals,
                              const SearchLimits &limits);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_S1SEARCH_H
