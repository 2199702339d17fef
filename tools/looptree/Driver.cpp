//===- Driver.cpp - Evaluating the candidates of a file -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "Trace.h"

#include "looptree/Analysis/Nodes.h"
#ifdef LOOPTREE_HAS_REFERENCE
#include "looptree/Reference/Simulate.h"
#endif

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <istream>
#include <new>

using namespace looptree;
using namespace looptree::driver;

namespace {

#ifdef LOOPTREE_HAS_REFERENCE
/// Ops of the workload run once, or the most that fits.
int64_t totalOps(const Workload &workload) {
  int64_t total = 0;
  for (const Einsum &einsum : workload.einsums) {
    int64_t ops = 1;
    for (const Rank &rank : einsum.ranks)
      ops *= rank.extent; // Workload::check() has bounded the product.
    if (__builtin_add_overflow(total, ops, &total))
      return INT64_MAX;
  }
  return total;
}
#endif

class Session {
public:
  explicit Session(const Request &request) : request(request) {}

  /// Evaluates one text and prints its result. One that needs more memory than
  /// there is does not end a batch.
  void evaluateText(std::string_view text, const std::string &name,
                    unsigned firstLine = 1) {
    try {
      evaluate(text, name, firstLine);
    } catch (const std::bad_alloc &) {
      Error error{"not enough memory to evaluate this candidate"};
      fail(error,
           name + ":" + std::to_string(firstLine) + ": " + error.message);
    }
  }

  void fail(const Error &error, const std::string &diagnostic) {
    if (request.format == Format::Json)
      std::cout << writeError(error) << "\n";
    diagnose(diagnostic);
  }

  int exitCode() const { return failed ? 1 : 0; }

private:
  void evaluate(std::string_view text, const std::string &name,
                unsigned firstLine) {
    std::string place = name + ":" + std::to_string(firstLine);
    Result<Candidate> candidate = readCandidate(text, name, firstLine);
    if (!candidate)
      return fail(candidate.error(), candidate.error().message);
    std::vector<NodeCost> nodes;
    Result<CostReport> report = cost(*candidate, nodes);
    if (!report)
      return fail(report.error(), place + ": " + report.error().message);
    for (const Problem &problem : report->problems)
      diagnose(place + ": " + describe(problem, *report, *candidate));
    std::cout << (request.output == Output::Cost
                      ? costText(*report, *candidate, nodes)
                      : designText(*report, *candidate));
    if (!request.trace.empty())
      writeTrace(*candidate, place);
  }

  void writeTrace(const Candidate &candidate, const std::string &place) {
    Result<std::string> trace =
        traceOf(candidate, request.convention.value_or(candidate.convention));
    if (!trace)
      return diagnose(place + ": " + trace.error().message);
    std::ofstream file(request.trace, std::ios::binary);
    file << *trace;
    file.close();
    if (!file)
      diagnose(request.trace + ": cannot write: " + std::strerror(errno));
  }

  std::string costText(const CostReport &report, const Candidate &candidate,
                       std::span<const NodeCost> nodes) const {
    if (request.format == Format::Table)
      return formatTable(report, candidate, nodes);
    return writeReport(report, candidate.workload, candidate.arch, nodes) +
           "\n";
  }

  std::string designText(const CostReport &report,
                         const Candidate &candidate) const {
    std::vector<DesignRow> rows = looptree::designOf(
        candidate.mapping, candidate.workload, report.recompute);
    if (request.format == Format::Table)
      return toString(rows, candidate.workload, candidate.arch);
    return writeDesign(rows, candidate.workload, candidate.arch) + "\n";
  }

  void diagnose(const std::string &message) {
    std::cerr << "looptree: error: " << message << "\n";
    failed = true;
  }

  /// `nodes` stays empty when nobody asks for them.
  Result<CostReport> cost(const Candidate &candidate,
                          std::vector<NodeCost> &nodes) const {
    Convention convention = request.convention.value_or(candidate.convention);
#ifdef LOOPTREE_HAS_REFERENCE
    if (request.engine == Engine::Simulator) {
      SimulationOptions options{convention};
      options.nodes = request.nodes ? &nodes : nullptr;
      int64_t ops = totalOps(candidate.workload);
      if (request.force)
        options.maxOps = INT64_MAX;
      else if (ops > options.maxOps)
        return Error{
            "the simulator would run at least " + std::to_string(ops) +
            " ops, one by one; `looptree eval` "
            "gives the same numbers, and --force runs it all the same"};
      return simulate(candidate.workload, candidate.arch, candidate.mapping,
                      options);
    }
#endif
    Result<Plan> plan = compile(candidate.workload, candidate.arch,
                                candidate.mapping, convention);
    if (!plan)
      return plan.error();
    if (request.nodes) {
      Result<std::vector<NodeCost>> costs = nodeCosts(*plan, plan->steps());
      if (!costs)
        return costs.error();
      nodes = std::move(*costs);
    }
    Scratch scratch;
    return looptree::evaluate(*plan, plan->steps(), scratch);
  }

  static std::string describe(const Problem &problem, const CostReport &report,
                              const Candidate &candidate) {
    const Arch &arch = candidate.arch;
    return std::visit(
        Overloaded{[&](const OverCapacity &over) {
                     std::string text =
                         "level " + arch.levels[over.level].name + " needs " +
                         std::to_string(over.bits) + " bits, " +
                         std::to_string(over.excess) +
                         " more than it has; it holds";
                     const char *separator = " ";
                     for (const BufferRow &row : report.buffers)
                       if (row.level == over.level) {
                         text += separator +
                                 candidate.workload.tensors[row.tensor].name +
                                 " (" + std::to_string(row.bits) + " bits)";
                         separator = ", ";
                       }
                     return text;
                   },
                   [&](const OverFanOut &over) {
                     const FanOut &dim = arch.fanouts[over.fanout];
                     return "fan-out dimension " + dim.name + " has " +
                            std::to_string(dim.size) +
                            " instances; the mapping uses " +
                            std::to_string(over.instances);
                   },
                   [&](const OverCompute &over) {
                     int64_t instances = arch.computeInstances();
                     return "compute has " + std::to_string(instances) +
                            " instances; the mapping uses " +
                            std::to_string(instances + over.excess);
                   }},
        problem);
  }

  const Request &request;
  bool failed = false;
};

/// One candidate a line; empty lines have no result.
void evaluateLines(Session &session, std::istream &lines,
                   const std::string &name) {
  std::string line;
  for (unsigned number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    session.evaluateText(line, name, number);
    // Whoever writes candidates into a pipe waits for their results.
    std::cout.flush();
  }
}

} // namespace

int driver::run(const Request &request) {
  Session session(request);
  if (request.file == "-") {
    evaluateLines(session, std::cin, "<stdin>");
    return session.exitCode();
  }
  if (request.file.ends_with(".jsonl")) {
    std::ifstream lines(request.file);
    if (!lines || lines.peek() == std::ifstream::traits_type::eof()) {
      Error error{request.file + ": " +
                  (lines.is_open() && !lines.bad() ? "the file is empty"
                                                   : std::strerror(errno))};
      session.fail(error, error.message);
    } else {
      evaluateLines(session, lines, request.file);
    }
    return session.exitCode();
  }
  Result<std::string> text = readFile(request.file);
  if (text)
    session.evaluateText(*text, request.file);
  else
    session.fail(text.error(), text.error().message);
  return session.exitCode();
}
