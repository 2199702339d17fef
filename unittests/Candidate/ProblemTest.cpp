//===- ProblemTest.cpp - Reading problem files ----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Candidate/Problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace looptree;
using testing::ElementsAre;

namespace {

/// The pair of 1-D convolutions; `rest` begins on line 5.
std::string problemWith(const std::string &rest) {
  return R"(workload:
  tensors: [{name: I, kind: input, shape: [20]}, {name: WA, kind: input, shape: [3]}, {name: A, kind: intermediate, shape: [18]}, {name: WB, kind: input, shape: [3]}, {name: B, kind: output, shape: [16]}]
  einsums: [{name: convA, ranks: [[p, 18], [r, 3]], write: {tensor: A, index: [p]}, reads: [{tensor: I, index: [p + r]}, {tensor: WA, index: [r]}]}, {name: convB, ranks: [[p, 16], [r, 3]], write: {tensor: B, index: [p]}, reads: [{tensor: A, index: [p + r]}, {tensor: WB, index: [r]}]}]
architecture: {name: two, levels: [{name: DRAM}, {name: GLB, capacity_bits: 1 KiB}]}
)" + rest;
}

SearchProblem read(const std::string &rest) {
  auto problem = readProblem(problemWith(rest), "p.yaml");
  EXPECT_TRUE(bool(problem)) << problem.error().message;
  return problem ? *problem : SearchProblem();
}

std::string errorOf(const std::string &rest) {
  auto problem = readProblem(problemWith(rest), "p.yaml");
  return problem ? "" : problem.error().message;
}

TEST(ReadProblem, Everything) {
  SearchProblem p =
      read(R"(objectives: [capacity_bits.GLB, off_chip_bits, recompute_ops]
constraints:
  partitioned_ranks: {convB: [p]}
  max_loops: 1
  steps: {convB: {p: {multiple_of: 4}, r: {one_of: [1, 2]}}}
  branch_ranks: {convA: [r], convB: []}
  max_branch_loops: 2
  fused: [A]
limits: {seconds: 0.5, evaluations: 100}
)");
  EXPECT_THAT(p.goals, ElementsAre(Goal{Goal::Kind::CapacityBits, 1},
                                   Goal{Goal::Kind::OffChipBits},
                                   Goal{Goal::Kind::RecomputeOps}));
  EXPECT_EQ(p.workload.einsums.size(), 2u);
  EXPECT_EQ(p.arch.levels[1].capacityBits, 8192);
  EXPECT_EQ(p.space.maxLoops, 1u);
  EXPECT_THAT(*p.space.ranks, ElementsAre(0u));
  EXPECT_EQ(p.space.steps[0].multipleOf, 4);
  EXPECT_THAT(*p.space.steps[1].oneOf, ElementsAre(1, 2));
  EXPECT_THAT(*p.space.branches.at(0).ranks, ElementsAre(1u));
  EXPECT_TRUE(p.space.branches.at(1).ranks->empty());
  EXPECT_EQ(p.space.branches.at(1).maxLoops, 2u);
  EXPECT_THAT(p.space.fused, ElementsAre(2u));
  EXPECT_TRUE(p.space.unfused.empty());
  EXPECT_EQ(p.seconds, 0.5);
  EXPECT_EQ(p.evaluations, 100);
}

