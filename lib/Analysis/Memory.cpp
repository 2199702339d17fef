//===- Memory.cpp - What buffers and compute hold ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

#include "AccessSets.h"
#include "Recorder.h"

#include <algorithm>

using namespace looptree;

Memory::Memory(const Plan::Impl &plan, const Instances &instances,
               Counts &counts, Recorder *recorder)
    : plan(plan), instances(instances), counts(counts), recorder(recorder),
      all(plan.buffers.size()), held(plan.operands.size()),
      byEinsum(plan.buffers.size(), std::vector<Traffic>(plan.einsums.size())) {
  full.resize(plan.tensors.size());
  for (TensorId t = 0; t < plan.tensors.size(); ++t) {
    const TensorPlan &tensor = plan.tensors[t];
    // The original makes elements again that a copy may still hold.
    tracked.push_back(tensor.producer != kNone &&
                      (tensor.tracksPartial ||
                       (plan.isV1() && plan.buffers[tensor.backing].noReuse)));
    if (tracked.back())
      full[t] = opsPerElement(plan.einsums[tensor.producer].allOps,
                              plan.workload.einsums[tensor.producer].write,
                              plan.workload.tensors[t]);
  }
}

BoxSet Memory::complete(BufferId b, const Copy &copy) const {
  TensorId t = plan.buffers[b].tensor;
  return copy.sum.agreeing(full[t], plan.workload.tensors[t].shape.size());
}

Memory::Copy &Memory::copy(BufferId b, InstanceId id) {
  const Buffer &buffer = plan.buffers[b];
  auto [known, isNew] =
      all[b].insert({instances.prefix(id, buffer.spatialAbove), Copy()});
  if (isNew) {
    BoxSet none(plan.workload.tensors[buffer.tensor].shape.size());
    known->second = {none, none, none, none, {}, {}, {}};
  }
  return known->second;
}

void Memory::count(BufferId b, Copy &copy, EinsumId e, int64_t Traffic::*what,
                   int64_t n) {
  if (isSilent)
    return;
  counts.bump(byEinsum[b][e].*what, n);
  counts.checked.increase(copy.moved.*what,
                          counts.checked.mul(n, counts.times));
  counts.checked.is([&] {
    return "the accesses to " + plan.nameOf(b) + " for " +
           plan.workload.einsums[e].name;
  });
}

template <typename Fn>
void Memory::forEachWithin(BufferId b, InstanceId outer, Fn fn) {
  for (auto &[id, copy] : all[b])
    if (instances.isWithin(id, outer))
      fn(id, copy);
}

//===----------------------------------------------------------------------===//
// Instances that stand for others
//===----------------------------------------------------------------------===//

BoxSet Memory::alike(unsigned operand, InstanceId id,
                     const Coords &element) const {
  BoxSet all = BoxSet::point({element.data(), element.size()});
  const Operand &info = plan.operands[operand];
  const Einsum &einsum = plan.workload.einsums[info.einsum];
  const Access &access =
      info.read == kNone ? einsum.write : einsum.reads[info.read];
  for (; instances[id].depth > 0; id = instances[id].outer) {
    const Instances::Item &item = instances[id];
    if (item.alike == 1)
      continue;
    for (size_t d = 0; d < access.index.size(); ++d)
      for (const auto &term : access.index[d].terms)
        if (term.rank == plan.nodes[item.loop].rank)
          all.box(0)[d] = {element[d], item.alike,
                           term.coefficient * item.step};
  }
  return all;
}

int64_t Memory::alike(unsigned operand, InstanceId id) const {
  int64_t all = 1;
  const Operand &info = plan.operands[operand];
  const Einsum &einsum = plan.workload.einsums[info.einsum];
  const Access &access =
      info.read == kNone ? einsum.write : einsum.reads[info.read];
  for (; instances[id].depth > 0; id = instances[id].outer) {
    const Instances::Item &item = instances[id];
    if (item.alike > 1)
      for (const LinearExpr &expr : access.index)
        for (const auto &term : expr.terms)
          if (term.rank == plan.nodes[item.loop].rank)
            all *= item.alike;
  }
  return all;
}

