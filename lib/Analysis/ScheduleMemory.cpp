//===- ScheduleMemory.cpp - What comes and goes -----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Scheduler.h"

#include <algorithm>

using namespace looptree;

Scheduler::Contents &Scheduler::copy(BufferId b, InstanceId id) {
  auto [known, isNew] = contents[b].insert(
      {tree.instances.prefix(id, plan.buffers[b].spatialAbove), {}});
  Contents &held = known->second;
  if (isNew) {
    unsigned dims = result.buffers[b].slots.size();
    held.value = held.dirty = held.lent = held.away = BoxSet(dims);
    held.lo = Coords(dims, 0);
    held.isOpen = result.buffers[b].isWholeTensor;
  }
  return held;
}

/// In order of their indices.
std::vector<InstanceId> Scheduler::copiesWithin(BufferId b,
                                                InstanceId outer) const {
  std::vector<InstanceId> ids;
  for (const auto &[id, held] : contents[b])
    if (tree.instances[id].depth >= tree.instances[outer].depth &&
        tree.instances.isWithin(id, outer))
      ids.push_back(id);
  std::sort(ids.begin(), ids.end(), [&](InstanceId a, InstanceId b) {
    return tree.instances.isBefore(a, b);
  });
  return ids;
}

void Scheduler::enter(Part &part, const PlanNode &node, const Visit &visit) {
  auto members = membersOf(visit);
  for (BufferId b : node.buffers) {
    const Buffer &buffer = plan.buffers[b];
    std::vector<BoxSet> windows;
    std::vector<Leaving> leaving;
    std::vector<Member> coming;
    if (buffer.isInFlight)
      openWindows[b].clear();
    windows.reserve(members.size());
    for (const Member &member : members) {
      const BoxSet &window =
          windows.emplace_back(uniteAll(windowsOf(visit, member.position, b)));
      if (buffer.isInFlight)
        openWindows[b][member.id] = window;
      // An empty window leaves a buffer as it is.
      if (window.empty() && !buffer.noReuse)
        continue;
      leaving.push_back({member.id, buffer.noReuse ? nullptr : &window});
      if (!window.empty())
        coming.push_back(member);
    }
    if (result.buffers[b].livesInBranches) {
      waiting.push_back({b, &visit, std::move(coming), false});
      continue;
    }
    Part entering;
    if (!buffer.holdsEverything)
      evict(entering, b, leaving);
    openAll(entering, b, visit, coming);
    // Above a pipeline it is for the first stage that uses it.
    const PlanNode &end = plan.nodes[node.chainEnd];
    if (end.kind == PlanNode::Kind::Pipeline)
      entering = roller.group(std::move(entering), Repeat::Kind::Stage,
                              unsigned(plan.branchesUsing(end, buffer).first));
    part.append(entering);
  }
}

/// Each comes into a copy of its own.
void Scheduler::openAll(Part &part, BufferId b, const Visit &visit,
                        std::span<const Member> coming) {
  part.append(
      inLoops<Member>(coming, /*isParallel=*/true, [&](const Member &member) {
        return open(b, member.id, windowsOf(visit, member.position, b));
      }));
}

void Scheduler::openOnce(Part &part, Waiting &buffer) {
  if (!buffer.isOpen)
    openAll(part, buffer.buffer, *buffer.visit, buffer.coming);
  buffer.isOpen = true;
}

/// Nothing of it is needed at the next visit.
void Scheduler::close(Part &part, const Waiting &buffer) {
  std::vector<Leaving> leaving;
  for (const Member &member : membersOf(*buffer.visit))
    leaving.push_back({member.id, nullptr});
  evict(part, buffer.buffer, leaving);
}

/// Elements leave a buffer, those of its tensor below it first.
void Scheduler::evict(Part &part, BufferId b, std::span<const Leaving> from) {
  for (BufferId below : plan.buffers[b].below) {
    std::vector<Leaving> leaving;
    for (const Leaving &outer : from)
      for (InstanceId id : copiesWithin(below, outer.id))
        leaving.push_back({id, outer.keep});
    evictCopies(part, below, leaving);
  }
  evictCopies(part, b, from);
}

void Scheduler::evictAll(Part &part, BufferId b,
                         std::span<const Member> members) {
  std::vector<Leaving> leaving;
  for (const Member &member : members)
    for (InstanceId id : copiesWithin(b, member.id))
      leaving.push_back({id, nullptr});
  evictCopies(part, b, leaving);
}

void Scheduler::evictCopies(Part &part, BufferId b,
                            std::span<const Leaving> leaving) {
  // Side by side where no two write the same element of the parent.
  bool isParallel = true;
  const Buffer &buffer = plan.buffers[b];
  if (buffer.parent != kNone && leaving.size() > 1) {
    std::map<InstanceId, BoxSet> drained;
    unsigned depth = plan.buffers[buffer.parent].spatialAbove;
    for (const Leaving &from : leaving) {
      const Contents &held = copy(b, from.id);
      BoxSet out = from.keep ? held.dirty.subtract(*from.keep) : held.dirty;
      auto [known, isNew] =
          drained.insert({tree.instances.prefix(from.id, depth), out});
      if (isNew)
        continue;
      isParallel &= known->second.intersect(out).empty();
      known->second.unite(out);
    }
  }
  part.append(inLoops<Leaving>(leaving, isParallel, [&](const Leaving &from) {
    return leave(b, from);
  }));
}

