//===- looptree.cpp - The command line of the model -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "looptree/Candidate/Candidate.h"

#include <CLI/CLI.hpp>
#include <new>

#include <iostream>

using namespace looptree;
using namespace looptree::driver;

static const char *const kAbout =
    R"(LoopTree: what a mapping of a fused set of tensor operations costs.

A candidate is a file (YAML or JSON) with three parts: a workload (tensors and
einsums), an architecture (memory levels and compute) and a mapping (a tree of
loops, retains, splits and computes). See docs/Candidates.md.)";

static const char *const kExamples = R"(Examples:
  looptree eval candidate.yaml                 the result as one line of JSON
  looptree eval candidate.yaml --format table  the same for a reader
  looptree describe candidate.yaml             its row in the taxonomy
  looptree convert candidate.yaml              the candidate as a module
  looptree eval candidates.jsonl               one JSON candidate a line, one
                                               result a line, in order
  looptree run fused.mlir                      its mappings executed: values and
                                               counts against the model
  generate | looptree eval -                   the same from a pipe
  looptree explore problem.yaml                its best mappings
  looptree explore model.mlir --arch edge \
    --objectives capacity_bits.GLB,off_chip_bits --format table
                                               the same for a linalg function
  looptree explain one.yaml other.yaml         how they differ
  looptree explain --plan model.mlir --arch edge --objectives off_chip_bits
                                               why its fused sets end
  looptree presets edge > my-edge.yaml         an architecture to start from

Results go to stdout, diagnostics to stderr. Exit code: 0 when every candidate
has a valid mapping; 1 when a candidate has no number, or its mapping does not
fit the architecture; 2 when the command line is wrong; 3 when explore stopped
before its front was proven.)";

static int printPresets(const std::string &name) {
  if (name.empty()) {
    for (const std::string &known : presetNames())
      std::cout << known << "\n";
    return 0;
  }
  std::string_view text = presetText(name);
  if (text.empty()) {
    std::cerr << "looptree: error: there is no preset " << name
              << "; `looptree presets` lists them\n";
    return 1;
  }
  std::cout << text;
  return 0;
}

/// The parser's own words for a wrong verb are those for a missing one.
static int printUsageError(const CLI::App &app, const CLI::ParseError &error,
                           std::string_view first) {
  std::string message = error.what();
  if (app.get_subcommands().empty()) {
    message = "unknown verb '" + std::string(first) + "'";
    if (first.empty())
      message = "a verb is missing";
    else if (first.starts_with('-'))
      message = "unknown option '" + std::string(first) + "' before a verb";
    const char *separator = "; there are ";
    for (const CLI::App *verb : app.get_subcommands([](const CLI::App *known) {
           return !known->get_name().empty();
         })) {
      message += separator + verb->get_name();
      separator = ", ";
    }
  }
  std::cerr << "looptree: error: " << message
            << "\nRun looptree --help for more information.\n";
  return 2;
}

namespace {

/// The options of the verbs that take a problem.
class ProblemFlags {
public:
  ProblemFlags(CLI::App &verb, ProblemRequest &request) : request(request) {
    verb.add_option("--workload", request.workload,
                    "The workload or function of a module with several")
        ->option_text("NAME");
    verb.add_option("--arch", arch,
                    "A preset or an architecture file, in place of the "
                    "problem's")
        ->option_text("NAME|FILE");
    verb.add_option("--capacity", request.options.capacity,
                    "Capacities in place of the architecture's, LEVEL:SIZE "
                    "(GLB:512KiB); LEVEL may be left out where one level has "
                    "a capacity")
        ->option_text("[LEVEL:]SIZE,...");
    verb.add_option("--objectives", request.options.objectives,
                    "capacity_bits.LEVEL, off_chip_bits, recompute_ops, "
                    "latency, energy_pj, edp: one, or two or three for a "
                    "front; in place of the problem's")
        ->delimiter(',')
        ->option_text("NAME,...");
    verb.add_option("--constraints", request.options.constraints,
                    "YAML, in place of the problem's: '{max_loops: 2}'")
        ->option_text("YAML");
    verb.add_option("--einsums", request.options.einsums,
                    "The part of the workload to map; all when absent")
        ->delimiter(',')
        ->option_text("NAME,...");
    verb.add_option("--seconds", request.options.seconds,
                    "Stop then with the best so far")
        ->check(CLI::PositiveNumber)
        ->option_text("NUMBER");
    verb.add_option("--evaluations", request.options.evaluations,
                    "Stop after so many evaluated mappings")
        ->check(CLI::PositiveNumber)
        ->option_text("NUMBER");
    verb.add_option("--memory", memory,
                    "Stop when the program takes more than that")
        ->option_text("SIZE");
  }

