//===- ViewSteps.h - Values that show another value -*- C++ -*------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_VIEWSTEPS_H
#define LOOPTREE_LIB_BRIDGE_VIEWSTEPS_H

#include "LinearIndex.h"

#include "looptree/IR/EinsumOpInterface.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallBitVector.h"

namespace looptree::bridge {

enum class StepKind { Reshape, Slice, Copy, Pad };

/// How the elements of an op's result are those of its operand.
struct ViewStep {
  StepKind kind = StepKind::Reshape;
  mlir::Value source = {};
  mlir::Value result = {};
  /// From an index of the result to one of the source; beyond the source's
  /// shape for padding.
  mlir::AffineMap toSource = {};
  /// The way back, null where some element of the source is not shown.
  mlir::AffineMap toResult = {};
  /// Of a pad, where it is a constant.
  mlir::Attribute padValue = {};
};

/// The step of a reshape, cast, slice or pad. Failure when the op is none of
/// these, or in `whyNot` why it is not one after all.
mlir::FailureOr<ViewStep> viewStepOf(mlir::Operation *op, std::string &whyNot);

/// The step of an op that copies.
ViewStep copyStepOf(mlir::Operation *op, unsigned result,
                    const ir::EinsumDescription &einsum);

/// The op of a step as an einsum that copies.
ir::EinsumDescription describeCopy(const ViewStep &step);

/// Which dimensions of a value of shape `to` an index may leave that leaves a
/// value of shape `from` in `outside`, as padding does, and goes through `map`.
/// Nothing where it could come back inside.
std::optional<llvm::SmallBitVector>
passOutside(mlir::AffineMap map, llvm::ArrayRef<int64_t> from,
            llvm::ArrayRef<int64_t> to, const llvm::SmallBitVector &outside);

/// Takes an index of a value of shape `from` through `map` to a value of shape
/// `to`. Nothing where the result is no sum of ranks, or by passOutside.
std::optional<LinearIndex> applyStep(mlir::AffineMap map,
                                     llvm::ArrayRef<int64_t> from,
                                     llvm::ArrayRef<int64_t> to,
                                     const LinearIndex &index,
                                     llvm::ArrayRef<int64_t> extents);

/// Row-major, all dimensions in one.
mlir::AffineMap flatten(llvm::ArrayRef<int64_t> shape,
                        mlir::MLIRContext *context);

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_VIEWSTEPS_H
