//===- Instances.h - Copies of what lies below a fan-out ------- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instance of a node is named by its indices of the spatial loops above the
// node, outermost first. Instances get numbers as control first reaches them;
// 0 is the one instance above all spatial loops.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_INSTANCES_H
#define LOOPTREE_LIB_REFERENCE_INSTANCES_H

#include "Tree.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

namespace looptree::reference {

using InstanceId = unsigned;

class Instances {
public:
  Instances() : all(1) {}

  /// Iteration `index` of a spatial loop inside instance `outer`.
  InstanceId enter(NodeId loop, InstanceId outer, uint64_t index) {
    auto [at, isNew] =
        numbers.try_emplace({loop, outer, index}, InstanceId(all.size()));
    if (isNew) {
      Instance inner = all[outer];
      inner.above.push_back(outer);
      inner.indices.push_back(index);
      all.push_back(std::move(inner));
    }
    return at->second;
  }

  const std::vector<uint64_t> &indices(InstanceId id) const {
    return all[id].indices;
  }
  /// The instance of a node with `depth` spatial loops above that holds `id`.
  InstanceId above(InstanceId id, unsigned depth) const {
    const std::vector<InstanceId> &outer = all[id].above;
    return depth < outer.size() ? outer[depth] : id;
  }
  bool isIn(InstanceId id, InstanceId outer) const {
    return above(id, unsigned(all[outer].indices.size())) == outer;
  }
  bool isBefore(InstanceId a, InstanceId b) const {
    return all[a].indices < all[b].indices;
  }

private:
  struct Instance {
    std::vector<uint64_t> indices;
    std::vector<InstanceId> above; ///< By depth.
  };
  std::vector<Instance> all;
  std::map<std::tuple<NodeId, InstanceId, uint64_t>, InstanceId> numbers;
};

/// One T for each instance that was asked for.
template <typename T> class PerInstance {
public:
  const T *find(InstanceId id) const {
    return id < items.size() ? items[id].get() : nullptr;
  }
  T *find(InstanceId id) {
    return id < items.size() ? items[id].get() : nullptr;
  }
  /// That of an instance, made from `make()` where there is none yet.
  template <typename Make> T &at(InstanceId id, Make make) {
    if (items.size() <= id)
      items.resize(id + 1);
    if (!items[id])
      items[id] = std::make_unique<T>(make());
    return *items[id];
  }
  /// Calls `use(id, item)` for those inside an instance, in the order of their
  /// indices.
  template <typename Use>
  void forEachIn(const Instances &instances, InstanceId outer, Use use) {
    if (items.size() == 1) { // Nothing is spread out.
      use(outer, *items[0]);
      return;
    }
    std::vector<InstanceId> found;
    for (InstanceId id = outer; id < items.size(); ++id)
      if (items[id] && instances.isIn(id, outer))
        found.push_back(id);
    std::sort(found.begin(), found.end(), [&](InstanceId a, InstanceId b) {
      return instances.isBefore(a, b);
    });
    for (InstanceId id : found)
      use(id, *items[id]);
  }
  /// Calls `use(item)` for each, in no particular order.
  template <typename Use> void forEach(Use use) {
    for (auto &item : items)
      if (item)
        use(*item);
  }
  size_t limit() const { return items.size(); }

private:
  std::vector<std::unique_ptr<T>> items;
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_INSTANCES_H
