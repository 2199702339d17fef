//===- Document.cpp - The one place that meets yaml-cpp -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Document.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <optional>
#include <streambuf>

using namespace looptree;
using namespace looptree::candidate;

Error candidate::errorAt(std::string_view name, unsigned line, unsigned column,
                         const std::string &message) {
  return {std::string(name) + ":" + std::to_string(line) + ":" +
          std::to_string(column) + ": " + message};
}

std::string candidate::tooLong() {
  return "the text has more than " + std::to_string(kMaxTextBytes >> 20) +
         " MiB";
}

namespace {

constexpr size_t kMaxDepth = 256;
// A value takes about 300 bytes while it is read. The networks that people map
// have some ten thousand einsums at most, of about 30 values each.
constexpr size_t kMaxValues = 1'000'000;

std::string deepNesting() {
  return "nesting is deeper than " + std::to_string(kMaxDepth);
}

/// Collects the parser's events into a Value. Thrown ParserExceptions end the
/// parse; parseDocument catches them.
class Builder : public YAML::EventHandler {
public:
  explicit Builder(unsigned firstLine) : firstLine(firstLine) {}

  Value root;

  void OnDocumentStart(const YAML::Mark &) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark &mark, YAML::anchor_t) override {
    add(mark, Value::Kind::Null);
  }
  void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override {
    throw YAML::ParserException(mark, "aliases are not supported");
  }
  void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t,
                const std::string &value) override {
    // The parser marks plain scalars with the tag "?", quoted ones with "!".
    if (tag != "?" && tag != "!" && !tag.empty())
      throw YAML::ParserException(mark, "tags are not supported");
    Value &scalar = add(mark, Value::Kind::Scalar);
    scalar.text = value;
    scalar.quoted = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark &mark, const std::string &,
                       YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, Value::Kind::List);
  }
  void OnSequenceEnd() override { path.pop_back(); }
  void OnMapStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, Value::Kind::Map);
  }
  void OnMapEnd() override { path.pop_back(); }

private:
  Value &add(const YAML::Mark &mark, Value::Kind kind) {
    if (++values > kMaxValues)
      throw YAML::ParserException(mark, "the text has more than " +
                                            std::to_string(kMaxValues) +
                                            " values");
    Value *value = &root;
    if (!path.empty())
      value = &path.back()->items.emplace_back();
    value->kind = kind;
    value->line = unsigned(mark.line) + firstLine;
    value->column = unsigned(mark.column) + 1;
    return *value;
  }
  void open(const YAML::Mark &mark, Value::Kind kind) {
    if (path.size() >= kMaxDepth)
      throw YAML::ParserException(mark, deepNesting());
    // Only the innermost open container grows, so these pointers stay good.
    path.push_back(&add(mark, kind));
  }

  unsigned firstLine;
  size_t values = 0;
  std::vector<Value *> path;
};

/// Reads a string_view without a copy.
struct ViewBuffer : std::streambuf {
  explicit ViewBuffer(std::string_view text) {
    char *begin = const_cast<char *>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

/// Bytes of the UTF-8 sequence that the text begins with, 0 where it begins
/// with none.
size_t utf8Length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80)
    return 1;
  size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc0 || byte(0) > 0xf4 || text.size() < length)
    return 0;
  uint32_t code = byte(0) & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  bool isSurrogate = code >= 0xd800 && code < 0xe000;
  return code >= kLeast[length] && code <= 0x10ffff && !isSurrogate ? length
                                                                    : 0;
}

/// The parser takes some control characters for the end of the text, and any
/// byte for a part of a name.
std::optional<Error> checkCharacters(std::string_view text,
                                     std::string_view name, unsigned line) {
  unsigned column = 1;
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    size_t length = utf8Length(text.substr(i, 4));
    if (length == 0)
      return errorAt(name, line, column, "the text is not UTF-8");
    if (length == 1 && c < ' ' && c != '\n' && c != '\t' && c != '\r')
      return errorAt(name, line, column,
                     "control character " + std::to_string(int(c)) +
                         " in the text");
    i += length;
    ++column;
    if (c == '\n')
      ++line, column = 1;
  }
  return std::nullopt;
}

} // namespace

Result<Value> candidate::parseDocument(std::string_view text,
                                       std::string_view name,
                                       unsigned firstLine) {
  if (text.size() > kMaxTextBytes)
    return errorAt(name, firstLine, 1, tooLong());
  if (std::optional<Error> error = checkCharacters(text, name, firstLine))
    return *error;
  Builder builder(firstLine);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder))
      return errorAt(name, firstLine, 1, "the text is empty");
    Builder second(firstLine);
    if (parser.HandleNextDocument(second))
      return errorAt(name, second.root.line, second.root.column,
                     "a second document; a file holds one");
  } catch (const YAML::Exception &error) {
    // The parser's own guard against deep nesting reports no depth.
    bool tooDeep = dynamic_cast<const YAML::DeepRecursion *>(&error);
    return errorAt(name, unsigned(error.mark.line) + firstLine,
                   unsigned(error.mark.column) + 1,
                   tooDeep ? deepNesting() : error.msg);
  } catch (const std::exception &error) {
    return Error{std::string(name) + ": " + error.what()};
  }
  return std::move(builder.root);
}
