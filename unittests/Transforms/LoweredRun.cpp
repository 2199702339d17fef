//===- LoweredRun.cpp - Lowered code beside what it was -------------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoweredRun.h"

#include "Runner/Sanitize.h"
#include "Runner/Threads.h"

#include "looptree/Pipelines/Register.h"
#include "looptree/Transforms/Passes.h"

#include "mlir/Dialect/Async/IR/Async.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/ExecutionEngine/CRunnerUtils.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/TargetSelect.h"

#include <cstdlib>

using namespace mlir;
using namespace looptree::test;

LoweredRun::LoweredRun() {
  static bool isRegistered = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    registerAllPasses();
    looptree::registerPasses();
    looptree::runner::loadAsyncRuntime();
    return true;
  }();
  (void)isRegistered;
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  looptree::registerDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadDialect<looptree::ir::LoopTreeDialect>();
}

OwningOpRef<ModuleOp> LoweredRun::parse(const std::string &text) {
  return parseSourceString<ModuleOp>(text, &context);
}

bool LoweredRun::run(ModuleOp module, const std::string &pipeline) {
  PassManager passes(&context, ModuleOp::getOperationName());
  return succeeded(parsePassPipeline(pipeline, passes)) &&
         succeeded(passes.run(module));
}

static std::string textOf(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << type;
  return text;
}

/// Ops that make, of %h, a small number of the element type, as `result`.
static std::string convert(Type type, const std::string &result) {
  std::string text = "%m = arith.constant 19 : i64\n%n = arith.constant 9 : "
                     "i64\n%r = arith.remui %h, %m : i64\n";
  std::string sum = "arith.subi %r, %n : i64\n";
  if (type.isInteger(64))
    return text + result + " = " + sum;
  text += "%s = " + sum + result + " = ";
  if (isa<FloatType>(type))
    return text + "arith.sitofp %s : i64 to " + textOf(type) + "\n";
  return text + "arith.trunci %s : i64 to " + textOf(type) + "\n";
}

/// An argument with its own small integers.
static std::string argument(unsigned number, Type type) {
  std::string name = "%a" + std::to_string(number);
  std::string seed = std::to_string(number * 7919 + 17);
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return name + " = scf.execute_region -> " + textOf(type) +
           " {\n%h = arith.constant " + seed + " : i64\n" +
           convert(type, "%v") + "scf.yield %v : " + textOf(type) + "\n}\n";
  std::string text = name + " = tensor.generate {\n^bb0(";
  for (int64_t d = 0; d < tensor.getRank(); ++d)
    text += (d ? ", %i" : "%i") + std::to_string(d) + ": index";
  text += "):\n%h0 = arith.constant " + seed + " : i64\n";
  text += "%p = arith.constant 2862933555777941757 : i64\n"
          "%u = arith.constant 33 : i64\n";
  std::string hash = "%h0";
  for (int64_t d = 0; d < tensor.getRank(); ++d) {
    std::string n = std::to_string(d);
    text += "%j" + n + " = arith.index_cast %i" + n + " : index to i64\n%k" +
            n + " = arith.addi " + hash + ", %j" + n + " : i64\n%l" + n +
            " = arith.muli %k" + n + ", %p : i64\n%x" + n +
            " = arith.shrui %l" + n + ", %u : i64\n%y" + n +
            " = arith.xori %l" + n + ", %x" + n + " : i64\n";
    hash = "%y" + n;
  }
  text += "%h = arith.shrui " + hash + ", %u : i64\n";
  return text + convert(tensor.getElementType(), "%v") +
         "tensor.yield %v : " + textOf(tensor.getElementType()) +
         "\n} : " + textOf(type) + "\n";
}

/// Adds to %total the number of elements that differ.
static std::string compare(unsigned number, RankedTensorType type, bool isOnly,
                           const std::string &before,
                           const std::string &after) {
  std::string dims, iterators;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    dims += (d ? ", d" : "d") + std::to_string(d);
    iterators += d ? ", \"reduction\"" : "\"reduction\"";
  }
  std::string map = "affine_map<(" + dims + ") -> (" + dims + ")>";
  std::string of = isOnly ? "" : "#" + std::to_string(number);
  std::string element = textOf(type.getElementType());
  return after + " = linalg.generic {indexing_maps = [" + map + ", " + map +
         ", affine_map<(" + dims + ") -> ()>], iterator_types = [" + iterators +
         "]} ins(%payload" + of + ", %reference" + of + " : " + textOf(type) +
         ", " + textOf(type) + ") outs(" + before +
         " : tensor<i64>) {\n^bb0(%a: " + element + ", %b: " + element +
         ", %o: i64):\n%c = " +
         (isa<FloatType>(type.getElementType()) ? "arith.cmpf une"
                                                : "arith.cmpi ne") +
         ", %a, %b : " + element +
         "\n%e = arith.extui %c : i1 to i64\n%s = arith.addi %o, %e : i64\n"
         "linalg.yield %s : i64\n} -> tensor<i64>\n";
}

