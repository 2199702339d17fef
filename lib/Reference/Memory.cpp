//===- Memory.cpp - Buffers and what moves between them ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

namespace looptree::reference {

Traffic &Traffic::operator+=(const Traffic &more) {
  reads += more.reads;
  writes += more.writes;
  fills += more.fills;
  drains += more.drains;
  partialReads += more.partialReads;
  partialWrites += more.partialWrites;
  return *this;
}

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
               const std::vector<OpSpace> &spaces, const Instances &instances,
               Convention convention)
    : w(workload), tree(tree), spaces(spaces), instances(instances),
      isV1(convention == Convention::LoopTreeV1), buffers(tree.slots.size()),
      held(tree.registers.size()) {}

Memory::Buffer &Memory::bufferOf(SlotId slot, InstanceId instance) {
  return buffers[slot].at(instance, [&] {
    const Slot &s = tree.slots[slot];
    int64_t size = sizeOf(w.tensors[s.tensor]);
    Buffer buffer;
    buffer.where.assign(size_t(size), kNoElement);
    buffer.counts.resize(w.einsums.size());
    if (s.isBacking() && !tree.producers[s.tensor])
      for (int64_t e = 0; e < size; ++e)
        buffer.add(Element(e));
    return buffer;
  });
}

bool Memory::isPartial(TensorId tensor, Element e, int64_t value) const {
  std::optional<EinsumId> producer = tree.producers[tensor];
  return producer && value < spaces[*producer].opsPerElement(e);
}

void Memory::enter(SlotId slot, const std::vector<Visit> &visits) {
  const Slot &s = tree.slots[slot];
  if (s.isBacking() && !tree.producers[s.tensor])
    return; // Holds the whole tensor, from beginning to end.
  std::vector<Leaving> leaving;
  for (const Visit &visit : visits)
    leaving.push_back(
        {visit.instance, visit.startsEmpty ? nullptr : visit.inWindow});
  evict(slot, leaving);
  if (!s.isBacking())
    fill(slot, visits);
}

void Memory::fill(SlotId slot, const std::vector<Visit> &visits) {
  const Slot &s = tree.slots[slot];
  std::vector<Request> wanted, served;
  for (const Visit &visit : visits) {
    Buffer &parent = above(s.parent, visit.instance);
    Buffer &buffer = bufferOf(slot, visit.instance);
    for (const Used &used : visit.window)
      if (!buffer.holds(used.element) && parent.holds(used.element))
        wanted.push_back({{&parent, used.element, visit.instance},
                          used.first,
                          used.isWritten});
  }
  // Of a partial sum, the lowest instance gets the old value; while one has it,
  // others start from zero.
  forEachElement(wanted, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
      if (take(slot, wanted[i]))
        served.push_back(wanted[i]);
  });
  forEachElement(served, [&](size_t begin, size_t end) {
    for (const auto &group :
         together(served, begin, end, s.network.noMulticast)) {
      const Request &lowest = *group[0];
      const Cell &cell = *lowest.buffer->find(lowest.element);
      Traffic &there = lowest.buffer->counts[tree.nodes[0].group[lowest.first]];
      ++there.reads;
      there.partialReads += isPartial(s.tensor, cell.element, cell.value);
    }
  });
}

/// Lets an instance have what its parent holds, where it may, and counts the
/// write.
bool Memory::take(SlotId slot, const Request &request) {
  const Slot &s = tree.slots[slot];
  Cell &source = *request.buffer->find(request.element);
  if (request.isWritten) {
    if (source.isTaken)
      return false;
    source.isTaken = true;
  }
  Buffer &buffer = bufferOf(slot, request.instance);
  Cell &cell = buffer.add(request.element);
  cell.hasParents = request.isWritten;
  cell.value = source.value;
  cell.base = source.version;
  Traffic &here = buffer.counts[tree.nodes[0].group[request.first]];
  ++here.writes;
  ++here.fills;
  if (isPartial(s.tensor, request.element, cell.value)) {
    ++here.partialWrites;
    buffer.gotPartial = true;
  }
  return true;
}

void Memory::evict(SlotId slot, const std::vector<Leaving> &leaving) {
  for (RegisterId reg : tree.slots[slot].registers) {
    std::vector<InstanceId> going;
    for (const Leaving &from : leaving)
      held[reg].forEachIn(
          instances, from.instance, [&](InstanceId id, Held &content) {
            if (content.element != kNoElement &&
                !(from.keep && from.keep->contains(content.element)))
              going.push_back(id);
          });
    if (!going.empty())
      flush(reg, going);
  }
  for (SlotId below : tree.slots[slot].below)
    empty(below, leaving);
  empty(slot, leaving);
}

