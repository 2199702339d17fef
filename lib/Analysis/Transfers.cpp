//===- Transfers.cpp - What moves between buffers ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transfers.h"

#include "AccessSets.h"
#include "Checked.h"
#include "FlowShop.h"
#include "OperandChanges.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <string>

using namespace looptree;

namespace {

/// What a buffer holds: elements with a value, and those of them written here
/// since they came in. The element in compute's accumulator counts as held and
/// dirty in the buffer that it will be written to: nothing can tell the two
/// apart but the count of writes, which is made when the element is begun.
struct Contents {
  BoxSet value, dirty;
};

/// More jobs than this would take minutes to put in order.
constexpr int64_t kMaxJobs = int64_t(1) << 26;

class Mover {
public:
  Mover(const Plan::Impl &plan, const VisitTree &tree, const Folding &folding,
        const Workload &unfolded)
      : plan(plan), tree(tree), folding(folding), unfolded(unfolded),
        contents(plan.buffers.size()), registers(plan.operands.size()),
        sizes(plan.buffers.size()), holdsOver(plan.buffers.size(), false),
        openWindows(plan.buffers.size()), removedUnits(folding.folds, 0) {
    result.ops.resize(plan.einsums.size());
    result.buffers.resize(plan.buffers.size());
    for (BufferId b = 0; b < plan.buffers.size(); ++b) {
      unsigned dims = shapeOf(plan.buffers[b].tensor).size();
      contents[b].value = contents[b].dirty = BoxSet(dims);
      result.buffers[b].byEinsum.resize(plan.einsums.size());
    }
    for (TensorId t = 0; t < plan.tensors.size(); ++t)
      complete.emplace_back(shapeOf(t).size());
  }

  Result<Transfers> run() {
    result.computeCycles = walkBranch(0, tree.root);
    if (failure.empty())
      finish();
    if (result.foldFailed)
      return std::move(result);
    if (!failure.empty())
      return Error{failure};
    if (count.overflow)
      return Error{"a count exceeds 64 bit"};
    for (BufferId b = 0; b < plan.buffers.size(); ++b)
      summarize(b);
    return std::move(result);
  }

private:
  const std::vector<int64_t> &shapeOf(TensorId t) const {
    return plan.workload.tensors[t].shape;
  }
  Traffic &traffic(BufferId b, EinsumId e) {
    return result.buffers[b].byEinsum[e];
  }

  //===--------------------------------------------------------------------===//
  // The walk. Returns ops where the chain from the node ends in a compute,
  // cycles where it ends in a sequential; where it ends in a pipeline, jobs are
  // appended to the run.
  //===--------------------------------------------------------------------===//

  int64_t walk(unsigned id) {
    const Visit &visit = tree.visits[id];
    const PlanNode &node = plan.nodes[visit.node];
    if (!failure.empty() || result.foldFailed)
      return 0;
    inside = visit.inside;
    switch (node.kind) {
    case PlanNode::Kind::For:
      return walkFor(node, visit);
    case PlanNode::Kind::Retain:
      enterRetain(node, visit);
      return walk(visit.children[0]);
    case PlanNode::Kind::Sequential:
    case PlanNode::Kind::Pipeline:
      return walkSplit(node, visit);
    case PlanNode::Kind::Compute:
      return compute(node.einsum, tree.ops[visit.data]);
    }
    return 0;
  }

  int64_t walkSplit(const PlanNode &node, const Visit &visit) {
    bool isPipeline = node.kind == PlanNode::Kind::Pipeline;
    int64_t total = 0;
    if (isPipeline)
      openJob(node);
    for (size_t b = 0; b < visit.children.size(); ++b) {
      int64_t cycles = 0;
      if (visit.children[b] != kNone) {
        for (size_t other = 0; other < visit.children.size(); ++other)
          if (other != b && !isPipeline)
            dropBranch(node, other);
        cycles = walkBranch(node.children[b], visit.children[b]);
        inside = visit.inside;
        for (TensorId t : node.branchResults[b])
          leaveBranch(node, b, t);
      }
      if (isPipeline) {
        openRun.times.push_back(cycles);
        mark(&node.children[b], cycles);
      } else {
        count.increase(total, cycles);
      }
    }
    return total;
  }

