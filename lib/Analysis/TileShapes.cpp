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
#include <deque>
#include <map>

using namespace looptree;

namespace {

/// Sets of more boxes than this are not regular enough to be worth a closed
/// form; they are refused rather than computed slowly.
constexpr unsigned kMaxBoxes = 4096;
/// A visit takes some 250 bytes.
constexpr size_t kMaxVisits = size_t(1) << 24;
constexpr size_t kMaxInstances = size_t(1) << 20;

using Range = std::pair<int64_t, int64_t>; ///< [first, second)

class Inference {
public:
  Inference(const Plan::Impl &plan, std::span<const int64_t> steps,
            const Folding &folding, AlikeTiles *alike, size_t maxVisits)
      : plan(plan), steps(steps), folding(folding), alike(alike),
        maxVisits(maxVisits), held(plan.buffers.size()),
        foldTile(folding.folds) {
    tree.spatialUse.resize(plan.nodes.size());
  }

  Result<VisitTree> run() {
    const PlanNode &root = plan.nodes[0];
    Context all;
    all.tile.resize(plan.einsums.size());
    all.box.resize(plan.einsums.size());
    for (EinsumId e : root.group) {
      all.tile[e] = BoxSet(plan.workload.einsums[e].ranks.size());
      if (contains(root.heads, e)) {
        all.tile[e] = plan.einsums[e].allOps;
        all.box[e] = all.tile[e].bounds();
        continue;
      }
      const Access &write = plan.workload.einsums[e].write;
      const Tensor &tensor = plan.workload.tensors[write.tensor];
      if (tensor.kind == TensorKind::Output)
        all.owed.push_back(
            {write.tensor, elementsOf(plan.einsums[e].allOps, write, tensor)});
    }
    std::vector<GroupOps> ops(1);
    tree.root = expand(0, {&all}, ops);
    if (!failure.empty())
      return Error{failure};
    return std::move(tree);
  }

private:
  struct Owed {
    TensorId tensor;
    BoxSet elements;
  };

  /// Where one instance stands.
  struct Context {
    InstanceId id = 0;
    std::vector<BoxSet> tile;            ///< Per einsum: ops of its tile.
    std::vector<std::vector<Range>> box; ///< Per einsum: what loops divide.
    std::vector<Owed> owed;              ///< What the split above asks for.
    /// In the first iteration of the innermost loop above.
    bool restarts = false;
  };
  using Contexts = std::vector<Context *>;
  /// Per einsum of a group, in tree order: ops that run during a visit.
  using GroupOps = std::vector<BoxSet>;

