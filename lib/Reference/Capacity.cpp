//===- Capacity.cpp - Sizes of buffers and needs of levels ---- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tally.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace looptree::reference {

Tally::Tally(const Workload &workload, const Tree &tree,
             const std::vector<OpSpace> &spaces, Convention convention)
    : w(workload), tree(tree), isV1(convention == Convention::LoopTreeV1) {
  opCounts.resize(spaces.size());
  distinctOps.resize(spaces.size());
  for (const OpSpace &space : spaces)
    seen.emplace_back(size_t(space.size()), false);
  sizes.resize(tree.slots.size());
  footprints.resize(tree.slots.size());
  visitsBySize.resize(tree.slots.size());
  isLasting.resize(tree.slots.size());
  spread.resize(tree.nodes.size());
}

bool Tally::isAboveSequential(SlotId slot) const {
  NodeId node = tree.slots[slot].node;
  while (std::holds_alternative<Retain>(tree.nodes[node].node->kind))
    node = tree.nodes[node].children[0];
  return tree.isSequential(node);
}

void Tally::opensWindow(SlotId slot, InstanceId instance,
                        std::span<const Used> window, Memory &memory) {
  const Slot &s = tree.slots[slot];
  if (!isLasting[slot] && !s.noReuse && isAboveSequential(slot))
    isLasting[slot] = window.empty()
                          ? memory.holdsAny(slot, instance)
                          : memory.holdsAnyOf(slot, instance, window);
  if (window.empty())
    return;
  int64_t size = int64_t(window.size());
  sizes[slot] = std::max(sizes[slot], size);
  ++visitsBySize[slot][size];
  footprints[slot] = std::max(footprints[slot], boxAround(s.tensor, window));
}

void Tally::holds(SlotId slot, const std::vector<Element> &elements) {
  sizes[slot] = std::max(sizes[slot], int64_t(elements.size()));
  footprints[slot] =
      std::max(footprints[slot], boxAround(tree.slots[slot].tensor, elements));
}

static Element elementOf(const Used &used) { return used.element; }
static Element elementOf(Element element) { return element; }

template <typename Elements>
int64_t Tally::boxAround(TensorId tensor, const Elements &elements) const {
  const std::vector<int64_t> &shape = w.tensors[tensor].shape;
  struct Along {
    int64_t first = 0, lo = 0, hi = 0, gcd = 0;
  };
  std::vector<Along> dims(shape.size());
  bool isFirst = true;
  for (const auto &element : elements) {
    int64_t rest = elementOf(element);
    for (size_t d = shape.size(); d-- > 0;) {
      int64_t x = rest % shape[d];
      rest /= shape[d];
      Along &along = dims[d];
      if (isFirst)
        along = {x, x, x, 0};
      along.lo = std::min(along.lo, x);
      along.hi = std::max(along.hi, x);
      along.gcd = std::gcd(along.gcd, x - along.first);
    }
    isFirst = false;
  }
  int64_t box = 1;
  for (const Along &along : dims)
    box *= along.gcd ? (along.hi - along.lo) / along.gcd + 1 : 1;
  return box;
}

int64_t Tally::steadySize(SlotId slot) const {
  int64_t best = 0, most = 0;
  for (auto [size, visits] : visitsBySize[slot]) // Ascending sizes.
    if (visits > most) {
      most = visits;
      best = size;
    }
  return best;
}

bool Tally::isPassing(SlotId slot) const {
  const Slot &s = tree.slots[slot];
  if (isV1) // There a buffer counts in every branch.
    return false;
  if (s.isBacking() && w.tensors[s.tensor].kind != TensorKind::Intermediate)
    return false;
  return !isLasting[slot] && isAboveSequential(slot);
}

namespace {

/// Adds up node by node, from the leaves.
class Needs {
public:
  Needs(const Arch &arch, const Tree &tree, const Tally &tally,
        const std::vector<int64_t> &bits)
      : arch(arch), tree(tree), tally(tally), bits(bits) {}

