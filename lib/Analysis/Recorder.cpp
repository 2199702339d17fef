//===- Recorder.cpp - Writes a timeline down -----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Recorder.h"

#include <algorithm>
#include <cmath>

using namespace looptree;

Recorder::Recorder(const Plan::Impl &plan, const std::vector<BufferUse> &uses)
    : plan(plan), uses(uses), open(plan.buffers.size(), 0),
      shown(plan.buffers.size(), 0), frames(1) {
  for (BufferId b = 0; b < plan.buffers.size(); ++b) {
    const Buffer &buffer = plan.buffers[b];
    const Tensor &tensor = plan.workload.tensors[buffer.tensor];
    result.buffers.push_back(
        {buffer.level, buffer.tensor,
         buffer.parent == kNone ? 0 : plan.buffers[buffer.parent].level,
         uses[b].receivesPartial ? *tensor.partialBits : tensor.bits});
  }
}

//===----------------------------------------------------------------------===//
// What happens
//===----------------------------------------------------------------------===//

void Recorder::add(decltype(Timeline::Item::what) what) {
  Frame &frame = frames.back();
  if (!frame.isRun)
    frame.part.push_back({frame.now, std::move(what)});
  else if (!frame.isInJob)
    frame.pending.push_back({0, std::move(what)});
  else
    frame.jobs.back().notes.push_back(
        {unsigned(frame.jobs.back().stages.size()) - 1,
         true,
         {0, std::move(what)}});
}

void Recorder::leaf(EinsumId e, int64_t steps, int64_t ops) {
  if (ops == 0)
    return;
  add(Timeline::Leaf{e, steps, ops});
  if (auto rate =
          plan.arch.compute.of(plan.workload.einsums[e].kind).opsPerCycle)
    frames.back().now += double(steps) / rate->toDouble();
}

void Recorder::window(BufferId b, int64_t elements) {
  open[b] = elements;
  // A branch begins what lives in some of them only.
  if (!uses[b].livesInBranches || elements == 0)
    show(b, elements);
}

void Recorder::show(BufferId b, int64_t elements) {
  if (shown[b] != elements)
    add(Timeline::Window{b, elements});
  shown[b] = elements;
}

void Recorder::transfer(InstanceId parent, const Timeline::Transfer &moved) {
  auto [known, isNew] = moment[moved.einsum].insert({parent, moved});
  if (isNew)
    return;
  known->second.elements += moved.elements;
  known->second.readBits += moved.readBits;
  known->second.writeBits += moved.writeBits;
}

void Recorder::endMoment() {
  for (const auto &[einsum, byParent] : moment) {
    Timeline::Transfer all = byParent.begin()->second;
    all.elements = 0;
    for (const auto &[parent, moved] : byParent) {
      all.elements += moved.elements;
      all.readBits = std::max(all.readBits, moved.readBits);
      all.writeBits = std::max(all.writeBits, moved.writeBits);
    }
    add(all);
  }
  moment.clear();
}

//===----------------------------------------------------------------------===//
// Where control is
//===----------------------------------------------------------------------===//

unsigned Recorder::intern(Part part) {
  auto [at, isNew] =
      known.insert({std::move(part), unsigned(result.parts.size())});
  if (isNew)
    result.parts.push_back(at->first);
  return at->second;
}

/// Parts that are the same and evenly apart are one repeat.
void Recorder::place(Part &into, double at, unsigned part) {
  auto *last =
      into.empty() ? nullptr : std::get_if<Timeline::Repeat>(&into.back().what);
  if (last && last->part == part) {
    double since = at - into.back().at;
    double period = last->count == 1 ? since : last->period;
    if (std::abs(since - double(last->count) * period) <= 1e-9 * since) {
      ++last->count;
      last->period = period;
      return;
    }
  }
  into.push_back({at, Timeline::Repeat{part, 1, 0}});
}

void Recorder::beginIteration() {
  Frame &frame = frames.back();
  if (frame.isRun)
    frame.open.push_back({frame.jobs.size(), 0, {}});
  else
    frames.emplace_back();
}

void Recorder::endIteration() {
  Frame &frame = frames.back();
  if (frame.isRun) {
    Iteration ended = std::move(frame.open.back());
    ended.endJob = frame.jobs.size();
    frame.open.pop_back();
    frame.open.back().inner.push_back(std::move(ended));
    return;
  }
  Frame ended = std::move(frame);
  frames.pop_back();
  place(frames.back().part, frames.back().now, intern(std::move(ended.part)));
  frames.back().now += ended.now;
}

