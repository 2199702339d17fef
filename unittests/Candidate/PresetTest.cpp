//===- PresetTest.cpp - Shipped architectures -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Candidate/Candidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace looptree;
using testing::ElementsAre;

namespace {

TEST(Presets, AreNamedDefaultFirst) {
  EXPECT_THAT(presetNames(),
              ElementsAre("edge", "cloud", "eyeriss_like", "three_level"));
  EXPECT_EQ(presetArch("desk"), std::nullopt);
  EXPECT_TRUE(presetText("desk").empty());
}

TEST(Presets, EachIsAnArchitectureOfItsNameWithSources) {
  for (const std::string &name : presetNames()) {
    Result<Arch> arch = readArch(presetText(name), name);
    ASSERT_TRUE(arch) << arch.error().message;
    EXPECT_EQ(arch->name, name);
    for (const OpCost &cost : arch->compute.kinds)
      EXPECT_EQ(cost.opsPerCycle, (Rational{1, 1})) << "of each instance";
    for (const FanOut &fanout : arch->fanouts)
      EXPECT_EQ(fanout.below + 1, arch->levels.size()) << "below all levels";
    EXPECT_EQ(presetArch(name), *arch);
  }
}

TEST(Presets, EdgeIsThatOfFlat) {
  Arch arch = *presetArch("edge");
  ASSERT_EQ(arch.levels.size(), 2u);
  EXPECT_EQ(arch.levels[1].capacityBits, 512 * 1024 * 8);
  EXPECT_THAT(arch.fanouts,
              ElementsAre(FanOut{"X", 32, 1}, FanOut{"Y", 32, 1}));
  EXPECT_EQ(arch.computeInstances(), 1024);
  EXPECT_EQ(arch.compute.clockHz, 0.94e9);
  // Bytes a second: exact up to the rounding of this test.
  EXPECT_DOUBLE_EQ(arch.levels[0].sharedBitsPerCycle->toDouble() / 8 * 0.94e9,
                   50.0 * 1024 * 1024 * 1024);
}

TEST(Presets, CloudIsThatOfFlat) {
  Arch arch = *presetArch("cloud");
  ASSERT_EQ(arch.levels.size(), 2u);
  EXPECT_EQ(arch.levels[1].capacityBits, int64_t(32) * 1024 * 1024 * 8);
  EXPECT_EQ(arch.computeInstances(), 65536);
  EXPECT_DOUBLE_EQ(arch.levels[0].sharedBitsPerCycle->toDouble() / 8 * 0.94e9,
                   400.0 * 1024 * 1024 * 1024);
}

TEST(Presets, EyerissEnergiesAreThoseOfAWord) {
  Arch arch = *presetArch("eyeriss_like");
  EXPECT_EQ(arch.levels[0].readPjPerBit * 16, 200);
  EXPECT_EQ(arch.levels[1].writePjPerBit * 16, 6);
  EXPECT_EQ(arch.levels[1].capacityBits, 108 * 1024 * 8);
  EXPECT_EQ(arch.computeInstances(), 168);
}

TEST(Presets, ThreeLevelEnergiesAreThoseOfAnAccess) {
  Arch arch = *presetArch("three_level");
  ASSERT_EQ(arch.levels.size(), 4u);
  EXPECT_EQ(arch.computeInstances(), 1);
  EXPECT_EQ(arch.levels[0].readPjPerBit * 256, 2048);
  EXPECT_EQ(arch.levels[0].writePjPerBit * 256, 2048);
  for (LevelId level : {1, 2, 3}) {
    EXPECT_DOUBLE_EQ(arch.levels[level].readPjPerBit * 256, 121.679);
    EXPECT_DOUBLE_EQ(arch.levels[level].writePjPerBit * 256, 115.102);
  }
  EXPECT_EQ(arch.compute.of(EinsumKind::Contraction).pjPerOp, 0.845);
}

} // namespace
