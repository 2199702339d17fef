//===- SplitTree.cpp - Trees of splits with loops above each --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SplitTree.h"

#include <algorithm>
#include <limits>

using namespace looptree;

namespace {

class ShapeMaker {
public:
  ShapeMaker(const Workload &set, const Arch &arch, const TrunkSpace &space,
             MapTier tier, const std::function<bool(SplitTree &)> &use,
             const std::function<bool()> &mustStop)
      : space(space), tier(tier), instances(arch.computeInstances()),
        count(EinsumId(set.einsums.size())), use(use), mustStop(mustStop) {}

  void run() {
    tree.assign(1, {0, count, -1, {}, false, {}, {}});
    extend(0);
  }

private:
  /// Instances of compute below a chain: stages of a pipeline run at once.
  int64_t instancesOf(unsigned c) const {
    int64_t sum = 0, most = 1;
    for (unsigned branch : tree[c].branches) {
      int64_t own = instancesOf(branch);
      sum += own;
      most = std::max(most, own);
    }
    return tree[c].isPipeline ? sum : most;
  }

  bool extend(unsigned c) {
    // Further splits take no fewer instances.
    if (instancesOf(0) > instances)
      return !mustStop();
    while (c < tree.size() && tree[c].end - tree[c].first == 1)
      ++c;
    if (c == tree.size())
      return use(tree);
    EinsumId first = tree[c].first, size = tree[c].end - first;
    // Bit i: a branch ends after einsum first + i.
    uint64_t all = (uint64_t(1) << (size - 1)) - 1;
    for (uint64_t cuts = all; cuts > 0; --cuts) {
      if (cuts != all && tier == MapTier::S1)
        break;
      for (bool isPipeline : {false, true}) {
        if (isPipeline ? !space.pipeline || tier == MapTier::S1
                       : !space.sequential)
          continue;
        size_t before = tree.size();
        tree[c].isPipeline = isPipeline;
        for (EinsumId i = 0, begin = 0; i < size; ++i)
          if (i + 1 == size || (cuts >> i & 1)) {
            tree[c].branches.push_back(unsigned(tree.size()));
            tree.push_back(
                {first + begin, first + i + 1, int(c), {}, false, {}, {}});
            begin = i + 1;
          }
        bool goOn = extend(c + 1);
        tree.resize(before);
        tree[c].branches.clear();
        if (!goOn)
          return false;
      }
    }
    return true;
  }

  const TrunkSpace &space;
  const MapTier tier;
  const int64_t instances;
  const EinsumId count;
  const std::function<bool(SplitTree &)> &use;
  const std::function<bool()> &mustStop;
  SplitTree tree;
};

} // namespace

void looptree::forEachShape(const Workload &set, const Arch &arch,
                            const TrunkSpace &space, MapTier tier,
                            const std::function<bool(SplitTree &)> &use,
                            const std::function<bool()> &mustStop) {
  ShapeMaker(set, arch, space, tier, use, mustStop).run();
}

bool looptree::mayRepeat(MapTier tier, std::span<const For> loops,
                         RankId rank) {
  auto count = std::count_if(loops.begin(), loops.end(), [&](const For &loop) {
    return loop.rank == rank;
  });
  return count < (tier == MapTier::S3 ? 2 : 1);
}

int64_t looptree::shortest(std::span<const For> loops, RankId rank,
                           int64_t length) {
  for (const For &loop : loops)
    if (loop.rank == rank)
      length = std::min(length, loop.step);
  return length;
}

static Node nodeOf(const SplitTree &tree, unsigned c,
                   std::span<const Kept> kept) {
  const Chain &chain = tree[c];
  Node node{ComputeNode{chain.first}, {}};
  if (!chain.branches.empty()) {
    node.kind = chain.isPipeline ? NodeKind(Pipeline{}) : Sequential{};
    for (unsigned branch : chain.branches)
      node.children.push_back(nodeOf(tree, branch, kept));
  }
  for (size_t i = chain.spread.size(); i-- > 0;)
    node = {chain.spread[i], {std::move(node)}};
  LevelId innermost = 0;
  for (const Kept &k : kept)
    innermost = std::max(innermost, k.level);
  for (size_t depth = chain.loops.size() + 1; depth-- > 0;) {
    for (LevelId level = innermost; level > 0; --level) {
      Retain here{level, {}, {}};
      for (const Kept &k : kept)
        if (k.chain == c && k.depth == depth && k.level == level) {
          here.tensors.push_back(k.tensor);
          if (k.noReuse)
            here.noReuse.push_back(k.tensor);
        }
      if (!here.tensors.empty())
        node = {std::move(here), {std::move(node)}};
    }
    if (depth > 0)
      node = {chain.loops[depth - 1], {std::move(node)}};
  }
  return node;
}