void Recorder::beginBranch(const PlanNode &split, size_t branch) {
  // What ends makes room for what begins.
  for (bool begins : {false, true})
    for (BufferId b = 0; b < plan.buffers.size(); ++b)
      if (uses[b].livesInBranches &&
          &plan.nodes[plan.buffers[b].sequentialBelow] == &split) {
        auto [first, last] = plan.branchesUsing(split, plan.buffers[b]);
        bool lives = first <= branch && branch <= last;
        if (lives == begins)
          show(b, lives ? open[b] : 0);
      }
  frames.emplace_back();
}

void Recorder::endBranch(int64_t cycles) {
  unsigned part = intern(std::move(frames.back().part));
  frames.pop_back();
  Frame &outer = frames.back();
  if (outer.isRun) {
    outer.jobs.back().stages.push_back(part);
    return;
  }
  place(outer.part, outer.now, part);
  outer.now += double(cycles);
}

void Recorder::skipBranch() {
  if (frames.back().isRun)
    frames.back().jobs.back().stages.push_back(kNone);
}

//===----------------------------------------------------------------------===//
// Pipelines
//===----------------------------------------------------------------------===//

/// The one at whose start an item of a job is shown.
unsigned Recorder::stageOf(const PlanNode &pipeline,
                           const Timeline::Item &item) const {
  auto uses = [&](EinsumId e) {
    if (const auto *moved = std::get_if<Timeline::Transfer>(&item.what))
      return moved->einsum == e;
    const auto &users =
        plan.buffers[std::get<Timeline::Window>(item.what).buffer].users;
    return std::find(users.begin(), users.end(), e) != users.end();
  };
  for (unsigned k = 0; k < pipeline.children.size(); ++k) {
    const auto &group = plan.nodes[pipeline.children[k]].group;
    if (std::any_of(group.begin(), group.end(), uses))
      return k;
  }
  return 0;
}

void Recorder::beginJob(const PlanNode &pipeline) {
  Frame &run = frames.back();
  run.pipeline = &pipeline;
  run.jobs.emplace_back();
  for (Timeline::Item &item : run.pending) {
    // What stages hand on is known at the end of the run.
    if (auto *window = std::get_if<Timeline::Window>(&item.what);
        window && plan.buffers[window->buffer].isInFlight)
      continue;
    run.jobs.back().notes.push_back({stageOf(pipeline, item), false, item});
  }
  run.pending.clear();
  run.isInJob = true;
}

void Recorder::endRun(const PipelineTimes &times,
                      std::span<const BufferId> buffers, int64_t cycles) {
  Frame &run = frames.back();
  run.times = &times;
  for (const Crossing &crossing : run.pipeline->crossings) {
    Held held{crossing.buffer, crossing.first,
              std::vector<int64_t>(run.jobs.size(), 0)};
    for (size_t room = 0; room < buffers.size(); ++room)
      if (buffers[room] == crossing.buffer)
        for (size_t t = 0; t < run.jobs.size(); ++t)
          held.elements[t] = std::max(held.elements[t], times.held[room][t]);
    shown[crossing.buffer] = held.elements.back();
    run.held.push_back(std::move(held));
  }
  run.open[0].endJob = run.jobs.size();
  Frame ended;
  ended.part = build(run, run.open[0]);
  ended.now = double(cycles);
  frames.back() = std::move(ended);
}

Recorder::Part Recorder::build(const Frame &run, const Iteration &iteration) {
  Part part;
  const std::vector<int64_t> &starts = run.times->starts;
  size_t stages = run.pipeline->children.size();
  int64_t base = starts[iteration.firstJob * stages];
  for (const Iteration &inner : iteration.inner)
    place(part, double(starts[inner.firstJob * stages] - base),
          intern(build(run, inner)));
  if (iteration.inner.empty())
    for (size_t t = iteration.firstJob; t < iteration.endJob; ++t)
      buildJob(part, run, t, base);
  return part;
}

void Recorder::buildJob(Part &into, const Frame &run, size_t t, int64_t base) {
  const Job &job = run.jobs[t];
  for (unsigned k = 0; k < job.stages.size(); ++k) {
    size_t at = t * job.stages.size() + k;
    auto start = double(run.times->starts[at] - base);
    auto end = double(run.times->ends[at] - base);
    for (const Note &note : job.notes)
      if (note.stage == k && !note.atEnd)
        into.push_back({start, note.item.what});
    for (const Held &held : run.held)
      if (held.stage == k &&
          held.elements[t] != (t > 0 ? held.elements[t - 1] : -1))
        into.push_back(
            {start, Timeline::Window{held.buffer, held.elements[t]}});
    if (job.stages[k] != kNone)
      place(into, start, job.stages[k]);
    for (const Note &note : job.notes)
      if (note.stage == k && note.atEnd)
        into.push_back({end, note.item.what});
  }
}

Timeline Recorder::finish() {
  result.root = intern(std::move(frames.back().part));
  return std::move(result);
}