  /// The cycles of one visit of a branch, or of the root.
  int64_t walkBranch(NodeId branch, unsigned visit) {
    const PlanNode &end = plan.nodes[plan.nodes[branch].chainEnd];
    if (end.kind == PlanNode::Kind::Sequential)
      return walk(visit);
    if (end.kind == PlanNode::Kind::Compute)
      return cyclesOf(end.einsum, walk(visit));
    OpenRun outer;
    outer.stages = end.children.size();
    for (const Crossing &crossing : end.crossings)
      outer.rooms.push_back({crossing.first, crossing.last, {}});
    std::swap(outer, openRun);
    walk(visit);
    std::swap(outer, openRun);
    PipelineTime time = timeOf(outer, count);
    if (branch == 0) {
      result.fillCycles = time.fill;
      result.drainCycles = time.drain;
    }
    for (size_t i = 0; i < end.crossings.size(); ++i) {
      BufferUse &use = result.buffers[end.crossings[i].buffer];
      use.peak = std::max(use.peak, time.elements[i]);
      use.footprint = std::max(use.footprint, time.footprints[i]);
    }
    return time.cycles;
  }

  /// A pipeline is entered: the windows of what is held above it.
  void openJob(const PlanNode &pipeline) {
    size_t job = openRun.jobs();
    for (size_t i = 0; i < pipeline.crossings.size(); ++i) {
      Window &open = openWindows[pipeline.crossings[i].buffer];
      if (open.elements.empty())
        continue;
      if (open.position == kNone) {
        open.position = openRun.windows.size();
        openRun.windows.push_back(
            placed(open.elements, pipeline.crossings[i].buffer, open.inside));
        openRun.origins.push_back({pipeline.crossings[i].buffer, open.inside});
      }
      auto &positions = openRun.rooms[i].window;
      positions.resize(job, PipelineRun::kAbsent);
      positions.push_back(open.position);
    }
  }

  /// A window where it lies in the workload as given.
  BoxSet placed(const BoxSet &elements, BufferId b, uint64_t insideOfWindow) {
    const auto &axes = folding.dims[plan.buffers[b].tensor];
    uint64_t insideNow = inside;
    inside = insideOfWindow;
    BoxSet result = isFolded(axes) ? unfoldSet(elements, axes) : elements;
    inside = insideNow;
    for (unsigned d = 0; d < axes.size(); ++d)
      if (axes[d].fold != kNone && (insideOfWindow >> axes[d].fold & 1))
        result.move(d, removedUnits[axes[d].fold] * axes[d].unit);
    return result;
  }

  /// The jobs from `first` on come `copies` times, each time one unit further
  /// along a fold.
  void repeatJobs(size_t first, int64_t copies, unsigned fold) {
    size_t end = openRun.jobs();
    if (int64_t(end - first) > kMaxJobs / copies && failure.empty())
      failure =
          "a pipeline runs more than " + std::to_string(kMaxJobs) + " jobs";
    if (!failure.empty())
      return;
    for (PipelineRun::Room &room : openRun.rooms)
      room.window.resize(end, PipelineRun::kAbsent);
    for (int64_t copy = 1; copy < copies; ++copy) {
      std::map<unsigned, unsigned> moved;
      for (size_t job = first; job < end; ++job) {
        for (unsigned k = 0; k < openRun.stages; ++k)
          openRun.times.push_back(openRun.times[job * openRun.stages + k]);
        for (PipelineRun::Room &room : openRun.rooms)
          room.window.push_back(
              movedWindow(room.window[job], copy, fold, moved));
      }
    }
  }

  unsigned movedWindow(unsigned position, int64_t copy, unsigned fold,
                       std::map<unsigned, unsigned> &moved) {
    if (position == PipelineRun::kAbsent ||
        !(openRun.origins[position].inside >> fold & 1))
      return position;
    auto [known, isNew] = moved.insert({position, openRun.windows.size()});
    if (isNew) {
      Origin origin = openRun.origins[position];
      BoxSet set = openRun.windows[position];
      const auto &axes = folding.dims[plan.buffers[origin.buffer].tensor];
      for (unsigned d = 0; d < axes.size(); ++d)
        if (axes[d].fold == fold)
          set.move(d, copy * axes[d].unit);
      openRun.windows.push_back(std::move(set));
      openRun.origins.push_back(origin);
    }
    return known->second;
  }

