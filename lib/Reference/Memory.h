//===- Memory.h - Buffers, registers and what moves between them  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every slot has a buffer in each of its instances, every access of an einsum a
// register in each instance of compute. They hold values: how many ops an
// element has accumulated. So a reader of an element that nobody made, or that
// is half made, is caught.
//
// Instances run in lock step: each call takes all that are at the same moment,
// in the order of their indices, so that those which share an access are
// counted once.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_MEMORY_H
#define LOOPTREE_LIB_REFERENCE_MEMORY_H

#include "Lookahead.h"
#include "OpSpace.h"

#include "looptree/Cost/Convention.h"

#include <algorithm>
#include <functional>

namespace looptree::reference {

/// Accesses of a buffer on behalf of one einsum, in elements. The partial ones
/// are those that move an element while not all its ops have run.
struct Traffic {
  int64_t reads = 0, writes = 0, fills = 0, drains = 0;
  int64_t partialReads = 0, partialWrites = 0;
  Traffic &operator+=(const Traffic &more);
  bool isNothing() const { return !(reads || writes || fills || drains); }
};

class Memory {
public:
  Memory(const Workload &workload, const Tree &tree,
         const std::vector<OpSpace> &spaces, const Instances &instances,
         Convention convention);

  /// One instance's visit of a retain.
  struct Visit {
    InstanceId instance;
    std::span<const Used> window;
    const ElementSet *inWindow; ///< The same set.
    bool startsEmpty;           ///< Nothing of before is kept.
  };
  /// Control enters a retain: what is not in the windows leaves, then what the
  /// parents have comes in.
  void enter(SlotId slot, const std::vector<Visit> &visits);

  /// An op of an instance.
  struct Op {
    InstanceId instance;
    Point point;
  };
  /// One op of an einsum in each of some instances. Fails when one reads an
  /// element that its buffer does not hold complete.
  std::optional<Error> step(EinsumId einsum, const std::vector<Op> &ops);

  /// Empties buffers and registers of a branch, in some instances of its split;
  /// what is dirty is written back.
  void drop(const TreeNode::Contents &contents,
            const std::vector<InstanceId> &splits);

  /// The backing of a tensor forgets elements that will be made again.
  void forget(SlotId backing, InstanceId instance,
              const std::vector<Element> &elements);

  /// At the end everything dirty is drained. Fails when an output element that
  /// some op writes is not complete.
  std::optional<Error> finish();

  /// Whether buffer, the buffers below it or registers hold anything of the
  /// slot's tensor, or, given a window, anything in it.
  bool holdsAny(SlotId slot, InstanceId instance);
  bool holdsAnyOf(SlotId slot, InstanceId instance,
                  std::span<const Used> window);

  /// Of all instances together.
  Traffic traffic(SlotId slot, EinsumId einsum) const;
  /// Calls `use(instance, traffic)` with the sum over einsums.
  void forEachInstance(
      SlotId slot,
      const std::function<void(InstanceId, const Traffic &)> &use) const;
  /// Whether a partial sum ever came into a buffer of the slot.
  bool receivedPartial(SlotId slot) const;

private:
  struct Cell {
    Element element;
    bool isDirty = false; ///< Written here since it came in.
    /// Of a partial sum: whether this has the parent's value, to go on with;
    /// whether one further in has that of this.
    bool hasParents = false, isTaken = false;
    int64_t value = 0; ///< Ops accumulated, those of the parent included.
    int64_t delta = 0; ///< Ops accumulated since it came in.
    /// Grows with each write; `base` is the parent's when it was filled from
    /// it, or -1.
    int64_t version = 0, base = -1;
  };
  /// Cells in no order, and where each element's is.
  struct Buffer {
    std::vector<Cell> cells;
    std::vector<Element> where;
    bool gotPartial = false;
    std::vector<Traffic> counts; ///< Per einsum.
    Cell *find(Element e) {
      return where[e] == kNoElement ? nullptr : &cells[where[e]];
    }
    bool holds(Element e) const { return where[e] != kNoElement; }
    Cell &add(Element e);
    void remove(Element e);
  };
  struct Held { ///< The content of a register.
    Element element = kNoElement;
    bool hasParents = false;
    int64_t delta = 0, base = -1;
  };
  /// What an instance further in has to do with an element of a buffer.
  struct Claim {
    Buffer *buffer;
    Element element;
    InstanceId instance;
  };
  /// It brings a part of the element's sum,
  struct Part : Claim {
    int64_t delta, base;
  };
  /// or asks for it.
  struct Request : Claim {
    uint16_t first = 0;
    bool isWritten = false;
  };
  /// Which elements leave a buffer: null: all.
  struct Leaving {
    InstanceId instance;
    const ElementSet *keep;
  };

