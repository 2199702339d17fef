//===- Leaf.cpp - One visit of a compute ---------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Leaf.h"

#include "AccessSets.h"
#include "Pieces.h"

#include <algorithm>
#include <set>

using namespace looptree;

namespace {

/// Accumulators that have to be walked op by op are, up to this many ops.
constexpr int64_t kMaxWalkedOps = int64_t(1) << 24;

std::span<const int64_t> coordsOf(const Coords &coords) {
  return {coords.data(), coords.size()};
}

/// The element an access has at the corner of a tile.
Coords baseAt(const Access &access, const Coords &corner) {
  Coords base;
  for (const LinearExpr &expr : access.index) {
    int64_t x = expr.constant;
    for (const auto &term : expr.terms)
      x += term.coefficient * corner[term.rank];
    base.push_back(x);
  }
  return base;
}

/// The access for ops counted from a corner.
Access accessFrom(const Access &access, const Coords &base) {
  Access moved = access;
  for (size_t d = 0; d < base.size(); ++d)
    moved.index[d].constant = base[d];
  return moved;
}

/// The lexicographically first, or last, point of a set that is not empty.
Coords extreme(const BoxSet &set, bool last) {
  Coords best;
  for (unsigned i = 0; i < set.boxes(); ++i) {
    Coords point;
    for (const Run &run : set.box(i))
      point.push_back(last ? run.last() : run.lo);
    if (i == 0 || CoordsLess()(best, point) == last)
      best = point;
  }
  return best;
}

} // namespace

void Leaf::addShape(Team &team, const BoxSet &ops, const Coords &corner) {
  BoxSet shape = ops;
  for (unsigned r = 0; r < shape.dims(); ++r)
    shape.move(r, -corner[r]);
  auto same = std::find(team.shapes.begin(), team.shapes.end(), shape);
  team.shapeOf.push_back(unsigned(same - team.shapes.begin()));
  if (same == team.shapes.end())
    team.shapes.push_back(std::move(shape));
}

int64_t Leaf::run(EinsumId e, const Visit &visit) {
  Team team;
  int64_t ops = 0;
  bool together = visit.instances > 1;
  for (unsigned i = 0; i < visit.instances; ++i) {
    const BoxSet &mine = tree.ops[visit.data + i];
    if (mine.empty())
      continue;
    team.ids.push_back(tree.order[visit.firstInstance + i]);
    team.ops.push_back(&mine);
    team.corners.push_back(&tree.corners[visit.data + i]);
    ops += counts.sizeOf(mine, counts.folding.ranks[e]);
    if (together)
      addShape(team, mine, *team.corners.back());
  }
  if (team.ids.empty())
    return 0;
  counts.bump(opsRun[e], ops);
  if (plan.isV1()) {
    countByOp(e, team);
    memory.isSilent = true;
  }
  for (unsigned k = 0; k < plan.workload.einsums[e].reads.size(); ++k)
    read(e, k, team);
  if (!failure.empty())
    return 0;
  write(e, team);
  memory.isSilent = false;
  if (!together)
    return ops;
  BoxSet steps = team.shapes[0];
  for (size_t i = 1; i < team.shapes.size(); ++i)
    steps.unite(team.shapes[i]);
  return steps.size();
}

/// looptree-v1: a read for every operand and op, a read and a write of the
/// result for every op, by each instance.
void Leaf::countByOp(EinsumId e, const Team &team) {
  const Einsum &einsum = plan.workload.einsums[e];
  auto count = [&](unsigned operand, InstanceId id, int64_t Traffic::*what,
                   int64_t n) {
    BufferId b = plan.operands[operand].buffer;
    memory.count(b, memory.copy(b, id), e, what, n);
  };
  for (size_t i = 0; i < team.ids.size(); ++i) {
    for (unsigned k = 0; k < einsum.reads.size(); ++k) {
      BoxSet ops = einsum.reads[k].isInit
                       ? opsAt(*team.ops[i], plan.einsums[e].reductionRanks, 0)
                       : *team.ops[i];
      int64_t inside = 0;
      for (unsigned b = 0; b < ops.boxes(); ++b)
        for (const Piece &piece : cutAtBorders(std::as_const(ops).box(b),
                                               einsum, plan.workload, k)) {
          int64_t size = 1;
          for (const Run &run : piece.ops)
            size *= run.n;
          inside += piece.isOutside[k] ? 0 : size;
        }
      count(plan.einsums[e].reads[k], team.ids[i], &Traffic::reads, inside);
    }
    int64_t all = team.ops[i]->size();
    count(plan.einsums[e].result, team.ids[i], &Traffic::reads, all);
    count(plan.einsums[e].result, team.ids[i], &Traffic::writes, all);
  }
}