bool Memory::areIn(const BoxSet &set, unsigned operand, InstanceId id,
                   const Coords &element) {
  bool first = set.contains({element.data(), element.size()});
  if (int64_t n = alike(operand, id);
      n > 1 &&
      set.intersect(alike(operand, id, element)).size() != (first ? n : 0))
    apart = plan.operands[operand].einsum;
  return first;
}

//===----------------------------------------------------------------------===//
// Leaving
//===----------------------------------------------------------------------===//

void Memory::addRegisters(unsigned operand, InstanceId outer,
                          const BoxSet *keep, Registers &leaving) {
  for (auto &[id, reg] : held[operand])
    if (reg.element && instances.isWithin(id, outer) &&
        !(keep && areIn(*keep, operand, id, *reg.element)))
      leaving.push_back({operand, id});
}

void Memory::flush(const Registers &leaving) {
  struct Leaver {
    unsigned operand;
    InstanceId parent, id;
    Register reg;
  };
  std::vector<Leaver> leavers;
  for (auto [operand, id] : leaving) {
    const Operand &info = plan.operands[operand];
    Register &reg = held[operand][id];
    if (info.read == kNone && reg.element)
      leavers.push_back(
          {operand,
           instances.prefix(id, plan.buffers[info.buffer].spatialAbove), id,
           reg});
    reg = {};
  }
  auto isSame = [](const Leaver &a, const Leaver &b) {
    return a.operand == b.operand && a.parent == b.parent &&
           a.reg.element == b.reg.element;
  };
  std::sort(leavers.begin(), leavers.end(),
            [&](const Leaver &a, const Leaver &b) {
              if (a.operand != b.operand || a.parent != b.parent)
                return std::pair(a.operand, a.parent) <
                       std::pair(b.operand, b.parent);
              if (!(a.reg.element == b.reg.element))
                return CoordsLess()(*a.reg.element, *b.reg.element);
              return instances.isBefore(a.id, b.id);
            });
  // Those that stand for others must hold what no other group of them holds.
  std::map<std::pair<unsigned, InstanceId>, std::pair<BoxSet, int64_t>> apiece;
  bool standForOthers =
      std::any_of(leavers.begin(), leavers.end(), [&](const Leaver &at) {
        return alike(at.operand, at.id) > 1;
      });
  for (size_t i = 0; standForOthers && i < leavers.size(); ++i) {
    const Leaver &at = leavers[i];
    BoxSet mine = alike(at.operand, at.id, *at.reg.element);
    if (i > 0 && isSame(leavers[i - 1], at)) {
      if (alike(at.operand, at.id) != alike(at.operand, leavers[i - 1].id))
        apart = plan.operands[at.operand].einsum;
      continue;
    }
    auto &[all, sum] =
        apiece.insert({{at.operand, at.parent}, {BoxSet(mine.dims()), 0}})
            .first->second;
    all.unite(mine);
    sum += mine.size();
    if (all.size() != sum)
      apart = plan.operands[at.operand].einsum;
  }
  // Elements that leave alike are merged at once.
  struct Alike {
    unsigned operand;
    InstanceId parent;
    int64_t ways;
    bool isCurrent;
    auto operator<=>(const Alike &) const = default;
  };
  std::map<Alike, std::vector<Coords>> leavingAlike;
  std::map<Alike, BoxSet> others; // Each of several.
  bool reducesAlways = allShare(&Level::reduce);
  isSilent = plan.isV1(); // There compute counts by the op.
  for (size_t from = 0, to = 0; from < leavers.size(); from = to) {
    while (to < leavers.size() && isSame(leavers[from], leavers[to]))
      ++to;
    const Leaver &first = leavers[from];
    const Operand &info = plan.operands[first.operand];
    if (tracked[info.tensor]) {
      std::vector<Part> parts;
      for (size_t i = from; i < to; ++i) {
        BoxSet points = alike(first.operand, leavers[i].id, *first.reg.element);
        Part part{leavers[i].id,
                  points,
                  leavers[i].reg.isCurrent ? points : BoxSet(points.dims()),
                  {}};
        part.delta.add(points, leavers[i].reg.delta);
        parts.push_back(std::move(part));
      }
      merge(info.buffer, first.parent, info.einsum, parts);
      continue;
    }
    Alike key{first.operand, first.parent, 1, false};
    if (reducesAlways) {
      for (size_t i = from; i < to; ++i)
        key.isCurrent |= leavers[i].reg.isCurrent;
    } else {
      unsigned depth = plan.buffers[info.buffer].spatialAbove;
      std::vector<Coords> ways;
      for (size_t i = from; i < to; ++i) {
        Coords mine = way(leavers[i].id, depth, &Level::reduce);
        if (std::find(ways.begin(), ways.end(), mine) == ways.end())
          ways.push_back(mine);
        key.isCurrent |= leavers[i].reg.isCurrent && mine == ways[0];
      }
      key.ways = int64_t(ways.size());
    }
    if (alike(first.operand, first.id) == 1) {
      leavingAlike[key].push_back(*first.reg.element);
      continue;
    }
    BoxSet several = alike(first.operand, first.id, *first.reg.element);
    auto [known, isNew] = others.insert({key, several});
    if (!isNew)
      known->second.unite(several);
  }
  for (const auto &[key, points] : leavingAlike) {
    BoxSet set = BoxSet::ofSorted(points);
    auto [known, isNew] = others.insert({key, set});
    if (!isNew)
      known->second.unite(set);
  }
  for (const auto &[key, elements] : others) {
    const Operand &info = plan.operands[key.operand];
    mergeAlike(info.buffer, key.parent, info.einsum, elements, key.ways,
               key.isCurrent);
  }
  isSilent = false;
}

