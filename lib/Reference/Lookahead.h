//===- Lookahead.h - Windows and needs, before they happen ----- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A window is what a subtree uses "until control leaves", a need what consumers
// "will read". Both look ahead. They are found by walking the tree again and
// again: each walk reports what it touches, and the next walk is told what the
// last one reported. The heads are right in the first walk, their producers in
// the second, and so on; when a walk repeats the previous one, the windows and
// needs are those of the walk itself.
//
// A visit of a node is named by its scope (the innermost loop above) and a
// place: the number of that loop's iteration among all that were ever entered.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_LOOKAHEAD_H
#define LOOPTREE_LIB_REFERENCE_LOOKAHEAD_H

#include "ElementSet.h"
#include "Instances.h"

#include <span>

namespace looptree::reference {

using Place = uint32_t;

/// An element of a window.
struct Used {
  Element element;
  uint16_t first; ///< Tree order of the first einsum that uses it.
  bool isWritten; ///< The producer is among its users.
  friend bool operator==(const Used &, const Used &) = default;
};

/// What one instance of a node sees of one tensor, visit by visit: reported by
/// the walk that is under way, and told from the last one. Visits of an
/// instance follow each other, so the elements of a visit are contiguous.
class Sight {
public:
  explicit Sight(size_t elements) : stamp(elements, 0), at(elements, 0) {}

  /// Records a use in the visit at `place`; false when it tells nothing new,
  /// for this visit nor for any that contains it.
  bool report(Place place, Element element, uint16_t order, bool isWrite);
  /// What the last walk reported of the visit at `place`.
  std::span<const Used> told(Place place) const;

  /// Ends a walk: what it reported will be told. Returns whether that is what
  /// was told before.
  bool turn();

private:
  struct Range {
    uint32_t begin = 0, end = 0;
    friend bool operator==(const Range &, const Range &) = default;
  };
  struct Visits {
    std::vector<Used> used;
    std::vector<Range> ranges; ///< By place.
    friend bool operator==(const Visits &, const Visits &) = default;
  };
  Visits now, last;
  Place open = kNone;
  uint32_t serial = 0;         ///< Of the open visit.
  std::vector<uint32_t> stamp; ///< Per element: the visit that has it.
  std::vector<uint32_t> at;    ///< Per element: where in `now.used`.
};

class Lookahead {
public:
  Lookahead(const Workload &workload, const Tree &tree,
            const Instances &instances);

  /// The place of iteration `index` of a loop inside `outer`.
  Place enter(ScopeId loop, Place outer, uint64_t index);

  std::span<const Used> window(SlotId slot, InstanceId instance,
                               Place place) const {
    const Sight *sight = windows[slot].find(instance);
    return sight ? sight->told(place) : std::span<const Used>();
  }
  std::span<const Used> need(NeedId need, InstanceId instance,
                             Place place) const {
    const Sight *sight = needs[need].find(instance);
    return sight ? sight->told(place) : std::span<const Used>();
  }

  /// The op in progress in `instance` uses `element` through `reg`; `places`
  /// are those of all open scopes.
  void use(RegisterId reg, Element element, InstanceId instance,
           const std::vector<Place> &places);

  /// Ends a walk; true when it repeated the previous one.
  bool turn();

private:
  /// What a use is reported to.
  struct Route {
    std::vector<SlotId> slots; ///< Innermost first.
    NeedId need = kNone;
    uint16_t order = 0;
    bool isWrite = false;
    size_t elements = 0; ///< Of the tensor.
  };
  const Tree &tree;
  const Instances &instances;
  std::vector<Route> routes;                      ///< Per register.
  std::vector<PerInstance<Sight>> windows, needs; ///< Per slot, per need.
  /// Per scope and outer place, the places of its iterations by index.
  std::vector<std::vector<std::vector<Place>>> places;
  std::vector<Place> placeCount; ///< Per scope.
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_LOOKAHEAD_H
