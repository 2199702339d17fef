//===- LeafEmitter.h - A leaf as loops around a register tile -*- C++ -*--===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parallel loops, then the tile: its results are loaded, carried through the
// reductions as iter_args of scf.for, and stored once. Every result sums in the
// order of the op's own loops.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_LEAVES_LEAFEMITTER_H
#define LOOPTREE_LIB_TRANSFORMS_LEAVES_LEAFEMITTER_H

#include "RegisterTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace looptree::leaves {

class LeafEmitter {
public:
  LeafEmitter(mlir::OpBuilder &builder, const Leaf &leaf,
              const RegisterTile &tile)
      : b(builder), loc(leaf.op.getLoc()), leaf(leaf), tile(tile) {}

  /// Makes the loops at the builder's insertion point.
  void emit();

private:
  using Indices = llvm::SmallVector<mlir::OpFoldResult>;
  using Values = llvm::SmallVector<mlir::Value>;

  /// One vector of the tile, or one scalar.
  struct Lanes {
    int64_t offset = 0; ///< Along the vectors.
    int64_t width = 0;  ///< 0: a scalar.
  };

  // LeafEmitter.cpp: loops.
  void nest(llvm::ArrayRef<unsigned> loops);
  void spans(unsigned loop, llvm::ArrayRef<Span> spans,
             llvm::function_ref<void(const Span &)> body);
  void loop(mlir::OpFoldResult begin, mlir::OpFoldResult end, int64_t step,
            llvm::function_ref<void(mlir::OpFoldResult)> body);
  void emitTile();
  Values reduce(unsigned position, Values results);
  Values step(mlir::ValueRange results);
  mlir::OpFoldResult extentOf(unsigned loop);
  /// The loops' indices at a vector and point of the tile.
  Indices at(const Lanes &lanes, int64_t point);

  // Lanes.cpp: memory and the body.
  Values address(const LeafOperand &operand, const Indices &indices);
  Values address(const LeafOperand &operand, Indices indices, int64_t lane);
  mlir::Value mask(int64_t width);
  mlir::Value load(const LeafOperand &operand, const Lanes &lanes,
                   const Indices &indices);
  mlir::Value loadMemory(const LeafOperand &operand, const Lanes &lanes,
                         const Indices &indices);
  mlir::Value zero(mlir::Type type);
  mlir::Value loadBlock(const LeafOperand &operand, mlir::ValueRange at,
                        int64_t width);
  mlir::Value loadSpaced(const LeafOperand &operand, int64_t width,
                         const Indices &indices);
  mlir::Value gather(const LeafOperand &operand, int64_t width,
                     const Indices &indices);
  void store(mlir::Value value, const Lanes &lanes, const Indices &indices);
  mlir::Value spread(mlir::Value value, const Lanes &lanes);
  mlir::Value index(unsigned loop, const Lanes &lanes, const Indices &indices);
  mlir::Value fusedSum(mlir::arith::AddFOp sum, const Lanes &lanes,
                       const Indices &indices, mlir::IRMapping &values);
  mlir::Value evaluate(mlir::Value value, const Lanes &lanes,
                       const Indices &indices, mlir::IRMapping &values);
  /// The body's result. `arguments`: vectors or scalars, in the op's order;
  /// null for those that are not used.
  mlir::Value body(mlir::ValueRange arguments, const Lanes &lanes,
                   const Indices &indices);

  mlir::OpBuilder &b;
  mlir::Location loc;
  Leaf leaf; ///< With bits as bytes.
  const RegisterTile &tile;
  Indices indices;                  ///< Of the open loops.
  llvm::SmallVector<Lanes> vectors; ///< Of the tile at hand.
  int64_t points = 1;
};

} // namespace looptree::leaves

#endif // LOOPTREE_LIB_TRANSFORMS_LEAVES_LEAFEMITTER_H
