//===- Evaluate.cpp - The cost of a mapping ------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AccessSets.h"
#include "BoxCosts.h"
#include "Transfers.h"

#include "looptree/Analysis/Nodes.h"

#include <algorithm>
#include <cassert>

using namespace looptree;

namespace {

class Reporter {
public:
  Reporter(const Plan::Impl &plan, const Transfers &transfers)
      : plan(plan), transfers(transfers), arch(plan.arch) {}

  Result<CostReport> run() {
    report.convention = plan.convention;
    reportOps();
    reportBuffers();
    reportCapacity();
    reportAccesses();
    reportLatency();
    reportEnergy();
    if (count.overflow)
      return Error{count.message()};
    return std::move(report);
  }

private:
  void reportOps() {
    report.ops = transfers.ops;
    for (EinsumId e = 0; e < plan.einsums.size(); ++e) {
      // What is executed at all is what the untiled set needs: a consumer's
      // ops never ask for more.
      report.recompute.push_back(transfers.ops[e] - plan.einsums[e].neededOps);
      report.notNeeded.push_back(plan.einsums[e].allOps.size() -
                                 plan.einsums[e].neededOps);
    }
    report.algorithmicMinimum = plan.algorithmicMinimum;
  }

  int64_t bitsOf(BufferId b) {
    const Tensor &tensor = plan.workload.tensors[plan.buffers[b].tensor];
    const BufferUse &use = transfers.buffers[b];
    return count.mul(use.peak,
                     use.receivesPartial ? *tensor.partialBits : tensor.bits);
  }

  void reportBuffers() {
    for (BufferId b = 0; b < plan.buffers.size(); ++b) {
      const BufferUse &use = transfers.buffers[b];
      BufferRow row;
      row.node = plan.buffers[b].node;
      row.level = plan.buffers[b].level;
      row.tensor = plan.buffers[b].tensor;
      row.elements = use.peak;
      row.bits = bitsOf(b);
      row.steady = use.steady;
      row.footprint = use.footprint;
      report.buffers.push_back(row);
      count.is([&] { return "the bits of " + plan.nameOf(b); });
    }
  }

  //===--------------------------------------------------------------------===//
  // Capacity (docs/CostModel.md, section 4)
  //===--------------------------------------------------------------------===//

  using PerLevel = std::vector<int64_t>;

  void occupy(PerLevel &total, BufferId b) {
    const Buffer &buffer = plan.buffers[b];
    bool twice =
        arch.levels[buffer.level].doubleBuffered && buffer.parent != kNone;
    count.increase(total[buffer.level], count.mul(bitsOf(b), twice ? 2 : 1));
    nameNeed(buffer.level);
  }
  void nameNeed(LevelId l) {
    count.is([&] { return "the bits needed at " + arch.levels[l].name; });
  }

  /// Bits per level that a subtree needs. `inBranches`: buffers directly above
  /// it that live in some of its branches only.
  PerLevel capacity(NodeId id, std::vector<BufferId> inBranches = {}) {
    const PlanNode &node = plan.nodes[id];
    PerLevel total(arch.levels.size(), 0);
    switch (node.kind) {
    case PlanNode::Kind::Compute:
      return total;
    case PlanNode::Kind::For:
    case PlanNode::Kind::SpatialFor:
      return capacity(node.children[0]);
    case PlanNode::Kind::Retain: {
      for (BufferId b : node.buffers) {
        if (transfers.buffers[b].livesInBranches)
          inBranches.push_back(b);
        else
          occupy(total, b);
      }
      PerLevel below = capacity(node.children[0], std::move(inBranches));
      for (LevelId l = 0; l < total.size(); ++l) {
        count.increase(total[l], below[l]);
        nameNeed(l);
      }
      return total;
    }
    case PlanNode::Kind::Sequential:
    case PlanNode::Kind::Pipeline:
      break;
    }
    for (size_t i = 0; i < node.children.size(); ++i) {
      PerLevel branch = capacity(node.children[i]);
      for (BufferId b : inBranches) {
        auto [first, last] = plan.branchesUsing(node, plan.buffers[b]);
        if (first <= i && i <= last)
          occupy(branch, b);
      }
      for (LevelId l = 0; l < total.size(); ++l) {
        total[l] = node.kind == PlanNode::Kind::Pipeline
                       ? count.add(total[l], branch[l])
                       : std::max(total[l], branch[l]);
        nameNeed(l);
      }
    }
    return total;
  }

