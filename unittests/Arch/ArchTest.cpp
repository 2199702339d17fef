//===- ArchTest.cpp - What makes an architecture one -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Arch/Arch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

using namespace looptree;
using testing::HasSubstr;

namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

/// DRAM, a shared buffer, 4 x 3 processing elements with a buffer each behind
/// the dimensions X and Y, and 2 multipliers each behind Z.
Arch array() {
  Arch arch;
  arch.levels.resize(3);
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  arch.levels[1].capacityBits = 1048576;
  arch.levels[2].name = "RF";
  arch.fanouts = {{"X", 4, 1}, {"Y", 3, 1}, {"Z", 2, 2}};
  return arch;
}

TEST(Arch, CountsInstances) {
  Arch arch = array();
  ASSERT_FALSE(arch.check());
  EXPECT_EQ(arch.instances(0), 1);
  EXPECT_EQ(arch.instances(1), 1);
  EXPECT_EQ(arch.instances(2), 12);
  EXPECT_EQ(arch.computeInstances(), 24);
}

TEST(Arch, FindsLevels) {
  EXPECT_EQ(array().findLevel("RF"), 2u);
  EXPECT_EQ(array().findLevel("L2"), std::nullopt);
}

TEST(Arch, AWeightIsOneWhateverItsKind) {
  Tensor tensor{"T", TensorKind::Intermediate, {1}};
  EXPECT_EQ(roleOf(tensor), TensorRole::Intermediate);
  tensor.isWeight = true;
  EXPECT_EQ(roleOf(tensor), TensorRole::Weight);

  Level level;
  EXPECT_TRUE(level.canHold(tensor));
  level.holds = {TensorRole::Intermediate, TensorRole::Input};
  EXPECT_FALSE(level.canHold(tensor));
  level.holds = {TensorRole::Weight};
  EXPECT_TRUE(level.canHold(tensor));
}

struct Fault {
  const char *name;
  std::function<void(Arch &)> change;
  const char *message;
};
void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.name; }

class ArchRefuses : public testing::TestWithParam<Fault> {};

TEST_P(ArchRefuses, WithNamesAndNumbers) {
  Arch arch = array();
  GetParam().change(arch);
  std::optional<Error> error = arch.check();
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Arch, ArchRefuses,
    testing::Values(
        Fault{"no_level", [](Arch &a) { a.levels.clear(); },
              "at least one level"},
        Fault{"level_without_name", [](Arch &a) { a.levels[1].name = ""; },
              "a level has no name"},
        Fault{"two_levels", [](Arch &a) { a.levels[2].name = "GLB"; },
              "two levels are named GLB"},
        Fault{"capacity", [](Arch &a) { a.levels[1].capacityBits = -1; },
              "the capacity of level GLB is -1 bits"},
        Fault{"read_energy", [](Arch &a) { a.levels[1].readPjPerBit = -1; },
              "the read energy of level GLB is -1"},
        Fault{"write_energy",
              [](Arch &a) {
                a.levels[1].writePjPerBit =
                    std::numeric_limits<double>::infinity();
              },
              "the write energy of level GLB is inf"},
        Fault{"leakage",
              [](Arch &a) {
                a.levels[1].leakagePjPerCycle =
                    std::numeric_limits<double>::quiet_NaN();
              },
              "the leakage of level GLB"},
        Fault{"read_bandwidth",
              [](Arch &a) { a.levels[1].readBitsPerCycle = Rational{0, 1}; },
              "the read bandwidth of level GLB is 0/1"},
        Fault{"write_bandwidth",
              [](Arch &a) { a.levels[1].writeBitsPerCycle = Rational{-1, 2}; },
              "the write bandwidth of level GLB is -1/2"},
        Fault{"shared_bandwidth",
              [](Arch &a) { a.levels[1].sharedBitsPerCycle = Rational{1, 0}; },
              "the shared bandwidth of level GLB is 1/0"},
        Fault{"fanout_without_name", [](Arch &a) { a.fanouts[0].name = ""; },
              "a fan-out dimension has no name"},
        Fault{"two_fanouts", [](Arch &a) { a.fanouts[1].name = "X"; },
              "two fan-out dimensions are named X"},
        Fault{"fanout_size", [](Arch &a) { a.fanouts[1].size = 0; },
              "fan-out dimension Y has size 0"},
        Fault{"fanout_level", [](Arch &a) { a.fanouts[1].below = 3; },
              "fan-out dimension Y lies below level number 3 of 3"},
        Fault{"instances", [](Arch &a) { a.fanouts[1].size = kMax / 4; },
              "the instances of compute exceed 64 bit"},
        Fault{"ops_per_cycle",
              [](Arch &a) { a.compute.kinds[1].opsPerCycle = Rational{0, 1}; },
              "the operations per cycle of compute for reduction is 0/1"},
        Fault{"op_energy", [](Arch &a) { a.compute.kinds[2].pjPerOp = -2; },
              "the energy per operation of compute for elementwise is -2"},
        Fault{"compute_leakage",
              [](Arch &a) { a.compute.leakagePjPerCycle = -2; },
              "the leakage of compute is -2"},
        Fault{"clock", [](Arch &a) { a.compute.clockHz = 0; },
              "the clock of compute is 0"}),
    [](const auto &info) { return std::string(info.param.name); });

} // namespace
