//===- Reader.cpp - Typed access to a parsed text -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"

#include "looptree/Candidate/Candidate.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

using namespace looptree;
using namespace looptree::candidate;

namespace {

/// "inf" and "nan" are names here.
bool isNumber(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-'))
    text.remove_prefix(1);
  if (text.empty() ||
      !(std::isdigit(static_cast<unsigned char>(text[0])) || text[0] == '.'))
    return false;
  double number;
  auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return code != std::errc::invalid_argument && end == text.end();
}

/// "the number 5", "a list": what stands there instead of what is needed.
std::string describe(const Value &value) {
  switch (value.kind) {
  case Value::Kind::Null:
    return "null";
  case Value::Kind::List:
    return "a list";
  case Value::Kind::Map:
    return "a map";
  case Value::Kind::Scalar:
    break;
  }
  constexpr size_t kShown = 40;
  std::string shown = value.text.substr(0, kShown);
  if (value.text.size() > kShown)
    shown += "...";
  if (value.quoted)
    return "the string \"" + shown + "\"";
  return isNumber(value.text) ? "the number " + shown : shown;
}

std::string needs(const char *what, const char *type, const Value &value) {
  return std::string(what) + " is " + type + ", not " + describe(value);
}

struct Unit {
  std::string_view name;
  int64_t bits;
};
constexpr Unit kUnits[] = {
    {"bit", 1},
    {"kbit", 1000},
    {"Mbit", 1000000},
    {"Gbit", 1000000000},
    {"Kibit", int64_t(1) << 10},
    {"Mibit", int64_t(1) << 20},
    {"Gibit", int64_t(1) << 30},
    {"B", 8},
    {"kB", 8 * 1000},
    {"MB", 8 * 1000000},
    {"GB", int64_t(8) * 1000000000},
    {"KiB", int64_t(8) << 10},
    {"MiB", int64_t(8) << 20},
    {"GiB", int64_t(8) << 30},
    {"TiB", int64_t(8) << 40},
};

} // namespace

Result<int64_t> looptree::parseBits(std::string_view text) {
  size_t split = text.size();
  while (split && std::isalpha(static_cast<unsigned char>(text[split - 1])))
    --split;
  std::string_view unit = split < text.size() ? text.substr(split) : "bit";
  std::string_view amount = text.substr(0, split);
  while (amount.ends_with(' '))
    amount.remove_suffix(1);
  const Unit *known =
      std::find_if(std::begin(kUnits), std::end(kUnits),
                   [&](const Unit &u) { return u.name == unit; });
  Result<Rational> number = Rational::parse(amount);
  if (!number || known == std::end(kUnits))
    return Error{"a number of bits, as in 4096 or 512 KiB, is needed, not \"" +
                 std::string(text) + "\""};
  int64_t total;
  if (__builtin_mul_overflow(number->num, known->bits, &total))
    return Error{std::string(text) + " exceeds 64 bit"};
  if (total % number->den)
    return Error{std::string(text) + " is not a whole number of bits"};
  return total / number->den;
}

bool Reader::fail(const Value &where, const std::string &message) {
  if (!firstError)
    firstError = errorAt(name, where.line, where.column, message);
  return false;
}

std::optional<std::string> Reader::string(const Value &value,
                                          const char *what) {
  // An unquoted number or truth value is not a string, in JSON and YAML alike.
  bool good = value.kind == Value::Kind::Scalar &&
              (value.quoted || (!isNumber(value.text) && value.text != "true" &&
                                value.text != "false"));
  if (good && !value.text.empty())
    return value.text;
  fail(value,
       good ? std::string(what) + " is empty" : needs(what, "a string", value));
  return std::nullopt;
}

std::optional<bool> Reader::boolean(const Value &value, const char *what) {
  if (value.kind == Value::Kind::Scalar && !value.quoted) {
    if (value.text == "true")
      return true;
    if (value.text == "false")
      return false;
  }
  fail(value, needs(what, "true or false", value));
  return std::nullopt;
}

static bool checkLeast(Reader &reader, const Value &value, const char *what,
                       int64_t number, int64_t least) {
  return number >= least ||
         reader.fail(value, std::string(what) + " is " +
                                std::to_string(number) + "; at least " +
                                std::to_string(least) + " is needed");
}

