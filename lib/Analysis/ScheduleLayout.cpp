//===- ScheduleLayout.cpp - Sizes of buffers, and places in them ------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Scheduler.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace looptree;

void Scheduler::addBuffers() {
  for (const Buffer &buffer : plan.buffers) {
    const auto &shape = plan.workload.tensors[buffer.tensor].shape;
    ScheduledBuffer out;
    out.node = buffer.node;
    out.level = buffer.level;
    out.tensor = buffer.tensor;
    out.isWholeTensor =
        buffer.parent == kNone &&
        plan.workload.tensors[buffer.tensor].kind != TensorKind::Intermediate;
    out.isRing.assign(shape.size(), false);
    out.wraps.assign(shape.size(), false);
    out.livesInBranches =
        transfers.buffers[result.buffers.size()].livesInBranches;
    out.slots.assign(shape.size(), out.isWholeTensor ? 0 : 1);
    out.spacing.assign(shape.size(), out.isWholeTensor ? 1 : 0);
    if (out.isWholeTensor)
      out.slots = shape;
    if (plan.arch.levels[buffer.level].doubleBuffered && buffer.parent != kNone)
      out.windows = 2;
    for (NodeId node = buffer.node; node != kNone;
         node = plan.nodes[node].parent)
      if (plan.nodes[node].kind == PlanNode::Kind::SpatialFor)
        out.instances.insert(out.instances.begin(), tree.spatialUse[node]);
    result.buffers.push_back(std::move(out));
  }
}

BoxSet Scheduler::uniteAll(std::span<const BoxSet> sets) {
  BoxSet all = sets[0];
  for (const BoxSet &set : sets.subspan(1))
    all.unite(set);
  return all;
}

/// The windows of the users of a buffer, of one instance of a visit.
std::span<const BoxSet>
Scheduler::windowsOf(const Visit &visit, unsigned position, BufferId b) const {
  size_t before = 0, ofAll = 0;
  for (BufferId other : plan.nodes[visit.node].buffers) {
    size_t users = plan.buffers[other].users.size();
    before += other < b ? users : 0;
    ofAll += users;
  }
  return {tree.windows.data() + visit.data + position * ofAll + before,
          plan.buffers[b].users.size()};
}

/// Spacing is what divides all distances inside windows and between windows
/// that may share elements; slots are what the largest window then takes.
void Scheduler::measure() {
  std::vector<Measure> measures(plan.buffers.size());
  origins.resize(plan.buffers.size());
  measure(tree.root, false, measures);
  for (BufferId b = 0; b < plan.buffers.size(); ++b)
    chooseRings(b, measures[b]);
  flight = {};
  measure(tree.root, true, measures);
  flight = {};
  makeRoomForTwo();
}

/// What several jobs of a pipeline hold at the same time is no single window to
/// put into a half: the ring gets longer.
void Scheduler::makeRoomForTwo() {
  for (BufferId b = 0; b < plan.buffers.size(); ++b) {
    ScheduledBuffer &out = result.buffers[b];
    if (out.windows == 1)
      continue;
    auto ring = std::find(out.isRing.begin(), out.isRing.end(), true);
    if (ring == out.isRing.end())
      out.hasHalves = true;
    else
      out.slots[size_t(ring - out.isRing.begin())] *= 2;
  }
}

void Scheduler::measure(unsigned id, bool hasSpacing,
                        std::vector<Measure> &measures) {
  const Visit &visit = tree.visits[id];
  const PlanNode &node = plan.nodes[visit.node];
  auto add = [&](BufferId b, InstanceId id, const BoxSet &window) {
    ScheduledBuffer &out = result.buffers[b];
    out.elements = std::max(out.elements, window.size());
    if (out.isWholeTensor)
      return;
    if (hasSpacing)
      reserve(b, window);
    else
      space(b, id, window, measures[b]);
  };
  for (BufferId b : node.buffers) {
    openWindows[b].clear();
    for (unsigned i = 0; i < visit.instances; ++i) {
      BoxSet window = uniteAll(windowsOf(visit, i, b));
      InstanceId id = tree.order[visit.firstInstance + i];
      if (!window.empty())
        add(b, id, window);
      if (plan.buffers[b].isInFlight)
        openWindows[b][id] = std::move(window);
    }
  }
  if (node.kind == PlanNode::Kind::Pipeline)
    for (const InFlight &held : nextJob(node))
      add(held.buffer, held.id, held.window);
  for (unsigned child : visit.children) {
    if (child == kNone)
      continue;
    Flight outer;
    if (node.isSplit())
      std::swap(outer, flight);
    measure(child, hasSpacing, measures);
    if (node.isSplit())
      std::swap(outer, flight);
  }
}

