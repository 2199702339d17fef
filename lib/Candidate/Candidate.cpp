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

Result<Arch> looptree::findArch(std::string_view nameOrFile) {
  if (std::optional<Arch> preset = presetArch(nameOrFile))
    return *preset;
  if (nameOrFile.find_first_of("./") == std::string_view::npos) {
    std::string known;
    for (const std::string &name : presetNames())
      known += (known.empty() ? "" : ", ") + name;
    return Error{"there is no preset " + std::string(nameOrFile) +
                 "; there are " + known + "; a file is named with its ending"};
  }
  std::string file(nameOrFile);
  Result<std::string> text = readFile(file);
  if (!text)
    return text.error();
  return readArch(*text, file);
}

static std::optional<LevelId> onlyBoundedLevel(const Arch &arch) {
  std::optional<LevelId> found;
  for (LevelId l = 0; l < arch.levels.size(); ++l)
    if (arch.levels[l].capacityBits) {
      if (found)
        return std::nullopt;
      found = l;
    }
  return found;
}

static std::optional<Error> overrideCapacity(Arch &arch, std::string item) {
  item.erase(0, item.find_first_not_of(' '));
  size_t colon = item.find(':');
  std::string level = colon == std::string::npos ? "" : item.substr(0, colon);
  std::string size = colon == std::string::npos ? item : item.substr(colon + 1);
  std::optional<LevelId> id =
      level.empty() ? onlyBoundedLevel(arch) : arch.findLevel(level);
  if (!id && level.empty())
    return Error{"capacity=" + size + ": " + arch.name +
                 " does not have one level with a capacity; name it, as in "
                 "capacity=" +
                 arch.levels.back().name + ":" + size};
  if (!id)
    return Error{"capacity=" + item + ": " + arch.name + " has no level " +
                 level};
  Result<int64_t> bits = parseBits(size);
  if (!bits)
    return Error{"capacity=" + item + ": " + bits.error().message};
  if (*bits < 1)
    return Error{"capacity=" + item + ": at least 1 bit is needed"};
  arch.levels[*id].capacityBits = *bits;
  return std::nullopt;
}

std::optional<Error> looptree::overrideCapacities(Arch &arch,
                                                  std::string_view text) {
  while (!text.empty()) {
    size_t comma = std::min(text.find(','), text.size());
    if (auto error = overrideCapacity(arch, std::string(text.substr(0, comma))))
      return error;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return std::nullopt;
}
