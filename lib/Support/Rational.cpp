//===- Rational.cpp - Exact rates -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Support/Rational.h"

#include <algorithm>
#include <limits>

using namespace looptree;

namespace {

using Wide = unsigned __int128;
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Error texts repeat the input; a hostile one must not repeat a megabyte.
std::string quote(std::string_view text) {
  constexpr size_t kShown = 40;
  std::string shown(text.substr(0, kShown));
  return "'" + shown + (text.size() > kShown ? "...'" : "'");
}

Error notANumber(std::string_view text) {
  return {quote(text) + " is not a decimal number"};
}

Error tooLarge(std::string_view text) {
  return {quote(text) + " does not fit a 64-bit fraction"};
}

/// Multiplies while the product stays within int64_t.
bool multiply(Wide &value, unsigned factor, uint64_t times) {
  for (; times; --times) {
    value *= factor;
    if (value > Wide(kMax))
      return false;
  }
  return true;
}

/// Digits of a decimal without their trailing zeros, times 10^exponent.
struct Scaled {
  Wide mantissa = 0;
  int64_t exponent = 0;
  uint64_t pendingZeros = 0;
  bool overflow = false;

  void push(char digit, bool afterPoint) {
    exponent -= afterPoint;
    if (digit == '0') {
      ++pendingZeros;
      return;
    }
    if (mantissa)
      for (uint64_t i = 0; i < pendingZeros && !overflow; ++i)
        append(0);
    pendingZeros = 0;
    append(unsigned(digit - '0'));
  }
  void append(unsigned digit) {
    if (overflow || mantissa > (~Wide(0) - digit) / 10)
      overflow = true;
    else
      mantissa = mantissa * 10 + digit;
  }
};

Result<Rational> parseDecimal(std::string_view text) {
  size_t pos = 0;
  bool negative = false;
  if (pos < text.size() && (text[pos] == '-' || text[pos] == '+'))
    negative = text[pos++] == '-';

  Scaled scaled;
  bool anyDigit = false;
  for (; pos < text.size() && isDigit(text[pos]); ++pos, anyDigit = true)
    scaled.push(text[pos], /*afterPoint=*/false);
  if (pos < text.size() && text[pos] == '.') {
    ++pos;
    for (; pos < text.size() && isDigit(text[pos]); ++pos, anyDigit = true)
      scaled.push(text[pos], /*afterPoint=*/true);
  }
  if (!anyDigit)
    return notANumber(text);

  // Beyond any exponent that can still give a 64-bit fraction.
  constexpr int64_t kExponentCap = int64_t(1) << 40;
  if (pos < text.size() && (text[pos] == 'e' || text[pos] == 'E')) {
    ++pos;
    bool down = false;
    if (pos < text.size() && (text[pos] == '-' || text[pos] == '+'))
      down = text[pos++] == '-';
    if (pos == text.size() || !isDigit(text[pos]))
      return notANumber(text);
    int64_t exponent = 0;
    for (; pos < text.size() && isDigit(text[pos]); ++pos)
      exponent = std::min(exponent * 10 + (text[pos] - '0'), kExponentCap);
    scaled.exponent += down ? -exponent : exponent;
  }
  if (pos != text.size())
    return notANumber(text);
  if (scaled.overflow)
    return tooLarge(text);
  if (scaled.mantissa == 0)
    return Rational{0, 1};

  Wide num = scaled.mantissa, den = 1;
  int64_t exponent = scaled.exponent + int64_t(scaled.pendingZeros);
  if (exponent >= 0) {
    if (num > Wide(kMax) || !multiply(num, 10, uint64_t(exponent)))
      return tooLarge(text);
  } else {
    uint64_t twos = uint64_t(-exponent), fives = twos;
    for (; twos && num % 2 == 0; --twos)
      num /= 2;
    for (; fives && num % 5 == 0; --fives)
      num /= 5;
    if (num > Wide(kMax) || !multiply(den, 2, twos) || !multiply(den, 5, fives))
      return tooLarge(text);
  }
  int64_t signedNum = int64_t(num);
  return Rational{negative ? -signedNum : signedNum, int64_t(den)};
}

std::string digitsOf(Wide value) {
  std::string digits;
  do {
    digits.push_back(char('0' + unsigned(value % 10)));
    value /= 10;
  } while (value);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

} // namespace

Result<Rational> Rational::parse(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == std::string_view::npos)
    return parseDecimal(text);

  Result<Rational> top = parseDecimal(text.substr(0, slash));
  std::string_view below = text.substr(slash + 1);
  Result<Rational> bottom = parseDecimal(below);
  if (!top || !bottom || top->den != 1 || bottom->den != 1 ||
      bottom->num <= 0 || !isDigit(below[0]))
    return notANumber(text);
  return reduced(top->num, bottom->num);
}

Rational Rational::reduced(int64_t num, int64_t den) {
  assert(den > 0 && "a denominator is positive");
  // std::gcd is undefined for the most negative value; unsigned is not.
  uint64_t a = num < 0 ? 0 - uint64_t(num) : uint64_t(num), b = uint64_t(den);
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  // a <= den, so it fits.
  return {num / int64_t(a), den / int64_t(a)};
}

std::string Rational::str() const {
  uint64_t rest = uint64_t(den);
  unsigned twos = 0, fives = 0;
  for (; rest % 2 == 0; rest /= 2)
    ++twos;
  for (; rest % 5 == 0; rest /= 5)
    ++fives;

  Wide magnitude = num < 0 ? Wide(0 - uint64_t(num)) : Wide(num);
  unsigned places = std::max(twos, fives);
  bool fits = rest == 1;
  for (unsigned i = 0; fits && i < places; ++i) {
    unsigned factor = (i >= twos ? 2 : 1) * (i >= fives ? 5 : 1);
    fits = magnitude <= ~Wide(0) / factor;
    magnitude *= factor;
  }
  std::string sign = num < 0 ? "-" : "";
  if (!fits)
    return std::to_string(num) + "/" + std::to_string(den);
  std::string digits = digitsOf(magnitude);
  if (places == 0)
    return sign + digits;
  if (digits.size() <= places)
    digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  return sign + digits;
}

std::optional<int64_t> looptree::ceilDivide(int64_t count,
                                            const Rational &rate) {
  assert(count >= 0 && rate.num > 0 && "a count over a positive rate");
  Wide top = Wide(count) * Wide(rate.den);
  Wide cycles = top / Wide(rate.num) + (top % Wide(rate.num) != 0);
  if (cycles > Wide(kMax))
    return std::nullopt;
  return int64_t(cycles);
}