void Scheduler::space(BufferId b, InstanceId id, const BoxSet &window,
                      Measure &measure) {
  ScheduledBuffer &out = result.buffers[b];
  auto bounds = window.bounds();
  BoxSet &last = measure.last[id];
  bool meets = !last.empty() && !last.intersect(window).empty();
  if (measure.first.empty()) {
    measure.spacingOfAll.assign(bounds.size(), 0);
    measure.moves.assign(bounds.size(), false);
    for (auto [lo, end] : bounds)
      measure.first.push_back(lo);
  }
  for (size_t d = 0; d < bounds.size(); ++d) {
    int64_t inside = 0, lo = bounds[d].first;
    for (unsigned i = 0; i < window.boxes(); ++i) {
      const Run &run = window.box(i)[d];
      inside = std::gcd(inside, run.lo - lo);
      if (run.n > 1)
        inside = std::gcd(inside, run.stride);
    }
    out.spacing[d] = std::gcd(out.spacing[d], inside);
    measure.spacingOfAll[d] = std::gcd(
        std::gcd(measure.spacingOfAll[d], inside), lo - measure.first[d]);
    if (!meets)
      continue;
    int64_t distance = lo - last.bounds()[d].first;
    out.spacing[d] = std::gcd(out.spacing[d], distance);
    measure.moves[d] = measure.moves[d] || distance != 0;
  }
  last = window;
}

/// Where one dimension of a window moves while a part of it stays, the buffer
/// is a ring along it; where several do, or the innermost, along which leaves
/// are to run in one piece, or where windows lie in halves, what stays moves.
/// What several jobs of a pipeline hold at the same time never moves.
void Scheduler::chooseRings(BufferId b, const Measure &measure) {
  ScheduledBuffer &out = result.buffers[b];
  size_t dims = out.slots.size();
  out.isRing.assign(dims, false);
  out.wraps.assign(dims, false);
  origins[b] = Coords(dims, 0);
  if (measure.first.empty()) {
    for (int64_t &spacing : out.spacing)
      spacing = std::max<int64_t>(spacing, 1);
    return;
  }
  size_t moving = std::count(measure.moves.begin(), measure.moves.end(), true);
  for (size_t d = 0; d < dims; ++d) {
    int64_t ofAll = std::max<int64_t>(measure.spacingOfAll[d], 1);
    out.spacing[d] = std::max<int64_t>(out.spacing[d], 1);
    out.isRing[d] = plan.buffers[b].isInFlight
                        ? measure.spacingOfAll[d] != 0
                        : moving == 1 && measure.moves[d] && d + 1 < dims &&
                              out.spacing[d] == ofAll && out.windows == 1;
    if (!out.isRing[d])
      continue;
    out.spacing[d] = ofAll;
    origins[b][d] = measure.first[d] % ofAll;
  }
}

void Scheduler::reserve(BufferId b, const BoxSet &window) {
  ScheduledBuffer &out = result.buffers[b];
  auto bounds = window.bounds();
  for (size_t d = 0; d < bounds.size(); ++d)
    out.slots[d] =
        std::max(out.slots[d],
                 (bounds[d].second - 1 - bounds[d].first) / out.spacing[d] + 1);
}

/// Whether boxes go beyond the last slot of a ring. `counts`: of the loops
/// around the steps.
void Scheduler::noteWraps(const std::vector<Step> &steps,
                          std::vector<int64_t> &counts) {
  for (const Step &step : steps) {
    if (auto *action = std::get_if<Action>(&step)) {
      noteWraps(*action, counts);
      continue;
    }
    const auto &repeat = std::get<Repeat>(step);
    if (repeat.isLoop())
      counts.push_back(repeat.count);
    noteWraps(repeat.body, counts);
    if (repeat.isLoop())
      counts.pop_back();
  }
}

