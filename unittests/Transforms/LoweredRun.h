//===- LoweredRun.h - Lowered code beside what it was -*- C++ -*----- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs two functions of a module on the same data, one of which was lowered,
// and reads the counters of the other.
//
//     LoweredRun lowered;
//     auto module = lowered.parse("func.func @payload... func.func
//     @reference"); lowered.addCompare(*module); lowered.run(*module,
//     "fuse-layers,lower-mappings,instrument-transfers");
//     EXPECT_EQ(lowered.execute(*module).difference, "");
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_TRANSFORMS_LOWEREDRUN_H
#define LOOPTREE_UNITTESTS_TRANSFORMS_LOWEREDRUN_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>

namespace looptree::test {

class LoweredRun {
public:
  LoweredRun();

  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text);

  /// Adds @compare, which calls @payload and @reference on the same small
  /// integers and returns the number of elements that differ.
  void addCompare(mlir::ModuleOp module);

  /// Whether a pipeline of passes succeeds.
  bool run(mlir::ModuleOp module, const std::string &pipeline);

  /// By name of counter; without zeros and moves.
  using Counts = std::map<std::string, int64_t>;
  struct Outcome {
    std::string difference; ///< Of the results, or what failed; or "".
    Counts counts;
    unsigned threads = 0; ///< Loops whose instances ran on threads.
  };
  /// On threads only where there are instances, and no stages.
  enum class Instances { InTurns, OnThreads };
  /// Brings an instrumented module to LLVM and runs @compare.
  Outcome execute(mlir::ModuleOp module,
                  Instances instances = Instances::InTurns);

  mlir::MLIRContext context;
};

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_TRANSFORMS_LOWEREDRUN_H
