//===- DesignTest.cpp - A mapping as rows of the taxonomy -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Mapping/Design.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace looptree;
using testing::ElementsAre;

namespace {

using Kept = DesignRow::Kept;
using Loop = DesignRow::Loop;

enum : TensorId { T0, T1, T2, T3 };
enum : EinsumId { First, Second, Third };
enum : LevelId { DRAM, GLB };

/// T3[m,n] <- T2 <- T1 <- T0: three elementwise einsums over m and n.
Workload chainOfThree() {
  Workload workload;
  for (TensorId id : {T0, T1, T2, T3})
    workload.tensors.push_back({"T" + std::to_string(id),
                                id == T0   ? TensorKind::Input
                                : id == T3 ? TensorKind::Output
                                           : TensorKind::Intermediate,
                                {8, 8}});
  for (EinsumId id : {First, Second, Third}) {
    Einsum einsum;
    einsum.name = id == First ? "first" : id == Second ? "second" : "third";
    einsum.ranks = {{"m", 8}, {"n", 8}};
    std::vector<LinearExpr> index = {{{{0, 1}}, 0}, {{{1, 1}}, 0}};
    einsum.write = {id + 1, index};
    einsum.reads = {{id, index}};
    workload.einsums.push_back(einsum);
  }
  return workload;
}

Arch twoLevels() {
  Arch arch;
  arch.levels.resize(2);
  arch.levels[DRAM].name = "DRAM";
  arch.levels[GLB].name = "GLB";
  arch.fanouts = {{"X", 4, GLB}};
  return arch;
}

Node chain(std::vector<NodeKind> kinds, std::vector<Node> last = {}) {
  Node node{std::move(kinds.back()), std::move(last)};
  for (size_t i = kinds.size() - 1; i--;) {
    Node above{std::move(kinds[i]), {}};
    above.children.push_back(std::move(node));
    node = std::move(above);
  }
  return node;
}

class Design : public testing::Test {
protected:
  std::vector<DesignRow> rowsOf(Node root,
                                std::vector<int64_t> recompute = {0, 0, 0}) {
    mapping.root = std::move(root);
    auto illegal = check(mapping, workload, arch);
    EXPECT_FALSE(illegal) << illegal->message;
    return designOf(mapping, workload, recompute);
  }
  std::string textOf(Node root, std::vector<int64_t> recompute = {0, 0, 0}) {
    return toString(rowsOf(std::move(root), std::move(recompute)), workload,
                    arch);
  }

  Workload workload = chainOfThree();
  Arch arch = twoLevels();
  Mapping mapping;
  Node first = chain({ComputeNode{First}}),
       second = chain({ComputeNode{Second}}),
       third = chain({ComputeNode{Third}});
};

TEST_F(Design, OneTrunk) {
  std::vector<DesignRow> rows = rowsOf(
      chain({Retain{DRAM, {T0, T3}, {}}, Retain{GLB, {T1}, {}},
             For{Third, 0, 2}, For{Third, 1, 4},
             Retain{GLB, {T0, T2, T3}, {T2}}, For{Third, 0, 1}, Sequential{}},
            {first, second, third}),
      {0, 64, 0});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].depth, 0u);
  EXPECT_THAT(rows[0].einsums, ElementsAre(First, Second, Third));
  EXPECT_THAT(rows[0].schedule,
              ElementsAre(Loop{Third, 0, 2, {}}, Loop{Third, 1, 4, {}},
                          Loop{Third, 0, 1, {}}));
  EXPECT_THAT(rows[0].retention,
              ElementsAre(Kept{T1, GLB, 0, false}, Kept{T0, GLB, 2, false},
                          Kept{T2, GLB, 2, true}, Kept{T3, GLB, 2, false}));
  EXPECT_THAT(
      rows[0].intermediates,
      ElementsAre(
          DesignRow::Intermediate{T1, DesignRow::Treatment::Retained, 0},
          DesignRow::Intermediate{T2, DesignRow::Treatment::Recomputed, 64}));
  EXPECT_EQ(rows[0].parallelism, DesignRow::Parallelism::Sequential);
  EXPECT_EQ(toString(rows, workload, arch),
            "einsums            first, second, third\n"
            "partitioned ranks  m, n of third\n"
            "tile shape         m 2, n 4, m 1\n"
            "schedule           m, n, m\n"
            "retention          above m: T1 at GLB; below n: T0, T2 (no "
            "reuse), T3 at GLB\n"
            "intermediates      T1 retained, T2 recomputed (64 ops again)\n"
            "parallelism        sequential\n");
}

TEST_F(Design, LayerByLayerHasARowForEachLayer) {
  std::string text =
      textOf(chain({Retain{DRAM, {T0, T1, T2, T3}, {}}, Sequential{}},
                   {first,
                    chain({For{Second, 0, 2}, Retain{GLB, {T1, T2}, {}},
                           ComputeNode{Second}}),
                    third}));
  EXPECT_EQ(text, "einsums            first, second, third\n"
                  "partitioned ranks  none\n"
                  "tile shape         none\n"
                  "schedule           none\n"
                  "retention          none\n"
                  "intermediates      T1 unfused, T2 unfused\n"
                  "parallelism        sequential\n"
                  "\n"
                  "  einsums            first\n"
                  "  partitioned ranks  none\n"
                  "  tile shape         none\n"
                  "  schedule           none\n"
                  "  retention          none\n"
                  "  intermediates      none\n"
                  "  parallelism        none\n"
                  "\n"
                  "  einsums            second\n"
                  "  partitioned ranks  m of second\n"
                  "  tile shape         m 2\n"
                  "  schedule           m\n"
                  "  retention          below m: T1, T2 at GLB\n"
                  "  intermediates      none\n"
                  "  parallelism        none\n"
                  "\n"
                  "  einsums            third\n"
                  "  partitioned ranks  none\n"
                  "  tile shape         none\n"
                  "  schedule           none\n"
                  "  retention          none\n"
                  "  intermediates      none\n"
                  "  parallelism        none\n");
}

TEST_F(Design, ANestedSplitIsARowAndALeafsLoopsAreNot) {
  std::vector<DesignRow> rows = rowsOf(
      chain({Retain{DRAM, {T0, T3}, {}}, For{Third, 0, 2},
             Retain{GLB, {T2}, {}}, Pipeline{}},
            {chain({For{Second, 1, 4}, Retain{GLB, {T1}, {}}, Sequential{}},
                   {first, second}),
             chain({SpatialFor{Third, 1, 2, 0}, ComputeNode{Third}})}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].parallelism, DesignRow::Parallelism::Pipeline);
  ASSERT_EQ(rows[0].intermediates.size(), 1u);
  EXPECT_EQ(rows[0].intermediates[0].tensor, T2);
  EXPECT_EQ(rows[1].depth, 1u);
  EXPECT_THAT(rows[1].einsums, ElementsAre(First, Second));
  ASSERT_EQ(rows[1].intermediates.size(), 1u);
  EXPECT_EQ(rows[1].intermediates[0].tensor, T1);
}

TEST_F(Design, ASpatialLoopNamesItsDimension) {
  std::string text = textOf(chain({Retain{DRAM, {T0, T1, T2, T3}, {}},
                                   SpatialFor{Third, 1, 2, 0}, Pipeline{}},
                                  {chain({ComputeNode{First}}), second, third}),
                            {0, 0, 0});
  EXPECT_THAT(text, testing::HasSubstr("schedule           n over X\n"));
}

} // namespace
