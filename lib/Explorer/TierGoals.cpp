//===- TierGoals.cpp - Objectives by what tensors move --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TierGoals.h"

#include <algorithm>
#include <cmath>

using namespace looptree;

TierGoals::TierGoals(const Arch &arch, const std::vector<Goal> &goals,
                     bool spreads)
    : arch(arch), goals(goals) {
  bool countsBits = false;
  double leakage = arch.compute.leakagePjPerCycle;
  for (const Level &level : arch.levels)
    leakage += level.leakagePjPerCycle;
  for (const Goal &goal : goals) {
    countsBits |= goal.kind == Goal::Kind::OffChipBits;
    bool isEnergy =
        goal.kind == Goal::Kind::EnergyPj || goal.kind == Goal::Kind::Edp;
    takesEnergy |= isEnergy;
    takesTime |= goal.kind == Goal::Kind::Latency ||
                 goal.kind == Goal::Kind::Edp || (isEnergy && leakage > 0);
  }
  hasCycles = spreads && takesTime;
  for (LevelId l = 0; l < arch.levels.size(); ++l) {
    const Level &level = arch.levels[l];
    bool hasPrice =
        takesEnergy && (level.readPjPerBit > 0 || level.writePjPerBit > 0);
    if ((takesTime && (level.readBitsPerCycle || level.writeBitsPerCycle)) ||
        (hasPrice && level.readPjPerBit != level.writePjPerBit)) {
      list.push_back({l, What::Reads});
      list.push_back({l, What::Writes});
    } else if (hasPrice || (takesTime && level.sharedBitsPerCycle) ||
               (countsBits && l == 0)) {
      list.push_back({l, What::Both});
    }
  }
}

bool TierGoals::countsSpace(LevelId level) const {
  return arch.levels[level].capacityBits ||
         std::any_of(goals.begin(), goals.end(), [&](const Goal &goal) {
           return goal == Goal{Goal::Kind::CapacityBits, level};
         });
}

std::vector<int64_t>
TierGoals::columnsOf(const CostReport &report, TensorId tensor,
                     std::optional<EinsumId> einsum) const {
  std::vector<int64_t> result(columns(), 0);
  for (const AccessRow &row : report.accesses) {
    if (row.tensor != tensor || (einsum && row.einsum != *einsum))
      continue;
    for (size_t c = 0; c < list.size(); ++c)
      if (list[c].level == row.level)
        result[c] += (list[c].what != What::Writes ? row.readBits : 0) +
                     (list[c].what != What::Reads ? row.writeBits : 0);
  }
  return result;
}

std::vector<double>
TierGoals::leastValues(const std::vector<int64_t> &columns,
                       const std::vector<int64_t> &capacities,
                       const Rest &rest) const {
  // Sums in another order may be off by some of the last bits.
  constexpr double kSlack = 1 - 1e-9;
  double offChip = 0, moved = 0;
  double cycles =
      double(hasCycles ? std::max(rest.computeCycles, columns.back())
                       : rest.computeCycles);
  std::vector<double> both(arch.levels.size(), 0);
  for (size_t c = 0; c < list.size(); ++c) {
    const Level &level = arch.levels[list[c].level];
    double bits = double(std::max<int64_t>(columns[c], 0));
    both[list[c].level] += bits;
    if (list[c].level == 0)
      offChip += bits;
    moved += bits * (list[c].what == What::Reads ? level.readPjPerBit
                     : list[c].what == What::Writes
                         ? level.writePjPerBit
                         : std::min(level.readPjPerBit, level.writePjPerBit));
    auto through = [&](const std::optional<Rational> &rate, double some) {
      if (rate)
        cycles = std::max(
            cycles, std::floor(some / rate->toDouble() /
                               double(arch.instances(list[c].level)) * kSlack));
    };
    if (list[c].what == What::Reads)
      through(level.readBitsPerCycle, bits);
    if (list[c].what == What::Writes)
      through(level.writeBitsPerCycle, bits);
    through(level.sharedBitsPerCycle, both[list[c].level]);
  }
  double leakage =
      arch.compute.leakagePjPerCycle * double(arch.computeInstances());
  for (LevelId l = 0; l < arch.levels.size(); ++l)
    leakage += arch.levels[l].leakagePjPerCycle * double(arch.instances(l));
  double energy = rest.computePj + moved + leakage * cycles;
  std::vector<double> values;
  for (const Goal &goal : goals)
    switch (goal.kind) {
    case Goal::Kind::CapacityBits:
      values.push_back(double(capacities[goal.level]));
      break;
    case Goal::Kind::OffChipBits:
      values.push_back(offChip);
      break;
    case Goal::Kind::RecomputeOps:
      values.push_back(double(rest.recomputeOps));
      break;
    case Goal::Kind::Latency:
      values.push_back(cycles);
      break;
    case Goal::Kind::EnergyPj:
      values.push_back(energy * kSlack);
      break;
    case Goal::Kind::Edp:
      values.push_back(energy * cycles * kSlack);
      break;
    }
  return values;
}
