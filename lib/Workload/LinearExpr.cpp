//===- LinearExpr.cpp - Index expressions as text -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Workload/Workload.h"

#include <algorithm>
#include <limits>
#include <vector>

using namespace looptree;

std::string looptree::toString(const LinearExpr &expr, const Einsum &einsum) {
  std::string text;
  for (const LinearExpr::Term &term : expr.terms) {
    if (!text.empty())
      text += " + ";
    if (term.coefficient != 1)
      text += std::to_string(term.coefficient) + "*";
    text += term.rank < einsum.ranks.size() ? einsum.ranks[term.rank].name
                                            : "?" + std::to_string(term.rank);
  }
  if (text.empty())
    return std::to_string(expr.constant);
  if (expr.constant == 0)
    return text;
  std::string constant = std::to_string(expr.constant);
  if (expr.constant > 0)
    return text + " + " + constant;
  return text + " - " + constant.substr(1);
}

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// expr   = [sign] term { sign term }
/// term   = number [ "*" name ] | name
class Parser {
public:
  Parser(std::string_view text, const Einsum &einsum)
      : text(text), einsum(einsum), coefficients(einsum.ranks.size(), 0) {}

  Result<LinearExpr> parse() {
    bool negative = takeSign().value_or(false);
    while (true) {
      if (std::optional<Error> error = takeTerm(negative))
        return *error;
      skipSpace();
      if (pos == text.size())
        break;
      std::optional<bool> sign = takeSign();
      if (!sign)
        return failAt("expected '+' or '-'");
      negative = *sign;
    }
    LinearExpr expr;
    expr.constant = constant;
    for (RankId rank = 0; rank < coefficients.size(); ++rank) {
      if (coefficients[rank] < 0)
        return Error{"rank " + einsum.ranks[rank].name +
                     " has a negative coefficient in '" + std::string(text) +
                     "'"};
      if (coefficients[rank] > 0)
        expr.terms.push_back({rank, coefficients[rank]});
    }
    return expr;
  }

private:
  void skipSpace() {
    while (pos < text.size() && (text[pos] == ' ' || text[pos] == '\t'))
      ++pos;
  }

  Error failAt(const std::string &expected) const {
    return {expected + " at character " + std::to_string(pos + 1) + " of '" +
            std::string(text) + "'"};
  }
  Error overflow() const {
    return {"a number in '" + std::string(text) + "' exceeds 64 bit"};
  }

  /// True for a minus; nothing when there is no sign.
  std::optional<bool> takeSign() {
    skipSpace();
    if (pos == text.size() || (text[pos] != '+' && text[pos] != '-'))
      return std::nullopt;
    return text[pos++] == '-';
  }

  /// Digits with their sign, so that the most negative constant can be read.
  std::optional<int64_t> takeNumber(bool negative) {
    int64_t value = 0;
    for (; pos < text.size() && isDigit(text[pos]); ++pos) {
      int64_t digit = negative ? '0' - text[pos] : text[pos] - '0';
      if (__builtin_mul_overflow(value, int64_t(10), &value) ||
          __builtin_add_overflow(value, digit, &value))
        return std::nullopt;
    }
    return value;
  }

  std::optional<Error> takeTerm(bool negative) {
    skipSpace();
    int64_t factor = negative ? -1 : 1;
    const char *expected = "expected a rank or a number";
    if (pos < text.size() && isDigit(text[pos])) {
      std::optional<int64_t> number = takeNumber(negative);
      if (!number)
        return overflow();
      skipSpace();
      if (pos == text.size() || text[pos] != '*') {
        if (__builtin_add_overflow(constant, *number, &constant))
          return overflow();
        return std::nullopt;
      }
      factor = *number;
      expected = "expected a rank";
      ++pos;
      skipSpace();
    }
    size_t begin = pos;
    if (pos == text.size() || !isNameStart(text[pos]))
      return failAt(expected);
    while (pos < text.size() && (isNameStart(text[pos]) || isDigit(text[pos])))
      ++pos;
    std::string_view name = text.substr(begin, pos - begin);
    std::optional<RankId> rank = einsum.findRank(name);
    if (!rank)
      return Error{std::string(name) + " is not a rank of einsum " +
                   einsum.name};
    if (__builtin_add_overflow(coefficients[*rank], factor,
                               &coefficients[*rank]))
      return overflow();
    return std::nullopt;
  }

  std::string_view text;
  const Einsum &einsum;
  size_t pos = 0;
  int64_t constant = 0;
  std::vector<int64_t> coefficients;
};

} // namespace

Result<LinearExpr> looptree::parseLinearExpr(std::string_view text,
                                             const Einsum &einsum) {
  return Parser(text, einsum).parse();
}
