//===- Minimum.cpp - The least that any mapping moves ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Minimum.h"

#include "Checked.h"
#include "PlanImpl.h"

using namespace looptree;

/// Compiling infers what the untiled workload reaches, whatever the tree: here
/// everything stays at the only level.
static Result<Plan> untiled(Workload workload) {
  Retain all;
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    workload.tensors[id].partialBits.reset(); // Of no use outside.
    all.tensors.push_back(id);
  }
  Node split{Sequential{}, {}};
  for (EinsumId id = 0; id < workload.einsums.size(); ++id)
    split.children.push_back({ComputeNode{id}, {}});
  Arch arch;
  arch.name = "minimum";
  arch.levels.resize(1);
  arch.levels[0].name = "off chip";
  return compile(workload, arch, Mapping{{std::move(all), {std::move(split)}}});
}

Result<LeastWork> looptree::leastWork(const Workload &workload) {
  auto plan = untiled(workload);
  if (!plan)
    return plan.error();
  Scratch scratch;
  auto report = evaluate(*plan, {}, scratch);
  if (!report)
    return report.error();
  return LeastWork{report->algorithmicMinimum, std::move(report->ops)};
}

Result<ElementsAndBits> looptree::algorithmicMinimum(const Network &network) {
  std::vector<EinsumId> ends = network.cuts;
  ends.push_back(EinsumId(network.workload.einsums.size()));
  Checked count;
  ElementsAndBits total;
  EinsumId next = 0;
  for (EinsumId end : ends) {
    std::vector<EinsumId> stretch;
    for (; next < end; ++next)
      stretch.push_back(next);
    auto plan = untiled(extractSet(network.workload, stretch));
    if (!plan)
      return plan.error();
    const ElementsAndBits &minimum = plan->get().algorithmicMinimum;
    count.increase(total.elements, minimum.elements);
    count.increase(total.bits, minimum.bits);
  }
  if (count.overflow)
    return Error{"the algorithmic minimum of the network exceeds 64 bit"};
  return total;
}