void Memory::evict(BufferId b, std::span<const InstanceId> ids,
                   std::span<const BoxSet *const> keep) {
  const Buffer &buffer = plan.buffers[b];
  Registers registers;
  for (unsigned o : buffer.operandsBelow)
    for (size_t i = 0; i < ids.size(); ++i)
      addRegisters(o, ids[i], keep[i], registers);
  flush(registers);
  for (BufferId below : buffer.below) {
    std::vector<Leaving> leaving;
    for (size_t i = 0; i < ids.size(); ++i)
      forEachWithin(below, ids[i], [&](InstanceId id, Copy &) {
        leaving.push_back({id, keep[i]});
      });
    evictCopies(below, leaving);
  }
  std::vector<Leaving> leaving;
  for (size_t i = 0; i < ids.size(); ++i)
    leaving.push_back({ids[i], keep[i]});
  evictCopies(b, leaving);
}

void Memory::evictCopies(BufferId b, std::span<const Leaving> leaving) {
  const Buffer &buffer = plan.buffers[b];
  TensorId t = buffer.tensor;
  std::map<InstanceId, std::vector<Part>>
      drained; // Per instance of the parent.
  std::map<InstanceId, int64_t> drains;
  for (const Leaving &from : leaving) {
    Copy &copy = this->copy(b, from.id);
    if (copy.value.empty() || buffer.parent == kNone || copy.dirty.empty())
      continue;
    BoxSet out = from.keep ? copy.dirty.subtract(*from.keep) : copy.dirty;
    if (out.empty())
      continue;
    EinsumId producer = plan.tensors[t].producer;
    int64_t n = counts.elements(out, t);
    if (!plan.isV1())
      count(b, copy, producer, &Traffic::reads, n);
    count(b, copy, producer, &Traffic::drains, n);
    Sums delta;
    if (tracked[t]) {
      count(b, copy, producer, &Traffic::partialReads,
            counts.elements(out.subtract(complete(b, copy)), t));
      delta = copy.delta.within(out);
    }
    InstanceId parent =
        instances.prefix(from.id, plan.buffers[buffer.parent].spatialAbove);
    BoxSet current = out.intersect(copy.current);
    drained[parent].push_back(
        {from.id, std::move(out), std::move(current), std::move(delta)});
    drains[parent] += n;
  }
  for (auto &[parent, parts] : drained) {
    Traffic before = copy(buffer.parent, parent).moved;
    merge(buffer.parent, parent, plan.tensors[t].producer, parts);
    record(true, b, parent, plan.tensors[t].producer, drains[parent], before);
  }
  if (recorder)
    recorder->endMoment();
  for (const Leaving &from : leaving) {
    Copy &copy = this->copy(b, from.id);
    if (copy.value.empty())
      continue;
    for (BoxSet *set : {&copy.value, &copy.dirty, &copy.lent, &copy.current})
      if (!from.keep)
        set->clear();
      else if (!set->empty())
        *set = set->intersect(*from.keep);
    for (Sums *sums : {&copy.sum, &copy.delta})
      if (!from.keep)
        sums->clear();
      else if (tracked[t])
        sums->keep(*from.keep);
  }
}

