//===- Threads.h - Threads of compiled pipelines ----------------*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stages of a pipeline run on the threads of MLIR's async runtime. That runtime
// resumes who awaits a token while it holds the token's lock, on the thread
// that made it available; who then awaits a token whose lock is held further up
// the stack never ends. Here the one that awaits is resumed as a task of its
// own.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_RUNNER_THREADS_H
#define LOOPTREE_RUNNER_THREADS_H

#include "mlir/ExecutionEngine/ExecutionEngine.h"

namespace looptree::runner {

/// Loads the runtime, for the whole process: an engine that loads it ends its
/// threads for good.
void loadAsyncRuntime();

/// Makes tokens be awaited as said above. Call before the engine's first
/// lookup, after loadAsyncRuntime().
void resumeInTasks(mlir::ExecutionEngine &engine);

/// Keeps an engine until the process ends: a thread may still be in the last
/// instructions of a stage whose token has been awaited.
mlir::ExecutionEngine &keep(std::unique_ptr<mlir::ExecutionEngine> engine);

} // namespace looptree::runner

#endif // LOOPTREE_RUNNER_THREADS_H
