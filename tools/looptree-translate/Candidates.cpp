//===- Candidates.cpp - Candidate files to modules and back ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Candidates.h"

#include "looptree/Bridge/Bridge.h"
#include "looptree/Bridge/Import.h"
#include "looptree/Bridge/Payload.h"
#include "looptree/Candidate/Candidate.h"
#include "looptree/Candidate/Problem.h"
#include "looptree/Pipelines/Register.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace looptree;

/// Of the candidates: what is written into them, and what the reader of one
/// knows of.
static llvm::cl::opt<Convention> convention(
    "convention",
    llvm::cl::desc("Convention of the candidates, which a module does not "
                   "hold"),
    llvm::cl::values(clEnumValN(Convention::Exact, "exact",
                                "by docs/CostModel.md (default)"),
                     clEnumValN(Convention::LoopTreeV1, "looptree-v1",
                                "by the LoopTree paper's implementation")),
    llvm::cl::init(Convention::Exact));

/// What an architecture without a name is called in a module.
static constexpr StringLiteral kUnnamed = "arch";

/// Of a message "name:line:column: ...".
static void emitAtItsPlace(const Error &error, StringRef name,
                           MLIRContext *context) {
  StringRef message = error.message;
  unsigned line = 0, column = 0;
  message.consume_front(name);
  if (message.consume_front(":") && !message.consumeInteger(10, line) &&
      message.consume_front(":") && !message.consumeInteger(10, column))
    message.consume_front(": ");
  emitError(FileLineColLoc::get(context, name, line, column)) << message;
}

namespace {

/// Puts candidates into a module; equal workloads and architectures once.
class ModuleBuilder {
public:
  ModuleBuilder(MLIRContext *context, Location loc)
      : module(ModuleOp::create(loc)), symbols(*module), builder(context),
        loc(loc) {}

  void add(const Candidate &candidate) {
    StringRef archName = candidate.arch.name;
    StringRef arch = nameOf(archs, candidate.arch, [&] {
      return bridge::buildArch(
          builder, loc, archName.empty() ? StringRef(kUnnamed) : archName,
          candidate.arch);
    });
    StringRef workload = nameOf(workloads, candidate.workload, [&] {
      return bridge::buildWorkload(builder, loc, "workload",
                                   {candidate.workload, {}});
    });
    insert(bridge::buildMapping(builder, loc, "mapping", workload, arch,
                                candidate.mapping, candidate.workload,
                                candidate.arch));
  }

  OwningOpRef<Operation *> take() {
    return OwningOpRef<Operation *>(module.release().getOperation());
  }

private:
  template <typename T> using Known = std::vector<std::pair<T, StringRef>>;
  template <typename T, typename Build>
  StringRef nameOf(Known<T> &known, const T &value, Build build) {
    for (const auto &[other, name] : known)
      if (other == value)
        return name;
    StringRef name = insert(build());
    known.push_back({value, name});
    return name;
  }

  /// At the end of the module, under a name that is free.
  StringRef insert(Operation *op) {
    return symbols.insert(op, module->getBody()->end()).getValue();
  }

  OwningOpRef<ModuleOp> module;
  SymbolTable symbols;
  OpBuilder builder; ///< Without a place: ops are inserted by name.
  Location loc;
  Known<Arch> archs;
  Known<Workload> workloads;
};

} // namespace

/// One candidate, or one JSON candidate a line as in a .jsonl file.
static FailureOr<std::vector<Candidate>>
readCandidates(StringRef text, StringRef name, MLIRContext *context) {
  std::vector<Candidate> candidates;
  auto read = [&](StringRef part, unsigned line) {
    Result<Candidate> candidate =
        readCandidate(std::string_view(part), std::string_view(name), line);
    if (candidate)
      candidates.push_back(std::move(*candidate));
    else
      emitAtItsPlace(candidate.error(), name, context);
    return success(bool(candidate));
  };
  SmallVector<StringRef> lines;
  text.split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  bool isLines =
      llvm::all_of(lines, [](StringRef line) { return line.starts_with("{"); });
  if (!isLines && !name.ends_with(".jsonl")) {
    if (failed(read(text, 1)))
      return failure();
    return candidates;
  }
  for (unsigned line = 1; !text.empty(); ++line) {
    auto [first, rest] = text.split('\n');
    if (!first.trim().empty() && failed(read(first, line)))
      return failure();
    text = rest;
  }
  return candidates;
}

