//===- Evaluations.cpp - Costs of the mappings of a module ----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluations.h"

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Candidate/Candidate.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>
#include <tuple>

using namespace mlir;
using namespace looptree;

static std::string hashOf(StringRef text) {
  return llvm::utohexstr(llvm::xxh3_64bits(text), /*LowerCase=*/true,
                         /*Width=*/16);
}

const bridge::NetworkAndBarriers &
Evaluations::networkOf(ir::WorkloadOp workload) {
  auto [entry, isNew] = networks.try_emplace(workload);
  if (isNew)
    entry->second = bridge::toNetwork(workload);
  return entry->second;
}

const Arch &Evaluations::archOf(ir::ArchOp arch) {
  auto [entry, isNew] = archs.try_emplace(arch);
  if (isNew)
    entry->second = bridge::toArch(arch);
  return entry->second;
}

const EvaluatedMapping &Evaluations::of(ir::MappingOp mapping) {
  auto [entry, isNew] = mappings.try_emplace(mapping);
  EvaluatedMapping &result = entry->second;
  if (!isNew)
    return result;
  ir::WorkloadOp workload =
      ir::lookupWorkload(mapping, mapping.getWorkloadAttr());
  result.arch = &archOf(ir::lookupArch(mapping, mapping.getArchAttr()));
  result.set = bridge::toMapping(mapping, networkOf(workload).network);
  result.cost = evaluateOnce(result.set, *result.arch);
  result.inputs = hashOf(
      writeCandidate({result.set.workload, *result.arch, result.set.mapping}));
  return result;
}

std::string Evaluations::inputsOf(ir::PlanOp plan) {
  std::string all;
  for (ir::MappingOp mapping : bridge::mappingsOf(plan))
    all += of(mapping).inputs;
  return hashOf(all);
}

/// Two workloads that differ in names only become equal.
static Workload withoutNames(Workload workload) {
  for (auto [id, tensor] : llvm::enumerate(workload.tensors))
    tensor.name = "t" + std::to_string(id);
  for (auto [id, einsum] : llvm::enumerate(workload.einsums)) {
    einsum.name = "e" + std::to_string(id);
    for (auto [rank, named] : llvm::enumerate(einsum.ranks))
      named.name = "r" + std::to_string(rank);
  }
  return workload;
}

Result<CostReport> Evaluations::evaluateOnce(const bridge::MappingOfSet &set,
                                             const Arch &arch) {
  std::string key =
      writeCandidate({withoutNames(set.workload), arch, set.mapping});
  auto found = known.find(key);
  if (found == known.end()) {
    // With its names, which an error mentions.
    Result<CostReport> cost =
        evaluate(set.workload, arch, set.mapping, convention);
    if (cost)
      known.try_emplace(key, *cost);
    return cost;
  }
  // Rows are sorted by name.
  CostReport cost = found->second;
  llvm::sort(cost.accesses, [&](const AccessRow &a, const AccessRow &b) {
    auto nameOf = [&](const AccessRow &row) {
      return std::tuple(row.level,
                        StringRef(set.workload.tensors[row.tensor].name),
                        StringRef(set.workload.einsums[row.einsum].name));
    };
    return nameOf(a) < nameOf(b);
  });
  return cost;
}
