//===- Conflict.h - Constraints that exclude everything ----- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_CONFLICT_H
#define LOOPTREE_LIB_EXPLORER_CONFLICT_H

#include "looptree/Mapping/MapSpace.h"

#include <optional>
#include <string>
#include <vector>

namespace looptree {

/// Constraints that together leave no tree of the space, whatever fits: none of
/// them can be left out. In the words of problem files, {"max_loops: 1",
/// "retain of WA below 2 loops"}. Empty when there is such a tree.
std::vector<std::string> conflictOf(const Workload &set, const Arch &arch,
                                    const TrunkSpace &space);

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_CONFLICT_H
