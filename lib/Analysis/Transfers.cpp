//===- Transfers.cpp - What moves between buffers ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transfers.h"

#include "AccessSets.h"
#include "FlowShop.h"
#include "Leaf.h"
#include "Memory.h"
#include "Recorder.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <string>

using namespace looptree;

namespace {

/// A job takes some 200 bytes, and 200 more for each buffer between stages.
constexpr int64_t kMaxJobs = int64_t(1) << 22;

class Mover {
public:
  Mover(const Plan::Impl &plan, const VisitTree &tree, const Folding &folding,
        const Workload &unfolded, Recorder *recorder)
      : plan(plan), tree(tree), folding(folding), recorder(recorder),
        counts(folding), memory(plan, tree.instances, counts, recorder),
        leaf(plan, tree, unfolded, memory, counts), sizes(plan.buffers.size()),
        holdsOver(plan.buffers.size(), false), openWindows(plan.buffers.size()),
        removedUnits(folding.folds, 0) {
    result.buffers.resize(plan.buffers.size());
    result.nodes.resize(plan.nodes.size());
    result.nodes[0].cycles = 0;
    for (const PlanNode &node : plan.nodes)
      if (node.isSplit())
        for (NodeId branch : node.children)
          result.nodes[branch].cycles = 0;
  }

  Result<Transfers> run() {
    result.computeCycles = walkBranch(0, tree.root);
    if (isGoingOn())
      finish();
    result.foldFailed = counts.foldFailed;
    result.apart = memory.apart;
    if (result.foldFailed || result.apart)
      return std::move(result);
    if (!failure.empty())
      return Error{failure};
    if (counts.checked.overflow)
      return Error{counts.checked.message()};
    result.ops = leaf.ops();
    for (BufferId b = 0; b < plan.buffers.size(); ++b)
      summarize(b);
    findBusiest();
    if (!failure.empty())
      return Error{failure};
    result.spatialUse = tree.spatialUse;
    return std::move(result);
  }

private:
  bool isGoingOn() {
    if (failure.empty())
      failure = leaf.failure;
    return failure.empty() && !counts.foldFailed && !memory.apart;
  }

  std::span<const InstanceId> instancesOf(const Visit &visit) const {
    return {tree.order.data() + visit.firstInstance, visit.instances};
  }

  //===--------------------------------------------------------------------===//
  // The walk. Returns steps where the chain from the node ends in a compute,
  // cycles where it ends in a sequential; where it ends in a pipeline, jobs are
  // appended to the run.
  //===--------------------------------------------------------------------===//

  int64_t walk(unsigned id) {
    const Visit &visit = tree.visits[id];
    const PlanNode &node = plan.nodes[visit.node];
    if (!isGoingOn())
      return 0;
    counts.inside = visit.inside;
    counts.bump(result.nodes[visit.node].visits, 1);
    counts.checked.is(
        [&] { return "the visits of node " + std::to_string(visit.node); });
    switch (node.kind) {
    case PlanNode::Kind::For:
      return walkFor(node, visit);
    case PlanNode::Kind::SpatialFor:
      return walk(visit.children[0]);
    case PlanNode::Kind::Retain:
      enterRetain(node, visit);
      return walk(visit.children[0]);
    case PlanNode::Kind::Sequential:
    case PlanNode::Kind::Pipeline:
      return walkSplit(node, visit);
    case PlanNode::Kind::Compute:
      return runLeaf(node.einsum, visit);
    }
    return 0;
  }

  int64_t runLeaf(EinsumId e, const Visit &visit) {
    int64_t before = leaf.ops()[e];
    int64_t steps = leaf.run(e, visit);
    counts.checked.is(
        [&] { return "the ops of " + plan.workload.einsums[e].name; });
    if (recorder)
      recorder->leaf(e, steps, leaf.ops()[e] - before);
    return steps;
  }

