//===- TrunkTree.cpp - Mappings of the trunk space ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TrunkTree.h"

#include <algorithm>

using namespace looptree;

std::vector<TrunkPlace> looptree::placesOf(const Workload &set, TensorId tensor,
                                           const Arch &arch,
                                           const TrunkSpace &space,
                                           unsigned loops) {
  std::vector<TrunkPlace> places;
  for (LevelId level = 1; level < arch.levels.size(); ++level) {
    if (!arch.levels[level].canHold(set.tensors[tensor]))
      continue;
    for (unsigned depth = 0; depth <= loops; ++depth) {
      for (bool noReuse : {false, true}) {
        // Above every loop it is the same: that node is entered once.
        if (noReuse && depth == 0 &&
            space.mayRetain(tensor, level, depth, loops, false))
          continue;
        if (space.mayRetain(tensor, level, depth, loops, noReuse))
          places.push_back({int(depth), level, noReuse});
      }
    }
  }
  return places;
}

Mapping looptree::trunkMapping(const Workload &set, std::span<const For> loops,
                               std::span<const TrunkPlace> places,
                               const std::vector<bool> &isOutside) {
  std::vector<Node> branches;
  for (EinsumId e = 0; e < set.einsums.size(); ++e)
    branches.push_back({ComputeNode{e}, {}});
  Node node = branches.size() == 1 ? std::move(branches[0])
                                   : Node{Sequential{}, std::move(branches)};
  auto retain = [&](LevelId level, auto &&isHere) {
    Retain here{level, {}, {}};
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (isHere(t)) {
        here.tensors.push_back(t);
        if (level > 0 && places[t].noReuse)
          here.noReuse.push_back(t);
      }
    if (!here.tensors.empty())
      node = {std::move(here), {std::move(node)}};
  };
  LevelId innermost = 0;
  for (const TrunkPlace &place : places)
    innermost = std::max(innermost, place.level);
  for (size_t depth = loops.size() + 1; depth-- > 0;) {
    for (LevelId level = innermost; level > 0; --level)
      retain(level, [&](TensorId t) {
        return places[t].depth == int(depth) && places[t].level == level;
      });
    if (depth > 0)
      node = {loops[depth - 1], {std::move(node)}};
  }
  retain(0, [&](TensorId t) { return bool(isOutside[t]); });
  return {std::move(node)};
}
