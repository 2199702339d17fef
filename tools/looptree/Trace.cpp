//===- Trace.cpp - The run of a mapping as a timeline -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Trace.h"

#include "looptree/Analysis/Timeline.h"

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
  Tracer(const Candidate &candidate, const Timeline &timeline)
      : workload(candidate.workload), arch(candidate.arch), timeline(timeline),
        eventCounts(timeline.parts.size(), -1), spans(timeline.parts.size()),
        portFree(arch.levels.size(), 0), windows(timeline.buffers.size(), 0) {}

  std::string run() {
    nameTracks();
    isSummary = eventsOf(timeline.root) > kMaxEvents;
    flatten(timeline.root, 0);
    std::stable_sort(
        moments.begin(), moments.end(),
        [](const Moment &a, const Moment &b) { return a.at < b.at; });
    for (const Moment &moment : moments)
      std::visit(
          Overloaded{
              [&](const Timeline::Leaf &leaf) { show(moment.at, leaf); },
              [&](const Timeline::Transfer &moved) { show(moment.at, moved); },
              [&](const Timeline::Window &window) { show(moment.at, window); },
              [&](const Timeline::Repeat &rest) { showRest(moment.at, rest); }},
          moment.what);
    Json json;
    json["displayTimeUnit"] = "ns";
    json["otherData"] = {{"summarised", isSummary}};
    json["traceEvents"] = std::move(events);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

private:
  /// Something at a time of the run; a Repeat is what a summary leaves out.
  using Moment = Timeline::Item;

  /// Events of a part, or the most that fits.
  int64_t eventsOf(unsigned part) {
    if (eventCounts[part] >= 0)
      return eventCounts[part];
    int64_t total = 0;
    for (const Timeline::Item &item : timeline.parts[part]) {
      int64_t events = 1;
      if (const auto *repeat = std::get_if<Timeline::Repeat>(&item.what))
        if (__builtin_mul_overflow(eventsOf(repeat->part), repeat->count,
                                   &events))
          events = INT64_MAX;
      if (__builtin_add_overflow(total, events, &total))
        total = INT64_MAX;
    }
    return eventCounts[part] = total;
  }

  /// In a summary the first iteration stands for all, and what is left of them
  /// is one slice on each track.
  void flatten(unsigned part, double begin) {
    for (const Timeline::Item &item : timeline.parts[part]) {
      const auto *repeat = std::get_if<Timeline::Repeat>(&item.what);
      if (!repeat) {
        moments.push_back({begin + item.at, item.what});
        continue;
      }
      bool isCut = isSummary && repeat->count > 2;
      for (int64_t i = 0, n = isCut ? 1 : repeat->count; i < n; ++i)
        flatten(repeat->part, begin + item.at + double(i) * repeat->period);
      if (isCut)
        moments.push_back({begin + item.at + repeat->period, *repeat});
    }
  }

  /// What a part keeps busy: einsums from when to when, ports for how long.
  struct Span {
    struct Busy {
      double first = -1, end = 0, cycles = 0;
    };
    std::vector<Busy> einsums;
    std::vector<double> ports; ///< Per level.
  };

  const Span &spanOf(unsigned part) {
    if (spans[part].ports.empty()) {
      Span span{std::vector<Span::Busy>(workload.einsums.size()),
                std::vector<double>(arch.levels.size(), 0)};
      for (const Timeline::Item &item : timeline.parts[part])
        extend(span, item);
      spans[part] = std::move(span);
    }
    return spans[part];
  }

  void extend(Span &span, const Timeline::Item &item) {
    auto add = [&](EinsumId e, double first, double end, double cycles) {
      Span::Busy &busy = span.einsums[e];
      busy.first = busy.first < 0 ? first : std::min(busy.first, first);
      busy.end = std::max(busy.end, end);
      busy.cycles += cycles;
    };
    if (const auto *leaf = std::get_if<Timeline::Leaf>(&item.what)) {
      double length = lengthOf(*leaf);
      add(leaf->einsum, item.at, item.at + length, length);
    } else if (const auto *moved =
                   std::get_if<Timeline::Transfer>(&item.what)) {
      span.ports[timeline.buffers[moved->buffer].parentLevel] +=
          lengthOf(*moved);
    } else if (const auto *repeat = std::get_if<Timeline::Repeat>(&item.what)) {
      Span inner = spanOf(repeat->part);
      auto count = double(repeat->count);
      double last = item.at + (count - 1) * repeat->period;
      for (EinsumId e = 0; e < inner.einsums.size(); ++e)
        if (const Span::Busy &busy = inner.einsums[e]; busy.first >= 0)
          add(e, item.at + busy.first, last + busy.end, count * busy.cycles);
      for (LevelId level = 0; level < arch.levels.size(); ++level)
        span.ports[level] += count * inner.ports[level];
    }
  }

  double lengthOf(const Timeline::Leaf &leaf) const {
    const auto &rate =
        arch.compute.of(workload.einsums[leaf.einsum].kind).opsPerCycle;
    return rate ? double(leaf.steps) / rate->toDouble() : 0;
  }

  double lengthOf(const Timeline::Transfer &moved) const {
    const Level &level =
        arch.levels[timeline.buffers[moved.buffer].parentLevel];
    double length = 0;
    auto take = [&](const std::optional<Rational> &rate, int64_t bits) {
      if (rate)
        length = std::max(length, double(bits) / rate->toDouble());
    };
    take(level.readBitsPerCycle, moved.readBits);
    take(level.writeBitsPerCycle, moved.writeBits);
    take(level.sharedBitsPerCycle, moved.readBits + moved.writeBits);
    return length;
  }

  void show(double at, const Timeline::Leaf &leaf) {
    slice(ComputeProcess, leaf.einsum, workload.einsums[leaf.einsum].name, at,
          lengthOf(leaf), {{"steps", leaf.steps}, {"ops", leaf.ops}});
  }

  /// On the track of the outer level, as soon as its port is free.
  void show(double at, const Timeline::Transfer &moved) {
    const Timeline::Buffer &buffer = timeline.buffers[moved.buffer];
    std::string name = (moved.isDrain ? "drain " : "fill ") +
                       workload.tensors[buffer.tensor].name +
                       (moved.isDrain ? " from " : " to ") +
                       arch.levels[buffer.level].name;
    occupyPort(at, buffer.parentLevel, name, lengthOf(moved),
               {{"elements", moved.elements},
                {"bits", moved.readBits + moved.writeBits}});
  }

  void show(double at, const Timeline::Window &window) {
    windows[window.buffer] = window.elements;
    LevelId level = timeline.buffers[window.buffer].level;
    Json args = Json::object();
    for (size_t b = 0; b < windows.size(); ++b) {
      const Timeline::Buffer &buffer = timeline.buffers[b];
      if (buffer.level != level)
        continue;
      Json &bits = args[workload.tensors[buffer.tensor].name];
      bits = (bits.is_null() ? 0 : bits.get<int64_t>()) +
             windows[b] * buffer.elementBits;
    }
    event("C", WindowProcess, level,
          "bits in windows at " + arch.levels[level].name, at, std::move(args));
  }

  /// All iterations but the first, `at` being where the second begins.
  void showRest(double at, const Timeline::Repeat &repeat) {
    const Span &span = spanOf(repeat.part);
    std::string name =
        std::to_string(repeat.count - 1) + " more like the one before";
    auto more = double(repeat.count - 1);
    for (EinsumId e = 0; e < workload.einsums.size(); ++e) {
      const Span::Busy &busy = span.einsums[e];
      if (busy.first < 0)
        continue;
      double end = (more - 1) * repeat.period + busy.end;
      slice(ComputeProcess, e, name, at + busy.first, end - busy.first,
            {{"busy_cycles", more * busy.cycles}});
    }
    for (LevelId level = 0; level < arch.levels.size(); ++level)
      if (span.ports[level] > 0)
        occupyPort(at, level, name, more * span.ports[level], Json::object());
  }

  void occupyPort(double at, LevelId level, const std::string &name,
                  double length, Json args) {
    double begin = std::max(at, portFree[level]);
    slice(MemoryProcess, level, name, begin, length, std::move(args));
    portFree[level] = begin + length;
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
    name("process_name", MemoryProcess, 0, "fills and drains");
    for (LevelId level = 0; level < arch.levels.size(); ++level)
      name("thread_name", MemoryProcess, level, arch.levels[level].name);
    name("process_name", WindowProcess, 0, "occupancy");
  }

  const Workload &workload;
  const Arch &arch;
  const Timeline &timeline;
  bool isSummary = false;
  std::vector<Moment> moments;
  std::vector<int64_t> eventCounts; ///< Per part; -1: not known yet.
  std::vector<Span> spans;          ///< Per part; empty: not known yet.
  std::vector<double> portFree;     ///< Per level: when its port is next.
  std::vector<int64_t> windows; ///< Per buffer: elements of the open window.
  Json events = Json::array();
};

} // namespace

Result<std::string> driver::traceOf(const Candidate &candidate,
                                    Convention convention) {
  Result<Plan> plan = compile(candidate.workload, candidate.arch,
                              candidate.mapping, convention);
  if (!plan)
    return plan.error();
  Result<Timeline> run = timeline(*plan, plan->steps());
  if (!run)
    return Error{"no timeline: " + run.error().message};
  return Tracer(candidate, *run).run();
}