  int64_t walkFor(const PlanNode &loop, const Visit &visit) {
    int64_t total = 0, copies = 1, zone = -1;
    for (unsigned child : visit.children)
      if (tree.visits[child].copies > 1) {
        copies = tree.visits[child].copies;
        zone = tree.visits[child].unit;
      }
    unsigned fold = folding.ranks[loop.einsum][loop.rank].fold;
    // Units next to the zone, by what they cost: equal, or the fold fails.
    std::vector<std::pair<int64_t, uint64_t>> units;
    size_t zoneJobs = 0;
    for (size_t i = 0; i < visit.children.size(); ++i) {
      unsigned child = visit.children[i];
      const Visit &iteration = tree.visits[child];
      bool inZone = iteration.copies > 1;
      if (inZone && tree.visits[visit.children[i - 1]].unit != zone)
        zoneJobs = openRun.jobs();
      int64_t timesBefore = times;
      uint64_t before = fingerprint;
      times = count.mul(times, iteration.copies);
      count.increase(total, count.mul(iteration.copies, walk(child)));
      times = timesBefore;
      uint64_t cost = fingerprint - before;
      fingerprint += uint64_t(iteration.copies - 1) * cost;
      if (zone < 0)
        continue;
      if (units.empty() || units.back().first != iteration.unit)
        units.push_back({iteration.unit, 0});
      units.back().second += cost;
      if (inZone && tree.visits[visit.children[i + 1]].unit != zone) {
        repeatJobs(zoneJobs, copies, fold);
        removedUnits[fold] = copies - 1;
      }
    }
    if (zone < 0)
      return total;
    removedUnits[fold] = 0;
    for (auto [unit, cost] : units)
      if (unit >= zone - 2 && unit <= zone + 1)
        for (auto [other, otherCost] : units)
          result.foldFailed |= other == zone && otherCost != cost;
    return total;
  }

  /// Adds to a counter what happens now, as often as the current tile stands
  /// for. The fingerprint tells what one tile did from what another did.
  void bump(int64_t &counter, int64_t n) {
    if (n == 0)
      return;
    count.increase(counter, count.mul(n, times));
    mark(&counter, n);
  }

  void mark(const void *what, int64_t n) {
    uint64_t key = reinterpret_cast<uintptr_t>(what);
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
    fingerprint += (key ^ (key >> 31)) * uint64_t(n);
  }

  /// Whether a set on these axes looks smaller than it is here.
  bool isFolded(const std::vector<FoldedAxis> &axes) const {
    for (const FoldedAxis &axis : axes)
      if (axis.fold != kNone && !(inside >> axis.fold & 1))
        return true;
    return false;
  }

  BoxSet unfoldSet(const BoxSet &set, const std::vector<FoldedAxis> &axes) {
    if (auto whole = unfold(set, axes, inside))
      return std::move(*whole);
    result.foldFailed = true;
    return set;
  }

  /// Elements of a set of a tensor, ops of a set of an einsum.
  int64_t sizeOf(const BoxSet &set, const std::vector<FoldedAxis> &axes) {
    return isFolded(axes) ? unfoldSet(set, axes).size() : set.size();
  }
  int64_t elements(const BoxSet &set, TensorId t) {
    return sizeOf(set, folding.dims[t]);
  }

  /// Time of ops of one leaf, rounded up once.
  int64_t cyclesOf(EinsumId e, int64_t ops) {
    auto rate = plan.arch.compute.of(plan.workload.einsums[e].kind).opsPerCycle;
    if (!rate)
      return 0;
    __int128 scaled = (__int128)ops * rate->den;
    __int128 cycles = (scaled + rate->num - 1) / rate->num;
    count.overflow |= cycles > INT64_MAX;
    return int64_t(cycles);
  }

  //===--------------------------------------------------------------------===//
  // Buffers
  //===--------------------------------------------------------------------===//

  void enterRetain(const PlanNode &node, const Visit &visit) {
    unsigned next = visit.data;
    for (BufferId b : node.buffers) {
      const Buffer &buffer = plan.buffers[b];
      std::span<const BoxSet> byUser(tree.windows.data() + next,
                                     buffer.users.size());
      next += buffer.users.size();
      BoxSet window = byUser[0];
      for (const BoxSet &used : byUser.subspan(1))
        window.unite(used);
      if (buffer.isInFlight)
        openWindows[b] = {window, inside, kNone};

      if (buffer.sequentialBelow != kNone && !buffer.noReuse && !holdsOver[b])
        noteHoldsOver(b, window);
      if (!window.empty()) {
        int64_t size = elements(window, buffer.tensor);
        bump(sizes[b][size], 1);
        BufferUse &use = result.buffers[b];
        use.peak = std::max(use.peak, size);
        const auto &axes = folding.dims[buffer.tensor];
        use.footprint =
            std::max(use.footprint,
                     isFolded(axes) ? unfoldSet(window, axes).latticeBoxSize()
                                    : window.latticeBoxSize());
      } else if (!buffer.noReuse) {
        continue;
      }
      if (!buffer.holdsEverything)
        evict(b, buffer.noReuse ? nullptr : &window);
      if (buffer.parent != kNone && !window.empty())
        fill(b, window, byUser);
    }
  }

