//===- Reader.h - Typed access to a parsed text -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_CANDIDATE_READER_H
#define LOOPTREE_LIB_CANDIDATE_READER_H

#include "Document.h"

#include "looptree/Arch/Arch.h"
#include "looptree/Mapping/MapSpace.h"
#include "looptree/Mapping/Mapping.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace looptree::candidate {

/// Keeps the file's name and the first error. Every method that returns an
/// optional or a pointer returns nothing when the value has another type, and
/// has then recorded why. `what` names the value in messages ("shape").
class Reader {
public:
  explicit Reader(std::string_view name) : name(name) {}

  const Error &error() const { return *firstError; }
  bool failed() const { return firstError.has_value(); }

  /// Always false, so that `return reader.fail(...)` reads well.
  bool fail(const Value &where, const std::string &message);

  std::optional<std::string> string(const Value &value, const char *what);
  std::optional<bool> boolean(const Value &value, const char *what);
  std::optional<int64_t> integer(const Value &value, const char *what,
                                 int64_t least);
  /// A finite number >= 0.
  std::optional<double> energy(const Value &value, const char *what);
  /// A number > 0, exactly as written.
  std::optional<Rational> rate(const Value &value, const char *what);
  /// A number of bits, with or without a unit: 4096, "512 KiB".
  std::optional<int64_t> bits(const Value &value, const char *what,
                              int64_t least);
  std::optional<std::span<const Value>> list(const Value &value,
                                             const char *what);

  /// Of a `version` that may be absent.
  bool checkVersion(const Value *value);

private:
  std::string name;
  std::optional<Error> firstError;
};

/// The keys of a map. Made once per map: refuses what is not a map, a key that
/// is given twice, and a key that is not in `known`.
class Fields {
public:
  /// `what` names the map in messages ("a tensor").
  Fields(Reader &reader, const Value &map, const char *what,
         std::initializer_list<const char *> known);

  explicit operator bool() const { return good; }
  /// The value of a key, or null when the key is absent.
  const Value *find(std::string_view key) const;
  /// The same; an absent key is an error.
  const Value *require(std::string_view key) const;

private:
  Reader &reader;
  const Value &map;
  const char *what;
  bool good = false;
};

/// Each reads one part of a candidate, and returns nothing when the reader has
/// recorded an error. The values they return have passed their own check().
std::optional<Workload> readWorkload(Reader &reader, const Value &value);
std::optional<Arch> readArch(Reader &reader, const Value &value);
std::optional<Mapping> readMapping(Reader &reader, const Value &value,
                                   const Workload &workload, const Arch &arch);
/// The loops and retains that a mapping begins with, up to a split or compute,
/// which need not be there. `value` is a list of nodes.
std::optional<std::vector<NodeKind>> readTrunk(Reader &reader,
                                               const Value &value,
                                               const Workload &workload,
                                               const Arch &arch);
/// `onlyHead`: keys name the last einsum alone. A `mapping` is left to others.
std::optional<Constraints> readConstraints(Reader &reader, const Value &value,
                                           const Workload &workload,
                                           const Arch &arch, bool onlyHead);

} // namespace looptree::candidate

#endif // LOOPTREE_LIB_CANDIDATE_READER_H
