//===- TileShapes.cpp - Ops and windows of every visit -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileShapes.h"

#include "AccessSets.h"

#include <algorithm>
#include <cassert>

using namespace looptree;

namespace {

/// Sets of more boxes than this are not regular enough to be worth a closed
/// form; they are refused rather than computed slowly.
constexpr unsigned kMaxBoxes = 4096;
constexpr size_t kMaxVisits = size_t(1) << 26;

using Range = std::pair<int64_t, int64_t>; ///< [first, second)

class Inference {
public:
  Inference(const Plan::Impl &plan, std::span<const int64_t> steps,
            const Folding &folding)
      : plan(plan), steps(steps), folding(folding), tile(plan.einsums.size()),
        box(plan.einsums.size()), foldTile(folding.folds) {
    for (const Buffer &buffer : plan.buffers)
      held.emplace_back(plan.workload.tensors[buffer.tensor].shape.size());
  }

  Result<VisitTree> run() {
    const PlanNode &root = plan.nodes[0];
    for (EinsumId e : root.group) {
      tile[e] = BoxSet(plan.workload.einsums[e].ranks.size());
      if (std::find(root.heads.begin(), root.heads.end(), e) !=
          root.heads.end()) {
        tile[e] = plan.einsums[e].allOps;
        box[e] = tile[e].bounds();
        continue;
      }
      const Access &write = plan.workload.einsums[e].write;
      const Tensor &tensor = plan.workload.tensors[write.tensor];
      if (tensor.kind == TensorKind::Output)
        owed.push_back(
            {write.tensor, elementsOf(plan.einsums[e].allOps, write, tensor)});
    }
    std::vector<BoxSet> groupOps;
    tree.root = expand(0, groupOps);
    if (!failure.empty())
      return Error{failure};
    return std::move(tree);
  }

private:
  struct Owed {
    TensorId tensor;
    BoxSet elements;
  };

  unsigned addVisit(NodeId node) {
    if (tree.visits.size() >= kMaxVisits && failure.empty())
      failure = "the mapping visits more than " + std::to_string(kMaxVisits) +
                " tiles";
    tree.visits.push_back({node, {}, kNone, 1, 0, inside});
    return tree.visits.size() - 1;
  }

  /// Inside a folded loop, sets stay around the tile.
  void checkReach(const BoxSet &set, const std::vector<FoldedAxis> &axes) {
    if (inside == 0)
      return;
    for (unsigned d = 0; d < axes.size(); ++d) {
      const FoldedAxis &axis = axes[d];
      if (axis.fold == kNone || !(inside >> axis.fold & 1))
        continue;
      const FoldTile &at = foldTile[axis.fold];
      int64_t lo = at.lo * axis.unit / at.unit - axis.reach;
      int64_t hi = (at.hi * axis.unit + at.unit - 1) / at.unit + axis.reach;
      for (unsigned i = 0; i < set.boxes(); ++i)
        tree.foldFailed |= set.box(i)[d].lo < lo || set.box(i)[d].last() > hi;
    }
  }

  void guard(const BoxSet &set, TensorId tensor) {
    if (set.boxes() > kMaxBoxes && failure.empty())
      failure = "the elements of " + plan.workload.tensors[tensor].name +
                " made at one visit are a union of more than " +
                std::to_string(kMaxBoxes) +
                " boxes, which the closed form does not cover";
  }

  /// Enters a node; groupOps receives the ops of every einsum of its group, in
  /// tree order, that run until control leaves it.
  unsigned expand(NodeId id, std::vector<BoxSet> &groupOps) {
    unsigned visit = addVisit(id);
    groupOps.clear();
    if (!failure.empty() || tree.foldFailed)
      return visit;
    const PlanNode &node = plan.nodes[id];
    switch (node.kind) {
    case PlanNode::Kind::For:
      expandFor(node, visit, groupOps);
      break;
    case PlanNode::Kind::Retain:
      expandRetain(node, visit, groupOps);
      break;
    case PlanNode::Kind::Sequential:
      expandSequential(node, visit, groupOps);
      break;
    case PlanNode::Kind::Pipeline: {
      std::vector<char> entered(node.children.size(), false);
      expandBranches(node, visit, groupOps, {}, entered);
      break;
    }
    case PlanNode::Kind::Compute:
      tree.visits[visit].data = tree.ops.size();
      tree.ops.push_back(tile[node.einsum]);
      checkReach(tile[node.einsum], folding.ranks[node.einsum]);
      groupOps.push_back(tile[node.einsum]);
      break;
    }
    return visit;
  }

