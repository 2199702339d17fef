//===- Candidates.cpp - Candidate files to modules and back ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Candidates.h"

#include "looptree/Bridge/Bridge.h"
#include "looptree/Candidate/Candidate.h"
#include "looptree/Pipelines/Register.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-translate/Translation.h"
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

static OwningOpRef<Operation *> toModule(llvm::SourceMgr &sources,
                                         MLIRContext *context) {
  const llvm::MemoryBuffer *buffer =
      sources.getMemoryBuffer(sources.getMainFileID());
  StringRef name = buffer->getBufferIdentifier();
  Result<Candidate> candidate = readCandidate(
      std::string_view(buffer->getBuffer()), std::string_view(name));
  Location loc = FileLineColLoc::get(context, name, 1, 1);
  if (!candidate) {
    emitAtItsPlace(candidate.error(), name, context);
    return nullptr;
  }
  if (candidate->convention != Convention::Exact &&
      convention.getNumOccurrences() == 0) {
    std::string_view name = toString(candidate->convention);
    emitError(loc) << "the candidate counts by " << name
                   << ", and a module holds no convention: convert it with "
                      "--convention "
                   << name << ", and give convention=" << name
                   << " to the passes";
    return nullptr;
  }
  context->loadDialect<ir::LoopTreeDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto builder = OpBuilder::atBlockEnd(module->getBody());
  StringRef archName = candidate->arch.name;
  if (archName.empty())
    archName = kUnnamed;
  std::string workloadName = "workload", mappingName = "mapping";
  for (std::string *own : {&workloadName, &mappingName})
    if (archName == *own)
      *own += "_";
  Network network{candidate->workload, {}};
  bridge::buildArch(builder, loc, archName, candidate->arch);
  bridge::buildWorkload(builder, loc, workloadName, network);
  bridge::buildMapping(builder, loc, mappingName, workloadName, archName,
                       candidate->mapping, candidate->workload,
                       candidate->arch);
  return OwningOpRef<Operation *>(module.release().getOperation());
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
}
