//===- OutlineSets.h - The unfused part of each mapping -*- C++ -*- -----===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TRANSFORMS_OUTLINESETS_H
#define LOOPTREE_TRANSFORMS_OUTLINESETS_H

#include "looptree/Analysis/Evaluate.h"
#include "looptree/IR/Ops.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace looptree {

/// A tensor that lives outside of a mapping.
struct OutlinedArgument {
  TensorId tensor = 0;
  mlir::Value value; ///< Of an input: what it is in the payload.
  mlir::RankedTensorType stored;
  /// Of an output: from an index of what the payload makes to that of the
  /// element as it is stored. Null for an input, whose elements are in the
  /// same order in both.
  mlir::AffineMap map;
};

/// What `lower-mappings` makes a function of, and the same part of the payload
/// as it stands.
struct OutlinedSet {
  std::string name; ///< Of the mapping, and of the function it is lowered to.
  Workload workload;
  Arch arch;
  Mapping mapping;
  std::vector<int64_t> elementBytes; ///< Per tensor, of the payload's types.
  /// The arguments of the function that the mapping is lowered to, in order.
  std::vector<OutlinedArgument> arguments;
  /// From the arguments that the set reads, as tensors of the payload's types,
  /// to what it makes, in order. A copy of the mapping's ops; private, and not
  /// called.
  mlir::func::FuncOp unfused;
};

/// Adds the unfused function of each mapping that `lower-mappings` would lower
/// for this workload, to the workload's module, named `MAPPING_unfused`. None
/// when there is no mapping. Fails, with errors, where the lowering would
/// before it schedules anything, and then changes nothing.
mlir::FailureOr<std::vector<OutlinedSet>> outlineSets(ir::WorkloadOp workload);

} // namespace looptree

#endif // LOOPTREE_TRANSFORMS_OUTLINESETS_H