/// Elements have moved; `before` is what the instance of the parent had moved
/// until then.
void Memory::record(bool isDrain, BufferId b, InstanceId parent, EinsumId e,
                    int64_t elements, const Traffic &before) {
  if (!recorder)
    return;
  const Tensor &tensor = plan.workload.tensors[plan.buffers[b].tensor];
  const Traffic &after = copy(plan.buffers[b].parent, parent).moved;
  auto bits = [&](int64_t Traffic::*all, int64_t Traffic::*partial) {
    int64_t ofPartial = after.*partial - before.*partial;
    return (after.*all - before.*all - ofPartial) * tensor.bits +
           ofPartial * tensor.partialBits.value_or(tensor.bits);
  };
  recorder->transfer(parent, {isDrain, b, e, elements,
                              bits(&Traffic::reads, &Traffic::partialReads),
                              bits(&Traffic::writes, &Traffic::partialWrites)});
}

//===----------------------------------------------------------------------===//
// Into a parent
//===----------------------------------------------------------------------===//

bool Memory::allShare(bool Level::*shares) const {
  return std::all_of(plan.arch.levels.begin(), plan.arch.levels.end(),
                     [&](const Level &level) { return level.*shares; });
}

Coords Memory::way(InstanceId id, unsigned depth, bool Level::*shares) const {
  Coords indices;
  for (; instances[id].depth > depth; id = instances[id].outer) {
    const FanOut &fanout =
        plan.arch.fanouts[plan.nodes[instances[id].loop].fanout];
    if (!(plan.arch.levels[fanout.below].*shares))
      indices.push_back(instances[id].index);
  }
  return indices;
}

void Memory::merge(BufferId b, InstanceId id, EinsumId producer,
                   std::span<const Part> parts) {
  Copy &into = copy(b, id);
  TensorId t = plan.buffers[b].tensor;
  int64_t writes = 0, reads = 0;
  BoxSet sum = parts[0].elements;
  if (parts.size() == 1) {
    writes = counts.elements(sum, t);
    BoxSet onto = sum.intersect(into.value);
    if (!onto.empty())
      reads = counts.elements(onto.subtract(parts[0].current), t);
  } else {
    // Each group of parts is one write. The first group to write an element
    // reads what is there unless it was filled with it; later ones read always.
    struct Group {
      BoxSet elements, current, first;
    };
    std::map<Coords, Group, CoordsLess> groups;
    BoxSet seen(sum.dims());
    unsigned depth = plan.buffers[b].spatialAbove;
    std::vector<const Part *> inOrder; // Of their indices.
    for (const Part &part : parts)
      inOrder.push_back(&part);
    std::sort(inOrder.begin(), inOrder.end(),
              [&](const Part *a, const Part *b) {
                return instances.isBefore(a->id, b->id);
              });
    for (const Part *next : inOrder) {
      const Part &part = *next;
      auto [known, isNew] =
          groups.insert({way(part.id, depth, &Level::reduce), Group()});
      Group &group = known->second;
      if (isNew)
        group.elements = group.current = group.first = BoxSet(sum.dims());
      group.elements.unite(part.elements);
      group.current.unite(part.current);
      group.first.unite(part.elements.subtract(seen));
      seen.unite(part.elements);
    }
    for (auto &[way, group] : groups) {
      writes += counts.elements(group.elements, t);
      BoxSet onto = group.first.intersect(into.value);
      if (!onto.empty())
        reads += counts.elements(onto.subtract(group.current), t);
    }
    reads += writes - counts.elements(seen, t);
    sum = std::move(seen);
  }
  count(b, into, producer, &Traffic::reads, reads);
  count(b, into, producer, &Traffic::writes, writes);
  if (tracked[t]) {
    for (const Part &part : parts) {
      into.sum.add(part.delta);
      into.delta.add(part.delta);
    }
    // The last write of an element that is now complete is of its value.
    int64_t completed = counts.elements(sum.intersect(complete(b, into)), t);
    count(b, into, producer, &Traffic::partialReads, reads);
    count(b, into, producer, &Traffic::partialWrites, writes - completed);
  }
  become(b, id, producer, sum);
}

