//===- PlainSearch.h - S1 of plain sets in closed form -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The front of S1 of a plain set (PlainSet.h), for off-chip transfers and the
// capacity of the only level on chip. Trunks come without steps; boxes of steps
// are halved as long as something in them may be new to the front: space at
// their lower corner, transfers at their upper one.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_PLAINSEARCH_H
#define LOOPTREE_EXPLORER_PLAINSEARCH_H

#include "Stairs.h"
#include "looptree/Explorer/Front.h"

#include <optional>
#include <span>

namespace looptree {

/// Nothing where the set is not plain, or what is asked is not of this kind.
/// `known`: capacities and transfers, zero where they are no goal, of something
/// else; points that these cover are left out.
std::optional<Front> searchPlain(const Workload &set, const Arch &arch,
                                 const TrunkSpace &space,
                                 const std::vector<Goal> &goals,
                                 const SearchLimits &limits,
                                 std::span<const StairStep> known = {});

} // namespace looptree

#endif // LOOPTREE_EXPLORER_PLAINSEARCH_H
