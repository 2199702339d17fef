//===- Driver.h - Evaluating the candidates of a file -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TOOLS_LOOPTREE_DRIVER_H
#define LOOPTREE_TOOLS_LOOPTREE_DRIVER_H

#include "looptree/Candidate/Candidate.h"

#include <optional>
#include <string>

namespace looptree::driver {

enum class Format { Json, Table };
enum class Engine { ClosedForm, Simulator };
/// What is printed of a candidate: its cost, or its row in the taxonomy.
enum class Output { Cost, Design };

struct Request {
  std::string file; ///< "-" is standard input.
  Format format = Format::Json;
  Engine engine = Engine::ClosedForm;
  Output output = Output::Cost;
  /// Instead of what the candidates say.
  std::optional<Convention> convention;
  std::string trace;  ///< Where to write the timeline; empty: nowhere.
  bool force = false; ///< Simulate however many ops there are.
};

/// Evaluates every candidate of the file: results to stdout, diagnostics to
/// stderr. Returns the exit code.
int run(const Request &request);

/// Prints a candidate as a module, or the mappings of a module (.mlir, .mlirbc)
/// as candidates, which say `convention`: becomes looptree-translate, and
/// returns only when there is none.
int convert(const std::string &file, std::optional<Convention> convention);

/// Prints the exact front of a problem file. Returns the exit code: 0 when it
/// is proven, 3 when a limit or an interrupt came first, 1 when there is none.
int explore(const std::string &file, bool asCsv);

/// The report for a reader: several lines, each ended.
std::string formatTable(const CostReport &report, const Candidate &candidate);

} // namespace looptree::driver

#endif // LOOPTREE_TOOLS_LOOPTREE_DRIVER_H
