//===- MappingTest.cpp - What makes a mapping legal -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Mapping/Mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

using namespace looptree;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

enum : TensorId { I, WA, A, WB, B };
enum : EinsumId { convA, convB };
enum : LevelId { DRAM, GLB, RF };

Workload pair() {
  Workload w;
  w.tensors = {{"I", TensorKind::Input, {20}},
               {"WA", TensorKind::Input, {3}},
               {"A", TensorKind::Intermediate, {18}},
               {"WB", TensorKind::Input, {3}},
               {"B", TensorKind::Output, {16}}};
  Einsum first;
  first.name = "convA";
  first.ranks = {{"pa", 18}, {"ra", 3}};
  first.write = {A, {{{{0, 1}}, 0}}};
  first.reads = {{I, {{{{0, 1}, {1, 1}}, 0}}}, {WA, {{{{1, 1}}, 0}}}};
  Einsum second;
  second.name = "convB";
  second.ranks = {{"pb", 16}, {"rb", 3}};
  second.write = {B, {{{{0, 1}}, 0}}};
  second.reads = {{A, {{{{0, 1}, {1, 1}}, 0}}}, {WB, {{{{1, 1}}, 0}}}};
  w.einsums = {first, second};
  return w;
}

Arch array() {
  Arch arch;
  arch.levels.resize(3);
  arch.levels[DRAM].name = "DRAM";
  arch.levels[GLB].name = "GLB";
  arch.levels[RF].name = "RF";
  arch.fanouts = {{"X", 4, GLB}};
  return arch;
}

Node chain(std::vector<NodeKind> kinds, std::vector<Node> last) {
  Node node{std::move(kinds.back()), std::move(last)};
  for (size_t i = kinds.size() - 1; i--;) {
    Node above{std::move(kinds[i]), {}};
    above.children.push_back(std::move(node));
    node = std::move(above);
  }
  return node;
}

Retain retain(LevelId level, std::vector<TensorId> tensors,
              std::vector<TensorId> noReuse = {}) {
  return {level, std::move(tensors), std::move(noReuse)};
}

Node computeOf(EinsumId einsum) { return {ComputeNode{einsum}, {}}; }

/// retain all at DRAM; for pb step 4 { retain I, A, B at GLB; sequential {
/// for pa step 1 { convA }; convB } }
Mapping tiled() {
  return {
      chain({retain(DRAM, {I, WA, WB, B}), For{convB, 0, 4},
             retain(GLB, {I, A, B}, {A}), Sequential{}},
            {chain({For{convA, 0, 1}}, {computeOf(convA)}), computeOf(convB)})};
}

/// The node that a path leads to.
Node &at(Mapping &mapping, std::vector<unsigned> path) {
  Node *node = &mapping.root;
  for (unsigned child : path)
    node = &node->children[child];
  return *node;
}

TEST(Mapping, TheTiledPairIsLegal) {
  std::optional<IllegalMapping> illegal = check(tiled(), pair(), array());
  EXPECT_FALSE(illegal) << illegal->rule << ": " << illegal->message;
}

TEST(Mapping, Prints) {
  EXPECT_EQ(toString(tiled(), pair(), array()), R"(retain I, WA, WB, B at DRAM
for pb of convB step 4
  retain I, A, B at GLB no_reuse A
  sequential
  - for pa of convA step 1
      compute convA
  - compute convB
)");
}

TEST(Mapping, PrintsWrongIdsToo) {
  Mapping mapping{chain({retain(9, {12}), For{7, 3, 1}}, {computeOf(8)})};
  EXPECT_EQ(toString(mapping, pair(), array()), R"(retain ?12 at ?9
for ?3 of ?7 step 1
  compute ?8
)");
}

