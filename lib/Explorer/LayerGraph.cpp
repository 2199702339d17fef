//===- LayerGraph.cpp - What can be computed before what ------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerGraph.h"

#include <algorithm>
#include <set>

using namespace looptree;

LayerGraph::LayerGraph(const Workload &network,
                       const std::vector<Layer> &layers)
    : before(layers.size()), tensors(layers.size()) {
  constexpr size_t kNone = size_t(-1);
  std::vector<size_t> writer(network.tensors.size(), kNone);
  for (size_t l = 0; l < layers.size(); ++l)
    for (EinsumId e : layers[l])
      writer[network.einsums[e].write.tensor] = l;
  for (size_t l = 0; l < layers.size(); ++l)
    for (EinsumId e : layers[l]) {
      tensors[l].push_back(network.einsums[e].write.tensor);
      for (const Access &read : network.einsums[e].reads) {
        tensors[l].push_back(read.tensor);
        size_t from = writer[read.tensor];
        if (from != kNone && from != l)
          before[l].push_back(from);
      }
    }
}

std::optional<std::vector<LayerSet>> LayerGraph::prefixes(size_t most) const {
  std::vector<LayerSet> result{LayerSet(before.size(), false)};
  // Those of one size come from those one smaller, in a fixed order.
  for (size_t begin = 0, end = 1; begin < end;
       begin = end, end = result.size()) {
    std::set<LayerSet> next;
    for (size_t i = begin; i < end; ++i)
      for (size_t l = 0; l < before.size(); ++l) {
        if (result[i][l] ||
            !std::all_of(before[l].begin(), before[l].end(),
                         [&](size_t needed) { return result[i][needed]; }))
          continue;
        LayerSet more = result[i];
        more[l] = true;
        next.insert(std::move(more));
        if (result.size() + next.size() > most)
          return std::nullopt;
      }
    result.insert(result.end(), next.begin(), next.end());
  }
  return result;
}

std::vector<LayerSet> LayerGraph::prefixesInOrder() const {
  std::vector<LayerSet> result(1, LayerSet(before.size(), false));
  for (size_t l = 0; l < before.size(); ++l) {
    result.push_back(result.back());
    result.back()[l] = true;
  }
  return result;
}

bool LayerGraph::fallsApart(const LayerSet &set) const {
  // Grows one piece from the first layer.
  size_t left = size_t(std::count(set.begin(), set.end(), true));
  LayerSet piece(set.size(), false);
  std::set<TensorId> touched;
  auto take = [&](size_t l) {
    piece[l] = true;
    touched.insert(tensors[l].begin(), tensors[l].end());
    --left;
  };
  if (left > 0)
    take(size_t(std::find(set.begin(), set.end(), true) - set.begin()));
  for (bool grew = true; grew && left > 0;) {
    grew = false;
    for (size_t l = 0; l < set.size(); ++l)
      if (set[l] && !piece[l] &&
          std::any_of(tensors[l].begin(), tensors[l].end(),
                      [&](TensorId t) { return touched.contains(t); })) {
        take(l);
        grew = true;
      }
  }
  return left > 0;
}
