//===- Memory.h - Buffers, registers and what moves between them  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every slot has a buffer, every access of an einsum a register in compute.
// They hold values: how many ops an element has accumulated. So a reader of an
// element that nobody made, or that is half made, is caught.
//
// Covered is one instance of every level. With spatial loops a slot gets one
// buffer per instance, and fill(), drain() and step() take all instances of a
// moment at once, so that those which share an access can be counted once.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_MEMORY_H
#define LOOPTREE_LIB_REFERENCE_MEMORY_H

#include "Lookahead.h"
#include "OpSpace.h"

namespace looptree::reference {

/// Accesses of a slot on behalf of one einsum, in elements. The partial ones
/// are those that move an element while not all its ops have run.
struct Traffic {
  int64_t reads = 0, writes = 0, fills = 0, drains = 0;
  int64_t partialReads = 0, partialWrites = 0;
};

class Memory {
public:
  Memory(const Workload &workload, const Tree &tree,
         const std::vector<OpSpace> &spaces);

  /// Control enters a retain: what is not in `window` leaves (everything under
  /// no_reuse), then what the parent has comes in. `inWindow` is the same set.
  void enter(SlotId slot, std::span<const Used> window,
             const ElementSet &inWindow);

  /// One op of an einsum at `point`. Fails when it reads an element that its
  /// buffer does not hold complete.
  std::optional<Error> step(EinsumId einsum, const Point &point);

  /// Empties buffers and registers of a branch, what is dirty written back.
  void drop(const TreeNode::Contents &contents);

  /// At the end everything dirty is drained. Fails when an output element that
  /// some op writes is not complete.
  std::optional<Error> finish();

  /// Whether buffer, the buffers below it or registers hold anything of the
  /// slot's tensor, or, given a window, anything in it.
  bool holdsAny(SlotId slot) const;
  bool holdsAnyOf(SlotId slot, std::span<const Used> window) const;

  const Traffic &traffic(SlotId slot, EinsumId einsum) const {
    return counts[slot * einsums + einsum];
  }
  /// Whether a partial sum ever came into the slot's buffer.
  bool receivedPartial(SlotId slot) const { return buffers[slot].gotPartial; }

private:
  struct Cell {
    Element element;
    bool isDirty = false; ///< Written here since it came in.
    int64_t value = 0;    ///< Ops accumulated, those of the parent included.
    int64_t delta = 0;    ///< Ops accumulated since it came in.
    /// Grows with each write; `base` is the parent's when it was filled from
    /// it, or -1.
    int64_t version = 0, base = -1;
  };
  /// Cells in no order, and where each element's is.
  struct Buffer {
    std::vector<Cell> cells;
    std::vector<Element> where;
    bool gotPartial = false;
    Cell *find(Element e) {
      return where[e] == kNoElement ? nullptr : &cells[where[e]];
    }
    bool holds(Element e) const { return where[e] != kNoElement; }
    Cell &add(Element e);
    void remove(Element e);
  };
  struct Held { ///< The content of a register.
    Element element = kNoElement;
    int64_t delta = 0, base = -1;
  };

  Traffic &count(SlotId slot, EinsumId einsum) {
    return counts[slot * einsums + einsum];
  }
  bool isPartial(TensorId tensor, Element e, int64_t value) const;
  /// Elements outside `keep` (null: all) leave, from the buffers below first.
  void evict(SlotId slot, const ElementSet *keep);
  void fill(SlotId slot, const Used &used);
  void drain(SlotId slot, Cell cell);
  void flush(RegisterId reg);
  /// Adds ops to an element of a slot. Returns whether it is still partial.
  bool merge(SlotId slot, Element e, int64_t delta, int64_t base);
  Error incompleteRead(EinsumId reader, SlotId slot, Element e) const;

  const Workload &w;
  const Tree &tree;
  const std::vector<OpSpace> &spaces;
  size_t einsums;
  std::vector<Buffer> buffers; ///< Per slot.
  std::vector<Held> held;      ///< Per register.
  std::vector<Traffic> counts; ///< Per slot, einsum.
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_MEMORY_H
