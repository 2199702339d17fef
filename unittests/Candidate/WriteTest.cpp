//===- WriteTest.cpp - Candidates and results as JSON -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairText.h"

#include "looptree/Candidate/Candidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace looptree;
using testing::HasSubstr;

namespace {

Candidate readPair() {
  Result<Candidate> candidate = readCandidate(kPair, "pair.yaml");
  EXPECT_TRUE(candidate) << candidate.error().message;
  return candidate ? *candidate : Candidate();
}

TEST(WriteCandidate, RatesStayExact) {
  Candidate candidate = readPair();
  std::string json = writeCandidate(candidate);
  EXPECT_THAT(json, HasSubstr("\"read_bits_per_cycle\":0.3,"));
  EXPECT_THAT(json, HasSubstr("\"shared_bits_per_cycle\":\"1/3\""));
  // More digits than a double has.
  Rational fine{9223372036854775807, 10};
  candidate.arch.levels[0].readBitsPerCycle = fine;
  json = writeCandidate(candidate);
  EXPECT_THAT(json,
              HasSubstr("\"read_bits_per_cycle\":\"922337203685477580.7\""));
  Result<Candidate> back = readCandidate(json, "back");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->arch.levels[0].readBitsPerCycle, fine);
}

TEST(WriteCandidate, EnergiesAndKindsComeBack) {
  Candidate candidate = readPair();
  candidate.arch.levels[1].readPjPerBit = 0.1 + 0.2;
  candidate.arch.levels[1].writePjPerBit = 1e-300;
  candidate.arch.compute.kinds = {OpCost{std::nullopt, 0.845},
                                  OpCost{Rational{1, 7}, 2},
                                  OpCost{Rational{5, 1}, 0}};
  candidate.workload.einsums[1].kind = EinsumKind::Reduction;
  candidate.workload.einsums[0].reads[0].isInit = true;
  candidate.workload.einsums[0].reads[1].index[0] = {{}, -3};
  Result<Candidate> back = readCandidate(writeCandidate(candidate), "back");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->workload, candidate.workload);
  EXPECT_EQ(back->arch, candidate.arch);
}

TEST(WriteCandidate, TheConventionComesBack) {
  Candidate candidate = readPair();
  candidate.convention = Convention::LoopTreeV1;
  Result<Candidate> back = readCandidate(writeCandidate(candidate), "back");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->convention, Convention::LoopTreeV1);
}

TEST(WriteCandidate, NamesAreEscaped) {
  Candidate candidate = readPair();
  candidate.workload.tensors[0].name = "a \"b\": {c}, [d]\\ # \xc3\xa9 @0";
  Result<Candidate> back = readCandidate(writeCandidate(candidate), "back");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->workload, candidate.workload);
}

TEST(WriteError, IsOneKey) {
  EXPECT_EQ(writeError({"no \"level\" L2"}), R"({"error":"no \"level\" L2"})");
  EXPECT_EQ(writeError({"bytes \xff"}), "{\"error\":\"bytes \xef\xbf\xbd\"}");
}

CostReport smallReport() {
  CostReport report;
  report.ops = {72, 48};
  report.recompute = {18, 0};
  report.notNeeded = {0, 1};
  report.accesses = {{1, 2, 0, 0, 24, 3, 4, 5, 192, 1152.5}};
  report.buffers = {{3, 1, 2, 6, 48, 5, 7, 8, 9, 10, 11, 12, 13}};
  report.capacityBits = {336, 192, 0};
  report.offChip = {42, 336};
  report.algorithmicMinimum = {41, 328};
  report.computeCycles = 120;
  report.memoryCycles = {4, 6, 0};
  report.latencyCycles = 120;
  report.utilisation = 0.5;
  report.levelEnergyPj = {21504, 12576, 0};
  report.computeEnergyPj = 120;
  report.leakageEnergyPj = 1.25;
  report.energyPj = 34201.25;
  return report;
}

TEST(WriteReport, HasTheKeysInOrder) {
  Candidate candidate = readPair();
  EXPECT_EQ(
      writeReport(smallReport(), candidate.workload, candidate.arch),
      R"({"version":1,"convention":"exact","valid":true,"problems":[],)"
      R"("ops":{"convA":72,"convB":48},"recompute":{"convA":18,"convB":0},)"
      R"("not_needed":{"convA":0,"convB":1},"accesses":[{"level":"GLB",)"
      R"("tensor":"A","einsum":"convA","reads":0,"writes":24,"fills":3,)"
      R"("drains":4,"read_bits":5,"write_bits":192,"energy_pj":1152.5}],)"
      R"("off_chip":{"elements":42,"bits":336},"algorithmic_minimum":)"
      R"({"elements":41,"bits":328},"buffers":[{"node":3,"level":"GLB",)"
      R"("tensor":"A","elements":6,"bits":48,"steady":5,"footprint":7,)"
      R"("reads":8,"writes":9,"fills":10,"drains":11,"read_bits":12,)"
      R"("write_bits":13}],"capacity_bits":)"
      R"({"DRAM":336,"GLB":192,"RF":0},"latency":{"compute":120,"memory":)"
      R"({"DRAM":4,"GLB":6,"RF":0},"overall":120,"bound_by":"compute",)"
      R"("utilisation":0.5,"fill":0,"drain":0},"energy_pj":{"total":34201.25,)"
      R"("levels":{"DRAM":21504.0,"GLB":12576.0,"RF":0.0},"compute":120.0,)"
      R"("leakage":1.25}})");
}

TEST(WriteReport, ProblemsAndABoundingLevel) {
  Candidate candidate = readPair();
  CostReport report = smallReport();
  report.problems = {OverCapacity{1, 300, 44}, OverFanOut{0, 9, 5},
                     OverCompute{2}};
  report.boundBy = 1;
  report.convention = Convention::LoopTreeV1;
  std::string json = writeReport(report, candidate.workload, candidate.arch);
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("convention":"looptree-v1","valid":false,"problems":[{"level":"GLB","bits":300,)"
          R"("excess":44},{"fanout":"X","instances":9,"excess":5},)"
          R"({"compute_instances":6,"excess":2}],)"));
  EXPECT_THAT(json, HasSubstr(R"("bound_by":"GLB")"));
}

TEST(WriteReport, NodesWhereThereAreAny) {
  Candidate candidate = readPair();
  std::vector<NodeCost> nodes = {{1, 120}, {4, std::nullopt}};
  std::string json =
      writeReport(smallReport(), candidate.workload, candidate.arch, nodes);
  EXPECT_THAT(json,
              testing::EndsWith(
                  R"(,"nodes":[{"visits":1,"cycles":120},{"visits":4}]})"));
}

} // namespace
