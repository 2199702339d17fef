//===- LayerGraph.h - What can be computed before what ------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A prefix is a set of layers that holds with a layer all that it reads.
// Whatever the fused sets, each is the difference of two prefixes: of what was
// computed before and after it. And the difference of any two prefixes, one in
// the other, is a convex set. So the partitions whose sets can be computed one
// after another are the chains of prefixes.
//
// Worked example, conv1 and a shortcut, both read by add: the prefixes are {},
// {conv1}, {shortcut}, {conv1, shortcut} and all three.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_EXPLORER_LAYERGRAPH_H
#define LOOPTREE_LIB_EXPLORER_LAYERGRAPH_H

#include "Layers.h"

#include <optional>

namespace looptree {

/// Per layer of a stretch, whether it belongs.
using LayerSet = std::vector<bool>;

class LayerGraph {
public:
  /// `layers` in an order in which each reads only earlier ones.
  LayerGraph(const Workload &network, const std::vector<Layer> &layers);

  /// All prefixes, fewer layers first; nothing when there are more than `most`.
  std::optional<std::vector<LayerSet>> prefixes(size_t most) const;
  /// The prefixes of the given order alone.
  std::vector<LayerSet> prefixesInOrder() const;
  /// Whether some of these layers share no tensor with the others, directly or
  /// through further ones.
  bool fallsApart(const LayerSet &set) const;

private:
  std::vector<std::vector<size_t>> before; ///< Layers that a layer reads.
  std::vector<std::vector<TensorId>> tensors;
};

} // namespace looptree

#endif // LOOPTREE_LIB_EXPLORER_LAYERGRAPH_H
