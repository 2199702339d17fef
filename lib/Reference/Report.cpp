//===- Report.cpp - The report of a finished run -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <algorithm>
#include <tuple>

namespace looptree::reference {

std::optional<ElementsAndBits>
algorithmicMinimum(const Workload &workload,
                   const std::vector<OpSpace> &spaces) {
  std::vector<ElementSet> needed;
  for (const Tensor &tensor : workload.tensors)
    needed.emplace_back(size_t(sizeOf(tensor)));
  for (EinsumId e = EinsumId(spaces.size()); e-- > 0;) {
    const OpSpace &space = spaces[e];
    TensorId written = space.write().tensor();
    OpSet ops;
    ops.everything = workload.tensors[written].kind == TensorKind::Output;
    ops.wanted = std::make_shared<const ElementSet>(needed[written]);
    if (ops.everything)
      ops.box = space.wholeBox();
    else
      space.boundWanted(ops);
    Point point;
    if (space.isEmpty(ops) || !firstPoint(ops.box, point))
      continue;
    do {
      if (!space.contains(ops, point))
        continue;
      needed[written].insert(space.write().at(point));
      for (const AccessMap &read : space.reads())
        if (Element element = read.at(point); element != kNoElement)
          needed[read.tensor()].insert(element);
    } while (nextPoint(ops.box, point));
  }
  ElementsAndBits total;
  for (TensorId t = 0; t < workload.tensors.size(); ++t) {
    const Tensor &tensor = workload.tensors[t];
    if (tensor.kind == TensorKind::Intermediate)
      continue;
    int64_t bits;
    if (__builtin_mul_overflow(int64_t(needed[t].size()), tensor.bits, &bits) ||
        __builtin_add_overflow(total.bits, bits, &total.bits))
      return std::nullopt;
    total.elements += int64_t(needed[t].size());
  }
  return total;
}

namespace {

/// Fills a report part by part; `overflowed` names the first number that does
/// not fit, in plural.
class Reporter {
public:
  Reporter(const Workload &w, const Arch &arch, const Tree &tree,
           const std::vector<OpSpace> &spaces, const Instances &instances,
           const Memory &memory, const Tally &tally, Convention convention)
      : w(w), arch(arch), tree(tree), spaces(spaces), instances(instances),
        memory(memory), tally(tally),
        isV1(convention == Convention::LoopTreeV1) {
    report.convention = convention;
  }

  void addOps();
  void addAccesses();
  void addBuffers();
  void addProblems();
  void addLatency(const Walk &walk);
  void addEnergy();

  CostReport report;
  std::string overflowed;

private:
  int64_t plus(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
      doesNotFit();
    return sum;
  }
  int64_t times(int64_t a, int64_t b) {
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
      doesNotFit();
    return product;
  }
  void doesNotFit() {
    if (overflowed.empty())
      overflowed = current;
  }
  std::string nameOf(SlotId slot) const {
    const Slot &s = tree.slots[slot];
    return w.tensors[s.tensor].name + " at " + arch.levels[s.level].name;
  }
  /// The buffer that an einsum's result comes to first.
  SlotId innermost(EinsumId e) const {
    return tree.registers[tree.firstRegister[e] + w.einsums[e].reads.size()]
        .buffer;
  }
  Traffic trafficOf(SlotId slot, EinsumId e) const {
    Traffic t = memory.traffic(slot, e);
    // The original takes the first reads of an output off, all at once.
    if (isV1 && innermost(e) == slot)
      t.reads -= int64_t(spaces[e].writtenElements().size());
    return t;
  }
  int64_t bitsMoved(TensorId tensor, int64_t elements, int64_t partial) {
    const Tensor &t = w.tensors[tensor];
    return plus(times(elements - partial, t.bits),
                times(partial, t.partialBits.value_or(t.bits)));
  }

  const Workload &w;
  const Arch &arch;
  const Tree &tree;
  /// Bits that the busiest instance of a level moves, by kind of port.
  struct Port {
    int64_t read = 0, write = 0, shared = 0;
  };
  Port busiest(LevelId level);

