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

Walk::Walk(const Workload &workload, const Arch &arch, const Tree &tree,
           const std::vector<OpSpace> &spaces, Lookahead &lookahead,
           Memory *memory, Tally *tally, int64_t maxOps)
    : w(workload), arch(arch), tree(tree), spaces(spaces), lookahead(lookahead),
      memory(memory), tally(tally), opsLeft(maxOps) {
  for (const Tensor &tensor : w.tensors) {
    made.emplace_back(size_t(sizeOf(tensor)));
    inWindow.emplace_back(size_t(sizeOf(tensor)));
  }
  for (const Einsum &einsum : w.einsums)
    work.push_back(
        {{},
         false,
         ElementSet(size_t(sizeOf(w.tensors[einsum.write.tensor])))});
}

std::optional<Error> Walk::run() {
  const TreeNode &root = tree.nodes[0];
  for (EinsumId head : root.heads) {
    work[head].everything = true;
    work[head].box = spaces[head].wholeBox();
  }
  for (EinsumId e : root.group) {
    TensorId written = w.einsums[e].write.tensor;
    bool isHead =
        std::find(root.heads.begin(), root.heads.end(), e) != root.heads.end();
    if (w.tensors[written].kind == TensorKind::Output && !isHead)
      owed[written] = spaces[e].writtenElements();
  }
  places = {0};
  BranchClock clock;
  if (!walk(0, clock))
    return failure;
  std::optional<int64_t> cycles = clock.cycles(tree, w, arch, 0);
  if (!cycles)
    return Error{"the latency exceeds 64 bit"};
  totalCycles = *cycles;
  return memory ? memory->finish() : std::nullopt;
}

bool Walk::fail(Error error) {
  failure = std::move(error);
  return false;
}

bool Walk::walk(NodeId id, BranchClock &clock) {
  return visit(
      *tree.nodes[id].node,
      [&](const For &loop) { return walkLoop(id, loop, clock); },
      [&](const SpatialFor &) {
        return fail({"spatial_for is not covered yet"});
      },
      [&](const Retain &) { return walkRetain(id, clock); },
      [&](const Sequential &) { return walkSequential(id, clock); },
      [&](const Pipeline &) { return fail({"pipeline is not covered yet"}); },
      [&](const ComputeNode &compute) {
        return walkCompute(id, compute.einsum, clock);
      });
}

bool Walk::walkLoop(NodeId id, const For &loop, BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  ScopeId inner = tree.nodes[node.children[0]].scope;
  OpSet &head = work[loop.einsum];
  const Interval whole = head.box[loop.rank];
  // What is asked of the group from outside reaches its splits only where no
  // loop stands between.
  Owed outer = std::exchange(owed, {});
  Place outerPlace = placeOf(node.scope);
  places.push_back(0);
  bool ok = true;
  uint64_t index = 0;
  for (int64_t lo = whole.lo; ok && lo < whole.hi; ++index) {
    int64_t hi = whole.hi - lo <= loop.step ? whole.hi : lo + loop.step;
    head.box[loop.rank] = {lo, hi};
    lo = hi;
    if (spaces[loop.einsum].isEmpty(head))
      continue;
    places.back() = lookahead.enter(inner, outerPlace, index);
    ok = walk(node.children[0], clock);
  }
  head.box[loop.rank] = whole;
  places.pop_back();
  owed = std::move(outer);
  return ok;
}

bool Walk::walkRetain(NodeId id, BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  for (SlotId slot : node.slots)
    openWindow(slot);
  return walk(node.children[0], clock);
}

void Walk::openWindow(SlotId slot) {
  const Slot &s = tree.slots[slot];
  std::span<const Used> window = lookahead.window(slot, placeOf(s.scope));
  if (tally)
    tally->opensWindow(slot, window, *memory);
  if (window.empty() && !s.noReuse)
    return; // A visit that does not use the tensor leaves its buffer alone.
  ElementSet &in = inWindow[s.tensor];
  for (const Used &used : window)
    in.insert(used.element);
  if (s.isBacking()) {
    ElementSet &kept = made[s.tensor];
    std::vector<Element> before = kept.members();
    for (Element e : before)
      if (s.noReuse || !in.contains(e))
        kept.erase(e);
  }
  if (memory)
    memory->enter(slot, window, in);
  in.clear();
}

