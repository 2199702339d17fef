//===- Rational.h - Exact rates -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rates are given by people as decimals ("0.3 words a cycle") and divide
// integer counts; a double would round. A Rational keeps them exact.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_SUPPORT_RATIONAL_H
#define LOOPTREE_SUPPORT_RATIONAL_H

#include "looptree/Support/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace looptree {

/// num / den in lowest terms, den > 0.
struct Rational {
  int64_t num = 0;
  int64_t den = 1;

  /// Reads a decimal as written, or a fraction of two integers: "0.3" is 3/10,
  /// "1e3" is 1000, "12" is 12, "4/6" is 2/3. Fails on anything else, and when
  /// numerator or denominator (in lowest terms) exceed 64 bit.
  static Result<Rational> parse(std::string_view text);

  /// num / den in lowest terms; den > 0.
  static Rational reduced(int64_t num, int64_t den);

  /// The plain decimal that parses to this value where there is one,
  /// "num/den" where there is none. parse(str()) gives the value back.
  std::string str() const;

  double toDouble() const { return double(num) / double(den); }
  friend bool operator==(const Rational &, const Rational &) = default;
};

/// ceil(count / rate): the cycles that `count` (>= 0) takes at `rate` (> 0) a
/// cycle; nothing when that exceeds 64 bit. ceilDivide(10, 3/10) is 34.
std::optional<int64_t> ceilDivide(int64_t count, const Rational &rate);

} // namespace looptree

#endif // LOOPTREE_SUPPORT_RATIONAL_H