std::optional<int64_t> Reader::integer(const Value &value, const char *what,
                                       int64_t least) {
  const std::string &text = value.text;
  if (value.kind == Value::Kind::Scalar && !value.quoted) {
    const char *begin = text.data() + text.starts_with('+');
    const char *end = text.data() + text.size();
    int64_t number = 0;
    auto [stop, code] = std::from_chars(begin, end, number);
    bool whole = stop == end && begin != end;
    if (whole && code == std::errc::result_out_of_range) {
      fail(value, std::string(what) + " is " + text + ", which exceeds 64 bit");
      return std::nullopt;
    }
    // YAML has had two readings of 010.
    std::string_view digits = text;
    digits.remove_prefix(
        std::min(digits.find_first_of("0123456789"), digits.size()));
    bool octal = digits.size() > 1 && digits[0] == '0';
    if (whole && code == std::errc() && !octal)
      return checkLeast(*this, value, what, number, least)
                 ? std::optional(number)
                 : std::nullopt;
  }
  fail(value, needs(what, "an integer", value));
  return std::nullopt;
}

std::optional<double> Reader::energy(const Value &value, const char *what) {
  if (value.kind == Value::Kind::Scalar && !value.quoted) {
    const std::string &text = value.text;
    const char *begin = text.data() + text.starts_with('+');
    double number = 0;
    auto [stop, code] =
        std::from_chars(begin, text.data() + text.size(), number);
    if (stop == text.data() + text.size() && code == std::errc() &&
        std::isfinite(number)) {
      if (number >= 0)
        return number;
      fail(value,
           std::string(what) + " is " + text + "; it cannot be negative");
      return std::nullopt;
    }
  }
  fail(value, needs(what, "a finite number", value));
  return std::nullopt;
}

std::optional<Rational> Reader::rate(const Value &value, const char *what) {
  // A fraction is a string in JSON, so quotes are fine here.
  if (value.kind != Value::Kind::Scalar) {
    fail(value, needs(what, "a number or null", value));
    return std::nullopt;
  }
  Result<Rational> number = Rational::parse(value.text);
  if (!number) {
    fail(value, std::string(what) + ": " + number.error().message);
    return std::nullopt;
  }
  if (number->num <= 0) {
    fail(value, std::string(what) + " is " + number->str() +
                    "; a number > 0 is needed (null is unbounded)");
    return std::nullopt;
  }
  return *number;
}

std::optional<int64_t> Reader::bits(const Value &value, const char *what,
                                    int64_t least) {
  if (value.kind != Value::Kind::Scalar) {
    fail(value, needs(what, "a number of bits", value));
    return std::nullopt;
  }
  if (value.text.empty() ||
      !std::isalpha(static_cast<unsigned char>(value.text.back())))
    return integer(value, what, least);
  Result<int64_t> total = parseBits(value.text);
  if (!total) {
    fail(value, std::string(what) + ": " + total.error().message);
    return std::nullopt;
  }
  return checkLeast(*this, value, what, *total, least) ? std::optional(*total)
                                                       : std::nullopt;
}

std::optional<std::span<const Value>> Reader::list(const Value &value,
                                                   const char *what) {
  if (value.kind == Value::Kind::List)
    return std::span<const Value>(value.items);
  fail(value, needs(what, "a list", value));
  return std::nullopt;
}

bool Reader::checkVersion(const Value *value) {
  if (!value)
    return true;
  std::optional<int64_t> version = integer(*value, "version", INT64_MIN);
  if (!version)
    return false;
  return *version == 1 ||
         fail(*value, "version " + std::to_string(*version) +
                          " is not known; this tool reads version 1");
}

Fields::Fields(Reader &reader, const Value &map, const char *what,
               std::initializer_list<const char *> known)
    : reader(reader), map(map), what(what) {
  if (map.kind != Value::Kind::Map) {
    reader.fail(map, needs(what, "a map", map));
    return;
  }
  for (size_t i = 0; i < map.items.size(); i += 2) {
    const Value &key = map.items[i];
    if (key.kind != Value::Kind::Scalar) {
      reader.fail(key, "a key of " + std::string(what) + " is " +
                           describe(key) + ", not a name");
      return;
    }
    if (std::find(known.begin(), known.end(), key.text) == known.end()) {
      std::string names;
      for (const char *candidate : known)
        names += (names.empty() ? "" : ", ") + std::string(candidate);
      reader.fail(key, "unknown key '" + key.text.substr(0, 40) + "' of " +
                           what + "; known are " + names);
      return;
    }
    for (size_t j = 0; j < i; j += 2)
      if (map.items[j].text == key.text) {
        reader.fail(key,
                    "key '" + key.text + "' of " + what + " is given twice");
        return;
      }
  }
  good = true;
}

const Value *Fields::find(std::string_view key) const {
  for (size_t i = 0; i < map.items.size(); i += 2)
    if (map.items[i].text == key)
      return &map.items[i + 1];
  return nullptr;
}

const Value *Fields::require(std::string_view key) const {
  const Value *value = find(key);
  if (!value)
    reader.fail(map,
                std::string(what) + " has no key '" + std::string(key) + "'");
  return value;
}
