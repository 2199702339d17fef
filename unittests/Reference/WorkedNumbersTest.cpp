//===- WorkedNumbersTest.cpp - Numbers worked by hand --------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// docs/CostModel.md, section 10.

#include "Simulated.h"

using namespace looptree;
using namespace looptree::test;

namespace {

const char *const kConv1d = R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [20]}
    - {name: WA, kind: input, shape: [3]}
    - {name: A, kind: intermediate, shape: [18]}
    - {name: WB, kind: input, shape: [3]}
    - {name: B, kind: output, shape: [16]}
  einsums:
    - {name: convA, ranks: [[pa, 18], [ra, 3]], write: {tensor: A, index: [pa]},
       reads: [{tensor: I, index: [pa + ra]}, {tensor: WA, index: [ra]}]}
    - {name: convB, ranks: [[pb, 16], [rb, 3]], write: {tensor: B, index: [pb]},
       reads: [{tensor: A, index: [pb + rb]}, {tensor: WB, index: [rb]}]}
)";

/// The pair under `for pb step STEP`, everything but the weights below it.
Simulated conv1d(int64_t step, const std::string &noReuse) {
  return simulated(std::string(kConv1d) + kTwoLevels + R"(mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
  - {for: pb, of: convB, step: )" +
                   std::to_string(step) + R"(}
  - {retain: [I, A, B], at: GLB, no_reuse: [)" +
                   noReuse + R"(]}
  - sequential:
      - [{compute: convA}]
      - [{compute: convB}]
)");
}

TEST(WorkedNumbers, OneDimension) {
  Simulated s = conv1d(4, "");
  EXPECT_EQ(s.ops("convA"), 54);
  EXPECT_EQ(s.ops("convB"), 48);
  EXPECT_EQ(s.recompute("convA"), 0);
  EXPECT_EQ(s.capacity("GLB"), 24);
  EXPECT_EQ(s.report.latencyCycles, 102);
  EXPECT_EQ(s.report.offChip, (ElementsAndBits{42, 336}));
  EXPECT_EQ(s.report.algorithmicMinimum, s.report.offChip);
  EXPECT_EQ(s.buffer("GLB", "A").elements, 6);
  EXPECT_EQ(s.buffer("GLB", "A").steady, 6);
  EXPECT_EQ(s.buffer("GLB", "I").elements, 8);
  EXPECT_EQ(s.buffer("GLB", "I").steady, 6);
}

TEST(WorkedNumbers, NoReuseRemakesTheHalo) {
  Simulated s = conv1d(4, "A");
  EXPECT_EQ(s.ops("convA"), 72);
  EXPECT_EQ(s.recompute("convA"), 18);
}

TEST(WorkedNumbers, ReportOfTheFileForm) {
  // The result that the file form's description shows, energies included.
  Simulated s = simulated(std::string(kConv1d) + R"(
architecture:
  levels:
    - {name: DRAM, read_pj_per_bit: 64, write_pj_per_bit: 64,
       read_bits_per_cycle: 64, write_bits_per_cycle: 64}
    - {name: GLB, capacity_bits: 1048576, read_pj_per_bit: 6,
       write_pj_per_bit: 6, shared_bits_per_cycle: 512}
  compute: {ops_per_cycle: 1, pj_per_op: 1}
mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
  - {for: pb, of: convB, step: 4}
  - {retain: [I, A, B], at: GLB}
  - sequential: [[{compute: convA}], [{compute: convB}]]
)");
  AccessRow i = s.moved("GLB", "I");
  EXPECT_EQ(i.writes, 20);
  EXPECT_EQ(i.fills, 20);
  EXPECT_EQ(s.moved("DRAM", "I").reads, 20);
  EXPECT_EQ(s.moved("GLB", "A").writes, 18);
  EXPECT_EQ(s.moved("GLB", "B").drains, 16);
  EXPECT_EQ(s.report.memoryCycles[0], 4);
  EXPECT_FALSE(s.report.boundBy);
  EXPECT_DOUBLE_EQ(s.report.utilisation, 1);
  EXPECT_DOUBLE_EQ(s.report.levelEnergyPj[0], 336 * 64.0);
  EXPECT_DOUBLE_EQ(s.report.computeEnergyPj, 102);
}

struct Row2d {
  const char *name, *above, *between, *below, *noReuse;
  int64_t ops, capacity, reads, latency;
};

class TwoDimensions : public testing::TestWithParam<Row2d> {};

TEST_P(TwoDimensions, Row) {
  const Row2d &row = GetParam();
  auto retain = [&](const char *tensors) {
    std::string noReuse =
        std::string(tensors).find('A') == std::string::npos ? "" : row.noReuse;
    return *tensors ? std::string("  - {retain: [") + tensors +
                          "], at: GLB, no_reuse: [" + noReuse + "]}\n"
                    : std::string();
  };
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
)") + kTwoLevels + R"(
mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
)" + retain(row.above) + "  - {for: p, of: convB, step: 4}\n" +
                          retain(row.between) +
                          "  - {for: q, of: convB, step: 4}\n" +
                          retain(row.below) +
                          "  - sequential: [[{compute: convA}], "
                          "[{compute: convB}]]\n");
  EXPECT_EQ(s.ops("convA"), row.ops);
  EXPECT_EQ(s.ops("convB"), 576);
  EXPECT_EQ(s.capacity("GLB"), row.capacity);
  EXPECT_EQ(s.moved("DRAM", "I").reads, row.reads);
  EXPECT_EQ(s.report.latencyCycles, row.latency);
}