/// The slots where a box begins, over all loops.
static std::vector<bool> firstSlots(const LoopExpr &offset,
                                    std::span<const int64_t> counts,
                                    int64_t slots) {
  std::vector<bool> reached(slots, false);
  reached[offset.base % slots] = true;
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t by = (offset.coefficients[i] % slots + slots) % slots;
    // After as many iterations as there are slots they come again.
    int64_t count = by == 0 ? 1 : std::min(counts[i], slots);
    std::vector<bool> now = reached;
    for (int64_t n = 1; n < count; ++n)
      for (int64_t slot = 0; slot < slots; ++slot)
        if (reached[slot])
          now[(slot + n * by) % slots] = true;
    reached = std::move(now);
  }
  return reached;
}

void Scheduler::noteWraps(const Action &action,
                          std::span<const int64_t> counts) {
  for (const Place &place : action.places) {
    ScheduledBuffer &buffer = result.buffers[place.buffer];
    for (size_t d = 0; d < buffer.slots.size() && !place.isOutside; ++d) {
      if (!buffer.isRing[d] || buffer.wraps[d])
        continue;
      size_t dim = buffer.outerDims() + d;
      int64_t length = 0;
      for (size_t a = 0; a < action.sizes.size(); ++a)
        length += place.step[dim][a] * (action.sizes[a] - 1);
      if (length == 0)
        continue;
      auto first = firstSlots(place.offset[dim], counts, buffer.slots[d]);
      auto last = std::find(first.rbegin(), first.rend(), true);
      buffer.wraps[d] = first.rend() - last - 1 + length >= buffer.slots[d];
    }
  }
}

/// A copy of a buffer; offsets inside it are to follow.
Place Scheduler::placeOf(BufferId b, InstanceId id) const {
  Place place{b, {}, {}, false};
  unsigned depth = plan.buffers[b].spatialAbove;
  for (InstanceId at = tree.instances.prefix(id, depth); at != 0;
       at = tree.instances[at].outer)
    place.offset.insert(place.offset.begin(), {tree.instances[at].index, {}});
  if (result.buffers[b].hasHalves)
    place.offset.push_back(
        {contents[b].at(tree.instances.prefix(id, depth)).turns, {}});
  return place;
}

/// Where a box of elements lies in a buffer.
Place Scheduler::placeOf(BufferId b, InstanceId id, std::span<const Run> box) {
  const ScheduledBuffer &buffer = result.buffers[b];
  const Contents &held =
      contents[b].at(tree.instances.prefix(id, plan.buffers[b].spatialAbove));
  Place place = placeOf(b, id);
  place.step.assign(place.offset.size(), std::vector<int64_t>(box.size(), 0));
  for (size_t d = 0; d < box.size(); ++d) {
    int64_t from = box[d].lo - held.lo[d];
    assert(from % buffer.spacing[d] == 0 && "element between two slots");
    place.offset.push_back({from / buffer.spacing[d], {}});
    std::vector<int64_t> step(box.size(), 0);
    if (box[d].n > 1) {
      assert(box[d].stride % buffer.spacing[d] == 0);
      step[d] = box[d].stride / buffer.spacing[d];
    }
    place.step.push_back(std::move(step));
  }
  return place;
}

/// Where the elements that a box of ops touches lie.
Place Scheduler::placeOf(BufferId b, InstanceId id, std::span<const Run> ops,
                         const Access &access, bool isOutside) {
  if (isOutside)
    return {b, {}, {}, true};
  const ScheduledBuffer &buffer = result.buffers[b];
  const Contents &held =
      contents[b].at(tree.instances.prefix(id, plan.buffers[b].spatialAbove));
  Place place = placeOf(b, id);
  place.step.assign(place.offset.size(), std::vector<int64_t>(ops.size(), 0));
  for (size_t d = 0; d < access.index.size(); ++d) {
    const LinearExpr &expr = access.index[d];
    int64_t at = expr.constant - held.lo[d];
    std::vector<int64_t> step(ops.size(), 0);
    for (const LinearExpr::Term &term : expr.terms) {
      const Run &run = ops[term.rank];
      at += term.coefficient * run.lo;
      if (run.n == 1)
        continue;
      int64_t moves = term.coefficient * run.stride;
      assert(moves % buffer.spacing[d] == 0);
      step[term.rank] = moves / buffer.spacing[d];
    }
    assert(at % buffer.spacing[d] == 0 && "element between two slots");
    place.offset.push_back({at / buffer.spacing[d], {}});
    place.step.push_back(std::move(step));
  }
  return place;
}
