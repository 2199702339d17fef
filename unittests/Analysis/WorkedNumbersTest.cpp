//===- WorkedNumbersTest.cpp - Numbers worked by hand --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The worked numbers of docs/CostModel.md, section 10.

#include "Builder.h"

using namespace looptree;
using namespace looptree::test;

namespace {

WorkloadBuilder twoConv1d() {
  WorkloadBuilder b;
  b.input("I", {20}).input("WA", {3}).middle("A", {18}).input("WB", {3});
  b.output("B", {16});
  b.einsum("convA", {{"pa", 18}, {"ra", 3}}, {"A", {"pa"}},
           {{"I", {"pa + ra"}}, {"WA", {"ra"}}});
  b.einsum("convB", {{"pb", 16}, {"rb", 3}}, {"B", {"pb"}},
           {{"A", {"pb + rb"}}, {"WB", {"rb"}}});
  return b;
}

CostReport runTwoConv1d(int64_t step, bool noReuse, bool pipeline = false) {
  Workload w = twoConv1d().w;
  TreeBuilder t{w};
  std::vector<Node> branches{t.compute("convA"), t.compute("convB")};
  Node split = pipeline ? t.pipeline(branches) : t.sequential(branches);
  Node below = t.retain(1, {"I", "A", "B"}, split,
                        noReuse ? std::vector<std::string>{"A"}
                                : std::vector<std::string>{});
  return evaluated(
      w, twoLevels(),
      t.retain(0, {"I", "WA", "WB", "B"},
               t.retain(1, {"WA", "WB"}, t.loop("pb", "convB", step, below))));
}

TEST(WorkedNumbers, OneDimension) {
  CostReport report = runTwoConv1d(4, false);
  EXPECT_EQ(report.ops, (std::vector<int64_t>{54, 48}));
  EXPECT_EQ(report.capacityBits[1], 24 * 8);
  EXPECT_EQ(report.latencyCycles, 102);
  EXPECT_EQ(report.offChip.elements, 20 + 3 + 3 + 16);
  EXPECT_EQ(report.algorithmicMinimum, report.offChip);
}

TEST(WorkedNumbers, NoReuseRemakesTheHalo) {
  CostReport report = runTwoConv1d(4, true);
  EXPECT_EQ(report.ops, (std::vector<int64_t>{72, 48}));
  EXPECT_EQ(report.recompute, (std::vector<int64_t>{18, 0}));
}

TEST(WorkedNumbers, Pipeline) {
  CostReport report = runTwoConv1d(4, false, true);
  EXPECT_EQ(report.ops, (std::vector<int64_t>{54, 48}));
  EXPECT_EQ(report.capacityBits[1], 28 * 8);
  EXPECT_EQ(report.computeCycles, 66);
  EXPECT_EQ(report.fillCycles, 18);
  EXPECT_EQ(report.drainCycles, 12);
  // Two branches run at once on one compute instance.
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(std::get<OverCompute>(report.problems[0]).excess, 1);
}

struct Row2d {
  const char *name;
  std::vector<std::string> above, between, below, noReuse;
  int64_t ops, capacity, reads, latency;
  bool pipeline = false;
};

class TwoDimensions : public testing::TestWithParam<Row2d> {};

TEST_P(TwoDimensions, Row) {
  const Row2d &row = GetParam();
  WorkloadBuilder b;
  b.input("I", {12, 12}).input("WA", {3, 3}).middle("A", {10, 10});
  b.input("WB", {3, 3}).output("B", {8, 8});
  b.einsum("convA", {{"p", 10}, {"q", 10}, {"r", 3}, {"s", 3}},
           {"A", {"p", "q"}}, {{"I", {"p + r", "q + s"}}, {"WA", {"r", "s"}}});
  b.einsum("convB", {{"p", 8}, {"q", 8}, {"r", 3}, {"s", 3}}, {"B", {"p", "q"}},
           {{"A", {"p + r", "q + s"}}, {"WB", {"r", "s"}}});
  TreeBuilder t{b.w};
  auto retain = [&](const std::vector<std::string> &names, Node body) {
    if (names.empty())
      return body;
    std::vector<std::string> noReuse;
    for (const std::string &name : row.noReuse)
      if (std::find(names.begin(), names.end(), name) != names.end())
        noReuse.push_back(name);
    return t.retain(1, names, std::move(body), noReuse);
  };
  std::vector<Node> branches{t.compute("convA"), t.compute("convB")};
  Node tree = retain(row.below, row.pipeline ? t.pipeline(branches)
                                             : t.sequential(branches));
  tree = retain(row.between, t.loop("q", "convB", 4, std::move(tree)));
  tree = retain(row.above, t.loop("p", "convB", 4, std::move(tree)));
  CostReport report =
      evaluated(b.w, twoLevels(),
                t.retain(0, {"I", "WA", "WB", "B"},
                         t.retain(1, {"WA", "WB"}, std::move(tree))));
  EXPECT_EQ(report.ops[0], row.ops);
  EXPECT_EQ(report.ops[1], 576);
  EXPECT_EQ(report.capacityBits[1], row.capacity * 8);
  EXPECT_EQ(moved(report, b.w, 0, "I").reads, row.reads);
  EXPECT_EQ(report.latencyCycles, row.latency);
}

INSTANTIATE_TEST_SUITE_P(
    WorkedNumbers, TwoDimensions,
    testing::Values(
        Row2d{"Above", {"A"}, {}, {"I", "B"}, {}, 900, 198, 164, 1476},
        Row2d{"LineBuffer", {}, {"A"}, {"I", "B"}, {}, 900, 158, 164, 1476},
        Row2d{"Below", {}, {}, {"A", "I", "B"}, {}, 1044, 134, 188, 1620},
        Row2d{"NoReuse", {}, {}, {"A", "I", "B"}, {"A"}, 1296, 134, 176, 1872},
        Row2d{"BothBetween", {}, {"A", "I"}, {"B"}, {}, 900, 190, 144, 1476},
        Row2d{
            "Pipeline", {}, {"A"}, {"I", "B"}, {}, 900, 198, 164, 1044, true}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(WorkedNumbers, ChannelLoop) {
  WorkloadBuilder b;
  b.input("I", {12}).input("WA", {3}).middle("A", {10});
  b.input("WB", {8, 3}).output("B", {4, 8});
  b.einsum("convA", {{"p", 10}, {"r", 3}}, {"A", {"p"}},
           {{"I", {"p + r"}}, {"WA", {"r"}}});
  b.einsum("convB", {{"m", 4}, {"p", 8}, {"r", 3}}, {"B", {"m", "p"}},
           {{"A", {"p + r"}}, {"WB", {"m", "r"}}});
  TreeBuilder t{b.w};
  Node below = t.retain(1, {"I", "A", "B"},
                        t.sequential({t.compute("convA"), t.compute("convB")}));
  b.w.tensors[*b.w.findTensor("WB")].shape = {4, 3};
  CostReport report = evaluated(
      b.w, twoLevels(),
      t.retain(0, {"I", "WA", "WB", "B"},
               t.loop("p", "convB", 2, t.loop("m", "convB", 2, below))));
  EXPECT_EQ(report.ops[0], 30);
  EXPECT_EQ(moved(report, b.w, 0, "I").reads, 12);
}

CostReport runResidual(bool pipeline) {
  WorkloadBuilder b;
  b.input("X", {10}).input("W", {3}).middle("A", {8}).output("C", {8});
  b.einsum("conv", {{"p", 8}, {"r", 3}}, {"A", {"p"}},
           {{"X", {"p + r"}}, {"W", {"r"}}});
  b.einsum("add", {{"p", 8}}, {"C", {"p"}}, {{"A", {"p"}}, {"X", {"p + 1"}}});
  TreeBuilder t{b.w};
  std::vector<Node> branches{t.compute("conv"), t.compute("add")};
  Node below =
      t.retain(1, {"X", "A", "C"},
               pipeline ? t.pipeline(branches) : t.sequential(branches));
  return evaluated(b.w, twoLevels(),
                   t.retain(0, {"X", "W", "C"}, t.loop("p", "add", 2, below)));
}

TEST(WorkedNumbers, Residual) {
  Workload names;
  names.tensors = {{"X", TensorKind::Input, {10}, 8, {}, false},
                   {"W", TensorKind::Input, {3}, 8, {}, false},
                   {"A", TensorKind::Intermediate, {8}, 8, {}, false}};
  CostReport inTurn = runResidual(false), atOnce = runResidual(true);
  EXPECT_EQ(bufferOf(inTurn, names, 1, "X"), 4);
  EXPECT_EQ(bufferOf(inTurn, names, 1, "A"), 2);
  EXPECT_EQ(inTurn.latencyCycles, 32);
  EXPECT_EQ(bufferOf(atOnce, names, 1, "X"), 6);
  EXPECT_EQ(bufferOf(atOnce, names, 1, "A"), 4);
  EXPECT_EQ(atOnce.latencyCycles, 26);
}

TEST(WorkedNumbers, RepeatedWindows) {
  WorkloadBuilder b;
  b.input("T0", {6, 4}).input("W1", {4, 2}).middle("T1", {6, 2});
  b.input("W2", {2, 6}).output("T2", {6, 6});
  b.einsum("mm1", {{"m", 6}, {"n", 2}, {"k", 4}}, {"T1", {"m", "n"}},
           {{"T0", {"m", "k"}}, {"W1", {"k", "n"}}});
  b.einsum("mm2", {{"m", 6}, {"n", 6}, {"k", 2}}, {"T2", {"m", "n"}},
           {{"T1", {"m", "k"}}, {"W2", {"k", "n"}}});
  TreeBuilder t{b.w};
  Node below =
      t.retain(1, {"T1"}, t.pipeline({t.compute("mm1"), t.compute("mm2")}));
  CostReport report =
      evaluated(b.w, twoLevels(),
                t.retain(0, {"T0", "W1", "W2", "T2"},
                         t.loop("m", "mm2", 1, t.loop("n", "mm2", 1, below))));
  EXPECT_EQ(report.ops, (std::vector<int64_t>{48, 72}));
  EXPECT_EQ(report.computeCycles, 80);
  EXPECT_EQ(bufferOf(report, b.w, 1, "T1"), 4);
}

/// What a split asks of one inside a branch ends with its visit.
TEST(WorkedNumbers, AskedOfAnInnerSplit) {
  WorkloadBuilder b;
  b.input("I", {4}).middle("A", {4}).middle("B", {4}).output("C", {4});
  b.einsum("a", {{"p", 4}}, {"A", {"p"}}, {{"I", {"p"}}});
  b.einsum("b", {{"p", 4}}, {"B", {"p"}}, {{"A", {"p"}}});
  b.einsum("c", {{"p", 4}}, {"C", {"p"}}, {{"A", {"p"}}, {"B", {"p"}}});
  TreeBuilder t{b.w};
  Node inner = t.sequential({t.compute("a"), t.compute("b")});
  Node below = t.retain(1, {"A", "B"}, t.sequential({inner, t.compute("c")}),
                        {"A", "B"});
  CostReport report = evaluated(
      b.w, twoLevels(), t.retain(0, {"I", "C"}, t.loop("p", "c", 1, below)));
  EXPECT_EQ(report.ops, (std::vector<int64_t>{4, 4, 4}));
}

TEST(WorkedNumbers, SkippedElements) {
  WorkloadBuilder b;
  b.input("I", {8}).middle("A", {8}).output("B", {4});
  b.einsum("copy", {{"p", 8}}, {"A", {"p"}}, {{"I", {"p"}}});
  b.einsum("pick", {{"p", 4}}, {"B", {"p"}}, {{"A", {"2*p"}}});
  TreeBuilder t{b.w};
  Node below =
      t.retain(1, {"A"}, t.sequential({t.compute("copy"), t.compute("pick")}));
  CostReport report = evaluated(
      b.w, twoLevels(), t.retain(0, {"I", "B"}, t.loop("p", "pick", 2, below)));
  EXPECT_EQ(report.ops[0], 4);
  EXPECT_EQ(report.recompute[0], 0);
  EXPECT_EQ(report.notNeeded[0], 4);
  EXPECT_EQ(report.algorithmicMinimum.elements, 8);
}

TEST(WorkedNumbers, ComputeHoldsOneElement) {
  WorkloadBuilder b;
  b.input("A", {5}).input("W", {2}).output("B", {4});
  b.einsum("conv", {{"p", 4}, {"r", 2}}, {"B", {"p"}},
           {{"A", {"p + r"}}, {"W", {"r"}}});
  TreeBuilder t{b.w};
  CostReport report = evaluated(
      b.w, twoLevels(), t.retain(0, {"A", "W", "B"}, t.compute("conv")));
  EXPECT_EQ(moved(report, b.w, 0, "A").reads, 5);
  EXPECT_EQ(moved(report, b.w, 0, "W").reads, 8);
  EXPECT_EQ(moved(report, b.w, 0, "B").reads, 0);
  EXPECT_EQ(moved(report, b.w, 0, "B").writes, 4);
}

TEST(WorkedNumbers, LifetimesInsideSequential) {
  WorkloadBuilder b;
  b.input("T0", {3, 3});
  for (int i = 0; i < 3; ++i) {
    std::string n = std::to_string(i), next = std::to_string(i + 1);
    b.input("W" + n, {3, 3});
    b.tensor("T" + next, i == 2 ? TensorKind::Output : TensorKind::Intermediate,
             {3, 3});
    b.einsum("mm" + n, {{"m", 3}, {"n", 3}, {"k", 3}}, {"T" + next, {"m", "n"}},
             {{"T" + n, {"m", "k"}}, {"W" + n, {"k", "n"}}});
  }
  TreeBuilder t{b.w};
  CostReport report = evaluated(
      b.w, twoLevels(),
      t.retain(0, {"T0", "W0", "W1", "W2", "T3"},
               t.retain(1, {"T0", "W0", "T1", "W1", "T2", "W2", "T3"},
                        t.sequential({t.compute("mm0"), t.compute("mm1"),
                                      t.compute("mm2")}))));
  EXPECT_EQ(report.capacityBits[1], 27 * 8);
  EXPECT_EQ(report.offChip.elements, 45);
}

TEST(WorkedNumbers, PartialSums) {
  WorkloadBuilder b;
  b.input("A", {4, 8}).input("B", {8, 4}).output("Y", {4, 4});
  b.einsum("mm", {{"m", 4}, {"n", 4}, {"k", 8}}, {"Y", {"m", "n"}},
           {{"A", {"m", "k"}}, {"B", {"k", "n"}}});
  TreeBuilder t{b.w};
  Node below = t.retain(1, {"A", "B", "Y"}, t.compute("mm"));
  Node tree = t.retain(0, {"A", "B", "Y"},
                       t.loop("k", "mm", 2, t.loop("m", "mm", 1, below)));
  CostReport report = evaluated(b.w, twoLevels(), tree);
  Moved offChip = moved(report, b.w, 0, "Y"),
        onChip = moved(report, b.w, 1, "Y");
  EXPECT_EQ(offChip.reads, 48);
  EXPECT_EQ(offChip.writes, 64);
  EXPECT_EQ(onChip.fills, 48);
  EXPECT_EQ(onChip.drains, 64);

  // With wider partial sums, what moves before the last k step is wider: 48
  // reads and 48 of the writes at 32 bits, the 16 final writes at 8.
  b.w.tensors[*b.w.findTensor("Y")].partialBits = 32;
  report = evaluated(b.w, twoLevels(), tree);
  int64_t readBits = 0, writeBits = 0;
  for (const AccessRow &row : report.accesses)
    if (row.level == 0 && b.w.tensors[row.tensor].name == "Y") {
      readBits += row.readBits;
      writeBits += row.writeBits;
    }
  EXPECT_EQ(readBits, 48 * 32);
  EXPECT_EQ(writeBits, 48 * 32 + 16 * 8);
}

TEST(WorkedNumbers, IncompleteNamesElementAndReader) {
  WorkloadBuilder b = twoConv1d();
  // convA makes A[0..17]; a reader of A[18] finds nothing.
  b.w.tensors[*b.w.findTensor("A")].shape = {20};
  b.w.einsums[1].reads[0].index[0].constant = 1;
  TreeBuilder t{b.w};
  auto report = evaluate(
      b.w, twoLevels(),
      Mapping{t.retain(
          0, {"I", "WA", "WB", "B"},
          t.retain(1, {"A"},
                   t.sequential({t.compute("convA"), t.compute("convB")})))});
  ASSERT_FALSE(bool(report));
  EXPECT_EQ(report.error().message,
            "incomplete: convB reads A[18], which GLB does not hold");
}

TEST(WorkedNumbers, OverflowIsAnError) {
  WorkloadBuilder b;
  int64_t big = int64_t(1) << 31;
  b.input("A", {big}).input("B", {big}).output("Y", {1});
  b.einsum("dot", {{"i", big}, {"j", big - 1}}, {"Y", {"0"}},
           {{"A", {"i"}}, {"B", {"j"}}});
  // 2^62 ops in 2^31 tiles of partial sums: writes and drains together still
  // fit, bits do not.
  b.w.tensors[2].bits = 8;
  TreeBuilder t{b.w};
  auto report =
      evaluate(b.w, twoLevels(),
               Mapping{t.retain(0, {"A", "B", "Y"}, t.compute("dot"))});
  ASSERT_FALSE(bool(report));
  EXPECT_EQ(report.error().message,
            "the bits moved of B at DRAM exceed 64 bit");
}

TEST(WorkedNumbers, AnOverflowHasAName) {
  struct Case {
    int64_t bits; ///< Of each tensor's one element.
    Rational opsPerCycle;
    const char *message;
  };
  for (const Case &c :
       {Case{INT64_MAX / 2, {1, 1}, "the bits moved of B at GLB exceed 64 bit"},
        Case{8, {1, INT64_MAX / 2}, "the cycles of second exceed 64 bit"}}) {
    WorkloadBuilder b;
    b.input("I", {1}).middle("A", {1}).output("B", {1});
    b.einsum("first", {{"i", 1}}, {"A", {"i"}}, {{"I", {"i"}}});
    b.einsum("second", {{"i", 1}, {"k", 3}}, {"B", {"i"}}, {{"A", {"i"}}});
    for (Tensor &tensor : b.w.tensors)
      tensor.bits = c.bits;
    Arch arch = twoLevels();
    arch.compute.kinds.fill({c.opsPerCycle, 0});
    TreeBuilder t{b.w};
    Node split = t.sequential({t.compute("first"), t.compute("second")});
    auto report = evaluate(
        b.w, arch,
        Mapping{t.retain(0, {"I", "B"},
                         t.retain(1, {"I", "A", "B"}, std::move(split)))});
    ASSERT_FALSE(bool(report)) << c.message;
    EXPECT_EQ(report.error().message, c.message);
  }
}

} // namespace