void Memory::mergeAlike(BufferId b, InstanceId id, EinsumId producer,
                        const BoxSet &elements, int64_t ways, bool isCurrent) {
  Copy &into = copy(b, id);
  TensorId t = plan.buffers[b].tensor;
  int64_t n = counts.elements(elements, t);
  int64_t reads = counts.checked.mul(ways - 1, n);
  if (!isCurrent) {
    BoxSet onto = elements.intersect(into.value);
    if (!onto.empty())
      reads = counts.checked.add(reads, counts.elements(onto, t));
  }
  count(b, into, producer, &Traffic::reads, reads);
  count(b, into, producer, &Traffic::writes, counts.checked.mul(ways, n));
  become(b, id, producer, elements);
}

/// Elements of a copy take another value.
void Memory::become(BufferId b, InstanceId id, EinsumId producer,
                    const BoxSet &sum) {
  Copy &into = copy(b, id);
  for (BufferId below : plan.buffers[b].below)
    if (plan.buffers[below].parent == b)
      forEachWithin(below, id, [&](InstanceId, Copy &copy) {
        if (!copy.current.empty())
          copy.current = copy.current.subtract(sum);
      });
  if (unsigned o = plan.einsums[producer].result; plan.operands[o].buffer == b)
    for (auto &[at, reg] : held[o])
      if (reg.isCurrent && reg.element && instances.isWithin(at, id) &&
          areIn(sum, o, at, *reg.element))
        reg.isCurrent = false;
  into.value.unite(sum);
  into.dirty.unite(sum);
}

//===----------------------------------------------------------------------===//
// Out of a parent
//===----------------------------------------------------------------------===//

void Memory::fill(BufferId b, std::span<const InstanceId> ids,
                  std::span<const BoxSet> windows) {
  const Buffer &buffer = plan.buffers[b];
  const Buffer &parent = plan.buffers[buffer.parent];
  TensorId t = buffer.tensor;
  size_t users = buffer.users.size();
  EinsumId producer = plan.tensors[t].producer;
  struct Wanting {
    InstanceId id;
    std::span<const BoxSet> byUser;
    BoxSet coming;
  };
  std::map<InstanceId, std::vector<Wanting>> byParent;
  for (size_t i = 0; i < ids.size(); ++i) {
    auto byUser = windows.subspan(i * users, users);
    BoxSet coming = byUser[0];
    for (const BoxSet &used : byUser.subspan(1))
      coming.unite(used);
    coming = coming.subtract(copy(b, ids[i]).value);
    if (!parent.holdsEverything)
      coming = coming.intersect(copy(buffer.parent, ids[i]).value);
    if (!coming.empty())
      byParent[instances.prefix(ids[i], parent.spatialAbove)].push_back(
          {ids[i], byUser, std::move(coming)});
  }

  for (auto &[parentId, wanting] : byParent) {
    Copy &from = copy(buffer.parent, parentId);
    // Partial sums are lent to one instance, the lowest.
    size_t making =
        std::find(buffer.users.begin(), buffer.users.end(), producer) -
        buffer.users.begin();
    BoxSet lent(plan.workload.tensors[t].shape.size());
    bool lends = producer != kNone && making < users;
    if (lends)
      forEachWithin(b, parentId,
                    [&](InstanceId, Copy &copy) { lent.unite(copy.lent); });
    std::map<Coords, BoxSet, CoordsLess> read; // Per way: read already.
    for (Wanting &want : wanting) {
      Copy &to = copy(b, want.id);
      if (lends) {
        BoxSet partial = want.coming.intersect(want.byUser[making]);
        if (!partial.empty()) {
          BoxSet mine = partial.subtract(lent);
          want.coming = want.coming.subtract(partial.intersect(lent));
          lent.unite(mine);
          to.lent.unite(mine);
        }
      }
      auto [known, isNew] = read.insert(
          {way(want.id, parent.spatialAbove, &Level::multicast), {}});
      if (isNew)
        known->second = BoxSet(want.coming.dims());
      BoxSet rest = want.coming;
      for (size_t i = 0; i < users && !rest.empty(); ++i) {
        BoxSet mine = rest.intersect(want.byUser[i]);
        if (mine.empty())
          continue;
        EinsumId e = buffer.users[i];
        int64_t n = counts.elements(mine, t);
        BoxSet fresh = mine.subtract(known->second);
        int64_t reads = counts.elements(fresh, t);
        Traffic before = from.moved;
        count(buffer.parent, from, e, &Traffic::reads, reads);
        count(b, to, e, &Traffic::writes, n);
        count(b, to, e, &Traffic::fills, n);
        if (tracked[t]) {
          BoxSet whole = complete(buffer.parent, from);
          count(buffer.parent, from, e, &Traffic::partialReads,
                counts.elements(fresh.subtract(whole), t));
          count(b, to, e, &Traffic::partialWrites,
                counts.elements(mine.subtract(whole), t));
        }
        record(false, b, parentId, e, n, before);
        rest = rest.subtract(mine);
      }
      if (wanting.size() > 1)
        known->second.unite(want.coming);
      to.value.unite(want.coming);
      if (tracked[t]) {
        to.sum.add(from.sum.within(want.coming));
        to.delta.remove(want.coming);
      }
      if (producer != kNone)
        to.current.unite(want.coming);
    }
  }
  if (recorder)
    recorder->endMoment();
}

