//===- Lookahead.cpp - Windows and needs, seen before they happen  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lookahead.h"

#include <algorithm>

namespace looptree::reference {

bool Sight::report(Place place, Element element, uint16_t order, bool isWrite) {
  if (open != place) {
    open = place;
    ++serial;
    if (now.ranges.size() <= place)
      now.ranges.resize(place + 1);
    now.ranges[place].begin = uint32_t(now.used.size());
    now.ranges[place].end = now.ranges[place].begin;
  }
  if (stamp[element] != serial) {
    stamp[element] = serial;
    at[element] = uint32_t(now.used.size());
    now.used.push_back({element, order, isWrite});
    now.ranges[place].end = uint32_t(now.used.size());
    return true;
  }
  Used &used = now.used[at[element]];
  if (used.first <= order && used.isWritten >= isWrite)
    return false;
  used.first = std::min(used.first, order);
  used.isWritten |= isWrite;
  return true;
}

std::span<const Used> Sight::told(Place place) const {
  if (place >= last.ranges.size())
    return {};
  const Range &range = last.ranges[place];
  return std::span(last.used).subspan(range.begin, range.end - range.begin);
}

bool Sight::turn() {
  bool same = now == last;
  std::swap(now, last);
  now.used.clear();
  now.ranges.clear();
  open = kNone;
  return same;
}

Lookahead::Lookahead(const Workload &workload, const Tree &tree,
                     const Instances &instances)
    : tree(tree), instances(instances), windows(tree.slots.size()),
      needs(tree.needs.size()) {
  for (const Register &reg : tree.registers) {
    Route route;
    route.slots = tree.chain(reg.einsum, reg.tensor);
    std::reverse(route.slots.begin(), route.slots.end());
    if (!reg.isWrite)
      route.need = tree.needOf(reg.einsum, reg.tensor);
    route.order = uint16_t(tree.leaves[reg.einsum].order);
    route.isWrite = reg.isWrite;
    route.elements = 1;
    for (int64_t extent : workload.tensors[reg.tensor].shape)
      route.elements *= size_t(extent);
    routes.push_back(std::move(route));
  }
  places.resize(tree.scopes.size());
  placeCount.resize(tree.scopes.size(), 0);
}

Place Lookahead::enter(ScopeId loop, Place outer, uint64_t index) {
  auto &outers = places[loop];
  if (outers.size() <= outer)
    outers.resize(outer + 1);
  auto &iterations = outers[outer];
  if (iterations.size() <= index)
    iterations.resize(index + 1, kNone);
  if (iterations[index] == kNone)
    iterations[index] = placeCount[loop]++;
  return iterations[index];
}

void Lookahead::use(RegisterId reg, Element element, InstanceId instance,
                    const std::vector<Place> &open) {
  const Route &route = routes[reg];
  auto placeIn = [&](ScopeId scope) { return open[tree.scopes[scope].depth]; };
  auto sightOf = [&](PerInstance<Sight> &sights, NodeId node) -> Sight & {
    return sights.at(instances.above(instance, tree.nodes[node].spatialDepth()),
                     [&] { return Sight(route.elements); });
  };
  if (route.need != kNone) {
    const Need &need = tree.needs[route.need];
    sightOf(needs[route.need], need.split)
        .report(placeIn(need.scope), element, route.order, false);
  }
  for (SlotId slot : route.slots)
    if (!sightOf(windows[slot], tree.slots[slot].node)
             .report(placeIn(tree.slots[slot].scope), element, route.order,
                     route.isWrite))
      return; // An outer visit contains this one and knows it too.
}

bool Lookahead::turn() {
  bool same = true;
  for (auto *sights : {&windows, &needs})
    for (PerInstance<Sight> &ofNode : *sights)
      ofNode.forEach([&](Sight &sight) { same &= sight.turn(); });
  return same;
}

} // namespace looptree::reference
