//===- Leaf.h - A linalg op on memrefs, as loops and accesses -*- C++ -*--===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a register tile has to know of a linalg op on memrefs: which loop its
// vectors run along and how each operand lies along it.
//
//     out[h, w, f] += in[h + kh, w + kw, c] * filter[kh, kw, c, f]
//
// has vectors along f: `out` and `filter` are contiguous there, `in` is one
// element for all of a vector.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_LEAVES_LEAF_H
#define LOOPTREE_LIB_TRANSFORMS_LEAVES_LEAF_H

#include "looptree/Support/Result.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

namespace looptree::leaves {

/// How the elements that a vector takes from an operand lie.
enum class Access {
  Uniform,    ///< One element for all lanes.
  Contiguous, ///< Neighbours in memory.
  Spaced,     ///< Every second, third or fourth of them.
  Strided     ///< Anything else: element by element.
};

struct LeafOperand {
  mlir::Value value; ///< A memref, or a scalar.
  mlir::AffineMap map;
  /// [dimension of the memref][loop]: what one step of the loop adds.
  llvm::SmallVector<llvm::SmallVector<int64_t>> steps;
  bool isUsed = false; ///< The body uses the element.
  /// `value` has bytes whose lowest bit is the element.
  bool isBits = false;

  bool isMemRef() const;
  bool varies(unsigned loop) const;
  /// Of a vector along `loop`.
  Access access(unsigned loop) const;
  /// Of neighbouring lanes in memory, unless strided.
  int64_t spacing(unsigned loop) const;
};

struct Leaf {
  mutable mlir::linalg::LinalgOp op; // Its methods are not const.
  llvm::SmallVector<LeafOperand> inputs;
  LeafOperand output;
  llvm::SmallVector<int64_t> extents; ///< Of the loops; kDynamic if not known.
  llvm::SmallVector<unsigned> parallel, reductions; ///< Loops, in order.
  /// The parallel loop along which the output is contiguous.
  std::optional<unsigned> contiguous;

  mlir::Block &body() const { return *op.getBlock(); }
};

/// Reads an op with buffer semantics. The error says why no register tile can
/// do it: "its body has a cf.assert".
Result<Leaf> readLeaf(mlir::linalg::LinalgOp op);

} // namespace looptree::leaves

#endif // LOOPTREE_LIB_TRANSFORMS_LEAVES_LEAF_H
