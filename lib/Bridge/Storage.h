//===- Storage.h - Which values share a stored tensor -*- C++ -*----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every value of a function is some stored tensor under a view. A tensor's
// values form a tree: its root is what a producer makes (or an argument, a
// constant, the result of a barrier), below it stand views of views. The
// tensor is stored in the shape of one value of the tree, the root's where that
// serves all.
//
// A view that some reader cannot see through (no shape makes all indices sums
// of ranks, or padding with a value that is not neutral to the reader) becomes
// an einsum that copies, and the root of a tree of its own.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_STORAGE_H
#define LOOPTREE_LIB_BRIDGE_STORAGE_H

#include "OpReadings.h"

#include "llvm/ADT/SetVector.h"

namespace looptree::bridge {

/// An access of a stored tensor, which is named by its root.
struct StoredAccess {
  mlir::Value root;
  LinearIndex index;
};

class Storage {
public:
  Storage(mlir::Block &block, const OpReadings &readings);

  /// Whether the op is an einsum of the workload.
  bool isEinsum(mlir::Operation *op) const;

  /// Shape in which the tensor of a root is stored.
  llvm::SmallVector<int64_t> shapeOfStored(mlir::Value root) const;

  StoredAccess write(mlir::Operation *einsum) const;
  /// Of an operand that the einsum reads; nothing where no data stand behind it
  /// (a fill, tensor.empty, a constant scalar).
  std::optional<StoredAccess> read(mlir::Operation *einsum,
                                   const ir::EinsumOperand &operand) const;

  /// Whether somebody outside the einsums takes a value of the root's tree.
  bool isOutput(mlir::Value root) const { return outputs.contains(root); }

  mlir::Value rootOf(mlir::Value value) const;
  /// No tensor is stored for the root: a fill, an uninitialised tensor, a
  /// scalar constant.
  bool isWithoutData(mlir::Value root) const;
  /// From an index of the value to the stored one. Nothing where its padding
  /// cannot be told from other elements by that.
  std::optional<mlir::AffineMap> viewOf(mlir::Value value) const;

private:
  /// The shape of a value of the tree, or all dimensions of the root in one.
  struct Shape {
    mlir::Value like;
    bool isFlat = false;
  };
  struct Use {
    mlir::Operation *op;
    ir::EinsumOperand operand;
  };

  /// The root is the result of an einsum.
  bool isMade(mlir::Value root) const;
  /// The step from a value to what it shows, null at a root.
  const ViewStep *stepInto(mlir::Value value) const;
  /// The value, what it shows, and so on to the root.
  llvm::SmallVector<mlir::Value> chainOf(mlir::Value value) const;
  /// Steps from a value to the one that gives the shape.
  struct Move {
    mlir::AffineMap map;
    mlir::Value from, to;
    const ViewStep *up; ///< The step taken towards the source, if it is one.
  };
  std::optional<llvm::SmallVector<Move>> path(mlir::Value from,
                                              mlir::Value to) const;
  std::optional<LinearIndex> indexIn(const Shape &shape, mlir::Value value,
                                     LinearIndex index,
                                     llvm::ArrayRef<int64_t> extents,
                                     const Use *use) const;
  std::optional<LinearIndex> indexOf(const Shape &shape, const Use &use) const;
  std::optional<LinearIndex> writeIn(const Shape &shape,
                                     mlir::Operation *op) const;

  bool solveOnce();
  void collectUses();
  bool storeReturned();
  void storeFor(const Use &use);
  Shape chooseShape(mlir::Value root) const;

  mlir::Block &block;
  const OpReadings &readings;
  /// Views and uniforms that are einsums after all.
  llvm::DenseSet<mlir::Operation *> copies;
  llvm::DenseSet<mlir::Value> pinned; ///< Roots stored in their own shape.
  llvm::MapVector<mlir::Value, llvm::SmallVector<Use>> uses; ///< By root.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> trees;
  llvm::DenseMap<mlir::Value, Shape> shapes;
  llvm::DenseSet<mlir::Value> outputs;
};

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_STORAGE_H