std::vector<Leaf::Sharing> Leaf::sharing(const Operand &operand,
                                         const Access &access, const Team &team,
                                         bool byWay) const {
  unsigned depth = plan.buffers[operand.buffer].spatialAbove;
  std::vector<Sharing> groups;
  std::map<std::pair<InstanceId, std::vector<int64_t>>, unsigned> known;
  for (unsigned i = 0; i < team.ids.size(); ++i) {
    Sharing mine{tree.instances.prefix(team.ids[i], depth), {}, {}, {}};
    mine.base = baseAt(access, *team.corners[i]);
    if (byWay)
      mine.way = memory.way(team.ids[i], depth, &Level::multicast);
    std::vector<int64_t> key(mine.base.begin(), mine.base.end());
    key.insert(key.end(), mine.way.begin(), mine.way.end());
    auto [found, isNew] =
        known.insert({{mine.copy, key}, unsigned(groups.size())});
    if (isNew)
      groups.push_back(std::move(mine));
    groups[found->second].members.push_back(i);
  }
  return groups;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

void Leaf::read(EinsumId e, unsigned k, const Team &team) {
  const Access &access = plan.workload.einsums[e].reads[k];
  const EinsumPlan &info = plan.einsums[e];
  unsigned operand = info.reads[k];
  if (!access.isInit) {
    if (team.shapes.empty())
      readAlone(operand, access, team.ids[0], *team.ops[0]);
    else
      readTogether(operand, access, team);
    return;
  }
  // The ops that take an init.
  std::vector<BoxSet> beginning;
  for (const BoxSet *ops : team.ops)
    beginning.push_back(opsAt(*ops, info.reductionRanks, 0));
  if (team.shapes.empty())
    return readAlone(operand, access, team.ids[0], beginning[0]);
  Team taking;
  for (size_t i = 0; i < team.ids.size(); ++i)
    if (!beginning[i].empty()) {
      taking.ids.push_back(team.ids[i]);
      taking.ops.push_back(&beginning[i]);
      taking.corners.push_back(team.corners[i]);
      addShape(taking, beginning[i], *team.corners[i]);
    }
  readTogether(operand, access, taking);
}

void Leaf::checkHeld(unsigned operand, const Access &access, InstanceId id,
                     const BoxSet &ops) {
  const Operand &info = plan.operands[operand];
  if (plan.tensors[info.tensor].producer == kNone || !failure.empty())
    return;
  Memory::Copy &copy = memory.copy(info.buffer, id);
  BoxSet missing =
      elementsOf(ops, access, plan.workload.tensors[info.tensor])
          .subtract(memory.tracks(info.tensor)
                        ? memory.complete(info.buffer, copy)
                        : copy.value);
  if (missing.empty())
    return;
  std::string element;
  for (const Run &run : missing.box(0))
    element += (element.empty() ? "" : ", ") + std::to_string(run.lo);
  failure =
      "incomplete: " + plan.workload.einsums[info.einsum].name + " reads " +
      plan.workload.tensors[info.tensor].name + "[" + element + "], which " +
      plan.arch.levels[plan.buffers[info.buffer].level].name + " does not hold";
}

/// Changes of an access over a walk, in the workload as given.
int64_t Leaf::changesOf(const OperandWalk &walk, EinsumId e, const BoxSet &ops,
                        const Access &access, TensorId t) {
  const auto &axes = counts.folding.ranks[e];
  if (!counts.isFolded(axes))
    return walk.changes;
  return walkOperand(counts.unfoldSet(ops, axes), access, unfolded.tensors[t])
      .changes;
}

void Leaf::readAlone(unsigned operand, const Access &access, InstanceId id,
                     const BoxSet &ops) {
  const Operand &info = plan.operands[operand];
  OperandWalk walk =
      walkOperand(ops, access, plan.workload.tensors[info.tensor]);
  if (walk.changes == 0)
    return;
  checkHeld(operand, access, id, ops);
  int64_t changes = changesOf(walk, info.einsum, ops, access, info.tensor);
  auto &held = memory.registers(operand)[id].element;
  changes -= held && *held == walk.first ? 1 : 0;
  held = walk.last;
  memory.count(info.buffer, memory.copy(info.buffer, id), info.einsum,
               &Traffic::reads, changes);
}

void Leaf::readTogether(unsigned operand, const Access &access,
                        const Team &team) {
  const Operand &info = plan.operands[operand];
  const Tensor &tensor = plan.workload.tensors[info.tensor];
  auto &registers = memory.registers(operand);
  for (size_t i = 0; i < team.ids.size() && failure.empty(); ++i)
    checkHeld(operand, access, team.ids[i], *team.ops[i]);
  for (const Sharing &group : sharing(info, access, team, true)) {
    // Members with the same ops that hold the same element are as one.
    std::vector<WalkerClass> classes;
    std::vector<unsigned> shapes, classOf;
    for (unsigned i : group.members) {
      unsigned shape = team.shapeOf[i];
      auto &held = registers[team.ids[i]].element;
      size_t c = 0;
      while (c < classes.size() &&
             (shapes[c] != shape || classes[c].held != held))
        ++c;
      classOf.push_back(unsigned(c));
      if (c < classes.size())
        continue;
      classes.push_back({&team.shapes[shape], held});
      shapes.push_back(shape);
    }
    SharedWalk walk =
        walkTogether(classes, accessFrom(access, group.base), tensor);
    memory.count(info.buffer, memory.copy(info.buffer, group.copy), info.einsum,
                 &Traffic::reads, walk.changes);
    for (size_t m = 0; m < group.members.size(); ++m)
      registers[team.ids[group.members[m]]].element = walk.last[classOf[m]];
  }
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void Leaf::write(EinsumId e, const Team &team) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Access &access = plan.workload.einsums[e].write;
  if (team.shapes.empty() &&
      memory.registers(plan.einsums[e].result).size() <= 1) {
    const Tensor &tensor = plan.workload.tensors[info.tensor];
    const BoxSet &ops = *team.ops[0];
    unsigned depth = plan.buffers[info.buffer].spatialAbove;
    Sharing alone{tree.instances.prefix(team.ids[0], depth), {}, {}, {0}};
    writeGroup(e, team, alone, elementsOf(ops, access, tensor),
               walkOperand(ops, access, tensor));
    return;
  }
  // Instances that write into one copy.
  std::vector<Sharing> all = sharing(info, access, team, false);
  std::sort(all.begin(), all.end(), [](const Sharing &a, const Sharing &b) {
    return std::pair(a.copy, a.members[0]) < std::pair(b.copy, b.members[0]);
  });
  for (size_t from = 0; from < all.size();) {
    size_t to = from;
    std::vector<Sharing> groups;
    for (; to < all.size() && all[to].copy == all[from].copy; ++to)
      groups.push_back(all[to]);
    if (!writeInGroups(e, team, groups)) {
      std::vector<unsigned> members;
      for (const Sharing &group : groups)
        members.insert(members.end(), group.members.begin(),
                       group.members.end());
      std::sort(members.begin(), members.end());
      writeOneByOne(e, team, all[from].copy, members);
    }
    from = to;
  }
}

/// Whether an element is written, left and written again.
bool Leaf::recurs(const BoxSet &ops, const Einsum &einsum,
                  const Coords &element) const {
  BoxSet mine =
      ops.intersect(opsWriting(BoxSet::point(coordsOf(element)), einsum));
  BoxSet others = ops.subtract(mine);
  return !others.empty() &&
         CoordsLess()(extreme(mine, false), extreme(others, true));
}

/// False when a group's accumulators cannot be counted as one, apart from all
/// others; nothing has been done then.
bool Leaf::writeInGroups(EinsumId e, const Team &team,
                         std::vector<Sharing> &groups) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Access &access = plan.workload.einsums[e].write;
  const Tensor &tensor = plan.workload.tensors[info.tensor];
  auto &registers = memory.registers(plan.einsums[e].result);
  std::vector<BoxSet> written;
  std::vector<OperandWalk> walks;
  BoxSet all(tensor.shape.size());
  int64_t sum = 0;
  std::set<Coords, CoordsLess> leaving;
  std::set<InstanceId> members;
  for (const Sharing &group : groups) {
    unsigned first = group.members[0];
    const Memory::Register &held = registers[team.ids[first]];
    written.push_back(elementsOf(*team.ops[first], access, tensor));
    walks.push_back(walkOperand(*team.ops[first], access, tensor));
    all.unite(written.back());
    sum += written.back().size();
    for (unsigned i : group.members) {
      members.insert(team.ids[i]);
      if (registers[team.ids[i]].element != held.element ||
          (!team.shapes.empty() && team.shapeOf[i] != team.shapeOf[first]))
        return false;
    }
    if (held.element && *held.element != walks.back().first &&
        !leaving.insert(*held.element).second)
      return false;
  }
  // Groups write different elements, and none that another instance holds.
  if (all.size() != sum)
    return false;
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto &held = registers[team.ids[groups[g].members[0]]].element;
    if (held && all.contains(coordsOf(*held)) &&
        !written[g].contains(coordsOf(*held)))
      return false;
  }
  if (registers.size() > members.size()) {
    for (const auto &[id, reg] : registers)
      if (reg.element && !members.count(id) &&
          tree.instances.isWithin(id, groups[0].copy) &&
          (all.contains(coordsOf(*reg.element)) || leaving.count(*reg.element)))
        return false;
  }
  for (size_t g = 0; g < groups.size(); ++g)
    writeGroup(e, team, groups[g], written[g], walks[g]);
  return true;
}

