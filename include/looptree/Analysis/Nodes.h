//===- Nodes.h - Costs node by node -------------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_NODES_H
#define LOOPTREE_ANALYSIS_NODES_H

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Cost/NodeCost.h"

namespace looptree {

/// The costs of the nodes of a plan's tree, in preorder, with the given steps.
/// Takes the general way of evaluate(), and fails as that does.
Result<std::vector<NodeCost>> nodeCosts(const Plan &plan,
                                        std::span<const int64_t> steps);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_NODES_H
