//===- RandomMapping.cpp - Seeded random mapping trees -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomParts.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

using Group = std::vector<EinsumId>;

/// What the nodes above leave open.
struct Path {
  /// Per tensor the innermost level that retains it so far, or -1.
  std::vector<int> levels;
  /// The innermost level that retains anything, and the outermost that may
  /// still: those further out lie above a fan-out that a loop has used.
  LevelId deepest, floor;
};

class MappingMaker {
public:
  MappingMaker(Random &random, const Workload &workload, const Arch &arch,
               const RandomOptions &options)
      : rng(random), w(workload), arch(arch), options(options) {}

  Mapping make() {
    Group all;
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      all.push_back(e);
    std::vector<int> levels(w.tensors.size(), -1);
    std::vector<TensorId> ends;
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (w.tensors[t].kind != TensorKind::Intermediate) {
        ends.push_back(t);
        levels[t] = 0;
      }
    rng.shuffle(ends);
    // A mapping is either made of few buffers or full of them.
    retainOften = rng.of(std::vector<double>{0.1, 0.25, 0.4, 0.6});
    return {retainNode(0, ends, chain(all, {levels, 0, 0}, 0))};
  }

private:
  bool uses(EinsumId e, TensorId t) const {
    const Einsum &einsum = w.einsums[e];
    return einsum.write.tensor == t ||
           std::any_of(einsum.reads.begin(), einsum.reads.end(),
                       [&](const Access &read) { return read.tensor == t; });
  }
  bool isUsedIn(const Group &group, TensorId t) const {
    return std::any_of(group.begin(), group.end(),
                       [&](EinsumId e) { return uses(e, t); });
  }
  /// Every user of the tensor is in the group, so that it may be backed above.
  bool isOwn(const Group &group, TensorId t) const {
    for (EinsumId e = 0; e < w.einsums.size(); ++e)
      if (uses(e, t) && std::find(group.begin(), group.end(), e) == group.end())
        return false;
    return true;
  }

  Node retainNode(LevelId level, std::vector<TensorId> tensors, Node child) {
    Retain retain{level, std::move(tensors), {}};
    for (TensorId t : retain.tensors)
      if (rng.chance(0.08))
        retain.noReuse.push_back(t);
    return {std::move(retain), {std::move(child)}};
  }

  struct Above {
    LevelId level;
    std::vector<TensorId> tensors;
  };

  /// Chooses retains to stand here, at levels up to `last`; with `must`, those
  /// tensors that would otherwise go without a backing are among them.
  std::vector<Above> chooseRetains(const Group &group, Path &path,
                                   double probability,
                                   const std::vector<TensorId> &must,
                                   LevelId last) {
    std::vector<int> &levels = path.levels;
    std::vector<Above> result;
    std::vector<TensorId> order;
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      order.push_back(t);
    rng.shuffle(order);
    for (TensorId t : order) {
      bool needed = std::find(must.begin(), must.end(), t) != must.end();
      if (!isUsedIn(group, t) || (levels[t] < 0 && !isOwn(group, t)) ||
          (!needed && !rng.chance(probability)))
        continue;
      std::vector<LevelId> open;
      for (LevelId l = std::max(LevelId(levels[t] + 1), path.floor); l <= last;
           ++l)
        if (arch.levels[l].canHold(w.tensors[t]))
          open.push_back(l);
      if (open.empty())
        continue; // Never for those in `must`: see maySpread().
      // Intermediates gain from staying inside; what is backed is taken in by
      // steps.
      LevelId level = levels[t] < 0 && open.size() > 1 && rng.chance(0.7)
                          ? open[1]
                          : rng.of(open);
      levels[t] = int(level);
      path.deepest = std::max(path.deepest, level);
      auto same = std::find_if(result.begin(), result.end(), [&](auto &above) {
        return above.level == level && rng.chance(0.8);
      });
      if (same == result.end())
        result.push_back({level, {t}});
      else
        same->tensors.push_back(t);
    }
    return result;
  }

