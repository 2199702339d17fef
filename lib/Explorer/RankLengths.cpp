//===- RankLengths.cpp - How far visits reach -----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RankLengths.h"

#include <algorithm>

using namespace looptree;

RankLengths looptree::fullLengths(const Workload &set) {
  RankLengths lengths;
  for (const Einsum &einsum : set.einsums) {
    lengths.emplace_back();
    for (const Rank &rank : einsum.ranks)
      lengths.back().push_back(rank.extent);
  }
  return lengths;
}

std::optional<EinsumId> looptree::onlyReaderOf(const Workload &set,
                                               EinsumId producer) {
  TensorId made = set.einsums[producer].write.tensor;
  if (set.tensors[made].kind == TensorKind::Output)
    return std::nullopt;
  std::optional<EinsumId> reader;
  for (EinsumId e = 0; e < set.einsums.size(); ++e)
    for (const Access &read : set.einsums[e].reads)
      if (read.tensor == made) {
        if (reader)
          return std::nullopt;
        reader = e;
      }
  return reader;
}

/// Width of what an expression takes when its ranks run over that many values.
static int64_t widthOf(const LinearExpr &expr,
                       const std::vector<int64_t> &lengths) {
  int64_t width = 1;
  for (const LinearExpr::Term &term : expr.terms)
    width += term.coefficient * (lengths[term.rank] - 1);
  return width;
}

void looptree::narrowToReader(const Workload &set, EinsumId producer,
                              EinsumId reader, RankLengths &lengths) {
  const Access &write = set.einsums[producer].write;
  const auto &reads = set.einsums[reader].reads;
  const Access &read =
      *std::find_if(reads.begin(), reads.end(), [&](const Access &access) {
        return access.tensor == write.tensor;
      });
  for (size_t d = 0; d < write.index.size(); ++d) {
    const LinearExpr &expr = write.index[d];
    if (expr.terms.size() != 1)
      continue;
    int64_t asked = widthOf(read.index[d], lengths[reader]);
    int64_t &length = lengths[producer][expr.terms[0].rank];
    length = std::min(length, (asked - 1) / expr.terms[0].coefficient + 1);
  }
}
