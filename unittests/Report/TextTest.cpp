//===- TextTest.cpp - Numbers and lines for people ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Text.h"

#include <gmock/gmock.h>

using namespace looptree::report;
using testing::ElementsAre;

namespace {

TEST(Text, Sizes) {
  EXPECT_EQ(sizeText(0), "0 B");
  EXPECT_EQ(sizeText(4), "0.5 B");
  EXPECT_EQ(sizeText(8 * 1023), "1023 B");
  EXPECT_EQ(sizeText(8 * 1024), "1 KiB");
  EXPECT_EQ(sizeText(8 * 1536), "1.5 KiB");
  EXPECT_EQ(sizeText(int64_t(8) << 20), "1 MiB");
  EXPECT_EQ(sizeText(INT64_MAX), "1024 PiB");
}

TEST(Text, CountsAreExactBelowTenThousand) {
  EXPECT_EQ(countText(0), "0");
  EXPECT_EQ(countText(9999), "9999");
  EXPECT_EQ(countText(10'000), "10 k");
  EXPECT_EQ(countText(1'234'567), "1.235 M");
  EXPECT_EQ(countText(INT64_MAX), "9.223 E");
}

TEST(Text, Energies) {
  EXPECT_EQ(energyText(0), "0 pJ");
  EXPECT_EQ(energyText(35046), "35.05 nJ");
  EXPECT_EQ(energyText(2.5e15), "2500 J");
}

TEST(Text, RatiosOfNothing) {
  EXPECT_EQ(ratioText(3, 2), "1.50x");
  EXPECT_EQ(ratioText(3, 0), "-");
  EXPECT_EQ(percentText(1, 8), "12.5 %");
  EXPECT_EQ(percentText(0, 0), "-");
}

TEST(Text, Wraps) {
  EXPECT_THAT(wrap("", 10, 2), ElementsAre(""));
  EXPECT_THAT(wrap("ten column", 10, 2), ElementsAre("ten column"));
  EXPECT_THAT(wrap("ten columns", 10, 2), ElementsAre("ten", "  columns"));
  EXPECT_THAT(wrap("a b c d e f", 5, 2), ElementsAre("a b c", "  d e", "  f"));
  // Long words stay whole, and blanks in front are no place to break.
  EXPECT_THAT(wrap("  looooooooong word", 6, 4),
              ElementsAre("  looooooooong", "    word"));
}

TEST(Text, Columns) {
  EXPECT_EQ(alignColumns({{"", "a"}, {"row", "100"}, {"r"}}),
            "         a\n  row  100\n  r\n");
}

} // namespace
