//===- BoxCosts.cpp - The cost of a tree of boxes ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoxCosts.h"

#include <algorithm>
#include <cassert>

using namespace looptree;

/// Products of lengths kept apart while looking for the most frequent.
constexpr size_t kMaxProducts = 4096;

bool BoxCosts::run(const Plan::Impl &p, const BoxPlan &b,
                   std::span<const int64_t> steps, CostReport &r) {
  plan = &p;
  boxes = &b;
  report = &r;
  count = {};
  for (unsigned loop : b.unitSteps)
    if (steps[loop] != 1)
      return false;
  if (!tiles.run(p, b, steps))
    return false;
  rows.assign(b.rows.size(), {});
  uses.assign(b.buffers.size(), {});

  r.ops.resize(b.einsums.size());
  r.recompute.resize(b.einsums.size());
  r.notNeeded.resize(b.einsums.size());
  for (EinsumId e = 0; e < b.einsums.size(); ++e) {
    int64_t ops = b.einsums[e].fixedOps;
    for (unsigned l = 0; l < boxes->trunk; ++l)
      ops = count.mul(ops, tiles.ops(e, l));
    r.ops[e] = ops;
    r.recompute[e] = ops - p.einsums[e].neededOps;
    r.notNeeded[e] = b.einsums[e].allOps - p.einsums[e].neededOps;
  }
  r.convention = Convention::Exact;
  r.algorithmicMinimum = p.algorithmicMinimum;
  for (BufferId buffer = 0; buffer < b.buffers.size(); ++buffer)
    if (!measureBuffer(buffer) || !countBuffer(buffer))
      return false;
  for (unsigned access = 0; access < b.accesses.size(); ++access)
    if (!countOperand(access))
      return false;
  r.fillCycles = r.drainCycles = 0;
  if (b.isPipeline) {
    if (!pipeline.run(p, b, tiles, count))
      return false;
    r.computeCycles = pipeline.cycles;
    r.fillCycles = pipeline.fill;
    r.drainCycles = pipeline.drain;
    for (const BoxPipeline::Room &room : pipeline.rooms()) {
      uses[room.buffer].peak = room.elements;
      uses[room.buffer].footprint = room.footprint;
    }
  } else if (!countCycles(r.computeCycles)) {
    return false;
  }
  reportBuffers();
  reportCapacity();
  reportAccesses();
  reportLatency();
  reportEnergy();
  return !count.overflow;
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

BoxCosts::Window BoxCosts::windowOf(BufferId b) const {
  const BoxBuffer &info = boxes->buffers[b];
  unsigned a =
      info.inBranch ? info.access : tiles.window(plan->buffers[b].tensor);
  const BoxAccess &access = boxes->accesses[a];
  const auto &nest = boxes->einsums[access.einsum].nest;
  if (info.inBranch)
    return {a, nest, access.singles, access.axes, info.depth, access.stillSize};
  return {a, nest, boxes->trunkPositions, {}, info.depth, access.fixedSize};
}

/// Sum over visits of what is also in the window of the visit before, where
/// one of the loops in [from, to) advances between the two.
int64_t BoxCosts::sumKept(const Window &window, unsigned from, unsigned to) {
  int64_t total = 0;
  for (unsigned advancing = from; advancing < to; ++advancing) {
    int64_t kept = window.still;
    for (unsigned i : window.singles) {
      const LoopSide &side = tiles.side(window.access, window.loops[i]);
      kept = count.mul(kept, i < advancing      ? side.all
                             : i == advancing   ? side.kept
                             : i < window.depth ? side.restart
                                                : side.together);
      if (kept == 0)
        break;
    }
    for (const BoxAxis &axis : window.axes) {
      const AxisSide &side = tiles.side(axis, axis.countsBelow(window.depth));
      unsigned t = axis.countsBelow(advancing);
      bool advances =
          t < axis.dividers.size() && axis.dividers[t].position == advancing;
      kept = count.mul(kept, advances ? side.kept[t] : side.restarted[t]);
    }
    count.increase(total, kept);
  }
  return total;
}

bool BoxCosts::measureBuffer(BufferId b) {
  const Buffer &buffer = plan->buffers[b];
  const BoxBuffer &info = boxes->buffers[b];
  Use &use = uses[b];
  bool isLiveOutside =
      buffer.parent == kNone &&
      plan->workload.tensors[buffer.tensor].kind != TensorKind::Intermediate;
  if (info.depth == 0 && !info.inBranch) {
    use = {info.elements, info.elements, info.footprint, info.elements,
           info.atSplit && !isLiveOutside};
    return true;
  }
  Window window = windowOf(b);
  const BoxAccess &access = boxes->accesses[window.access];
  int64_t fixed = window.still, all = 1, largest = 1;
  for (unsigned i : window.singles) {
    const LoopSide &side = tiles.side(window.access, window.loops[i]);
    if (i < info.depth) {
      all = count.mul(all, side.all);
      largest = count.mul(largest, side.largest);
      continue;
    }
    if (side.together < 0)
      return false;
    fixed = count.mul(fixed, side.together);
  }
  for (const BoxAxis &axis : window.axes) {
    const AxisSide &side = tiles.side(axis, axis.countsBelow(info.depth));
    all = count.mul(all, side.all);
    largest = count.mul(largest, side.largest);
  }
  use.peak = use.footprint = count.mul(fixed, largest);
  use.entering = count.mul(fixed, all);
  if (!findSteady(window, fixed, use.steady))
    return false;
  // Entering the other branches ends what a branch holds.
  bool lost = info.inBranch && isLost(access);
  unsigned from =
      lost ? std::max(info.emptiedBy, boxes->trunk) : info.emptiedBy;
  int64_t kept = sumKept(window, from, info.depth);
  use.entering -= kept;
  if (info.inBranch && mayBeLost(access) &&
      sumKept(window, info.emptiedBy, boxes->trunk) > 0)
    return false; // Whether it is kept depends on the other branches.

  if (!info.atSplit || isLiveOutside)
    return true;
  use.livesInBranches = buffer.noReuse || kept == 0;
  // An empty window leaves standing what the visits before it left.
  for (unsigned l = 0; l < info.depth && !buffer.noReuse; ++l)
    if (tiles.hasEmptyVisits(window.access, l)) {
      if (info.emptiedBy > 0 || !tiles.startsFull(window.access))
        return false;
      use.livesInBranches = false;
    }
  return true;
}

/// The most frequent |W|, the smaller one on a tie.
bool BoxCosts::findSteady(const Window &window, int64_t fixed,
                          int64_t &steady) {
  int64_t all = 1, common = 1, length = 1;
  bool isOne = true;
  auto add = [&](unsigned lengths, int64_t visits, const SideCount &most) {
    isOne &= lengths <= 1;
    all = count.mul(all, visits);
    common = count.mul(common, most.count);
    length = count.mul(length, most.length);
  };
  for (unsigned i : window.singles)
    if (i < window.depth) {
      const LoopSide &side = tiles.side(window.access, window.loops[i]);
      add(side.lengths, side.active, side.common);
    }
  for (const BoxAxis &axis : window.axes) {
    const AxisSide &side = tiles.side(axis, axis.countsBelow(window.depth));
    add(unsigned(side.lengths.size()), side.active, mostFrequent(side.lengths));
  }
  if (isOne || common > all / 2) {
    steady = all == 0 ? 0 : count.mul(fixed, length);
    return true;
  }
  auto forEachSide = [&](auto fn) {
    for (unsigned i : window.singles)
      if (i < window.depth &&
          !fn(tiles.lengths(window.access, window.loops[i])))
        return false;
    for (const BoxAxis &axis : window.axes)
      if (!fn(std::span<const SideCount>(
              tiles.side(axis, axis.countsBelow(window.depth)).lengths)))
        return false;
    return true;
  };
  products.assign(1, {fixed, 1});
  bool isFew = forEachSide([&](std::span<const SideCount> lengths) {
    if (products.size() * lengths.size() > kMaxProducts)
      return false;
    factors.clear();
    for (const SideCount &a : products)
      for (const SideCount &b : lengths)
        factors.push_back(
            {count.mul(a.length, b.length), count.mul(a.count, b.count)});
    std::swap(products, factors);
    return true;
  });
  if (!isFew)
    return false;
  int64_t most = 0;
  if (products.size() <= 16) {
    for (const SideCount &a : products) {
      int64_t times = 0;
      for (const SideCount &b : products)
        times += a.length == b.length ? b.count : 0;
      if (times > most || (times == most && a.length < steady)) {
        most = times;
        steady = a.length;
      }
    }
    return true;
  }
  std::sort(products.begin(), products.end(),
            [](const SideCount &a, const SideCount &b) {
              return a.length < b.length;
            });
  for (size_t i = 0; i < products.size();) {
    int64_t times = 0;
    size_t from = i;
    for (; i < products.size() && products[i].length == products[from].length;
         ++i)
      count.increase(times, products[i].count);
    if (times > most) {
      most = times;
      steady = products[from].length;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Transfers
//===----------------------------------------------------------------------===//

/// Reads and writes of compute at the innermost buffer.
bool BoxCosts::countOperand(unsigned a) {
  const BoxAccess &access = boxes->accesses[a];
  bool isClipped = access.fixedClipped || tiles.isClipped(a);
  if ((isClipped && tiles.mayRepeatClipped(a)) ||
      (access.repeatsNeedDense && !tiles.isDense(a)))
    return false;
  BufferId b = plan->operands[access.operand].buffer;
  const auto &nest = boxes->einsums[access.einsum].nest;
  int64_t changes = access.fixedWalk;
  for (unsigned i : access.singles)
    changes = count.mul(changes, tiles.changes(a, nest[i]));
  for (const BoxAxis &axis : access.axes)
    changes = count.mul(
        changes, tiles.side(axis, unsigned(axis.dividers.size())).changes);
  for (const BoxRepeat &repeat : access.repeats) {
    int64_t fewer = repeat.constant;
    for (size_t i = 0; i < access.singles.size() && fewer; ++i)
      fewer = count.mul(fewer,
                        tiles.repeatFactor(repeat, a, nest[access.singles[i]]));
    for (size_t i = 0; i < access.axes.size() && fewer; ++i)
      fewer = count.mul(fewer, tiles.repeatFactor(repeat, a, access.axes[i]));
    changes -= fewer;
  }
  // Entering the other branches ends what compute holds. Where it is not known
  // that one is entered in between, nothing must depend on it.
  if (access.mayRepeatVisit &&
      (!isLost(access) || nest.size() > boxes->trunk || mayBeLost(access))) {
    if (isClipped && !(access.hasUnitSteps && tiles.isDense(a)))
      return false;
    unsigned from = boxes->buffers[b].emptiedBy, to = unsigned(nest.size());
    if (mayBeLost(access) && repeatedVisits(a, from, boxes->trunk) != 0)
      return false;
    if (isLost(access))
      from = std::max(from, boxes->trunk);
    int64_t repeats = repeatedVisits(a, from, to);
    if (repeats < 0)
      return false;
    changes -= repeats;
  }

  Moved &row = rows[access.row];
  if (!access.isWrite) {
    count.increase(row.reads, changes);
    return true;
  }
  // An element is begun without a read.
  int64_t resumed = changes - made(access.tensor);
  count.increase(row.writes, changes);
  count.increase(row.reads, resumed);
  if (plan->tensors[access.tensor].tracksPartial) {
    // Each element is written once when it is complete.
    count.increase(row.partialWrites, resumed);
    count.increase(row.partialReads, resumed);
    uses[b].receivesPartial |= resumed > 0;
  }
  return true;
}

/// Visits that begin with the element that the visit before ended with; -1 when
/// that is not known.
int64_t BoxCosts::repeatedVisits(unsigned access, unsigned from, unsigned to) {
  const BoxAccess &info = boxes->accesses[access];
  const auto &nest = boxes->einsums[info.einsum].nest;
  int64_t total = 0;
  for (unsigned advancing = from; advancing < to; ++advancing) {
    if (boxes->loops[nest[advancing]].fanout != kNone)
      continue; // Other instances hold other elements.
    int64_t repeats = 1;
    for (unsigned i : info.singles) {
      if (repeats == 0)
        break;
      auto repeated = tiles.repeated(access, nest[i]);
      bool stays = i < advancing || boxes->loops[nest[i]].fanout != kNone;
      repeats = count.mul(repeats, stays            ? repeated.stay
                                   : i == advancing ? repeated.advance
                                                    : repeated.restart);
    }
    for (const BoxAxis &axis : info.axes) {
      if (repeats == 0)
        break;
      // Each instance goes from its own last visit to its next.
      if (axis.isSpread)
        return -1;
      const AxisSide &side = tiles.side(axis, unsigned(axis.dividers.size()));
      unsigned t = axis.countsBelow(advancing);
      bool advances =
          t < axis.dividers.size() && axis.dividers[t].position == advancing;
      repeats = count.mul(repeats, advances ? side.keptElement[t]
                                            : side.restartedElement[t]);
    }
    count.increase(total, repeats);
  }
  return total;
}

/// Elements that are begun, those made again included.
int64_t BoxCosts::made(TensorId t) {
  const BoxTensor &tensor = boxes->tensors[t];
  if (boxes->einsums[boxes->accesses[tensor.write].einsum].isHead)
    return tensor.written;
  const BoxAccess &write = boxes->accesses[tensor.write];
  int64_t total = write.fixedSize;
  for (unsigned l = 0; l < boxes->trunk; ++l)
    total = count.mul(total, tiles.made(write.einsum, l));
  return total;
}

void BoxCosts::countPartial(BufferId b, size_t user, int64_t fills,
                            int64_t drains) {
  const BoxBuffer &info = boxes->buffers[b];
  Moved &here = rows[info.rows[user]], &up = rows[info.parentRows[user]];
  count.increase(here.partialWrites, fills);
  count.increase(up.partialReads, fills);
  count.increase(here.partialReads, drains);
  count.increase(up.partialWrites, drains);
  uses[b].receivesPartial |= fills > 0;
  uses[plan->buffers[b].parent].receivesPartial |= drains > 0;
}

bool BoxCosts::countBuffer(BufferId b) {
  const Buffer &buffer = plan->buffers[b];
  const BoxBuffer &info = boxes->buffers[b];
  if (buffer.parent == kNone)
    return true;
  int64_t entering = uses[b].entering;
  int64_t fills = entering;
  bool writes = info.writer != kNone;
  if (writes) {
    // What is begun here does not come from the parent. What is written leaves
    // dirty: all of it where only the producer comes by, else each element
    // once a making.
    int64_t begun = made(buffer.tensor);
    fills -= begun;
    int64_t drains = buffer.users.size() == 1 ? entering : begun;
    Moved &here = rows[info.rows[info.writer]],
          &up = rows[info.parentRows[info.writer]];
    count.increase(here.reads, drains);
    count.increase(here.drains, drains);
    count.increase(up.writes, drains);
    // Where only the producer comes by, what is taken up again is not complete,
    // and what leaves is complete once a making.
    if (plan->tensors[buffer.tensor].tracksPartial && buffer.users.size() == 1)
      countPartial(b, info.writer, fills, drains - begun);
  }
  if (fills == 0)
    return true;
  if (writes && info.writer != 0)
    return false;
  auto fill = [&](size_t user, int64_t n) {
    Moved &here = rows[info.rows[user]], &up = rows[info.parentRows[user]];
    count.increase(up.reads, n);
    count.increase(here.writes, n);
    count.increase(here.fills, n);
  };
  if (!writes && !info.taken.empty()) {
    for (size_t user = 0; user < info.taken.size(); ++user)
      fill(user, info.taken[user]);
    return true;
  }
  // All of it belongs to the first user that may take it, if that uses
  // everything there is.
  unsigned access = windowOf(b).access;
  size_t first = writes && buffer.users.size() > 1 ? 1 : 0;
  if (buffer.users[first] != boxes->accesses[access].einsum)
    return false;
  fill(first, fills);
  return true;
}

//===----------------------------------------------------------------------===//
// The report
//===----------------------------------------------------------------------===//

bool BoxCosts::countCycles(int64_t &cycles) {
  cycles = 0;
  for (EinsumId e = 0; e < boxes->einsums.size(); ++e) {
    auto rate =
        plan->arch.compute.of(plan->workload.einsums[e].kind).opsPerCycle;
    if (!rate)
      continue;
    int64_t fixed = count.mul(tiles.fixedSteps(e), rate->den);
    // Rounded once at the root, or once for each visit of a branch.
    if (boxes->einsums[e].spatial.empty() &&
        (!boxes->hasSplit || fixed % rate->num == 0)) {
      count.increase(cycles, cyclesFor(report->ops[e], rate));
      continue;
    }
    products.assign(1, {fixed, 1});
    for (unsigned l = 0; l < boxes->trunk; ++l) {
      auto lengths = tiles.stepCounts(e, l);
      if (products.size() * lengths.size() > kMaxProducts)
        return false;
      factors.clear();
      for (const SideCount &a : products)
        for (const SideCount &b : lengths)
          factors.push_back(
              {count.mul(a.length, b.length), count.mul(a.count, b.count)});
      std::swap(products, factors);
    }
    for (const SideCount &visit : products)
      count.increase(
          cycles, count.mul(visit.count, (visit.length - 1) / rate->num + 1));
  }
  return true;
}

void BoxCosts::reportBuffers() {
  report->buffers.resize(boxes->buffers.size());
  for (BufferId b = 0; b < boxes->buffers.size(); ++b) {
    const Buffer &buffer = plan->buffers[b];
    const Tensor &tensor = plan->workload.tensors[buffer.tensor];
    BufferRow &row = report->buffers[b] = {};
    row.node = buffer.node;
    row.level = buffer.level;
    row.tensor = buffer.tensor;
    row.elements = uses[b].peak;
    row.bits =
        count.mul(uses[b].peak,
                  uses[b].receivesPartial ? *tensor.partialBits : tensor.bits);
    row.steady = uses[b].steady;
    row.footprint = uses[b].footprint;
  }
}

void BoxCosts::reportCapacity() {
  const Arch &arch = plan->arch;
  size_t levels = arch.levels.size();
  report->capacityBits.assign(levels, 0);
  branchBits.assign(levels * boxes->branches, 0);
  for (BufferId b = 0; b < boxes->buffers.size(); ++b) {
    const Buffer &buffer = plan->buffers[b];
    const BoxBuffer &info = boxes->buffers[b];
    bool twice =
        arch.levels[buffer.level].doubleBuffered && buffer.parent != kNone;
    int64_t bits = count.mul(report->buffers[b].bits, twice ? 2 : 1);
    if (!info.inBranch && !uses[b].livesInBranches) {
      count.increase(report->capacityBits[buffer.level], bits);
      continue;
    }
    for (unsigned i = info.firstBranch; i <= info.lastBranch; ++i)
      count.increase(branchBits[i * levels + buffer.level], bits);
  }
  report->problems.clear();
  for (LevelId l = 0; l < levels; ++l) {
    int64_t largest = 0;
    for (unsigned i = 0; i < boxes->branches; ++i) {
      int64_t branch = branchBits[i * levels + l];
      largest = boxes->isPipeline ? count.add(largest, branch)
                                  : std::max(largest, branch);
    }
    count.increase(report->capacityBits[l], largest);
    auto limit = arch.levels[l].capacityBits;
    if (limit && report->capacityBits[l] > *limit)
      report->problems.push_back(OverCapacity{
          l, report->capacityBits[l], report->capacityBits[l] - *limit});
  }
  reportInstances();
}

void BoxCosts::reportInstances() {
  const Arch &arch = plan->arch;
  int64_t compute = 0;
  fanoutUse.assign(arch.fanouts.size(), 1);
  for (EinsumId e = 0; e < boxes->einsums.size(); ++e) {
    int64_t own = 1;
    fanoutOfBranch.assign(arch.fanouts.size(), 1);
    for (unsigned l : boxes->einsums[e].spatial) {
      int64_t instances = tiles.instances(e, l);
      own = count.mul(own, instances);
      int64_t &along = fanoutOfBranch[boxes->loops[l].fanout];
      along = count.mul(along, instances);
    }
    for (size_t f = 0; f < fanoutUse.size(); ++f)
      fanoutUse[f] = std::max(fanoutUse[f], fanoutOfBranch[f]);
    // Stages run on instances of their own.
    compute =
        boxes->isPipeline ? count.add(compute, own) : std::max(compute, own);
  }
  for (unsigned f = 0; f < fanoutUse.size(); ++f)
    if (fanoutUse[f] > arch.fanouts[f].size)
      report->problems.push_back(
          OverFanOut{f, fanoutUse[f], fanoutUse[f] - arch.fanouts[f].size});
  if (compute > boxes->computeInstances)
    report->problems.push_back(OverCompute{compute - boxes->computeInstances});
}

void BoxCosts::reportAccesses() {
  const Arch &arch = plan->arch;
  report->accesses.clear();
  report->offChip = {};
  readBits.assign(arch.levels.size(), 0);
  writeBits.assign(arch.levels.size(), 0);
  report->levelEnergyPj.assign(arch.levels.size(), 0);
  unsigned last = kNone; // Row of the report.
  for (size_t i = 0; i < rows.size(); ++i) {
    const Moved &moved = rows[i];
    if (!moved.reads && !moved.writes && !moved.fills && !moved.drains)
      continue;
    const BoxPlan::Row &plans = boxes->rows[i];
    const Tensor &tensor = plan->workload.tensors[plans.tensor];
    auto bitsOf = [&](int64_t elements, int64_t partial) {
      int64_t bits = count.mul(elements - partial, tensor.bits);
      return partial == 0
                 ? bits
                 : count.add(bits, count.mul(partial, *tensor.partialBits));
    };
    int64_t bitsRead = bitsOf(moved.reads, moved.partialReads);
    int64_t bitsWritten = bitsOf(moved.writes, moved.partialWrites);
    auto addTo = [&](auto &row) {
      count.increase(row.reads, moved.reads);
      count.increase(row.writes, moved.writes);
      count.increase(row.fills, moved.fills);
      count.increase(row.drains, moved.drains);
      count.increase(row.readBits, bitsRead);
      count.increase(row.writeBits, bitsWritten);
    };
    addTo(report->buffers[plans.buffer]);
    if (plans.reported == last) {
      addTo(report->accesses.back());
      continue;
    }
    last = plans.reported;
    report->accesses.push_back({plans.level, plans.tensor, plans.einsum,
                                moved.reads, moved.writes, moved.fills,
                                moved.drains, bitsRead, bitsWritten, 0});
  }
  for (AccessRow &row : report->accesses) {
    const Level &level = arch.levels[row.level];
    row.energyPj = double(row.readBits) * level.readPjPerBit +
                   double(row.writeBits) * level.writePjPerBit;
    count.increase(readBits[row.level], row.readBits);
    count.increase(writeBits[row.level], row.writeBits);
    report->levelEnergyPj[row.level] += row.energyPj;
    if (row.level == 0) {
      count.increase(report->offChip.elements,
                     count.add(row.reads, row.writes));
      count.increase(report->offChip.bits,
                     count.add(row.readBits, row.writeBits));
    }
  }
}

int64_t BoxCosts::cyclesFor(int64_t bits, const std::optional<Rational> &rate) {
  if (!rate)
    return 0;
  if (rate->num == 1)
    return count.mul(bits, rate->den);
  auto cycles = ceilDivide(bits, *rate);
  count.overflow |= !cycles;
  return cycles.value_or(0);
}

void BoxCosts::reportLatency() {
  const Arch &arch = plan->arch;
  report->latencyCycles = report->computeCycles;
  report->boundBy = std::nullopt;
  report->memoryCycles.resize(arch.levels.size());
  for (LevelId l = 0; l < arch.levels.size(); ++l) {
    const Level &level = arch.levels[l];
    int64_t time = std::max({cyclesFor(readBits[l], level.readBitsPerCycle),
                             cyclesFor(writeBits[l], level.writeBitsPerCycle),
                             cyclesFor(count.add(readBits[l], writeBits[l]),
                                       level.sharedBitsPerCycle)});
    report->memoryCycles[l] = time;
    if (time > report->latencyCycles) {
      report->latencyCycles = time;
      report->boundBy = l;
    }
  }
  double busy = 0;
  for (EinsumId e = 0; e < boxes->einsums.size(); ++e)
    if (auto rate = arch.compute.of(plan->workload.einsums[e].kind).opsPerCycle)
      busy += double(report->ops[e]) / rate->toDouble();
  report->utilisation = report->latencyCycles > 0
                            ? busy / (double(report->latencyCycles) *
                                      double(boxes->computeInstances))
                            : 0;
}

void BoxCosts::reportEnergy() {
  report->computeEnergyPj = 0;
  for (EinsumId e = 0; e < boxes->einsums.size(); ++e)
    report->computeEnergyPj +=
        double(report->ops[e]) *
        plan->arch.compute.of(plan->workload.einsums[e].kind).pjPerOp;
  report->leakageEnergyPj =
      boxes->leakagePerCycle * double(report->latencyCycles);
  report->energyPj = report->computeEnergyPj + report->leakageEnergyPj;
  for (double energy : report->levelEnergyPj)
    report->energyPj += energy;
}
