//===- Costs.cpp - What the search pays for a move ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Costs.h"

#include <algorithm>

using namespace looptree;

double looptree::objectiveOf(const CostReport &report, Objective objective) {
  switch (objective) {
  case Objective::OffChipBits:
    return double(report.offChip.bits);
  case Objective::EnergyPj:
    return report.energyPj;
  case Objective::Latency:
    return double(report.latencyCycles);
  case Objective::Edp:
    return report.energyPj * double(report.latencyCycles);
  }
  return 0;
}

/// Among equals in transfers, fewer ops and fewer moves on chip.
constexpr double kTieBreak = 1e-9;
/// Among equals in energy, fewer cycles.
constexpr double kCycleTieBreak = 1e-6;

Prices::Prices(const Arch &arch, Objective objective) : objective(objective) {
  const Level &outer = arch.levels[0];
  for (const auto &rate : {outer.readBitsPerCycle, outer.writeBitsPerCycle,
                           outer.sharedBitsPerCycle})
    if (rate)
      cyclesPerBit =
          std::max(cyclesPerBit, double(rate->den) / double(rate->num));
  bool energy = objective == Objective::EnergyPj || objective == Objective::Edp;
  bool latency = objective == Objective::Latency;
  for (LevelId level = 0; level < arch.levels.size(); ++level) {
    // Cycles of compute and of transfers hide behind each other; their sum
    // falls with either.
    double outermost = level > 0 ? kTieBreak : latency ? cyclesPerBit : 1;
    const Level &l = arch.levels[level];
    readPrice.push_back((energy ? l.readPjPerBit : outermost) + kTieBreak);
    writePrice.push_back((energy ? l.writePjPerBit : outermost) + kTieBreak);
  }
  cyclePrice = latency ? 1 : energy ? kCycleTieBreak : 0;
  for (unsigned kind = 0; kind < 3; ++kind) {
    const OpCost &cost = arch.compute.kinds[kind];
    opPrice[kind] = (energy ? cost.pjPerOp : 0) + kTieBreak;
    cyclesPerOp[kind] = cost.opsPerCycle ? double(cost.opsPerCycle->den) /
                                               double(cost.opsPerCycle->num)
                                         : 0;
  }
}

Spent Prices::ops(EinsumKind kind, double count, double instances) const {
  double cycles = count * cyclesPerOp[unsigned(kind)] / instances;
  return {count * opPrice[unsigned(kind)] + cycles * cyclePrice, 0, cycles};
}

double Prices::leafScore(const Spent &spent) const {
  return objective == Objective::Edp ? spent.price * spent.cycles : spent.price;
}

double Prices::score(const Spent &spent) const {
  double memory = spent.offChip * cyclesPerBit;
  double latency =
      std::max(spent.cycles, memory) + kTieBreak * (spent.cycles + memory);
  if (objective == Objective::Latency)
    return latency + kTieBreak * spent.offChip;
  if (objective == Objective::Edp)
    return spent.price * latency;
  return spent.price;
}
