//===- LoweredFunction.h - A payload function by its mappings -*- C++ -*- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mappings that a payload function is executed by, read and scheduled, and
// the function in which their ops have become calls.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_LOWERING_LOWEREDFUNCTION_H
#define LOOPTREE_LIB_TRANSFORMS_LOWERING_LOWEREDFUNCTION_H

#include "Payload.h"

#include "looptree/Analysis/Arena.h"
#include "looptree/Analysis/Schedule.h"
#include "looptree/Arch/Arch.h"
#include "looptree/Bridge/Bridge.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace looptree::lowering {

/// One mapping: all that is emitted.
struct LoweredSet {
  ir::MappingOp op;
  bridge::MappingOfSet mapping;
  Arch arch;
  /// Tensors that live outside of the mapping: arguments of its function, in
  /// order.
  std::vector<TensorId> outside;
  Schedule schedule; ///< As `layout`, empty where it was not asked for.
  /// In bytes, of one instance of each level. The need is that of the buffers
  /// as they are, the rest of buffers whose sizes are aligned; a level where
  /// each has memory of its own has size 0.
  ArenaLayout layout;
  std::vector<PayloadEinsum> payload; ///< Per einsum of the mapping.
  /// Per tensor of the mapping.
  std::vector<mlir::Type> elementTypes;
  /// Per tensor that is no intermediate: a value of the function that is the
  /// tensor as it is stored, or, of an input, the same in row-major order; null
  /// when there is none.
  std::vector<mlir::Value> values;
  /// Per tensor that is made here and is no intermediate: the map from an index
  /// of its producer's result to that of the element as it is stored.
  std::vector<mlir::AffineMap> maps;
};

struct LoweredFunction {
  ir::WorkloadOp workload;
  mlir::func::FuncOp function;
  std::vector<LoweredSet> sets;
  /// The ops of the function but for its terminator, in an order in which
  /// those of each mapping stand together.
  std::vector<mlir::Operation *> order;
  /// Ops without a used result, which goes with what they read.
  std::vector<mlir::Operation *> dead;
};

/// Reads the mappings that execute a workload; changes nothing. None when no
/// mapping is of the workload. Errors say what cannot be lowered. Schedules
/// take most of the time; without them, what only they tell is no error.
mlir::FailureOr<std::optional<LoweredFunction>>
readFunction(ir::WorkloadOp workload, bool withSchedules);

/// Makes a function of each mapping, named as it is, and calls them in place
/// of the mappings' ops. Erases the workload, its mappings and its plans.
void lower(LoweredFunction &lowered);

} // namespace looptree::lowering

#endif // LOOPTREE_LIB_TRANSFORMS_LOWERING_LOWEREDFUNCTION_H
