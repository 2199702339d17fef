//===- ScheduleOps.cpp - Boxes of ops ---------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AccessSets.h"
#include "Scheduler.h"

#include <cassert>

using namespace looptree;

void Scheduler::compute(Part &part, EinsumId e, const Visit &visit) {
  std::vector<Member> members;
  for (const Member &member : membersOf(visit))
    if (!tree.ops[visit.data + member.position].empty())
      members.push_back(member);
  if (members.empty())
    return;
  // Side by side where no two write the same element.
  const Einsum &einsum = plan.workload.einsums[e];
  const Tensor &tensor = plan.workload.tensors[einsum.write.tensor];
  BufferId into = plan.operands[plan.einsums[e].result].buffer;
  bool isParallel = true;
  if (members.size() > 1 &&
      plan.buffers[into].spatialAbove < tree.instances[members[0].id].depth) {
    std::map<InstanceId, BoxSet> all;
    for (const Member &member : members) {
      BoxSet written = elementsOf(tree.ops[visit.data + member.position],
                                  einsum.write, tensor);
      auto [known, isNew] = all.insert(
          {tree.instances.prefix(member.id, plan.buffers[into].spatialAbove),
           written});
      if (isNew)
        continue;
      isParallel &= known->second.intersect(written).empty();
      known->second.unite(written);
    }
  }
  part.append(inLoops<Member>(members, isParallel, [&](const Member &member) {
    unsigned at = visit.data + member.position;
    return computeInLanes(e, member.id, tree.ops[at], tree.corners[at], 0);
  }));
}

/// The indices along a lane at which tiles are alike whatever their position:
/// [first, end) of whole tiles, whose reads lie in their tensors and whose
/// results have all been begun, or none of them. Empty when ops are no box.
std::pair<int64_t, int64_t> Scheduler::alikeTiles(EinsumId e, InstanceId id,
                                                  const BoxSet &ops,
                                                  const Lane &lane) {
  constexpr std::pair<int64_t, int64_t> none = {0, 0};
  if (ops.boxes() != 1 || ops.box(0)[lane.rank].stride != 1)
    return none;
  const Einsum &einsum = plan.workload.einsums[e];
  const Contents &held = copy(plan.operands[plan.einsums[e].result].buffer, id);
  BoxSet written =
      elementsOf(ops, einsum.write, plan.workload.tensors[einsum.write.tensor]);
  int64_t begun = written.subtract(held.value).size();
  if (begun != 0 && begun != written.size())
    return none;
  auto box = ops.box(0);
  int64_t first = box[lane.rank].lo, end = box[lane.rank].last() + 1;
  for (const Access &read : einsum.reads)
    for (size_t d = 0; d < read.index.size(); ++d) {
      int64_t lo = read.index[d].constant, last = lo, coefficient = 0;
      for (const LinearExpr::Term &term : read.index[d].terms)
        if (term.rank == lane.rank) {
          coefficient += term.coefficient;
        } else {
          lo += term.coefficient * box[term.rank].lo;
          last += term.coefficient * box[term.rank].last();
        }
      if (coefficient == 0)
        continue;
      int64_t size = plan.workload.tensors[read.tensor].shape[d];
      while (first < end && lo + coefficient * first < 0)
        ++first;
      while (first < end && last + coefficient * (end - 1) >= size)
        --end;
    }
  return {first, end};
}

/// What tiles that are alike do is found out from the first few.
Part Scheduler::computeInLanes(EinsumId e, InstanceId id, const BoxSet &ops,
                               const Coords &corner, size_t depth) {
  if (depth == lanes[e].size())
    return compute(e, id, ops);
  const Lane &lane = lanes[e][depth];
  const Access &write = plan.workload.einsums[e].write;
  bool isParallel = false;
  for (const LinearExpr &expr : write.index)
    for (const LinearExpr::Term &term : expr.terms)
      isParallel |= term.rank == lane.rank;
  auto [alikeFrom, alikeTo] = alikeTiles(e, id, ops, lane);
  auto [lo, end] = ops.bounds()[lane.rank];
  int64_t at = corner[lane.rank];
  at += (lo - at) / lane.step * lane.step;
  Roller::Loop loop(roller, isParallel, lane.fanout);
  // The first one may begin what others add to.
  int64_t alike = -1;
  for (; at < end; at += lane.step) {
    bool isAlike = alikeFrom <= at && at + lane.step <= alikeTo;
    alike = isAlike ? alike + 1 : -1;
    if (alike > 2 && loop.isRolling()) {
      int64_t more = (alikeTo - at) / lane.step;
      loop.addAlike(more);
      at += (more - 1) * lane.step;
      continue;
    }
    std::vector<Run> slab;
    for (auto [from, to] : ops.bounds())
      slab.push_back(makeRun(from, to - from, 1));
    slab[lane.rank] = makeRun(at, lane.step, 1);
    BoxSet all(ops.dims());
    all.append(slab);
    BoxSet tile = ops.intersect(all);
    if (!tile.empty())
      loop.add(computeInLanes(e, id, tile, corner, depth + 1));
  }
  Contents &held = copy(plan.operands[plan.einsums[e].result].buffer, id);
  BoxSet written = elementsOf(ops, write, plan.workload.tensors[write.tensor]);
  held.value.unite(written);
  held.dirty.unite(written);
  held.away = held.away.subtract(written);
  return loop.finish();
}

