//===- SpatialTest.cpp - Iterations side by side --------------- -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Simulated.h"

using namespace looptree;
using namespace looptree::test;

namespace {

/// `B4 = A5 * W2`, two taps, its outputs or its taps side by side.
Simulated conv(const std::string &level, const std::string &mapping) {
  return simulated(R"(
workload:
  tensors:
    - {name: A, kind: input, shape: [5]}
    - {name: W, kind: input, shape: [2]}
    - {name: B, kind: output, shape: [4]}
  einsums:
    - {name: conv, ranks: [[p, 4], [r, 2]], write: {tensor: B, index: [p]},
       reads: [{tensor: A, index: [p + r]}, {tensor: W, index: [r]}]}
architecture:
  levels: [{name: DRAM)" +
                   level + R"(}, {name: PE, read_bits_per_cycle: 1}]
  fanout: [{name: X, size: 4, below: DRAM}]
mapping:
  - {retain: [A, W, B], at: DRAM}
)" + mapping + "  - {compute: conv}\n");
}

const char *const kOutputs =
    "  - {spatial_for: p, of: conv, step: 1, over: X}\n";
const char *const kTaps = "  - {spatial_for: r, of: conv, step: 1, over: X}\n";
const char *const kKept = "  - {retain: [A, W, B], at: PE}\n";

TEST(Spatial, ReadsAreMulticast) {
  // Two steps; at each, all four places take one tap, and four elements of A.
  Simulated s = conv("", kOutputs);
  EXPECT_EQ(s.report.computeCycles, 2);
  EXPECT_EQ(s.moved("DRAM", "W").reads, 2);
  EXPECT_EQ(s.moved("DRAM", "A").reads, 8);
  EXPECT_EQ(s.moved("DRAM", "B").writes, 4);
  EXPECT_TRUE(s.report.valid());
  Simulated apart = conv(", multicast: false", kOutputs);
  EXPECT_EQ(apart.moved("DRAM", "W").reads, 8);
  EXPECT_EQ(apart.moved("DRAM", "A").reads, 8);
}

TEST(Spatial, FillsAreMulticast) {
  // Each place holds two neighbours of A: five elements, three of them twice.
  Simulated s = conv("", std::string(kOutputs) + kKept);
  EXPECT_EQ(s.moved("DRAM", "A").reads, 5);
  EXPECT_EQ(s.moved("PE", "A").fills, 8);
  EXPECT_EQ(s.moved("DRAM", "W").reads, 2);
  EXPECT_EQ(s.moved("PE", "W").fills, 8);
  EXPECT_EQ(s.moved("PE", "B").drains, 4);
  EXPECT_EQ(s.capacity("PE"), 2 + 2 + 1);
  Simulated apart = conv(", multicast: false", std::string(kOutputs) + kKept);
  EXPECT_EQ(apart.moved("DRAM", "A").reads, 8);
}

TEST(Spatial, PartsAreAddedOnTheWay) {
  // Both taps of an output at one step: one write each with a network that
  // adds, else two, the second onto the value of the first.
  Simulated s = conv("", kTaps);
  EXPECT_EQ(s.report.computeCycles, 4);
  EXPECT_EQ(s.moved("DRAM", "B").writes, 4);
  EXPECT_EQ(s.moved("DRAM", "B").reads, 0);
  Simulated apart = conv(", reduce: false", kTaps);
  EXPECT_EQ(apart.moved("DRAM", "B").writes, 8);
  EXPECT_EQ(apart.moved("DRAM", "B").reads, 4);
}

TEST(Spatial, TheLowestGoesOnWithAPartialSum) {
  // Outer taps in time, inner ones side by side: of the sum of the first two,
  // one place takes the old value and the other starts from zero.
  const char *const text = R"(
workload:
  tensors:
    - {name: A, kind: input, shape: [4]}
    - {name: B, kind: output, shape: []}
  einsums:
    - {name: sum, ranks: [[r, 4]], write: {tensor: B, index: []},
       reads: [{tensor: A, index: [r]}]}
architecture:
  levels: [{name: DRAM}, {name: PE}]
  fanout: [{name: X, size: 2, below: DRAM}]
mapping:
  - {retain: [A, B], at: DRAM}
  - {for: r, of: sum, step: 2}
  - {spatial_for: r, of: sum, step: 1, over: X}
  - {retain: [B], at: PE, no_reuse: [B]}
  - {compute: sum}
)";
  Simulated s = simulated(text);
  EXPECT_EQ(s.moved("DRAM", "B").reads, 1);
  EXPECT_EQ(s.moved("PE", "B").fills, 1);
  EXPECT_EQ(s.moved("PE", "B").drains, 4);
  EXPECT_EQ(s.moved("DRAM", "B").writes, 2);
  EXPECT_EQ(s.report.computeCycles, 2);
}

TEST(Spatial, PartsArriveInTheOrderOfIndices) {
  // A[2] is begun by place 2 and handed over at the last step, when place 0
  // takes it up (a read) while place 1 has a part from zero. Both drain at the
  // end: place 0 first, onto the value that it has, then place 1 (a read).
  Simulated s = simulated(R"(
workload:
  tensors:
    - {name: A, kind: intermediate, shape: [5]}
    - {name: B, kind: output, shape: [2]}
  einsums:
    - {name: first, ranks: [[i, 3], [k, 3]], write: {tensor: A, index: [i + k]},
       reads: []}
    - {name: second, ranks: [[j, 2]], write: {tensor: B, index: [j]},
       reads: [{tensor: A, index: [2*j + 2]}]}
architecture:
  levels: [{name: DRAM, reduce: false}]
  fanout: [{name: X, size: 3, below: DRAM}]
mapping:
  - {retain: [A, B], at: DRAM}
  - sequential:
      - [{for: k, of: first, step: 1},
         {spatial_for: i, of: first, step: 1, over: X}, {compute: first}]
      - [{compute: second}]
)");
  EXPECT_EQ(s.ops("first"), 4);
  EXPECT_EQ(s.moved("DRAM", "A").writes, 4);
  EXPECT_EQ(s.moved("DRAM", "A").reads, 2 + 2); // And two of second.
}

TEST(Spatial, FanOutAndComputeAreBounded) {
  Simulated s = conv("", "  - {spatial_for: p, of: conv, step: 1, over: X}\n"
                         "  - {spatial_for: r, of: conv, step: 1, over: X}\n");
  EXPECT_EQ(s.report.problems,
            (std::vector<Problem>{OverFanOut{0, 8, 4}, OverCompute{4}}));
  // Three of two: what counts is the highest index that is entered.
  Simulated three =
      conv("", "  - {spatial_for: p, of: conv, step: 2, over: X}\n");
  EXPECT_TRUE(three.report.valid());
  EXPECT_EQ(three.report.computeCycles, 4);
}

TEST(Spatial, ShortTilesLeaveTheOthersAlone) {
  // Tiles of three and one: the second place rests for two of three steps.
  Simulated s = conv("", "  - {spatial_for: p, of: conv, step: 3, over: X}\n");
  EXPECT_EQ(s.report.computeCycles, 6);
  EXPECT_DOUBLE_EQ(s.report.utilisation, 8 / (6 * 4.0));
}

TEST(Spatial, TheBusiestInstanceSetsTheTime) {
  // Place 0 reads A six times, W six times and B never: 12 x 8 bits.
  Simulated s = conv("", "  - {spatial_for: p, of: conv, step: 3, over: X}\n" +
                             std::string(kKept));
  AccessRow a = s.moved("PE", "A"), w = s.moved("PE", "W"),
            b = s.moved("PE", "B");
  EXPECT_EQ(a.reads + w.reads, (4 + 6) + (2 + 2));
  EXPECT_EQ(b.reads, 4); // Drained.
  EXPECT_EQ(s.report.memoryCycles[1], 8 * (4 + 6 + 3));
}

//===----------------------------------------------------------------------===//
// Producers and consumers
//===----------------------------------------------------------------------===//

std::string halo(const std::string &mapping) {
  return R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [6]}
    - {name: A, kind: intermediate, shape: [6]}
    - {name: B, kind: output, shape: [4]}
  einsums:
    - {name: first, ranks: [[p, 6]], write: {tensor: A, index: [p]},
       reads: [{tensor: I, index: [p]}]}
    - {name: second, ranks: [[p, 4], [r, 3]], write: {tensor: B, index: [p]},
       reads: [{tensor: A, index: [p + r]}]}
architecture:
  levels: [{name: DRAM}, {name: GLB}, {name: PE}]
  fanout: [{name: X, size: 2, below: GLB}]
mapping:
  - {retain: [I, B], at: DRAM}
)" + mapping;
}

