//===- Goals.cpp - Objectives and what bounds them ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Goals.h"

#include <algorithm>
#include <cmath>

using namespace looptree;

/// Sums of energies that are equal but for their order differ in fewer bits
/// than are dropped here.
static double rounded(double energy) {
  int exponent;
  double mantissa = std::frexp(energy, &exponent);
  return std::ldexp(std::round(std::ldexp(mantissa, 40)), exponent - 40);
}

/// A bound that is computed in floating point, less what that may be off.
static double safely(double bound) { return rounded(bound * (1 - 1e-9)); }

static int64_t recomputeOf(const CostReport &report) {
  int64_t sum = 0;
  for (int64_t ops : report.recompute)
    sum += ops;
  return sum;
}

double looptree::valueOf(const CostReport &report, const Goal &goal) {
  switch (goal.kind) {
  case Goal::Kind::CapacityBits:
    return double(report.capacityBits[goal.level]);
  case Goal::Kind::OffChipBits:
    return double(report.offChip.bits);
  case Goal::Kind::RecomputeOps:
    return double(recomputeOf(report));
  case Goal::Kind::Latency:
    return double(report.latencyCycles);
  case Goal::Kind::EnergyPj:
    return rounded(report.energyPj);
  case Goal::Kind::Edp:
    return rounded(report.energyPj * double(report.latencyCycles));
  }
  return 0;
}

std::optional<size_t> looptree::kneeOf(const Front &front) {
  if (front.points.empty())
    return std::nullopt;
  std::vector<double> low = front.points[0].values, high = low;
  for (const FrontPoint &point : front.points)
    for (size_t i = 0; i < low.size(); ++i) {
      low[i] = std::min(low[i], point.values[i]);
      high[i] = std::max(high[i], point.values[i]);
    }
  auto distance = [&](const FrontPoint &point) {
    double sum = 0;
    for (size_t i = 0; i < low.size(); ++i)
      if (high[i] > low[i]) {
        double scaled = (point.values[i] - low[i]) / (high[i] - low[i]);
        sum += scaled * scaled;
      }
    return sum;
  };
  size_t knee = 0;
  for (size_t i = 1; i < front.points.size(); ++i)
    if (distance(front.points[i]) < distance(front.points[knee]))
      knee = i;
  return knee;
}

LeastCosts looptree::leastOf(const CostReport &report) {
  return {0, recomputeOf(report), report.computeCycles, report.computeEnergyPj};
}

LeastCosts looptree::leastWithoutRecompute(const Workload &set,
                                           const CostReport &report,
                                           const Arch &arch) {
  LeastCosts least;
  least.offChipBits = report.algorithmicMinimum.bits;
  double cycles = 0;
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    double needed = double(report.ops[e] - report.recompute[e]);
    const OpCost &cost = arch.compute.of(set.einsums[e].kind);
    least.computePj += needed * cost.pjPerOp;
    if (cost.opsPerCycle)
      cycles = std::max(cycles, needed / cost.opsPerCycle->toDouble() /
                                    double(arch.computeInstances()));
  }
  // Not the sum: a pipeline runs einsums side by side.
  least.computeCycles = int64_t(safely(cycles));
  return least;
}

/// Cycles in which the outermost level moves so many bits, at least.
static double leastCycles(double bits, const Level &outer) {
  double rate = 0;
  if (outer.readBitsPerCycle && outer.writeBitsPerCycle)
    rate = outer.readBitsPerCycle->toDouble() +
           outer.writeBitsPerCycle->toDouble();
  if (outer.sharedBitsPerCycle) {
    double shared = outer.sharedBitsPerCycle->toDouble();
    rate = rate > 0 ? std::min(rate, shared) : shared;
  }
  return rate > 0 ? std::floor(safely(bits / rate)) : 0;
}

double looptree::leastValue(const Goal &goal, const LeastCosts &least,
                            int64_t capacityBits, const Arch &arch) {
  const Level &outer = arch.levels[0];
  double bits = double(least.offChipBits);
  double latency =
      std::max(double(least.computeCycles),
               leastCycles(bits / double(arch.instances(0)), outer));
  double leakage =
      arch.compute.leakagePjPerCycle * double(arch.computeInstances());
  for (LevelId l = 0; l < arch.levels.size(); ++l)
    leakage += arch.levels[l].leakagePjPerCycle * double(arch.instances(l));
  double energy = least.computePj +
                  bits * std::min(outer.readPjPerBit, outer.writePjPerBit) +
                  leakage * latency;
  switch (goal.kind) {
  case Goal::Kind::CapacityBits:
    return double(capacityBits);
  case Goal::Kind::OffChipBits:
    return bits;
  case Goal::Kind::RecomputeOps:
    return double(least.recomputeOps);
  case Goal::Kind::Latency:
    return latency;
  case Goal::Kind::EnergyPj:
    return safely(energy);
  case Goal::Kind::Edp:
    return safely(energy * latency);
  }
  return 0;
}

bool looptree::isOfSize(const Error &error) {
  return error.message.find("64 bit") != std::string::npos ||
         error.message.find("visits more than") != std::string::npos;
}

std::optional<Error> looptree::tooLargeToCompare(const CostReport &report,
                                                 const std::vector<Goal> &goals,
                                                 const Arch &arch) {
  constexpr double kExact = 9007199254740992.0; // 2^53
  for (const Goal &goal : goals) {
    if (goal.kind == Goal::Kind::EnergyPj || goal.kind == Goal::Kind::Edp)
      continue;
    if (valueOf(report, goal) >= kExact)
      return Error{toString(goal, arch) +
                   " exceeds 2^53, more than a search compares exactly"};
  }
  return std::nullopt;
}

void looptree::conclude(Front &front, bool isWhole) {
  std::sort(front.points.begin(), front.points.end(),
            [](const FrontPoint &a, const FrontPoint &b) {
              return a.values < b.values;
            });
  if (!isWhole)
    front.status = Front::Status::Limit;
  else if (front.points.empty())
    front.status = Front::Status::Infeasible;
}

std::optional<Error> looptree::tooManyValues(const Workload &workload) {
  constexpr int64_t kMost = int64_t(1) << 24;
  for (const Einsum &einsum : workload.einsums)
    for (const Rank &rank : einsum.ranks)
      if (rank.extent > kMost)
        return Error{"rank " + rank.name + " of " + einsum.name + " has " +
                     std::to_string(rank.extent) +
                     " values; fronts are searched of at most " +
                     std::to_string(kMost)};
  return std::nullopt;
}
