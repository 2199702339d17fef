//===- BranchTree.cpp - Loops and retains of single branches --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BranchTree.h"

#include <algorithm>

using namespace looptree;

static Node nestAbove(Node node, const BranchNest &nest) {
  LevelId innermost = 0;
  for (const BranchNest::Kept &kept : nest.kept)
    innermost = std::max(innermost, kept.level);
  for (size_t depth = nest.loops.size() + 1; depth-- > 0;) {
    for (LevelId level = innermost; level > 0; --level) {
      Retain here{level, {}, {}};
      for (const BranchNest::Kept &kept : nest.kept)
        if (kept.depth == depth && kept.level == level)
          here.tensors.push_back(kept.tensor);
      if (!here.tensors.empty())
        node = {std::move(here), {std::move(node)}};
    }
    if (depth > 0)
      node = {nest.loops[depth - 1], {std::move(node)}};
  }
  return node;
}

void looptree::addBranches(Mapping &trunk, std::span<const BranchNest> nests) {
  Node *node = &trunk.root;
  while (!node->isSplit() && !node->children.empty())
    node = &node->children[0];
  if (!node->isSplit()) {
    *node = nestAbove(std::move(*node), nests[0]);
    return;
  }
  for (Node &branch : node->children)
    branch = nestAbove(std::move(branch),
                       nests[std::get<ComputeNode>(branch.kind).einsum]);
}