TEST(Spatial, OneInstanceMakesASharedHalo) {
  // Elements 2 and 3 are needed by both; the first one makes them.
  Simulated s = simulated(halo(R"(
  - {retain: [A], at: GLB}
  - {spatial_for: p, of: second, step: 2, over: X}
  - sequential: [[{compute: first}], [{compute: second}]]
)"));
  EXPECT_EQ(s.ops("first"), 6);
  EXPECT_EQ(s.recompute("first"), 0);
  EXPECT_EQ(s.report.computeCycles, 4 + 6);
}

TEST(Spatial, EachInstanceMakesAHaloOfItsOwn) {
  Simulated s = simulated(halo(R"(
  - {spatial_for: p, of: second, step: 2, over: X}
  - {retain: [A], at: PE}
  - sequential: [[{compute: first}], [{compute: second}]]
)"));
  EXPECT_EQ(s.ops("first"), 8);
  EXPECT_EQ(s.recompute("first"), 2);
  EXPECT_EQ(s.buffer("PE", "A").elements, 4);
}

TEST(Spatial, APrivateCopyHidesWhatOthersMake) {
  EXPECT_EQ(whyNot(halo(R"(
  - {retain: [A], at: GLB}
  - {spatial_for: p, of: second, step: 2, over: X}
  - {retain: [A], at: PE}
  - sequential: [[{compute: first}], [{compute: second}]]
)")),
            "the mapping is incomplete: second reads A[2], which is held "
            "nowhere");
}

} // namespace
