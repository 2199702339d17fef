//===- Schedule.cpp - A mapping run, as loops over boxes -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Schedule.h"

#include "AccessSets.h"
#include "Pieces.h"
#include "Roll.h"
#include "TileShapes.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace looptree;

namespace {

/// What a buffer holds, and where its window begins.
struct Contents {
  BoxSet value, dirty;
  Coords lo;
  bool isOpen = false; ///< A window was opened.
};

class Scheduler {
public:
  Scheduler(const Plan::Impl &plan, const VisitTree &tree,
            const std::vector<std::vector<bool>> &runsOutside)
      : plan(plan), tree(tree), runsOutside(runsOutside),
        contents(plan.buffers.size()) {
    for (const Buffer &buffer : plan.buffers) {
      const auto &shape = plan.workload.tensors[buffer.tensor].shape;
      ScheduledBuffer out;
      out.node = buffer.node;
      out.level = buffer.level;
      out.tensor = buffer.tensor;
      out.isWholeTensor =
          buffer.parent == kNone &&
          plan.workload.tensors[buffer.tensor].kind != TensorKind::Intermediate;
      out.slots.assign(shape.size(), out.isWholeTensor ? 0 : 1);
      out.spacing.assign(shape.size(), out.isWholeTensor ? 1 : 0);
      if (out.isWholeTensor)
        out.slots = shape;
      Contents &held = contents[result.buffers.size()];
      held.value = held.dirty = BoxSet(shape.size());
      held.lo = Coords(shape.size(), 0);
      held.isOpen = out.isWholeTensor;
      result.buffers.push_back(std::move(out));
    }
  }

  Result<Schedule> run() {
    for (EinsumId e = 0; e < plan.einsums.size(); ++e)
      if (!hasOneFirstOp(e))
        return Error{plan.workload.einsums[e].name +
                     " writes an element from several indices of the ranks of "
                     "its write, which has no schedule"};
    measure();
    Part part = walk(tree.root);
    finish(part);
    if (!failure.empty())
      return Error{failure};
    result.steps = roller.expand(part);
    return std::move(result);
  }

private:
  bool hasOneFirstOp(EinsumId e) const {
    const EinsumPlan &info = plan.einsums[e];
    const Access &write = plan.workload.einsums[e].write;
    return opsAt(info.allOps, info.reductionRanks, 0).size() ==
           elementsOf(info.allOps, write, plan.workload.tensors[write.tensor])
               .size();
  }

  //===--------------------------------------------------------------------===//
  // Sizes of the buffers
  //===--------------------------------------------------------------------===//

  BoxSet windowOf(const Buffer &buffer, unsigned firstWindow) const {
    BoxSet window = tree.windows[firstWindow];
    for (size_t i = 1; i < buffer.users.size(); ++i)
      window.unite(tree.windows[firstWindow + i]);
    return window;
  }

  /// Spacing is what divides all distances inside windows and between windows
  /// that may share elements; slots are what the largest window then takes.
  void measure() {
    for (int pass = 0; pass < 2; ++pass) {
      std::vector<BoxSet> last(plan.buffers.size());
      measure(tree.root, pass == 1, last);
      for (ScheduledBuffer &buffer : result.buffers)
        for (int64_t &spacing : buffer.spacing)
          spacing = std::max<int64_t>(spacing, 1);
    }
  }