  /// A buffer holds over when an element from an earlier visit is needed again
  /// or left standing by an empty window.
  void noteHoldsOver(BufferId b, const BoxSet &window) {
    auto meets = [&](const Contents &c) {
      return window.empty() ? !c.value.empty()
                            : !c.value.intersect(window).empty();
    };
    holdsOver[b] = meets(contents[b]);
    for (BufferId below : plan.buffers[b].below)
      if (!holdsOver[b])
        holdsOver[b] = meets(contents[below]);
    for (unsigned o : plan.buffers[b].operandsBelow) {
      const auto &held = registers[o];
      if (!holdsOver[b] && held)
        holdsOver[b] =
            window.empty() || window.contains({held->data(), held->size()});
    }
  }

  /// Elements outside the window (all, when there is none) leave a buffer and
  /// everything of its tensor below it.
  void evict(BufferId b, const BoxSet *window) {
    for (unsigned o : plan.buffers[b].operandsBelow)
      if (registers[o] && !(window && window->contains({registers[o]->data(),
                                                        registers[o]->size()})))
        registers[o].reset();
    for (BufferId below : plan.buffers[b].below)
      evictOne(below, window);
    evictOne(b, window);
  }

  void evictOne(BufferId b, const BoxSet *window) {
    Contents &held = contents[b];
    if (held.value.empty())
      return;
    BoxSet gone = window ? held.value.subtract(*window) : held.value;
    if (gone.empty())
      return;
    const Buffer &buffer = plan.buffers[b];
    if (!held.dirty.empty()) {
      BoxSet drained = held.dirty.intersect(gone);
      if (buffer.parent != kNone && !drained.empty())
        drain(b, drained);
      held.dirty = held.dirty.subtract(drained);
    }
    held.value =
        window ? held.value.intersect(*window) : BoxSet(held.value.dims());
  }

  void drain(BufferId b, const BoxSet &elements) {
    const Buffer &buffer = plan.buffers[b];
    EinsumId producer = plan.tensors[buffer.tensor].producer;
    int64_t n = sizeOf(elements, folding.dims[buffer.tensor]);
    Traffic &here = traffic(b, producer),
            &up = traffic(buffer.parent, producer);
    bump(here.reads, n);
    bump(here.drains, n);
    bump(up.writes, n);
    if (plan.tensors[buffer.tensor].tracksPartial) {
      int64_t partial = sizeOf(elements.subtract(complete[buffer.tensor]),
                               folding.dims[buffer.tensor]);
      bump(here.partialReads, partial);
      bump(up.partialWrites, partial);
    }
    Contents &parent = contents[buffer.parent];
    parent.value.unite(elements);
    parent.dirty.unite(elements);
  }

  void fill(BufferId b, const BoxSet &window, std::span<const BoxSet> byUser) {
    const Buffer &buffer = plan.buffers[b];
    BoxSet coming = window.subtract(contents[b].value);
    const Buffer &parent = plan.buffers[buffer.parent];
    if (!parent.holdsEverything)
      coming = coming.intersect(contents[buffer.parent].value);
    if (coming.empty())
      return;
    BoxSet rest = coming;
    for (size_t i = 0; i < byUser.size() && !rest.empty(); ++i) {
      BoxSet mine = rest.intersect(byUser[i]);
      if (mine.empty())
        continue;
      int64_t n = elements(mine, buffer.tensor);
      Traffic &here = traffic(b, buffer.users[i]);
      Traffic &up = traffic(buffer.parent, buffer.users[i]);
      bump(up.reads, n);
      bump(here.writes, n);
      bump(here.fills, n);
      if (plan.tensors[buffer.tensor].tracksPartial) {
        int64_t partial =
            elements(mine.subtract(complete[buffer.tensor]), buffer.tensor);
        bump(up.partialReads, partial);
        bump(here.partialWrites, partial);
      }
      rest = rest.subtract(mine);
    }
    contents[b].value.unite(coming);
  }

