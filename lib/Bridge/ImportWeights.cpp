//===- ImportWeights.cpp - Which inputs are weights -----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportWeights.h"

#include <algorithm>

using namespace looptree;

static std::vector<bool> ranksOf(const Access &access, const Einsum &einsum) {
  std::vector<bool> used(einsum.ranks.size());
  for (const LinearExpr &expr : access.index)
    for (const LinearExpr::Term &term : expr.terms)
      used[term.rank] = true;
  return used;
}

/// The read moves with every rank that the write moves with.
static bool isFullSize(const Access &read, const Einsum &einsum) {
  std::vector<bool> written = ranksOf(einsum.write, einsum);
  std::vector<bool> used = ranksOf(read, einsum);
  for (RankId rank = 0; rank < einsum.ranks.size(); ++rank)
    if (written[rank] && !used[rank] && einsum.ranks[rank].extent > 1)
      return false;
  return true;
}

void bridge::markWeights(Workload &workload,
                         const std::vector<bool> &isActivation) {
  std::vector<bool> isComputed = isActivation;
  for (const Einsum &einsum : workload.einsums)
    isComputed[einsum.write.tensor] =
        einsum.kind != EinsumKind::Elementwise ||
        std::any_of(
            einsum.reads.begin(), einsum.reads.end(),
            [&](const Access &read) { return isComputed[read.tensor]; });

  std::vector<bool> isData = isActivation;
  for (auto einsum = workload.einsums.rbegin();
       einsum != workload.einsums.rend(); ++einsum) {
    std::vector<const Access *> reads;
    for (const Access &read : einsum->reads)
      if (!read.isInit)
        reads.push_back(&read);
    bool othersGiven =
        std::none_of(reads.begin() + !reads.empty(), reads.end(),
                     [&](auto read) { return isComputed[read->tensor]; });
    TensorId written = einsum->write.tensor;
    bool becomesData = !isComputed[written] &&
                       (isData[written] ||
                        workload.tensors[written].kind == TensorKind::Output);
    for (const Access *read : reads) {
      if (einsum->kind == EinsumKind::Reduction ||
          (einsum->kind == EinsumKind::Contraction && read == reads.front() &&
           othersGiven) ||
          (einsum->kind == EinsumKind::Elementwise && becomesData &&
           isFullSize(*read, *einsum)))
        isData[read->tensor] = true;
    }
  }
  for (TensorId id = 0; id < workload.tensors.size(); ++id)
    workload.tensors[id].isWeight =
        workload.tensors[id].kind == TensorKind::Input && !isData[id];
}