void Memory::empty(SlotId slot, const std::vector<Leaving> &leaving) {
  const Slot &s = tree.slots[slot];
  std::vector<Part> parts;
  std::vector<std::pair<Buffer *, Element>> going;
  for (const Leaving &from : leaving)
    buffers[slot].forEachIn(
        instances, from.instance, [&](InstanceId id, Buffer &buffer) {
          Buffer *parent = s.isBacking() ? nullptr : &above(s.parent, id);
          for (const Cell &cell : buffer.cells) {
            if (from.keep && from.keep->contains(cell.element))
              continue;
            going.push_back({&buffer, cell.element});
            if (!parent)
              continue;
            if (cell.hasParents)
              if (Cell *source = parent->find(cell.element))
                source->isTaken = false;
            if (!cell.isDirty)
              continue;
            parts.push_back(
                {{parent, cell.element, id}, cell.delta, cell.base});
            Traffic &here = buffer.counts[*tree.producers[s.tensor]];
            ++here.drains;
            if (isV1) // The original does not count the read of a drain.
              continue;
            ++here.reads;
            here.partialReads += isPartial(s.tensor, cell.element, cell.value);
          }
        });
  for (auto [buffer, element] : going)
    buffer->remove(element);
  if (!parts.empty())
    merge(s.parent, parts, s.network, true);
}

void Memory::merge(SlotId slot, std::vector<Part> &parts,
                   const Network &network, bool isCounted) {
  TensorId tensor = tree.slots[slot].tensor;
  forEachElement(parts, [&](size_t begin, size_t end) {
    for (const auto &group : together(parts, begin, end, network.noReduce))
      mergeOne(tensor, group, isCounted);
  });
}

/// One write.
void Memory::mergeOne(TensorId tensor, const std::vector<const Part *> &parts,
                      bool isCounted) {
  Buffer &buffer = *parts[0]->buffer;
  Element e = parts[0]->element;
  Traffic counted;
  Cell *cell = buffer.find(e);
  if (!cell) {
    cell = &buffer.add(e);
  } else if (std::none_of(parts.begin(), parts.end(), [&](const Part *part) {
               return part->base == cell->version;
             })) { // A write onto a value that it does not have.
    ++counted.reads;
    counted.partialReads += isPartial(tensor, e, cell->value);
  }
  for (const Part *part : parts) {
    cell->value += part->delta;
    cell->delta += part->delta;
  }
  ++cell->version;
  cell->isDirty = true;
  bool partial = isPartial(tensor, e, cell->value);
  ++counted.writes;
  counted.partialWrites += partial;
  buffer.gotPartial |= partial;
  if (isCounted)
    buffer.counts[*tree.producers[tensor]] += counted;
}

void Memory::drop(const TreeNode::Contents &contents,
                  const std::vector<InstanceId> &splits) {
  for (RegisterId reg : contents.registers) {
    std::vector<InstanceId> going;
    for (InstanceId split : splits)
      held[reg].forEachIn(instances, split,
                          [&](InstanceId id, Held &) { going.push_back(id); });
    if (!going.empty())
      flush(reg, going);
  }
  std::vector<Leaving> leaving;
  for (InstanceId split : splits)
    leaving.push_back({split, nullptr});
  for (SlotId slot : contents.tops)
    evict(slot, leaving);
}

void Memory::forget(SlotId backing, InstanceId instance,
                    const std::vector<Element> &elements) {
  Buffer &buffer = bufferOf(backing, instance);
  for (Element e : elements)
    if (buffer.holds(e))
      buffer.remove(e);
}

bool Memory::holdsAny(SlotId slot, InstanceId instance) {
  const Slot &s = tree.slots[slot];
  bool any = !bufferOf(slot, instance).cells.empty();
  for (SlotId below : s.below)
    buffers[below].forEachIn(
        instances, instance,
        [&](InstanceId, Buffer &buffer) { any |= !buffer.cells.empty(); });
  for (RegisterId reg : s.registers)
    held[reg].forEachIn(instances, instance, [&](InstanceId, Held &content) {
      any |= content.element != kNoElement;
    });
  return any;
}

bool Memory::holdsAnyOf(SlotId slot, InstanceId instance,
                        std::span<const Used> window) {
  const Slot &s = tree.slots[slot];
  bool any = false;
  for (const Used &used : window) {
    auto look = [&](InstanceId, Buffer &buffer) {
      any |= buffer.holds(used.element);
    };
    look(instance, bufferOf(slot, instance));
    for (SlotId below : s.below)
      buffers[below].forEachIn(instances, instance, look);
    for (RegisterId reg : s.registers)
      held[reg].forEachIn(instances, instance, [&](InstanceId, Held &content) {
        any |= content.element == used.element;
      });
    if (any)
      return true;
  }
  return false;
}

Traffic Memory::traffic(SlotId slot, EinsumId einsum) const {
  Traffic sum;
  for (InstanceId id = 0; id < buffers[slot].limit(); ++id)
    if (const Buffer *buffer = buffers[slot].find(id))
      sum += buffer->counts[einsum];
  return sum;
}

void Memory::forEachInstance(
    SlotId slot,
    const std::function<void(InstanceId, const Traffic &)> &use) const {
  for (InstanceId id = 0; id < buffers[slot].limit(); ++id)
    if (const Buffer *buffer = buffers[slot].find(id)) {
      Traffic sum;
      for (const Traffic &counts : buffer->counts)
        sum += counts;
      use(id, sum);
    }
}

bool Memory::receivedPartial(SlotId slot) const {
  for (InstanceId id = 0; id < buffers[slot].limit(); ++id)
    if (const Buffer *buffer = buffers[slot].find(id))
      if (buffer->gotPartial)
        return true;
  return false;
}

} // namespace looptree::reference