  Node under(std::vector<Above> retains, Node node) {
    for (size_t i = retains.size(); i-- > 0;)
      node = retainNode(retains[i].level, std::move(retains[i].tensors),
                        std::move(node));
    return node;
  }

  /// Whether a loop over a fan-out below level `k` may stand here, and which
  /// tensors have to be backed above it.
  bool maySpread(const Group &group, const Path &path, LevelId k,
                 std::vector<TensorId> &must) const {
    if (path.deepest > k)
      return false;
    auto anyHolds = [&](TensorId t, LevelId first, LevelId last) {
      for (LevelId l = first; l <= last && l < arch.levels.size(); ++l)
        if (arch.levels[l].canHold(w.tensors[t]))
          return true;
      return false;
    };
    for (TensorId t = 0; t < w.tensors.size(); ++t)
      if (isUsedIn(group, t) && path.levels[t] < 0 &&
          !anyHolds(t, std::max(k + 1, path.floor), innermost())) {
        if (!isOwn(group, t) || !anyHolds(t, path.floor, k))
          return false;
        must.push_back(t);
      }
    return true;
  }
  LevelId innermost() const { return LevelId(arch.levels.size()) - 1; }

  /// A loop over a fan-out, or nothing when no dimension can be used here.
  std::optional<Node> spread(const Group &group, Path path, EinsumId head,
                             unsigned depth) {
    if (arch.fanouts.empty())
      return std::nullopt;
    unsigned dim = unsigned(rng.in(0, int64_t(arch.fanouts.size()) - 1));
    LevelId k = arch.fanouts[dim].below;
    std::vector<TensorId> must;
    if (!maySpread(group, path, k, must))
      return std::nullopt;
    std::vector<Above> above =
        chooseRetains(group, path, retainOften * 0.4, must, k);
    RankId rank = RankId(rng.in(0, int64_t(w.einsums[head].ranks.size()) - 1));
    int64_t extent = w.einsums[head].ranks[rank].extent;
    // Mostly as many tiles as there are instances, or fewer.
    int64_t tiles =
        rng.chance(0.8)
            ? rng.in(1, std::min<int64_t>(4, arch.fanouts[dim].size))
            : rng.in(1, 5);
    int64_t step = std::max<int64_t>(1, (extent + tiles - 1) / tiles);
    path.floor = std::max(path.floor, k + 1);
    return under(std::move(above), {SpatialFor{head, rank, step, dim},
                                    {chain(group, path, depth + 1)}});
  }

  /// A compute, with arrays below loops over the last two fan-outs.
  Node leaf(EinsumId e) {
    Node node{ComputeNode{e}, {}};
    const auto &ranks = w.einsums[e].ranks;
    if (!options.arrays || ranks.empty())
      return node;
    size_t fanouts = arch.fanouts.size();
    for (size_t dim : {fanouts - 1, fanouts - 2}) {
      RankId rank = RankId(rng.in(0, int64_t(ranks.size()) - 1));
      int64_t extent = ranks[rank].extent, size = arch.fanouts[dim].size;
      int64_t step =
          rng.chance(0.6) ? (extent + size - 1) / size : rng.in(1, extent);
      if (rng.chance(0.8))
        node = {SpatialFor{e, rank, step, unsigned(dim)}, {std::move(node)}};
    }
    return node;
  }