INSTANTIATE_TEST_SUITE_P(
    WorkedNumbers, TwoDimensions,
    testing::Values(
        Row2d{"Above", "A", "", "I, B", "", 900, 198, 164, 1476},
        Row2d{"LineBuffer", "", "A", "I, B", "", 900, 158, 164, 1476},
        Row2d{"Below", "", "", "A, I, B", "", 1044, 134, 188, 1620},
        Row2d{"NoReuse", "", "", "A, I, B", "A", 1296, 134, 176, 1872},
        Row2d{"BothBetween", "", "A, I", "B", "", 900, 190, 144, 1476}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(WorkedNumbers, ChannelLoop) {
  // The visit with m = 1 makes nothing of A; its empty window leaves I alone.
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [12]}
    - {name: WA, kind: input, shape: [3]}
    - {name: A, kind: intermediate, shape: [10]}
    - {name: WB, kind: input, shape: [4, 3]}
    - {name: B, kind: output, shape: [4, 8]}
  einsums:
    - {name: convA, ranks: [[p, 10], [r, 3]], write: {tensor: A, index: [p]},
       reads: [{tensor: I, index: [p + r]}, {tensor: WA, index: [r]}]}
    - {name: convB, ranks: [[m, 4], [p, 8], [r, 3]],
       write: {tensor: B, index: [m, p]},
       reads: [{tensor: A, index: [p + r]}, {tensor: WB, index: [m, r]}]}
)") + kTwoLevels + R"(
mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
  - {for: p, of: convB, step: 4}
  - {for: m, of: convB, step: 2}
  - {retain: [I, A, B], at: GLB}
  - sequential: [[{compute: convA}], [{compute: convB}]]
)");
  EXPECT_EQ(s.ops("convA"), 30);
  EXPECT_EQ(s.moved("DRAM", "I").reads, 12);
}

TEST(WorkedNumbers, Residual) {
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
)") + kTwoLevels + R"(
mapping:
  - {retain: [X, C], at: DRAM}
  - {for: p, of: add, step: 2}
  - {retain: [X, A, C], at: GLB}
  - sequential: [[{compute: conv}], [{compute: add}]]
)");
  EXPECT_EQ(s.buffer("GLB", "X").elements, 4);
  EXPECT_EQ(s.buffer("GLB", "A").elements, 2);
  EXPECT_EQ(s.report.latencyCycles, 32);
}

TEST(WorkedNumbers, SkippedElements) {
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [8]}
    - {name: A, kind: intermediate, shape: [8]}
    - {name: B, kind: output, shape: [4]}
  einsums:
    - {name: first, ranks: [[p, 8]], write: {tensor: A, index: [p]},
       reads: [{tensor: I, index: [p]}]}
    - {name: second, ranks: [[p, 4]], write: {tensor: B, index: [p]},
       reads: [{tensor: A, index: [2*p]}]}
)") + kTwoLevels + R"(
mapping:
  - {retain: [I, B], at: DRAM}
  - {retain: [I, A, B], at: GLB}
  - sequential: [[{compute: first}], [{compute: second}]]
)");
  EXPECT_EQ(s.ops("first"), 4);
  EXPECT_EQ(s.recompute("first"), 0);
  EXPECT_EQ(s.notNeeded("first"), 4);
  EXPECT_EQ(s.report.algorithmicMinimum.elements, 8);
  // Four elements, every second one: the lattice box has no holes.
  EXPECT_EQ(s.buffer("GLB", "A").elements, 4);
  EXPECT_EQ(s.buffer("GLB", "A").footprint, 4);
}