  /// Compute instances that run at the same time.
  int64_t computeInUse(NodeId id) {
    const PlanNode &node = plan.nodes[id];
    int64_t total = node.kind == PlanNode::Kind::Compute ? 1 : 0;
    for (NodeId child : node.children) {
      int64_t below = computeInUse(child);
      total = node.kind == PlanNode::Kind::Pipeline ? count.add(total, below)
                                                    : std::max(total, below);
    }
    return node.kind == PlanNode::Kind::SpatialFor
               ? count.mul(total, transfers.spatialUse[id])
               : total;
  }

  /// Instances along a fan-out dimension.
  int64_t fanoutInUse(NodeId id, unsigned fanout) {
    const PlanNode &node = plan.nodes[id];
    int64_t most = 1;
    for (NodeId child : node.children)
      most = std::max(most, fanoutInUse(child, fanout));
    return node.kind == PlanNode::Kind::SpatialFor && node.fanout == fanout
               ? count.mul(most, transfers.spatialUse[id])
               : most;
  }

  void reportCapacity() {
    report.capacityBits = capacity(0);
    for (LevelId l = 0; l < arch.levels.size(); ++l) {
      auto limit = arch.levels[l].capacityBits;
      if (limit && report.capacityBits[l] > *limit)
        report.problems.push_back(OverCapacity{
            l, report.capacityBits[l], report.capacityBits[l] - *limit});
    }
    for (unsigned f = 0; f < arch.fanouts.size(); ++f) {
      int64_t used = fanoutInUse(0, f);
      count.is(
          [&] { return "the instances in use along " + arch.fanouts[f].name; });
      if (used > arch.fanouts[f].size)
        report.problems.push_back(
            OverFanOut{f, used, used - arch.fanouts[f].size});
    }
    int64_t excess = computeInUse(0) - arch.computeInstances();
    count.is([] { return "the compute instances in use"; });
    if (excess > 0 && !plan.isV1())
      report.problems.push_back(OverCompute{excess});
  }

  //===--------------------------------------------------------------------===//
  // Transfers, latency, energy (sections 5 to 7)
  //===--------------------------------------------------------------------===//

  AccessRow &row(LevelId level, TensorId tensor, EinsumId einsum) {
    for (AccessRow &row : report.accesses)
      if (row.level == level && row.tensor == tensor && row.einsum == einsum)
        return row;
    AccessRow fresh;
    fresh.level = level;
    fresh.tensor = tensor;
    fresh.einsum = einsum;
    report.accesses.push_back(fresh);
    return report.accesses.back();
  }

  int64_t bits(const Tensor &tensor, int64_t elements, int64_t partial) {
    return count.add(
        count.mul(elements - partial, tensor.bits),
        count.mul(partial, tensor.partialBits.value_or(tensor.bits)));
  }

  void reportAccesses() {
    for (BufferId b = 0; b < plan.buffers.size(); ++b) {
      const Buffer &buffer = plan.buffers[b];
      const Tensor &tensor = plan.workload.tensors[buffer.tensor];
      for (EinsumId e = 0; e < plan.einsums.size(); ++e) {
        Traffic moved = transfers.buffers[b].byEinsum[e];
        // The original takes the first reads of a result off, all at once.
        if (plan.isV1() && plan.operands[plan.einsums[e].result].buffer == b)
          moved.reads -= elementsOf(plan.einsums[e].allOps,
                                    plan.workload.einsums[e].write, tensor)
                             .size();
        if (!moved.reads && !moved.writes && !moved.fills && !moved.drains)
          continue;
        auto addTo = [&](auto &row) {
          count.increase(row.reads, moved.reads);
          count.increase(row.writes, moved.writes);
          count.increase(row.fills, moved.fills);
          count.increase(row.drains, moved.drains);
          count.increase(row.readBits,
                         bits(tensor, moved.reads, moved.partialReads));
          count.increase(row.writeBits,
                         bits(tensor, moved.writes, moved.partialWrites));
        };
        addTo(row(buffer.level, buffer.tensor, e));
        addTo(report.buffers[b]);
        count.is([&] {
          return "the bits moved of " + plan.nameOf(b) + " for " +
                 plan.workload.einsums[e].name;
        });
      }
    }
    const Workload &w = plan.workload;
    std::sort(report.accesses.begin(), report.accesses.end(),
              [&](const AccessRow &a, const AccessRow &b) {
                if (a.level != b.level)
                  return a.level < b.level;
                if (a.tensor != b.tensor)
                  return w.tensors[a.tensor].name < w.tensors[b.tensor].name;
                return w.einsums[a.einsum].name < w.einsums[b.einsum].name;
              });
    for (AccessRow &r : report.accesses) {
      const Level &level = arch.levels[r.level];
      // The original counts one access for each element, however wide.
      bool byAccess = plan.isV1() && level.accessBits;
      double bitsRead = byAccess ? double(r.reads) * double(*level.accessBits)
                                 : double(r.readBits);
      double bitsWritten = byAccess
                               ? double(r.writes) * double(*level.accessBits)
                               : double(r.writeBits);
      r.energyPj =
          bitsRead * level.readPjPerBit + bitsWritten * level.writePjPerBit;
      if (r.level == 0) {
        count.increase(report.offChip.elements, count.add(r.reads, r.writes));
        count.increase(report.offChip.bits, count.add(r.readBits, r.writeBits));
        count.is([] { return "the off-chip transfers"; });
      }
    }
  }

