//===- ReadArch.cpp - Architectures from files -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"

#include "looptree/Candidate/Candidate.h"

#include <algorithm>

using namespace looptree;
using namespace looptree::candidate;

namespace {

constexpr std::pair<std::string_view, TensorRole> kRoles[] = {
    {"input", TensorRole::Input},
    {"weight", TensorRole::Weight},
    {"intermediate", TensorRole::Intermediate},
    {"output", TensorRole::Output},
};

bool isGiven(const Value *value) {
  return value && value->kind != Value::Kind::Null;
}

class ArchReader {
public:
  explicit ArchReader(Reader &reader) : reader(reader) {}

  std::optional<Arch> read(const Value &value) {
    Fields fields(reader, value, "an architecture",
                  {"version", "name", "levels", "fanout", "compute"});
    if (!fields || !reader.checkVersion(fields.find("version")) ||
        !readName(fields.find("name"), arch.name))
      return std::nullopt;
    const Value *levels = fields.require("levels");
    auto items = levels ? reader.list(*levels, "levels") : std::nullopt;
    if (!items)
      return std::nullopt;
    for (const Value &item : *items)
      if (!readLevel(item))
        return std::nullopt;
    if (const Value *fanout = fields.find("fanout")) {
      auto dims = reader.list(*fanout, "fanout");
      if (!dims)
        return std::nullopt;
      for (const Value &item : *dims)
        if (!readFanOut(item))
          return std::nullopt;
    }
    const Value *compute = fields.find("compute");
    if (compute && !readCompute(*compute))
      return std::nullopt;
    if (std::optional<Error> error = arch.check()) {
      reader.fail(value, error->message);
      return std::nullopt;
    }
    return std::move(arch);
  }

private:
  bool readName(const Value *value, std::string &name) {
    if (!value)
      return true;
    std::optional<std::string> text = reader.string(*value, "name");
    if (text)
      name = std::move(*text);
    return text.has_value();
  }

  /// Null is free.
  bool readEnergy(const Value *value, const char *what, double &energy) {
    if (!isGiven(value))
      return true;
    std::optional<double> number = reader.energy(*value, what);
    energy = number.value_or(0);
    return number.has_value();
  }

  /// Null is unbounded.
  bool readRate(const Value *value, const char *what,
                std::optional<Rational> &rate) {
    if (!value)
      return true;
    rate = std::nullopt;
    if (!isGiven(value))
      return true;
    rate = reader.rate(*value, what);
    return rate.has_value();
  }

  bool readFlag(const Value *value, const char *what, bool &flag) {
    if (!value)
      return true;
    std::optional<bool> given = reader.boolean(*value, what);
    flag = given.value_or(flag);
    return given.has_value();
  }

  bool readLevel(const Value &value) {
    Fields fields(reader, value, "a level",
                  {"name", "capacity_bits", "read_pj_per_bit",
                   "write_pj_per_bit", "read_pj_per_access",
                   "write_pj_per_access", "access_bits", "read_bits_per_cycle",
                   "write_bits_per_cycle", "shared_bits_per_cycle",
                   "leakage_pj_per_cycle", "multicast", "reduce",
                   "double_buffered", "holds"});
    Level level;
    if (!fields || !fields.require("name") ||
        !readName(fields.find("name"), level.name))
      return false;
    if (arch.findLevel(level.name))
      return reader.fail(*fields.find("name"),
                         "two levels are named " + level.name);
    const Value *capacity = fields.find("capacity_bits");
    if (isGiven(capacity)) {
      level.capacityBits = reader.bits(*capacity, "capacity_bits", 0);
      if (!level.capacityBits)
        return false;
    }
    bool good =
        readAccessEnergies(fields, level) &&
        readRate(fields.find("read_bits_per_cycle"), "read_bits_per_cycle",
                 level.readBitsPerCycle) &&
        readRate(fields.find("write_bits_per_cycle"), "write_bits_per_cycle",
                 level.writeBitsPerCycle) &&
        readRate(fields.find("shared_bits_per_cycle"), "shared_bits_per_cycle",
                 level.sharedBitsPerCycle) &&
        readEnergy(fields.find("leakage_pj_per_cycle"), "leakage_pj_per_cycle",
                   level.leakagePjPerCycle) &&
        readFlag(fields.find("multicast"), "multicast", level.multicast) &&
        readFlag(fields.find("reduce"), "reduce", level.reduce) &&
        readFlag(fields.find("double_buffered"), "double_buffered",
                 level.doubleBuffered) &&
        readHolds(fields.find("holds"), level);
    if (good)
      arch.levels.push_back(std::move(level));
    return good;
  }

