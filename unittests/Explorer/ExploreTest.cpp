//===- ExploreTest.cpp - Fused sets of whole networks --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Networks.h"

#include "looptree/Analysis/Minimum.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace looptree;
using namespace looptree::test;

namespace {

/// conv, relu, conv, add of the first relu, pool: small enough to be quick.
Network residualBlock() {
  NetworkBuilder b;
  Feature x = b.relu(b.conv(b.input(3, 16), 8, 3));
  Feature y = b.relu(b.conv(x, 8, 3));
  b.maxPool(b.add(b.conv(y, 8, 3), x), 2, 2);
  return b.finish();
}

Exploration explored(const Network &network, const Arch &arch,
                     Objective objective = Objective::OffChipBits) {
  auto found = explore(network, arch, objective);
  EXPECT_TRUE(bool(found)) << (found ? "" : found.error().message);
  return std::move(*found);
}

double totalOf(const NetworkPlan &plan, Objective objective) {
  CostReport sum;
  for (const FusedSet &set : plan.sets) {
    sum.offChip.bits += set.report.offChip.bits;
    sum.energyPj += set.report.energyPj;
    sum.latencyCycles += set.report.latencyCycles;
  }
  return objectiveOf(sum, objective);
}

/// Every einsum is computed once, after what it reads; every mapping is legal
/// and valid, and costs what its report says.
void expectSound(const NetworkPlan &plan, const Network &network,
                 const Arch &arch) {
  std::vector<EinsumId> order;
  for (const FusedSet &set : plan.sets) {
    order.insert(order.end(), set.einsums.begin(), set.einsums.end());
    EXPECT_EQ(set.workload, extractSet(network.workload, set.einsums));
    auto report = evaluate(set.workload, arch, set.mapping);
    ASSERT_TRUE(bool(report)) << report.error().message;
    EXPECT_TRUE(report->valid());
    EXPECT_EQ(report->offChip, set.report.offChip);
    EXPECT_EQ(report->latencyCycles, set.report.latencyCycles);
    EXPECT_EQ(report->capacityBits, set.report.capacityBits);
    for (EinsumId cut : network.cuts)
      EXPECT_EQ(set.einsums.front() < cut, set.einsums.back() < cut)
          << "a set crosses the barrier before einsum " << cut;
  }
  ASSERT_EQ(order.size(), network.workload.einsums.size());
  for (EinsumId e : order)
    for (const Access &read : network.workload.einsums[e].reads)
      if (auto producer = network.workload.producer(read.tensor))
        EXPECT_LT(std::find(order.begin(), order.end(), *producer),
                  std::find(order.begin(), order.end(), e));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(std::adjacent_find(order.begin(), order.end()), order.end());
}

class EveryObjective : public testing::TestWithParam<Objective> {};

TEST_P(EveryObjective, FusedIsNeverWorseThanLayerByLayer) {
  Network network = residualBlock();
  for (int64_t capacity : {256, 1024, 4096, 16384, 1 << 20}) {
    Arch arch = edgeLike(capacity * 8);
    Exploration found = explored(network, arch, GetParam());
    expectSound(found.fused, network, arch);
    expectSound(found.layerByLayer, network, arch);
    expectSound(found.opByOp, network, arch);
    EXPECT_LE(totalOf(found.fused, GetParam()),
              totalOf(found.layerByLayer, GetParam()));
    EXPECT_LE(totalOf(found.layerByLayer, GetParam()),
              totalOf(found.opByOp, GetParam()));
    EXPECT_EQ(found.opByOp.sets.size(), network.workload.einsums.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Objectives, EveryObjective,
                         testing::Values(Objective::OffChipBits,
                                         Objective::EnergyPj,
                                         Objective::Latency, Objective::Edp));

TEST(Explore, LargeBufferReachesTheMinimum) {
  Network network = residualBlock();
  Exploration found = explored(network, edgeLike(int64_t(1) << 40));
  EXPECT_EQ(found.fused.sets.size(), 1u);
  EXPECT_EQ(totalOf(found.fused, Objective::OffChipBits),
            double(found.algorithmicMinimum.bits));
  EXPECT_EQ(found.algorithmicMinimum, *algorithmicMinimum(network));
}

TEST(Explore, BarriersCutSets) {
  Network network = residualBlock();
  network.cuts = {3, 5};
  Arch arch = edgeLike(int64_t(1) << 40);
  Exploration found = explored(network, arch);
  EXPECT_EQ(found.fused.sets.size(), 3u);
  expectSound(found.fused, network, arch);
  expectSound(found.layerByLayer, network, arch);
}

TEST(Explore, ElementwiseEinsumsRideWithTheirLayer) {
  Network network = residualBlock();
  Exploration found = explored(network, edgeLike(1 << 20));
  std::vector<std::vector<EinsumId>> layers;
  for (const FusedSet &set : found.layerByLayer.sets)
    layers.push_back(set.einsums);
  // conv + relu, conv + relu, conv + add, pool.
  EXPECT_THAT(layers, testing::ElementsAre(testing::ElementsAre(0, 1),
                                           testing::ElementsAre(2, 3),
                                           testing::ElementsAre(4, 5),
                                           testing::ElementsAre(6)));
}

TEST(Explore, SameAnswerTwice) {
  Network network = residualBlock();
  Arch arch = edgeLike(4096 * 8);
  Exploration first = explored(network, arch), second = explored(network, arch);
  ASSERT_EQ(first.fused.sets.size(), second.fused.sets.size());
  for (size_t i = 0; i < first.fused.sets.size(); ++i)
    EXPECT_EQ(first.fused.sets[i].mapping, second.fused.sets[i].mapping);
  EXPECT_EQ(first.evaluations, second.evaluations);
}

TEST(Explore, LevelsThatHoldSomeRoles) {
  Network network = residualBlock();
  Arch arch = edgeLike(4096 * 8);
  arch.levels.push_back(arch.levels[1]);
  arch.levels[1].holds = {{TensorRole::Weight}};
  arch.levels[2].name = "ACT";
  arch.levels[2].holds = {
      {TensorRole::Input, TensorRole::Intermediate, TensorRole::Output}};
  Exploration found = explored(network, arch);
  expectSound(found.fused, network, arch);
  EXPECT_LT(found.fused.sets.size(), found.layerByLayer.sets.size());
}

TEST(Explore, LineBuffersOfTwoConvolutionsReachTheMinimum) {
  NetworkBuilder b;
  b.conv(b.conv(b.input(16, 56), 16, 3), 16, 3);
  Network network = b.finish();
  // Room for both filters and six rows of each feature map, not for one map.
  Exploration found = explored(network, edgeLike(int64_t(24) * kKiB));
  EXPECT_EQ(found.fused.sets.size(), 1u);
  EXPECT_EQ(totalOf(found.fused, Objective::OffChipBits),
            double(found.algorithmicMinimum.bits));
}

TEST(Explore, NothingFitsIntoAFullOutermostLevel) {
  Arch arch = edgeLike(1 << 20);
  arch.levels[0].capacityBits = 1000;
  auto found = explore(residualBlock(), arch, Objective::OffChipBits);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message,
            "einsum conv_T1 fits nowhere: level DRAM holds 1000 bits, and the "
            "least found is 24256");
}

TEST(Explore, RefusesWhatIsNoNetwork) {
  Network network = residualBlock();
  network.workload.tensors[0].shape[0] = 0;
  auto found = explore(network, edgeLike(1 << 20), Objective::OffChipBits);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, testing::HasSubstr("image"));
}

} // namespace
