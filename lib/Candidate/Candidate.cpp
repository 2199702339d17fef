//===- Candidate.cpp - Candidates from files -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Candidate/Candidate.h"

#include "Reader.h"

#include <cerrno>
#include <cstring>
#include <fstream>

using namespace looptree;
using namespace looptree::candidate;

namespace {

bool readConvention(Reader &reader, const Value *value,
                    Convention &convention) {
  if (!value)
    return true;
  std::optional<std::string> name = reader.string(*value, "convention");
  if (!name)
    return false;
  for (Convention known : {Convention::Exact, Convention::LoopTreeV1})
    if (*name == toString(known)) {
      convention = known;
      return true;
    }
  return reader.fail(*value, "unknown convention '" + *name +
                                 "'; known are exact, looptree-v1");
}

/// Keys of a problem get an answer of their own: the files look alike.
bool checkNotProblem(Reader &reader, const Value &value) {
  if (value.kind != Value::Kind::Map)
    return true;
  for (size_t i = 0; i < value.items.size(); i += 2)
    for (const char *key : {"objectives", "constraints", "limits"})
      if (value.items[i].text == key)
        return reader.fail(value.items[i],
                           "key '" + std::string(key) +
                               "' belongs to a problem; a candidate has a "
                               "mapping");
  return true;
}

std::optional<Candidate> readRoot(Reader &reader, const Value &value) {
  if (!checkNotProblem(reader, value))
    return std::nullopt;
  Fields fields(
      reader, value, "a candidate",
      {"version", "workload", "architecture", "mapping", "convention"});
  Convention convention = Convention::Exact;
  if (!fields || !reader.checkVersion(fields.find("version")) ||
      !readConvention(reader, fields.find("convention"), convention))
    return std::nullopt;
  const Value *workloadValue = fields.require("workload");
  const Value *archValue =
      workloadValue ? fields.require("architecture") : nullptr;
  const Value *mappingValue = archValue ? fields.require("mapping") : nullptr;
  if (!mappingValue)
    return std::nullopt;
  std::optional<Workload> workload = readWorkload(reader, *workloadValue);
  if (!workload)
    return std::nullopt;
  std::optional<Arch> arch = candidate::readArch(reader, *archValue);
  if (!arch)
    return std::nullopt;
  std::optional<Mapping> mapping =
      readMapping(reader, *mappingValue, *workload, *arch);
  if (!mapping)
    return std::nullopt;
  return Candidate{std::move(*workload), std::move(*arch), std::move(*mapping),
                   convention};
}

std::optional<Arch> readArchRoot(Reader &reader, const Value &value) {
  bool wrapped = false;
  if (value.kind == Value::Kind::Map)
    for (size_t i = 0; i < value.items.size(); i += 2)
      wrapped |= value.items[i].text == "architecture";
  if (wrapped) {
    Fields fields(reader, value, "an architecture file",
                  {"version", "architecture"});
    if (!fields || !reader.checkVersion(fields.find("version")))
      return std::nullopt;
    return candidate::readArch(reader, *fields.find("architecture"));
  }
  return candidate::readArch(reader, value);
}

} // namespace

Result<Candidate> looptree::readCandidate(std::string_view text,
                                          std::string_view name,
                                          unsigned firstLine) {
  Result<Value> value = parseDocument(text, name, firstLine);
  if (!value)
    return value.error();
  Reader reader(name);
  std::optional<Candidate> candidate = readRoot(reader, *value);
  if (!candidate)
    return reader.error();
  return std::move(*candidate);
}

Result<Arch> looptree::readArch(std::string_view text, std::string_view name) {
  Result<Value> value = parseDocument(text, name);
  if (!value)
    return value.error();
  Reader reader(name);
  std::optional<Arch> arch = readArchRoot(reader, *value);
  if (!arch)
    return reader.error();
  return std::move(*arch);
}

Result<std::string> looptree::readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error{path + ": cannot open: " + std::strerror(errno)};
  std::string text;
  char chunk[1 << 16];
  // A folder opens, and fails here.
  while (file.read(chunk, sizeof chunk) || file.gcount() > 0) {
    text.append(chunk, size_t(file.gcount()));
    if (text.size() > kMaxTextBytes)
      return errorAt(path, 1, 1, tooLong());
  }
  if (file.bad() || !file.eof())
    return Error{path + ": cannot read: " + std::strerror(errno)};
  return text;
}
