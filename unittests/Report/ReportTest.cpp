//===- ReportTest.cpp - Sums over plans, and reports of them --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Report/Report.h"

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Analysis/Minimum.h"

#include <gmock/gmock.h>

using namespace looptree;
using testing::HasSubstr;
using testing::Not;

namespace {

/// `T2[8] <- b <- T1[8] <- a <- T0[8]`, elementwise.
Network chain() {
  Workload w;
  w.tensors = {{"T0", TensorKind::Input, {8}},
               {"T1", TensorKind::Intermediate, {8}},
               {"T2", TensorKind::Output, {8}}};
  for (EinsumId id : {0, 1}) {
    Einsum einsum;
    einsum.name = id == 0 ? "a" : "b";
    einsum.kind = EinsumKind::Elementwise;
    einsum.ranks = {{"p", 8}};
    einsum.reads = {{id, {{{{0, 1}}, 0}}}};
    einsum.write = {id + 1, {{{{0, 1}}, 0}}};
    w.einsums.push_back(einsum);
  }
  return {w, {}};
}

Arch chip(std::optional<int64_t> capacityBits) {
  Arch arch;
  arch.name = "chip";
  arch.levels.resize(2);
  arch.levels[0].name = "DRAM";
  arch.levels[0].readPjPerBit = 1;
  arch.levels[1].name = "GLB";
  arch.levels[1].capacityBits = capacityBits;
  return arch;
}

/// Everything retained at DRAM, and at GLB what the set's `onChip` says.
NamedSet namedSet(const std::string &name, const Network &network,
                  const Arch &arch, std::vector<EinsumId> einsums) {
  NamedSet named{name, {std::move(einsums), {}, {}, {}}};
  FusedSet &set = named.set;
  set.workload = extractSet(network.workload, set.einsums);
  Retain all, onChip;
  onChip.level = 1;
  for (TensorId id = 0; id < set.workload.tensors.size(); ++id) {
    onChip.tensors.push_back(id);
    if (set.workload.tensors[id].kind != TensorKind::Intermediate)
      all.tensors.push_back(id);
  }
  Node split{Sequential{}, {}};
  for (EinsumId id = 0; id < set.einsums.size(); ++id)
    split.children.push_back({ComputeNode{id}, {}});
  set.mapping.root = {all, {{onChip, {split}}}};
  auto report = evaluate(set.workload, arch, set.mapping);
  EXPECT_TRUE(bool(report)) << report.error().message;
  set.report = *report;
  return named;
}

TEST(TotalOf, SumsUnderTheNetworksIds) {
  Network network = chain();
  Arch arch = chip(std::nullopt);
  std::vector<NamedSet> sets = {namedSet("one", network, arch, {0}),
                                namedSet("two", network, arch, {1})};
  auto total = totalOf(sets, network, arch);
  ASSERT_TRUE(bool(total));
  EXPECT_EQ(total->ops, (std::vector<int64_t>{8, 8}));
  EXPECT_EQ(total->offChip, (ElementsAndBits{32, 256}));
  EXPECT_EQ(total->algorithmicMinimum, (ElementsAndBits{32, 256}));
  EXPECT_EQ(total->latencyCycles, 16);
  EXPECT_EQ(total->capacityBits[1], 128); // Not 256: one after the other.
  EXPECT_DOUBLE_EQ(total->utilisation, 1);
  EXPECT_DOUBLE_EQ(total->energyPj, 128);
  EXPECT_FALSE(total->boundBy);
  EXPECT_TRUE(total->valid());
  // T1 is written by a and read by b.
  std::vector<std::pair<EinsumId, int64_t>> moves;
  for (const AccessRow &row : total->accesses)
    if (row.level == 0 && row.tensor == 1)
      moves.push_back({row.einsum, row.reads - row.writes});
  EXPECT_EQ(moves,
            (std::vector<std::pair<EinsumId, int64_t>>{{0, -8}, {1, 8}}));
}

TEST(TotalOf, TheWorstOfEachLimit) {
  Network network = chain();
  Arch arch = chip(100);
  std::vector<NamedSet> sets = {namedSet("one", network, arch, {0}),
                                namedSet("two", network, arch, {1})};
  sets[0].set.report.problems = {OverCapacity{1, 110, 10}, OverCompute{3}};
  sets[1].set.report.problems = {OverCapacity{1, 128, 28}};
  auto total = totalOf(sets, network, arch);
  ASSERT_TRUE(bool(total));
  EXPECT_EQ(total->problems,
            (std::vector<Problem>{OverCapacity{1, 128, 28}, OverCompute{3}}));
}

TEST(TotalOf, OverflowIsAnError) {
  Network network = chain();
  Arch arch = chip(std::nullopt);
  std::vector<NamedSet> sets = {namedSet("one", network, arch, {0}),
                                namedSet("two", network, arch, {1})};
  for (NamedSet &named : sets)
    named.set.report.latencyCycles = INT64_MAX;
  auto total = totalOf(sets, network, arch);
  ASSERT_FALSE(bool(total));
  EXPECT_EQ(total.error().message,
            "the cycles of all mappings together exceed 64 bit");
}

NetworkCosts costsOf(const Arch &arch) {
  NetworkCosts costs;
  costs.name = "net";
  costs.network = chain();
  costs.arch = arch;
  costs.minimum = *algorithmicMinimum(costs.network);
  NamedPlan fused{"f", PlanRole::Fused, "", {}, {}};
  fused.sets = {namedSet("both", costs.network, arch, {0, 1})};
  NamedPlan layers{"l", PlanRole::LayerByLayer, "", {}, {}};
  layers.sets = {namedSet("one", costs.network, arch, {0}),
                 namedSet("two", costs.network, arch, {1})};
  for (NamedPlan *plan : {&fused, &layers}) {
    plan->total = *totalOf(plan->sets, costs.network, arch);
    costs.plans.push_back(*plan);
  }
  return costs;
}

TEST(Report, ComparesWithTheBaselinesThatAreThere) {
  std::string table = formatTable(std::vector{costsOf(chip(1024))});
  EXPECT_THAT(table, HasSubstr("  layers     a | b\n"));
  EXPECT_THAT(table, HasSubstr("off chip   16 B, 1.00x of the minimum (16 B), "
                               "0.50x of layer by layer (32 B)\n"));
  EXPECT_THAT(table, Not(HasSubstr("op by op")));
  EXPECT_THAT(table, Not(HasSubstr("not valid")));
}

TEST(Report, SaysWhatDoesNotFit) {
  std::string table = formatTable(std::vector{costsOf(chip(96))});
  EXPECT_THAT(table, HasSubstr("  invalid    GLB needs 16 B, 4 B too many\n"));
  EXPECT_THAT(table, HasSubstr("  not valid: fused\n"));
}

TEST(Report, ABaselineSetAcrossTheBorderGivesNoShare) {
  NetworkCosts costs = costsOf(chip(1024));
  std::swap(costs.plans[0].role, costs.plans[1].role);
  std::string table = formatTable(std::vector{costs});
  EXPECT_THAT(table,
              HasSubstr("off chip   16 B, 1.00x of the minimum (16 B)\n"));
}

TEST(Report, BarriersByReason) {
  NetworkCosts costs = costsOf(chip(1024));
  costs.barriers = {{"a", "no affine access"},
                    {"b", "a dynamic shape"},
                    {"", "no affine access"}};
  std::string table = formatTable(std::vector{costs});
  EXPECT_THAT(table, HasSubstr("2 einsums, 3 barriers\n"));
  EXPECT_THAT(table, HasSubstr("  1x a dynamic shape, before b\n"
                               "  2x no affine access, before a, the end\n"));
}

TEST(Report, IdealArray) {
  Arch arch = chip(1024);
  auto mentions = [&] {
    return formatTable(std::vector{costsOf(arch)}).find("Ideal array") !=
           std::string::npos;
  };
  EXPECT_FALSE(mentions());
  OpCost &contraction = arch.compute.kinds[unsigned(EinsumKind::Contraction)];
  contraction.opsPerCycle = Rational{256, 1};
  EXPECT_TRUE(mentions());
  contraction.opsPerCycle = std::nullopt;
  EXPECT_TRUE(mentions());
  arch.fanouts = {{"X", 16, 1}};
  EXPECT_FALSE(mentions());
}

TEST(Report, BytesThatAreNoTextStayOutOfJson) {
  NetworkCosts costs = costsOf(chip(1024));
  costs.name = "\xff";
  EXPECT_THAT(formatJson(std::vector{costs}),
              HasSubstr("\"workload\": \"\xEF\xBF\xBD\""));
}

} // namespace
