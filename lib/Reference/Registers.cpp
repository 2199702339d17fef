//===- Registers.cpp - What compute holds --------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

namespace looptree::reference {

/// An accumulator is written back; an operand is only forgotten.
void Memory::flush(RegisterId reg, const std::vector<InstanceId> &from) {
  const Register &r = tree.registers[reg];
  std::vector<Part> parts;
  for (InstanceId id : from) {
    Held gone = heldBy(reg, id);
    heldBy(reg, id) = {};
    if (!r.isWrite || gone.element == kNoElement)
      continue;
    Buffer &buffer = above(r.buffer, id);
    if (gone.hasParents)
      if (Cell *cell = buffer.find(gone.element))
        cell->isTaken = false;
    parts.push_back({{&buffer, gone.element, id}, gone.delta, gone.base});
  }
  if (!parts.empty())
    merge(r.buffer, parts, r.network, !isV1); // v1 counts by the op.
}

Error Memory::incompleteRead(EinsumId reader, const Register &reg,
                             Buffer &buffer, Element e) const {
  int64_t full = spaces[*tree.producers[reg.tensor]].opsPerElement(e);
  std::string message = "the mapping is incomplete: " + w.einsums[reader].name +
                        " reads " + elementName(w.tensors[reg.tensor], e) +
                        ", ";
  if (full == 0)
    message += "which no op writes";
  else if (const Cell *cell = buffer.find(e))
    message += "of which " + std::to_string(cell->value) + " of " +
               std::to_string(full) + " ops have run";
  else
    message += "which is held nowhere";
  return {message};
}

void Memory::countReads(EinsumId einsum, const Register &reg,
                        std::vector<Request> &wanted) {
  forEachElement(wanted, [&](size_t begin, size_t end) {
    Traffic &traffic = wanted[begin].buffer->counts[einsum];
    // Networks of the original multicast fills, and nothing to compute.
    traffic.reads +=
        isV1
            ? int64_t(end - begin)
            : int64_t(
                  together(wanted, begin, end, reg.network.noMulticast).size());
  });
}

std::optional<Error> Memory::step(EinsumId einsum, const std::vector<Op> &ops) {
  const OpSpace &space = spaces[einsum];
  RegisterId reg = tree.firstRegister[einsum];
  std::vector<Request> wanted;
  for (const AccessMap &read : space.reads()) {
    const Register &r = tree.registers[reg];
    std::optional<EinsumId> producer = tree.producers[r.tensor];
    wanted.clear();
    for (const Op &op : ops) {
      Element e = read.at(op.point);
      if (e == kNoElement)
        continue;
      Buffer &buffer = above(r.buffer, op.instance);
      Cell *cell = buffer.find(e);
      if (producer &&
          (!cell || cell->value != spaces[*producer].opsPerElement(e)))
        return incompleteRead(einsum, r, buffer, e);
      Held &operand = heldBy(reg, op.instance);
      if (operand.element == e && !isV1)
        continue;
      operand.element = e;
      wanted.push_back({{&buffer, e, op.instance}});
    }
    countReads(einsum, r, wanted);
    ++reg;
  }

  const Register &r = tree.registers[reg];
  std::vector<InstanceId> changing;
  for (const Op &op : ops)
    if (Element old = heldBy(reg, op.instance).element;
        old != kNoElement && old != space.write().at(op.point))
      changing.push_back(op.instance);
  if (!changing.empty())
    flush(reg, changing);
  for (const Op &op : ops) {
    Element e = space.write().at(op.point);
    Held &accumulator = heldBy(reg, op.instance);
    Buffer &buffer = above(r.buffer, op.instance);
    Traffic &traffic = buffer.counts[einsum];
    if (isV1) {
      ++traffic.reads;
      ++traffic.writes;
    }
    if (accumulator.element != e) {
      accumulator.element = e;
      Cell *cell = buffer.find(e);
      if (cell && !cell->isTaken) {
        accumulator.hasParents = cell->isTaken = true;
        accumulator.base = cell->version;
        if (!isV1) {
          ++traffic.reads;
          traffic.partialReads += isPartial(r.tensor, e, cell->value);
        }
      }
    }
    ++accumulator.delta;
  }
  return std::nullopt;
}

std::optional<Error> Memory::finish() {
  for (RegisterId reg = 0; reg < held.size(); ++reg) {
    std::vector<InstanceId> all;
    held[reg].forEachIn(instances, 0,
                        [&](InstanceId id, Held &) { all.push_back(id); });
    flush(reg, all);
  }
  for (SlotId slot = 0; slot < tree.slots.size(); ++slot)
    if (tree.slots[slot].parent != kNone &&
        tree.slots[tree.slots[slot].parent].isBacking())
      evict(slot, {{0, nullptr}});

  for (TensorId tensor = 0; tensor < w.tensors.size(); ++tensor) {
    if (w.tensors[tensor].kind != TensorKind::Output)
      continue;
    EinsumId writer = *tree.producers[tensor];
    const OpSpace &producer = spaces[writer];
    Buffer &buffer = bufferOf(tree.backings[tensor], 0);
    for (Element e : producer.writtenElements()) {
      int64_t full = producer.opsPerElement(e);
      const Cell *cell = buffer.find(e);
      int64_t made = cell ? cell->value : 0;
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