  int64_t walkSplit(const PlanNode &node, const Visit &visit) {
    bool isPipeline = node.kind == PlanNode::Kind::Pipeline;
    int64_t total = 0;
    forget({tree.forgotten.data() + visit.firstForgotten, visit.forgotten});
    if (isPipeline)
      openJob(node);
    for (size_t b = 0; b < visit.children.size(); ++b) {
      int64_t cycles = 0;
      if (visit.children[b] != kNone) {
        auto ids = instancesOf(tree.visits[visit.children[b]]);
        for (size_t other = 0; other < visit.children.size(); ++other)
          if (other != b && !isPipeline && !plan.isV1())
            drop(node, other, ids);
        if (recorder)
          recorder->beginBranch(node, b);
        cycles = walkBranch(node.children[b], visit.children[b]);
        if (recorder)
          recorder->endBranch(cycles);
        counts.inside = visit.inside;
        for (TensorId t : node.branchResults[b])
          memory.leave(node, b, t, ids);
      } else if (recorder) {
        recorder->skipBranch();
      }
      if (isPipeline) {
        openRun.times.push_back(cycles);
        counts.mark(&node.children[b], cycles);
      } else {
        counts.checked.increase(total, cycles);
        nameCycles(node);
      }
    }
    if (recorder && isPipeline)
      recorder->endJob();
    return total;
  }

  void nameCycles(const PlanNode &node) {
    counts.checked.is([&] { return "the cycles of " + namesOf(node); });
  }
  std::string namesOf(const PlanNode &node) const {
    std::string names;
    for (EinsumId e : node.group)
      names += (names.empty() ? "" : ", ") + plan.workload.einsums[e].name;
    return names;
  }

  void drop(const PlanNode &split, size_t branch,
            std::span<const InstanceId> ids) {
    memory.drop(split, branch, ids);
    for (BufferId b : split.branchBuffers[branch])
      if (recorder)
        recorder->window(b, 0);
  }

  /// looptree-v1: every visit of a split makes again what is not reused.
  void forget(std::span<const VisitTree::Forgotten> elements) {
    for (const VisitTree::Forgotten &gone : elements) {
      Memory::Copy &copy = memory.copy(gone.buffer, gone.instance);
      copy.value = copy.value.subtract(gone.elements);
      copy.sum.remove(gone.elements);
    }
  }

  /// Coordinates of an element of a set.
  static std::string textOf(const BoxSet &set) {
    std::string text;
    for (const Run &run : set.box(0))
      text += (text.empty() ? "" : ", ") + std::to_string(run.lo);
    return text;
  }

  /// The cycles of one visit of a branch, or of the root.
  int64_t walkBranch(NodeId branch, unsigned visit) {
    int64_t cycles = walkToEnd(branch, visit);
    counts.checked.increase(*result.nodes[branch].cycles,
                            counts.checked.mul(cycles, counts.times));
    nameCycles(plan.nodes[branch]);
    return cycles;
  }

  int64_t walkToEnd(NodeId branch, unsigned visit) {
    const PlanNode &end = plan.nodes[plan.nodes[branch].chainEnd];
    if (end.kind == PlanNode::Kind::Sequential)
      return walk(visit);
    if (end.kind == PlanNode::Kind::Compute)
      return cyclesOf(end.einsum, walk(visit));
    OpenRun outer;
    outer.stages = end.children.size();
    std::swap(outer, openRun);
    if (recorder)
      recorder->beginRun();
    walk(visit);
    std::swap(outer, openRun);
    PipelineTimes times;
    PipelineTime time =
        timeOf(outer, counts.checked, recorder ? &times : nullptr);
    if (recorder && isGoingOn()) {
      std::vector<BufferId> buffers(outer.rooms.size());
      for (auto [where, room] : outer.roomOf)
        buffers[room] = where.first;
      recorder->endRun(times, buffers, time.cycles);
    }
    if (plan.isV1())
      time.cycles = cyclesOfOriginal(outer, counts.checked);
    nameCycles(end);
    if (branch == 0) {
      result.fillCycles = time.fill;
      result.drainCycles = time.drain;
    }
    for (auto [where, room] : outer.roomOf) {
      if (plan.isV1())
        break; // There a buffer holds one window.
      BufferUse &use = result.buffers[where.first];
      use.peak = std::max(use.peak, time.elements[room]);
      use.footprint = std::max(use.footprint, time.footprints[room]);
    }
    return time.cycles;
  }

  void failTooManyJobs(const PlanNode &pipeline) {
    if (failure.empty())
      failure = "the pipeline of " + namesOf(pipeline) + " runs more than " +
                std::to_string(kMaxJobs) +
                " jobs, which the closed form does not cover";
  }