static OwningOpRef<Operation *> toModule(llvm::SourceMgr &sources,
                                         MLIRContext *context) {
  const llvm::MemoryBuffer *buffer =
      sources.getMemoryBuffer(sources.getMainFileID());
  StringRef name = buffer->getBufferIdentifier();
  auto candidates = readCandidates(buffer->getBuffer(), name, context);
  if (failed(candidates))
    return nullptr;
  context->loadDialect<ir::LoopTreeDialect>();
  Location loc = FileLineColLoc::get(context, name, 1, 1);
  ModuleBuilder module(context, loc);
  for (const Candidate &candidate : *candidates) {
    if (candidate.convention != Convention::Exact &&
        convention.getNumOccurrences() == 0) {
      std::string_view name = toString(candidate.convention);
      emitError(loc) << "the candidate counts by " << name
                     << ", and a module holds no convention: convert it with "
                        "--convention "
                     << name << ", and give convention=" << name
                     << " to the passes";
      return nullptr;
    }
    module.add(candidate);
  }
  return module.take();
}

static LogicalResult toCandidates(Operation *op, raw_ostream &output) {
  bool any = false;
  op->walk([&](ir::MappingOp mapping) {
    any = true;
    ir::WorkloadOp workload =
        ir::lookupWorkload(mapping, mapping.getWorkloadAttr());
    Arch arch = bridge::toArch(ir::lookupArch(mapping, mapping.getArchAttr()));
    bridge::MappingOfSet set =
        bridge::toMapping(mapping, bridge::toNetworkOf(mapping, workload));
    output << writeCandidate({set.workload, arch, set.mapping, convention})
           << "\n";
  });
  if (!any)
    return op->emitError("there is no looptree.mapping in the module");
  return success();
}

/// The workloads of a module: those that stand there, and those that functions
/// without one are read as.
static FailureOr<SmallVector<ir::WorkloadOp>> workloadsOf(ModuleOp module) {
  llvm::StringSet<> isRead;
  for (auto workload : module.getOps<ir::WorkloadOp>())
    if (auto payload = workload.getPayload())
      isRead.insert(*payload);
  for (auto function :
       llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    if (function.isExternal() || isRead.contains(function.getSymName()))
      continue;
    auto read = bridge::importWorkload(function, {});
    if (failed(read))
      return failure();
    bridge::emitRemarks(*read);
    if (!read->network.workload.einsums.empty())
      bridge::insertWorkload(*read, function);
  }
  return llvm::to_vector(module.getOps<ir::WorkloadOp>());
}

static LogicalResult toProblem(Operation *op, StringRef name,
                               raw_ostream &output) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    return emitError(op->getLoc(), "a problem is read from a module");
  op->getContext()->loadDialect<ir::LoopTreeDialect>();
  auto workloads = workloadsOf(module);
  if (failed(workloads))
    return failure();
  SmallVector<StringRef> names;
  ir::WorkloadOp found;
  for (ir::WorkloadOp workload : *workloads) {
    names.push_back(workload.getSymName());
    if (name.empty() || names.back() == name ||
        workload.getPayload().value_or("") == name)
      found = workload;
  }
  if (names.empty())
    return emitError(op->getLoc(),
                     "no function holds a linalg op, and there is no "
                     "looptree.workload");
  if (!found || (name.empty() && names.size() > 1))
    return emitError(op->getLoc())
           << (name.empty() ? "there are several workloads; "
                              "name one of "
                            : "there is no such workload; "
                              "there are ")
           << llvm::join(names, ", ");
  std::optional<Arch> arch;
  auto archs = llvm::to_vector(module.getOps<ir::ArchOp>());
  if (archs.size() == 1)
    arch = bridge::toArch(archs[0]);
  output << writeProblem(bridge::toNetwork(found).network, arch) << "\n";
  return success();
}

void looptree::registerCandidateTranslations() {
  static TranslateToMLIRRegistration fromFile(
      "candidate-to-mlir", "A candidate as architecture, workload and mapping",
      toModule, [](DialectRegistry &registry) { registerDialects(registry); });
  static TranslateFromMLIRRegistration toFile(
      "mlir-to-candidate", "One candidate a line for each mapping",
      toCandidates, [](DialectRegistry &registry) {
        registerAllDialects(registry);
        registerDialects(registry);
      });
  static llvm::cl::opt<std::string> workload(
      "workload", llvm::cl::desc("The workload or function that "
                                 "--mlir-to-problem reads, of several"));
  static TranslateFromMLIRRegistration toFileOfProblem(
      "mlir-to-problem", "A workload as a problem, one line of JSON",
      [](Operation *op, raw_ostream &output) {
        return toProblem(op, workload, output);
      },
      [](DialectRegistry &registry) {
        registerAllDialects(registry);
        registerDialects(registry);
      });
}