  /// Control enters another branch: what this one holds ends.
  void dropBranch(const PlanNode &split, size_t branch) {
    for (EinsumId e : plan.nodes[split.children[branch]].group) {
      for (unsigned o : plan.einsums[e].reads)
        registers[o].reset();
      registers[plan.einsums[e].result].reset();
    }
    for (BufferId b : split.branchBuffers[branch])
      evictOne(b, nullptr);
  }

  /// Control leaves a branch: a tensor that others read leaves its buffers.
  void leaveBranch(const PlanNode &split, size_t branch, TensorId t) {
    for (EinsumId e : plan.nodes[split.children[branch]].group) {
      for (unsigned o : plan.einsums[e].reads)
        if (plan.operands[o].tensor == t)
          registers[o].reset();
      if (plan.operands[plan.einsums[e].result].tensor == t)
        registers[plan.einsums[e].result].reset();
    }
    for (BufferId b : split.branchBuffers[branch])
      if (plan.buffers[b].tensor == t)
        evictOne(b, nullptr);
  }

  //===--------------------------------------------------------------------===//
  // Compute
  //===--------------------------------------------------------------------===//

  int64_t compute(EinsumId e, const BoxSet &ops) {
    if (ops.empty())
      return 0;
    const Einsum &einsum = plan.workload.einsums[e];
    const EinsumPlan &info = plan.einsums[e];
    int64_t n = sizeOf(ops, folding.ranks[e]);
    bump(result.ops[e], n);
    for (size_t k = 0; k < einsum.reads.size(); ++k) {
      const Access &read = einsum.reads[k];
      if (read.isInit)
        countRead(info.reads[k], read, opsAt(ops, info.reductionRanks, 0));
      else
        countRead(info.reads[k], read, ops);
    }
    countWrites(info.result, einsum.write, ops);
    return n;
  }

  /// Changes of the element an operand holds, over a walk that starts with the
  /// element it held before.
  int64_t advance(unsigned id, const OperandWalk &walk, const BoxSet &ops,
                  const Access &access) {
    auto &held = registers[id];
    const Operand &operand = plan.operands[id];
    int64_t changes = walk.changes;
    if (isFolded(folding.ranks[operand.einsum]))
      changes = walkOperand(unfoldSet(ops, folding.ranks[operand.einsum]),
                            access, unfolded.tensors[operand.tensor])
                    .changes;
    changes -= held && *held == walk.first ? 1 : 0;
    held = walk.last;
    return changes;
  }

  void countRead(unsigned id, const Access &read, const BoxSet &ops) {
    const Operand &operand = plan.operands[id];
    const Tensor &tensor = plan.workload.tensors[operand.tensor];
    OperandWalk walk = walkOperand(ops, read, tensor);
    if (walk.changes == 0)
      return;
    if (plan.tensors[operand.tensor].producer != kNone) {
      BoxSet missing = elementsOf(ops, read, tensor)
                           .subtract(contents[operand.buffer].value);
      if (!missing.empty())
        return reportMissing(operand, missing);
    }
    bump(traffic(operand.buffer, operand.einsum).reads,
         advance(id, walk, ops, read));
  }

  void reportMissing(const Operand &operand, const BoxSet &missing) {
    std::string element;
    for (const Run &run : missing.box(0))
      element += (element.empty() ? "" : ", ") + std::to_string(run.lo);
    failure = "incomplete: " + plan.workload.einsums[operand.einsum].name +
              " reads " + plan.workload.tensors[operand.tensor].name + "[" +
              element + "], which " +
              plan.arch.levels[plan.buffers[operand.buffer].level].name +
              " does not hold";
  }

  void countWrites(unsigned id, const Access &write, const BoxSet &ops) {
    const Operand &operand = plan.operands[id];
    const Tensor &tensor = plan.workload.tensors[operand.tensor];
    Contents &held = contents[operand.buffer];
    BoxSet written = elementsOf(ops, write, tensor);
    OperandWalk walk = walkOperand(ops, write, tensor);
    // An element is begun without a read where nothing of it is held yet.
    int64_t begun = elements(written.subtract(held.value), operand.tensor);
    int64_t changes = advance(id, walk, ops, write);
    Traffic &here = traffic(operand.buffer, operand.einsum);
    bump(here.reads, changes - begun);
    bump(here.writes, changes);
    if (plan.tensors[operand.tensor].tracksPartial)
      trackPartial(operand, write, ops, written, changes, changes - begun);
    held.value.unite(written);
    held.dirty.unite(written);
  }

