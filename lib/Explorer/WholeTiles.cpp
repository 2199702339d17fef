//===- WholeTiles.cpp - Ranks whose tiles never overlap ------ -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WholeTiles.h"

#include <algorithm>

using namespace looptree;

/// The rank that indexes a dimension alone and as it is, over all of it.
static std::optional<RankId> plainRank(const LinearExpr &expr,
                                       const Einsum &einsum, int64_t size) {
  if (expr.terms.size() != 1 || expr.terms[0].coefficient != 1 ||
      expr.constant != 0 || einsum.ranks[expr.terms[0].rank].extent != size)
    return std::nullopt;
  return expr.terms[0].rank;
}

bool looptree::hasWholeTiles(const Workload &set, RankId rank) {
  constexpr int kUnknown = -2, kNone = -1;
  std::vector<int> tiledDimension(set.tensors.size(), kUnknown);
  for (EinsumId e = EinsumId(set.einsums.size()); e-- > 0;) {
    const Einsum &einsum = set.einsums[e];
    std::vector<bool> tiled(einsum.ranks.size(), false);
    const Access &write = einsum.write;
    if (e + 1 == set.einsums.size()) {
      tiled[rank] = true;
    } else if (int d = tiledDimension[write.tensor]; d >= 0) {
      auto written = plainRank(write.index[size_t(d)], einsum,
                               set.tensors[write.tensor].shape[size_t(d)]);
      if (!written)
        return false;
      tiled[*written] = true;
    }
    auto agrees = [&](const Access &access) {
      int found = kNone;
      for (size_t d = 0; d < access.index.size(); ++d) {
        const LinearExpr &expr = access.index[d];
        if (std::none_of(
                expr.terms.begin(), expr.terms.end(),
                [&](const LinearExpr::Term &term) { return tiled[term.rank]; }))
          continue;
        if (found != kNone ||
            !plainRank(expr, einsum, set.tensors[access.tensor].shape[d]))
          return false;
        found = int(d);
      }
      int &known = tiledDimension[access.tensor];
      if (known == kUnknown)
        known = found;
      return known == found;
    };
    if (!agrees(write) ||
        !std::all_of(einsum.reads.begin(), einsum.reads.end(), agrees))
      return false;
  }
  return true;
}

std::vector<int64_t>
looptree::leastOfEachCount(const std::vector<int64_t> &steps, int64_t extent) {
  std::vector<int64_t> least;
  int64_t last = 0;
  for (int64_t step : steps) {
    int64_t count = (extent - 1) / step + 1;
    if (count != last)
      least.push_back(step);
    last = count;
  }
  return least;
}