  unsigned addVisit(NodeId node, const Contexts &contexts) {
    if (tree.visits.size() >= kMaxVisits && failure.empty())
      failure = "the mapping visits more than " + std::to_string(kMaxVisits) +
                " tiles, which the closed form does not cover";
    if (contexts.size() > maxVisits - tree.order.size() && failure.empty())
      failure = "the mapping visits more than " + std::to_string(maxVisits) +
                " tiles of instances";
    Visit visit;
    visit.node = node;
    visit.firstInstance = tree.order.size();
    visit.instances = contexts.size();
    visit.inside = inside;
    for (const Context *context : contexts)
      tree.order.push_back(context->id);
    if (plan.isV1())
      for (const Context *context : contexts)
        tree.restarts.push_back(context->restarts);
    tree.visits.push_back(std::move(visit));
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

  bool stopped() const { return !failure.empty() || tree.foldFailed; }

  BoxSet &heldIn(BufferId b, InstanceId id) {
    const Buffer &buffer = plan.buffers[b];
    auto [known, isNew] =
        held[b].insert({tree.instances.prefix(id, buffer.spatialAbove), {}});
    if (isNew)
      known->second = BoxSet(plan.workload.tensors[buffer.tensor].shape.size());
    return known->second;
  }

  /// Instances enter a node at the same time; groupOps receives, for each, the
  /// ops of every einsum of the group that run until control leaves it.
  unsigned expand(NodeId id, const Contexts &contexts,
                  std::vector<GroupOps> &groupOps) {
    unsigned visit = addVisit(id, contexts);
    for (GroupOps &ops : groupOps)
      ops.clear();
    if (stopped())
      return visit;
    const PlanNode &node = plan.nodes[id];
    switch (node.kind) {
    case PlanNode::Kind::For:
      expandFor(node, visit, contexts, groupOps);
      break;
    case PlanNode::Kind::SpatialFor:
      expandSpatialFor(id, visit, contexts, groupOps);
      break;
    case PlanNode::Kind::Retain:
      expandRetain(node, visit, contexts, groupOps);
      break;
    case PlanNode::Kind::Sequential:
      expandSequential(node, visit, contexts, groupOps);
      break;
    case PlanNode::Kind::Pipeline: {
      std::vector<std::vector<char>> entered;
      expandBranches(node, visit, contexts, groupOps, {}, entered);
      break;
    }
    case PlanNode::Kind::Compute:
      tree.visits[visit].data = tree.ops.size();
      for (size_t i = 0; i < contexts.size(); ++i) {
        const BoxSet &ops = contexts[i]->tile[node.einsum];
        tree.ops.push_back(ops);
        checkReach(ops, folding.ranks[node.einsum]);
        groupOps[i].push_back(ops);
        Coords corner;
        for (const Range &range : contexts[i]->box[node.einsum])
          corner.push_back(range.first);
        tree.corners.push_back(corner);
      }
      break;
    }
    return visit;
  }

  /// What a context has while inside a loop, put back at its end.
  struct Outside {
    BoxSet whole;
    Range range;
    std::vector<Owed> owed;
    bool restarts;
  };

  std::vector<Outside> enterLoop(const PlanNode &node, const Contexts &contexts,
                                 std::vector<GroupOps> &groupOps) {
    std::vector<Outside> outside;
    for (size_t i = 0; i < contexts.size(); ++i) {
      // A loop ends what the split above asks for.
      Context &c = *contexts[i];
      outside.push_back({c.tile[node.einsum], c.box[node.einsum][node.rank],
                         std::move(c.owed), c.restarts});
      c.owed.clear();
      for (EinsumId e : node.group)
        groupOps[i].emplace_back(plan.workload.einsums[e].ranks.size());
    }
    return outside;
  }

  void leaveLoop(const PlanNode &node, const Contexts &contexts,
                 std::vector<Outside> &outside,
                 std::vector<GroupOps> &groupOps) {
    for (size_t i = 0; i < contexts.size(); ++i) {
      Context &c = *contexts[i];
      for (size_t k = 0; k < node.group.size(); ++k)
        if (node.group[k] == node.einsum)
          groupOps[i][k] = outside[i].whole;
      c.tile[node.einsum] = std::move(outside[i].whole);
      c.box[node.einsum][node.rank] = outside[i].range;
      c.owed = std::move(outside[i].owed);
      c.restarts = outside[i].restarts;
    }
  }

  void addOthers(const PlanNode &node, const GroupOps &part, GroupOps &whole) {
    for (size_t k = 0; k < part.size(); ++k)
      if (node.group[k] != node.einsum)
        whole[k].unite(part[k]);
  }

  void expandFor(const PlanNode &node, unsigned visit, const Contexts &contexts,
                 std::vector<GroupOps> &groupOps) {
    std::vector<Outside> outside = enterLoop(node, contexts, groupOps);
    std::vector<unsigned> children;
    int64_t step = steps[node.loop];
    FoldedAxis axis = folding.ranks[node.einsum][node.rank];
    bool folds = axis.fold != kNone && !(inside >> axis.fold & 1);
    uint64_t insideBefore = inside;
    int64_t length = 0;
    for (const Outside &whole : outside)
      length = std::max(length, whole.range.second - whole.range.first);
    if (folds) {
      // The zone must be made of whole tiles of this loop.
      int64_t extent =
          plan.workload.einsums[node.einsum].ranks[node.rank].extent;
      for (const Outside &whole : outside)
        tree.foldFailed |= whole.range != Range(0, extent);
      tree.foldFailed |= axis.unit % step != 0;
      inside |= uint64_t(1) << axis.fold;
    }
    for (int64_t at = 0; at < length && !stopped();) {
      int64_t size = std::min(step, length - at);
      Contexts here;
      std::vector<size_t> which;
      for (size_t i = 0; i < contexts.size(); ++i)
        if (takeTile(*contexts[i], node, outside[i], at, size)) {
          here.push_back(contexts[i]);
          which.push_back(i);
        }
      if (!here.empty()) {
        if (folds)
          foldTile[axis.fold] = {at, at + size, axis.unit};
        std::vector<GroupOps> parts(here.size());
        children.push_back(expand(node.children[0], here, parts));
        if (folds) {
          Visit &child = tree.visits[children.back()];
          child.unit = at / axis.unit;
          if (child.unit == axis.zone / axis.unit)
            child.copies = axis.copies;
        }
        for (size_t i = 0; i < here.size(); ++i)
          addOthers(node, parts[i], groupOps[which[i]]);
      }
      at += size;
    }
    leaveLoop(node, contexts, outside, groupOps);
    inside = insideBefore;
    tree.visits[visit].children = std::move(children);
  }

  /// The tile that begins `at` after a range's start and is `size` long; false
  /// when no op is in it.
  bool takeTile(Context &context, const PlanNode &loop, const Outside &outside,
                int64_t at, int64_t size) {
    auto [first, end] = outside.range;
    if (at >= end - first)
      return false;
    int64_t lo = first + at, hi = end - lo <= size ? end : lo + size;
    BoxSet tile = slice(outside.whole, loop.rank, lo, hi);
    if (tile.empty())
      return false;
    context.restarts = at == 0;
    context.tile[loop.einsum] = std::move(tile);
    context.box[loop.einsum][loop.rank] = {lo, hi};
    return true;
  }

  void expandSpatialFor(NodeId id, unsigned visit, const Contexts &contexts,
                        std::vector<GroupOps> &groupOps) {
    const PlanNode &node = plan.nodes[id];
    std::vector<Outside> outside = enterLoop(node, contexts, groupOps);
    int64_t step = steps[node.loop];
    std::deque<Context> sideBySide;
    std::vector<size_t> which;
    for (size_t i = 0; i < contexts.size(); ++i) {
      Range range = outside[i].range;
      bool together = alike && alike->covers(id);
      if (together)
        alike->cut(id, outside[i].whole, range, step);
      int64_t index = 0, end = 1;
      for (int64_t at = 0; at < range.second - range.first;
           at += (end - index) * step, index = end) {
        int64_t size = std::min(step, range.second - range.first - at);
        end = together ? alike->endOf(id, index) : index + 1;
        if (takeTile(*contexts[i], node, outside[i], at, size)) {
          if (sideBySide.size() >= kMaxInstances && failure.empty())
            failure = "more than " + std::to_string(kMaxInstances) +
                      " spatial instances work side by side";
          if (stopped())
            return;
          sideBySide.push_back(*contexts[i]);
          sideBySide.back().id = tree.instances.inner(contexts[i]->id, id,
                                                      index, end - index, step);
          which.push_back(i);
          tree.spatialUse[id] = std::max(tree.spatialUse[id], end);
        }
      }
    }
    Contexts here;
    for (Context &context : sideBySide)
      here.push_back(&context);
    if (!here.empty()) {
      std::vector<GroupOps> parts(here.size());
      unsigned child = expand(node.children[0], here, parts);
      tree.visits[visit].children = {child};
      for (size_t i = 0; i < here.size(); ++i)
        addOthers(node, parts[i], groupOps[which[i]]);
    }
    leaveLoop(node, contexts, outside, groupOps);
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
                    const Contexts &contexts, std::vector<GroupOps> &groupOps) {
    // The original forgets nothing where the window is empty.
    std::map<std::pair<BufferId, InstanceId>, BoxSet> forgotten;
    for (BufferId b : node.buffers)
      for (const Context *context : contexts) {
        if (!plan.buffers[b].noReuse &&
            !(plan.isV1() && isWrittenBacking(plan.buffers[b]) &&
              context->restarts))
          continue;
        BoxSet &kept = heldIn(b, context->id);
        if (plan.isV1())
          forgotten[{b, context->id}] = kept;
        kept.clear();
      }
    unsigned child = expand(node.children[0], contexts, groupOps);
    tree.visits[visit].children = {child};
    if (stopped())
      return;
    tree.visits[visit].data = tree.windows.size();
    for (size_t i = 0; i < contexts.size(); ++i)
      for (BufferId b : node.buffers) {
        const Buffer &buffer = plan.buffers[b];
        BoxSet window(plan.workload.tensors[buffer.tensor].shape.size());
        for (EinsumId user : buffer.users) {
          size_t k = std::find(node.group.begin(), node.group.end(), user) -
                     node.group.begin();
          tree.windows.push_back(
              usedElements(plan, user, groupOps[i][k], buffer.tensor));
          guard(tree.windows.back(), buffer.tensor);
          checkReach(tree.windows.back(), folding.dims[buffer.tensor]);
          if (isWrittenBacking(buffer))
            window.unite(tree.windows.back());
        }
        if (!isWrittenBacking(buffer))
          continue;
        if (!window.empty()) {
          BoxSet &kept = heldIn(b, contexts[i]->id);
          kept = kept.intersect(window);
        } else if (auto f = forgotten.find({b, contexts[i]->id});
                   f != forgotten.end()) {
          heldIn(b, contexts[i]->id) = f->second;
        }
      }
  }

  static bool isWrittenBacking(const Buffer &buffer) {
    return buffer.parent == kNone && !buffer.holdsEverything;
  }

  void expandSequential(const PlanNode &node, unsigned visit,
                        const Contexts &contexts,
                        std::vector<GroupOps> &groupOps) {
    size_t branches = node.children.size();
    bool hasBackings =
        std::any_of(node.branchBackings.begin(), node.branchBackings.end(),
                    [](const auto &backings) { return !backings.empty(); });
    std::vector<std::vector<char>> entered, assumed;
    if (!hasBackings) {
      expandBranches(node, visit, contexts, groupOps, assumed, entered);
      return;
    }

    // Entering a branch ends the contents of backings inside the others.
    // Whether an earlier branch is entered is known only after the later ones,
    // so it is first assumed not to be; more is asked for each time, and the
    // least set of ops that fits itself is the one meant.
    assumed.assign(contexts.size(), std::vector<char>(branches, false));
    auto heldBefore = held;
    std::vector<std::vector<Owed>> owedBefore;
    for (const Context *context : contexts)
      owedBefore.push_back(context->owed);
    size_t visits = tree.visits.size(), ops = tree.ops.size(),
           windows = tree.windows.size(), order = tree.order.size();
    for (;;) {
      expandBranches(node, visit, contexts, groupOps, assumed, entered);
      bool settled = true;
      for (size_t i = 0; i < contexts.size() && !stopped(); ++i)
        for (size_t b = 0; b < branches; ++b)
          if (entered[i][b] && !assumed[i][b]) {
            assumed[i][b] = true;
            for (size_t later = b + 1; later < branches; ++later)
              for (BufferId backing : node.branchBackings[later])
                for (const auto &[id, elements] : heldBefore[backing])
                  settled &= elements.empty() ||
                             !tree.instances.isWithin(id, contexts[i]->id);
          }
      if (settled || stopped())
        break;
      held = heldBefore;
      for (size_t i = 0; i < contexts.size(); ++i)
        contexts[i]->owed = owedBefore[i];
      tree.visits.resize(visits);
      tree.ops.resize(ops);
      tree.corners.resize(ops);
      tree.windows.resize(windows);
      tree.order.resize(order);
    }
    for (size_t i = 0; i < contexts.size() && !stopped(); ++i)
      for (size_t b = 0; b < branches; ++b)
        for (size_t other = 0; other < branches; ++other)
          if (other != b && entered[i][other] && (other > b || !entered[i][b]))
            clearHeld(node.branchBackings[b], contexts[i]->id);
  }

  void clearHeld(const std::vector<BufferId> &backings, InstanceId outer) {
    for (BufferId backing : backings)
      for (auto &[id, elements] : held[backing])
        if (tree.instances.isWithin(id, outer))
          elements.clear();
  }

  /// One try at a visit of a split; `assumed`: the branches that are taken to
  /// be entered before a later one is, by each instance.
  void expandBranches(const PlanNode &node, unsigned visit,
                      const Contexts &contexts, std::vector<GroupOps> &groupOps,
                      const std::vector<std::vector<char>> &assumed,
                      std::vector<std::vector<char>> &entered) {
    size_t branches = node.children.size();
    std::vector<unsigned> children(branches, kNone);
    // Per instance: what is asked of it, less what is decided; ops of the
    // einsums, of the branches and of all.
    std::vector<std::vector<Owed>> asked;
    std::vector<std::vector<GroupOps>> branchOps(branches);
    std::vector<std::vector<BoxSet>> opsOf(
        contexts.size(), std::vector<BoxSet>(plan.einsums.size()));
    for (Context *context : contexts)
      asked.push_back(std::move(context->owed));
    entered.assign(contexts.size(), std::vector<char>(branches, false));

    unsigned firstForgotten = tree.forgotten.size();
    for (size_t b = branches; b-- > 0 && !stopped();) {
      const PlanNode &branch = plan.nodes[node.children[b]];
      Contexts here;
      std::vector<size_t> which;
      for (size_t i = 0; i < contexts.size(); ++i) {
        Context &context = *contexts[i];
        if (!assumed.empty() &&
            std::find(assumed[i].begin(), assumed[i].begin() + b, true) !=
                assumed[i].begin() + b)
          clearHeld(node.branchBackings[b], context.id);
        decide(node.decisions[b], opsOf[i], asked[i], context);
        context.owed.clear();
        if (!branch.loopInChain)
          for (const Owed &item : asked[i])
            if (!item.elements.empty() &&
                contains(branch.group, plan.tensors[item.tensor].producer))
              context.owed.push_back(item);
        entered[i][b] =
            !context.owed.empty() ||
            std::any_of(branch.heads.begin(), branch.heads.end(),
                        [&](EinsumId e) { return !context.tile[e].empty(); });
        if (entered[i][b]) {
          here.push_back(&context);
          which.push_back(i);
        }
      }
      std::vector<GroupOps> parts(here.size());
      if (!here.empty())
        children[b] = expand(node.children[b], here, parts);
      branchOps[b].assign(contexts.size(), GroupOps(branch.group.size()));
      for (size_t i = 0; i < here.size(); ++i) {
        parts[i].resize(branch.group.size());
        for (size_t k = 0; k < branch.group.size(); ++k)
          opsOf[which[i]][branch.group[k]] = parts[i][k];
        branchOps[b][which[i]] = std::move(parts[i]);
      }
    }
    for (size_t i = 0; i < contexts.size(); ++i) {
      contexts[i]->owed.clear(); // What was asked is decided, or was by the
                                 // branches.
      groupOps[i].clear();
      for (auto &ops : branchOps)
        if (!ops.empty())
          for (BoxSet &set : ops[i])
            groupOps[i].push_back(std::move(set));
    }
    tree.visits[visit].children = std::move(children);
    tree.visits[visit].firstForgotten = firstForgotten;
    tree.visits[visit].forgotten = tree.forgotten.size() - firstForgotten;
  }

  static bool contains(const std::vector<EinsumId> &group, EinsumId e) {
    return std::find(group.begin(), group.end(), e) != group.end();
  }

  /// Gives the producers of a branch their ops for this visit of an instance.
  void decide(const std::vector<Decision> &decisions,
              const std::vector<BoxSet> &opsOf, std::vector<Owed> &asked,
              Context &context) {
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
      BoxSet &kept = heldIn(decision.backing, context.id);
      if (!plan.isV1() || !plan.buffers[decision.backing].noReuse)
        make = make.subtract(kept);
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
      if (plan.isV1() && plan.buffers[decision.backing].noReuse)
        tree.forgotten.push_back({decision.backing, context.id, make});
      kept.unite(make);
      EinsumId p = decision.producer;
      context.tile[p] = opsWriting(make, plan.workload.einsums[p]);
      if (!context.tile[p].empty())
        context.box[p] = context.tile[p].bounds();
    }
  }

  const Plan::Impl &plan;
  std::span<const int64_t> steps;
  const Folding &folding;
  AlikeTiles *alike;
  size_t maxVisits;
  VisitTree tree;
  /// Per buffer and instance; used for backings that are written.
  std::vector<std::map<InstanceId, BoxSet>> held;
  /// Per fold: the tile of its loop, in units of that loop's rank.
  struct FoldTile {
    int64_t lo, hi, unit;
  };
  std::vector<FoldTile> foldTile;
  uint64_t inside = 0; ///< Folds whose loop control is in, a bit each.
  std::string failure;
};

} // namespace

Result<VisitTree> looptree::inferTileShapes(const Plan::Impl &plan,
                                            std::span<const int64_t> steps,
                                            const Folding &folding,
                                            AlikeTiles *alike,
                                            size_t maxVisits) {
  for (;;) {
    if (alike)
      alike->hasNewCuts = false;
    Result<VisitTree> tree =
        Inference(plan, steps, folding, alike, maxVisits).run();
    // Visits before a cut was known did without it.
    if (!tree || tree->foldFailed || !alike || !alike->hasNewCuts)
      return tree;
  }
}
