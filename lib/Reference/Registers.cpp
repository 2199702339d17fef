//===- Registers.cpp - What compute holds: one element per access  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

namespace looptree::reference {

/// An accumulator is written back; an operand is only forgotten.
void Memory::flush(RegisterId reg) {
  const Register &r = tree.registers[reg];
  Held gone = held[reg];
  held[reg] = {};
  if (r.isWrite && gone.element != kNoElement)
    merge(r.buffer, gone.element, gone.delta, gone.base);
}

Error Memory::incompleteRead(EinsumId reader, SlotId slot, Element e) const {
  const Slot &s = tree.slots[slot];
  const Buffer &buffer = buffers[slot];
  int64_t full = spaces[*tree.producers[s.tensor]].opsPerElement(e);
  std::string message = "the mapping is incomplete: " + w.einsums[reader].name +
                        " reads " + elementName(w.tensors[s.tensor], e) + ", ";
  if (full == 0)
    message += "which no op writes";
  else if (!buffer.holds(e))
    message += "which is held nowhere";
  else
    message += "of which " +
               std::to_string(buffer.cells[buffer.where[e]].value) + " of " +
               std::to_string(full) + " ops have run";
  return {message};
}

std::optional<Error> Memory::step(EinsumId einsum, const Point &point) {
  const OpSpace &space = spaces[einsum];
  RegisterId reg = tree.firstRegister[einsum];
  for (const AccessMap &read : space.reads()) {
    RegisterId operand = reg++;
    Element e = read.at(point);
    if (e == kNoElement)
      continue;
    const Register &r = tree.registers[operand];
    Cell *cell = buffers[r.buffer].find(e);
    std::optional<EinsumId> producer = tree.producers[r.tensor];
    if (producer &&
        (!cell || cell->value != spaces[*producer].opsPerElement(e)))
      return incompleteRead(einsum, r.buffer, e);
    if (held[operand].element == e)
      continue;
    held[operand].element = e;
    ++count(r.buffer, einsum).reads;
  }

  Element e = space.write().at(point);
  Held &accumulator = held[reg];
  if (accumulator.element != e) {
    flush(reg);
    accumulator.element = e;
    const Register &r = tree.registers[reg];
    if (Cell *cell = buffers[r.buffer].find(e)) {
      accumulator.base = cell->version;
      Traffic &traffic = count(r.buffer, einsum);
      ++traffic.reads;
      traffic.partialReads += isPartial(r.tensor, e, cell->value);
    }
  }
  ++accumulator.delta;
  return std::nullopt;
}

std::optional<Error> Memory::finish() {
  for (RegisterId reg = 0; reg < held.size(); ++reg)
    flush(reg);
  for (SlotId slot = 0; slot < tree.slots.size(); ++slot)
    if (tree.slots[slot].parent != kNone &&
        tree.slots[tree.slots[slot].parent].isBacking())
      evict(slot, nullptr);

  for (TensorId tensor = 0; tensor < w.tensors.size(); ++tensor) {
    if (w.tensors[tensor].kind != TensorKind::Output)
      continue;
    const OpSpace &producer = spaces[*tree.producers[tensor]];
    const Buffer &buffer = buffers[tree.backings[tensor]];
    for (Element e : producer.writtenElements()) {
      int64_t full = producer.opsPerElement(e);
      int64_t made = buffer.holds(e) ? buffer.cells[buffer.where[e]].value : 0;
      if (made != full)
        return Error{"the mapping is incomplete: " + producer.einsum().name +
                     " leaves output " + elementName(w.tensors[tensor], e) +
                     " with " + std::to_string(made) + " of " +
                     std::to_string(full) + " ops"};
    }
  }
  return std::nullopt;
}

} // namespace looptree::reference