  /// A node over the group and everything below it.
  Node chain(const Group &group, Path path, unsigned depth) {
    std::vector<EinsumId> heads = headsOf(group, w);
    bool mayLoop = heads.size() == 1 && !w.einsums[heads[0]].ranks.empty();
    if (mayLoop && depth < 7 && options.spatial && rng.chance(0.35))
      if (std::optional<Node> loop = spread(group, path, heads[0], depth))
        return std::move(*loop);
    if (mayLoop && depth < 7 && rng.chance(depth < 2 ? 0.7 : 0.45)) {
      std::vector<Above> above =
          chooseRetains(group, path, retainOften * 0.4, {}, innermost());
      const Einsum &head = w.einsums[heads[0]];
      RankId rank = RankId(rng.in(0, int64_t(head.ranks.size()) - 1));
      if (head.ranks[rank].extent ==
          1) // Once more: a loop of one tile is dull.
        rank = RankId(rng.in(0, int64_t(head.ranks.size()) - 1));
      int64_t step =
          rng.chance(0.03)
              ? head.ranks[rank].extent + 1
              : rng.in(1, std::max<int64_t>(1, head.ranks[rank].extent - 1));
      return under(std::move(above), {For{heads[0], rank, step},
                                      {chain(group, path, depth + 1)}});
    }
    bool maySplit = options.convention == Convention::Exact && depth < 6;
    if (group.size() == 1 && !(maySplit && rng.chance(0.03))) {
      std::vector<TensorId> must;
      for (TensorId t = 0; t < w.tensors.size(); ++t)
        if (uses(group[0], t) && path.levels[t] < 0)
          must.push_back(t);
      std::vector<Above> above =
          chooseRetains(group, path, retainOften, must, innermost());
      return under(std::move(above), leaf(group[0]));
    }
    return split(group, path, depth);
  }

  Node split(const Group &group, Path path, unsigned depth) {
    std::vector<Group> branches = cut(group);
    std::vector<TensorId> must;
    for (TensorId t = 0; t < w.tensors.size(); ++t) {
      unsigned users = 0;
      for (const Group &branch : branches)
        users += isUsedIn(branch, t);
      if (path.levels[t] < 0 && users > 1)
        must.push_back(t);
    }
    std::vector<Above> above =
        chooseRetains(group, path, retainOften, must, innermost());
    NodeKind kind = Sequential{};
    if (options.pipelines && rng.chance(0.5))
      kind = Pipeline{};
    std::vector<Node> children;
    for (const Group &branch : branches)
      children.push_back(chain(branch, path, depth + 1));
    return under(std::move(above), {std::move(kind), std::move(children)});
  }

  /// Branches in an order that has producers before consumers.
  std::vector<Group> cut(Group group) {
    if (options.convention == Convention::LoopTreeV1) {
      std::vector<Group> each;
      for (EinsumId e : group)
        each.push_back({e});
      return each;
    }
    Group order;
    while (!group.empty()) {
      std::vector<size_t> ready;
      for (size_t i = 0; i < group.size(); ++i) {
        bool waits = false;
        for (EinsumId other : group)
          waits |= other != group[i] && reads(group[i], other);
        if (!waits)
          ready.push_back(i);
      }
      size_t next = rng.chance(0.6) ? ready[0] : rng.of(ready);
      order.push_back(group[next]);
      group.erase(group.begin() + ptrdiff_t(next));
    }
    std::vector<Group> branches{{order[0]}};
    for (size_t i = 1; i < order.size(); ++i)
      if (rng.chance(0.6))
        branches.push_back({order[i]});
      else
        branches.back().push_back(order[i]);
    if (branches.size() == 1 && order.size() > 1 && !rng.chance(0.05)) {
      size_t at = size_t(rng.in(1, int64_t(order.size()) - 1));
      branches = {Group(order.begin(), order.begin() + ptrdiff_t(at)),
                  Group(order.begin() + ptrdiff_t(at), order.end())};
    }
    return branches;
  }
  bool reads(EinsumId reader, EinsumId producer) const {
    TensorId t = w.einsums[producer].write.tensor;
    const auto &all = w.einsums[reader].reads;
    return std::any_of(all.begin(), all.end(),
                       [&](const Access &read) { return read.tensor == t; });
  }

  Random &rng;
  const Workload &w;
  const Arch &arch;
  const RandomOptions &options;
  double retainOften = 0.3;
};

} // namespace

Mapping test::randomMapping(Random &random, const Workload &workload,
                            const Arch &arch, const RandomOptions &options) {
  return MappingMaker(random, workload, arch, options).make();
}

Candidate test::randomCandidate(uint64_t seed, const RandomOptions &options) {
  Random random(seed);
  Candidate candidate;
  candidate.convention = options.convention;
  candidate.workload = randomWorkload(random, options);
  candidate.arch = randomArch(random, options);
  candidate.mapping =
      randomMapping(random, candidate.workload, candidate.arch, options);
  return candidate;
}