Mapping looptree::mappingOf(const Workload &set, const SplitTree &tree,
                            std::span<const Kept> kept,
                            const std::vector<bool> &isOutside) {
  Retain outer;
  for (TensorId t = 0; t < set.tensors.size(); ++t)
    if (isOutside[t])
      outer.tensors.push_back(t);
  Node node = nodeOf(tree, 0, kept);
  if (!outer.tensors.empty())
    node = {std::move(outer), {std::move(node)}};
  return {std::move(node)};
}

void looptree::addSteps(const SplitTree &tree, unsigned chain,
                        std::vector<int64_t> &steps) {
  for (const For &loop : tree[chain].loops)
    steps.push_back(loop.step);
  for (const SpatialFor &loop : tree[chain].spread)
    steps.push_back(loop.step);
  for (unsigned branch : tree[chain].branches)
    addSteps(tree, branch, steps);
}

/// What a split asks of the einsums that it decides about: each makes no more
/// than its one reader takes.
static void narrowProducers(const Workload &set, const SplitTree &tree,
                            const Chain &chain, RankLengths &lengths) {
  auto branchOf = [&](EinsumId e) {
    return *std::find_if(chain.branches.begin(), chain.branches.end(),
                         [&](unsigned b) { return tree[b].holds(e); });
  };
  for (EinsumId e = chain.end; e-- > chain.first;)
    if (auto reader = onlyReaderOf(set, e);
        reader && chain.holds(*reader) && branchOf(*reader) != branchOf(e))
      narrowToReader(set, e, *reader, lengths);
}

ChainLengths looptree::longestEntries(const Workload &set,
                                      const SplitTree &tree) {
  ChainLengths result(tree.size());
  result[0] = fullLengths(set);
  for (const Chain &chain : tree) {
    auto below = result[size_t(&chain - tree.data())];
    for (const For &loop : chain.loops)
      below[loop.einsum][loop.rank] =
          std::min(below[loop.einsum][loop.rank], loop.step);
    if (!chain.loops.empty() && !chain.branches.empty())
      narrowProducers(set, tree, chain, below);
    for (unsigned branch : chain.branches)
      result[branch] = below;
  }
  return result;
}

namespace {

class CapacityBound {
public:
  CapacityBound(const Workload &set, const SplitTree &tree,
                std::span<const Kept> kept, std::span<const int64_t> bits,
                LevelId level)
      : set(set), tree(tree), kept(kept), bits(bits), level(level) {}

  int64_t of(unsigned c) const {
    const Chain &chain = tree[c];
    bool mayDie = !chain.branches.empty() && !chain.isPipeline;
    int64_t own = 0;
    for (size_t i = 0; i < kept.size(); ++i)
      if (kept[i].chain == c && kept[i].level == level &&
          !(mayDie && kept[i].depth == chain.loops.size()))
        own = add(own, bits[i]);
    int64_t below = 0;
    for (unsigned branch : chain.branches) {
      int64_t there = of(branch);
      for (size_t i = 0; mayDie && i < kept.size(); ++i)
        if (kept[i].chain == c && kept[i].level == level &&
            kept[i].depth == chain.loops.size() &&
            isAlive(kept[i].tensor, chain, tree[branch]))
          there = add(there, bits[i]);
      below = chain.isPipeline ? add(below, there) : std::max(below, there);
    }
    return add(own, below);
  }

private:
  static int64_t add(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum)
               ? std::numeric_limits<int64_t>::max()
               : sum;
  }

  /// From the first user below the chain to the last.
  bool isAlive(TensorId t, const Chain &chain, const Chain &branch) const {
    bool before = false, after = false;
    for (EinsumId e = chain.first; e < chain.end; ++e) {
      const Einsum &einsum = set.einsums[e];
      if (einsum.write.tensor == t ||
          std::any_of(einsum.reads.begin(), einsum.reads.end(),
                      [&](const Access &read) { return read.tensor == t; })) {
        before |= e < branch.end;
        after |= e >= branch.first;
      }
    }
    return before && after;
  }

  const Workload &set;
  const SplitTree &tree;
  std::span<const Kept> kept;
  std::span<const int64_t> bits;
  const LevelId level;
};

} // namespace

std::vector<int64_t> looptree::leastCapacities(const Workload &set,
                                               const Arch &arch,
                                               const SplitTree &tree,
                                               std::span<const Kept> kept,
                                               std::span<const int64_t> bits) {
  std::vector<int64_t> result(arch.levels.size(), 0);
  for (LevelId level = 1; level < arch.levels.size(); ++level)
    result[level] = CapacityBound(set, tree, kept, bits, level).of(0);
  return result;
}
