//===- PlainSet.cpp - Sets whose tiles never overlap ----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlainSet.h"
#include "looptree/Mapping/Mapping.h"

using namespace looptree;

/// The rank that indexes a dimension, or none for a dimension of one element.
static bool isPlain(const LinearExpr &expr, const Einsum &einsum,
                    int64_t size) {
  if (expr.constant != 0)
    return false;
  if (expr.terms.empty())
    return size == 1;
  return expr.terms.size() == 1 && expr.terms[0].coefficient == 1 &&
         einsum.ranks[expr.terms[0].rank].extent == size;
}

std::optional<PlainSet> looptree::plainSetOf(const Workload &set) {
  std::vector<EinsumId> all;
  for (EinsumId e = 0; e < set.einsums.size(); ++e)
    all.push_back(e);
  if (headsOf(all, set).size() != 1)
    return std::nullopt;
  constexpr int kUnknown = -2;
  PlainSet plain;
  plain.tensors.resize(set.tensors.size());
  plain.einsums.resize(set.einsums.size());
  // Per tensor and dimension, once a reader is known.
  std::vector<std::vector<int>> tiledBy;
  for (const Tensor &tensor : set.tensors)
    tiledBy.emplace_back(tensor.shape.size(), kUnknown);
  for (EinsumId e = EinsumId(set.einsums.size()); e-- > 0;) {
    const Einsum &einsum = set.einsums[e];
    PlainEinsum &mine = plain.einsums[e];
    if (einsum.ranks.size() > 16)
      return std::nullopt;
    for (const Rank &rank : einsum.ranks)
      mine.extents.push_back(rank.extent);
    mine.headRank.assign(einsum.ranks.size(), -1);
    auto shapeOf = [&](const Access &access) -> auto & {
      return set.tensors[access.tensor].shape;
    };
    const Access &write = einsum.write;
    for (size_t d = 0; d < write.index.size(); ++d) {
      if (!isPlain(write.index[d], einsum, shapeOf(write)[d]))
        return std::nullopt;
      if (e + 1 < set.einsums.size() && !write.index[d].terms.empty())
        mine.headRank[write.index[d].terms[0].rank] = tiledBy[write.tensor][d];
    }
    if (e + 1 == set.einsums.size())
      for (RankId r = 0; r < einsum.ranks.size(); ++r)
        mine.headRank[r] = int(r);
    const Tensor &written = set.tensors[write.tensor];
    if (written.partialBits && *written.partialBits != written.bits)
      return std::nullopt;
    std::vector<const Access *> accesses;
    for (const Access &read : einsum.reads)
      accesses.push_back(&read);
    accesses.push_back(&write);
    for (const Access *access : accesses) {
      if (access->isInit)
        return std::nullopt;
      for (const PlainOperand &other : mine.operands)
        if (other.tensor == access->tensor)
          return std::nullopt;
      PlainOperand operand{access->tensor, 0, access == &write};
      for (size_t d = 0; d < access->index.size(); ++d) {
        if (!isPlain(access->index[d], einsum, shapeOf(*access)[d]))
          return std::nullopt;
        int by = -1;
        if (!access->index[d].terms.empty()) {
          RankId r = access->index[d].terms[0].rank;
          by = mine.headRank[r];
          if (mine.extents[r] > 1)
            operand.ranks |= RankMask(1) << r;
        }
        int &known = tiledBy[access->tensor][d];
        if (known == kUnknown)
          known = by;
        else if (known != by)
          return std::nullopt;
      }
      mine.operands.push_back(operand);
    }
  }
  for (TensorId t = 0; t < set.tensors.size(); ++t) {
    PlainTensor &mine = plain.tensors[t];
    for (size_t d = 0; d < tiledBy[t].size(); ++d) {
      int64_t size = set.tensors[t].shape[d];
      mine.elements *= size;
      if (tiledBy[t][d] >= 0 && size > 1)
        mine.headRanks |= RankMask(1) << tiledBy[t][d];
      else
        mine.extents.push_back(size);
    }
    if (auto producer = set.producer(t))
      mine.users.push_back(*producer);
    for (EinsumId reader : set.consumers(t))
      mine.users.push_back(reader);
  }
  return plain;
}
