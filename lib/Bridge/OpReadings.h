//===- OpReadings.h - What each op of a function is -*- C++ -*------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_OPREADINGS_H
#define LOOPTREE_LIB_BRIDGE_OPREADINGS_H

#include "ViewSteps.h"

#include "mlir/IR/Block.h"
#include "llvm/ADT/MapVector.h"

namespace looptree::bridge {

enum class OpRole {
  Ignored, ///< Computes nothing on tensors: a constant, tensor.empty.
  Einsum,
  View,    ///< Shows its operand; an einsum where a reader cannot follow.
  Uniform, ///< One scalar; an einsum where it has to be stored.
  Barrier,
  Dead ///< No result of it is used.
};

struct OpReading {
  OpRole role = OpRole::Ignored;
  /// Of einsums, views and uniforms: the result that is used, and the op as an
  /// einsum.
  unsigned result = 0;
  ir::EinsumDescription einsum = {};
  std::optional<ViewStep> step = std::nullopt; ///< Of views.
  std::string reason = {};                     ///< Of barriers.
};

/// In the order of the block; the terminator is not in it.
using OpReadings = llvm::MapVector<mlir::Operation *, OpReading>;

OpReadings readOps(mlir::Block &block);

/// The tensors that a barrier takes, those that its regions use included.
llvm::SmallVector<mlir::Value> tensorsReadBy(mlir::Operation *barrier);

/// Bits of an element; nothing for types that are no numbers. An index counts
/// 64, a complex number twice its part.
std::optional<int64_t> bitsOf(mlir::Type elementType);

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_OPREADINGS_H