  void trackPartial(const Operand &operand, const Access &write,
                    const BoxSet &ops, const BoxSet &written, int64_t changes,
                    int64_t loads) {
    const Einsum &einsum = plan.workload.einsums[operand.einsum];
    const EinsumPlan &info = plan.einsums[operand.einsum];
    // With one op per index of the ranks that the write does not use, an
    // element is complete after the op at which all of them are at their end.
    BoxSet finishing = ops;
    for (RankId r : info.reductionRanks)
      finishing = opsAt(finishing, {&r, 1}, einsum.ranks[r].extent - 1);
    BoxSet done =
        elementsOf(finishing, write, plan.workload.tensors[operand.tensor]);
    BoxSet &whole = complete[operand.tensor];
    whole = whole.subtract(written);
    whole.unite(done);
    Traffic &here = traffic(operand.buffer, operand.einsum);
    bump(here.partialReads, loads);
    // An element begun at one visit and completed at another is counted as
    // partial there and taken back here.
    bump(here.partialWrites, changes - elements(done, operand.tensor));
  }

  //===--------------------------------------------------------------------===//
  // The end
  //===--------------------------------------------------------------------===//

  void finish() {
    inside = 0;
    for (BufferId b = plan.buffers.size(); b-- > 0;)
      if (plan.buffers[b].parent != kNone &&
          plan.tensors[plan.buffers[b].tensor].producer != kNone)
        evictOne(b, nullptr);
    for (TensorId t = 0; t < plan.tensors.size(); ++t) {
      if (plan.workload.tensors[t].kind != TensorKind::Output)
        continue;
      EinsumId p = plan.tensors[t].producer;
      BoxSet missing =
          elementsOf(plan.einsums[p].allOps, plan.workload.einsums[p].write,
                     plan.workload.tensors[t])
              .subtract(contents[plan.tensors[t].backing].value);
      if (missing.empty())
        continue;
      std::string element;
      for (const Run &run : missing.box(0))
        element += (element.empty() ? "" : ", ") + std::to_string(run.lo);
      failure = "incomplete: output " + plan.workload.tensors[t].name + "[" +
                element + "] is never made by " + plan.workload.einsums[p].name;
      return;
    }
  }

  void summarize(BufferId b) {
    BufferUse &use = result.buffers[b];
    int64_t most = 0;
    for (auto [size, times] : sizes[b])
      if (times > most) {
        most = times;
        use.steady = size;
      }
    for (const Traffic &moved : use.byEinsum)
      use.receivesPartial |= moved.partialWrites > 0;
    const Buffer &buffer = plan.buffers[b];
    bool isLiveOutside =
        buffer.parent == kNone &&
        plan.workload.tensors[buffer.tensor].kind != TensorKind::Intermediate;
    use.livesInBranches =
        buffer.sequentialBelow != kNone && !holdsOver[b] && !isLiveOutside;
  }

  const Plan::Impl &plan;
  const VisitTree &tree;
  const Folding &folding;
  const Workload &unfolded;
  Transfers result;
  std::vector<Contents> contents; ///< Per buffer.
  /// Per operand: the element that compute holds.
  std::vector<std::optional<Coords>> registers;
  std::vector<BoxSet> complete; ///< Per tensor, where partial bits differ.
  std::vector<std::map<int64_t, int64_t>> sizes; ///< Visits by |W|.
  std::vector<char> holdsOver;
  /// Per buffer that several stages of a pipeline use: the open visit's window,
  /// and its place among those of the run.
  struct Window {
    BoxSet elements;
    uint64_t inside = 0;
    unsigned position = kNone;
  };
  std::vector<Window> openWindows;
  struct Origin {
    BufferId buffer;
    uint64_t inside;
  };
  struct OpenRun : PipelineRun {
    std::vector<Origin> origins; ///< Of `windows`.
  };
  OpenRun openRun;                   ///< That jobs are added to.
  std::vector<int64_t> removedUnits; ///< Per fold: left out before this tile.
  Checked count;
  int64_t times = 1;        ///< How many tiles the current one stands for.
  uint64_t inside = 0;      ///< Folds whose loop control is in.
  uint64_t fingerprint = 0; ///< Of everything counted so far.
  std::string failure;
};

} // namespace

Result<Transfers> looptree::countTransfers(const Plan::Impl &plan,
                                           const VisitTree &tree,
                                           const Folding &folding,
                                           const Workload &unfolded) {
  return Mover(plan, tree, folding, unfolded).run();
}
