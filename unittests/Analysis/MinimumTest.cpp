//===- MinimumTest.cpp - The algorithmic minimum of networks --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Analysis/Minimum.h"

#include "Builder.h"

using namespace looptree;
using namespace looptree::test;

namespace {

/// `B[16] <- A[18] <- I[20]`
WorkloadBuilder pair() {
  WorkloadBuilder b;
  b.input("I", {20}).input("WA", {3}).middle("A", {18}).input("WB", {3});
  b.output("B", {16});
  b.einsum("convA", {{"pa", 18}, {"ra", 3}}, {"A", {"pa"}},
           {{"I", {"pa + ra"}}, {"WA", {"ra"}}});
  b.einsum("convB", {{"pb", 16}, {"rb", 3}}, {"B", {"pb"}},
           {{"A", {"pb + rb"}}, {"WB", {"rb"}}});
  return b;
}

TEST(AlgorithmicMinimum, IsThatOfAnyMapping) {
  Network network{pair().w, {}};
  network.workload.tensors[2].partialBits = 32;
  EXPECT_EQ(*algorithmicMinimum(network), (ElementsAndBits{42, 336}));
}

TEST(AlgorithmicMinimum, WhatCrossesACutCountsTwice) {
  EXPECT_EQ(*algorithmicMinimum({pair().w, {1}}),
            (ElementsAndBits{42 + 2 * 18, 8 * (42 + 2 * 18)}));
}

TEST(AlgorithmicMinimum, LeavesOutWhatIsNotReached) {
  WorkloadBuilder b;
  b.input("I", {9}).output("O", {4});
  b.einsum("skip", {{"p", 4}}, {"O", {"p"}}, {{"I", {"2*p"}}});
  EXPECT_EQ(*algorithmicMinimum({b.w, {}}), (ElementsAndBits{8, 64}));
}

TEST(AlgorithmicMinimum, OverflowIsAnError) {
  WorkloadBuilder b;
  int64_t half = int64_t(1) << 59;
  b.input("I", {half}).output("O", {half});
  b.einsum("copy", {{"p", half}}, {"O", {"p"}}, {{"I", {"p"}}});
  auto minimum = algorithmicMinimum({b.w, {}});
  ASSERT_FALSE(minimum);
  EXPECT_EQ(minimum.error().message, "the algorithmic minimum exceeds 64 bit");
}

} // namespace
