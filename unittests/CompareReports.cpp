//===- CompareReports.cpp - Where two reports differ ---------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomCandidate.h"

#include <cmath>

using namespace looptree;

namespace {

/// Collects the first difference only.
struct Comparison {
  std::string found;

  template <typename T> void same(const std::string &what, T a, T b) {
    if (!found.empty() || a == b)
      return;
    found = what + ": " + std::to_string(a) + " | " + std::to_string(b);
  }
  void close(const std::string &what, double a, double b) {
    if (found.empty() &&
        std::abs(a - b) > 1e-9 * std::max(std::abs(a), std::abs(b)))
      found = what + ": " + std::to_string(a) + " | " + std::to_string(b);
  }
  template <typename T, typename Compare>
  void each(const std::string &what, const std::vector<T> &a,
            const std::vector<T> &b, Compare compare) {
    same(what + ".size", a.size(), b.size());
    for (size_t i = 0; found.empty() && i < a.size(); ++i)
      compare(what + "[" + std::to_string(i) + "]", a[i], b[i]);
  }
};

} // namespace

std::string test::firstDifference(const CostReport &a, const CostReport &b) {
  Comparison c;
  auto number = [&](const std::string &what, int64_t x, int64_t y) {
    c.same(what, x, y);
  };
  auto energy = [&](const std::string &what, double x, double y) {
    c.close(what, x, y);
  };
  c.each("ops", a.ops, b.ops, number);
  c.each("recompute", a.recompute, b.recompute, number);
  c.each("not_needed", a.notNeeded, b.notNeeded, number);
  c.each("accesses", a.accesses, b.accesses,
         [&](std::string what, const AccessRow &x, const AccessRow &y) {
           what += "(level " + std::to_string(x.level) + ", tensor " +
                   std::to_string(x.tensor) + ", einsum " +
                   std::to_string(x.einsum) + ")";
           c.same(what + ".level", x.level, y.level);
           c.same(what + ".tensor", x.tensor, y.tensor);
           c.same(what + ".einsum", x.einsum, y.einsum);
           c.same(what + ".reads", x.reads, y.reads);
           c.same(what + ".writes", x.writes, y.writes);
           c.same(what + ".fills", x.fills, y.fills);
           c.same(what + ".drains", x.drains, y.drains);
           c.same(what + ".read_bits", x.readBits, y.readBits);
           c.same(what + ".write_bits", x.writeBits, y.writeBits);
           c.close(what + ".energy_pj", x.energyPj, y.energyPj);
         });
  c.each("buffers", a.buffers, b.buffers,
         [&](std::string what, const BufferRow &x, const BufferRow &y) {
           what += "(level " + std::to_string(x.level) + ", tensor " +
                   std::to_string(x.tensor) + ")";
           c.same(what + ".node", x.node, y.node);
           c.same(what + ".level", x.level, y.level);
           c.same(what + ".tensor", x.tensor, y.tensor);
           c.same(what + ".elements", x.elements, y.elements);
           c.same(what + ".bits", x.bits, y.bits);
           c.same(what + ".steady", x.steady, y.steady);
           c.same(what + ".footprint", x.footprint, y.footprint);
           c.same(what + ".reads", x.reads, y.reads);
           c.same(what + ".writes", x.writes, y.writes);
           c.same(what + ".fills", x.fills, y.fills);
           c.same(what + ".drains", x.drains, y.drains);
           c.same(what + ".read_bits", x.readBits, y.readBits);
           c.same(what + ".write_bits", x.writeBits, y.writeBits);
         });
  c.each("capacity_bits", a.capacityBits, b.capacityBits, number);
  c.same("off_chip.elements", a.offChip.elements, b.offChip.elements);
  c.same("off_chip.bits", a.offChip.bits, b.offChip.bits);
  c.same("algorithmic_minimum.elements", a.algorithmicMinimum.elements,
         b.algorithmicMinimum.elements);
  c.same("algorithmic_minimum.bits", a.algorithmicMinimum.bits,
         b.algorithmicMinimum.bits);
  c.same("latency.compute", a.computeCycles, b.computeCycles);
  c.each("latency.memory", a.memoryCycles, b.memoryCycles, number);
  c.same("latency.overall", a.latencyCycles, b.latencyCycles);
  c.same("latency.bound_by", a.boundBy ? int64_t(*a.boundBy) : -1,
         b.boundBy ? int64_t(*b.boundBy) : -1);
  c.close("latency.utilisation", a.utilisation, b.utilisation);
  c.same("latency.fill", a.fillCycles, b.fillCycles);
  c.same("latency.drain", a.drainCycles, b.drainCycles);
  c.each("energy_pj.levels", a.levelEnergyPj, b.levelEnergyPj, energy);
  c.close("energy_pj.compute", a.computeEnergyPj, b.computeEnergyPj);
  c.close("energy_pj.leakage", a.leakageEnergyPj, b.leakageEnergyPj);
  c.close("energy_pj.total", a.energyPj, b.energyPj);
  if (c.found.empty() && a.problems != b.problems)
    c.found = "problems";
  return c.found;
}

std::string test::firstDifference(const std::vector<NodeCost> &a,
                                  const std::vector<NodeCost> &b) {
  Comparison c;
  c.each("nodes", a, b,
         [&](std::string what, const NodeCost &x, const NodeCost &y) {
           c.same(what + ".visits", x.visits, y.visits);
           c.same(what + ".cycles", x.cycles.value_or(-1),
                  y.cycles.value_or(-1));
         });
  return c.found;
}