  /// A pipeline is entered: the windows of what is held above it.
  void openJob(const PlanNode &pipeline) {
    if (int64_t(openRun.jobs()) >= kMaxJobs)
      failTooManyJobs(pipeline);
    if (recorder)
      recorder->beginJob(pipeline);
    openRun.restart.push_back(openRun.restarts);
    for (const Crossing &crossing : pipeline.crossings)
      for (auto &[id, open] : openWindows[crossing.buffer])
        if (!open.elements.empty())
          addWindow(crossing, id, open);
  }

  struct Window;
  void addWindow(const Crossing &crossing, InstanceId id, Window &open) {
    auto [room, isNew] = openRun.roomOf.insert(
        {{crossing.buffer, id}, unsigned(openRun.rooms.size())});
    if (isNew)
      openRun.rooms.push_back({crossing.first, crossing.last, {}});
    if (open.position == kNone) {
      open.position = openRun.windows.size();
      openRun.windows.push_back(
          placed(open.elements, crossing.buffer, open.inside));
      openRun.origins.push_back({crossing.buffer, open.inside});
    }
    auto &positions = openRun.rooms[room->second].window;
    positions.resize(openRun.jobs(), PipelineRun::kAbsent);
    positions.push_back(open.position);
  }

  /// A window where it lies in the workload as given.
  BoxSet placed(const BoxSet &elements, BufferId b, uint64_t insideOfWindow) {
    const auto &axes = folding.dims[plan.buffers[b].tensor];
    uint64_t insideNow = counts.inside;
    counts.inside = insideOfWindow;
    BoxSet result =
        counts.isFolded(axes) ? counts.unfoldSet(elements, axes) : elements;
    counts.inside = insideNow;
    for (unsigned d = 0; d < axes.size(); ++d)
      if (axes[d].fold != kNone && (insideOfWindow >> axes[d].fold & 1))
        result.move(d, removedUnits[axes[d].fold] * axes[d].unit);
    return result;
  }

  /// The jobs from `first` on come `copies` times, each time one unit further
  /// along a fold.
  void repeatJobs(const PlanNode &pipeline, size_t first, int64_t copies,
                  unsigned fold) {
    size_t end = openRun.jobs();
    if (int64_t(end - first) > (kMaxJobs - int64_t(first)) / copies)
      failTooManyJobs(pipeline);
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
    if (plan.nodes[loop.chainEnd].kind == PlanNode::Kind::Pipeline)
      ++openRun.restarts;
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
      int64_t timesBefore = counts.times;
      uint64_t before = counts.fingerprint;
      Checked &checked = counts.checked;
      counts.times = checked.mul(counts.times, iteration.copies);
      counts.checked.is([&] {
        return "the tiles of the loop over " +
               plan.workload.einsums[loop.einsum].ranks[loop.rank].name +
               " of " + plan.workload.einsums[loop.einsum].name;
      });
      if (recorder)
        recorder->beginIteration();
      checked.increase(total, checked.mul(iteration.copies, walk(child)));
      nameCycles(loop);
      if (recorder)
        recorder->endIteration();
      counts.times = timesBefore;
      uint64_t cost = counts.fingerprint - before;
      counts.fingerprint += uint64_t(iteration.copies - 1) * cost;
      if (zone < 0)
        continue;
      if (units.empty() || units.back().first != iteration.unit)
        units.push_back({iteration.unit, 0});
      units.back().second += cost;
      if (inZone && tree.visits[visit.children[i + 1]].unit != zone) {
        repeatJobs(plan.nodes[loop.chainEnd], zoneJobs, copies, fold);
        removedUnits[fold] = copies - 1;
      }
    }
    if (zone < 0)
      return total;
    removedUnits[fold] = 0;
    for (auto [unit, cost] : units)
      if (unit >= zone - 2 && unit <= zone + 1)
        for (auto [other, otherCost] : units)
          counts.foldFailed |= other == zone && otherCost != cost;
    return total;
  }

  /// Time of ops of one leaf, rounded up once.
  int64_t cyclesOf(EinsumId e, int64_t ops) {
    auto rate = plan.arch.compute.of(plan.workload.einsums[e].kind).opsPerCycle;
    if (!rate)
      return 0;
    __int128 scaled = (__int128)ops * rate->den;
    __int128 cycles = (scaled + rate->num - 1) / rate->num;
    counts.checked.overflow |= cycles > INT64_MAX;
    counts.checked.is(
        [&] { return "the cycles of " + plan.workload.einsums[e].name; });
    return int64_t(cycles);
  }