TEST(WorkedNumbers, ComputeHoldsOneElement) {
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: A, kind: input, shape: [5]}
    - {name: W, kind: input, shape: [2]}
    - {name: B, kind: output, shape: [4]}
  einsums:
    - {name: conv, ranks: [[p, 4], [r, 2]], write: {tensor: B, index: [p]},
       reads: [{tensor: A, index: [p + r]}, {tensor: W, index: [r]}]}
)") + kTwoLevels + R"(
mapping: [{retain: [A, W, B], at: DRAM}, {compute: conv}]
)");
  EXPECT_EQ(s.moved("DRAM", "A").reads, 5);
  EXPECT_EQ(s.moved("DRAM", "W").reads, 8);
  EXPECT_EQ(s.moved("DRAM", "B").writes, 4);
  EXPECT_EQ(s.moved("DRAM", "B").reads, 0);
}

TEST(WorkedNumbers, LifetimesInsideSequential) {
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: T0, kind: input, shape: [3, 3]}
    - {name: W1, kind: input, shape: [3, 3]}
    - {name: T1, kind: intermediate, shape: [3, 3]}
    - {name: W2, kind: input, shape: [3, 3]}
    - {name: T2, kind: intermediate, shape: [3, 3]}
    - {name: W3, kind: input, shape: [3, 3]}
    - {name: T3, kind: output, shape: [3, 3]}
  einsums:
    - {name: mm1, ranks: [[m, 3], [n, 3], [k, 3]],
       write: {tensor: T1, index: [m, n]},
       reads: [{tensor: T0, index: [m, k]}, {tensor: W1, index: [k, n]}]}
    - {name: mm2, ranks: [[m, 3], [n, 3], [k, 3]],
       write: {tensor: T2, index: [m, n]},
       reads: [{tensor: T1, index: [m, k]}, {tensor: W2, index: [k, n]}]}
    - {name: mm3, ranks: [[m, 3], [n, 3], [k, 3]],
       write: {tensor: T3, index: [m, n]},
       reads: [{tensor: T2, index: [m, k]}, {tensor: W3, index: [k, n]}]}
)") + kTwoLevels + R"(
mapping:
  - {retain: [T0, W1, W2, W3, T3], at: DRAM}
  - {retain: [T0, W1, T1, W2, T2, W3, T3], at: GLB}
  - sequential: [[{compute: mm1}], [{compute: mm2}], [{compute: mm3}]]
)");
  EXPECT_EQ(s.capacity("GLB"), 27);
  EXPECT_EQ(s.capacity("DRAM"), 45);
  EXPECT_EQ(s.report.offChip.elements, 45);
}

TEST(WorkedNumbers, PartialSums) {
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: A, kind: input, shape: [4, 8]}
    - {name: B, kind: input, shape: [8, 4]}
    - {name: Y, kind: output, shape: [4, 4], partial_bits: 32}
  einsums:
    - {name: mm, ranks: [[m, 4], [n, 4], [k, 8]],
       write: {tensor: Y, index: [m, n]},
       reads: [{tensor: A, index: [m, k]}, {tensor: B, index: [k, n]}]}
)") + kTwoLevels + R"(
mapping:
  - {retain: [A, B, Y], at: DRAM}
  - {for: k, of: mm, step: 2}
  - {for: m, of: mm, step: 1}
  - {retain: [A, B, Y], at: GLB}
  - {compute: mm}
)");
  AccessRow outer = s.moved("DRAM", "Y"), inner = s.moved("GLB", "Y");
  EXPECT_EQ(outer.reads, 48);
  EXPECT_EQ(outer.writes, 64);
  EXPECT_EQ(inner.fills, 48);
  EXPECT_EQ(inner.drains, 64);
  // All but the last 16 of the writes are of sums that are not complete.
  EXPECT_EQ(outer.readBits, 48 * 32);
  EXPECT_EQ(outer.writeBits, 48 * 32 + 16 * 8);
  EXPECT_EQ(s.buffer("GLB", "Y").bits, 4 * 32);
  EXPECT_EQ(s.buffer("DRAM", "Y").bits, 16 * 32);
}