  void measure(unsigned id, bool hasSpacing, std::vector<BoxSet> &last) {
    const Visit &visit = tree.visits[id];
    const PlanNode &node = plan.nodes[visit.node];
    if (node.kind == PlanNode::Kind::Retain) {
      unsigned next = visit.data;
      for (BufferId b : node.buffers) {
        BoxSet window = windowOf(plan.buffers[b], next);
        next += plan.buffers[b].users.size();
        if (window.empty())
          continue;
        ScheduledBuffer &out = result.buffers[b];
        out.elements = std::max(out.elements, window.size());
        if (out.isWholeTensor)
          continue;
        auto bounds = window.bounds();
        if (hasSpacing)
          for (size_t d = 0; d < bounds.size(); ++d)
            out.slots[d] = std::max(
                out.slots[d],
                (bounds[d].second - 1 - bounds[d].first) / out.spacing[d] + 1);
        else
          space(out, window, last[b]);
        last[b] = std::move(window);
      }
    }
    for (unsigned child : visit.children)
      if (child != kNone)
        measure(child, hasSpacing, last);
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

  //===--------------------------------------------------------------------===//
  // Places
  //===--------------------------------------------------------------------===//

  /// Where a box of elements lies in a buffer.
  Place placeOf(BufferId b, std::span<const Run> box) const {
    const ScheduledBuffer &buffer = result.buffers[b];
    Place place{b, {}, {}, false};
    for (size_t d = 0; d < box.size(); ++d) {
      int64_t from = box[d].lo - contents[b].lo[d];
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
  Place placeOf(BufferId b, std::span<const Run> ops, const Access &access,
                bool isOutside) const {
    const ScheduledBuffer &buffer = result.buffers[b];
    Place place{b, {}, {}, isOutside};
    if (isOutside)
      return place;
    for (size_t d = 0; d < access.index.size(); ++d) {
      const LinearExpr &expr = access.index[d];
      int64_t at = expr.constant - contents[b].lo[d];
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

  void transfer(Part &part, ActionKind kind, BufferId inner, BufferId from,
                BufferId to, EinsumId einsum, const BoxSet &elements) {
    for (unsigned i = 0; i < elements.boxes(); ++i) {
      Action action;
      action.kind = kind;
      action.einsum = einsum;
      action.buffer = inner;
      for (const Run &run : elements.box(i))
        action.sizes.push_back(run.n);
      action.places = {placeOf(from, elements.box(i)),
                       placeOf(to, elements.box(i))};
      roller.append(part, action);
    }
  }

  //===--------------------------------------------------------------------===//
  // The walk
  //===--------------------------------------------------------------------===//

  Part walk(unsigned id) {
    const Visit &visit = tree.visits[id];
    const PlanNode &node = plan.nodes[visit.node];
    Part part;
    if (!failure.empty())
      return part;
    switch (node.kind) {
    case PlanNode::Kind::For: {
      Roller::Loop loop(roller);
      for (unsigned child : visit.children)
        loop.add(walk(child));
      return loop.finish();
    }
    case PlanNode::Kind::Retain: {
      unsigned next = visit.data;
      for (BufferId b : node.buffers) {
        enter(part, b, next);
        next += plan.buffers[b].users.size();
      }
      part.append(walk(visit.children[0]));
      return part;
    }
    case PlanNode::Kind::Sequential:
    case PlanNode::Kind::Pipeline:
      for (size_t b = 0; b < visit.children.size(); ++b) {
        if (visit.children[b] == kNone)
          continue;
        for (size_t other = 0; other < visit.children.size(); ++other)
          if (other != b && node.kind == PlanNode::Kind::Sequential)
            for (BufferId held : node.branchBuffers[other])
              evict(part, held, nullptr);
        part.append(walk(visit.children[b]));
        for (TensorId t : node.branchResults[b])
          for (BufferId held : node.branchBuffers[b])
            if (plan.buffers[held].tensor == t)
              evict(part, held, nullptr);
      }
      return part;
    case PlanNode::Kind::SpatialFor:
      failure = "spatial_for " +
                plan.workload.einsums[node.einsum].ranks[node.rank].name +
                " of " + plan.workload.einsums[node.einsum].name +
                ": instances side by side have no schedule";
      return part;
    case PlanNode::Kind::Compute:
      compute(part, node.einsum, tree.ops[visit.data]);
      return part;
    }
    return part;
  }

  void enter(Part &part, BufferId b, unsigned firstWindow) {
    const Buffer &buffer = plan.buffers[b];
    BoxSet window = windowOf(buffer, firstWindow);
    if (window.empty() && !buffer.noReuse)
      return;
    if (!buffer.holdsEverything) {
      const BoxSet *keep = buffer.noReuse ? nullptr : &window;
      for (BufferId below : buffer.below)
        evict(part, below, keep);
      evict(part, b, keep);
    }
    if (window.empty())
      return;
    Action action;
    action.buffer = b;
    action.elements = window.size();
    roller.append(part, action);
    moveTo(part, b, window);
    if (buffer.parent != kNone)
      fill(part, b, window, firstWindow);
  }

  /// Elements outside the window (all, when there is none) leave a buffer.
  void evict(Part &part, BufferId b, const BoxSet *window) {
    Contents &held = contents[b];
    if (held.value.empty())
      return;
    BoxSet gone = window ? held.value.subtract(*window) : held.value;
    if (gone.empty())
      return;
    const Buffer &buffer = plan.buffers[b];
    BoxSet drained = held.dirty.intersect(gone);
    if (buffer.parent != kNone && !drained.empty()) {
      transfer(part, ActionKind::Drain, b, b, buffer.parent,
               plan.tensors[buffer.tensor].producer, drained);
      contents[buffer.parent].value.unite(drained);
      contents[buffer.parent].dirty.unite(drained);
    }
    held.dirty = held.dirty.subtract(drained);
    held.value =
        window ? held.value.intersect(*window) : BoxSet(held.value.dims());
  }

  /// The window begins at another element: what stays moves, the box around it
  /// as a whole.
  void moveTo(Part &part, BufferId b, const BoxSet &window) {
    Contents &held = contents[b];
    if (result.buffers[b].isWholeTensor)
      return;
    Coords lo;
    for (auto [first, end] : window.bounds())
      lo.push_back(first);
    if (held.isOpen && !held.value.empty() && !(held.lo == lo)) {
      std::vector<Run> around;
      for (size_t d = 0; auto [first, end] : held.value.bounds()) {
        int64_t spacing = result.buffers[b].spacing[d++];
        around.push_back(
            makeRun(first, (end - 1 - first) / spacing + 1, spacing));
      }
      Action action;
      action.kind = ActionKind::Move;
      action.buffer = b;
      for (const Run &run : around)
        action.sizes.push_back(run.n);
      action.places.push_back(placeOf(b, around));
      held.lo = lo;
      action.places.push_back(placeOf(b, around));
      roller.append(part, action);
    }
    held.lo = lo;
    held.isOpen = true;
  }

  void fill(Part &part, BufferId b, const BoxSet &window,
            unsigned firstWindow) {
    const Buffer &buffer = plan.buffers[b];
    BoxSet coming = window.subtract(contents[b].value);
    if (!plan.buffers[buffer.parent].holdsEverything)
      coming = coming.intersect(contents[buffer.parent].value);
    contents[b].value.unite(coming);
    for (size_t i = 0; i < buffer.users.size() && !coming.empty(); ++i) {
      const BoxSet &byUser = tree.windows[firstWindow + i];
      transfer(part, ActionKind::Fill, b, buffer.parent, b, buffer.users[i],
               coming.intersect(byUser));
      coming = coming.subtract(byUser);
    }
  }

  //===--------------------------------------------------------------------===//
  // Compute
  //===--------------------------------------------------------------------===//

  void compute(Part &part, EinsumId e, const BoxSet &ops) {
    if (ops.empty())
      return;
    const Einsum &einsum = plan.workload.einsums[e];
    const EinsumPlan &info = plan.einsums[e];
    const Tensor &tensor = plan.workload.tensors[einsum.write.tensor];
    BufferId into = plan.operands[info.result].buffer;
    Contents &held = contents[into];
    BoxSet written = elementsOf(ops, einsum.write, tensor);
    BoxSet begun = written.subtract(held.value);
    if (!begun.empty())
      begin(part, e, ops, begun);
    int64_t skipped = 0;
    for (unsigned i = 0; i < ops.boxes(); ++i)
      for (const Piece &piece : cutAtBorders(ops.box(i), einsum, plan.workload))
        if (isSkipped(e, piece))
          skipped += sizeOf(piece.ops);
        else
          run(part, e, piece);
    if (skipped > 0) {
      Action action;
      action.kind = ActionKind::Skip;
      action.einsum = e;
      action.elements = skipped;
      roller.append(part, action);
    }
    held.value.unite(written);
    held.dirty.unite(written);
  }

  bool isSkipped(EinsumId e, const Piece &piece) const {
    for (size_t k = 0; k < piece.isOutside.size(); ++k)
      if (piece.isOutside[k] &&
          !(e < runsOutside.size() && k < runsOutside[e].size() &&
            runsOutside[e][k]))
        return true;
    return false;
  }

  static int64_t sizeOf(std::span<const Run> box) {
    int64_t size = 1;
    for (const Run &run : box)
      size *= run.n;
    return size;
  }

  void begin(Part &part, EinsumId e, const BoxSet &ops, const BoxSet &begun) {
    const Einsum &einsum = plan.workload.einsums[e];
    const EinsumPlan &info = plan.einsums[e];
    BoxSet first =
        opsAt(ops, info.reductionRanks, 0).intersect(opsWriting(begun, einsum));
    assert(first.size() == begun.size() && "begun after its first op");
    unsigned init = kNone;
    for (unsigned k = 0; k < einsum.reads.size(); ++k)
      if (einsum.reads[k].isInit)
        init = k;
    for (unsigned i = 0; i < first.boxes(); ++i) {
      auto pieces =
          init == kNone
              ? std::vector<Piece>{{{first.box(i).begin(), first.box(i).end()},
                                    {}}}
              : cutAtBorders(first.box(i), einsum, plan.workload, init);
      for (const Piece &piece : pieces) {
        Action action = onOps(ActionKind::Begin, e, piece.ops);
        action.places.push_back(placeOf(plan.operands[info.result].buffer,
                                        piece.ops, einsum.write, false));
        if (init != kNone)
          action.places.push_back(
              placeOf(plan.operands[info.reads[init]].buffer, piece.ops,
                      einsum.reads[init], piece.isOutside[init]));
        roller.append(part, action);
      }
    }
  }

  void run(Part &part, EinsumId e, const Piece &piece) {
    const Einsum &einsum = plan.workload.einsums[e];
    const EinsumPlan &info = plan.einsums[e];
    Action action = onOps(ActionKind::Run, e, piece.ops);
    action.places.push_back(placeOf(plan.operands[info.result].buffer,
                                    piece.ops, einsum.write, false));
    for (unsigned k = 0; k < einsum.reads.size(); ++k)
      if (!einsum.reads[k].isInit)
        action.places.push_back(placeOf(plan.operands[info.reads[k]].buffer,
                                        piece.ops, einsum.reads[k],
                                        piece.isOutside[k]));
    roller.append(part, action);
  }

  static Action onOps(ActionKind kind, EinsumId e, std::span<const Run> ops) {
    Action action;
    action.kind = kind;
    action.einsum = e;
    for (const Run &run : ops) {
      action.sizes.push_back(run.n);
      action.first.push_back({run.lo, {}});
      action.stride.push_back(run.stride);
    }
    return action;
  }

  void finish(Part &part) {
    for (BufferId b = plan.buffers.size(); b-- > 0;)
      if (plan.buffers[b].parent != kNone && !plan.buffers[b].holdsEverything)
        evict(part, b, nullptr);
  }

  const Plan::Impl &plan;
  const VisitTree &tree;
  const std::vector<std::vector<bool>> &runsOutside;
  Schedule result;
  Roller roller;
  std::vector<Contents> contents; ///< Per buffer.
  std::string failure;
};

} // namespace

Result<Schedule>
looptree::schedule(const Plan &plan, std::span<const int64_t> steps,
                   const std::vector<std::vector<bool>> &runsOutside) {
  // Names what is incomplete.
  if (auto report = evaluateEveryTile(plan, steps); !report)
    return report.error();
  const Plan::Impl &impl = plan.get();
  auto tree = inferTileShapes(impl, steps, unfoldedWorkload(impl));
  if (!tree)
    return tree.error();
  return Scheduler(impl, *tree, runsOutside).run();
}
