//===- OutlineLeaves.cpp - One function for equal leaves ----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

namespace looptree {
#define GEN_PASS_DEF_OUTLINELEAVES
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

/// The same layout, wherever it begins; null for a layout without strides.
static MemRefType atAnyOffset(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return nullptr;
  auto layout =
      StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides);
  return MemRefType::get(type.getShape(), type.getElementType(), layout,
                         type.getMemorySpace());
}

namespace {

class OutlineLeaves : public looptree::impl::OutlineLeavesBase<OutlineLeaves> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<linalg::LinalgOp> leaves;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics())
        leaves.push_back(op);
    });
    for (linalg::LinalgOp leaf : leaves)
      outline(leaf, symbols);
  }

  void outline(linalg::LinalgOp leaf, SymbolTable &symbols) {
    OpBuilder b(leaf);
    SmallVector<Value> arguments;
    for (Value operand : leaf->getOperands()) {
      if (auto type = dyn_cast<MemRefType>(operand.getType())) {
        MemRefType wanted = atAnyOffset(type);
        if (!wanted)
          return;
        if (wanted != type)
          operand = memref::CastOp::create(b, leaf.getLoc(), wanted, operand);
      }
      arguments.push_back(operand);
    }
    func::FuncOp function = functionOf(leaf, arguments, symbols);
    if (!function)
      return;
    func::CallOp::create(b, leaf.getLoc(), function, arguments);
    leaf.erase();
  }

  /// Null when the body uses what no function can.
  func::FuncOp functionOf(linalg::LinalgOp leaf, ValueRange arguments,
                          SymbolTable &symbols) {
    llvm::SetVector<Value> captured;
    leaf->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (inner != leaf &&
            !leaf->getRegion(0).isAncestor(operand.getParentRegion()))
          captured.insert(operand);
    });
    if (llvm::any_of(captured, [](Value value) {
          return !matchPattern(value, m_Constant());
        }))
      return nullptr;

    OpBuilder b(leaf->getContext());
    OwningOpRef<func::FuncOp> made = func::FuncOp::create(
        leaf.getLoc(), "leaf",
        b.getFunctionType(arguments.getTypes(), TypeRange()));
    made->setPrivate();
    made.get()->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
    Block *block = made->addEntryBlock();
    b.setInsertionPointToStart(block);
    IRMapping mapping;
    for (Value value : captured)
      mapping.map(value, b.clone(*value.getDefiningOp())->getResult(0));
    Operation *copy = mlir::clone(b, leaf, TypeRange(), block->getArguments());
    copy->walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        operand.set(mapping.lookupOrDefault(operand.get()));
    });
    func::ReturnOp::create(b, leaf.getLoc());

    std::string text;
    llvm::raw_string_ostream stream(text);
    made->print(stream, OpPrintingFlags().useLocalScope());
    auto [known, isNew] = functions.try_emplace(text);
    if (isNew) {
      known->second = made.release();
      symbols.insert(known->second, getOperation().getBody()->end());
    }
    return known->second;
  }

  llvm::StringMap<func::FuncOp> functions; ///< By their text.
};

} // namespace
