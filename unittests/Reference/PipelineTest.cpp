//===- PipelineTest.cpp - Branches at the same time ------------ -*- C++
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

/// DRAM, a buffer, and one op per cycle in each of four places.
const char *const kFourPlaces = R"(
architecture:
  levels: [{name: DRAM}, {name: GLB}]
  fanout: [{name: X, size: 4, below: GLB}]
)";

std::string pairOfConvolutions(const std::string &split) {
  return std::string(R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [20]}
    - {name: WA, kind: input, shape: [3]}
    - {name: A, kind: intermediate, shape: [18]}
    - {name: WB, kind: input, shape: [3]}
    - {name: B, kind: output, shape: [16]}
  einsums:
    - {name: convA, ranks: [[p, 18], [r, 3]], write: {tensor: A, index: [p]},
       reads: [{tensor: I, index: [p + r]}, {tensor: WA, index: [r]}]}
    - {name: convB, ranks: [[p, 16], [r, 3]], write: {tensor: B, index: [p]},
       reads: [{tensor: A, index: [p + r]}, {tensor: WB, index: [r]}]}
)") + kFourPlaces +
         R"(mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
  - {for: p, of: convB, step: 4}
  - {retain: [I, A, B], at: GLB}
  - )" + split +
         "\n";
}

TEST(Pipeline, TwoStages) {
  // Stage 0 takes 18, 12, 12, 12 cycles, stage 1 takes 12 each: 66 in all.
  Simulated s = simulated(pairOfConvolutions("pipeline: [[{compute: convA}], "
                                             "[{compute: convB}]]"));
  EXPECT_EQ(s.ops("convA"), 54);
  EXPECT_EQ(s.ops("convB"), 48);
  EXPECT_EQ(s.report.latencyCycles, 66);
  EXPECT_EQ(s.report.fillCycles, 18);
  EXPECT_EQ(s.report.drainCycles, 12);
  // A holds two windows in flight, I and B one: 8 + 10 + 4, and the weights.
  EXPECT_EQ(s.buffer("GLB", "A").elements, 10);
  EXPECT_EQ(s.buffer("GLB", "A").steady, 6);
  EXPECT_EQ(s.buffer("GLB", "A").footprint, 10);
  EXPECT_EQ(s.capacity("GLB"), 28);
  EXPECT_TRUE(s.report.valid());
}

TEST(Pipeline, StagesNeedComputeOfTheirOwn) {
  std::string text = pairOfConvolutions("pipeline: [[{compute: convA}], "
                                        "[{compute: convB}]]");
  text.replace(text.find("size: 4"), 7, "size: 1");
  Simulated s = simulated(text);
  ASSERT_EQ(s.report.problems.size(), 1u);
  EXPECT_EQ(s.report.problems[0], Problem(OverCompute{1}));
}

TEST(Pipeline, AStageThatWaitsForRoom) {
  // A last stage four times as slow: A's buffer has room for two windows, so
  // the first stage is never more than one tile ahead.
  std::string slow = pairOfConvolutions("pipeline: [[{compute: convA}], "
                                        "[{compute: convB}]]");
  slow.replace(slow.find("ranks: [[p, 16]"), 15,
               "kind: reduction, ranks: [[p, 16]");
  slow.insert(slow.find("mapping:"),
              "  compute: {kinds: {reduction: {ops_per_cycle: 1/4}}}\n");
  Simulated s = simulated(slow);
  // 18, then four times 48.
  EXPECT_EQ(s.report.latencyCycles, 18 + 4 * 48);
  // The first stage ends its last job one job before the end.
  EXPECT_EQ(s.report.drainCycles, 48 + 48 - 12);
}

TEST(Pipeline, LineBuffer) {
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [12, 12]}
    - {name: WA, kind: input, shape: [3, 3]}
    - {name: A, kind: intermediate, shape: [10, 10]}
    - {name: WB, kind: input, shape: [3, 3]}
    - {name: B, kind: output, shape: [8, 8]}
  einsums:
    - {name: convA, ranks: [[p, 10], [q, 10], [r, 3], [s, 3]],
       write: {tensor: A, index: [p, q]},
       reads: [{tensor: I, index: [p + r, q + s]},
               {tensor: WA, index: [r, s]}]}
    - {name: convB, ranks: [[p, 8], [q, 8], [r, 3], [s, 3]],
       write: {tensor: B, index: [p, q]},
       reads: [{tensor: A, index: [p + r, q + s]},
               {tensor: WB, index: [r, s]}]}
)") + kFourPlaces + R"(mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
  - {for: p, of: convB, step: 4}
  - {retain: [A], at: GLB}
  - {for: q, of: convB, step: 4}
  - {retain: [I, B], at: GLB}
  - pipeline: [[{compute: convA}], [{compute: convB}]]
)");
  EXPECT_EQ(s.ops("convA"), 900);
  EXPECT_EQ(s.moved("DRAM", "I").reads, 164);
  EXPECT_EQ(s.report.latencyCycles, 1044);
  EXPECT_EQ(s.capacity("GLB"), 198);
}

