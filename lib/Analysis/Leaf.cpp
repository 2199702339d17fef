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
#include <cassert>
#include <numeric>
#include <set>

using namespace looptree;

namespace {

/// The access for ops counted from a corner.
Access accessFrom(const Access &access, const Coords &base) {
  Access moved = access;
  for (size_t d = 0; d < base.size(); ++d)
    moved.index[d].constant = base[d];
  return moved;
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
  bool together = visit.instances > 1 || tree.order[visit.firstInstance] != 0;
  for (unsigned i = 0; i < visit.instances; ++i) {
    const BoxSet &mine = tree.ops[visit.data + i];
    if (mine.empty())
      continue;
    team.ids.push_back(tree.order[visit.firstInstance + i]);
    team.ops.push_back(&mine);
    team.corners.push_back(&tree.corners[visit.data + i]);
    int64_t alike = 1;
    for (InstanceId id = team.ids.back(); tree.instances[id].depth > 0;
         id = tree.instances[id].outer)
      alike *= tree.instances[id].alike;
    ops += alike * counts.sizeOf(mine, counts.folding.ranks[e]);
    if (together)
      addShape(team, mine, *team.corners.back());
  }
  if (team.ids.empty())
    return 0;
  // What instances share is found in the sets as they are.
  if (together && counts.isFolded(counts.folding.ranks[e])) {
    counts.foldFailed = true;
    return 0;
  }
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

BoxSet Leaf::opsAlike(const BoxSet &ops, InstanceId id) const {
  BoxSet all = ops;
  for (; tree.instances[id].depth > 0; id = tree.instances[id].outer) {
    const Instances::Item &item = tree.instances[id];
    if (item.alike == 1)
      continue;
    // Tiles that are alike are filled by the same runs.
    for (unsigned i = 0; i < all.boxes(); ++i) {
      Run &run = all.box(i)[plan.nodes[item.loop].rank];
      int64_t stride = run.n == 1 ? item.step : run.stride;
      assert(run.n * stride == item.step);
      run = makeRun(run.lo, run.n * item.alike, stride);
    }
  }
  return all;
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
  bool hasWays = byWay && !memory.allShare(&Level::multicast);
  std::vector<Sharing> all;
  for (unsigned i = 0; i < team.ids.size(); ++i) {
    all.push_back(
        {tree.instances.prefix(team.ids[i], depth),
         hasWays ? memory.way(team.ids[i], depth, &Level::multicast) : Coords(),
         baseAt(access, *team.corners[i]),
         {},
         1});
  }
  std::vector<unsigned> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  auto compare = [&](unsigned x, unsigned y) {
    const Sharing &a = all[x], &b = all[y];
    if (a.copy != b.copy)
      return a.copy < b.copy ? -1 : 1;
    for (auto part : {&Sharing::base, &Sharing::way})
      if (!(a.*part == b.*part))
        return CoordsLess()(a.*part, b.*part) ? -1 : 1;
    return 0;
  };
  std::sort(order.begin(), order.end(), [&](unsigned x, unsigned y) {
    int order = compare(x, y);
    return order ? order < 0 : x < y;
  });
  std::vector<Sharing> groups;
  for (size_t n = 0; n < order.size(); ++n) {
    if (n == 0 || compare(order[n - 1], order[n]) != 0)
      groups.push_back(all[order[n]]);
    groups.back().members.push_back(order[n]);
  }
  for (Sharing &group : groups)
    group.alike = memory.alike(unsigned(&operand - plan.operands.data()),
                               team.ids[group.members[0]]);
  return groups;
}

/// Whether no instance reads outside the tensor.
static bool staysInside(const BoxSet &shape, const Access &access,
                        const Tensor &tensor,
                        const std::vector<Coords> &bases) {
  for (size_t d = 0; d < tensor.shape.size(); ++d) {
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    for (unsigned i = 0; i < shape.boxes(); ++i) {
      int64_t first = 0, last = 0;
      for (const auto &term : access.index[d].terms) {
        const Run &run = shape.box(i)[term.rank];
        first += term.coefficient * run.lo;
        last += term.coefficient * run.last();
      }
      lo = std::min(lo, first);
      hi = std::max(hi, last);
    }
    for (const Coords &base : bases)
      if (base[d] + lo < 0 || base[d] + hi >= tensor.shape[d])
        return false;
  }
  return true;
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
      elementsOf(opsAlike(ops, id), access, plan.workload.tensors[info.tensor])
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
  std::vector<Sharing> groups = sharing(info, access, team, true);
  if (team.shapes.size() == 1 && readAlike(operand, access, team, groups))
    return;
  for (size_t i = 0; i < team.ids.size() && failure.empty(); ++i)
    checkHeld(operand, access, team.ids[i], *team.ops[i]);
  for (const Sharing &group : groups) {
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
                 &Traffic::reads,
                 counts.checked.mul(group.alike, walk.changes));
    for (size_t m = 0; m < group.members.size(); ++m)
      registers[team.ids[group.members[m]]].element = walk.last[classOf[m]];
  }
}

/// Instances that all do the same ops, none with a read outside the tensor:
/// their elements differ by where their tiles lie. False when they do not.
bool Leaf::readAlike(unsigned operand, const Access &access, const Team &team,
                     const std::vector<Sharing> &groups) {
  const Operand &info = plan.operands[operand];
  const Tensor &tensor = plan.workload.tensors[info.tensor];
  std::vector<Coords> bases;
  for (const Sharing &group : groups)
    bases.push_back(group.base);
  if (groups.empty() || !staysInside(team.shapes[0], access, tensor, bases))
    return false;
  for (size_t i = 0; i < groups.size() && failure.empty(); ++i)
    if (i == 0 || groups[i].copy != groups[i - 1].copy ||
        !(groups[i].base == groups[i - 1].base))
      checkHeld(operand, access, team.ids[groups[i].members[0]],
                *team.ops[groups[i].members[0]]);
  OperandWalk walk =
      walkOperand(team.shapes[0], accessFrom(access, groups[0].base), tensor);
  Coords first = minus(walk.first, groups[0].base);
  Coords last = minus(walk.last, groups[0].base);
  auto &registers = memory.registers(operand);
  auto next = registers.end();
  InstanceId at = 0;
  int64_t reads = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    const Sharing &group = groups[i];
    Coords begins = plus(group.base, first), ends = plus(group.base, last);
    bool takes = false;
    for (unsigned m : group.members) {
      // Instances often come in the order of the registers.
      if (next == registers.end() || at != team.ids[m])
        next = registers.try_emplace(team.ids[m]).first;
      auto &held = next->second.element;
      takes |= !held || !(*held == begins);
      held = ends;
      if (++next != registers.end())
        at = next->first;
    }
    reads += group.alike * (walk.changes - 1 + takes);
    if (i + 1 == groups.size() || groups[i + 1].copy != group.copy) {
      memory.count(info.buffer, memory.copy(info.buffer, group.copy),
                   info.einsum, &Traffic::reads, reads);
      reads = 0;
    }
  }
  return true;
}