void Walk::infer(NodeId split) {
  for (NeedId id : tree.nodes[split].needs) {
    const Need &need = tree.needs[id];
    ElementSet &kept = made[need.tensor];
    ElementSet &make = work[need.producer].wanted;
    make.clear();
    auto ask = [&](Element e) {
      if (!kept.contains(e))
        make.insert(e);
    };
    for (const Used &used : lookahead.need(id, placeOf(need.scope)))
      ask(used.element);
    if (auto asked = owed.find(need.tensor); asked != owed.end()) {
      for (Element e : asked->second)
        ask(e);
      owed.erase(asked);
    }
    if (!need.decides) {
      owed[need.tensor] = make.members();
      continue;
    }
    for (Element e : make.members())
      kept.insert(e);
    spaces[need.producer].boundWanted(work[need.producer]);
  }
}

bool Walk::isEntered(NodeId branch, const Owed &owedToBranch) const {
  for (const auto &[tensor, elements] : owedToBranch)
    if (!elements.empty())
      return true;
  for (EinsumId head : tree.nodes[branch].heads)
    if (!spaces[head].isEmpty(work[head]))
      return true;
  return false;
}

void Walk::drop(const TreeNode::Contents &contents) {
  if (memory)
    memory->drop(contents);
  for (SlotId slot : contents.slots)
    if (tree.slots[slot].isBacking())
      made[tree.slots[slot].tensor].clear();
}

bool Walk::walkSequential(NodeId id, BranchClock &clock) {
  const TreeNode &node = tree.nodes[id];
  Owed outer = owed;
  infer(id);
  Owed here = std::move(owed);
  SplitTime time;
  bool ok = true;
  for (NodeId branch : node.children) {
    owed.clear();
    const TreeNode &inside = tree.nodes[branch];
    if (tree.nodes[inside.end].scope == node.scope)
      for (const auto &[tensor, elements] : here)
        if (tree.isInGroup(branch, *tree.producers[tensor]))
          owed[tensor] = elements;
    if (!isEntered(branch, owed))
      continue;
    for (NodeId other : node.children)
      if (other != branch)
        drop(tree.nodes[other].contents);
    BranchClock branchClock;
    if (!(ok = walk(branch, branchClock)))
      break;
    std::optional<int64_t> cycles = branchClock.cycles(tree, w, arch, branch);
    if (!cycles || !time.add(*cycles)) {
      ok = fail({"the latency exceeds 64 bit"});
      break;
    }
    drop(inside.leaving);
  }
  owed = std::move(outer);
  if (ok && !clock.addSplitVisit(time))
    ok = fail({"the latency exceeds 64 bit"});
  return ok;
}

bool Walk::walkCompute(NodeId, EinsumId einsum, BranchClock &clock) {
  const OpSpace &space = spaces[einsum];
  const OpSet &ops = work[einsum];
  Point point;
  if (ops.box.size() != space.einsum().ranks.size() ||
      !firstPoint(ops.box, point))
    return true;
  int64_t steps = 0;
  RegisterId firstRegister = tree.firstRegister[einsum];
  do {
    if (--opsLeft < 0)
      return fail({"the mapping runs more ops than the simulator may visit"});
    if (!space.contains(ops, point))
      continue;
    ++steps;
    if (memory) {
      if (std::optional<Error> error = memory->step(einsum, point))
        return fail(std::move(*error));
      tally->runs(einsum, space.flat(point));
      continue;
    }
    RegisterId reg = firstRegister;
    for (const AccessMap &read : space.reads()) {
      if (Element e = read.at(point); e != kNoElement)
        lookahead.use(reg, e, places);
      ++reg;
    }
    lookahead.use(reg, space.write().at(point), places);
  } while (nextPoint(ops.box, point));
  clock.addLeafVisit(steps);
  return true;
}

} // namespace looptree::reference
