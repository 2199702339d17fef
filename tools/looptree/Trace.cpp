//===- Trace.cpp - The run of a mapping as a timeline -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Trace.h"

#include "looptree/Analysis/Schedule.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

using namespace looptree;

namespace {

using Json = nlohmann::ordered_json;

/// Viewers grow slow beyond some hundred thousand events.
constexpr int64_t kMaxEvents = 100'000;

/// Processes of the trace: what a viewer groups tracks by.
enum Process { ComputeProcess = 1, MemoryProcess, WindowProcess };

double secondsToMicroseconds(double seconds) { return seconds * 1e6; }

class Tracer {
public:
  Tracer(const Candidate &candidate, const Schedule &schedule)
      : workload(candidate.workload), arch(candidate.arch), schedule(schedule),
        portFree(arch.levels.size(), 0), portBusy(arch.levels.size(), 0),
        windows(schedule.buffers.size(), 0),
        pathOfBuffer(schedule.buffers.size()),
        pathOfEinsum(workload.einsums.size()) {
    parents();
    unsigned node = 0;
    findPaths(candidate.mapping.root, node, {});
  }

  std::string run() {
    nameTracks();
    isSummary = eventsOf(schedule.steps) > kMaxEvents;
    walk(schedule.steps);
    Json json;
    json["displayTimeUnit"] = "ns";
    json["otherData"] = {{"summarised", isSummary}};
    json["traceEvents"] = std::move(events);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

private:
  /// The level that fills of a buffer come from: that of the innermost retain
  /// of the tensor further out. Inputs and outputs have a whole-tensor buffer.
  void parents() {
    parentLevel.resize(schedule.buffers.size(), 0);
    for (size_t b = 0; b < schedule.buffers.size(); ++b)
      for (size_t other = 0; other < b; ++other)
        if (schedule.buffers[other].tensor == schedule.buffers[b].tensor &&
            schedule.buffers[other].level < schedule.buffers[b].level)
          parentLevel[b] =
              std::max(parentLevel[b], schedule.buffers[other].level);
  }

  using Path = std::vector<unsigned>; ///< Child indices from the root.

  void findPaths(const Node &node, unsigned &number, Path path) {
    for (size_t b = 0; b < schedule.buffers.size(); ++b)
      if (schedule.buffers[b].node == number)
        pathOfBuffer[b] = path;
    if (const auto *compute = std::get_if<ComputeNode>(&node.kind))
      pathOfEinsum[compute->einsum] = path;
    ++number;
    for (size_t i = 0; i < node.children.size(); ++i) {
      path.push_back(unsigned(i));
      findPaths(node.children[i], number, path);
      path.pop_back();
    }
  }

  /// Control entered the branch that the path leads to: what other branches
  /// hold is lost.
  void closeOthers(const Path &path) {
    for (size_t b = 0; b < windows.size(); ++b) {
      const Path &other = pathOfBuffer[b];
      size_t shorter = std::min(path.size(), other.size());
      if (!std::equal(path.begin(), path.begin() + shorter, other.begin()))
        setWindow(b, 0);
    }
  }

  static int64_t eventsOf(const std::vector<Step> &steps) {
    int64_t total = 0;
    for (const Step &step : steps) {
      int64_t events = 1;
      if (const auto *repeat = std::get_if<Repeat>(&step))
        if (__builtin_mul_overflow(eventsOf(repeat->body), repeat->count,
                                   &events))
          return INT64_MAX;
      if (__builtin_add_overflow(total, events, &total))
        return INT64_MAX;
    }
    return total;
  }

  // What happens, in cycles.

  void walk(const std::vector<Step> &steps) {
    for (size_t i = 0; i < steps.size(); ++i) {
      if (const auto *repeat = std::get_if<Repeat>(&steps[i])) {
        walkRepeat(*repeat);
        continue;
      }
      const Action &action = std::get<Action>(steps[i]);
      switch (action.kind) {
      case ActionKind::Fill:
      case ActionKind::Drain:
        transfer(action);
        break;
      case ActionKind::Window:
        closeOthers(pathOfBuffer[action.buffer]);
        setWindow(action.buffer, action.elements);
        break;
      case ActionKind::Run:
      case ActionKind::Skip:
        i = runVisit(steps, i);
        break;
      case ActionKind::Move:
      case ActionKind::Begin:
        break;
      }
    }
  }

  /// In a summary the first iteration stands for all; what is left of the loop
  /// is one slice on each track that it moves.
  void walkRepeat(const Repeat &repeat) {
    if (!isSummary || repeat.count <= 2) {
      for (int64_t i = 0; i < repeat.count; ++i)
        walk(repeat.body);
      return;
    }
    double begin = now;
    std::vector<double> busyBefore = portBusy;
    walk(repeat.body);
    double more = double(repeat.count - 1);
    std::string name =
        std::to_string(repeat.count - 1) + " more like the one before";
    double length = (now - begin) * more;
    slice(ComputeProcess, unsigned(workload.einsums.size()), name, now, length,
          Json::object());
    for (LevelId level = 0; level < arch.levels.size(); ++level) {
      double busy = (portBusy[level] - busyBefore[level]) * more;
      if (busy > 0)
        occupyPort(level, name, busy, Json::object());
    }
    now += length;
  }

  void occupyPort(LevelId level, const std::string &name, double length,
                  Json args) {
    double begin = std::max(now, portFree[level]);
    slice(MemoryProcess, level, name, begin, length, std::move(args));
    portFree[level] = begin + length;
    portBusy[level] += length;
  }

  /// Boxes of ops that follow each other belong to one visit of a leaf.
  size_t runVisit(const std::vector<Step> &steps, size_t first) {
    EinsumId einsum = std::get<Action>(steps[first]).einsum;
    closeOthers(pathOfEinsum[einsum]);
    int64_t ops = 0;
    size_t last = first;
    for (size_t i = first; i < steps.size(); ++i) {
      const auto *action = std::get_if<Action>(&steps[i]);
      if (!action || action->einsum != einsum)
        break;
      if (action->kind == ActionKind::Run)
        ops += pointsOf(action->sizes);
      else if (action->kind == ActionKind::Skip)
        ops += action->elements;
      else if (action->kind != ActionKind::Begin)
        break;
      last = i;
    }
    const auto &rate =
        arch.compute.of(workload.einsums[einsum].kind).opsPerCycle;
    double length = rate ? double(ops) / rate->toDouble() : 0;
    slice(ComputeProcess, einsum, workload.einsums[einsum].name, now, length,
          {{"ops", ops}});
    now += length;
    return last;
  }

  /// Within 64 bit: a part of what the analysis has counted.
  static int64_t pointsOf(const std::vector<int64_t> &sizes) {
    int64_t points = 1;
    for (int64_t size : sizes)
      points *= size;
    return points;
  }

  /// On the track of the outer level, as soon as its port is free.
  void transfer(const Action &action) {
    const ScheduledBuffer &buffer = schedule.buffers[action.buffer];
    const Tensor &tensor = workload.tensors[buffer.tensor];
    LevelId outer = parentLevel[action.buffer];
    bool isFill = action.kind == ActionKind::Fill;
    int64_t elements = pointsOf(action.sizes);
    int64_t bits = elements * tensor.bits;
    const Level &level = arch.levels[outer];
    double length = 0;
    for (const auto &rate :
         {isFill ? level.readBitsPerCycle : level.writeBitsPerCycle,
          level.sharedBitsPerCycle})
      if (rate)
        length = std::max(length, double(bits) / rate->toDouble());
    std::string name = (isFill ? "fill " : "drain ") + tensor.name +
                       (isFill ? " to " : " from ") +
                       arch.levels[buffer.level].name;
    occupyPort(outer, name, length, {{"elements", elements}, {"bits", bits}});
  }

  void setWindow(size_t changed, int64_t elements) {
    if (windows[changed] == elements)
      return;
    windows[changed] = elements;
    LevelId level = schedule.buffers[changed].level;
    Json args = Json::object();
    for (size_t b = 0; b < windows.size(); ++b) {
      const ScheduledBuffer &buffer = schedule.buffers[b];
      if (buffer.level != level)
        continue;
      Json &bits = args[workload.tensors[buffer.tensor].name];
      bits = (bits.is_null() ? 0 : bits.get<int64_t>()) +
             windows[b] * workload.tensors[buffer.tensor].bits;
    }
    event("C", WindowProcess, level,
          "bits in windows at " + arch.levels[level].name, now,
          std::move(args));
  }

  // How it is written.

  Json &event(const char *phase, int process, unsigned track,
              const std::string &name, double cycles, Json args) {
    Json json;
    json["name"] = name;
    json["ph"] = phase;
    json["pid"] = process;
    json["tid"] = track;
    json["ts"] = secondsToMicroseconds(cycles / arch.compute.clockHz);
    json["args"] = std::move(args);
    return events.emplace_back(std::move(json));
  }
  void slice(int process, unsigned track, const std::string &name, double begin,
             double length, Json args) {
    args["cycles"] = length;
    event("X", process, track, name, begin, std::move(args))["dur"] =
        secondsToMicroseconds(length / arch.compute.clockHz);
  }
  void nameTracks() {
    auto name = [&](const char *what, int process, unsigned track,
                    const std::string &text) {
      event("M", process, track, what, 0, {{"name", text}});
    };
    name("process_name", ComputeProcess, 0, "compute");
    for (EinsumId e = 0; e < workload.einsums.size(); ++e)
      name("thread_name", ComputeProcess, e, workload.einsums[e].name);
    name("thread_name", ComputeProcess, unsigned(workload.einsums.size()),
         "repeated");
    name("process_name", MemoryProcess, 0, "fills and drains");
    for (LevelId level = 0; level < arch.levels.size(); ++level)
      name("thread_name", MemoryProcess, level, arch.levels[level].name);
    name("process_name", WindowProcess, 0, "occupancy");
  }

  const Workload &workload;
  const Arch &arch;
  const Schedule &schedule;
  std::vector<LevelId> parentLevel; ///< Per buffer.
  bool isSummary = false;
  double now = 0; ///< Cycles of compute so far.
  /// Per level: when its port is free next, and how long it was not.
  std::vector<double> portFree, portBusy;
  std::vector<int64_t> windows; ///< Per buffer: elements of the open window.
  std::vector<Path> pathOfBuffer, pathOfEinsum;
  Json events = Json::array();
};

} // namespace

static bool hasPipeline(const Node &node) {
  return std::holds_alternative<Pipeline>(node.kind) ||
         std::any_of(node.children.begin(), node.children.end(), hasPipeline);
}

Result<std::string> driver::traceOf(const Candidate &candidate) {
  if (hasPipeline(candidate.mapping.root))
    return Error{"no timeline: the mapping has a pipeline, and a timeline "
                 "shows branches that take turns"};
  Result<Plan> plan =
      compile(candidate.workload, candidate.arch, candidate.mapping);
  if (!plan)
    return plan.error();
  Result<Schedule> run = schedule(*plan, plan->steps());
  if (!run)
    return Error{"no timeline: " + run.error().message};
  return Tracer(candidate, *run).run();
}
