//===- BranchTree.h - Loops and retains of single branches -- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_BRANCHTREE_H
#define LOOPTREE_EXPLORER_BRANCHTREE_H

#include "looptree/Mapping/Mapping.h"

#include <span>

namespace looptree {

/// What stands between a split and the compute of one einsum.
struct BranchNest {
  struct Kept {
    TensorId tensor = 0;
    LevelId level = 1;
    unsigned depth = 0; ///< Below that many of the loops.
  };
  std::vector<For> loops; ///< Outermost first.
  std::vector<Kept> kept;
};

/// Puts nests, one per einsum, above the bare computes of a trunk's branches.
void addBranches(Mapping &trunk, std::span<const BranchNest> nests);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_BRANCHTREE_H
