//===- VectorizeLeaves.cpp - Leaves as register tiles --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "Leaves/LeafEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace looptree {
#define GEN_PASS_DEF_VECTORIZELEAVES
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class VectorizeLeaves
    : public looptree::impl::VectorizeLeavesBase<VectorizeLeaves> {
public:
  using VectorizeLeavesBase::VectorizeLeavesBase;

private:
  void runOnOperation() override {
    machine = {vectorBits, registers};
    if (machine.bits < 8 || machine.count < 5) {
      emitError(getOperation()->getLoc())
          << "vectorize-leaves needs vector-bits >= 8 and registers >= 5, not "
          << machine.bits << " and " << machine.count;
      return signalPassFailure();
    }
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops) {
      rewriter.setInsertionPoint(op);
      if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        if (auto loops = copyAsLinalg(rewriter, copy))
          vectorize(rewriter, loops);
      } else if (auto leaf = dyn_cast<linalg::LinalgOp>(op)) {
        if (leaf.hasPureBufferSemantics())
          vectorize(rewriter, leaf);
      }
    }
  }

  void vectorize(RewriterBase &rewriter, linalg::LinalgOp op) {
    auto leaf = leaves::readLeaf(op);
    if (!leaf) {
      op->emitRemark() << "left to loops: " << leaf.error().message;
      return interchange(rewriter, op);
    }
    leaves::RegisterTile tile = leaves::chooseTile(*leaf, machine);
    leaves::LeafEmitter(rewriter, *leaf, tile).emit();
    rewriter.eraseOp(op);
  }

  /// Puts the loop along which the output is contiguous innermost, where what
  /// compiles the loops finds it.
  static void interchange(RewriterBase &rewriter, linalg::LinalgOp op) {
    unsigned loops = op.getNumLoops();
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    if (map.getNumResults() == 0)
      return;
    auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
    if (!last || last.getPosition() + 1 == loops)
      return;
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic) {
      auto generalized = linalg::generalizeNamedOp(rewriter, op);
      if (failed(generalized))
        return;
      generic = *generalized;
    }
    SmallVector<unsigned> order;
    for (unsigned loop = 0; loop < loops; ++loop)
      if (loop != last.getPosition())
        order.push_back(loop);
    order.push_back(last.getPosition());
    rewriter.setInsertionPoint(generic);
    (void)linalg::interchangeGenericOp(rewriter, generic, order);
  }

  /// A copy that is no single block of memory becomes loops: the generic copy
  /// of the runtime library goes element by element.
  static linalg::LinalgOp copyAsLinalg(RewriterBase &rewriter,
                                       memref::CopyOp copy) {
    auto source = dyn_cast<MemRefType>(copy.getSource().getType());
    auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
    if (!source || !target ||
        (memref::isStaticShapeAndContiguousRowMajor(source) &&
         memref::isStaticShapeAndContiguousRowMajor(target)))
      return nullptr;
    return rewriter.replaceOpWithNewOp<linalg::CopyOp>(copy, copy.getSource(),
                                                       copy.getTarget());
  }

  leaves::Registers machine;
};

} // namespace
