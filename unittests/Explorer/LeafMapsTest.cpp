//===- LeafMapsTest.cpp - Leaves on an array ------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Networks.h"

#include <gmock/gmock.h>

using namespace looptree;
using namespace looptree::test;

namespace {

/// A DRAM, a buffer and an array of `x` by `y` below it, one op a cycle each.
Arch array(int64_t x, int64_t y, int64_t capacityBits = 1 << 20) {
  Arch arch;
  arch.name = "array";
  arch.levels.resize(2);
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  arch.levels[1].capacityBits = capacityBits;
  arch.levels[0].readPjPerBit = arch.levels[0].writePjPerBit = 20;
  arch.levels[1].readPjPerBit = arch.levels[1].writePjPerBit = 1;
  arch.fanouts = {{"X", x, 1}, {"Y", y, 1}};
  return arch;
}

Network twoConvs() {
  NetworkBuilder b;
  Feature x = b.relu(b.conv(b.input(4, 8), 8, 3));
  b.conv(x, 8, 3);
  return b.finish();
}

int64_t cyclesOf(const NetworkPlan &plan) {
  int64_t cycles = 0;
  for (const FusedSet &set : plan.sets)
    cycles += set.report.latencyCycles;
  return cycles;
}

/// Spatial loops of a tree, from the root to each compute.
void countSpatial(const Node &node, unsigned above,
                  std::vector<unsigned> &perLeaf) {
  above += std::holds_alternative<SpatialFor>(node.kind);
  if (std::holds_alternative<ComputeNode>(node.kind))
    perLeaf.push_back(above);
  for (const Node &child : node.children)
    countSpatial(child, above, perLeaf);
}

TEST(LeafMaps, EveryPlanUsesTheArray) {
  Network network = twoConvs();
  for (Objective objective : {Objective::OffChipBits, Objective::Latency,
                              Objective::EnergyPj, Objective::Edp}) {
    auto found = explore(network, array(4, 4), objective);
    ASSERT_TRUE(found);
    for (const NetworkPlan *plan :
         {&found->fused, &found->layerByLayer, &found->opByOp})
      for (const FusedSet &set : plan->sets) {
        std::vector<unsigned> loops;
        countSpatial(set.mapping.root, 0, loops);
        for (unsigned perLeaf : loops)
          EXPECT_EQ(perLeaf, 2u) << int(objective);
        EXPECT_TRUE(set.report.valid());
      }
  }
}

TEST(LeafMaps, SixteenElementsAreSixteenTimesAsFast) {
  // 4 divides channels and rows.
  Network network = twoConvs();
  auto one = explore(network, array(1, 1), Objective::Latency);
  auto many = explore(network, array(4, 4), Objective::Latency);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(cyclesOf(one->opByOp), 16 * cyclesOf(many->opByOp));
}

TEST(LeafMaps, TransfersAreThoseOfOneElement) {
  Network network = twoConvs();
  auto one = explore(network, array(1, 1, 2 << 10), Objective::OffChipBits);
  auto many = explore(network, array(8, 8, 2 << 10), Objective::OffChipBits);
  ASSERT_TRUE(one && many);
  auto bits = [](const NetworkPlan &plan) {
    int64_t sum = 0;
    for (const FusedSet &set : plan.sets)
      sum += set.report.offChip.bits;
    return sum;
  };
  EXPECT_LE(bits(many->fused), bits(one->fused));
  EXPECT_LE(bits(many->fused), bits(many->layerByLayer));
}

TEST(LeafMaps, FanOutsAboveALevelInUseAreLeftAlone) {
  // Weights live in a buffer of each index of X.
  Network network = twoConvs();
  Arch arch = array(4, 4);
  arch.levels[1].holds = {TensorRole::Input, TensorRole::Intermediate,
                          TensorRole::Output};
  arch.levels.push_back(arch.levels[1]);
  arch.levels[2].name = "WBUF";
  arch.levels[2].holds = {TensorRole::Weight};
  arch.fanouts[1].below = 2;
  auto found = explore(network, arch, Objective::Latency);
  ASSERT_TRUE(found);
  for (const FusedSet &set : found->opByOp.sets) {
    EXPECT_TRUE(set.report.valid());
    std::vector<unsigned> loops;
    countSpatial(set.mapping.root, 0, loops);
    bool hasWeights = set.workload.einsums[0].kind == EinsumKind::Contraction;
    EXPECT_EQ(loops[0], hasWeights ? 1u : 2u);
  }
}

} // namespace