void LoweredRun::addCompare(ModuleOp module) {
  auto payload = module.lookupSymbol<func::FuncOp>("payload");
  FunctionType type = payload.getFunctionType();
  std::string text = "func.func @compare() -> i64 attributes "
                     "{llvm.emit_c_interface} {\n";
  std::string arguments;
  for (auto [number, argumentType] : llvm::enumerate(type.getInputs())) {
    text += argument(number, argumentType);
    arguments += (number ? ", %a" : "%a") + std::to_string(number);
  }
  unsigned results = type.getNumResults();
  std::string many = results > 1 ? ":" + std::to_string(results) : "";
  for (const char *function : {"payload", "reference"})
    text += std::string("%") + function + many + " = func.call @" + function +
            "(" + arguments + ") : " + textOf(type) + "\n";
  text += "%zero = arith.constant 0 : i64\n%none = tensor.empty() : "
          "tensor<i64>\n%total0 = linalg.fill ins(%zero : i64) outs(%none : "
          "tensor<i64>) -> tensor<i64>\n";
  for (auto [number, result] : llvm::enumerate(type.getResults()))
    text += compare(number, cast<RankedTensorType>(result), results == 1,
                    "%total" + std::to_string(number),
                    "%total" + std::to_string(number + 1));
  text += "%differ = tensor.extract %total" + std::to_string(results) +
          "[] : tensor<i64>\nreturn %differ : i64\n}\n";
  // The call is verified once it stands beside what it calls.
  for (const char *function : {"payload", "reference"})
    text += std::string("func.func private @") + function + textOf(type) + "\n";
  OwningOpRef<ModuleOp> made = parse(text);
  assert(made && "no text of a module");
  made->lookupSymbol("compare")->moveBefore(module.getBody(),
                                            module.getBody()->end());
}

template <typename Op> static bool contains(ModuleOp module) {
  return module.walk([](Op) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// A task that waits for others keeps its thread, so there are none in tasks:
/// instances within instances take turns. Returns how many loops are left.
static unsigned leaveOutermostInstances(ModuleOp module) {
  SmallVector<scf::ForallOp> inner;
  unsigned outer = 0;
  module.walk([&](scf::ForallOp loop) {
    if (loop->getParentOfType<scf::ForallOp>())
      inner.push_back(loop);
    else
      ++outer;
  });
  IRRewriter rewriter(module.getContext());
  for (scf::ForallOp loop : inner) {
    rewriter.setInsertionPoint(loop);
    if (failed(scf::forallToForLoop(rewriter, loop)))
      return 0;
  }
  return outer;
}

LoweredRun::Outcome LoweredRun::execute(ModuleOp module, Instances instances) {
  Outcome outcome;
  auto fail = [&](std::string what) {
    outcome.difference = std::move(what);
    return outcome;
  };
  auto counters = module.lookupSymbol<func::FuncOp>("looptree_counts");
  std::vector<std::string> names;
  for (Attribute name : counters->getAttrOfType<ArrayAttr>("counters"))
    names.push_back(cast<StringAttr>(name).getValue().str());
  counters->setAttr("llvm.emit_c_interface", UnitAttr::get(&context));
  bool hasStages = contains<async::ExecuteOp>(module);
  if (instances == Instances::OnThreads && !hasStages &&
      contains<scf::ForallOp>(module)) {
    // To upstream two groups of one size are one, until they are of its
    // runtime.
    outcome.threads = leaveOutermostInstances(module);
    if (!run(module, "strip-levels,scf-forall-to-parallel,async-parallel-for{"
                     "async-dispatch=false num-workers=8 min-task-size=1},"
                     "async-to-async-runtime"))
      return fail("no threads");
    hasStages = true;
  }
  // A view that leaves its buffer ends the program. Upstream turns assertions
  // in async regions into branches, which no loop may hold.
  if (!run(module, hasStages
                       ? "looptree-to-llvm"
                       : "generate-runtime-verification,looptree-to-llvm"))
    return fail("no LLVM");

  ExecutionEngineOptions options;
  // Splits coroutines.
  auto optimize = makeOptimizingTransformer(
      /*optLevel=*/0, /*sizeLevel=*/0, /*targetMachine=*/nullptr);
  auto transform = [&](llvm::Module *compiled) {
    llvm::Error error = optimize(compiled);
    looptree::runner::sanitize(*compiled);
    return error;
  };
  options.transformer = transform;
  auto engine = ExecutionEngine::create(module, options);
  if (!engine)
    return fail("no code: " + llvm::toString(engine.takeError()));
  ExecutionEngine &kept = looptree::runner::keep(std::move(*engine));
  looptree::runner::resumeInTasks(kept);
  int64_t different = -1;
  StridedMemRefType<int64_t, 1> values;
  if (auto error = kept.invoke("compare", ExecutionEngine::result(different)))
    return fail("no run: " + llvm::toString(std::move(error)));
  if (different != 0)
    return fail(std::to_string(different) + " elements differ");
  // A memref comes back through a pointer.
  if (auto error = kept.invoke("looptree_counts", &values))
    return fail("no counts: " + llvm::toString(std::move(error)));
  for (size_t i = 0; i < names.size(); ++i)
    if (values[i] != 0 && !StringRef(names[i]).starts_with("move"))
      outcome.counts[names[i]] = values[i];
  std::free(values.basePtr);
  return outcome;
}
