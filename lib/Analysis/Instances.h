//===- Instances.h - Names of spatial instances -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Below spatial loops everything exists once per tuple of their indices. Such
// a tuple is an instance; a number stands for it. Number 0 is the empty tuple,
// which is all there is above every spatial loop.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_INSTANCES_H
#define LOOPTREE_ANALYSIS_INSTANCES_H

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace looptree {

using InstanceId = unsigned;

class Instances {
public:
  struct Item {
    InstanceId outer = 0; ///< Without the innermost index.
    unsigned loop = 0;    ///< Node of the spatial loop of that index.
    int64_t index = 0;
    unsigned depth = 0; ///< Indices in the tuple.
    /// The next so many indices, this one included, do the same; their tiles
    /// lie `step` apart.
    int64_t alike = 1, step = 0;
  };

  Instances() : items(1) {}

  /// The instance `outer` extended by an index.
  InstanceId inner(InstanceId outer, unsigned loop, int64_t index,
                   int64_t alike = 1, int64_t step = 0) {
    auto [known, isNew] =
        ids.insert({{outer, loop, index}, InstanceId(items.size())});
    if (isNew)
      items.push_back(
          {outer, loop, index, items[outer].depth + 1, alike, step});
    return known->second;
  }

  const Item &operator[](InstanceId id) const { return items[id]; }
  size_t size() const { return items.size(); }

  /// The first `depth` indices of an instance.
  InstanceId prefix(InstanceId id, unsigned depth) const {
    while (items[id].depth > depth)
      id = items[id].outer;
    return id;
  }
  /// The order of the indices, outermost first, of instances of one node.
  bool isBefore(InstanceId a, InstanceId b) const {
    while (items[a].outer != items[b].outer) {
      a = items[a].outer;
      b = items[b].outer;
    }
    return items[a].index < items[b].index;
  }
  bool isWithin(InstanceId id, InstanceId outer) const {
    return prefix(id, items[outer].depth) == outer;
  }

private:
  std::vector<Item> items;
  std::map<std::tuple<InstanceId, unsigned, int64_t>, InstanceId> ids;
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_INSTANCES_H