  /// Bits per level from a node down; `passing` are the buffers directly above
  /// that count branch by branch.
  std::vector<int64_t> below(NodeId id, std::vector<SlotId> passing) {
    const TreeNode &node = tree.nodes[id];
    if (tree.isSequential(id))
      return largestBranch(node, passing);
    std::vector<int64_t> result(arch.levels.size(), 0);
    for (SlotId slot : node.slots)
      if (tally.isPassing(slot))
        passing.push_back(slot);
      else
        add(result, slot);
    for (NodeId child : node.children)
      add(result, below(child, passing));
    return result;
  }
  std::optional<LevelId> overflowed;

private:
  std::vector<int64_t> largestBranch(const TreeNode &split,
                                     const std::vector<SlotId> &passing) {
    std::vector<int64_t> result(arch.levels.size(), 0);
    for (size_t i = 0; i < split.children.size(); ++i) {
      std::vector<int64_t> branch = below(split.children[i], {});
      for (SlotId slot : passing) {
        auto uses = [&](NodeId child) {
          const auto &group = tree.nodes[child].group;
          return std::any_of(group.begin(), group.end(), [&](EinsumId e) {
            return tree.uses(e, tree.slots[slot].tensor);
          });
        };
        auto begin = split.children.begin(), here = begin + ptrdiff_t(i);
        if (std::any_of(begin, here + 1, uses) &&
            std::any_of(here, split.children.end(), uses))
          add(branch, slot);
      }
      for (size_t level = 0; level < result.size(); ++level)
        result[level] = std::max(result[level], branch[level]);
    }
    return result;
  }
  void add(std::vector<int64_t> &to, SlotId slot) {
    const Slot &s = tree.slots[slot];
    int64_t copies =
        arch.levels[s.level].doubleBuffered && !s.isBacking() ? 2 : 1;
    int64_t size;
    if (__builtin_mul_overflow(bits[slot], copies, &size) ||
        __builtin_add_overflow(to[s.level], size, &to[s.level]))
      overflowed = s.level;
  }
  void add(std::vector<int64_t> &to, const std::vector<int64_t> &more) {
    for (LevelId level = 0; level < to.size(); ++level)
      if (__builtin_add_overflow(to[level], more[level], &to[level]))
        overflowed = level;
  }

  const Arch &arch;
  const Tree &tree;
  const Tally &tally;
  const std::vector<int64_t> &bits;
};

/// Instances below a node; nothing when a product exceeds 64 bit.
std::optional<Occupied> occupiedBelow(const Arch &arch, const Tree &tree,
                                      const Tally &tally, NodeId id) {
  Occupied result{std::vector<int64_t>(arch.fanouts.size(), 1), 0};
  const TreeNode &node = tree.nodes[id];
  if (node.children.empty())
    result.compute = 1;
  for (NodeId child : node.children) {
    auto below = occupiedBelow(arch, tree, tally, child);
    if (!below)
      return std::nullopt;
    for (size_t dim = 0; dim < result.fanouts.size(); ++dim)
      result.fanouts[dim] = std::max(result.fanouts[dim], below->fanouts[dim]);
    if (!tree.isPipeline(id))
      result.compute = std::max(result.compute, below->compute);
    else if (__builtin_add_overflow(result.compute, below->compute,
                                    &result.compute))
      return std::nullopt;
  }
  if (const auto *loop = std::get_if<SpatialFor>(&node.node->kind)) {
    int64_t used = int64_t(tally.spreadOf(id));
    int64_t &along = result.fanouts[loop->fanout];
    if (__builtin_mul_overflow(along, used, &along) ||
        __builtin_mul_overflow(result.compute, used, &result.compute))
      return std::nullopt;
  }
  return result;
}

} // namespace

CapacityNeeds capacityPerLevel(const Arch &arch, const Tree &tree,
                               const Tally &tally,
                               const std::vector<int64_t> &bits) {
  Needs needs(arch, tree, tally, bits);
  std::vector<int64_t> result = needs.below(0, {});
  return {std::move(result), needs.overflowed};
}

std::optional<Occupied> occupiedInstances(const Arch &arch, const Tree &tree,
                                          const Tally &tally) {
  return occupiedBelow(arch, tree, tally, 0);
}

} // namespace looptree::reference