TEST(Pipeline, Residual) {
  // X is used by both stages, so it is held for both.
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: X, kind: input, shape: [10]}
    - {name: A, kind: intermediate, shape: [8]}
    - {name: C, kind: output, shape: [8]}
  einsums:
    - {name: conv, ranks: [[p, 8], [r, 3]], write: {tensor: A, index: [p]},
       reads: [{tensor: X, index: [p + r]}]}
    - {name: add, ranks: [[p, 8]], write: {tensor: C, index: [p]},
       reads: [{tensor: A, index: [p]}, {tensor: X, index: [p + 1]}]}
)") + kFourPlaces + R"(mapping:
  - {retain: [X, C], at: DRAM}
  - {for: p, of: add, step: 2}
  - {retain: [X, A, C], at: GLB}
  - pipeline: [[{compute: conv}], [{compute: add}]]
)");
  EXPECT_EQ(s.buffer("GLB", "X").elements, 6);
  EXPECT_EQ(s.buffer("GLB", "A").elements, 4);
  EXPECT_EQ(s.report.latencyCycles, 26);
}

TEST(Pipeline, RepeatedWindows) {
  // Jobs with the window of the one before need no further room.
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: T0, kind: input, shape: [6, 4]}
    - {name: W1, kind: input, shape: [4, 2]}
    - {name: T1, kind: intermediate, shape: [6, 2]}
    - {name: W2, kind: input, shape: [2, 6]}
    - {name: T2, kind: output, shape: [6, 6]}
  einsums:
    - {name: mm1, ranks: [[m, 6], [n, 2], [k, 4]], write: {tensor: T1, index: [m, n]},
       reads: [{tensor: T0, index: [m, k]}, {tensor: W1, index: [k, n]}]}
    - {name: mm2, ranks: [[m, 6], [n, 6], [k, 2]], write: {tensor: T2, index: [m, n]},
       reads: [{tensor: T1, index: [m, k]}, {tensor: W2, index: [k, n]}]}
)") + kFourPlaces + R"(mapping:
  - {retain: [T0, W1, W2, T2], at: DRAM}
  - {for: m, of: mm2, step: 1}
  - {for: n, of: mm2, step: 1}
  - {retain: [T1], at: GLB}
  - pipeline: [[{compute: mm1}], [{compute: mm2}]]
)");
  EXPECT_EQ(s.ops("mm1"), 48);
  EXPECT_EQ(s.ops("mm2"), 72);
  EXPECT_EQ(s.report.latencyCycles, 80);
  EXPECT_EQ(s.buffer("GLB", "T1").elements, 4);
}

TEST(Pipeline, KeepsWhatIsRetainedInABranch) {
  // The stage keeps its own copy of I from tile to tile; under `sequential` the
  // other branch would have taken its place.
  const std::string rest = ": [[{retain: [I], at: GLB}, {compute: conv}], "
                           "[{compute: add}]]\n";
  const std::string workload = std::string(R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [10]}
    - {name: A, kind: intermediate, shape: [8]}
    - {name: C, kind: output, shape: [8]}
  einsums:
    - {name: conv, ranks: [[p, 8], [r, 3]], write: {tensor: A, index: [p]},
       reads: [{tensor: I, index: [p + r]}]}
    - {name: add, ranks: [[p, 8]], write: {tensor: C, index: [p]},
       reads: [{tensor: A, index: [p]}]}
)") + kFourPlaces + R"(mapping:
  - {retain: [I, C], at: DRAM}
  - {for: p, of: add, step: 2}
  - {retain: [A], at: GLB}
)";
  EXPECT_EQ(
      simulated(workload + "  - pipeline" + rest).moved("DRAM", "I").reads, 10);
  EXPECT_EQ(
      simulated(workload + "  - sequential" + rest).moved("DRAM", "I").reads,
      16);
}

} // namespace