  int64_t cycles(int64_t bits, const std::optional<Rational> &rate) {
    if (!rate)
      return 0;
    __int128 result = ((__int128)bits * rate->den + rate->num - 1) / rate->num;
    count.overflow |= result > INT64_MAX;
    return int64_t(result);
  }

  void reportLatency() {
    report.computeCycles = transfers.computeCycles;
    report.fillCycles = transfers.fillCycles;
    report.drainCycles = transfers.drainCycles;
    report.latencyCycles = report.computeCycles;
    for (LevelId l = 0; l < arch.levels.size(); ++l) {
      const LevelUse &use = transfers.busiest[l];
      const Level &level = arch.levels[l];
      int64_t time = std::max({cycles(use.readBits, level.readBitsPerCycle),
                               cycles(use.writeBits, level.writeBitsPerCycle),
                               cycles(use.bits, level.sharedBitsPerCycle)});
      count.is([&] { return "the cycles of " + level.name; });
      report.memoryCycles.push_back(time);
      if (time > report.latencyCycles) {
        report.latencyCycles = time;
        report.boundBy = l;
      }
    }
    double busy = 0;
    for (EinsumId e = 0; e < plan.einsums.size(); ++e)
      if (auto rate =
              arch.compute.of(plan.workload.einsums[e].kind).opsPerCycle)
        busy += double(report.ops[e]) / rate->toDouble();
    if (report.latencyCycles > 0)
      report.utilisation = busy / (double(report.latencyCycles) *
                                   double(arch.computeInstances()));
  }

  void reportEnergy() {
    report.levelEnergyPj.resize(arch.levels.size());
    for (const AccessRow &r : report.accesses)
      report.levelEnergyPj[r.level] += r.energyPj;
    for (EinsumId e = 0; e < plan.einsums.size(); ++e)
      report.computeEnergyPj +=
          double(report.ops[e]) *
          arch.compute.of(plan.workload.einsums[e].kind).pjPerOp;
    double leakage =
        arch.compute.leakagePjPerCycle * double(arch.computeInstances());
    for (LevelId l = 0; l < arch.levels.size(); ++l)
      leakage += arch.levels[l].leakagePjPerCycle * double(arch.instances(l));
    report.leakageEnergyPj = leakage * double(report.latencyCycles);
    report.energyPj = report.computeEnergyPj + report.leakageEnergyPj;
    for (double energy : report.levelEnergyPj)
      report.energyPj += energy;
  }

  const Plan::Impl &plan;
  const Transfers &transfers;
  const Arch &arch;
  CostReport report;
  NamedChecked count;
};

} // namespace

/// None when a fold does not hold.
static std::optional<Result<Transfers>>
transfersOf(const Plan::Impl &plan, const Plan::Impl &folded,
            std::span<const int64_t> steps, const Folding &folding,
            size_t maxVisits = std::numeric_limits<size_t>::max()) {
  AlikeTiles alike(folded);
  for (;;) {
    auto tree = inferTileShapes(folded, steps, folding, &alike, maxVisits);
    if (!tree)
      return tree.error();
    if (tree->foldFailed)
      return std::nullopt;
    auto transfers = countTransfers(folded, *tree, folding, plan.workload);
    if (transfers && transfers->foldFailed)
      return std::nullopt;
    if (!transfers || !transfers->apart)
      return transfers;
    alike.setApart(*transfers->apart);
  }
}

