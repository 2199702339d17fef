//===- Import.h - A function read as a workload -*- C++ -*----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the ops of a function on tensors, whatever their dialect, through
// EinsumOpInterface. docs/Import.md says what becomes what.
//
//     FailureOr<ImportedWorkload> read = importWorkload(func, {});
//     if (failed(read) || read->network.workload.einsums.empty())
//       ...
//     emitRemarks(*read);
//     ir::WorkloadOp op = insertWorkload(*read, func);
//     // Each read->payload[i] now has looptree.einsum = @main_workload::@...
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_IMPORT_H
#define LOOPTREE_BRIDGE_IMPORT_H

#include "looptree/Bridge/View.h"
#include "looptree/IR/Ops.h"
#include "looptree/Workload/Network.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>
#include <string>
#include <vector>

namespace looptree::bridge {

struct ImportOptions {
  /// Bits of an element in place of its type's; i1 stays one bit.
  std::optional<int64_t> elementBits;
  /// Bits of a sum or product while it is not complete (Tensor::partialBits).
  std::optional<int64_t> accumulatorBits;
};

/// An op that is no einsum and not a view.
struct ImportedBarrier {
  mlir::Operation *op;
  std::string reason; ///< "linalg.softmax is ..."
  EinsumId before;    ///< The einsum that it stands before.
};

struct ImportedWorkload {
  /// Without einsums when there was nothing to read; such a workload has no op.
  Network network;
  std::vector<mlir::Operation *> payload; ///< The op of each einsum.
  std::vector<unsigned> results; ///< Of each einsum: the result of its op.
  /// Of each einsum, by number of its op's operand: which of Einsum::reads the
  /// operand is. The others are no accesses.
  std::vector<llvm::SmallDenseMap<unsigned, unsigned>> readOfOperand;
  std::vector<ImportedBarrier> barriers; ///< In order.
  std::vector<mlir::Operation *> dead;   ///< Left out: no result is used.
  /// Where the values of the function are stored. Values that no tensor stands
  /// behind (a fill, what only a barrier uses) have none, nor has padding that
  /// is lost in a reshape on the way.
  llvm::DenseMap<mlir::Value, View> views;
};

/// Reads a function; changes nothing. An error, at the op, is only what no
/// number could be given for: extents or bits whose products exceed 64 bit.
mlir::FailureOr<ImportedWorkload> importWorkload(mlir::func::FuncOp function,
                                                 const ImportOptions &options);

/// One remark for each barrier, and each op left out, with the reason.
void emitRemarks(const ImportedWorkload &imported);

/// Writes the workload before the function, named after it, and the name of its
/// einsum on each payload op.
ir::WorkloadOp insertWorkload(const ImportedWorkload &imported,
                              mlir::func::FuncOp function);

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_IMPORT_H