/// Instances that write the same elements at the same steps.
void Leaf::writeGroup(EinsumId e, const Team &team, const Sharing &group,
                      const BoxSet &written, const OperandWalk &walk) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Einsum &einsum = plan.workload.einsums[e];
  TensorId t = info.tensor;
  const BoxSet &ops = *team.ops[group.members[0]];
  auto &registers = memory.registers(plan.einsums[e].result);
  Memory::Copy &copy = memory.copy(info.buffer, group.copy);
  unsigned depth = plan.buffers[info.buffer].spatialAbove;
  int64_t changes = changesOf(walk, e, ops, einsum.write, t);

  bool tracks = memory.tracks(t);
  Sums own; // Ops of runs that begin and end here, by each member.
  if (tracks)
    own = opsPerElement(ops, einsum.write, plan.workload.tensors[t]);
  auto without = [&](const Coords &element, int64_t n) {
    own.add(BoxSet::point(coordsOf(element)), -n);
    return n;
  };

  // What was held before leaves at the first step, unless it is gone on with.
  auto leave = [&](const Coords &element) {
    BoxSet point = BoxSet::point(coordsOf(element));
    std::vector<Memory::Part> parts;
    for (unsigned i : group.members) {
      const Memory::Register &reg = registers[team.ids[i]];
      Memory::Part part{
          team.ids[i], point, reg.isCurrent ? point : BoxSet(point.dims()), {}};
      if (tracks)
        part.delta.add(point, reg.delta);
      parts.push_back(std::move(part));
    }
    memory.merge(info.buffer, group.copy, e, parts);
  };
  auto &held = registers[team.ids[group.members[0]]].element;
  bool goesOn = held && *held == walk.first;
  if (held && !goesOn)
    leave(*held);
  int64_t begun = changes - goesOn;
  if (tracks && goesOn) {
    int64_t n = without(walk.first, opsOfRun(ops, einsum, walk.first, false));
    for (unsigned i : group.members)
      registers[team.ids[i]].delta += n;
  }
  if (begun == 0)
    return;

  // Elements begun for the first time, onto nothing.
  BoxSet fresh = written.subtract(copy.value);
  if (goesOn && fresh.contains(coordsOf(walk.first)))
    fresh = fresh.subtract(BoxSet::point(coordsOf(walk.first)));
  int64_t loads = begun - counts.elements(fresh, t);
  memory.count(info.buffer, copy, e, &Traffic::reads, loads);
  // The run that goes on ends as what was held before does.
  if (goesOn)
    leave(*held);
  bool lastIsHeld = copy.value.contains(coordsOf(walk.last));
  if (!lastIsHeld && counts.elements(written, t) != changes)
    lastIsHeld = recurs(ops, einsum, walk.last);

  // All runs begun here but the last one end here.
  std::set<Coords, CoordsLess> ways;
  for (unsigned i : group.members)
    ways.insert(memory.way(team.ids[i], depth, &Level::reduce));
  int64_t each = int64_t(ways.size());
  Checked &checked = counts.checked;
  memory.count(info.buffer, copy, e, &Traffic::writes,
               checked.mul(each, begun - 1));
  memory.count(info.buffer, copy, e, &Traffic::reads,
               checked.mul(each - 1, begun - 1));
  int64_t pending = 0; // Ops of the run that does not end here.
  if (tracks) {
    pending = without(walk.last, opsOfRun(ops, einsum, walk.last, true));
    copy.sum.add(own, int64_t(group.members.size()));
    copy.delta.add(own, int64_t(group.members.size()));
    BoxSet completed = own.elements(written.dims())
                           .intersect(memory.complete(info.buffer, copy));
    memory.count(info.buffer, copy, e, &Traffic::partialReads,
                 checked.add(loads, checked.mul(each - 1, begun - 1)));
    memory.count(info.buffer, copy, e, &Traffic::partialWrites,
                 checked.mul(each, begun - 1) - counts.elements(completed, t));
  }
  if (begun > 1) {
    BoxSet ended = lastIsHeld
                       ? written
                       : written.subtract(BoxSet::point(coordsOf(walk.last)));
    copy.value.unite(ended);
    copy.dirty.unite(ended);
  }
  bool lowest = true;
  for (unsigned i : group.members) {
    bool lent = lowest && lastIsHeld;
    registers[team.ids[i]] = {walk.last, lent, lent, pending};
    lowest = false;
  }
}

