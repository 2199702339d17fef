//===- Threads.cpp - Threads of compiled pipelines ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Threads.h"

#include "llvm/Support/DynamicLibrary.h"

#include <thread>
#include <vector>

using namespace looptree;

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

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

/// Whoever takes tasks from one queue has taken the lock of all that took some
/// before: for ThreadSanitizer they have waited for each other. There each has
/// a thread of its own, so that nothing but tokens puts them in an order.
static void execute(void *coroutine, Resume resume) {
  if (__has_feature(thread_sanitizer)) {
    std::thread(resume, coroutine).detach();
    return;
  }
  static auto enqueue =
      find<void (*)(void *, Resume)>("mlirAsyncRuntimeExecute");
  enqueue(coroutine, resume);
}

static void resumeAsTask(void *argument) {
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
    auto add = [&](llvm::StringRef name, auto *function) {
      symbols[mangle(name)] = {llvm::orc::ExecutorAddr::fromPtr(function),
                               llvm::JITSymbolFlags::Exported};
    };
    add("mlirAsyncRuntimeAwaitTokenAndExecute", &awaitToken);
    add("mlirAsyncRuntimeExecute", &execute);
    return symbols;
  });
}

mlir::ExecutionEngine &
runner::keep(std::unique_ptr<mlir::ExecutionEngine> engine) {
  static auto *kept = new std::vector<std::unique_ptr<mlir::ExecutionEngine>>;
  return *kept->emplace_back(std::move(engine));
}
