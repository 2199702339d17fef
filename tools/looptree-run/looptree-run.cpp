//===- looptree-run.cpp - Run lowered code beside the unfused -----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Pipelines/Register.h"
#include "looptree/Runner/Runner.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace looptree;

static const char *const kAbout =
    R"(Runs a function as it stands and as its mappings lower it, on the same random
data, and compares values and counts (docs/Run.md). MODULE is a file, or - for
standard input, with the function and its mappings, as --fuse-layers leaves it.

Results go to stdout, diagnostics to stderr. Exit code: 0 when nothing differs; 1
when the module cannot be run, or something differs; 2 when the command line is
wrong.
)";

int main(int argc, char **argv) {
  llvm::cl::OptionCategory category("Options");
  llvm::cl::opt<std::string> file(llvm::cl::Positional, llvm::cl::Required,
                                  llvm::cl::cat(category),
                                  llvm::cl::desc("MODULE"));
  llvm::cl::opt<std::string> function(
      "function", llvm::cl::cat(category), llvm::cl::value_desc("NAME"),
      llvm::cl::desc("The function to run; by default the only one that has "
                     "mappings"));
  llvm::cl::opt<uint64_t> seed("seed", llvm::cl::cat(category),
                               llvm::cl::init(1), llvm::cl::value_desc("N"),
                               llvm::cl::desc("Of the random data; 1"));
  enum class Format { Table, Json };
  llvm::cl::opt<Format> format(
      "format", llvm::cl::cat(category), llvm::cl::init(Format::Table),
      llvm::cl::desc("How to print what was found"),
      llvm::cl::values(clEnumValN(Format::Table, "table", "for people"),
                       clEnumValN(Format::Json, "json", "for programs")));
  llvm::cl::opt<bool> progress(
      "progress", llvm::cl::cat(category),
      llvm::cl::desc(
          "Tell of the progress on stderr though it is no terminal"));
  llvm::cl::HideUnrelatedOptions(category);
  std::string problem;
  llvm::raw_string_ostream problems(problem);
  if (!llvm::cl::ParseCommandLineOptions(argc, argv, kAbout, &problems)) {
    llvm::errs() << problem;
    return 2;
  }

  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  looptree::registerDialects(registry);
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  auto module = parseSourceFile<ModuleOp>(file, sources, &context);
  if (!module)
    return 1;
  RunOptions options;
  options.function = function;
  options.seed = seed;
  if (progress || llvm::errs().is_displayed())
    options.progress = [](const std::string &what) {
      llvm::errs() << what << "\n";
    };
  FailureOr<RunReport> report = run(*module, options);
  if (failed(report))
    return 1;
  llvm::outs() << (format == Format::Json ? formatJson(*report)
                                          : formatTable(*report));
  return report->holds() ? 0 : 1;
}
