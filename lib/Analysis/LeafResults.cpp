//===- LeafResults.cpp - Accumulators in one visit of a compute ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Leaf.h"

#include "AccessSets.h"

#include <algorithm>
#include <set>

using namespace looptree;

namespace {

/// Accumulators that have to be walked op by op are, up to this many ops.
constexpr int64_t kMaxWalkedOps = int64_t(1) << 24;

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

/// The union of a set moved in several ways, all of them different.
BoxSet translates(const BoxSet &set, const std::vector<Coords> &moves) {
  unsigned dims = set.dims();
  BoxSet result(dims);
  if (set.boxes() == 1) {
    // Moves that are a product give a product.
    std::vector<std::vector<int64_t>> along(dims);
    size_t points = 1;
    for (unsigned d = 0; d < dims; ++d) {
      for (const Coords &move : moves)
        along[d].push_back(move[d]);
      std::sort(along[d].begin(), along[d].end());
      along[d].erase(std::unique(along[d].begin(), along[d].end()),
                     along[d].end());
      points *= along[d].size();
    }
    if (points == moves.size()) {
      std::vector<BoxSet> factors;
      for (unsigned d = 0; d < dims; ++d) {
        factors.emplace_back(1);
        for (int64_t by : along[d]) {
          Run run = set.box(0)[d];
          run.lo += by;
          BoxSet one(1);
          one.append({&run, 1});
          factors[d].unite(one);
        }
      }
      appendProduct(factors, result);
      return result;
    }
  }
  for (const Coords &move : moves) {
    BoxSet moved = set;
    for (unsigned d = 0; d < dims; ++d)
      moved.move(d, move[d]);
    result.unite(moved);
  }
  return result;
}

} // namespace

