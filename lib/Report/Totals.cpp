//===- Totals.cpp - Sums over the sets of a plan --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Report/Report.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

using namespace looptree;

namespace {

class Adder {
public:
  Adder(const Network &network, const Arch &arch) : network(network) {
    const Workload &workload = network.workload;
    for (TensorId id = 0; id < workload.tensors.size(); ++id)
      tensorOf.emplace(workload.tensors[id].name, id);
    for (std::vector<int64_t> *perEinsum :
         {&total.ops, &total.recompute, &total.notNeeded})
      perEinsum->assign(workload.einsums.size(), 0);
    total.capacityBits.assign(arch.levels.size(), 0);
    total.memoryCycles.assign(arch.levels.size(), 0);
    total.levelEnergyPj.assign(arch.levels.size(), 0);
  }

  void add(const FusedSet &set) {
    const CostReport &cost = set.report;
    total.convention = cost.convention;
    for (const Problem &problem : cost.problems)
      addProblem(problem);
    for (size_t i = 0; i < set.einsums.size(); ++i) {
      EinsumId einsum = set.einsums[i];
      sum(total.ops[einsum], cost.ops[i], "ops");
      sum(total.recompute[einsum], cost.recompute[i], "ops");
      sum(total.notNeeded[einsum], cost.notNeeded[i], "ops");
      sum(allOps, cost.ops[i], "ops");
    }
    for (AccessRow row : cost.accesses) {
      row.tensor = tensorOf.at(set.workload.tensors[row.tensor].name);
      row.einsum = set.einsums[row.einsum];
      total.accesses.push_back(row);
    }
    sum(total.offChip, cost.offChip, "off-chip transfers");
    sum(total.algorithmicMinimum, cost.algorithmicMinimum,
        "algorithmic minima");
    sum(total.computeCycles, cost.computeCycles, "cycles");
    sum(total.latencyCycles, cost.latencyCycles, "cycles");
    sum(total.fillCycles, cost.fillCycles, "cycles");
    sum(total.drainCycles, cost.drainCycles, "cycles");
    for (size_t level = 0; level < total.capacityBits.size(); ++level) {
      total.capacityBits[level] =
          std::max(total.capacityBits[level], cost.capacityBits[level]);
      sum(total.memoryCycles[level], cost.memoryCycles[level], "cycles");
      total.levelEnergyPj[level] += cost.levelEnergyPj[level];
    }
    usedCycles += cost.utilisation * double(cost.latencyCycles);
    total.computeEnergyPj += cost.computeEnergyPj;
    total.leakageEnergyPj += cost.leakageEnergyPj;
    total.energyPj += cost.energyPj;
  }

  Result<CostReport> take() {
    if (!overflowed.empty())
      return Error{"the " + overflowed +
                   " of all mappings together exceed 64 bit"};
    if (total.latencyCycles > 0)
      total.utilisation = usedCycles / double(total.latencyCycles);
    const Workload &workload = network.workload;
    auto key = [&](const AccessRow &row) {
      return std::tuple<LevelId, const std::string &, const std::string &>(
          row.level, workload.tensors[row.tensor].name,
          workload.einsums[row.einsum].name);
    };
    std::sort(total.accesses.begin(), total.accesses.end(),
              [&](const AccessRow &a, const AccessRow &b) {
                return key(a) < key(b);
              });
    return std::move(total);
  }

private:
  /// `what` is a plural.
  void sum(int64_t &to, int64_t value, const char *what) {
    if (__builtin_add_overflow(to, value, &to) && overflowed.empty())
      overflowed = what;
  }
  void sum(ElementsAndBits &to, const ElementsAndBits &value,
           const char *what) {
    sum(to.elements, value.elements, what);
    sum(to.bits, value.bits, what);
  }

  /// The limit that a problem is about, and the excess.
  static std::tuple<size_t, unsigned, int64_t> limitOf(const Problem &problem) {
    if (const auto *level = std::get_if<OverCapacity>(&problem))
      return {problem.index(), level->level, level->excess};
    if (const auto *fanout = std::get_if<OverFanOut>(&problem))
      return {problem.index(), fanout->fanout, fanout->excess};
    return {problem.index(), 0, std::get_if<OverCompute>(&problem)->excess};
  }

  void addProblem(const Problem &problem) {
    auto [kind, which, excess] = limitOf(problem);
    for (Problem &known : total.problems) {
      auto [knownKind, knownWhich, knownExcess] = limitOf(known);
      if (knownKind != kind || knownWhich != which)
        continue;
      if (excess > knownExcess)
        known = problem;
      return;
    }
    total.problems.push_back(problem);
  }

  const Network &network;
  std::unordered_map<std::string, TensorId> tensorOf;
  CostReport total;
  int64_t allOps = 0;
  double usedCycles = 0;
  std::string overflowed; ///< What the first sum was of.
};

} // namespace

Result<CostReport> looptree::totalOf(std::span<const NamedSet> sets,
                                     const Network &network, const Arch &arch) {
  Adder adder(network, arch);
  for (const NamedSet &named : sets)
    adder.add(named.set);
  return adder.take();
}
