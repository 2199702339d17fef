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

Prices::Prices(const Arch &arch, Objective objective) : objective(objective) {
  bool energy = objective == Objective::EnergyPj || objective == Objective::Edp;
  for (LevelId level = 0; level < arch.levels.size(); ++level) {
    double outermost = level == 0 ? 1 : kTieBreak;
    const Level &l = arch.levels[level];
    readPrice.push_back(energy ? l.readPjPerBit + kTieBreak : outermost);
    writePrice.push_back(energy ? l.writePjPerBit + kTieBreak : outermost);
  }
  for (unsigned kind = 0; kind < 3; ++kind) {
    const OpCost &cost = arch.compute.kinds[kind];
    opPrice[kind] = energy ? cost.pjPerOp + kTieBreak : kTieBreak;
    cyclesPerOp[kind] = cost.opsPerCycle ? double(cost.opsPerCycle->den) /
                                               double(cost.opsPerCycle->num)
                                         : 0;
  }
  const Level &outer = arch.levels[0];
  for (const auto &rate : {outer.readBitsPerCycle, outer.writeBitsPerCycle,
                           outer.sharedBitsPerCycle})
    if (rate)
      cyclesPerBit =
          std::max(cyclesPerBit, double(rate->den) / double(rate->num));
}

Spent Prices::ops(EinsumKind kind, double count) const {
  return {count * opPrice[unsigned(kind)], 0,
          count * cyclesPerOp[unsigned(kind)]};
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
