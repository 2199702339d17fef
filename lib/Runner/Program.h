//===- Program.h - A compiled module -*- C++ -*- ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_RUNNER_PROGRAM_H
#define LOOPTREE_LIB_RUNNER_PROGRAM_H

#include "HostTensor.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace looptree::runner {

/// A module in machine code of this process.
class Program {
public:
  /// Lowers `module`, of functions on tensors and memrefs, through
  /// looptree-to-llvm and compiles it; the module is used up. `functions` are
  /// those to be called. Errors are emitted at the module.
  static mlir::FailureOr<Program>
  compile(mlir::ModuleOp module, llvm::ArrayRef<std::string> functions);

  /// Calls a function whose tensor or memref arguments are `arguments`, and
  /// returns its tensors of the types `results`.
  std::vector<HostTensor>
  call(llvm::StringRef function, llvm::ArrayRef<TensorView> arguments,
       llvm::ArrayRef<mlir::RankedTensorType> results) const;

  /// By name, those that are not zero. Only in a module that was instrumented.
  std::vector<std::pair<std::string, int64_t>> counters() const;
  void resetCounters() const;

private:
  mlir::ExecutionEngine *engine = nullptr;
  std::vector<std::string> counterNames;
  int64_t *counts = nullptr;
};

} // namespace looptree::runner

#endif // LOOPTREE_LIB_RUNNER_PROGRAM_H