TEST(ReadProblem, WhereTensorsStand) {
  SearchProblem p = read(R"(objectives: [latency, energy_pj, edp]
constraints:
  loop_order: {convB: [[p], [r, p], []]}
  steps: {convB: {p: {tiles: [2, 4]}}}
  retain: {WA: above_loops, I: 1, A: {place: below_loops, at: GLB, no_reuse: true}, WB: off_chip, B: {at: GLB}}
  splits: [sequential]
limits: {memory: 1 KiB}
)");
  using Where = RetainRule::Where;
  EXPECT_THAT(*p.space.orders,
              ElementsAre(ElementsAre(0u), ElementsAre(1u, 0u), ElementsAre()));
  EXPECT_THAT(p.space.stepsOf(0, 16),
              ElementsAre(4, 5, 8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_EQ(p.space.retain[1], (RetainRule{Where::AboveLoops}));
  EXPECT_EQ(p.space.retain[0], (RetainRule{Where::BelowSome, 1}));
  EXPECT_EQ(p.space.retain[2], (RetainRule{Where::BelowLoops, 0, 1, true}));
  EXPECT_EQ(p.space.retain[3], (RetainRule{Where::OffChip}));
  EXPECT_EQ(p.space.retain[4], (RetainRule{Where::OnTrunk, 0, 1}));
  EXPECT_TRUE(p.space.sequential);
  EXPECT_FALSE(p.space.pipeline);
  EXPECT_EQ(p.memoryBytes, 1024);
}

TEST(ReadProblem, AMappingIsPinnedWholeOrItsBeginning) {
  SearchProblem p = read(R"(objectives: [off_chip_bits]
constraints:
  mapping:
    - {retain: [I, WA, A, WB, B], at: DRAM}
    - {sequential: [[{compute: convA}], [{compute: convB}]]}
)");
  EXPECT_TRUE(p.mapping);
  p = read(R"(objectives: [off_chip_bits]
constraints:
  mapping:
    - {retain: [I, A, WA, WB, B], at: DRAM}
    - {for: p, of: convB, step: 4}
    - {retain: [WA], at: GLB, no_reuse: [WA]}
)");
  EXPECT_FALSE(p.mapping);
  EXPECT_THAT(p.space.first, ElementsAre(0u));
  EXPECT_THAT(p.space.stepsOf(0, 16), ElementsAre(4));
  EXPECT_THAT(p.space.unfused, ElementsAre(2u));
  EXPECT_EQ(p.space.retain[1],
            (RetainRule{RetainRule::Where::BelowSome, 1, 1, true}));
}

TEST(ReadProblem, OptionsStandInPlaceOfKeys) {
  ProblemOptions options;
  options.objectives = {"latency"};
  options.constraints = "{max_loops: 3}";
  options.einsums = {"convB"};
  options.capacity = "2 KiB";
  options.evaluations = 7;
  auto p = readProblem(problemWith("objectives: [edp]\ncuts: [convB]\n"
                                   "constraints: {max_loops: 1}\n"),
                       "p.yaml", options);
  ASSERT_TRUE(bool(p)) << p.error().message;
  EXPECT_THAT(p->goals, ElementsAre(Goal{Goal::Kind::Latency}));
  EXPECT_EQ(p->space.maxLoops, 3u);
  EXPECT_EQ(p->workload.einsums.size(), 1u);
  EXPECT_EQ(p->workload.tensors[0].name, "A");
  EXPECT_EQ(p->workload.tensors[0].kind, TensorKind::Input);
  EXPECT_TRUE(p->cuts.empty());
  EXPECT_EQ(p->arch.levels[1].capacityBits, 16384);
  EXPECT_EQ(p->evaluations, 7);
}

TEST(ReadConstraints, OfANetworkNameAnyEinsum) {
  SearchProblem p = read("objectives: [off_chip_bits]\n");
  auto read = readConstraints(
      "{steps: {convA: {p: {one_of: [6]}}}, unfused: [A], retain: {WB: 0}}",
      "options", p.workload, p.arch);
  ASSERT_TRUE(bool(read)) << read.error().message;
  TrunkSpace both = spaceOf(*read, p.workload, {0, 1});
  EXPECT_THAT(both.unfused, ElementsAre(2u));
  EXPECT_TRUE(both.steps.empty());
  TrunkSpace first = spaceOf(*read, p.workload, {0});
  EXPECT_THAT(first.stepsOf(0, 18), ElementsAre(6));
  EXPECT_TRUE(first.retain.empty());
}

TEST(ReadProblem, NothingButAnObjective) {
  SearchProblem p =
      read("objectives: [off_chip_bits]\nlimits: {seconds: null}\n");
  EXPECT_FALSE(p.space.ranks);
  EXPECT_FALSE(p.space.maxLoops);
  EXPECT_FALSE(p.seconds);
  EXPECT_EQ(toString(p.goals[0], p.arch), "off_chip_bits");
}

struct BadProblem {
  const char *name, *rest, *error;
};
class ReadBadProblem : public testing::TestWithParam<BadProblem> {};

TEST_P(ReadBadProblem, SaysWhereAndWhy) {
  EXPECT_EQ(errorOf(GetParam().rest), GetParam().error);
}

const BadProblem kBadProblems[] = {
    {"NoObjective", "", "p.yaml:1:1: a problem has no key 'objectives'"},
    {"EmptyObjectives", "objectives: []",
     "p.yaml:5:13: there are 0 objectives; one to three are needed"},
    {"UnknownObjective", "objectives: [capacity_bits.L3]",
     "p.yaml:5:14: unknown objective 'capacity_bits.L3'; known are "
     "capacity_bits.GLB, off_chip_bits, recompute_ops, latency, energy_pj, "
     "edp"},
    {"SameObjectiveTwice", "objectives: [off_chip_bits, off_chip_bits]",
     "p.yaml:5:29: objective off_chip_bits is given twice"},
    {"Mapping", "objectives: [off_chip_bits]\nmapping: []",
     "p.yaml:6:1: unknown key 'mapping' of a problem; known are version, "
     "workload, cuts, architecture, objectives, space, constraints, limits"},
    {"UnknownSpace", "objectives: [off_chip_bits]\nspace: S4",
     "p.yaml:6:8: a space is S1, S2 or S3, not 'S4'"},
    {"UnknownConstraint",
     "objectives: [off_chip_bits]\nconstraints: {pipelines: 1}",
     "p.yaml:6:15: unknown key 'pipelines' of constraints; known are "
     "partitioned_ranks, loop_order, max_loops, steps, branch_ranks, "
     "max_branch_loops, unfused, fused, retain, splits, mapping"},
    {"BranchOfNoEinsum",
     "objectives: [off_chip_bits]\n"
     "constraints: {branch_ranks: {convC: [p]}}",
     "p.yaml:6:30: there is no einsum 'convC'"},
    {"RankTwiceInABranch",
     "objectives: [off_chip_bits]\n"
     "constraints: {branch_ranks: {convA: [p, p]}}",
     "p.yaml:6:41: rank p is given twice"},
    {"RanksOfAProducer",
     "objectives: [off_chip_bits]\n"
     "constraints: {partitioned_ranks: {convA: [p]}}",
     "p.yaml:6:35: the trunk's loops are over ranks of convB, not of 'convA'"},
    {"UnknownRank",
     "objectives: [off_chip_bits]\n"
     "constraints: {partitioned_ranks: {convB: [q]}}",
     "p.yaml:6:43: einsum convB has no rank 'q'"},
    {"StepZero",
     "objectives: [off_chip_bits]\n"
     "constraints: {steps: {convB: {p: {one_of: [0]}}}}",
     "p.yaml:6:44: a step is 0; at least 1 is needed"},
    {"RetainNowhere",
     "objectives: [off_chip_bits]\nconstraints: {retain: {A: outside}}",
     "p.yaml:6:27: a place is on_trunk, above_loops, below_loops, off_chip, or "
     "a number of loops that it is below"},
    {"RetainAtDram",
     "objectives: [off_chip_bits]\n"
     "constraints: {retain: {A: {at: DRAM}}}",
     "p.yaml:6:32: there is no level DRAM on chip"},
    {"RetainedTwice",
     "objectives: [off_chip_bits]\n"
     "constraints: {retain: {A: 0}, mapping: [{retain: [A], at: GLB}]}",
     "p.yaml:6:41: where A is retained is said already"},
    {"OrderWithARankTwice",
     "objectives: [off_chip_bits]\n"
     "constraints: {loop_order: {convB: [[p, p]]}}",
     "p.yaml:6:40: rank p is given twice"},
    {"UnknownSplit",
     "objectives: [off_chip_bits]\nconstraints: {splits: [nested]}",
     "p.yaml:6:24: a split is sequential or pipeline, not 'nested'"},
    {"PinnedSpatialLoop",
     "objectives: [off_chip_bits]\n"
     "constraints: {mapping: [{for: p, of: convA, step: 4}]}",
     "p.yaml:6:25: the trunk's loops are over ranks of convB"},
    {"CutsOutOfOrder", "objectives: [off_chip_bits]\ncuts: [convA]",
     "p.yaml:6:8: cuts name einsums in the workload's order, without the "
     "first"},
    {"FusedInput", "objectives: [off_chip_bits]\nconstraints: {fused: [I]}",
     "p.yaml:6:23: there is no intermediate 'I'"},
    {"FusedAndUnfused",
     "objectives: [off_chip_bits]\nconstraints: {fused: [A], unfused: [A]}",
     "p.yaml:6:23: tensor A is to be fused and unfused at once"},
    {"NoTime", "objectives: [off_chip_bits]\nlimits: {seconds: 0}",
     "p.yaml:6:19: seconds is 0; a number > 0 is needed (null is unbounded)"},
};

INSTANTIATE_TEST_SUITE_P(Kinds, ReadBadProblem, testing::ValuesIn(kBadProblems),
                         [](const auto &info) { return info.param.name; });

} // namespace