  void expandFor(const PlanNode &node, unsigned visit,
                 std::vector<BoxSet> &groupOps) {
    BoxSet whole = tile[node.einsum];
    Range range = box[node.einsum][node.rank];
    std::vector<Owed> asked;
    std::swap(asked, owed); // A loop ends what the split above asks for.
    for (EinsumId e : node.group)
      groupOps.emplace_back(plan.workload.einsums[e].ranks.size());

    std::vector<unsigned> children;
    std::vector<BoxSet> part;
    int64_t step = steps[node.loop];
    FoldedAxis axis = folding.ranks[node.einsum][node.rank];
    bool folds = axis.fold != kNone && !(inside >> axis.fold & 1);
    uint64_t insideBefore = inside;
    if (folds) {
      // The zone must be made of whole tiles of this loop.
      int64_t extent =
          plan.workload.einsums[node.einsum].ranks[node.rank].extent;
      tree.foldFailed |= range != Range(0, extent) || axis.unit % step != 0;
      inside |= uint64_t(1) << axis.fold;
    }
    for (int64_t lo = range.first; lo < range.second && failure.empty();) {
      int64_t hi = range.second - lo <= step ? range.second : lo + step;
      tile[node.einsum] = slice(whole, node.rank, lo, hi);
      if (!tile[node.einsum].empty()) {
        box[node.einsum][node.rank] = {lo, hi};
        if (folds)
          foldTile[axis.fold] = {lo, hi, axis.unit};
        children.push_back(expand(node.children[0], part));
        if (folds) {
          Visit &child = tree.visits[children.back()];
          child.unit = lo / axis.unit;
          if (child.unit == axis.zone / axis.unit)
            child.copies = axis.copies;
        }
        if (tree.foldFailed)
          return;
        for (size_t i = 0; i < part.size(); ++i)
          if (node.group[i] != node.einsum)
            groupOps[i].unite(part[i]);
      }
      lo = hi;
    }
    for (size_t i = 0; i < node.group.size(); ++i)
      if (node.group[i] == node.einsum)
        groupOps[i] = whole;
    tile[node.einsum] = std::move(whole);
    box[node.einsum][node.rank] = range;
    inside = insideBefore;
    std::swap(asked, owed);
    tree.visits[visit].children = std::move(children);
  }

  static BoxSet slice(const BoxSet &ops, RankId rank, int64_t lo, int64_t hi) {
    BoxSet result(ops.dims());
    for (unsigned i = 0; i < ops.boxes(); ++i) {
      auto run = intersect(ops.box(i)[rank], makeRun(lo, hi - lo, 1));
      if (!run)
        continue;
      result.append(ops.box(i));
      result.box(result.boxes() - 1)[rank] = *run;
    }
    return result;
  }

  void expandRetain(const PlanNode &node, unsigned visit,
                    std::vector<BoxSet> &groupOps) {
    for (BufferId b : node.buffers)
      if (plan.buffers[b].noReuse)
        held[b].clear();
    unsigned child = expand(node.children[0], groupOps);
    tree.visits[visit].children = {child};
    if (!failure.empty() || tree.foldFailed)
      return;
    tree.visits[visit].data = tree.windows.size();
    for (BufferId b : node.buffers) {
      const Buffer &buffer = plan.buffers[b];
      BoxSet window(held[b].dims());
      for (EinsumId user : buffer.users) {
        size_t i = std::find(node.group.begin(), node.group.end(), user) -
                   node.group.begin();
        tree.windows.push_back(
            usedElements(plan, user, groupOps[i], buffer.tensor));
        guard(tree.windows.back(), buffer.tensor);
        checkReach(tree.windows.back(), folding.dims[buffer.tensor]);
        if (isWrittenBacking(buffer))
          window.unite(tree.windows.back());
      }
      if (isWrittenBacking(buffer) && !window.empty())
        held[b] = held[b].intersect(window);
    }
  }

  static bool isWrittenBacking(const Buffer &buffer) {
    return buffer.parent == kNone && !buffer.holdsEverything;
  }

  void expandSequential(const PlanNode &node, unsigned visit,
                        std::vector<BoxSet> &groupOps) {
    size_t branches = node.children.size();
    bool hasBackings =
        std::any_of(node.branchBackings.begin(), node.branchBackings.end(),
                    [](const auto &backings) { return !backings.empty(); });
    std::vector<char> entered(branches, false);
    if (!hasBackings) {
      expandBranches(node, visit, groupOps, {}, entered);
      return;
    }

    // Entering a branch ends the contents of backings inside the others.
    // Whether an earlier branch is entered is known only after the later ones,
    // so it is first assumed not to be; more is asked for each time, and the
    // least set of ops that fits itself is the one meant.
    std::vector<BoxSet> heldBefore = held;
    std::vector<Owed> owedBefore = owed;
    size_t visits = tree.visits.size(), ops = tree.ops.size(),
           windows = tree.windows.size();
    std::vector<char> assumed(branches, false);
    for (;;) {
      expandBranches(node, visit, groupOps, assumed, entered);
      bool settled = true;
      for (size_t b = 0; b < branches; ++b)
        if (entered[b] && !assumed[b]) {
          assumed[b] = true;
          for (size_t later = b + 1; later < branches; ++later)
            for (BufferId backing : node.branchBackings[later])
              settled &= heldBefore[backing].empty();
        }
      if (settled || !failure.empty() || tree.foldFailed)
        break;
      held = heldBefore;
      owed = owedBefore;
      tree.visits.resize(visits);
      tree.ops.resize(ops);
      tree.windows.resize(windows);
    }
    for (size_t b = 0; b < branches; ++b)
      for (size_t other = 0; other < branches; ++other)
        if (other != b && entered[other] && (other > b || !entered[b]))
          clearHeld(node.branchBackings[b]);
  }