  //===--------------------------------------------------------------------===//
  // Buffers
  //===--------------------------------------------------------------------===//

  void enterRetain(const PlanNode &node, const Visit &visit) {
    auto ids = instancesOf(visit);
    size_t usersBefore = 0, usersOfAll = 0;
    for (BufferId b : node.buffers)
      usersOfAll += plan.buffers[b].users.size();
    for (BufferId b : node.buffers) {
      const Buffer &buffer = plan.buffers[b];
      size_t users = buffer.users.size();
      std::vector<BoxSet> windows; // Per instance.
      openWindows[b].clear();
      for (size_t i = 0; i < ids.size(); ++i) {
        auto byUser = windowsOf(visit, i * usersOfAll + usersBefore, users);
        BoxSet window = byUser[0];
        for (const BoxSet &used : byUser.subspan(1))
          window.unite(used);
        openWindow(b, ids[i], window);
        windows.push_back(std::move(window));
      }

      // An empty window leaves a buffer as it is.
      std::vector<InstanceId> leaving, coming;
      std::vector<const BoxSet *> keep;
      std::vector<BoxSet> comingWindows;
      for (size_t i = 0; i < ids.size(); ++i) {
        if (windows[i].empty() && (!buffer.noReuse || plan.isV1()))
          continue;
        bool restarts = plan.isV1() && buffer.parent == kNone &&
                        tree.restarts[visit.firstInstance + i];
        leaving.push_back(ids[i]);
        keep.push_back(buffer.noReuse || restarts ? nullptr : &windows[i]);
        if (windows[i].empty())
          continue;
        coming.push_back(ids[i]);
        auto byUser = windowsOf(visit, i * usersOfAll + usersBefore, users);
        comingWindows.insert(comingWindows.end(), byUser.begin(), byUser.end());
      }
      if (!buffer.holdsEverything && !leaving.empty())
        memory.evict(b, leaving, keep);
      if (recorder && !leaving.empty()) {
        int64_t largest = 0;
        for (const BoxSet &window : windows)
          largest = std::max(largest, window.size());
        recorder->window(b, largest);
      }
      if (buffer.parent != kNone && !coming.empty())
        memory.fill(b, coming, comingWindows);
      usersBefore += users;
    }
  }

  std::span<const BoxSet> windowsOf(const Visit &visit, size_t first,
                                    size_t n) const {
    return {tree.windows.data() + visit.data + first, n};
  }

  /// Measures the window of one instance.
  void openWindow(BufferId b, InstanceId id, const BoxSet &window) {
    const Buffer &buffer = plan.buffers[b];
    if (buffer.isInFlight)
      openWindows[b][id] = {window, counts.inside, kNone};
    // A buffer holds over when an element from an earlier visit is needed again
    // or left standing by an empty window.
    if (buffer.sequentialBelow != kNone && !buffer.noReuse && !holdsOver[b])
      holdsOver[b] = memory.holds(b, id, window);
    if (window.empty())
      return;
    int64_t size = counts.elements(window, buffer.tensor);
    counts.bump(sizes[b][size], 1);
    counts.checked.is([&] { return "the windows of " + plan.nameOf(b); });
    BufferUse &use = result.buffers[b];
    use.peak = std::max(use.peak, size);
    const auto &axes = folding.dims[buffer.tensor];
    use.footprint = std::max(
        use.footprint, counts.isFolded(axes)
                           ? counts.unfoldSet(window, axes).latticeBoxSize()
                           : window.latticeBoxSize());
  }

  //===--------------------------------------------------------------------===//
  // The end
  //===--------------------------------------------------------------------===//

  void finish() {
    counts.inside = 0;
    memory.drainAll();
    for (TensorId t = 0; t < plan.tensors.size(); ++t) {
      if (plan.workload.tensors[t].kind != TensorKind::Output)
        continue;
      EinsumId p = plan.tensors[t].producer;
      BoxSet missing =
          elementsOf(plan.einsums[p].allOps, plan.workload.einsums[p].write,
                     plan.workload.tensors[t])
              .subtract(memory.copy(plan.tensors[t].backing, 0).value);
      if (missing.empty())
        continue;
      failure = "incomplete: output " + plan.workload.tensors[t].name + "[" +
                textOf(missing) + "] is never made by " +
                plan.workload.einsums[p].name;
      return;
    }
  }