TEST(WorkedNumbers, ABranchThatWouldBeItsOwnReason) {
  // In the second tile, T2[0] is kept unless the first branch is entered, and
  // the first branch is entered only to make what T2[0] is made from: the
  // smallest set of ops that asks for no more leaves it out.
  Simulated s = simulated(std::string(R"(
workload:
  tensors:
    - {name: T0, kind: intermediate, shape: [2]}
    - {name: T2, kind: intermediate, shape: [2]}
    - {name: T3, kind: intermediate, shape: [2]}
    - {name: T4, kind: output, shape: [2]}
  einsums:
    - {name: E0, ranks: [[i, 2]], write: {tensor: T0, index: [i]}, reads: []}
    - {name: E1, ranks: [[i, 2], [j, 2]], write: {tensor: T2, index: [i]},
       reads: [{tensor: T0, index: [i + j]}]}
    - {name: E2, ranks: [[i, 1], [k, 2]], write: {tensor: T3, index: [k]},
       reads: [{tensor: T2, index: [i]}]}
    - {name: E3, ranks: [[k, 2]], write: {tensor: T4, index: [k]},
       reads: [{tensor: T2, index: [k]}, {tensor: T3, index: [k]}]}
)") + kTwoLevels + R"(
mapping:
  - {retain: [T4], at: DRAM}
  - {retain: [T3], at: GLB}
  - {for: k, of: E3, step: 1}
  - {retain: [T0], at: GLB}
  - sequential:
      - [{compute: E0}]
      - [{retain: [T2], at: GLB},
         {sequential: [[{compute: E1}], [{compute: E2}], [{compute: E3}]]}]
)");
  EXPECT_EQ(s.ops("E0"), 2);
  EXPECT_EQ(s.ops("E1"), 4);
}

TEST(WorkedNumbers, NoMoreOpsThanAllowed) {
  Result<Candidate> c = readCandidate(std::string(kConv1d) + kTwoLevels + R"(
mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {for: pb, of: convB, step: 1}
  - {retain: [A], at: GLB, no_reuse: [A]}
  - sequential: [[{compute: convA}], [{compute: convB}]]
)",
                                      "test");
  ASSERT_TRUE(c) << c.error().message;
  // Each tile makes its three elements anew: 16 * 9 + 48 ops.
  auto run = [&](int64_t maxOps) {
    return simulate(c->workload, c->arch, c->mapping,
                    {Convention::Exact, maxOps});
  };
  EXPECT_TRUE(run(192));
  Result<CostReport> tooMany = run(191);
  ASSERT_FALSE(tooMany);
  EXPECT_EQ(tooMany.error().message, "the mapping runs more than 191 ops, the "
                                     "most that the simulator visits");
  Result<CostReport> tooLarge = run(53);
  ASSERT_FALSE(tooLarge);
  EXPECT_EQ(tooLarge.error().message,
            "einsum convA has 54 ops; the simulator visits at most 53");
}

TEST(WorkedNumbers, AnOverflowHasAName) {
  auto run = [](const std::string &bits, const std::string &compute) {
    std::string text = R"(
workload:
  tensors:
    - {name: I, kind: input, shape: [1], bits: BITS}
    - {name: A, kind: intermediate, shape: [1], bits: BITS}
    - {name: B, kind: output, shape: [1], bits: BITS}
  einsums:
    - {name: first, ranks: [[i, 1]], write: {tensor: A, index: [i]},
       reads: [{tensor: I, index: [i]}]}
    - {name: second, ranks: [[i, 1], [k, 3]], write: {tensor: B, index: [i]},
       reads: [{tensor: A, index: [i]}]}
architecture: {levels: [{name: DRAM}, {name: GLB}], compute: {COMPUTE}}
mapping:
  - {retain: [I, B], at: DRAM}
  - {retain: [I, A, B], at: GLB}
  - sequential: [[{compute: first}], [{compute: second}]]
)";
    for (auto [from, to] : {std::pair("BITS", bits), {"COMPUTE", compute}})
      for (size_t at; (at = text.find(from)) != std::string::npos;)
        text.replace(at, std::string_view(from).size(), to);
    Result<Candidate> c = readCandidate(text, "test");
    EXPECT_TRUE(c) << c.error().message;
    Result<CostReport> report = simulate(c->workload, c->arch, c->mapping);
    return report ? "" : report.error().message;
  };
  EXPECT_EQ(run("8", "ops_per_cycle: 1"), "");
  EXPECT_EQ(run(std::to_string(INT64_MAX / 2), "ops_per_cycle: 1"),
            "the bits moved of B at GLB exceed 64 bit");
  EXPECT_EQ(run("8", "ops_per_cycle: 1/" + std::to_string(INT64_MAX / 2)),
            "the cycles of second exceed 64 bit");
}

} // namespace