void Leaf::write(EinsumId e, const Team &team) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Access &access = plan.workload.einsums[e].write;
  if (team.shapes.empty() &&
      memory.registers(plan.einsums[e].result).size() <= 1) {
    const Tensor &tensor = plan.workload.tensors[info.tensor];
    const BoxSet &ops = *team.ops[0];
    unsigned depth = plan.buffers[info.buffer].spatialAbove;
    Sharing alone{tree.instances.prefix(team.ids[0], depth), {}, {}, {0}, 1};
    writeGroup(e, team, alone, elementsOf(ops, access, tensor),
               walkOperand(ops, access, tensor));
    return;
  }
  // Instances that write into one copy.
  std::vector<Sharing> all = sharing(info, access, team, false);
  for (size_t from = 0; from < all.size();) {
    size_t to = from;
    std::vector<Sharing> groups;
    for (; to < all.size() && all[to].copy == all[from].copy; ++to)
      groups.push_back(all[to]);
    if (!writeAlike(e, team, groups) && !writeInGroups(e, team, groups)) {
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

/// Whether a set has all or none of what the instances hold for which one
/// stands.
bool Leaf::agree(const BoxSet &set, unsigned operand, InstanceId id,
                 const Coords &element) const {
  BoxSet all = memory.alike(operand, id, element);
  int64_t inside = set.intersect(all).size();
  return inside == 0 || inside == all.size();
}

/// Groups that all do the same and whose accumulators are in the same state,
/// but for where their tiles lie. False when they are not; nothing has been
/// done then.
bool Leaf::writeAlike(EinsumId e, const Team &team,
                      const std::vector<Sharing> &groups) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Einsum &einsum = plan.workload.einsums[e];
  const Tensor &tensor = plan.workload.tensors[info.tensor];
  unsigned result = plan.einsums[e].result;
  int64_t number = 0;
  for (const Sharing &group : groups)
    number += group.alike;
  if (team.shapes.size() != 1 || number < 2 || memory.tracks(info.tensor))
    return false;
  auto &registers = memory.registers(plan.einsums[e].result);
  const Sharing &first = groups[0];
  size_t members = first.members.size();
  unsigned depth = plan.buffers[info.buffer].spatialAbove;
  bool hasWays = !memory.allShare(&Level::reduce);
  auto waysOf = [&](const Sharing &group) {
    std::set<Coords, CoordsLess> ways;
    for (unsigned i : group.members)
      ways.insert(memory.way(team.ids[i], depth, &Level::reduce));
    return int64_t(ways.size());
  };
  int64_t each = hasWays ? waysOf(first) : 1;

  const Memory::Register model = registers[team.ids[first.members[0]]];
  std::optional<Coords> held; // From the base.
  if (model.element)
    held = minus(*model.element, first.base);
  std::vector<Coords> moves;
  for (const Sharing &group : groups) {
    if (group.members.size() != members || (hasWays && waysOf(group) != each))
      return false;
    moves.push_back(minus(group.base, first.base));
    std::optional<Coords> expected;
    if (held)
      expected = plus(group.base, *held);
    for (size_t m = 0; m < members; ++m) {
      const Memory::Register &reg = registers[team.ids[group.members[m]]];
      if (reg.element != expected || reg.isLent != (m == 0 && model.isLent) ||
          reg.isCurrent != (m == 0 && model.isCurrent))
        return false;
    }
  }
  const BoxSet &ops = *team.ops[first.members[0]];
  BoxSet one = elementsOf(ops, einsum.write, tensor);
  OperandWalk walk = walkOperand(ops, einsum.write, tensor);
  bool areMany = number > int64_t(groups.size());
  // What all groups do to what the first one does.
  auto ofAll = [&](const Coords &offset) { // From the bases.
    if (!areMany)
      return translates(BoxSet::point(coordsOf(plus(first.base, offset))),
                        moves);
    BoxSet all(tensor.shape.size());
    for (const Sharing &group : groups)
      all.unite(memory.alike(result, team.ids[group.members[0]],
                             plus(group.base, offset)));
    return all;
  };
  BoxSet written(tensor.shape.size());
  if (areMany)
    for (const Sharing &group : groups)
      written.unite(elementsOf(
          opsAlike(*team.ops[group.members[0]], team.ids[group.members[0]]),
          einsum.write, tensor));
  else
    written = translates(one, moves);
  if (written.size() != one.size() * number)
    return false;
  bool goesOn = model.element && *model.element == walk.first;
  BoxSet before(tensor.shape.size()); // What is held and leaves.
  if (model.element) {
    before = ofAll(*held);
    // No group may write what another one holds.
    if (!goesOn && !written.intersect(before).empty())
      return false;
  }
  if (registers.size() > groups.size() * members) {
    std::set<InstanceId> active(team.ids.begin(), team.ids.end());
    for (const auto &[id, reg] : registers)
      if (reg.element && !active.count(id) &&
          tree.instances.isWithin(id, first.copy)) {
        BoxSet others = memory.alike(result, id, *reg.element);
        if (!written.intersect(others).empty() ||
            !before.intersect(others).empty())
          return false;
      }
  }

  Memory::Copy &copy = memory.copy(info.buffer, first.copy);
  int64_t begun = walk.changes - goesOn;
  Coords offset = minus(walk.last, first.base);
  if (areMany && begun > 0) {
    BoxSet known = copy.value;
    known.unite(before);
    for (const Sharing &group : groups)
      if (!agree(known, result, team.ids[group.members[0]],
                 plus(group.base, offset)))
        return false;
  }
  int64_t reads = 0, writes = 0;
  Checked &checked = counts.checked;
  if (model.element && begun > 0) {
    // One run of each group ends at the same step.
    BoxSet onto = before.intersect(copy.value);
    writes = checked.mul(each, number);
    reads = checked.mul(each - 1, number) + (model.isCurrent ? 0 : onto.size());
  }
  if (begun > 0) {
    BoxSet fresh = written.subtract(copy.value).subtract(before);
    int64_t all = checked.mul(begun, number);
    bool recurring =
        one.size() != walk.changes && recurs(ops, einsum, walk.last);
    if (model.element) {
      // Before `fresh` was found, what is held was no value yet if it left.
      copy.value.unite(before);
      copy.dirty.unite(before);
    }
    reads = checked.add(reads, all - fresh.size());
    BoxSet last = ofAll(offset);
    BoxSet known = copy.value;
    BoxSet ended = recurring ? written : written.subtract(last);
    int64_t interior = checked.mul(begun - 1, number);
    writes = checked.add(writes, checked.mul(each, interior));
    reads = checked.add(reads, checked.mul(each - 1, interior));
    if (begun > 1) {
      copy.value.unite(ended);
      copy.dirty.unite(ended);
    }
    for (const Sharing &group : groups) {
      Coords element = plus(group.base, offset);
      bool lent = recurring || known.contains(coordsOf(element));
      for (size_t m = 0; m < members; ++m)
        registers[team.ids[group.members[m]]] = {element, lent && m == 0,
                                                 lent && m == 0, 0};
    }
  }
  memory.count(info.buffer, copy, e, &Traffic::reads, reads);
  memory.count(info.buffer, copy, e, &Traffic::writes, writes);
  return true;
}

/// False when a group's accumulators cannot be counted as one, apart from all
/// others; nothing has been done then.
bool Leaf::writeInGroups(EinsumId e, const Team &team,
                         std::vector<Sharing> &groups) {
  const Operand &info = plan.operands[plan.einsums[e].result];
  const Access &access = plan.workload.einsums[e].write;
  const Tensor &tensor = plan.workload.tensors[info.tensor];
  unsigned result = plan.einsums[e].result;
  auto &registers = memory.registers(result);
  std::vector<BoxSet> written;
  std::vector<OperandWalk> walks;
  BoxSet all(tensor.shape.size());
  int64_t sum = 0;
  BoxSet leaving(tensor.shape.size());
  std::set<InstanceId> members;
  for (const Sharing &group : groups) {
    unsigned first = group.members[0];
    const Memory::Register &held = registers[team.ids[first]];
    written.push_back(elementsOf(opsAlike(*team.ops[first], team.ids[first]),
                                 access, tensor));
    walks.push_back(walkOperand(*team.ops[first], access, tensor));
    all.unite(written.back());
    sum += written.back().size();
    for (unsigned i : group.members) {
      members.insert(team.ids[i]);
      if (registers[team.ids[i]].element != held.element ||
          (!team.shapes.empty() && team.shapeOf[i] != team.shapeOf[first]))
        return false;
    }
    if (held.element && *held.element != walks.back().first) {
      BoxSet mine = memory.alike(result, team.ids[first], *held.element);
      if (!leaving.intersect(mine).empty())
        return false;
      leaving.unite(mine);
    }
  }
  // Groups write different elements, and none that another instance holds.
  if (all.size() != sum)
    return false;
  const BoxSet &value = memory.copy(info.buffer, groups[0].copy).value;
  for (size_t g = 0; g < groups.size(); ++g) {
    unsigned first = groups[g].members[0];
    InstanceId id = team.ids[first];
    const auto &held = registers[id].element;
    if (groups[g].alike > 1 && !agree(value, result, id, walks[g].last))
      return false;
    if (!held || all.intersect(memory.alike(result, id, *held)).empty())
      continue;
    // Each goes on with what it holds, or writes it again itself.
    if (!elementsOf(*team.ops[first], access, tensor).contains(coordsOf(*held)))
      return false;
    if (groups[g].alike > 1 && *held != walks[g].first &&
        !agree(value, result, id, *held))
      return false;
  }
  if (registers.size() > members.size()) {
    for (const auto &[id, reg] : registers)
      if (reg.element && !members.count(id) &&
          tree.instances.isWithin(id, groups[0].copy)) {
        BoxSet others = memory.alike(result, id, *reg.element);
        if (!all.intersect(others).empty() ||
            !leaving.intersect(others).empty())
          return false;
      }
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
  unsigned result = plan.einsums[e].result;
  auto &registers = memory.registers(result);
  Memory::Copy &copy = memory.copy(info.buffer, group.copy);
  InstanceId lowest = team.ids[group.members[0]];
  auto alike = [&](const Coords &element) {
    return memory.alike(result, lowest, element);
  };
  Checked &checked = counts.checked;
  unsigned depth = plan.buffers[info.buffer].spatialAbove;
  int64_t changes = changesOf(walk, e, ops, einsum.write, t);

  bool tracks = memory.tracks(t);
  Sums own; // Ops of runs that begin and end here, by each member.
  if (tracks)
    own = opsPerElement(opsAlike(ops, lowest), einsum.write,
                        plan.workload.tensors[t]);
  auto without = [&](const Coords &element, int64_t n) {
    own.add(alike(element), -n);
    return n;
  };

  // What was held before leaves at the first step, unless it is gone on with.
  auto leave = [&](const Coords &element) {
    BoxSet points = alike(element);
    std::vector<Memory::Part> parts;
    for (unsigned i : group.members) {
      const Memory::Register &reg = registers[team.ids[i]];
      Memory::Part part{team.ids[i],
                        points,
                        reg.isCurrent ? points : BoxSet(points.dims()),
                        {}};
      if (tracks)
        part.delta.add(points, reg.delta);
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
    fresh = fresh.subtract(alike(walk.first));
  int64_t loads = checked.mul(begun, group.alike) - counts.elements(fresh, t);
  memory.count(info.buffer, copy, e, &Traffic::reads, loads);
  // The run that goes on ends as what was held before does.
  if (goesOn)
    leave(*held);
  bool lastIsHeld = copy.value.contains(coordsOf(walk.last));
  if (!lastIsHeld &&
      counts.elements(written, t) != checked.mul(changes, group.alike))
    lastIsHeld = recurs(ops, einsum, walk.last);

  // All runs begun here but the last one end here.
  std::set<Coords, CoordsLess> ways;
  for (unsigned i : group.members)
    ways.insert(memory.way(team.ids[i], depth, &Level::reduce));
  int64_t each = int64_t(ways.size());
  int64_t ending = checked.mul(group.alike, begun - 1);
  memory.count(info.buffer, copy, e, &Traffic::writes,
               checked.mul(each, ending));
  memory.count(info.buffer, copy, e, &Traffic::reads,
               checked.mul(each - 1, ending));
  int64_t pending = 0; // Ops of the run that does not end here.
  if (tracks) {
    pending = without(walk.last, opsOfRun(ops, einsum, walk.last, true));
    copy.sum.add(own, int64_t(group.members.size()));
    copy.delta.add(own, int64_t(group.members.size()));
    BoxSet completed = own.elements(written.dims())
                           .intersect(memory.complete(info.buffer, copy));
    memory.count(info.buffer, copy, e, &Traffic::partialReads,
                 checked.add(loads, checked.mul(each - 1, ending)));
    memory.count(info.buffer, copy, e, &Traffic::partialWrites,
                 checked.mul(each, ending) - counts.elements(completed, t));
  }
  if (begun > 1) {
    BoxSet ended = lastIsHeld ? written : written.subtract(alike(walk.last));
    copy.value.unite(ended);
    copy.dirty.unite(ended);
  }
  for (unsigned i : group.members) {
    bool lent = team.ids[i] == lowest && lastIsHeld;
    registers[team.ids[i]] = {walk.last, lent, lent, pending};
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
  for (unsigned i : members)
    for (InstanceId id = team.ids[i]; tree.instances[id].depth > 0;
         id = tree.instances[id].outer)
      if (tree.instances[id].alike > 1)
        memory.apart = e;
  if (memory.apart)
    return;
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