  void summarize(BufferId b) {
    BufferUse &use = result.buffers[b];
    use.byEinsum = memory.traffic(b);
    int64_t most = 0;
    for (auto [size, times] : sizes[b])
      if (times > most) {
        most = times;
        use.steady = size;
      }
    const Buffer &buffer = plan.buffers[b];
    for (const Traffic &moved : use.byEinsum)
      use.receivesPartial |=
          plan.tensors[buffer.tensor].tracksPartial && moved.partialWrites > 0;
    bool isLiveOutside =
        buffer.parent == kNone &&
        plan.workload.tensors[buffer.tensor].kind != TensorKind::Intermediate;
    use.livesInBranches = buffer.sequentialBelow != kNone && !holdsOver[b] &&
                          !isLiveOutside && !plan.isV1();
  }

  /// Accesses of the instances of each level. An instance is named by its
  /// indices over each dimension, outermost first; a loop that a path lacks
  /// counts as index 0.
  void findBusiest() {
    using Name = std::map<unsigned, std::vector<int64_t>>;
    std::vector<std::map<Name, LevelUse>> use(plan.arch.levels.size());
    for (BufferId b = 0; b < plan.buffers.size(); ++b) {
      const Tensor &tensor = plan.workload.tensors[plan.buffers[b].tensor];
      for (auto &[instance, copy] : memory.copies(b)) {
        Name name;
        for (InstanceId id = instance; id != 0; id = tree.instances[id].outer) {
          auto &indices = name[plan.nodes[tree.instances[id].loop].fanout];
          if (tree.instances[id].index != 0 || !indices.empty())
            indices.push_back(tree.instances[id].index); // Innermost first.
        }
        std::erase_if(name, [](const auto &dim) { return dim.second.empty(); });
        LevelUse &level = use[plan.buffers[b].level][name];
        auto bits = [&](int64_t all, int64_t partial) {
          Checked &checked = counts.checked;
          return checked.add(
              checked.mul(all - partial, tensor.bits),
              checked.mul(partial, tensor.partialBits.value_or(tensor.bits)));
        };
        const Traffic &moved = copy.moved;
        counts.checked.increase(level.readBits,
                                bits(moved.reads, moved.partialReads));
        counts.checked.increase(level.writeBits,
                                bits(moved.writes, moved.partialWrites));
        counts.checked.is(
            [&] { return "the bits moved of " + plan.nameOf(b); });
      }
    }
    for (const auto &instances : use) {
      LevelUse most;
      for (const auto &[name, level] : instances) {
        most.readBits = std::max(most.readBits, level.readBits);
        most.writeBits = std::max(most.writeBits, level.writeBits);
        most.bits = std::max(
            most.bits, counts.checked.add(level.readBits, level.writeBits));
      }
      counts.checked.is([&] {
        return "the bits moved at " +
               plan.arch.levels[result.busiest.size()].name;
      });
      result.busiest.push_back(most);
    }
    if (counts.checked.overflow)
      failure = counts.checked.message();
  }

  const Plan::Impl &plan;
  const VisitTree &tree;
  const Folding &folding;
  Recorder *recorder;
  Counts counts;
  Memory memory;
  Leaf leaf;
  Transfers result;
  std::vector<std::map<int64_t, int64_t>> sizes; ///< Visits by |W|.
  std::vector<char> holdsOver;
  /// Per buffer that several stages of a pipeline use, and instance: the open
  /// visit's window, and its place among those of the run.
  struct Window {
    BoxSet elements;
    uint64_t inside = 0;
    unsigned position = kNone;
  };
  std::vector<std::map<InstanceId, Window>> openWindows;
  struct Origin {
    BufferId buffer;
    uint64_t inside;
  };
  struct OpenRun : PipelineRun {
    std::vector<Origin> origins; ///< Of `windows`.
    std::map<std::pair<BufferId, InstanceId>, unsigned> roomOf;
    unsigned restarts = 0; ///< Of the loops above the pipeline.
  };
  OpenRun openRun;                   ///< That jobs are added to.
  std::vector<int64_t> removedUnits; ///< Per fold: left out before this tile.
  std::string failure;
};

} // namespace

Result<Transfers> looptree::countTransfers(const Plan::Impl &plan,
                                           const VisitTree &tree,
                                           const Folding &folding,
                                           const Workload &unfolded,
                                           Recorder *recorder) {
  return Mover(plan, tree, folding, unfolded, recorder).run();
}