TEST(Mapping, GroupsAndHeads) {
  Workload w = pair();
  Mapping mapping = tiled();
  EXPECT_THAT(groupOf(mapping.root), ElementsAre(convA, convB));
  EXPECT_THAT(groupOf(at(mapping, {0, 0, 0, 0})), ElementsAre(convA));
  EXPECT_THAT(headsOf({convA, convB}, w), ElementsAre(convB));
  EXPECT_THAT(headsOf({convB, convA}, w), ElementsAre(convB));
  EXPECT_THAT(headsOf({convA}, w), ElementsAre(convA));
}

/// A change to the tiled pair, the rule it breaks, what the message says, and
/// the node it points at.
struct Fault {
  const char *name;
  std::function<void(Mapping &)> change;
  const char *rule;
  const char *message;
  std::vector<unsigned> path;
};
void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.name; }

class MappingRefuses : public testing::TestWithParam<Fault> {};

TEST_P(MappingRefuses, WithRuleNamesAndPlace) {
  const Fault &fault = GetParam();
  Mapping mapping = tiled();
  fault.change(mapping);
  std::optional<IllegalMapping> illegal = check(mapping, pair(), array());
  ASSERT_TRUE(illegal);
  EXPECT_EQ(illegal->rule, fault.rule);
  EXPECT_THAT(illegal->message, HasSubstr(fault.message));
  EXPECT_EQ(illegal->path, fault.path);
}

void insertAbove(Node &node, NodeKind kind) {
  Node above{std::move(kind), {}};
  above.children.push_back(std::move(node));
  node = std::move(above);
}

