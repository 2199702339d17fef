//===- SetCache.cpp - Each structure is searched once ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SetCache.h"

#include "looptree/Analysis/Minimum.h"

using namespace looptree;

std::string looptree::structureOf(const Workload &workload) {
  std::string text;
  auto add = [&](int64_t number) {
    text += std::to_string(number);
    text += ',';
  };
  auto addAccess = [&](const Access &access) {
    add(access.tensor);
    add(access.isInit);
    for (const LinearExpr &expr : access.index) {
      for (const auto &term : expr.terms) {
        add(term.rank);
        add(term.coefficient);
      }
      text += '+';
      add(expr.constant);
    }
    text += ';';
  };
  for (const Tensor &tensor : workload.tensors) {
    add(int64_t(tensor.kind));
    for (int64_t extent : tensor.shape)
      add(extent);
    text += ':';
    add(tensor.bits);
    add(tensor.partialBits.value_or(tensor.bits));
    add(tensor.isWeight);
    text += '\n';
  }
  for (const Einsum &einsum : workload.einsums) {
    add(int64_t(einsum.kind));
    for (const Rank &rank : einsum.ranks)
      add(rank.extent);
    text += ':';
    addAccess(einsum.write);
    for (const Access &read : einsum.reads)
      addAccess(read);
    text += '\n';
  }
  return text;
}

const SetResult &SetCache::search(const Workload &set, TrunkLoops loops,
                                  double limit) {
  std::string key = structureOf(set) + (loops == TrunkLoops::Any ? "L" : "");
  auto [entry, isNew] = results.try_emplace(std::move(key));
  auto &[searchedTo, result] = entry->second;
  if (isNew || (result.found.empty() && limit > searchedTo)) {
    result = searchSet(set, arch, objective, loops, limit, options);
    searchedTo = limit;
    total += result.evaluations;
  }
  return result;
}

Result<ElementsAndBits> SetCache::minimum(const Workload &set) {
  auto [entry, isNew] = minima.try_emplace(structureOf(set));
  if (!isNew)
    return entry->second;
  Result<ElementsAndBits> least = algorithmicMinimum({set, {}});
  if (least)
    entry->second = *least;
  return least;
}
