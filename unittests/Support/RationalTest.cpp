//===- RationalTest.cpp - Exact rates -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Support/Rational.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

using namespace looptree;

namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

struct Reading {
  const char *text;
  Rational value;
};
void PrintTo(const Reading &reading, std::ostream *out) {
  *out << '<' << reading.text << '>';
}

class RationalReads : public testing::TestWithParam<Reading> {};

TEST_P(RationalReads, AsWritten) {
  Result<Rational> number = Rational::parse(GetParam().text);
  ASSERT_TRUE(number) << number.error().message;
  EXPECT_EQ(*number, GetParam().value)
      << number->num << "/" << number->den << " from " << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Decimals, RationalReads,
    testing::Values(Reading{"0", {0, 1}}, Reading{"-0.0", {0, 1}},
                    Reading{"0.3", {3, 10}}, Reading{"12", {12, 1}},
                    Reading{"+7", {7, 1}}, Reading{"1e3", {1000, 1}},
                    Reading{"1E+3", {1000, 1}}, Reading{"-2.5", {-5, 2}},
                    Reading{"2.50000", {5, 2}}, Reading{".5", {1, 2}},
                    Reading{"5.", {5, 1}}, Reading{"007", {7, 1}},
                    Reading{"1000000e-6", {1, 1}}, Reading{"100e-1", {10, 1}},
                    Reading{"0e99999999999999999999", {0, 1}},
                    Reading{"0.000000000000000001", {1, 1000000000000000000}},
                    Reading{"9223372036854775807", {kMax, 1}},
                    Reading{"-9223372036854775807", {-kMax, 1}},
                    Reading{"92233720368547758.07e2", {kMax, 1}},
                    // More digits than 64 bit hold, but not in lowest terms.
                    Reading{"0.50000000000000000000000000000000000000000000000",
                            {1, 2}},
                    Reading{"10000000000000000000000000e-25", {1, 1}},
                    Reading{"1/3", {1, 3}}, Reading{"4/6", {2, 3}},
                    Reading{"-4/6", {-2, 3}},
                    Reading{"429496729600/940000000", {67108864, 146875}}));

class RationalRefuses : public testing::TestWithParam<std::string> {};

TEST_P(RationalRefuses, WithTheText) {
  Result<Rational> number = Rational::parse(GetParam());
  ASSERT_FALSE(number) << number->num << "/" << number->den;
  EXPECT_NE(number.error().message.find(GetParam()), std::string::npos)
      << number.error().message;
}

INSTANTIATE_TEST_SUITE_P(NotNumbers, RationalRefuses,
                         testing::Values("", "-", ".", "e3", "1e", "1e+",
                                         "0x10", "1 ", " 1", "1.2.3", "inf",
                                         "nan", "1/0", "1/-2", "1/", "/2",
                                         "1/2/3", "1/0.5", "one"));
INSTANTIATE_TEST_SUITE_P(
    TooLarge, RationalRefuses,
    testing::Values("9223372036854775808", "1e19", "1e-19", "1e999999999999999",
                    "0.1e-18", "3.14159265358979323846",
                    "9999999999999999999999999999999999999999"));

TEST(Rational, ErrorsDoNotRepeatLongTexts) {
  Result<Rational> number = Rational::parse(std::string(100000, 'x'));
  ASSERT_FALSE(number);
  EXPECT_LT(number.error().message.size(), 100u);
}

TEST(Rational, PrintsTheDecimal) {
  EXPECT_EQ((Rational{3, 10}).str(), "0.3");
  EXPECT_EQ((Rational{-5, 2}).str(), "-2.5");
  EXPECT_EQ((Rational{1, 1000}).str(), "0.001");
  EXPECT_EQ((Rational{12, 1}).str(), "12");
  EXPECT_EQ((Rational{1, 3}).str(), "1/3");
  EXPECT_EQ((Rational{kMin, 1}).str(), "-9223372036854775808");
}

TEST(Rational, PrintedValuesReadBack) {
  for (Rational value :
       {Rational{1, 3}, Rational{-7, 8}, Rational{kMax, 2},
        Rational{kMax, 1000}, Rational{1, int64_t(1) << 62},
        Rational{kMax, int64_t(1) << 62}, Rational{67108864, 146875},
        Rational{1, 1000000000000000000}}) {
    Result<Rational> back = Rational::parse(value.str());
    ASSERT_TRUE(back) << value.str() << ": " << back.error().message;
    EXPECT_EQ(*back, value) << value.str();
  }
}

TEST(Rational, Reduces) {
  EXPECT_EQ(Rational::reduced(0, 5), (Rational{0, 1}));
  EXPECT_EQ(Rational::reduced(kMin, 2), (Rational{kMin / 2, 1}));
  EXPECT_EQ(Rational::reduced(kMax, kMax), (Rational{1, 1}));
}

TEST(Rational, CeilDivide) {
  EXPECT_EQ(ceilDivide(10, {3, 10}), 34);
  EXPECT_EQ(ceilDivide(0, {3, 10}), 0);
  EXPECT_EQ(ceilDivide(9, {3, 1}), 3);
  EXPECT_EQ(ceilDivide(kMax, {1, 1}), kMax);
  EXPECT_EQ(ceilDivide(kMax, {1, 2}), std::nullopt);
  EXPECT_EQ(ceilDivide(kMax, {kMax, kMax - 1}), kMax - 1);
}

} // namespace
