//===- Threads.cpp - Threads of compiled pipelines
//--------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Threads.h"

#include "llvm/Support/DynamicLibrary.h"

#include <vector>

using namespace looptree;

using Resume = void (*)(void *coroutine);

namespace {
struct Awaiting {
  void *coroutine;
  Resume resume;
};
} // namespace

template <typename Function> static Function find(const char *name) {
  return reinterpret_cast<Function>(
      llvm::sys::DynamicLibrary::SearchForAddressOfSymbol(name));
}

static void resumeAsTask(void *argument) {
  static auto execute =
      find<void (*)(void *, Resume)>("mlirAsyncRuntimeExecute");
  auto *awaiting = static_cast<Awaiting *>(argument);
  execute(awaiting->coroutine, awaiting->resume);
  delete awaiting;
}

static void awaitToken(void *token, void *coroutine, Resume resume) {
  static auto await = find<void (*)(void *, void *, Resume)>(
      "mlirAsyncRuntimeAwaitTokenAndExecute");
  await(token, new Awaiting{coroutine, resume}, resumeAsTask);
}

void runner::loadAsyncRuntime() {
  llvm::sys::DynamicLibrary::LoadLibraryPermanently(
      LLVM_LIBRARY_DIR "/libmlir_async_runtime.so");
}

void runner::resumeInTasks(mlir::ExecutionEngine &engine) {
  engine.registerSymbols([](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    symbols[mangle("mlirAsyncRuntimeAwaitTokenAndExecute")] = {
        llvm::orc::ExecutorAddr::fromPtr(&awaitToken),
        llvm::JITSymbolFlags::Exported};
    return symbols;
  });
}

mlir::ExecutionEngine &
runner::keep(std::unique_ptr<mlir::ExecutionEngine> engine) {
  static auto *kept = new std::vector<std::unique_ptr<mlir::ExecutionEngine>>;
  return *kept->emplace_back(std::move(engine));
}