  Buffer &bufferOf(SlotId slot, InstanceId instance);
  Buffer &above(SlotId slot, InstanceId instance) {
    return bufferOf(
        slot, instances.above(
                  instance, tree.nodes[tree.slots[slot].node].spatialDepth()));
  }
  Held &heldBy(RegisterId reg, InstanceId instance) {
    return held[reg].at(instance, [] { return Held(); });
  }
  bool isPartial(TensorId tensor, Element e, int64_t value) const;

  void evict(SlotId slot, const std::vector<Leaving> &leaving);
  void empty(SlotId slot, const std::vector<Leaving> &leaving);
  void fill(SlotId slot, const std::vector<Visit> &visits);
  bool take(SlotId slot, const Request &request);
  /// Calls `use(begin, end)` for each run of claims on one element of one
  /// buffer, lowest instance first.
  template <typename Item, typename Use>
  void forEachElement(std::vector<Item> &items, Use use) const;
  /// Groups of such claims that one access serves: instances that differ at
  /// none of the depths in `apart`.
  template <typename Item>
  std::vector<std::vector<const Item *>>
  together(const std::vector<Item> &items, size_t begin, size_t end,
           const std::vector<unsigned> &apart) const;
  void countReads(EinsumId einsum, const Register &reg,
                  std::vector<Request> &wanted);
  /// Accumulators are written back, all at one moment.
  void flush(RegisterId reg, const std::vector<InstanceId> &from);
  /// Adds parts to elements of a slot's buffers; `isCounted`: as accesses.
  void merge(SlotId slot, std::vector<Part> &parts, const Network &network,
             bool isCounted);
  void mergeOne(TensorId tensor, const std::vector<const Part *> &parts,
                bool isCounted);
  Error incompleteRead(EinsumId reader, const Register &reg, Buffer &buffer,
                       Element e) const;

  const Workload &w;
  const Tree &tree;
  const std::vector<OpSpace> &spaces;
  const Instances &instances;
  const bool isV1;
  std::vector<PerInstance<Buffer>> buffers; ///< Per slot.
  std::vector<PerInstance<Held>> held;      ///< Per register.
};

template <typename Item, typename Use>
void Memory::forEachElement(std::vector<Item> &items, Use use) const {
  auto isSame = [](const Item &a, const Item &b) {
    return a.buffer == b.buffer && a.element == b.element;
  };
  if (items.size() > 1)
    std::sort(items.begin(), items.end(), [&](const Item &a, const Item &b) {
      if (!isSame(a, b))
        return std::pair(a.buffer, a.element) < std::pair(b.buffer, b.element);
      return instances.isBefore(a.instance, b.instance);
    });
  for (size_t begin = 0; begin < items.size();) {
    size_t end = begin + 1;
    while (end < items.size() && isSame(items[end], items[begin]))
      ++end;
    use(begin, end);
    begin = end;
  }
}

template <typename Item>
std::vector<std::vector<const Item *>>
Memory::together(const std::vector<Item> &items, size_t begin, size_t end,
                 const std::vector<unsigned> &apart) const {
  std::vector<std::vector<const Item *>> groups;
  for (size_t i = begin; i < end; ++i) {
    const auto &indices = instances.indices(items[i].instance);
    auto isServed = [&](const std::vector<const Item *> &group) {
      const auto &others = instances.indices(group[0]->instance);
      return std::all_of(apart.begin(), apart.end(), [&](unsigned depth) {
        return indices[depth] == others[depth];
      });
    };
    auto group = std::find_if(groups.begin(), groups.end(), isServed);
    if (group == groups.end())
      groups.push_back({&items[i]});
    else
      group->push_back(&items[i]);
  }
  return groups;
}

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_MEMORY_H