static std::optional<Result<CostReport>>
evaluateWith(const Plan::Impl &plan, const Plan::Impl &folded,
             std::span<const int64_t> steps, const Folding &folding,
             size_t maxVisits = std::numeric_limits<size_t>::max()) {
  auto transfers = transfersOf(plan, folded, steps, folding, maxVisits);
  if (!transfers)
    return std::nullopt;
  if (!*transfers)
    return transfers->error();
  return Reporter(plan, **transfers).run();
}

Result<Transfers> looptree::countTransfers(const Plan::Impl &plan,
                                           std::span<const int64_t> steps) {
  Folding folding = chooseFolding(plan, steps);
  if (folding.folds > 0) {
    auto transfers = transfersOf(plan, foldPlan(plan, folding), steps, folding);
    // An error is reported in the coordinates of the workload as given.
    if (transfers && *transfers)
      return std::move(*transfers);
  }
  return *transfersOf(plan, plan, steps, unfoldedWorkload(plan));
}

Result<std::vector<NodeCost>>
looptree::nodeCosts(const Plan &plan, std::span<const int64_t> steps) {
  assert(steps.size() == plan.steps().size());
  auto transfers = countTransfers(plan.get(), steps);
  if (!transfers)
    return transfers.error();
  return std::move(transfers->nodes);
}

struct Scratch::Impl {
  BoxCosts boxes;
};
Scratch::Scratch() : impl(std::make_unique<Impl>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch &&) noexcept = default;
Scratch &Scratch::operator=(Scratch &&) noexcept = default;

std::optional<Error> looptree::evaluateInto(const Plan &plan,
                                            std::span<const int64_t> steps,
                                            Scratch &scratch,
                                            CostReport &report) {
  assert(steps.size() == plan.steps().size());
  const Plan::Impl &impl = plan.get();
  for (const BoxPlan *boxes : {impl.unitBoxes.get(), impl.boxes.get()})
    if (boxes && scratch.get().boxes.run(impl, *boxes, steps, report)) {
      scratch.way = Scratch::Way::Boxes;
      return std::nullopt;
    }
  auto result = evaluateTilesTogether(plan, steps, scratch);
  if (!result)
    return result.error();
  report = std::move(*result);
  return std::nullopt;
}

Result<CostReport> looptree::evaluate(const Plan &plan,
                                      std::span<const int64_t> steps,
                                      Scratch &scratch) {
  CostReport report;
  if (auto error = evaluateInto(plan, steps, scratch, report))
    return *error;
  return report;
}

static bool isNotCovered(const Error &error) {
  return error.message.ends_with("the closed form does not cover");
}

Result<CostReport> looptree::evaluateTilesTogether(
    const Plan &plan, std::span<const int64_t> steps, Scratch &scratch) {
  assert(steps.size() == plan.steps().size());
  const Plan::Impl &impl = plan.get();
  Folding folding = chooseFolding(impl, steps);
  if (folding.folds > 0) {
    auto report = evaluateWith(impl, foldPlan(impl, folding), steps, folding,
                               scratch.maxVisits);
    // An error is reported in the coordinates of the workload as given; what
    // is too much here is even more tile by tile.
    scratch.way = Scratch::Way::TilesTogether;
    if (report && (*report || isNotCovered(report->error())))
      return std::move(*report);
  }
  scratch.way = Scratch::Way::EveryTile;
  return *evaluateWith(impl, impl, steps, unfoldedWorkload(impl),
                       scratch.maxVisits);
}

Result<CostReport> looptree::evaluateEveryTile(const Plan &plan,
                                               std::span<const int64_t> steps) {
  assert(steps.size() == plan.steps().size());
  const Plan::Impl &impl = plan.get();
  return *evaluateWith(impl, impl, steps, unfoldedWorkload(impl));
}

Result<CostReport> looptree::evaluate(const Workload &workload,
                                      const Arch &arch, const Mapping &mapping,
                                      Convention convention) {
  auto plan = compile(workload, arch, mapping, convention);
  if (!plan)
    return plan.error();
  Scratch scratch;
  return evaluate(*plan, plan->steps(), scratch);
}