int64_t Leaf::opsOfRun(const BoxSet &ops, const Einsum &einsum,
                       const Coords &element, bool atEnd) const {
  BoxSet mine =
      ops.intersect(opsWriting(BoxSet::point(coordsOf(element)), einsum));
  BoxSet others = ops.subtract(mine);
  if (others.empty())
    return mine.size();
  int64_t before = mine.sizeBefore(coordsOf(extreme(others, atEnd)));
  return atEnd ? mine.size() - before : before;
}

//===----------------------------------------------------------------------===//
// Op by op
//===----------------------------------------------------------------------===//

void Leaf::writeOneByOne(EinsumId e, const Team &team, InstanceId copyId,
                         const std::vector<unsigned> &members) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Einsum &einsum = plan.workload.einsums[e];
  auto &registers = memory.registers(plan.einsums[e].result);
  struct Op {
    Coords step, element;
    unsigned member;
  };
  std::vector<Op> all;
  int64_t total = 0;
  for (unsigned i : members)
    total += team.ops[i]->size();
  if (total > kMaxWalkedOps) {
    failure = einsum.name +
              " adds up elements in instances that do not all do "
              "the same ops: " +
              std::to_string(total) +
              " ops in one visit, more than the analysis walks one by one";
    return;
  }
  for (unsigned i : members)
    for (unsigned b = 0; b < team.ops[i]->boxes(); ++b) {
      auto box = std::as_const(*team.ops[i]).box(b);
      InlineVector<int64_t, 8> at(box.size(), 0);
      for (bool more = true; more;) {
        Coords point, step;
        for (size_t r = 0; r < box.size(); ++r) {
          point.push_back(box[r].lo + at[r] * box[r].stride);
          step.push_back(point[r] - (*team.corners[i])[r]);
        }
        all.push_back({step, baseAt(einsum.write, point), i});
        more = false;
        for (size_t r = box.size(); r-- > 0 && !more;) {
          more = ++at[r] < box[r].n;
          if (!more)
            at[r] = 0;
        }
      }
    }
  std::sort(all.begin(), all.end(), [](const Op &a, const Op &b) {
    if (a.step == b.step)
      return a.member < b.member;
    return CoordsLess()(a.step, b.step);
  });

  Memory::Copy &copy = memory.copy(info.buffer, copyId);
  auto isLent = [&](const Coords &element) {
    for (const auto &[id, reg] : registers)
      if (reg.isLent && reg.element == element &&
          tree.instances.isWithin(id, copyId))
        return true;
    return false;
  };
  for (size_t from = 0, to = 0; from < all.size(); from = to) {
    while (to < all.size() && all[to].step == all[from].step)
      ++to;
    // What changes leaves, all at once, then what is new begins.
    std::map<Coords, std::vector<Memory::Part>, CoordsLess> leaving;
    for (size_t i = from; i < to; ++i) {
      Memory::Register &reg = registers[team.ids[all[i].member]];
      if (!reg.element || *reg.element == all[i].element)
        continue;
      BoxSet point = BoxSet::point(coordsOf(*reg.element));
      Memory::Part part{team.ids[all[i].member],
                        point,
                        reg.isCurrent ? point : BoxSet(point.dims()),
                        {}};
      if (memory.tracks(info.tensor))
        part.delta.add(point, reg.delta);
      leaving[*reg.element].push_back(std::move(part));
      reg = {};
    }
    for (const auto &[element, parts] : leaving)
      memory.merge(info.buffer, copyId, e, parts);
    for (size_t i = from; i < to; ++i) {
      Memory::Register &reg = registers[team.ids[all[i].member]];
      if (reg.element) {
        ++reg.delta;
        continue;
      }
      bool loads = copy.value.contains(coordsOf(all[i].element)) &&
                   !isLent(all[i].element);
      reg = {all[i].element, loads, loads, 1};
      memory.count(info.buffer, copy, e, &Traffic::reads, loads);
      memory.count(info.buffer, copy, e, &Traffic::partialReads,
                   loads && memory.tracks(info.tensor));
    }
  }
}
