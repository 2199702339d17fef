//===- OriginalsNumbersTest.cpp - Numbers of the original ------ -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the tests and the tutorial of the LoopTree paper's implementation
// (pytimeloop) expect, and what its rules give for the cases of this page's
// neighbours, under the convention looptree-v1.

#include "Simulated.h"

using namespace looptree;
using namespace looptree::test;

namespace {

/// One row of (level, tensor, einsum).
struct Row {
  const char *level, *tensor, *einsum;
  int64_t reads, writes;
};

void expectRows(const Simulated &s, const std::vector<Row> &rows) {
  for (const Row &row : rows) {
    AccessRow found;
    for (const AccessRow &known : s.report.accesses)
      if (known.level == *s.candidate.arch.findLevel(row.level) &&
          known.tensor == *s.candidate.workload.findTensor(row.tensor) &&
          known.einsum == *s.candidate.workload.findEinsum(row.einsum))
        found = known;
    EXPECT_EQ(found.reads, row.reads)
        << row.level << " " << row.tensor << " " << row.einsum;
    EXPECT_EQ(found.writes, row.writes)
        << row.level << " " << row.tensor << " " << row.einsum;
  }
}

struct Sum {
  int64_t reads = 0, writes = 0;
};
Sum sumAt(const Simulated &s, const char *level) {
  Sum sum;
  for (const AccessRow &row : s.report.accesses)
    if (row.level == *s.candidate.arch.findLevel(level)) {
      sum.reads += row.reads;
      sum.writes += row.writes;
    }
  return sum;
}

//===----------------------------------------------------------------------===//
// Two fully connected layers (tests/looptree of pytimeloop, its tutorial)
//===----------------------------------------------------------------------===//

std::string twoLayers(int p, int m1, int c1, int m2) {
  auto n = [](int x) { return std::to_string(x); };
  return R"(
convention: looptree-v1
workload:
  tensors:
    - {name: Fmap1, kind: input, shape: [)" +
         n(c1) + ", " + n(p) + R"(]}
    - {name: Filter1, kind: input, shape: [)" +
         n(c1) + ", " + n(m1) + R"(]}
    - {name: Fmap2, kind: intermediate, shape: [)" +
         n(m1) + ", " + n(p) + R"(]}
    - {name: Filter2, kind: input, shape: [)" +
         n(m1) + ", " + n(m2) + R"(]}
    - {name: Fmap3, kind: output, shape: [)" +
         n(m2) + ", " + n(p) + R"(]}
  einsums:
    - {name: Fc1, ranks: [[P1, )" +
         n(p) + "], [M1, " + n(m1) + "], [C1, " + n(c1) + R"(]],
       write: {tensor: Fmap2, index: [M1, P1]},
       reads: [{tensor: Fmap1, index: [C1, P1]},
               {tensor: Filter1, index: [C1, M1]}]}
    - {name: Fc2, ranks: [[P2, )" +
         n(p) + "], [M2, " + n(m2) + "], [C2, " + n(m1) + R"(]],
       write: {tensor: Fmap3, index: [M2, P2]},
       reads: [{tensor: Fmap2, index: [C2, P2]},
               {tensor: Filter2, index: [C2, M2]}]}
)";
}

std::string threeLevels(int above) {
  std::string text = "architecture:\n  levels:\n";
  const char *const energies[] = {
      "read_pj_per_access: 2048, write_pj_per_access: 2048",
      "read_pj_per_access: 121.679, write_pj_per_access: 115.102"};
  for (int level = 0; level < 4; ++level)
    text += "    - {name: M" + std::to_string(level) + ", " +
            energies[level > 0] + ", access_bits: 256}\n";
  text += "  fanout: [{name: X, size: 8, below: M" + std::to_string(above) +
          "}, {name: Y, size: 4, below: M" + std::to_string(above) + "}]\n";
  return text + "  compute: {pj_per_op: 0.845}\n";
}

TEST(OriginalsNumbers, FusedLayers) {
  Simulated s = simulated(twoLayers(9, 4, 2, 8) + threeLevels(2) + R"(mapping:
  - {retain: [Filter1, Filter2, Fmap1, Fmap3], at: M0}
  - {retain: [Filter1, Filter2], at: M1}
  - {for: P2, of: Fc2, step: 1}
  - {retain: [Fmap1, Fmap3], at: M1}
  - {retain: [Fmap2], at: M2}
  - sequential:
      - [{for: C1, of: Fc1, step: 1}, {spatial_for: M1, of: Fc1, step: 1, over: X},
         {retain: [Fmap1], at: M3}, {compute: Fc1}]
      - [{for: C2, of: Fc2, step: 1}, {spatial_for: M2, of: Fc2, step: 1, over: X},
         {retain: [Fmap2], at: M3}, {compute: Fc2}]
)");
  EXPECT_TRUE(s.report.valid());
  expectRows(s, {{"M0", "Fmap1", "Fc1", 18, 0},
                 {"M0", "Filter1", "Fc1", 8, 0},
                 {"M0", "Filter2", "Fc2", 32, 0},
                 {"M0", "Fmap3", "Fc2", 0, 72},
                 {"M1", "Fmap1", "Fc1", 18, 18},
                 {"M1", "Filter1", "Fc1", 72, 8},
                 {"M1", "Filter2", "Fc2", 288, 32},
                 {"M1", "Fmap3", "Fc2", 216, 288},
                 {"M2", "Fmap2", "Fc1", 36, 72},
                 {"M2", "Fmap2", "Fc2", 36, 0},
                 {"M3", "Fmap1", "Fc1", 72, 72},
                 {"M3", "Fmap2", "Fc2", 288, 288}});
  const int64_t capacity[] = {130, 50, 4, 1};
  for (int level = 0; level < 4; ++level)
    EXPECT_EQ(s.report.capacityBits[level], 8 * capacity[level]);
  EXPECT_EQ(s.report.latencyCycles, 54);
  EXPECT_DOUBLE_EQ(s.report.levelEnergyPj[0], 118784.0 + 147456.0);
  EXPECT_NEAR(s.report.levelEnergyPj[1] + s.report.levelEnergyPj[2] +
                  s.report.levelEnergyPj[3],
              124842.654 + 89549.356, 1e-6);
  EXPECT_NEAR(s.report.computeEnergyPj, 304.2, 1e-9);
}

TEST(OriginalsNumbers, UnfusedLayers) {
  // Reads of compute are not multicast: 72 of Fmap1 at M1, not 18.
  Simulated s = simulated(twoLayers(9, 4, 2, 8) + threeLevels(1) + R"(mapping:
  - {retain: [Filter1, Filter2, Fmap1, Fmap2, Fmap3], at: M0}
  - sequential:
      - [{retain: [Filter1], at: M1}, {for: P1, of: Fc1, step: 1},
         {retain: [Fmap1], at: M1}, {spatial_for: M1, of: Fc1, step: 1, over: X},
         {retain: [Fmap2], at: M2}, {for: C1, of: Fc1, step: 1}, {compute: Fc1}]
      - [{retain: [Filter2], at: M1}, {for: P2, of: Fc2, step: 1},
         {retain: [Fmap3], at: M1}, {spatial_for: M2, of: Fc2, step: 1, over: X},
         {spatial_for: C2, of: Fc2, step: 1, over: Y},
         {retain: [Fmap2], at: M2}, {compute: Fc2}]
)");
  EXPECT_TRUE(s.report.valid());
  expectRows(s, {{"M0", "Fmap1", "Fc1", 18, 0},
                 {"M0", "Filter1", "Fc1", 8, 0},
                 {"M0", "Filter2", "Fc2", 32, 0},
                 {"M0", "Fmap2", "Fc1", 0, 36},
                 {"M0", "Fmap2", "Fc2", 36, 0},
                 {"M0", "Fmap3", "Fc2", 0, 72},
                 {"M1", "Filter1", "Fc1", 72, 8},
                 {"M1", "Fmap1", "Fc1", 72, 18},
                 {"M1", "Filter2", "Fc2", 288, 32},
                 {"M1", "Fmap3", "Fc2", 216, 288},
                 {"M2", "Fmap2", "Fc1", 36, 72},
                 {"M2", "Fmap2", "Fc2", 288, 288}});
  EXPECT_EQ(s.report.latencyCycles, 27);
  EXPECT_EQ(s.capacity("M0"), 166);
  EXPECT_EQ(s.capacity("M1"), 40);
  EXPECT_EQ(s.capacity("M2"), 1);
}

/// The tutorial's two mappings.
Simulated tutorial(int p, int m, int c, bool fused) {
  std::string layer1 = "[{for: C1, of: Fc1, step: 1}, "
                       "{for: M1, of: Fc1, step: 1}, {compute: Fc1}]";
  std::string layer2 = "[{for: C2, of: Fc2, step: 1}, "
                       "{for: M2, of: Fc2, step: 1}, {compute: Fc2}]";
  std::string mapping = R"(mapping:
  - {retain: [Filter1, Filter2, Fmap1, Fmap3], at: DRAM}
  - {retain: [Filter1, Filter2], at: GLB}
  - {for: P2, of: Fc2, step: 1}
  - {retain: [Fmap1, Fmap2, Fmap3], at: GLB}
  - sequential: [)" + layer1 +
                        ", " + layer2 + "]\n";
  if (!fused)
    mapping = R"(mapping:
  - {retain: [Filter1, Filter2, Fmap1, Fmap2, Fmap3], at: DRAM}
  - sequential:
      - [{retain: [Filter1], at: GLB}, {for: P1, of: Fc1, step: 1},
         {retain: [Fmap1, Fmap2], at: GLB}, )" +
              layer1.substr(1) + R"(
      - [{retain: [Filter2], at: GLB}, {for: P2, of: Fc2, step: 1},
         {retain: [Fmap2, Fmap3], at: GLB}, )" +
              layer2.substr(1) + "\n";
  return simulated(twoLayers(p, m, c, c) + kTwoLevels + mapping);
}

TEST(OriginalsNumbers, TutorialScaledDown) {
  Simulated unfused = tutorial(16, 8, 8, false);
  EXPECT_EQ(sumAt(unfused, "DRAM").reads, 384);
  EXPECT_EQ(sumAt(unfused, "DRAM").writes, 256);
  EXPECT_EQ(sumAt(unfused, "GLB").reads, 5888);
  EXPECT_EQ(sumAt(unfused, "GLB").writes, 2432);
  EXPECT_EQ(unfused.capacity("DRAM"), 512);
  EXPECT_EQ(unfused.capacity("GLB"), 80);
  EXPECT_EQ(unfused.report.latencyCycles, 2048);
  Simulated fused = tutorial(16, 8, 8, true);
  EXPECT_EQ(sumAt(fused, "DRAM").reads, 256);
  EXPECT_EQ(sumAt(fused, "DRAM").writes, 128);
  EXPECT_EQ(sumAt(fused, "GLB").reads, 5888);
  EXPECT_EQ(sumAt(fused, "GLB").writes, 2304);
  EXPECT_EQ(fused.capacity("DRAM"), 384);
  EXPECT_EQ(fused.capacity("GLB"), 152);
}

TEST(OriginalsNumbers, Tutorial) {
  Simulated unfused = tutorial(128, 64, 64, false);
  EXPECT_EQ(sumAt(unfused, "DRAM").reads, 24576);
  EXPECT_EQ(sumAt(unfused, "DRAM").writes, 16384);
  EXPECT_EQ(sumAt(unfused, "GLB").reads, 3129344);
  EXPECT_EQ(sumAt(unfused, "GLB").writes, 1073152);
  EXPECT_EQ(unfused.capacity("GLB"), 4224);
  EXPECT_EQ(unfused.report.latencyCycles, 1048576);
  Simulated fused = tutorial(128, 64, 64, true);
  EXPECT_EQ(sumAt(fused, "DRAM").reads, 16384);
  EXPECT_EQ(sumAt(fused, "DRAM").writes, 8192);
  EXPECT_EQ(sumAt(fused, "GLB").reads, 3129344);
  EXPECT_EQ(sumAt(fused, "GLB").writes, 1064960);
  EXPECT_EQ(fused.capacity("GLB"), 8384);
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// 1-D convolutions, three wide, `T<n>` from `T<n-1>`, the last one `extent`
/// long.
std::string convolutions(int count, int extent, const char *convention) {
  std::string tensors, einsums;
  for (int i = 0; i <= count; ++i) {
    int size = extent + 2 * (count - i);
    const char *kind = i == 0       ? "input"
                       : i == count ? "output"
                                    : "intermediate";
    tensors += "    - {name: T" + std::to_string(i) + ", kind: " + kind +
               ", shape: [" + std::to_string(size) + "]}\n";
    if (i == 0)
      continue;
    std::string n = std::to_string(i);
    tensors += "    - {name: W" + n + ", kind: input, shape: [3]}\n";
    einsums += "    - {name: C" + n + ", ranks: [[p, " + std::to_string(size) +
               "], [r, 3]], write: {tensor: T" + n +
               ", index: [p]}, reads: [{tensor: T" + std::to_string(i - 1) +
               ", index: [p + r]}, {tensor: W" + n + ", index: [r]}]}\n";
  }
  return std::string("convention: ") + convention +
         "\nworkload:\n  tensors:\n" + tensors + "  einsums:\n" + einsums +
         kTwoLevels;
}

std::string pairMapping(int step, const char *above, const char *below,
                        const char *split, const char *noReuse = "") {
  return "mapping:\n  - {retain: [T0, W1, W2, T2], at: DRAM}\n"
         "  - {retain: [W1, W2" +
         std::string(above) +
         "], at: GLB}\n  - {for: p, of: C2, step: " + std::to_string(step) +
         "}\n  - {retain: [T0, T2" + below + "], at: GLB, no_reuse: [" +
         noReuse + "]}\n  - " + split +
         ": [[{compute: C1}], [{compute: C2}]]\n";
}

TEST(OriginalsNumbers, OneDimension) {
  struct {
    int step;
    int64_t latency, capacity, remade, remadeLatency, fullCapacity, pipelined;
  } const rows[] = {{8, 102, 36, 60, 108, 44, 78},
                    {4, 102, 24, 72, 120, 36, 66},
                    {2, 102, 18, 96, 144, 32, 60},
                    {1, 102, 15, 144, 192, 30, 57}};
  std::string pair = convolutions(2, 16, "looptree-v1");
  for (const auto &row : rows) {
    Simulated kept =
        simulated(pair + pairMapping(row.step, "", ", T1", "sequential"));
    EXPECT_EQ(kept.ops("C1"), 54);
    EXPECT_EQ(kept.ops("C2"), 48);
    EXPECT_EQ(kept.report.latencyCycles, row.latency);
    EXPECT_EQ(kept.capacity("GLB"), row.capacity);
    EXPECT_EQ(sumAt(kept, "DRAM").reads, 26);
    EXPECT_EQ(sumAt(kept, "DRAM").writes, 16);
    Simulated remade =
        simulated(pair + pairMapping(row.step, "", ", T1", "sequential", "T1"));
    EXPECT_EQ(remade.ops("C1"), row.remade);
    EXPECT_EQ(remade.report.latencyCycles, row.remadeLatency);
    EXPECT_EQ(remade.capacity("GLB"), row.capacity);
    Simulated full =
        simulated(pair + pairMapping(row.step, ", T1", "", "sequential"));
    EXPECT_EQ(full.report.latencyCycles, 102);
    EXPECT_EQ(full.capacity("GLB"), row.fullCapacity);
    Simulated pipelined =
        simulated(pair + pairMapping(row.step, "", ", T1", "pipeline"));
    EXPECT_EQ(pipelined.report.latencyCycles, row.pipelined);
    EXPECT_TRUE(pipelined.report.valid()); // Stages may share compute.
  }
}

TEST(OriginalsNumbers, Conv1dOfTheMapper) {
  // A consumer that reads two elements past what is made.
  Simulated s = simulated(R"(
convention: looptree-v1
workload:
  tensors:
    - {name: I, kind: input, shape: [18]}
    - {name: WA, kind: input, shape: [3]}
    - {name: A, kind: intermediate, shape: [16]}
    - {name: WB, kind: input, shape: [3]}
    - {name: B, kind: output, shape: [16]}
  einsums:
    - {name: convA, ranks: [[pa, 16], [ra, 3]], write: {tensor: A, index: [pa]},
       reads: [{tensor: I, index: [pa + ra]}, {tensor: WA, index: [ra]}]}
    - {name: convB, ranks: [[pb, 16], [rb, 3]], write: {tensor: B, index: [pb]},
       reads: [{tensor: A, index: [pb + rb]}, {tensor: WB, index: [rb]}]}
architecture:
  levels: [{name: DRAM}, {name: GLB}]
  fanout: [{name: X, size: 3, below: GLB}]
mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {for: pb, of: convB, step: 8}
  - {retain: [I, WA, A, WB, B], at: GLB}
  - sequential:
      - [{for: pa, of: convA, step: 1}, {spatial_for: ra, of: convA, step: 1, over: X}, {compute: convA}]
      - [{for: pb, of: convB, step: 1}, {spatial_for: rb, of: convB, step: 1, over: X}, {compute: convB}]
)");
  EXPECT_EQ(s.ops("convA"), 48);
  EXPECT_EQ(s.ops("convB"), 48);
  EXPECT_EQ(s.buffer("GLB", "I").elements, 12);
  EXPECT_EQ(s.buffer("GLB", "A").elements, 10);
  EXPECT_EQ(s.buffer("GLB", "B").elements, 8);
  EXPECT_EQ(s.report.latencyCycles, 16 + 16);
}

struct Conv2d {
  const char *name;
  int step;
  const char *above, *between, *below, *noReuse, *split;
  bool inner; ///< Whether there is a loop over q.
  int64_t ops, capacity, reads, latency;
};

class TwoDimensionsV1 : public testing::TestWithParam<Conv2d> {};

std::string conv2d(int a, int b, int stride) {
  auto n = [](int x) { return std::to_string(x); };
  std::string i = n(a + 2), q = stride == 1 ? "" : n(stride) + "*";
  return R"(
convention: looptree-v1
workload:
  tensors:
    - {name: I, kind: input, shape: [)" +
         i + ", " + i + R"(]}
    - {name: WA, kind: input, shape: [3, 3]}
    - {name: A, kind: intermediate, shape: [)" +
         n(a) + ", " + n(a) + R"(]}
    - {name: WB, kind: input, shape: [3, 3]}
    - {name: B, kind: output, shape: [)" +
         n(b) + ", " + n(b) + R"(]}
  einsums:
    - {name: convA, ranks: [[p, )" +
         n(a) + "], [q, " + n(a) + R"(], [r, 3], [s, 3]],
       write: {tensor: A, index: [p, q]},
       reads: [{tensor: I, index: [p + r, q + s]}, {tensor: WA, index: [r, s]}]}
    - {name: convB, ranks: [[p, )" +
         n(b) + "], [q, " + n(b) + R"(], [r, 3], [s, 3]],
       write: {tensor: B, index: [p, q]},
       reads: [{tensor: A, index: [)" +
         q + "p + r, " + q + R"(q + s]}, {tensor: WB, index: [r, s]}]}
)" + kTwoLevels;
}

std::string conv2dMapping(const Conv2d &row) {
  auto retain = [&](const char *tensors) {
    bool hasA = std::string(tensors).find('A') != std::string::npos;
    return *tensors ? std::string("  - {retain: [") + tensors +
                          "], at: GLB, no_reuse: [" +
                          (hasA ? row.noReuse : "") + "]}\n"
                    : std::string();
  };
  std::string step = std::to_string(row.step);
  return R"(mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {retain: [WA, WB], at: GLB}
)" + retain(row.above) +
         "  - {for: p, of: convB, step: " + step + "}\n" + retain(row.between) +
         (row.inner ? "  - {for: q, of: convB, step: " + step + "}\n" : "") +
         retain(row.below) + "  - " + row.split +
         ": [[{compute: convA}], [{compute: convB}]]\n";
}

TEST_P(TwoDimensionsV1, Row) {
  const Conv2d &row = GetParam();
  Simulated s = simulated(conv2d(10, 8, 1) + conv2dMapping(row));
  EXPECT_EQ(s.ops("convA"), row.ops);
  EXPECT_EQ(s.ops("convB"), 576);
  EXPECT_EQ(s.capacity("GLB"), row.capacity);
  EXPECT_EQ(s.capacity("DRAM"), 226);
  EXPECT_EQ(s.moved("DRAM", "I").reads, row.reads);
  EXPECT_EQ(s.moved("DRAM", "WA").reads, 9);
  EXPECT_EQ(s.moved("DRAM", "B").writes, 64);
  EXPECT_EQ(s.report.latencyCycles, row.latency);
}

INSTANTIATE_TEST_SUITE_P(
    OriginalsNumbers, TwoDimensionsV1,
    testing::Values(Conv2d{"Above4", 4, "A", "", "I, B", "", "sequential", true,
                           900, 198, 164, 1476},
                    Conv2d{"Line4", 4, "", "A", "I, B", "", "sequential", true,
                           900, 158, 164, 1476},
                    Conv2d{"Below4", 4, "", "", "A, I, B", "", "sequential",
                           true, 1080, 134, 184, 1656},
                    Conv2d{"NoReuse4", 4, "", "", "A, I, B", "A", "sequential",
                           true, 1296, 134, 176, 1872},
                    Conv2d{"Both4", 4, "", "A, I", "B", "", "sequential", true,
                           900, 190, 144, 1476},
                    Conv2d{"Pipeline4", 4, "", "A", "I, B", "", "pipeline",
                           true, 900, 158, 164, 1188},
                    Conv2d{"Outer4", 4, "", "", "A, I, B", "", "sequential",
                           false, 900, 206, 144, 1476},
                    Conv2d{"Above2", 2, "A", "", "I, B", "", "sequential", true,
                           900, 158, 216, 1476},
                    Conv2d{"Line2", 2, "", "A", "I, B", "", "sequential", true,
                           900, 98, 216, 1476},
                    Conv2d{"Below2", 2, "", "", "A, I, B", "", "sequential",
                           true, 1440, 74, 288, 2016},
                    Conv2d{"NoReuse2", 2, "", "", "A, I, B", "A", "sequential",
                           true, 2304, 74, 288, 2880},
                    Conv2d{"Both2", 2, "", "A, I", "B", "", "sequential", true,
                           900, 134, 144, 1476},
                    Conv2d{"Pipeline2", 2, "", "A", "I, B", "", "pipeline",
                           true, 900, 98, 216, 1044},
                    Conv2d{"Outer2", 2, "", "", "A, I, B", "", "sequential",
                           false, 900, 146, 144, 1476}),
    [](const auto &info) { return std::string(info.param.name); });

class StridedV1 : public testing::TestWithParam<Conv2d> {};

TEST_P(StridedV1, Row) {
  const Conv2d &row = GetParam();
  Simulated s = simulated(conv2d(9, 4, 2) + conv2dMapping(row));
  EXPECT_EQ(s.ops("convA"), row.ops);
  EXPECT_EQ(s.ops("convB"), 144);
  EXPECT_EQ(s.capacity("GLB"), row.capacity);
  EXPECT_EQ(s.moved("DRAM", "I").reads, row.reads);
  EXPECT_EQ(s.report.latencyCycles, row.latency);
}

INSTANTIATE_TEST_SUITE_P(
    OriginalsNumbers, StridedV1,
    testing::Values(Conv2d{"Below2", 2, "", "", "A, I, B", "", "sequential",
                           true, 810, 96, 148, 954},
                    Conv2d{"NoReuse2", 2, "", "", "A, I, B", "A", "sequential",
                           true, 900, 96, 145, 1044},
                    Conv2d{"Line2", 2, "", "A", "I, B", "", "sequential", true,
                           729, 116, 139, 873},
                    Conv2d{"Below1", 1, "", "", "A, I, B", "", "sequential",
                           true, 972, 53, 220, 1116},
                    Conv2d{"NoReuse1", 1, "", "", "A, I, B", "A", "sequential",
                           true, 1296, 53, 220, 1440},
                    Conv2d{"Line1", 1, "", "A", "I, B", "", "sequential", true,
                           729, 71, 187, 873}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(OriginalsNumbers, ThreeConvolutions) {
  struct {
    int step;
    const char *noReuse, *split;
    int64_t ops1, ops2, latency, capacity, reads, writes;
  } const rows[] = {{4, "", "sequential", 60, 54, 162, 37, 432, 193},
                    {4, "T1, T2", "sequential", 96, 72, 216, 37, 594, 247},
                    {4, "T2", "sequential", 60, 72, 180, 37, 486, 211},
                    {4, "T1", "sequential", 78, 54, 180, 37, 486, 211},
                    {4, "", "pipeline", 60, 54, 90, 37, 432, 193},
                    {2, "", "sequential", 60, 54, 162, 29, 432, 193},
                    {2, "T1, T2", "sequential", 144, 96, 288, 29, 810, 319},
                    {2, "T2", "sequential", 60, 96, 204, 29, 558, 235},
                    {2, "T1", "sequential", 102, 54, 204, 29, 558, 235},
                    {2, "", "pipeline", 60, 54, 78, 29, 432, 193}};
  for (const auto &row : rows) {
    SCOPED_TRACE(testing::Message() << row.step << " " << row.split
                                    << " no_reuse " << row.noReuse);
    Simulated s = simulated(
        convolutions(3, 16, "looptree-v1") +
        "mapping:\n  - {retain: [T0, W1, W2, W3, T3], at: DRAM}\n"
        "  - {retain: [W1, W2, W3], at: GLB}\n  - {for: p, of: C3, step: " +
        std::to_string(row.step) +
        "}\n  - {retain: [T0, T1, T2, T3], at: GLB, no_reuse: [" + row.noReuse +
        "]}\n  - " + row.split +
        ": [[{compute: C1}], [{compute: C2}], [{compute: C3}]]\n");
    EXPECT_EQ(s.ops("C1"), row.ops1);
    EXPECT_EQ(s.ops("C2"), row.ops2);
    EXPECT_EQ(s.ops("C3"), 48);
    EXPECT_EQ(s.report.latencyCycles, row.latency);
    EXPECT_EQ(s.capacity("GLB"), row.capacity);
    EXPECT_EQ(s.capacity("DRAM"), 47);
    EXPECT_EQ(sumAt(s, "GLB").reads, row.reads);
    EXPECT_EQ(sumAt(s, "GLB").writes, row.writes);
    EXPECT_EQ(sumAt(s, "DRAM").reads, 22 + 9);
    EXPECT_EQ(sumAt(s, "DRAM").writes, 16);
  }
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

const char *const kTwoProducts = R"(
convention: looptree-v1
workload:
  tensors:
    - {name: T0, kind: input, shape: [16, 4]}
    - {name: W0, kind: input, shape: [4, 4]}
    - {name: T1, kind: intermediate, shape: [16, 4]}
    - {name: W1, kind: input, shape: [4, 4]}
    - {name: T2, kind: output, shape: [16, 4]}
  einsums:
    - {name: mm1, ranks: [[m, 16], [n1, 4], [n0, 4]], write: {tensor: T1, index: [m, n1]},
       reads: [{tensor: T0, index: [m, n0]}, {tensor: W0, index: [n0, n1]}]}
    - {name: mm2, ranks: [[m, 16], [n2, 4], [n1, 4]], write: {tensor: T2, index: [m, n2]},
       reads: [{tensor: T1, index: [m, n1]}, {tensor: W1, index: [n1, n2]}]}
)";

TEST(OriginalsNumbers, TwoProducts) {
  const std::string weights = "  - {retain: [W0, W1], at: GLB}\n";
  const std::string m4 = "  - {for: m, of: mm2, step: 4}\n",
                    m5 = "  - {for: m, of: mm2, step: 5}\n",
                    n2 = "  - {for: n2, of: mm2, step: 2}\n";
  const std::string all = "  - {retain: [T0, T1, T2], at: GLB}\n";
  const std::string leaves = "[[{compute: mm1}], [{compute: mm2}]]\n";
  struct {
    std::string mapping;
    int64_t ops, latency, capacity, reads, writes;
  } const rows[] = {
      {weights + m4 + all + "  - sequential: " + leaves, 256, 512, 80, 1408,
       608},
      {m4 + all +
           "  - sequential: [[{retain: [W0], at: GLB}, {compute: mm1}], "
           "[{retain: [W1], at: GLB}, {compute: mm2}]]\n",
       256, 512, 64, 1408, 608},
      {weights + m4 + n2 + all + "  - sequential: " + leaves, 256, 512, 72,
       1408, 608},
      {weights + m4 + "  - {retain: [T1], at: GLB}\n" + n2 +
           "  - {retain: [T0, T2], at: GLB}\n  - sequential: " + leaves,
       256, 512, 72, 1408, 608},
      {weights + m4 + n2 +
           "  - {retain: [T0, T1, T2], at: GLB, no_reuse: [T1]}\n"
           "  - sequential: " +
           leaves,
       512, 768, 72, 2176, 864},
      {weights + m5 + all + "  - sequential: " + leaves, 256, 512, 92, 1408,
       608},
      {weights + m5 + all + "  - pipeline: " + leaves, 256, 336, 92, 1408,
       608}};
  for (const auto &row : rows) {
    SCOPED_TRACE(row.mapping);
    Simulated s = simulated(
        std::string(kTwoProducts) + kTwoLevels +
        "mapping:\n  - {retain: [T0, W0, W1, T2], at: DRAM}\n" + row.mapping);
    EXPECT_EQ(s.ops("mm1"), row.ops);
    EXPECT_EQ(s.ops("mm2"), 256);
    EXPECT_EQ(s.report.latencyCycles, row.latency);
    EXPECT_EQ(s.capacity("DRAM"), 160);
    EXPECT_EQ(s.capacity("GLB"), row.capacity);
    EXPECT_EQ(s.moved("DRAM", "T0").reads, 64);
    EXPECT_EQ(s.moved("DRAM", "W0").reads, 16);
    EXPECT_EQ(s.moved("DRAM", "W1").reads, 16);
    EXPECT_EQ(s.moved("DRAM", "T2").writes, 64);
    EXPECT_EQ(sumAt(s, "GLB").reads, row.reads);
    EXPECT_EQ(sumAt(s, "GLB").writes, row.writes);
  }
}

TEST(OriginalsNumbers, OneProduct) {
  Simulated s = simulated(std::string(R"(
convention: looptree-v1
workload:
  tensors:
    - {name: T0, kind: input, shape: [16, 4]}
    - {name: W0, kind: input, shape: [4, 4]}
    - {name: T1, kind: output, shape: [16, 4]}
  einsums:
    - {name: mm, ranks: [[m, 16], [n1, 4], [n0, 4]], write: {tensor: T1, index: [m, n1]},
       reads: [{tensor: T0, index: [m, n0]}, {tensor: W0, index: [n0, n1]}]}
)") + kTwoLevels + R"(mapping:
  - {retain: [T0, W0, T1], at: DRAM}
  - {for: m, of: mm, step: 4}
  - {retain: [T0, W0, T1], at: GLB}
  - {compute: mm}
)");
  EXPECT_EQ(s.moved("DRAM", "T0").reads, 64);
  EXPECT_EQ(s.moved("DRAM", "W0").reads, 16);
  EXPECT_EQ(s.moved("DRAM", "T1").writes, 64);
  EXPECT_EQ(s.moved("GLB", "T0").reads, 256);
  EXPECT_EQ(s.moved("GLB", "W0").reads, 256);
  EXPECT_EQ(s.moved("GLB", "T1").reads, 192);
  EXPECT_EQ(s.moved("GLB", "T0").writes, 64);
  EXPECT_EQ(s.moved("GLB", "W0").writes, 16);
  EXPECT_EQ(s.moved("GLB", "T1").writes, 256);
}

//===----------------------------------------------------------------------===//
// What the original has no rules for
//===----------------------------------------------------------------------===//

TEST(OriginalsNumbers, OnlyItsClassIsCovered) {
  const char *const split = R"(mapping:
  - {retain: [T0, W1, W2, W3, T3], at: DRAM}
  - {retain: [T1, T2], at: GLB}
  - sequential: [[{compute: C1}], [{sequential: [[{compute: C2}], [{compute: C3}]]}]]
)";
  EXPECT_EQ(whyNot(convolutions(3, 16, "looptree-v1") + split),
            "the convention looptree-v1 does not cover a split inside a branch "
            "of another");
  EXPECT_TRUE(simulated(convolutions(3, 16, "exact") + split).report.valid());
  std::string branching = convolutions(3, 16, "looptree-v1");
  branching.insert(branching.find("{tensor: T2, index: [p + r]}"),
                   "{tensor: T1, index: [p]}, ");
  EXPECT_THAT(whyNot(branching + split),
              testing::HasSubstr("does not cover einsums that are no chain"));
}

} // namespace