  const std::vector<OpSpace> &spaces;
  const Instances &instances;
  const Memory &memory;
  const Tally &tally;
  const bool isV1;
  std::string current; ///< The number that is being computed.
};

} // namespace

void Reporter::addOps() {
  for (EinsumId e = 0; e < w.einsums.size(); ++e) {
    report.ops.push_back(tally.ops(e));
    report.recompute.push_back(tally.ops(e) - tally.distinct(e));
    report.notNeeded.push_back(spaces[e].size() - tally.distinct(e));
  }
}

void Reporter::addAccesses() {
  using Key = std::tuple<LevelId, std::string, std::string>;
  std::map<Key, AccessRow> rows;
  for (SlotId slot = 0; slot < tree.slots.size(); ++slot)
    for (EinsumId e = 0; e < w.einsums.size(); ++e) {
      const Slot &s = tree.slots[slot];
      Traffic t = trafficOf(slot, e);
      if (t.isNothing())
        continue;
      current =
          "the bits moved of " + nameOf(slot) + " for " + w.einsums[e].name;
      AccessRow &row =
          rows[{s.level, w.tensors[s.tensor].name, w.einsums[e].name}];
      row.level = s.level;
      row.tensor = s.tensor;
      row.einsum = e;
      row.reads += t.reads;
      row.writes += t.writes;
      row.fills += t.fills;
      row.drains += t.drains;
      row.readBits =
          plus(row.readBits, bitsMoved(s.tensor, t.reads, t.partialReads));
      row.writeBits =
          plus(row.writeBits, bitsMoved(s.tensor, t.writes, t.partialWrites));
    }
  for (auto &[key, row] : rows) {
    const Level &level = arch.levels[row.level];
    if (isV1 && level.accessBits) // One access for each element.
      row.energyPj = double(*level.accessBits) *
                     (double(row.reads) * level.readPjPerBit +
                      double(row.writes) * level.writePjPerBit);
    else
      row.energyPj = double(row.readBits) * level.readPjPerBit +
                     double(row.writeBits) * level.writePjPerBit;
    if (row.level == 0) {
      current = "the off-chip transfers";
      report.offChip.elements =
          plus(report.offChip.elements, plus(row.reads, row.writes));
      report.offChip.bits =
          plus(report.offChip.bits, plus(row.readBits, row.writeBits));
    }
    report.accesses.push_back(row);
  }
  current = "the bits of the algorithmic minimum";
  if (auto minimum = algorithmicMinimum(w, spaces))
    report.algorithmicMinimum = *minimum;
  else
    doesNotFit();
}

void Reporter::addBuffers() {
  std::vector<int64_t> bits;
  for (SlotId slot = 0; slot < tree.slots.size(); ++slot) {
    const Slot &s = tree.slots[slot];
    const Tensor &tensor = w.tensors[s.tensor];
    int64_t width = memory.receivedPartial(slot)
                        ? tensor.partialBits.value_or(tensor.bits)
                        : tensor.bits;
    current = "the bits of " + nameOf(slot);
    bits.push_back(times(tally.size(slot), width));
    BufferRow row;
    row.node = s.node;
    row.level = s.level;
    row.tensor = s.tensor;
    row.elements = tally.size(slot);
    row.bits = bits.back();
    row.steady = tally.steadySize(slot);
    row.footprint = tally.footprint(slot);
    Traffic all;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      all += trafficOf(slot, e);
    row.reads = all.reads;
    row.writes = all.writes;
    row.fills = all.fills;
    row.drains = all.drains;
    current = "the bits moved of " + nameOf(slot);
    row.readBits = bitsMoved(s.tensor, all.reads, all.partialReads);
    row.writeBits = bitsMoved(s.tensor, all.writes, all.partialWrites);
    report.buffers.push_back(row);
  }
  CapacityNeeds needs = capacityPerLevel(arch, tree, tally, bits);
  report.capacityBits = std::move(needs.bits);
  if (needs.overflowed) {
    current = "the bits needed at " + arch.levels[*needs.overflowed].name;
    doesNotFit();
  }
}

void Reporter::addProblems() {
  for (LevelId level = 0; level < arch.levels.size(); ++level) {
    int64_t need = report.capacityBits[level];
    const std::optional<int64_t> &has = arch.levels[level].capacityBits;
    if (has && need > *has)
      report.problems.push_back(OverCapacity{level, need, need - *has});
  }
  std::optional<Occupied> occupied = occupiedInstances(arch, tree, tally);
  if (!occupied) {
    current = "the instances in use";
    return doesNotFit();
  }
  for (unsigned dim = 0; dim < arch.fanouts.size(); ++dim) {
    int64_t used = occupied->fanouts[dim], has = arch.fanouts[dim].size;
    if (used > has)
      report.problems.push_back(OverFanOut{dim, used, used - has});
  }
  int64_t has = arch.computeInstances();
  if (!isV1 && occupied->compute > has)
    report.problems.push_back(OverCompute{occupied->compute - has});
}

Reporter::Port Reporter::busiest(LevelId level) {
  // An instance of a level is named by its loop indices over each dimension; a
  // loop that a path lacks counts as index 0.
  std::map<std::vector<std::vector<uint64_t>>, Port> ports;
  for (SlotId slot = 0; slot < tree.slots.size(); ++slot) {
    const Slot &s = tree.slots[slot];
    if (s.level != level)
      continue;
    current = "the bits moved of " + nameOf(slot);
    const auto &dims = tree.nodes[s.node].fanouts;
    memory.forEachInstance(slot, [&](InstanceId id, const Traffic &moved) {
      std::vector<std::vector<uint64_t>> name(arch.fanouts.size());
      for (size_t depth = 0; depth < dims.size(); ++depth)
        name[dims[depth]].push_back(instances.indices(id)[depth]);
      for (auto &indices : name)
        while (!indices.empty() && indices.back() == 0)
          indices.pop_back();
      Port &port = ports[name];
      port.read =
          plus(port.read, bitsMoved(s.tensor, moved.reads, moved.partialReads));
      port.write = plus(port.write,
                        bitsMoved(s.tensor, moved.writes, moved.partialWrites));
    });
  }
  Port most;
  for (const auto &[name, port] : ports) {
    most.read = std::max(most.read, port.read);
    most.write = std::max(most.write, port.write);
    most.shared = std::max(most.shared, plus(port.read, port.write));
  }
  return most;
}

void Reporter::addLatency(const Walk &walk) {
  report.computeCycles = report.latencyCycles = walk.cycles();
  report.fillCycles = walk.fillCycles();
  report.drainCycles = walk.drainCycles();
  for (LevelId id = 0; id < arch.levels.size(); ++id) {
    const Level &level = arch.levels[id];
    int64_t slowest = 0;
    auto port = [&](const std::optional<Rational> &rate, int64_t bits) {
      if (!rate)
        return;
      std::optional<int64_t> cycles = ceilDivide(bits, *rate);
      if (!cycles) {
        current = "the cycles of " + level.name;
        doesNotFit();
      }
      slowest = std::max(slowest, cycles.value_or(0));
    };
    Port bits = busiest(id);
    port(level.readBitsPerCycle, bits.read);
    port(level.writeBitsPerCycle, bits.write);
    port(level.sharedBitsPerCycle, bits.shared);
    report.memoryCycles.push_back(slowest);
    if (slowest > report.latencyCycles) {
      report.latencyCycles = slowest;
      report.boundBy = id;
    }
  }
  double busy = 0;
  for (EinsumId e = 0; e < w.einsums.size(); ++e)
    if (const auto &rate = arch.compute.of(w.einsums[e].kind).opsPerCycle)
      busy += double(report.ops[e]) / rate->toDouble();
  if (report.latencyCycles)
    report.utilisation =
        busy / (double(report.latencyCycles) * double(arch.computeInstances()));
}

void Reporter::addEnergy() {
  report.levelEnergyPj.assign(arch.levels.size(), 0);
  for (const AccessRow &row : report.accesses)
    report.levelEnergyPj[row.level] += row.energyPj;
  for (EinsumId e = 0; e < w.einsums.size(); ++e)
    report.computeEnergyPj +=
        double(report.ops[e]) * arch.compute.of(w.einsums[e].kind).pjPerOp;
  double leak =
      arch.compute.leakagePjPerCycle * double(arch.computeInstances());
  for (LevelId level = 0; level < arch.levels.size(); ++level)
    leak +=
        arch.levels[level].leakagePjPerCycle * double(arch.instances(level));
  report.leakageEnergyPj = leak * double(report.latencyCycles);
  report.energyPj = report.computeEnergyPj + report.leakageEnergyPj;
  for (double level : report.levelEnergyPj)
    report.energyPj += level;
}

Result<CostReport> makeReport(const Workload &workload, const Arch &arch,
                              const Tree &tree,
                              const std::vector<OpSpace> &spaces,
                              const Instances &instances, const Memory &memory,
                              const Tally &tally, const Walk &walk,
                              Convention convention) {
  Reporter reporter(workload, arch, tree, spaces, instances, memory, tally,
                    convention);
  reporter.addOps();
  reporter.addAccesses();
  reporter.addBuffers();
  reporter.addProblems();
  reporter.addLatency(walk);
  reporter.addEnergy();
  if (!reporter.overflowed.empty())
    return Error{reporter.overflowed + " exceed 64 bit"};
  return std::move(reporter.report);
}

} // namespace looptree::reference
