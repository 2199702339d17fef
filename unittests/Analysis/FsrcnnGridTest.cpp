//===- FsrcnnGridTest.cpp - Published recomputation grid -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// FSRCNN with valid convolutions, the recomputation grid: tile Ty x Tx of the
// last layer, three retention modes. Operation counts and the off-chip formulas
// are those of the DeFiNES artifact (Mei et al., HPCA 2023).

#include "Builder.h"

using namespace looptree;
using namespace looptree::test;

namespace {

struct Layer {
  int64_t k, c, f, rows, columns;
};

constexpr Layer kLayers[] = {{56, 1, 5, 550, 970},  {12, 56, 1, 550, 970},
                             {12, 12, 3, 548, 968}, {12, 12, 3, 546, 966},
                             {12, 12, 3, 544, 964}, {12, 12, 3, 542, 962},
                             {56, 12, 1, 542, 962}, {16, 56, 3, 540, 960}};
constexpr int64_t kRows[] = {1, 4, 18, 72, 270, 540};
constexpr int64_t kColumns[] = {1, 4, 16, 60, 240, 960};

constexpr int64_t kRecomputed[6][6] = {
    {247467571200, 86740761600, 46559059200, 36736865280, 34058085120,
     33388390080},
    {86740761600, 32566924800, 19023465600, 15712842240, 14809944960,
     14584220640},
    {45070848000, 18521856000, 11884608000, 10262169600, 9819686400,
     9709065600},
    {36340008960, 15579079680, 10388847360, 9120123904, 8774108416, 8687604544},
    {33958871040, 14776504320, 9980912640, 8808656896, 8488950784, 8409024256},
    {33562014720, 14642741760, 9912923520, 8756745728, 8441424512, 8362594208}};

WorkloadBuilder fsrcnn() {
  WorkloadBuilder b;
  b.input("T0", {1, 554, 974});
  for (int i = 0; i < 8; ++i) {
    const Layer &l = kLayers[i];
    std::string in = "T" + std::to_string(i), out = "T" + std::to_string(i + 1),
                weight = "W" + std::to_string(i);
    b.input(weight, {l.k, l.c, l.f, l.f});
    b.tensor(out, i == 7 ? TensorKind::Output : TensorKind::Intermediate,
             {l.k, l.rows, l.columns});
    b.einsum("conv" + std::to_string(i),
             {{"m", l.k},
              {"p", l.rows},
              {"q", l.columns},
              {"c", l.c},
              {"r", l.f},
              {"s", l.f}},
             {out, {"m", "p", "q"}},
             {{in, {"c", "p + r", "q + s"}}, {weight, {"m", "c", "r", "s"}}});
  }
  return b;
}

enum class Mode { NothingKept, ColumnHalosKept, AllKept };

class FsrcnnGrid : public testing::TestWithParam<Mode> {};

TEST_P(FsrcnnGrid, EveryCell) {
  Mode mode = GetParam();
  Workload w = fsrcnn().w;
  TreeBuilder t{w};
  std::vector<std::string> weights, middles{"T0"}, outside{"T0", "T8"};
  std::vector<Node> branches;
  for (int i = 0; i < 8; ++i) {
    weights.push_back("W" + std::to_string(i));
    outside.push_back(weights.back());
    branches.push_back(t.compute("conv" + std::to_string(i)));
    if (i > 0)
      middles.push_back("T" + std::to_string(i));
  }
  Node tree = t.retain(1, {"T8"}, t.sequential(std::move(branches)));
  if (mode == Mode::NothingKept)
    tree = t.retain(1, middles, std::move(tree), middles);
  tree = t.loop("q", "conv7", 1, std::move(tree));
  if (mode == Mode::ColumnHalosKept)
    tree = t.retain(1, middles, std::move(tree), middles);
  if (mode == Mode::AllKept)
    tree = t.retain(1, middles, std::move(tree));
  tree = t.loop("p", "conv7", 1, std::move(tree));
  tree = t.retain(0, outside, t.retain(1, weights, std::move(tree)));
  auto plan = compile(w, twoLevels(), Mapping{tree});
  ASSERT_TRUE(bool(plan)) << plan.error().message;

  Scratch scratch;
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 6; ++x) {
      int64_t steps[] = {kRows[y], kColumns[x]};
      auto report = evaluate(*plan, steps, scratch);
      ASSERT_TRUE(bool(report)) << report.error().message;
      int64_t macs = 0;
      for (int64_t ops : report->ops)
        macs += ops;
      int64_t rowTiles = (540 + kRows[y] - 1) / kRows[y];
      int64_t columnTiles = (960 + kColumns[x] - 1) / kColumns[x];
      int64_t expectedMacs = mode == Mode::NothingKept       ? kRecomputed[y][x]
                             : mode == Mode::ColumnHalosKept ? kRecomputed[y][5]
                                                             : 8362594208;
      int64_t rowsRead = mode == Mode::AllKept ? 554 : 540 + 14 * rowTiles;
      int64_t columnsRead =
          mode == Mode::NothingKept ? 960 + 14 * columnTiles : 974;
      EXPECT_EQ(macs, expectedMacs) << kRows[y] << " x " << kColumns[x];
      EXPECT_EQ(report->offChip.elements,
                rowsRead * columnsRead + 8294400 + 15992)
          << kRows[y] << " x " << kColumns[x];
    }
}

std::string nameOf(const testing::TestParamInfo<Mode> &info) {
  const char *names[] = {"NothingKept", "ColumnHalosKept", "AllKept"};
  return names[int(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Modes, FsrcnnGrid,
                         testing::Values(Mode::NothingKept,
                                         Mode::ColumnHalosKept, Mode::AllKept),
                         nameOf);

} // namespace