  void clearHeld(const std::vector<BufferId> &backings) {
    for (BufferId backing : backings)
      held[backing].clear();
  }

  /// One try at a visit of a split; `assumed`: the branches that are taken to
  /// be entered before a later one is.
  void expandBranches(const PlanNode &node, unsigned visit,
                      std::vector<BoxSet> &groupOps,
                      const std::vector<char> &assumed,
                      std::vector<char> &entered) {
    size_t branches = node.children.size();
    std::vector<Owed> asked = std::move(owed);
    std::vector<unsigned> children(branches, kNone);
    std::vector<std::vector<BoxSet>> branchOps(branches);
    std::vector<BoxSet> opsOf(plan.einsums.size());

    for (size_t b = branches; b-- > 0 && failure.empty() && !tree.foldFailed;) {
      if (std::find(assumed.begin(),
                    assumed.begin() + (assumed.empty() ? 0 : b),
                    true) != assumed.begin() + (assumed.empty() ? 0 : b))
        clearHeld(node.branchBackings[b]);
      decide(node.decisions[b], opsOf, asked);
      const PlanNode &branch = plan.nodes[node.children[b]];
      owed.clear();
      if (!branch.loopInChain)
        for (const Owed &item : asked)
          if (!item.elements.empty() &&
              contains(branch.group, plan.tensors[item.tensor].producer))
            owed.push_back(item);
      entered[b] = !owed.empty() ||
                   std::any_of(branch.heads.begin(), branch.heads.end(),
                               [&](EinsumId e) { return !tile[e].empty(); });
      if (entered[b])
        children[b] = expand(node.children[b], branchOps[b]);
      branchOps[b].resize(branch.group.size());
      for (size_t i = 0; i < branch.group.size(); ++i)
        opsOf[branch.group[i]] = branchOps[b][i];
    }
    owed.clear(); // What was asked is decided, or was by the branches.
    groupOps.clear();
    for (auto &ops : branchOps)
      for (BoxSet &set : ops)
        groupOps.push_back(std::move(set));
    tree.visits[visit].children = std::move(children);
  }

  static bool contains(const std::vector<EinsumId> &group, EinsumId e) {
    return std::find(group.begin(), group.end(), e) != group.end();
  }

  /// Gives the producers of a branch their ops for this visit.
  void decide(const std::vector<Decision> &decisions,
              const std::vector<BoxSet> &opsOf, std::vector<Owed> &asked) {
    for (const Decision &decision : decisions) {
      TensorId t = decision.tensor;
      BoxSet make(plan.workload.tensors[t].shape.size());
      for (EinsumId consumer : decision.consumers)
        if (!opsOf[consumer].empty())
          make.unite(readElements(plan, consumer, opsOf[consumer], t));
      auto ask = std::find_if(asked.begin(), asked.end(),
                              [&](const Owed &o) { return o.tensor == t; });
      if (ask != asked.end())
        make.unite(ask->elements);
      make = make.subtract(held[decision.backing]);
      guard(make, t);
      if (!decision.producerHeadsBranch) {
        if (ask != asked.end())
          ask->elements = std::move(make);
        else
          asked.push_back({t, std::move(make)});
        continue;
      }
      if (ask != asked.end())
        asked.erase(ask);
      held[decision.backing].unite(make);
      EinsumId p = decision.producer;
      tile[p] = opsWriting(make, plan.workload.einsums[p]);
      if (!tile[p].empty())
        box[p] = tile[p].bounds();
    }
  }

  const Plan::Impl &plan;
  std::span<const int64_t> steps;
  const Folding &folding;
  VisitTree tree;
  std::vector<BoxSet> tile;            ///< Per einsum: ops of its current tile.
  std::vector<std::vector<Range>> box; ///< Per einsum: what loops divide.
  std::vector<BoxSet> held; ///< Per buffer; used for backings that are written.
  /// Per fold: the tile of its loop, in units of that loop's rank.
  struct FoldTile {
    int64_t lo, hi, unit;
  };
  std::vector<FoldTile> foldTile;
  uint64_t inside = 0;    ///< Folds whose loop control is in, a bit each.
  std::vector<Owed> owed; ///< What the split above asks of this node.
  std::string failure;
};

} // namespace

Result<VisitTree> looptree::inferTileShapes(const Plan::Impl &plan,
                                            std::span<const int64_t> steps,
                                            const Folding &folding) {
  return Inference(plan, steps, folding).run();
}
