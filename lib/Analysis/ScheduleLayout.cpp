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
    out.livesInBranches =
        transfers.buffers[result.buffers.size()].livesInBranches;
    out.slots.assign(shape.size(), out.isWholeTensor ? 0 : 1);
    out.spacing.assign(shape.size(), out.isWholeTensor ? 1 : 0);
    if (out.isWholeTensor)
      out.slots = shape;
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

static void space(ScheduledBuffer &out, const BoxSet &window,
                  const BoxSet &last) {
  auto bounds = window.bounds();
  bool meets = !last.empty() && !last.intersect(window).empty();
  for (size_t d = 0; d < bounds.size(); ++d) {
    int64_t &spacing = out.spacing[d];
    for (unsigned i = 0; i < window.boxes(); ++i) {
      const Run &run = window.box(i)[d];
      spacing = std::gcd(spacing, run.lo - bounds[d].first);
      if (run.n > 1)
        spacing = std::gcd(spacing, run.stride);
    }
    if (meets)
      spacing = std::gcd(spacing, bounds[d].first - last.bounds()[d].first);
  }
}

/// Spacing is what divides all distances inside windows and between windows
/// that may share elements; slots are what the largest window then takes.
void Scheduler::measure() {
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<Windows> last(plan.buffers.size());
    measure(tree.root, pass == 1, last);
    for (ScheduledBuffer &buffer : result.buffers)
      for (int64_t &spacing : buffer.spacing)
        spacing = std::max<int64_t>(spacing, 1);
  }
}

void Scheduler::measure(unsigned id, bool hasSpacing,
                        std::vector<Windows> &last) {
  const Visit &visit = tree.visits[id];
  const PlanNode &node = plan.nodes[visit.node];
  if (node.kind == PlanNode::Kind::Retain)
    for (BufferId b : node.buffers)
      for (unsigned i = 0; i < visit.instances; ++i) {
        BoxSet window = uniteAll(windowsOf(visit, i, b));
        if (window.empty())
          continue;
        ScheduledBuffer &out = result.buffers[b];
        out.elements = std::max(out.elements, window.size());
        if (out.isWholeTensor)
          continue;
        auto bounds = window.bounds();
        BoxSet &before = last[b][tree.order[visit.firstInstance + i]];
        if (hasSpacing)
          for (size_t d = 0; d < bounds.size(); ++d)
            out.slots[d] = std::max(
                out.slots[d],
                (bounds[d].second - 1 - bounds[d].first) / out.spacing[d] + 1);
        else
          space(out, window, before);
        before = std::move(window);
      }
  for (unsigned child : visit.children)
    if (child != kNone)
      measure(child, hasSpacing, last);
}

/// A copy of a buffer; offsets inside it are to follow.
Place Scheduler::placeOf(BufferId b, InstanceId id) const {
  Place place{b, {}, {}, false};
  unsigned depth = plan.buffers[b].spatialAbove;
  for (InstanceId at = tree.instances.prefix(id, depth); at != 0;
       at = tree.instances[at].outer)
    place.offset.insert(place.offset.begin(), {tree.instances[at].index, {}});
  return place;
}

/// Where a box of elements lies in a buffer.
Place Scheduler::placeOf(BufferId b, InstanceId id,
                         std::span<const Run> box) const {
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
                         const Access &access, bool isOutside) const {
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
