//===- OpSpace.h - Ops of an einsum and the elements they touch  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op is a point of the einsum's box. The ops that an einsum has to run are
// always "those of a box that write a wanted element", because that is how
// inference defines them and loops only split the box: `OpSet` holds just that.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_OPSPACE_H
#define LOOPTREE_LIB_REFERENCE_OPSPACE_H

#include "ElementSet.h"

#include "looptree/Support/Result.h"
#include "looptree/Workload/Workload.h"

#include <memory>

namespace looptree::reference {

using Point = std::vector<int64_t>;

/// [lo, hi)
struct Interval {
  int64_t lo = 0, hi = 0;
};
using Box = std::vector<Interval>;

/// Sets `point` to the corner of a box; false when the box is empty.
bool firstPoint(const Box &box, Point &point);
/// Moves on in lexicographic order; false when `point` was the last.
bool nextPoint(const Box &box, Point &point);

/// One access, ready to be evaluated at a point.
class AccessMap {
public:
  AccessMap(const Access &access, const Einsum &einsum, const Tensor &tensor);

  TensorId tensor() const { return id; }
  /// The element that the op at `point` touches, or kNoElement.
  Element at(const Point &point) const {
    for (RankId rank : mustBeZero)
      if (point[rank] != 0)
        return kNoElement;
    int64_t flat = 0;
    for (const Dim &dim : dims) {
      int64_t x = dim.constant;
      for (const LinearExpr::Term &term : dim.terms)
        x += term.coefficient * point[term.rank];
      if (x < 0 || x >= dim.extent)
        return kNoElement;
      flat = flat * dim.extent + x;
    }
    return Element(flat);
  }

private:
  struct Dim {
    std::vector<LinearExpr::Term> terms;
    int64_t constant, extent;
  };
  TensorId id;
  std::vector<Dim> dims;
  /// Of an init read: the ranks that the write does not use.
  std::vector<RankId> mustBeZero;
};

/// The ops of `box` that write an element of `wanted` (all of `box` when
/// `everything` is set).
struct OpSet {
  Box box;
  bool everything = false;
  std::shared_ptr<const ElementSet> wanted;
};

/// What one einsum does at each of its ops.
class OpSpace {
public:
  OpSpace(const Workload &workload, EinsumId einsum);

  const Einsum &einsum() const { return *e; }
  const std::vector<AccessMap> &reads() const { return readMaps; }
  const AccessMap &write() const { return *writeMap.begin(); }
  int64_t size() const { return ops; }
  Box wholeBox() const;
  /// Row-major position of an op.
  int64_t flat(const Point &point) const;

  bool contains(const OpSet &set, const Point &point) const {
    return set.everything || set.wanted->contains(write().at(point));
  }
  bool isEmpty(const OpSet &set) const;

  /// How many ops write an element: what a complete one has accumulated.
  int64_t opsPerElement(Element element) const { return full[element]; }
  /// Gives `set` the bounding box of the ops that write its wanted elements.
  void boundWanted(OpSet &set) const;
  /// Every element that some op writes.
  std::vector<Element> writtenElements() const;

private:
  /// Per coordinate of one dimension of the write: how many values of the
  /// dimension's ranks give it, and between which bounds each rank is.
  struct Writers {
    int64_t count = 0;
    std::vector<Interval> ranks; ///< Parallel to the dimension's terms.
  };
  /// Coordinates of an element, or false when no op writes it.
  bool writersOf(Element element, std::vector<const Writers *> &found) const;

  const Einsum *e;
  std::vector<AccessMap> readMaps;
  std::vector<AccessMap> writeMap;           ///< Exactly one.
  std::vector<int64_t> shape;                ///< Of the written tensor.
  std::vector<std::vector<Writers>> writers; ///< Per dimension, coordinate.
  std::vector<RankId> unusedByWrite;
  std::vector<int64_t> full; ///< Per element: ops that write it.
  int64_t ops = 1;
};

/// Elements of a tensor.
int64_t sizeOf(const Tensor &tensor);
/// "A[3, 4]"
std::string elementName(const Tensor &tensor, Element element);

/// Why positions of this workload cannot be held in the simulator's integers
/// (an index expression beyond 64 bit, a tensor of more than `most` elements),
/// or nothing.
std::optional<Error> checkIndices(const Workload &workload, int64_t most);

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_OPSPACE_H