//===----------------------------------------------------------------------===//
// Branches, and the end
//===----------------------------------------------------------------------===//

void Memory::drop(const PlanNode &split, size_t branch,
                  std::span<const InstanceId> ids) {
  Registers registers;
  for (EinsumId e : plan.nodes[split.children[branch]].group)
    for (InstanceId id : ids) {
      for (unsigned o : plan.einsums[e].reads)
        addRegisters(o, id, nullptr, registers);
      addRegisters(plan.einsums[e].result, id, nullptr, registers);
    }
  flush(registers);
  for (BufferId b : split.branchBuffers[branch]) {
    std::vector<Leaving> leaving;
    for (InstanceId outer : ids)
      forEachWithin(b, outer, [&](InstanceId id, Copy &) {
        leaving.push_back({id, nullptr});
      });
    evictCopies(b, leaving);
  }
}

void Memory::leave(const PlanNode &split, size_t branch, TensorId t,
                   std::span<const InstanceId> ids) {
  Registers registers;
  for (EinsumId e : plan.nodes[split.children[branch]].group) {
    auto add = [&](unsigned o) {
      if (plan.operands[o].tensor == t)
        for (InstanceId id : ids)
          addRegisters(o, id, nullptr, registers);
    };
    for (unsigned o : plan.einsums[e].reads)
      add(o);
    add(plan.einsums[e].result);
  }
  flush(registers);
  for (BufferId b : split.branchBuffers[branch]) {
    if (plan.buffers[b].tensor != t)
      continue;
    std::vector<Leaving> leaving;
    for (InstanceId outer : ids)
      forEachWithin(b, outer, [&](InstanceId id, Copy &) {
        leaving.push_back({id, nullptr});
      });
    evictCopies(b, leaving);
  }
}

void Memory::drainAll() {
  Registers registers;
  for (const EinsumPlan &einsum : plan.einsums)
    addRegisters(einsum.result, 0, nullptr, registers);
  flush(registers);
  // Preorder numbers grow inward.
  for (BufferId b = plan.buffers.size(); b-- > 0;) {
    if (plan.buffers[b].parent == kNone ||
        plan.tensors[plan.buffers[b].tensor].producer == kNone)
      continue;
    std::vector<Leaving> leaving;
    for (auto &[id, copy] : all[b])
      leaving.push_back({id, nullptr});
    evictCopies(b, leaving);
  }
}

bool Memory::holds(BufferId b, InstanceId id, const BoxSet &window) {
  auto meets = [&](const Copy &copy) {
    return window.empty() ? !copy.value.empty()
                          : !copy.value.intersect(window).empty();
  };
  bool found = meets(copy(b, id));
  for (BufferId below : plan.buffers[b].below)
    if (!found)
      forEachWithin(below, id,
                    [&](InstanceId, Copy &copy) { found |= meets(copy); });
  for (unsigned o : plan.buffers[b].operandsBelow)
    for (auto &[at, reg] : held[o])
      if (!found && reg.element && instances.isWithin(at, id))
        found = window.empty() ||
                !window.intersect(alike(o, at, *reg.element)).empty();
  return found;
}
