//===- CarryTokens.cpp - Tokens of loops in memory
//-------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Async/IR/Async.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace looptree {
#define GEN_PASS_DEF_CARRYTOKENS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;

namespace {

/// The memory of one loop: as many pointers as it carries tokens.
class Slots {
public:
  Slots(OpBuilder &b, Location loc, int64_t count) : b(b), loc(loc) {
    auto type = MemRefType::get({count}, b.getI64Type());
    memory = memref::AllocOp::create(b, loc, type);
  }

  /// The slot has a reference of its own.
  void store(Value token, int64_t slot) {
    async::RuntimeAddRefOp::create(b, loc, token, b.getI64IntegerAttr(1));
    Value pointer =
        UnrealizedConversionCastOp::create(
            b, loc, LLVM::LLVMPointerType::get(b.getContext()), token)
            .getResult(0);
    Value bits = LLVM::PtrToIntOp::create(b, loc, b.getI64Type(), pointer);
    memref::StoreOp::create(b, loc, bits, memory, at(slot));
  }

  /// Takes the slot's reference along.
  Value take(int64_t slot) {
    Value bits = memref::LoadOp::create(b, loc, memory, at(slot));
    Value pointer = LLVM::IntToPtrOp::create(
        b, loc, LLVM::LLVMPointerType::get(b.getContext()), bits);
    return UnrealizedConversionCastOp::create(
               b, loc, async::TokenType::get(b.getContext()), pointer)
        .getResult(0);
  }

  void free() { memref::DeallocOp::create(b, loc, memory); }

private:
  Value at(int64_t slot) {
    return arith::ConstantIndexOp::create(b, loc, slot);
  }

  OpBuilder &b;
  Location loc;
  Value memory;
};

class CarryTokens : public looptree::impl::CarryTokensBase<CarryTokens> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation().walk([&](scf::ForOp loop) {
      if (loop.getNumRegionIterArgs() > 0 &&
          llvm::all_of(loop.getResultTypes(), llvm::IsaPred<async::TokenType>))
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops)
      carry(loop);
  }

  static void carry(scf::ForOp loop) {
    Location loc = loop.getLoc();
    OpBuilder b(loop);
    Slots slots(b, loc, loop.getNumRegionIterArgs());
    for (auto [slot, token] : llvm::enumerate(loop.getInitArgs()))
      slots.store(token, slot);
    auto inMemory = scf::ForOp::create(b, loc, loop.getLowerBound(),
                                       loop.getUpperBound(), loop.getStep());
    b.setInsertionPointToStart(inMemory.getBody());
    SmallVector<Value> arguments{inMemory.getInductionVar()};
    for (unsigned slot = 0; slot < loop.getNumRegionIterArgs(); ++slot)
      arguments.push_back(slots.take(slot));
    Operation *end = inMemory.getBody()->getTerminator();
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    inMemory.getBody()->getOperations().splice(
        Block::iterator(end), loop.getBody()->getOperations(),
        loop.getBody()->begin(), Block::iterator(yield));
    for (auto [argument, value] :
         llvm::zip_equal(loop.getBody()->getArguments(), arguments))
      argument.replaceAllUsesWith(value);
    b.setInsertionPoint(end);
    for (auto [slot, token] : llvm::enumerate(yield.getOperands()))
      slots.store(token, slot);
    b.setInsertionPointAfter(inMemory);
    for (auto [slot, result] : llvm::enumerate(loop.getResults()))
      result.replaceAllUsesWith(slots.take(slot));
    slots.free();
    loop.erase();
  }
};

} // namespace
