//===- TierSearch.h - Exact fronts over the tiers ----------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any objectives over the tiers of docs/Explorer.md. With the loops above
// splits and the places of the fused intermediates given, the ops of every
// visit are too. What any other tensor moves then depends on its own places
// alone, and what it moves in the branch of a single einsum on those, the loops
// there and the level that holds it above. All of this is measured and added
// up; what may be new to the front is evaluated.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_TIERSEARCH_H
#define LOOPTREE_LIB_EXPLORER_TIERSEARCH_H

#include "looptree/Explorer/Front.h"

namespace looptree {

/// `known`: what another search found in a part of the tier.
Front searchTier(const Workload &set, const Arch &arch, const TrunkSpace &space,
                 MapTier tier, const std::vector<Goal> &goals,
                 const SearchLimits &limits, const Front &known);

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_TIERSEARCH_H
