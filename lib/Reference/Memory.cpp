//===- Memory.cpp - Buffers and what moves between them ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

namespace looptree::reference {

Memory::Cell &Memory::Buffer::add(Element e) {
  where[e] = Element(cells.size());
  cells.push_back({.element = e});
  return cells.back();
}

void Memory::Buffer::remove(Element e) {
  Element at = where[e];
  cells[at] = cells.back();
  where[cells[at].element] = at;
  cells.pop_back();
  where[e] = kNoElement;
}

Memory::Memory(const Workload &workload, const Tree &tree,
               const std::vector<OpSpace> &spaces)
    : w(workload), tree(tree), spaces(spaces), einsums(w.einsums.size()) {
  buffers.resize(tree.slots.size());
  for (SlotId slot = 0; slot < tree.slots.size(); ++slot) {
    const Slot &s = tree.slots[slot];
    int64_t size = sizeOf(w.tensors[s.tensor]);
    buffers[slot].where.assign(size_t(size), kNoElement);
    if (s.isBacking() && !tree.producers[s.tensor])
      for (int64_t e = 0; e < size; ++e)
        buffers[slot].add(Element(e));
  }
  held.resize(tree.registers.size());
  counts.resize(tree.slots.size() * einsums);
}

bool Memory::isPartial(TensorId tensor, Element e, int64_t value) const {
  std::optional<EinsumId> producer = tree.producers[tensor];
  return producer && value < spaces[*producer].opsPerElement(e);
}

void Memory::enter(SlotId slot, std::span<const Used> window,
                   const ElementSet &inWindow) {
  const Slot &s = tree.slots[slot];
  bool isInput = !tree.producers[s.tensor];
  if (s.isBacking() && isInput)
    return; // Holds the whole tensor, from beginning to end.
  if (s.noReuse)
    evict(slot, nullptr);
  else
    evict(slot, &inWindow);
  if (!s.isBacking())
    for (const Used &used : window)
      fill(slot, used);
}

void Memory::fill(SlotId slot, const Used &used) {
  const Slot &s = tree.slots[slot];
  Cell *source = buffers[s.parent].find(used.element);
  if (!source || buffers[slot].holds(used.element))
    return;
  Cell &cell = buffers[slot].add(used.element);
  cell.value = source->value;
  cell.base = source->version;
  EinsumId user = tree.nodes[0].group[used.first];
  Traffic &here = count(slot, user), &there = count(s.parent, user);
  ++here.writes;
  ++here.fills;
  ++there.reads;
  if (isPartial(s.tensor, used.element, cell.value)) {
    ++here.partialWrites;
    ++there.partialReads;
    buffers[slot].gotPartial = true;
  }
}

void Memory::evict(SlotId slot, const ElementSet *keep) {
  auto leaves = [&](Element e) { return !keep || !keep->contains(e); };
  for (RegisterId reg : tree.slots[slot].registers)
    if (held[reg].element != kNoElement && leaves(held[reg].element))
      flush(reg);
  auto empty = [&](SlotId from) {
    std::vector<Cell> going;
    for (const Cell &cell : buffers[from].cells)
      if (leaves(cell.element))
        going.push_back(cell);
    for (const Cell &cell : going) {
      if (cell.isDirty && !tree.slots[from].isBacking())
        drain(from, cell);
      buffers[from].remove(cell.element);
    }
  };
  for (SlotId below : tree.slots[slot].below)
    empty(below);
  empty(slot);
}

void Memory::drain(SlotId slot, Cell cell) {
  const Slot &s = tree.slots[slot];
  bool partial = merge(s.parent, cell.element, cell.delta, cell.base);
  Traffic &here = count(slot, *tree.producers[s.tensor]);
  ++here.reads;
  ++here.drains;
  here.partialReads += partial;
}

bool Memory::merge(SlotId slot, Element e, int64_t delta, int64_t base) {
  TensorId tensor = tree.slots[slot].tensor;
  Traffic &here = count(slot, *tree.producers[tensor]);
  Buffer &buffer = buffers[slot];
  Cell *cell = buffer.find(e);
  if (!cell) {
    cell = &buffer.add(e);
  } else if (base != cell->version) { // A write onto a value it does not have.
    ++here.reads;
    here.partialReads += isPartial(tensor, e, cell->value);
  }
  cell->value += delta;
  cell->delta += delta;
  ++cell->version;
  cell->isDirty = true;
  bool partial = isPartial(tensor, e, cell->value);
  ++here.writes;
  here.partialWrites += partial;
  buffer.gotPartial |= partial;
  return partial;
}

void Memory::drop(const TreeNode::Contents &contents) {
  for (RegisterId reg : contents.registers)
    flush(reg);
  for (SlotId slot : contents.tops)
    evict(slot, nullptr);
}

bool Memory::holdsAny(SlotId slot) const {
  const Slot &s = tree.slots[slot];
  bool any = !buffers[slot].cells.empty();
  for (SlotId below : s.below)
    any |= !buffers[below].cells.empty();
  for (RegisterId reg : s.registers)
    any |= held[reg].element != kNoElement;
  return any;
}

bool Memory::holdsAnyOf(SlotId slot, std::span<const Used> window) const {
  const Slot &s = tree.slots[slot];
  for (const Used &used : window) {
    bool holds = buffers[slot].holds(used.element);
    for (SlotId below : s.below)
      holds |= buffers[below].holds(used.element);
    for (RegisterId reg : s.registers)
      holds |= held[reg].element == used.element;
    if (holds)
      return true;
  }
  return false;
}

} // namespace looptree::reference
