//===- LowerToEngine.cpp - Lowered mappings to calls of the engine ---- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes what --lower-mappings leaves (docs/Lowering.md of LoopTree). The
// buffers of level GLB are the engine's scratchpad. Fills and drains become
// transfers of its DMA unit, moves its own copies, and leaves that multiply and
// accumulate one call each, with a constant that says which loops to run. All
// other linalg stays, for the engine's controller.
//
//===----------------------------------------------------------------------===//

#include "LowerToEngine.h"

#include "looptree/IR/Dialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace {

class LowerToEngine
    : public PassWrapper<LowerToEngine, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerToEngine)
  StringRef getArgument() const final { return "lower-to-engine"; }
  StringRef getDescription() const final {
    return "Turn lowered mappings into calls of the engine";
  }

private:
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<func::FuncDialect, memref::MemRefDialect>();
  }

  void runOnOperation() override {
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      auto what =
          op->getAttrOfType<DictionaryAttr>(looptree::ir::loweredAttrName);
      if (!what)
        return;
      StringRef kind = what.getAs<StringAttr>("kind").getValue();
      auto level = what.getAs<StringAttr>("level");
      if (level && level.getValue() != "GLB") {
        op->emitError() << "the engine has one level, GLB, not " << level;
        failed = true;
      } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        call(op, callee(kind), {copy.getSource(), copy.getTarget()});
        op->erase();
      } else if (auto leaf = dyn_cast<linalg::GenericOp>(op)) {
        failed |= mlir::failed(multiplyAccumulate(leaf));
      }
    });
    if (failed)
      signalPassFailure();
  }

  static StringRef callee(StringRef kind) {
    if (kind == "fill")
      return "engine_dma_in";
    return kind == "drain" ? "engine_dma_out" : "engine_move";
  }

  /// Calls a function of the engine, with buffers as memrefs of any rank.
  void call(Operation *before, StringRef name, ArrayRef<Value> buffers,
            Value program = {}) {
    OpBuilder b(before);
    Location loc = before->getLoc();
    SmallVector<Value> arguments;
    for (Value buffer : buffers) {
      auto type = cast<MemRefType>(buffer.getType());
      auto anyRank =
          UnrankedMemRefType::get(type.getElementType(), type.getMemorySpace());
      arguments.push_back(memref::CastOp::create(b, loc, anyRank, buffer));
    }
    if (program)
      arguments.push_back(program);
    if (!getOperation().lookupSymbol(name)) {
      auto declarations = OpBuilder::atBlockBegin(getOperation().getBody());
      auto function = func::FuncOp::create(
          declarations, loc, name,
          b.getFunctionType(TypeRange(ValueRange(arguments)), {}));
      function.setPrivate();
      function->setAttr("llvm.emit_c_interface", b.getUnitAttr());
    }
    func::CallOp::create(b, loc, name, TypeRange(), arguments);
  }

  /// Whether the body is out + a * b in f32.
  static bool isMultiplyAccumulate(linalg::GenericOp leaf) {
    if (leaf.getNumDpsInputs() != 2 || leaf.getNumDpsInits() != 1)
      return false;
    Block &body = *leaf.getBody();
    auto sum =
        body.getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
    if (!sum || !sum.getType().isF32() || sum.getLhs() != body.getArgument(2))
      return false;
    auto product = sum.getRhs().getDefiningOp<arith::MulFOp>();
    return product && product.getLhs() == body.getArgument(0) &&
           product.getRhs() == body.getArgument(1);
  }

  LogicalResult multiplyAccumulate(linalg::GenericOp leaf) {
    if (!isMultiplyAccumulate(leaf))
      return success();
    SmallVector<Value> buffers{leaf.getDpsInits()[0], leaf.getDpsInputs()[0],
                               leaf.getDpsInputs()[1]};
    auto maps = leaf.getIndexingMapsArray();
    std::rotate(maps.begin(), maps.begin() + 2, maps.end());
    SmallVector<int64_t> program;
    for (auto [loop, extent] : llvm::enumerate(leaf.getStaticLoopRanges())) {
      program.push_back(extent);
      for (auto [buffer, map] : llvm::zip(buffers, maps)) {
        auto type = cast<MemRefType>(buffer.getType());
        if (!type.getMemorySpace())
          return leaf.emitError()
                 << "the engine computes on what is in GLB alone";
        program.push_back(stepOf(type, map, loop));
      }
    }
    call(leaf, "engine_macs", buffers, constant(leaf, program));
    leaf.erase();
    return success();
  }

  /// Elements of memory from one iteration of a loop to the next.
  static int64_t stepOf(MemRefType type, AffineMap map, unsigned loop) {
    SmallVector<int64_t> point(map.getNumDims(), 0);
    SmallVector<int64_t> origin = map.compose(point);
    point[loop] = 1;
    int64_t step = 0;
    for (auto [at, from, stride] : llvm::zip(map.compose(point), origin,
                                             type.getStridesAndOffset().first))
      step += (at - from) * stride;
    return step;
  }

  Value constant(Operation *before, ArrayRef<int64_t> values) {
    OpBuilder b(before);
    Location loc = before->getLoc();
    auto contents = b.getI64TensorAttr(values);
    auto type = MemRefType::get({int64_t(values.size())}, b.getI64Type());
    StringAttr &name = programs[contents];
    if (!name) {
      name = b.getStringAttr("engine_program_" + Twine(programs.size()));
      auto globals = OpBuilder::atBlockBegin(getOperation().getBody());
      memref::GlobalOp::create(globals, loc, name.getValue(),
                               b.getStringAttr("private"), type, contents,
                               /*constant=*/true, IntegerAttr());
    }
    Value global = memref::GetGlobalOp::create(b, loc, type, name.getValue());
    return memref::CastOp::create(
        b, loc, MemRefType::get({ShapedType::kDynamic}, b.getI64Type()),
        global);
  }

  llvm::DenseMap<Attribute, StringAttr> programs;
};

} // namespace

void registerLowerToEngine() { PassRegistration<LowerToEngine>(); }