/// Elements leave one copy. What its parent holds is added to, unless it is
/// what the copy, or another one, took along.
Part Scheduler::leave(BufferId b, const Leaving &from) {
  Part part;
  Contents &held = copy(b, from.id);
  if (held.value.empty())
    return part;
  BoxSet gone = from.keep ? held.value.subtract(*from.keep) : held.value;
  if (gone.empty())
    return part;
  const Buffer &buffer = plan.buffers[b];
  if (buffer.parent != kNone) {
    BoxSet drained = held.dirty.intersect(gone);
    Contents &parent = copy(buffer.parent, from.id);
    if (!drained.empty()) {
      EinsumId producer = plan.tensors[buffer.tensor].producer;
      BoxSet onto = drained.intersect(parent.value).subtract(parent.away);
      Action action;
      action.kind = ActionKind::Drain;
      action.einsum = producer;
      action.buffer = b;
      transfer(part, action, b, buffer.parent, from.id, drained.subtract(onto));
      if (!onto.empty()) {
        action.isAdded = true;
        result.combines[producer] = true;
        transfer(part, action, b, buffer.parent, from.id, onto);
      }
      parent.value.unite(drained);
      parent.dirty.unite(drained);
      parent.away = parent.away.subtract(drained);
      held.dirty = held.dirty.subtract(drained);
    }
    BoxSet returned = held.lent.intersect(gone);
    if (!returned.empty()) {
      parent.away = parent.away.subtract(returned.subtract(drained));
      held.lent = held.lent.subtract(returned);
    }
  }
  held.value =
      from.keep ? held.value.intersect(*from.keep) : BoxSet(held.value.dims());
  held.away = held.away.intersect(held.value);
  return part;
}

/// A window opens in one copy.
Part Scheduler::open(BufferId b, InstanceId id,
                     std::span<const BoxSet> byUser) {
  Part part;
  BoxSet window = uniteAll(byUser);
  Action action;
  action.buffer = b;
  action.elements = window.size();
  roller.append(part, action);
  moveTo(part, b, id, window);
  if (plan.buffers[b].parent != kNone)
    fill(part, b, id, byUser, window);
  return part;
}

/// The window begins at another element, or is in the other half: what stays
/// moves, the box around it as a whole.
void Scheduler::moveTo(Part &part, BufferId b, InstanceId id,
                       const BoxSet &window) {
  Contents &held = copy(b, id);
  if (result.buffers[b].isWholeTensor)
    return;
  const ScheduledBuffer &buffer = result.buffers[b];
  Coords lo;
  for (auto [first, end] : window.bounds()) {
    size_t d = lo.size();
    lo.push_back(buffer.isRing[d] ? origins[b][d] : first);
  }
  bool isTurn = buffer.hasHalves && !plan.buffers[b].isInFlight &&
                held.isOpen && !window.subtract(held.value).empty();
  if (held.isOpen && !held.value.empty() && (isTurn || !(held.lo == lo))) {
    std::vector<Run> around;
    for (size_t d = 0; auto [first, end] : held.value.bounds()) {
      int64_t spacing = buffer.spacing[d++];
      around.push_back(
          makeRun(first, (end - 1 - first) / spacing + 1, spacing));
    }
    Action action;
    action.kind = ActionKind::Move;
    action.buffer = b;
    for (const Run &run : around)
      action.sizes.push_back(run.n);
    action.places.push_back(placeOf(b, id, around));
    held.lo = lo;
    held.turns += isTurn;
    action.places.push_back(placeOf(b, id, around));
    roller.append(part, action);
  } else {
    held.lo = lo;
    held.turns += isTurn;
  }
  held.isOpen = true;
}

/// A partial sum comes into one of the copies that make on, the others begin
/// their own.
void Scheduler::fill(Part &part, BufferId b, InstanceId id,
                     std::span<const BoxSet> byUser, const BoxSet &window) {
  const Buffer &buffer = plan.buffers[b];
  Contents &held = copy(b, id), &parent = copy(buffer.parent, id);
  BoxSet coming = window.subtract(held.value);
  if (!plan.buffers[buffer.parent].holdsEverything)
    coming = coming.intersect(parent.value);
  EinsumId producer = plan.tensors[buffer.tensor].producer;
  for (size_t i = 0; i < buffer.users.size() && !coming.empty(); ++i) {
    if (buffer.users[i] != producer)
      continue;
    BoxSet partial = coming.intersect(byUser[i]);
    if (partial.empty())
      break;
    BoxSet lent(partial.dims());
    InstanceId outer =
        tree.instances.prefix(id, plan.buffers[buffer.parent].spatialAbove);
    for (InstanceId other : copiesWithin(b, outer))
      lent.unite(contents[b][other].lent);
    coming = coming.subtract(partial.intersect(lent));
    partial = partial.subtract(lent);
    held.lent.unite(partial);
    parent.away.unite(partial);
  }
  held.value.unite(coming);
  for (size_t i = 0; i < buffer.users.size() && !coming.empty(); ++i) {
    Action action;
    action.kind = ActionKind::Fill;
    action.einsum = buffer.users[i];
    action.buffer = b;
    transfer(part, action, buffer.parent, b, id, coming.intersect(byUser[i]));
    coming = coming.subtract(byUser[i]);
  }
}

void Scheduler::transfer(Part &part, Action action, BufferId from, BufferId to,
                         InstanceId id, const BoxSet &elements) {
  for (unsigned i = 0; i < elements.boxes(); ++i) {
    action.sizes.clear();
    for (const Run &run : elements.box(i))
      action.sizes.push_back(run.n);
    action.places = {placeOf(from, id, elements.box(i)),
                     placeOf(to, id, elements.box(i))};
    roller.append(part, action);
  }
}

void Scheduler::finish(Part &part) {
  for (BufferId b = plan.buffers.size(); b-- > 0;)
    if (plan.buffers[b].parent != kNone && !plan.buffers[b].holdsEverything) {
      Member all{0, 0};
      evictAll(part, b, {&all, 1});
    }
}
