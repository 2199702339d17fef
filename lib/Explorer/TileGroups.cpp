//===- TileGroups.cpp - Ranks that meet in dimensions ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlainSet.h"
#include "TileProducts.h"
#include "looptree/Mapping/Mapping.h"

#include <numeric>

using namespace looptree;

std::optional<TileProducts> TileProducts::of(const Workload &set) {
  std::vector<EinsumId> all(set.einsums.size());
  std::iota(all.begin(), all.end(), 0);
  if (all.size() < 2 || headsOf(all, set).size() != 1)
    return std::nullopt;
  for (TensorId t = 0; t < set.tensors.size(); ++t)
    if (set.consumers(t).size() > 30)
      return std::nullopt;
  for (const Tensor &tensor : set.tensors)
    if (tensor.partialBits.value_or(tensor.bits) != tensor.bits)
      return std::nullopt;
  TileProducts products(set);
  if (!products.findGroups())
    return std::nullopt;
  std::vector<TrunkPlace> places(set.tensors.size());
  if (!products.enter({}, places, std::vector<bool>(places.size(), true)))
    return std::nullopt;
  for (EinsumId e : all) {
    auto ops = products.opsOf(e);
    if (!ops)
      return std::nullopt;
    products.leastOps.push_back(*ops);
  }
  for (TensorId t = 0; t < set.tensors.size(); ++t) {
    auto least = products.onTrunk(t, 0, false);
    products.leastMoves.push_back(least ? least->offChip : 0);
  }
  return products;
}

/// Joins the ranks of a dimension with it; false for what has no such form.
bool TileProducts::findGroups() {
  std::vector<size_t> firstRank, firstDim;
  size_t nodes = 0;
  for (const Einsum &einsum : set.einsums) {
    firstRank.push_back(nodes);
    nodes += einsum.ranks.size();
  }
  for (const Tensor &tensor : set.tensors) {
    firstDim.push_back(nodes);
    nodes += tensor.shape.size();
  }
  std::vector<size_t> parent(nodes);
  std::iota(parent.begin(), parent.end(), 0);
  auto root = [&](size_t node) {
    while (parent[node] != node)
      node = parent[node];
    return node;
  };
  operands.resize(set.einsums.size());
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    const Einsum &einsum = set.einsums[e];
    bool isHead = e + 1 == set.einsums.size();
    const Tensor &result = set.tensors[einsum.write.tensor];
    if (isHead != (result.kind == TensorKind::Output) ||
        (isHead && !set.consumers(einsum.write.tensor).empty()))
      return false;
    for (const Access &read : einsum.reads)
      operands[e].push_back({&read, {}});
    operands[e].push_back({&einsum.write, {}});
    for (size_t i = 0; i < operands[e].size(); ++i) {
      const Access &access = *operands[e][i].access;
      for (size_t j = 0; j < i; ++j)
        if (operands[e][j].access->tensor == access.tensor)
          return false;
      if (access.isInit)
        return false;
      for (size_t d = 0; d < access.index.size(); ++d)
        for (const LinearExpr::Term &term : access.index[d].terms)
          parent[root(firstRank[e] + term.rank)] =
              root(firstDim[access.tensor] + d);
    }
    // A result's dimensions are ranks as they are.
    for (size_t d = 0; d < einsum.write.index.size(); ++d) {
      const LinearExpr &expr = einsum.write.index[d];
      if (expr.constant != 0 || expr.terms.size() != 1 ||
          expr.terms[0].coefficient != 1 ||
          einsum.ranks[expr.terms[0].rank].extent != result.shape[d])
        return false;
    }
  }
  std::map<size_t, size_t> number;
  auto groupOf = [&](size_t node) {
    return number.try_emplace(root(node), number.size()).first->second;
  };
  for (size_t node = 0; node < nodes; ++node)
    groupOf(node);
  groups = number.size();
  if (groups > kMostGroups)
    return false;
  // Sums over the tiles of two loops then stay below 2^62 in each group.
  constexpr int64_t kMost = int64_t(1) << 20;
  std::vector<int64_t> values;
  auto mayHave = [&](size_t group, int64_t extent) {
    values[group] = times(values[group], extent);
    return values[group] <= kMost;
  };
  for (const Tensor &tensor : set.tensors) {
    values.assign(groups, 1);
    size_t first = firstDim[size_t(&tensor - set.tensors.data())];
    for (size_t d = 0; d < tensor.shape.size(); ++d)
      if (!mayHave(groupOf(first + d), tensor.shape[d]))
        return false;
  }
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    values.assign(groups, 1);
    for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r)
      if (!mayHave(groupOf(firstRank[e] + r), set.einsums[e].ranks[r].extent))
        return false;
    fullBox.emplace_back(groups);
    rankGroup.emplace_back();
    rankPosition.emplace_back();
    for (RankId r = 0; r < set.einsums[e].ranks.size(); ++r) {
      size_t group = groupOf(firstRank[e] + r);
      rankGroup[e].push_back(group);
      rankPosition[e].push_back(unsigned(fullBox[e][group].size()));
      fullBox[e][group].push_back({0, set.einsums[e].ranks[r].extent - 1});
    }
    for (Operand &operand : operands[e]) {
      operand.dims.resize(groups);
      for (unsigned d = 0; d < operand.access->index.size(); ++d)
        operand.dims[groupOf(firstDim[operand.access->tensor] + d)].push_back(
            d);
    }
  }
  return true;
}