  bool readAccessEnergies(const Fields &fields, Level &level) {
    if (const Value *width = fields.find("access_bits")) {
      level.accessBits = reader.bits(*width, "access_bits", 1);
      if (!level.accessBits)
        return false;
    }
    auto port = [&](const char *perBit, const char *perAccess, double &energy) {
      const Value *bit = fields.find(perBit);
      const Value *access = fields.find(perAccess);
      if (!access)
        return readEnergy(bit, perBit, energy);
      if (bit)
        return reader.fail(*access, std::string(perAccess) + " and " + perBit +
                                        " exclude each other");
      if (!level.accessBits)
        return reader.fail(*access, std::string(perAccess) +
                                        " needs access_bits, the width that "
                                        "it is divided by");
      if (!readEnergy(access, perAccess, energy))
        return false;
      energy /= double(*level.accessBits);
      return true;
    };
    return port("read_pj_per_bit", "read_pj_per_access", level.readPjPerBit) &&
           port("write_pj_per_bit", "write_pj_per_access", level.writePjPerBit);
  }

  bool readHolds(const Value *value, Level &level) {
    if (!isGiven(value))
      return true;
    auto items = reader.list(*value, "holds");
    if (!items)
      return false;
    level.holds.emplace();
    for (const Value &item : *items) {
      std::optional<std::string> text = reader.string(item, "a role");
      if (!text)
        return false;
      const auto *role =
          std::find_if(std::begin(kRoles), std::end(kRoles),
                       [&](const auto &known) { return known.first == *text; });
      if (role == std::end(kRoles))
        return reader.fail(item, "unknown role '" + *text +
                                     "'; known are input, weight, "
                                     "intermediate, output");
      if (std::find(level.holds->begin(), level.holds->end(), role->second) !=
          level.holds->end())
        return reader.fail(item, "role " + *text + " is given twice");
      level.holds->push_back(role->second);
    }
    return true;
  }

  bool readFanOut(const Value &value) {
    Fields fields(reader, value, "a fan-out dimension",
                  {"name", "size", "below"});
    FanOut fanout;
    if (!fields || !fields.require("name") ||
        !readName(fields.find("name"), fanout.name))
      return false;
    for (const FanOut &other : arch.fanouts)
      if (other.name == fanout.name)
        return reader.fail(*fields.find("name"),
                           "two fan-out dimensions are named " + fanout.name);
    const Value *size = fields.require("size");
    const Value *below = size ? fields.require("below") : nullptr;
    if (!below)
      return false;
    std::optional<int64_t> number = reader.integer(*size, "size", 1);
    std::optional<std::string> name =
        number ? reader.string(*below, "below") : std::nullopt;
    if (!name)
      return false;
    std::optional<LevelId> level = arch.findLevel(*name);
    if (!level)
      return reader.fail(*below, "there is no level " + *name);
    fanout.size = *number;
    fanout.below = *level;
    arch.fanouts.push_back(std::move(fanout));
    return true;
  }

  bool readOpCost(const Fields &fields, OpCost &cost) {
    return readRate(fields.find("ops_per_cycle"), "ops_per_cycle",
                    cost.opsPerCycle) &&
           readEnergy(fields.find("pj_per_op"), "pj_per_op", cost.pjPerOp);
  }

  bool readCompute(const Value &value) {
    Fields fields(reader, value, "compute",
                  {"ops_per_cycle", "pj_per_op", "leakage_pj_per_cycle",
                   "clock_hz", "kinds"});
    OpCost all;
    if (!fields || !readOpCost(fields, all))
      return false;
    arch.compute.kinds.fill(all);
    if (!readEnergy(fields.find("leakage_pj_per_cycle"), "leakage_pj_per_cycle",
                    arch.compute.leakagePjPerCycle))
      return false;
    if (const Value *clock = fields.find("clock_hz")) {
      std::optional<double> hertz = reader.energy(*clock, "clock_hz");
      if (!hertz)
        return false;
      if (*hertz == 0)
        return reader.fail(*clock, "clock_hz is 0; a number > 0 is needed");
      arch.compute.clockHz = *hertz;
    }
    const Value *kinds = fields.find("kinds");
    return !kinds || readKinds(*kinds);
  }

  /// What a kind does not say, it takes from compute itself.
  bool readKinds(const Value &value) {
    Fields kinds(reader, value, "kinds",
                 {"contraction", "reduction", "elementwise"});
    if (!kinds)
      return false;
    for (EinsumKind kind : {EinsumKind::Contraction, EinsumKind::Reduction,
                            EinsumKind::Elementwise}) {
      const Value *cost = kinds.find(toString(kind));
      if (!cost)
        continue;
      Fields fields(reader, *cost, "a kind", {"ops_per_cycle", "pj_per_op"});
      if (!fields || !readOpCost(fields, arch.compute.kinds[unsigned(kind)]))
        return false;
    }
    return true;
  }

  Reader &reader;
  Arch arch;
};

} // namespace

std::optional<Arch> candidate::readArch(Reader &reader, const Value &value) {
  if (value.kind != Value::Kind::Scalar)
    return ArchReader(reader).read(value);
  std::optional<std::string> name = reader.string(value, "architecture");
  if (!name)
    return std::nullopt;
  std::optional<Arch> preset = presetArch(*name);
  if (!preset) {
    std::string names;
    for (const std::string &known : presetNames())
      names += (names.empty() ? "" : ", ") + known;
    reader.fail(value, "there is no preset architecture " + *name +
                           "; there are " + names);
  }
  return preset;
}
