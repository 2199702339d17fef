//===- Walk.cpp - Control running through the tree ------------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Walk.h"

#include <algorithm>

namespace looptree::reference {

Walk::Walk(const Setting &setting, Memory *memory, Tally *tally,
           const EndingEntries *ending)
    : s(setting), w(setting.workload), tree(setting.tree), memory(memory),
      tally(tally), ending(ending),
      isV1(setting.convention == Convention::LoopTreeV1),
      opsLeft(setting.maxOps), made(w.tensors.size()), lost(w.tensors.size()),
      inWindow(w.tensors.size()), open(tree.slots.size()),
      costs(tree.nodes.size()) {
  costs[0].cycles = 0;
  for (NodeId id = 0; id < tree.nodes.size(); ++id)
    if (tree.isSequential(id) || tree.isPipeline(id))
      for (NodeId branch : tree.nodes[id].children)
        costs[branch].cycles = 0;
}

std::optional<Error> Walk::run() {
  const TreeNode &root = tree.nodes[0];
  Position start;
  start.places = {0};
  start.indices = {0};
  start.work.resize(w.einsums.size());
  for (EinsumId head : root.heads) {
    start.work[head].everything = true;
    start.work[head].box = s.spaces[head].wholeBox();
  }
  for (EinsumId e : root.group) {
    TensorId written = w.einsums[e].write.tensor;
    bool isHead =
        std::find(root.heads.begin(), root.heads.end(), e) != root.heads.end();
    if (w.tensors[written].kind == TensorKind::Output && !isHead)
      start.owed[written] = s.spaces[e].writtenElements();
  }
  BranchClock clock;
  if (!walk(0, {&start}, clock))
    return failure;
  if (!memory)
    return std::nullopt;
  std::optional<int64_t> cycles = cyclesOf(0, clock);
  if (!cycles)
    return tooManyCycles(0);
  totalCycles = *cycles;
  costs[0].cycles = *cycles;
  return memory->finish();
}

Error Walk::tooManyCycles(NodeId branch) const {
  std::string names;
  for (EinsumId e : tree.nodes[branch].group)
    names += (names.empty() ? "" : ", ") + w.einsums[e].name;
  return {"the cycles of " + names + " exceed 64 bit"};
}

bool Walk::fail(Error error) {
  failure = std::move(error);
  return false;
}

ElementSet &Walk::madeIn(TensorId tensor, InstanceId backing) {
  return made[tensor].at(
      backing, [&] { return ElementSet(size_t(sizeOf(w.tensors[tensor]))); });
}

bool Walk::walk(NodeId id, const Positions &at, BranchClock &clock) {
  ++costs[id].visits;
  return walkNode(id, at, clock);
}

bool Walk::walkNode(NodeId id, const Positions &at, BranchClock &clock) {
  return visit(
      *tree.nodes[id].node,
      [&](const For &loop) { return walkLoop(id, loop, at, clock); },
      [&](const SpatialFor &loop) {
        return walkSpatialLoop(id, loop, at, clock);
      },
      [&](const Retain &) { return walkRetain(id, at, clock); },
      [&](const Sequential &) { return walkSplit(id, at, clock); },
      [&](const Pipeline &) { return walkSplit(id, at, clock); },
      [&](const ComputeNode &compute) {
        return walkCompute(compute.einsum, at, clock);
      });
}

/// Tile `[lo, lo + step)` of an interval.
static Interval tileAt(const Interval &whole, int64_t lo, int64_t step) {
  return {lo, whole.hi - lo <= step ? whole.hi : lo + step};
}

bool Walk::walkLoop(NodeId id, const For &loop, const Positions &at,
                    BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  ScopeId inner = tree.nodes[node.children[0]].scope;
  struct Outside {
    Interval whole;
    int64_t next;
    Place place;
    Owed owed;
  };
  std::vector<Outside> outside;
  for (Position *p : at) {
    Interval whole = p->work[loop.einsum].box[loop.rank];
    // What is asked of the group from outside reaches its splits only where no
    // loop stands between.
    outside.push_back(
        {whole, whole.lo, placeOf(node.scope, *p), std::exchange(p->owed, {})});
    p->places.push_back(0);
    p->indices.push_back(0);
  }
  bool ok = true, any = true;
  Positions active;
  for (uint64_t index = 0; ok && any; ++index) {
    any = false;
    active.clear();
    for (size_t i = 0; i < at.size(); ++i) {
      Outside &o = outside[i];
      if (o.next >= o.whole.hi)
        continue;
      any = true;
      OpSet &head = at[i]->work[loop.einsum];
      Interval tile = tileAt(o.whole, o.next, loop.step);
      o.next = tile.hi;
      head.box[loop.rank] = tile;
      if (s.spaces[loop.einsum].isEmpty(head))
        continue;
      at[i]->places.back() = s.lookahead.enter(inner, o.place, index);
      at[i]->indices.back() = index;
      active.push_back(at[i]);
    }
    if (!active.empty())
      ok = walk(node.children[0], active, clock);
  }
  for (size_t i = 0; i < at.size(); ++i) {
    at[i]->work[loop.einsum].box[loop.rank] = outside[i].whole;
    at[i]->places.pop_back();
    at[i]->indices.pop_back();
    at[i]->owed = std::move(outside[i].owed);
  }
  return ok;
}

bool Walk::walkSpatialLoop(NodeId id, const SpatialFor &loop,
                           const Positions &at, BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  ScopeId inner = tree.nodes[node.children[0]].scope;
  std::vector<Position> spread;
  for (Position *p : at) {
    const Interval whole = p->work[loop.einsum].box[loop.rank];
    uint64_t index = 0;
    for (int64_t lo = whole.lo; lo < whole.hi; ++index) {
      Interval tile = tileAt(whole, lo, loop.step);
      lo = tile.hi;
      OpSet &head = p->work[loop.einsum];
      head.box[loop.rank] = tile;
      if (s.spaces[loop.einsum].isEmpty(head))
        continue;
      if (tally)
        tally->spreads(id, index);
      Position &one = spread.emplace_back();
      one.instance = s.instances.enter(id, p->instance, index);
      one.places = p->places;
      one.places.push_back(
          s.lookahead.enter(inner, placeOf(node.scope, *p), index));
      one.indices = p->indices;
      one.indices.push_back(index);
      one.work = p->work;
    }
    p->work[loop.einsum].box[loop.rank] = whole;
  }
  Positions all;
  for (Position &one : spread)
    all.push_back(&one);
  return all.empty() || walk(node.children[0], all, clock);
}

bool Walk::walkRetain(NodeId id, const Positions &at, BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  for (SlotId slot : node.slots)
    openWindows(slot, at);
  return walk(node.children[0], at, clock);
}

void Walk::openWindows(SlotId slot, const Positions &at) {
  const Slot &t = tree.slots[slot];
  bool isMade = t.isBacking() && tree.producers[t.tensor];
  auto &scratch = inWindow[t.tensor];
  while (scratch.size() < at.size())
    scratch.emplace_back(size_t(sizeOf(w.tensors[t.tensor])));
  std::vector<Memory::Visit> visits;
  open[slot].clear();
  for (size_t i = 0; i < at.size(); ++i) {
    const Position &p = *at[i];
    Place place = placeOf(t.scope, p);
    std::span<const Used> window = s.lookahead.window(slot, p.instance, place);
    if (tally)
      tally->opensWindow(slot, p.instance, window, *memory);
    if (!window.empty())
      open[slot].push_back({p.instance, place});
    // A visit that does not use the tensor leaves its buffer alone.
    if (window.empty() && (!t.noReuse || isV1))
      continue;
    ElementSet &in = scratch[i];
    for (const Used &used : window)
      in.insert(used.element);
    // The original keeps what the previous iteration of the nearest loop left,
    // and nothing across that loop's restart.
    bool restarts = isV1 && isMade && p.indices.size() > 1 &&
                    p.indices[tree.scopes[t.scope].depth] == 0;
    bool startsEmpty = t.noReuse || restarts;
    if (isMade) {
      ElementSet &kept = madeIn(t.tensor, p.instance);
      std::vector<Element> before = kept.members();
      for (Element e : before)
        if (startsEmpty || !in.contains(e))
          kept.erase(e);
    }
    visits.push_back({p.instance, window, &in, startsEmpty});
  }
  if (memory && !visits.empty())
    memory->enter(slot, visits);
  for (size_t i = 0; i < at.size(); ++i)
    scratch[i].clear();
}

void Walk::infer(NodeId split, Position &at) {
  for (NeedId id : tree.nodes[split].needs) {
    const Need &need = tree.needs[id];
    const Slot &backing = tree.slots[need.backing];
    InstanceId holder = instanceOf(backing.node, at.instance);
    ElementSet &kept = madeIn(need.tensor, holder);
    const ElementSet *gone = lost[need.tensor].find(holder);
    bool forgets = isV1 && backing.noReuse;
    auto make =
        std::make_shared<ElementSet>(size_t(sizeOf(w.tensors[need.tensor])));
    auto ask = [&](Element e) {
      if (kept.contains(e) && !forgets)
        return;
      make->insert(e);
      remade |= gone && gone->contains(e);
    };
    for (const Used &used :
         s.lookahead.need(id, at.instance, placeOf(need.scope, at)))
      ask(used.element);
    if (auto asked = at.owed.find(need.tensor); asked != at.owed.end()) {
      for (Element e : asked->second)
        ask(e);
      at.owed.erase(asked);
    }
    if (!need.decides) {
      at.owed[need.tensor] = make->members();
      continue;
    }
    if (forgets && memory)
      memory->forget(need.backing, holder, make->members());
    for (Element e : make->members())
      kept.insert(e);
    OpSet &ops = at.work[need.producer];
    ops.wanted = std::move(make);
    s.spaces[need.producer].boundWanted(ops);
  }
}

bool Walk::isEntered(NodeId branch, const Position &at) const {
  for (const auto &[tensor, elements] : at.owed)
    if (!elements.empty())
      return true;
  for (EinsumId head : tree.nodes[branch].heads)
    if (!s.spaces[head].isEmpty(at.work[head]))
      return true;
  return false;
}

void Walk::drop(const TreeNode::Contents &contents, const Positions &at) {
  std::vector<InstanceId> splits;
  for (const Position *p : at)
    splits.push_back(p->instance);
  if (memory)
    memory->drop(contents, splits);
}

/// Branches of a sequential lie over each other: entering one ends what the
/// others hold.
void Walk::enterBranch(NodeId split, size_t branch, const Positions &entering,
                       Positions &endingUnlisted) {
  const auto &branches = tree.nodes[split].children;
  for (size_t other = 0; other < branches.size(); ++other) {
    if (other == branch)
      continue;
    const TreeNode::Contents &contents = tree.nodes[branches[other]].contents;
    drop(contents, entering);
    for (SlotId slot : contents.slots)
      for (Position *p : entering)
        if (tree.slots[slot].isBacking() && other > branch) {
          if (!end(split, branch, *p, slot))
            endingUnlisted.push_back(p);
        } else if (tree.slots[slot].isBacking()) {
          made[tree.slots[slot].tensor].forEachIn(
              s.instances, p->instance,
              [](InstanceId, ElementSet &kept) { kept.clear(); });
        }
  }
}

/// Ends what a backing in a later branch holds.
bool Walk::end(NodeId split, size_t branch, const Position &at,
               SlotId backing) {
  TensorId tensor = tree.slots[backing].tensor;
  bool isListed = true;
  if (ending) {
    auto listed = ending->find({split, placeOf(tree.nodes[split].scope, at)});
    isListed = listed != ending->end() && listed->second[branch];
  }
  bool isAllowed = true;
  made[tensor].forEachIn(
      s.instances, at.instance, [&](InstanceId id, ElementSet &kept) {
        if (kept.empty())
          return;
        if (!isListed) {
          isAllowed = false;
          return;
        }
        if (!ending) {
          ElementSet &gone = lost[tensor].at(id, [&] {
            return ElementSet(size_t(sizeOf(w.tensors[tensor])));
          });
          for (Element e : kept.members())
            gone.insert(e);
          if (losing == kNone)
            losing = split;
        }
        kept.clear();
      });
  return isAllowed;
}

bool Walk::walkSplit(NodeId id, const Positions &at, BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  bool isSequential = tree.isSequential(id);
  std::vector<Owed> outer, here;
  for (Position *p : at) {
    outer.push_back(p->owed);
    infer(id, *p);
    here.push_back(std::move(p->owed));
  }
  std::vector<int64_t> times;
  std::vector<Positions> entering(node.children.size());
  Positions endingUnlisted;
  for (size_t b = 0; b < node.children.size(); ++b) {
    NodeId branch = node.children[b];
    const TreeNode &inside = tree.nodes[branch];
    for (size_t i = 0; i < at.size(); ++i) {
      at[i]->owed.clear();
      if (tree.nodes[inside.end].scope == node.scope)
        for (const auto &[tensor, elements] : here[i])
          if (tree.isInGroup(branch, *tree.producers[tensor]))
            at[i]->owed[tensor] = elements;
      if (isEntered(branch, *at[i]))
        entering[b].push_back(at[i]);
    }
    BranchClock branchClock;
    if (!entering[b].empty()) {
      if (isSequential && !isV1)
        enterBranch(id, b, entering[b], endingUnlisted);
      if (!walk(branch, entering[b], branchClock))
        return false;
      drop(inside.leaving, entering[b]);
    }
    if (!memory)
      continue;
    std::optional<int64_t> cycles = cyclesOf(branch, branchClock);
    if (!cycles || (isSequential &&
                    __builtin_add_overflow(clock.below, *cycles, &clock.below)))
      return fail(tooManyCycles(branch));
    int64_t &all = *costs[branch].cycles;
    if (__builtin_add_overflow(all, *cycles, &all))
      return fail(tooManyCycles(branch));
    times.push_back(*cycles);
  }
  for (size_t i = 0; i < at.size(); ++i)
    at[i]->owed = std::move(outer[i]);
  if (!isSequential && memory)
    addJob(id, at, std::move(times), clock);
  if (!endingUnlisted.empty() && !unlisted) {
    Position *first = endingUnlisted[0];
    unlisted.emplace(std::pair(id, placeOf(node.scope, *first)),
                     std::vector<bool>());
    for (const Positions &entered : entering)
      unlisted->second.push_back(
          std::find(entered.begin(), entered.end(), first) != entered.end());
  }
  if (losing == id) {
    losing = kNone;
    for (auto &ofTensor : lost)
      ofTensor.forEach([](ElementSet &gone) { gone.clear(); });
  }
  return true;
}

void Walk::addJob(NodeId pipeline, const Positions &at,
                  std::vector<int64_t> cycles, BranchClock &clock) {
  const TreeNode &node = tree.nodes[pipeline];
  Job job;
  job.cycles = std::move(cycles);
  for (const Crossing &crossing : node.crossings)
    job.windows.push_back(open[crossing.slot]);
  // The loop that is left out is the innermost in time.
  ScopeId scope = node.scope;
  while (scope != 0 && std::holds_alternative<SpatialFor>(
                           tree.nodes[tree.scopes[scope].loop].node->kind))
    scope = tree.scopes[scope].parent;
  job.outer = scope == 0 ? Place(clock.jobs.size())
                         : placeOf(tree.scopes[scope].parent, *at[0]);
  clock.jobs.push_back(std::move(job));
}

std::optional<int64_t> Walk::cyclesOf(NodeId branch, const BranchClock &clock) {
  NodeId end = tree.nodes[branch].end;
  if (const auto *compute =
          std::get_if<ComputeNode>(&tree.nodes[end].node->kind)) {
    const auto &rate =
        s.arch.compute.of(w.einsums[compute->einsum].kind).opsPerCycle;
    return rate ? ceilDivide(clock.steps, *rate) : 0;
  }
  if (tree.isSequential(end))
    return clock.below;
  if (clock.jobs.empty())
    return 0;
  Run run(tree, end, s.lookahead, clock.jobs);
  if (!run.schedule())
    return std::nullopt;
  if (branch == 0) {
    fill = run.fill();
    drain = run.drain();
  }
  if (isV1)
    return run.originalLatency();
  const auto &crossings = tree.nodes[end].crossings;
  for (size_t c = 0; c < crossings.size(); ++c)
    run.forEachHeld(c, [&](const std::vector<Element> &elements) {
      tally->holds(crossings[c].slot, elements);
    });
  return run.makespan();
}

bool Walk::walkCompute(EinsumId einsum, const Positions &at,
                       BranchClock &clock) {
  const OpSpace &space = s.spaces[einsum];
  // Points are counted from the corner of each instance's own tile.
  Box reach(space.einsum().ranks.size());
  for (const Position *p : at)
    for (size_t r = 0; r < p->work[einsum].box.size(); ++r) {
      const Interval &bound = p->work[einsum].box[r];
      reach[r].hi = std::max(reach[r].hi, bound.hi - bound.lo);
    }
  Point step;
  if (!firstPoint(reach, step))
    return true;
  RegisterId firstRegister = tree.firstRegister[einsum];
  std::vector<Memory::Op> ops;
  Point point(step.size());
  do {
    if (--opsLeft < 0)
      return fail({"the mapping runs more than " + std::to_string(s.maxOps) +
                   " ops, the most that the simulator visits"});
    ops.clear();
    for (const Position *p : at) {
      const OpSet &work = p->work[einsum];
      bool isInside = work.box.size() == step.size();
      for (size_t r = 0; isInside && r < step.size(); ++r) {
        point[r] = work.box[r].lo + step[r];
        isInside = point[r] < work.box[r].hi;
      }
      if (!isInside || !space.contains(work, point))
        continue;
      if (memory) {
        ops.push_back({p->instance, point});
        tally->runs(einsum, space.flat(point));
        continue;
      }
      RegisterId reg = firstRegister;
      for (const AccessMap &read : space.reads()) {
        if (Element e = read.at(point); e != kNoElement)
          s.lookahead.use(reg, e, p->instance, p->places);
        ++reg;
      }
      s.lookahead.use(reg, space.write().at(point), p->instance, p->places);
    }
    if (ops.empty())
      continue;
    ++clock.steps;
    if (std::optional<Error> error = memory->step(einsum, ops))
      return fail(std::move(*error));
  } while (nextPoint(reach, step));
  return true;
}

} // namespace looptree::reference