INSTANTIATE_TEST_SUITE_P(
    Mapping, MappingRefuses,
    testing::Values(
        Fault{"depth",
              [](Mapping &m) {
                for (int i = 0; i < 300; ++i)
                  insertAbove(m.root, Retain{});
              },
              "depth", "deeper than 256", std::vector<unsigned>(256, 0)},
        Fault{"loop_without_body",
              [](Mapping &m) { at(m, {0}).children.clear(); },
              "arity",
              "a loop has one child, not 0",
              {0}},
        Fault{"retain_with_two_children",
              [](Mapping &m) {
                at(m, {0, 0}).children.push_back(computeOf(convB));
              },
              "arity",
              "a retain has one child, not 2",
              {0, 0}},
        Fault{"empty_split",
              [](Mapping &m) { at(m, {0, 0, 0}).children.clear(); },
              "arity",
              "a sequential has at least one branch",
              {0, 0, 0}},
        Fault{"compute_with_child",
              [](Mapping &m) {
                at(m, {0, 0, 0, 1}).children.push_back(computeOf(convB));
              },
              "arity",
              "a compute has no children, not 1",
              {0, 0, 0, 1}},
        Fault{"unknown_einsum",
              [](Mapping &m) { at(m, {0, 0, 0, 1}) = computeOf(5); },
              "known-einsum",
              "no einsum number 5; there are 2",
              {0, 0, 0, 1}},
        Fault{"loop_of_unknown_einsum",
              [](Mapping &m) { at(m, {0}).kind = For{2, 0, 1}; },
              "known-einsum",
              "no einsum number 2",
              {0}},
        Fault{"unknown_rank",
              [](Mapping &m) { at(m, {0}).kind = For{convB, 2, 1}; },
              "known-rank",
              "einsum convB has no rank number 2; it has 2",
              {0}},
        Fault{"unknown_level",
              [](Mapping &m) { at(m, {0, 0}).kind = retain(3, {A}); },
              "known-level",
              "no level number 3; there are 3",
              {0, 0}},
        Fault{"unknown_tensor",
              [](Mapping &m) { at(m, {0, 0}).kind = retain(GLB, {5}); },
              "known-tensor",
              "no tensor number 5",
              {0, 0}},
        Fault{"unknown_fanout",
              [](Mapping &m) { at(m, {0}).kind = SpatialFor{convB, 0, 4, 1}; },
              "known-fanout",
              "no fan-out dimension number 1",
              {0}},
        Fault{"step_zero",
              [](Mapping &m) { at(m, {0}).kind = For{convB, 0, 0}; },
              "step-positive",
              "the loop over pb of convB has step 0",
              {0}},
        Fault{"no_tensor",
              [](Mapping &m) { at(m, {0, 0}).kind = retain(GLB, {}); },
              "retain-some",
              "a retain at GLB names no tensor",
              {0, 0}},
        Fault{"tensor_twice",
              [](Mapping &m) { at(m, {0, 0}).kind = retain(GLB, {A, A}); },
              "retain-unique",
              "A is named twice",
              {0, 0}},
        Fault{"no_reuse_of_another",
              [](Mapping &m) {
                at(m, {0, 0}).kind = retain(GLB, {I, A, B}, {WA});
              },
              "no-reuse-retained",
              "no_reuse names WA",
              {0, 0}},
        Fault{"einsum_missing",
              [](Mapping &m) { at(m, {0, 0, 0}).children.pop_back(); },
              "compute-once",
              "einsum convB has no compute node",
              {}},
        Fault{"einsum_twice",
              [](Mapping &m) {
                at(m, {0, 0, 0}).children.push_back(computeOf(convA));
              },
              "compute-once",
              "einsum convA has two compute nodes",
              {0, 0, 0, 2}},
        Fault{"loop_over_a_producer",
              [](Mapping &m) { at(m, {0}).kind = For{convA, 0, 4}; },
              "loop-head",
              "the loop over pa of convA needs convA as the only head of the "
              "einsums below it; the head is convB",
              {0}},
        Fault{"consumer_first",
              [](Mapping &m) {
                auto &branches = at(m, {0, 0, 0}).children;
                std::swap(branches[0], branches[1]);
              },
              "producer-first",
              "convB in branch 0 reads A, which convA in branch 1 makes",
              {0, 0, 0}},
        Fault{"retain_unused",
              [](Mapping &m) {
                insertAbove(at(m, {0, 0, 0, 1}), retain(RF, {I}));
              },
              "retain-used",
              "I is retained at RF where no einsum",
              {0, 0, 0, 1}},
        Fault{"retain_outward",
              [](Mapping &m) {
                insertAbove(at(m, {0, 0, 0, 0}), retain(DRAM, {I}));
              },
              "retain-inward",
              "I is retained at DRAM below its retain at GLB",
              {0, 0, 0, 0}},
        Fault{"retain_again",
              [](Mapping &m) {
                insertAbove(at(m, {0, 0, 0, 0}), retain(GLB, {I}));
              },
              "retain-inward",
              "I is retained at GLB below its retain at GLB",
              {0, 0, 0, 0}},
        Fault{"backing_in_a_branch",
              [](Mapping &m) {
                at(m, {0, 0}).kind = retain(GLB, {I, B});
                insertAbove(at(m, {0, 0, 0, 0}), retain(GLB, {A}));
              },
              "backing-above-uses",
              "A is retained at GLB for the first time, but convB",
              {0, 0, 0, 0}},
        Fault{"input_backed_inside",
              [](Mapping &m) { m.root.kind = retain(DRAM, {WA, WB, B}); },
              "backing-outermost",
              "I is retained at GLB; an input is first retained at DRAM",
              {0, 0}},
        Fault{"output_backed_below_a_loop",
              [](Mapping &m) {
                m.root.kind = retain(DRAM, {I, WA, WB});
                insertAbove(at(m, {0, 0}), retain(DRAM, {B}));
              },
              "backing-outermost",
              "B is retained at DRAM below a loop or split; an output",
              {0, 0}},
        Fault{"operand_nowhere",
              [](Mapping &m) { m.root.kind = retain(DRAM, {I, WA, B}); },
              "operand-retained",
              "WB is retained nowhere above the compute of convB",
              {0, 0, 0, 1}},
        Fault{"shared_level_below_its_fanout",
              [](Mapping &m) { at(m, {0}).kind = SpatialFor{convB, 0, 4, 0}; },
              "fanout-side",
              "a retain at GLB stands below the loop over pb of convB over X, "
              "which lies below GLB",
              {0, 0}},
        Fault{"inner_level_above_the_fanout",
              [](Mapping &m) {
                insertAbove(at(m, {0, 0, 0, 1}), SpatialFor{convB, 1, 1, 0});
                insertAbove(at(m, {0, 0, 0, 1}), retain(RF, {A}));
              },
              "fanout-side",
              "a retain at RF stands above the loop over rb of convB over X",
              {0, 0, 0, 1, 0}}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(Mapping, ALevelRefusesWhatItDoesNotHold) {
  Arch arch = array();
  arch.levels[GLB].holds = {TensorRole::Input, TensorRole::Output};
  std::optional<IllegalMapping> illegal = check(tiled(), pair(), arch);
  ASSERT_TRUE(illegal);
  EXPECT_EQ(illegal->rule, "level-holds");
  EXPECT_THAT(illegal->message, HasSubstr("A is retained at GLB"));
  EXPECT_THAT(illegal->path, ElementsAre(0, 0));
}

TEST(Mapping, SpatialLoopsStandOnTheirSide) {
  Mapping mapping = tiled();
  insertAbove(at(mapping, {0, 0, 0, 1}), retain(RF, {A}));
  insertAbove(at(mapping, {0, 0, 0, 1}), SpatialFor{convB, 1, 1, 0});
  std::optional<IllegalMapping> illegal = check(mapping, pair(), array());
  EXPECT_FALSE(illegal) << illegal->rule << ": " << illegal->message;
}

/// Two einsums that share an input and nothing else.
Workload siblings() {
  Workload w = pair();
  w.tensors[A].kind = TensorKind::Output;
  w.einsums[convB].reads[0] = w.einsums[convA].reads[0];
  return w;
}

TEST(Mapping, ASplitWithoutLoopsMayHaveSeveralHeads) {
  Mapping mapping{
      chain({retain(DRAM, {I, WA, A, WB, B}), Sequential{}},
            {computeOf(convA), chain({For{convB, 0, 4}}, {computeOf(convB)})})};
  std::optional<IllegalMapping> illegal = check(mapping, siblings(), array());
  EXPECT_FALSE(illegal) << illegal->rule << ": " << illegal->message;
  EXPECT_THAT(headsOf(groupOf(mapping.root), siblings()),
              ElementsAre(convA, convB));
}

TEST(Mapping, ALoopOverSeveralHeadsIsRefused) {
  Mapping mapping{
      chain({retain(DRAM, {I, WA, A, WB, B}), For{convB, 0, 4}, Sequential{}},
            {computeOf(convA), computeOf(convB)})};
  std::optional<IllegalMapping> illegal = check(mapping, siblings(), array());
  ASSERT_TRUE(illegal);
  EXPECT_EQ(illegal->rule, "loop-head");
  EXPECT_THAT(illegal->message, HasSubstr("the heads are convA, convB"));
}

TEST(Mapping, AnUnfusedIntermediateIsBackedAtTheOutermostLevelAnywhere) {
  Mapping mapping = tiled();
  at(mapping, {0, 0}).kind = retain(GLB, {I, B});
  insertAbove(at(mapping, {0, 0}), retain(DRAM, {A}));
  std::optional<IllegalMapping> illegal = check(mapping, pair(), array());
  EXPECT_FALSE(illegal) << illegal->rule << ": " << illegal->message;
}

TEST(Mapping, AHostileDepthDoesNotRecurse) {
  // Deeper than any call stack; taken apart iteratively for the same reason.
  Mapping mapping;
  Node *node = &mapping.root;
  for (int i = 0; i < 100000; ++i) {
    node->kind = Retain{};
    node = &node->children.emplace_back();
  }
  node->kind = ComputeNode{convB};
  std::optional<IllegalMapping> illegal = check(mapping, pair(), array());
  ASSERT_TRUE(illegal);
  EXPECT_EQ(illegal->rule, "depth");
  while (!mapping.root.children.empty()) {
    Node rest = std::move(mapping.root.children.front());
    mapping.root = std::move(rest);
  }
}

} // namespace
