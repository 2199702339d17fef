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
#include "looptree/Candidate/Problem.h"

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
  bool nodes = false; ///< Also the costs of the nodes of the mapping.
};

/// Evaluates every candidate of the file: results to stdout, diagnostics to
/// stderr. Returns the exit code.
int run(const Request &request);

/// Prints a candidate as a module, or the mappings of a module (.mlir, .mlirbc)
/// as candidates, which say `convention`: becomes looptree-translate, and
/// returns only when there is none.
int convert(const std::string &file, std::optional<Convention> convention);

/// Runs a module's mappings beside its function: becomes looptree-run with
/// these arguments, and returns only when there is none.
int runModule(const std::vector<std::string> &arguments);

/// Where a problem is, and what the command line says in place of the file.
struct ProblemRequest {
  std::string file;     ///< A problem file or a module (.mlir, .mlirbc).
  std::string workload; ///< Of a module with several; empty: its only one.
  ProblemOptions options;
};
Result<SearchProblem> readProblemOf(const ProblemRequest &request);

enum class FrontFormat { Json, Csv, Table };

struct ExploreRequest {
  ProblemRequest problem;
  FrontFormat format = FrontFormat::Json;
  std::string frontFile; ///< Also write it there; empty: nowhere.
  bool inSets = false;   ///< Over partitions into fused sets.
  bool progress = false; ///< Tell of it though stderr is no terminal.
};

/// Prints the exact front of a problem. Returns the exit code: 0 when it is
/// proven, 3 when a limit or an interrupt came first, 1 when there is none.
int explore(const ExploreRequest &request);

struct ExplainRequest {
  ProblemRequest problem; ///< Its file may be a candidate.
  std::string other;      ///< A second candidate; empty: none.
  bool isPlan = false;    ///< The file is a problem: explain its fused plan.
  int64_t moreBits = 0;   ///< How much capacity to try in addition.
  bool asJson = false;
};

/// Explains a candidate, how two differ, or the plan of a network.
int explain(const ExplainRequest &request);

/// Writes candidates, one a line, as one module; says why it could not.
std::optional<std::string> writeModule(const std::string &candidates,
                                       const std::string &file);
/// The problem text that a module is read as.
Result<std::string> problemOfModule(const std::string &file,
                                    const std::string &workload);

/// The report for a reader: several lines, each ended. `nodes` as of
/// writeReport().
std::string formatTable(const CostReport &report, const Candidate &candidate,
                        std::span<const NodeCost> nodes);

} // namespace looptree::driver

#endif // LOOPTREE_TOOLS_LOOPTREE_DRIVER_H