  /// What is wrong with them, if something is.
  std::optional<std::string> apply() {
    if (!memory.empty()) {
      Result<int64_t> bits = parseBits(memory);
      if (!bits || *bits < 8)
        return "--memory " + memory + ": " +
               (bits ? "at least a byte is needed" : bits.error().message);
      request.options.memoryBytes = *bits / 8;
    }
    if (!arch.empty()) {
      Result<Arch> found = findArch(arch);
      if (!found)
        return "--arch: " + found.error().message;
      request.options.arch = std::move(*found);
    }
    return std::nullopt;
  }

private:
  ProblemRequest &request;
  std::string arch, memory;
};

} // namespace

int main(int argc, char **argv) try {
  CLI::App app(kAbout, "looptree");
  app.footer(kExamples);
  app.require_subcommand(1);
  app.set_version_flag("--version", "looptree " LOOPTREE_VERSION);

  Request request;
  std::string format, convention;
  auto addConvention = [&](CLI::App *verb, const char *about) {
    verb->add_option("--convention", convention, about)
        ->check(CLI::IsMember({"exact", "looptree-v1"}))
        ->option_text("exact|looptree-v1");
  };
  auto addRun = [&](const char *verb, const char *about) {
    CLI::App *run = app.add_subcommand(verb, about);
    run->add_option("FILE", request.file,
                    "A candidate (YAML or JSON); .jsonl or - (standard input) "
                    "holds one JSON candidate a line")
        ->required();
    run->add_option("--format", format,
                    "json: one line a candidate; table: for a reader. "
                    "describe prints a table by default, others JSON")
        ->check(CLI::IsMember({"json", "table"}))
        ->option_text("json|table");
    addConvention(run, "By whose rules to count, whatever the candidates say: "
                       "those of docs/CostModel.md, or the original's where "
                       "they differ");
    return run;
  };
  CLI::App *eval =
      addRun("eval", "Cost of a mapping, in closed form: exact and fast");
  eval->add_option("--trace", request.trace,
                   "Also write the run of the one candidate of FILE as a "
                   "timeline, which Perfetto and Chrome show")
      ->option_text("TRACE.json");
  auto addNodes = [&](CLI::App *run) {
    run->add_flag("--nodes", request.nodes,
                  "Also how often control enters each node of the mapping, and "
                  "how long it is in each branch");
  };
  addNodes(eval);
#ifdef LOOPTREE_HAS_REFERENCE
  CLI::App *simulate = addRun(
      "simulate", "The same numbers, by running every op of the mapping");
  simulate->add_flag("--force", request.force,
                     "Run more than 100000000 ops, however long it takes");
  addNodes(simulate);
#endif
  CLI::App *describe = addRun(
      "describe", "The mapping's row in the taxonomy of fused-layer dataflows");
  CLI::App *convert = app.add_subcommand(
      "convert", "A candidate as a module, or a module's mappings as "
                 "candidates, one a line");
  convert
      ->add_option("FILE", request.file,
                   "A module (.mlir, .mlirbc), or a candidate (YAML or JSON)")
      ->required();
  addConvention(convert, "What the candidates say of it; a module does not");
  CLI::App *explore = app.add_subcommand(
      "explore",
      "The best mappings for a problem, proven over the space that it "
      "names (docs/Explorer.md)");
  ExploreRequest exploreRequest;
  explore
      ->add_option("PROBLEM", exploreRequest.problem.file,
                   "A candidate (YAML or JSON) with objectives in place of its "
                   "mapping; or a module (.mlir, .mlirbc), which the program "
                   "looptree-translate, installed beside this one, reads")
      ->required();
  ProblemFlags problemFlags(*explore, exploreRequest.problem);
  std::string tier;
  explore
      ->add_option(
          "--space", tier,
          "The space to search whole, in place of the problem's. S1: a trunk "
          "of loops over the last einsum, retains anywhere, one sequential, "
          "and loops in each of its branches, one for each einsum. S2: also "
          "pipelines, splits below splits and trunks one after another. S3: "
          "also a rank twice in a chain of loops, and compute spread over "
          "fan-outs. "
          "When absent S1, or the trunk alone where S1 takes too long")
      ->check(CLI::IsMember({"S1", "S2", "S3"}))
      ->option_text("S1|S2|S3");
  explore->add_flag(
      "--sets", exploreRequest.inSets,
      "Partition a network into fused sets of at most 4 einsums, one after "
      "another, and map each: for capacity_bits and off_chip_bits, without "
      "constraints");
  std::string frontFormat = "json";
  explore
      ->add_option("--format", frontFormat,
                   "json: points with mappings and costs; csv: the objectives; "
                   "table: for a reader, with the mapping at the knee")
      ->check(CLI::IsMember({"json", "csv", "table"}))
      ->option_text("json|csv|table");
  explore
      ->add_option("--front", exploreRequest.frontFile,
                   "Also write the front there: .csv as csv, .mlir as mappings "
                   "of one workload, else as json")
      ->option_text("FILE");
  explore->add_flag("--progress", exploreRequest.progress,
                    "Tell of the progress on stderr though it is no terminal");
  CLI::App *explain = app.add_subcommand(
      "explain", "Why a mapping costs what it does, how two differ tensor by "
                 "tensor, or why the fused sets of a network end where they "
                 "do");
  ExplainRequest explainRequest;
  explain
      ->add_option("FILE", explainRequest.problem.file,
                   "A candidate (YAML or JSON); with --plan a problem or a "
                   "module (.mlir, .mlirbc)")
      ->required();
  explain->add_option("OTHER", explainRequest.other,
                      "A second candidate of the same workload");
  explain->add_flag("--plan", explainRequest.isPlan,
                    "Find fused sets as fuse-layers does, and say of each why "
                    "it ends, what the next-best cut costs, and what more "
                    "capacity would buy");
  std::string more = "64KiB";
  explain
      ->add_option("--more", more,
                   "Capacity to try in addition, of each level that has one; "
                   "0: none")
      ->option_text("SIZE")
      ->capture_default_str();
  std::string explainFormat = "text";
  explain->add_option("--format", explainFormat, "text or one line of JSON")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("text|json");
  ProblemFlags explainFlags(*explain, explainRequest.problem);
  CLI::App *runs = app.add_subcommand(
      "run", "A module's function as its mappings lower it, run beside the "
             "function as it stands: values and counts compared");
  runs->prefix_command()->set_help_flag(); // All else is looptree-run's.
  CLI::App *presets = app.add_subcommand(
      "presets", "List the shipped architectures, or print one as YAML");
  std::string preset;
  presets->add_option("NAME", preset, "The architecture to print");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // --help, --version
    return printUsageError(app, error, argc > 1 ? argv[1] : "");
  }
  if (*presets)
    return printPresets(preset);
  if (!convention.empty())
    request.convention =
        convention == "exact" ? Convention::Exact : Convention::LoopTreeV1;
  if (*runs)
    return driver::runModule(runs->remaining());
  if (*convert)
    return driver::convert(request.file, request.convention);
  if (*explore) {
    if (auto error = problemFlags.apply()) {
      std::cerr << "looptree: error: " << *error << "\n";
      return 2;
    }
    for (MapTier each : {MapTier::S1, MapTier::S2, MapTier::S3})
      if (tier == toString(each))
        exploreRequest.problem.options.tier = each;
    exploreRequest.format = frontFormat == "csv"     ? FrontFormat::Csv
                            : frontFormat == "table" ? FrontFormat::Table
                                                     : FrontFormat::Json;
    return driver::explore(exploreRequest);
  }
  if (*explain) {
    auto error = explainFlags.apply();
    Result<int64_t> bits = parseBits(more);
    if (!error && !bits)
      error = "--more " + more + ": " + bits.error().message;
    if (!error && explainRequest.isPlan && !explainRequest.other.empty())
      error = "--plan takes one file";
    if (error) {
      std::cerr << "looptree: error: " << *error << "\n";
      return 2;
    }
    explainRequest.moreBits = *bits;
    explainRequest.asJson = explainFormat == "json";
    return driver::explain(explainRequest);
  }
  if (*describe)
    request.output = Output::Design;
  bool asTable = format.empty() ? bool(*describe) : format == "table";
  request.format = asTable ? Format::Table : Format::Json;
#ifdef LOOPTREE_HAS_REFERENCE
  if (*simulate)
    request.engine = Engine::Simulator;
#endif
  bool isBatch = request.file == "-" || request.file.ends_with(".jsonl");
  if (isBatch && !request.trace.empty()) {
    std::cerr << "looptree: error: --trace takes a file with one candidate\n";
    return 2;
  }
  return run(request);
} catch (const std::bad_alloc &) {
  std::cerr << "looptree: error: not enough memory\n";
  return 1;
}