static int64_t sizeOf(std::span<const Run> box) {
  int64_t size = 1;
  for (const Run &run : box)
    size *= run.n;
  return size;
}

Part Scheduler::compute(EinsumId e, InstanceId id, const BoxSet &ops) {
  Part part;
  const Einsum &einsum = plan.workload.einsums[e];
  const EinsumPlan &info = plan.einsums[e];
  const Tensor &tensor = plan.workload.tensors[einsum.write.tensor];
  Contents &held = copy(plan.operands[info.result].buffer, id);
  BoxSet written = elementsOf(ops, einsum.write, tensor);
  BoxSet begun = written.subtract(held.value);
  // An element begins with its first op. Where another instance has that one,
  // it begins as the neutral element; where another instance began it, what it
  // begins as is added.
  BoxSet first = opsAt(ops, info.reductionRanks, 0);
  BoxSet beginning = first.intersect(opsWriting(begun, einsum));
  begin(part, e, id, beginning, Action::Begun::New);
  if (beginning.size() != begun.size()) {
    BoxSet rest = begun.subtract(elementsOf(beginning, einsum.write, tensor));
    begin(part, e, id, opsAt(opsWriting(rest, einsum), info.reductionRanks, 0),
          Action::Begun::Neutral);
  }
  if (beginning.size() != first.size())
    begin(part, e, id, first.subtract(beginning), Action::Begun::Added);

  int64_t skipped = 0;
  for (unsigned i = 0; i < ops.boxes(); ++i)
    for (const Piece &piece : cutAtBorders(ops.box(i), einsum, plan.workload))
      if (isSkipped(e, piece))
        skipped += sizeOf(piece.ops);
      else
        run(part, e, id, piece);
  if (skipped > 0) {
    Action action;
    action.kind = ActionKind::Skip;
    action.einsum = e;
    action.elements = skipped;
    roller.append(part, action);
  }
  held.value.unite(written);
  held.dirty.unite(written);
  held.away = held.away.subtract(written);
  return part;
}

bool Scheduler::isSkipped(EinsumId e, const Piece &piece) const {
  for (size_t k = 0; k < piece.isOutside.size(); ++k)
    if (piece.isOutside[k] && !(e < runsOutside.size() &&
                                k < runsOutside[e].size() && runsOutside[e][k]))
      return true;
  return false;
}

static Action onOps(ActionKind kind, EinsumId e, std::span<const Run> ops) {
  Action action;
  action.kind = kind;
  action.einsum = e;
  for (const Run &run : ops) {
    action.sizes.push_back(run.n);
    action.first.push_back({run.lo, {}});
    action.stride.push_back(run.stride);
  }
  return action;
}

void Scheduler::begin(Part &part, EinsumId e, InstanceId id,
                      const BoxSet &first, Action::Begun how) {
  const Einsum &einsum = plan.workload.einsums[e];
  const EinsumPlan &info = plan.einsums[e];
  unsigned init = kNone;
  for (unsigned k = 0; k < einsum.reads.size(); ++k)
    if (einsum.reads[k].isInit && how != Action::Begun::Neutral)
      init = k;
  if (!first.empty() && how != Action::Begun::New)
    result.combines[e] = true;
  for (unsigned i = 0; i < first.boxes(); ++i) {
    auto pieces =
        init == kNone
            ? std::vector<Piece>{{{first.box(i).begin(), first.box(i).end()},
                                  {}}}
            : cutAtBorders(first.box(i), einsum, plan.workload, init);
    for (const Piece &piece : pieces) {
      Action action = onOps(ActionKind::Begin, e, piece.ops);
      action.begun = how;
      action.places.push_back(placeOf(plan.operands[info.result].buffer, id,
                                      piece.ops, einsum.write, false));
      if (init != kNone)
        action.places.push_back(placeOf(plan.operands[info.reads[init]].buffer,
                                        id, piece.ops, einsum.reads[init],
                                        piece.isOutside[init]));
      roller.append(part, action);
    }
  }
}

void Scheduler::run(Part &part, EinsumId e, InstanceId id, const Piece &piece) {
  const Einsum &einsum = plan.workload.einsums[e];
  const EinsumPlan &info = plan.einsums[e];
  Action action = onOps(ActionKind::Run, e, piece.ops);
  action.places.push_back(placeOf(plan.operands[info.result].buffer, id,
                                  piece.ops, einsum.write, false));
  for (unsigned k = 0; k < einsum.reads.size(); ++k)
    if (!einsum.reads[k].isInit)
      action.places.push_back(placeOf(plan.operands[info.reads[k]].buffer, id,
                                      piece.ops, einsum.reads[k],
                                      piece.isOutside[k]));
  roller.append(part, action);
}
