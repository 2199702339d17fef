//===- SpatialTest.cpp - Arrays of multipliers ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Instances that share accesses, on arrays too large to be walked op by op.

#include "Builder.h"

using namespace looptree;
using namespace looptree::test;

namespace {

/// C[m,n] += A[m,k] * B[k,n] on an array below GLB.
struct Product {
  int64_t m, n, k;
  std::string across, down; ///< Ranks that lie along X and Y.
  bool multicast = true, reduce = true;

  CostReport run() const {
    WorkloadBuilder b;
    b.input("A", {m, k}).input("B", {k, n}).output("C", {m, n});
    b.einsum("mm", {{"m", m}, {"n", n}, {"k", k}}, {"C", {"m", "n"}},
             {{"A", {"m", "k"}}, {"B", {"k", "n"}}});
    Arch arch = twoLevels();
    arch.levels[1].multicast = multicast;
    arch.levels[1].reduce = reduce;
    arch.fanouts = {{"X", 256, 1}, {"Y", 256, 1}};
    TreeBuilder t{b.w};
    Node tree = t.compute("mm");
    auto lay = [&](const std::string &rank, unsigned fanout) {
      tree = {SpatialFor{0, *b.w.einsums[0].findRank(rank), 1, fanout},
              {std::move(tree)}};
    };
    lay(down, 1);
    lay(across, 0);
    tree = t.retain(1, {"A", "B", "C"}, std::move(tree));
    names = b.w;
    return evaluated(b.w, arch, t.retain(0, {"A", "B", "C"}, std::move(tree)));
  }
  Moved at(const CostReport &report, const std::string &tensor) const {
    return moved(report, names, 1, tensor);
  }
  mutable Workload names = {};
};

TEST(Spatial, OutputStationaryArray) {
  Product p{128, 128, 64, "m", "n"};
  CostReport report = p.run();
  EXPECT_TRUE(report.valid());
  EXPECT_EQ(report.ops[0], 128 * 128 * 64);
  EXPECT_EQ(report.computeCycles, 64);
  // A row of A serves a row of the array, a column of B a column.
  EXPECT_EQ(p.at(report, "A").reads, 128 * 64);
  EXPECT_EQ(p.at(report, "B").reads, 64 * 128);
  EXPECT_EQ(p.at(report, "C").writes, 128 * 128);
}

TEST(Spatial, WithoutMulticastEveryInstanceReads) {
  Product p{128, 128, 64, "m", "n", /*multicast=*/false};
  CostReport report = p.run();
  EXPECT_EQ(p.at(report, "A").reads, 128 * 128 * 64);
  EXPECT_EQ(p.at(report, "B").reads, 128 * 128 * 64);
}

TEST(Spatial, ReductionAcrossTheArray) {
  // Weights stay; the parts of a column are one write.
  Product p{64, 128, 128, "k", "n"};
  CostReport report = p.run();
  EXPECT_EQ(report.computeCycles, 64);
  EXPECT_EQ(p.at(report, "B").reads, 128 * 128);
  EXPECT_EQ(p.at(report, "C").writes, 64 * 128);
  EXPECT_EQ(p.at(report, "C").reads, 64 * 128); // To drain them.
}

TEST(Spatial, WithoutReductionPartsAreAddedOneByOne) {
  Product p{64, 128, 128, "k", "n", /*multicast=*/true, /*reduce=*/false};
  CostReport report = p.run();
  EXPECT_EQ(p.at(report, "C").writes, 64 * 128 * 128);
  EXPECT_EQ(p.at(report, "C").reads, 64 * 128 * 127 + 64 * 128);
}

TEST(Spatial, MoreInstancesThanThereAre) {
  Product p{300, 16, 4, "m", "n"};
  CostReport report = p.run();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0], Problem(OverFanOut{0, 300, 44}));
}

} // namespace
