//===- ElementSet.h - A set of small integers ----------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elements of a tensor as a list and an index into it: membership, insertion
// and removal take constant time, clearing takes as long as the set is large.
// Iteration is in no particular order.
//
//     ElementSet set(/*universe=*/100);
//     set.insert(7);
//     for (Element e : set.members()) ...
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_ELEMENTSET_H
#define LOOPTREE_LIB_REFERENCE_ELEMENTSET_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace looptree::reference {

/// Row-major position of an element in its tensor.
using Element = uint32_t;
/// No element: an access outside the tensor's shape, an empty register.
inline constexpr Element kNoElement = ~Element(0);

class ElementSet {
public:
  explicit ElementSet(size_t universe = 0) : where(universe, kNoElement) {}

  bool contains(Element e) const { return where[e] != kNoElement; }
  bool empty() const { return list.empty(); }
  size_t size() const { return list.size(); }
  const std::vector<Element> &members() const { return list; }

  void insert(Element e) {
    if (contains(e))
      return;
    where[e] = Element(list.size());
    list.push_back(e);
  }
  void erase(Element e) {
    if (!contains(e))
      return;
    Element at = where[e];
    list[at] = list.back();
    where[list[at]] = at;
    list.pop_back();
    where[e] = kNoElement;
  }
  void clear() {
    for (Element e : list)
      where[e] = kNoElement;
    list.clear();
  }

private:
  std::vector<Element> list;
  std::vector<Element> where; ///< Position in `list`.
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_ELEMENTSET_H
