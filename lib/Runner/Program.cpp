//===- Program.cpp - A compiled module ----------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "Sanitize.h"
#include "Threads.h"

#include "looptree/Pipelines/ToLLVM.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <algorithm>

using namespace mlir;
using namespace looptree;
using namespace looptree::runner;

static constexpr StringLiteral kCounters = "looptree_counters";
static constexpr StringLiteral kCountersFunction = "looptree_counts";

static FailureOr<std::unique_ptr<llvm::TargetMachine>> hostMachine(Location l) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  loadAsyncRuntime();
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return emitError(l) << "cannot compile for this machine: "
                        << llvm::toString(builder.takeError());
  auto machine = builder->createTargetMachine();
  if (!machine)
    return emitError(l) << "cannot compile for this machine: "
                        << llvm::toString(machine.takeError());
  return std::move(*machine);
}

FailureOr<Program> Program::compile(ModuleOp module,
                                    ArrayRef<std::string> functions) {
  Program program;
  for (auto function : module.getOps<func::FuncOp>())
    function.setPrivate(); // What nobody calls is dropped.
  for (StringRef name : functions) {
    auto function = module.lookupSymbol<func::FuncOp>(name);
    function.setPublic();
    function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                      UnitAttr::get(module.getContext()));
  }
  if (auto global = module.lookupSymbol<memref::GlobalOp>(kCounters)) {
    global.setPublic();
    auto counters = module.lookupSymbol<func::FuncOp>(kCountersFunction);
    for (Attribute name : counters->getAttrOfType<ArrayAttr>("counters"))
      program.counterNames.push_back(cast<StringAttr>(name).str());
  }

  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  passes.addPass(createSymbolDCEPass());
  buildToLLVM(passes);
  // Which leaves have no register tile does not matter here.
  ScopedDiagnosticHandler quiet(
      module.getContext(), [](Diagnostic &diagnostic) {
        return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
      });
  if (failed(passes.run(module)))
    return failure();

  auto machine = hostMachine(module.getLoc());
  if (failed(machine))
    return failure();
  auto optimize = makeOptimizingTransformer(/*optLevel=*/2, /*sizeLevel=*/0,
                                            machine->get());
  ExecutionEngineOptions options;
  auto transform = [&](llvm::Module *compiled) {
    llvm::Error error = optimize(compiled);
    sanitize(*compiled);
    return error;
  };
  options.transformer = transform;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Default;
  auto engine = ExecutionEngine::create(module, options);
  if (!engine)
    return emitError(module.getLoc())
           << "cannot compile: " << llvm::toString(engine.takeError());
  program.engine = &keep(std::move(*engine));
  resumeInTasks(*program.engine);
  if (!program.counterNames.empty()) {
    auto address = program.engine->lookup(kCounters);
    if (!address)
      return emitError(module.getLoc())
             << "no counters: " << llvm::toString(address.takeError());
    program.counts = static_cast<int64_t *>(*address);
  }
  return program;
}

/// The fields of a memref descriptor, each of 64 bits: two pointers, the
/// offset, sizes, strides.
static constexpr unsigned kAllocated = 0, kData = 1, kOffset = 2, kSizes = 3;
static size_t wordsOf(RankedTensorType type) {
  return kSizes + 2 * size_t(type.getRank());
}

static std::vector<int64_t> descriptorOf(const TensorView &tensor) {
  auto address = reinterpret_cast<int64_t>(tensor.data);
  std::vector<int64_t> words(wordsOf(tensor.type));
  words[kAllocated] = words[kData] = address;
  size_t rank = size_t(tensor.type.getRank());
  int64_t stride = 1;
  for (size_t d = rank; d-- > 0;) {
    words[kSizes + d] = tensor.type.getDimSize(unsigned(d));
    words[kSizes + rank + d] = stride;
    stride *= words[kSizes + d];
  }
  return words;
}

std::vector<HostTensor>
Program::call(StringRef function, ArrayRef<TensorView> arguments,
              ArrayRef<RankedTensorType> results) const {
  // Descriptors of arguments go by pointer; those of all results come back in
  // one struct, whose pointer goes first.
  std::vector<std::vector<int64_t>> words;
  size_t resultWords = 0;
  for (RankedTensorType type : results)
    resultWords += wordsOf(type);
  if (!results.empty())
    words.emplace_back(resultWords);
  for (const TensorView &argument : arguments)
    words.push_back(descriptorOf(argument));
  std::vector<void *> pointers, packed;
  for (std::vector<int64_t> &descriptor : words)
    pointers.push_back(descriptor.data());
  for (void *&pointer : pointers)
    packed.push_back(&pointer);
  auto code = engine->lookupPacked(("_mlir_ciface_" + function).str());
  if (!code)
    llvm::report_fatal_error(code.takeError());
  (*code)(packed.data());

  std::vector<HostTensor> made;
  size_t at = 0;
  for (RankedTensorType type : results) {
    const int64_t *descriptor = words.front().data() + at;
    made.emplace_back(type, reinterpret_cast<void *>(descriptor[kAllocated]),
                      reinterpret_cast<std::byte *>(descriptor[kData]) +
                          descriptor[kOffset] *
                              bytesOf(*hostTypeOf(type.getElementType())));
    at += wordsOf(type);
  }
  return made;
}

std::vector<std::pair<std::string, int64_t>> Program::counters() const {
  std::vector<std::pair<std::string, int64_t>> named;
  for (auto [i, name] : llvm::enumerate(counterNames))
    if (counts[i] != 0)
      named.emplace_back(name, counts[i]);
  return named;
}

void Program::resetCounters() const {
  std::fill_n(counts, counterNames.size(), 0);
}
