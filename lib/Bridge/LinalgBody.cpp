//===- LinalgBody.cpp - What the body of a linalg op computes -------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgBody.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace looptree::bridge;

LinalgBody::LinalgBody(linalg::LinalgOp op, unsigned result)
    : op(op),
      yielded(op.getMatchingYieldValue(op.getDpsInitOperand(result))->get()),
      result(result), used(op->getNumOperands()) {
  auto need = [&](Value value) {
    SmallVector<Value> todo{value};
    while (!todo.empty()) {
      Operation *producer = todo.pop_back_val().getDefiningOp();
      if (!producer || !op->isProperAncestor(producer) ||
          !needed.insert(producer).second)
        continue;
      producer->walk([&](Operation *inner) {
        needed.insert(inner);
        llvm::append_range(todo, inner->getOperands());
      });
    }
    used |= operandsOf(value);
  };
  need(yielded);
  for (auto assertion : op.getBlock()->getOps<cf::AssertOp>())
    need(assertion.getArg());
}

llvm::SmallBitVector LinalgBody::operandsOf(Value value) {
  llvm::SmallBitVector operands(op->getNumOperands());
  llvm::SmallPtrSet<Operation *, 8> seen;
  SmallVector<Value> todo{value};
  while (!todo.empty()) {
    Value current = todo.pop_back_val();
    if (auto argument = dyn_cast<BlockArgument>(current)) {
      if (argument.getOwner() == op.getBlock())
        operands.set(op.getMatchingOpOperand(argument)->getOperandNumber());
      continue;
    }
    Operation *producer = current.getDefiningOp();
    if (op->isProperAncestor(producer) && seen.insert(producer).second)
      producer->walk([&](Operation *inner) {
        llvm::append_range(todo, inner->getOperands());
      });
  }
  return operands;
}

Operation *LinalgBody::findForeignOp() {
  Operation *foreign = nullptr;
  op->walk([&](Operation *inner) {
    if (inner == op.getOperation() || isa<cf::AssertOp>(inner))
      return WalkResult::advance();
    bool readsShaped = llvm::any_of(inner->getOperandTypes(), [](Type type) {
      return isa<ShapedType>(type);
    });
    if (!readsShaped && isMemoryEffectFree(inner))
      return WalkResult::advance();
    foreign = inner;
    return WalkResult::interrupt();
  });
  return foreign;
}

std::optional<unsigned> LinalgBody::yieldedOperand() {
  auto argument = dyn_cast<BlockArgument>(yielded);
  if (!argument || argument.getOwner() != op.getBlock())
    return std::nullopt;
  return op.getMatchingOpOperand(argument)->getOperandNumber();
}

bool LinalgBody::usesIndex() {
  return llvm::any_of(
      needed, [](Operation *inner) { return isa<linalg::IndexOp>(inner); });
}

BlockArgument LinalgBody::accumulator() {
  return op.getMatchingBlockArgument(op.getDpsInitOperand(result));
}

bool LinalgBody::isTensorInput(unsigned operand) {
  return operand < unsigned(op.getNumDpsInputs()) &&
         isa<RankedTensorType>(op->getOperand(operand).getType());
}

static bool isSum(Operation *op) {
  return isa<arith::AddFOp, arith::AddIOp, arith::SubFOp, arith::SubIOp,
             complex::AddOp>(op) ||
         // Booleans add and multiply by `or` and `and`.
         (isa<arith::OrIOp>(op) && op->getResult(0).getType().isInteger(1));
}

static bool isProduct(Operation *op) {
  return isa<arith::MulFOp, arith::MulIOp, complex::MulOp>(op) ||
         (isa<arith::AndIOp>(op) && op->getResult(0).getType().isInteger(1));
}

bool LinalgBody::accumulates() {
  // Through conversions, as of an accumulator wider than the result.
  SmallVector<Value> todo{accumulator()};
  while (!todo.empty())
    for (Operation *user : todo.pop_back_val().getUsers()) {
      if (!needed.contains(user))
        continue;
      if (isSum(user) || isProduct(user))
        return true;
      if (user->getNumOperands() == 1)
        llvm::append_range(todo, user->getResults());
    }
  return false;
}

bool LinalgBody::isSumOfProducts() {
  if (!accumulates())
    return false;
  unsigned self = op.getDpsInitOperand(result)->getOperandNumber();
  return llvm::any_of(needed, [&](Operation *inner) {
    if (!isProduct(inner))
      return false;
    llvm::SmallBitVector left = operandsOf(inner->getOperand(0));
    llvm::SmallBitVector right = operandsOf(inner->getOperand(1));
    if (left.test(self) || right.test(self) || left.anyCommon(right))
      return false;
    auto isInput = [&](unsigned operand) { return isTensorInput(operand); };
    return llvm::any_of(left.set_bits(), isInput) &&
           llvm::any_of(right.set_bits(), isInput);
  });
}

//===----------------------------------------------------------------------===//
// Neutral values
//===----------------------------------------------------------------------===//

namespace {

/// What is known of a value when one operand's element is known.
struct Known {
  Attribute constant;
  bool isAccumulator = false;
};

bool isZero(Attribute value) {
  if (auto number = dyn_cast_or_null<FloatAttr>(value))
    return number.getValue().isZero();
  auto number = dyn_cast_or_null<IntegerAttr>(value);
  return number && number.getValue().isZero();
}

bool isOne(Attribute value) {
  if (auto number = dyn_cast_or_null<FloatAttr>(value))
    return number.getValue().isExactlyValue(1.0);
  auto number = dyn_cast_or_null<IntegerAttr>(value);
  return number && number.getValue().isOne();
}

/// The greatest or least value there is, or among finite numbers.
bool isExtreme(Attribute value, bool least, bool isSigned) {
  if (auto number = dyn_cast_or_null<FloatAttr>(value)) {
    APFloat v = number.getValue();
    return v.isNegative() == least && (v.isInfinity() || v.isLargest());
  }
  auto number = dyn_cast_or_null<IntegerAttr>(value);
  if (!number)
    return false;
  APInt v = number.getValue();
  if (isSigned)
    return least ? v.isMinSignedValue() : v.isMaxSignedValue();
  return least ? v.isMinValue() : v.isMaxValue();
}

/// `op(x, value)` is x.
bool leavesOther(Operation *op, Attribute value) {
  if (!value)
    return false;
  if (isa<arith::AddFOp, arith::AddIOp, arith::OrIOp, arith::XOrIOp>(op))
    return isZero(value);
  if (isa<arith::MulFOp, arith::MulIOp>(op))
    return isOne(value);
  if (isa<arith::AndIOp>(op))
    return isExtreme(value, /*least=*/false, /*isSigned=*/false);
  if (isa<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp>(op))
    return isExtreme(value, /*least=*/true, /*isSigned=*/true);
  if (isa<arith::MaxUIOp>(op))
    return isExtreme(value, /*least=*/true, /*isSigned=*/false);
  if (isa<arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp>(op))
    return isExtreme(value, /*least=*/false, /*isSigned=*/true);
  if (isa<arith::MinUIOp>(op))
    return isExtreme(value, /*least=*/false, /*isSigned=*/false);
  return false;
}

Known evaluate(Operation *op, ArrayRef<Known> operands) {
  if (op->getNumResults() != 1)
    return {};
  SmallVector<Attribute> constants;
  for (const Known &operand : operands)
    constants.push_back(operand.constant);

  SmallVector<OpFoldResult> folded;
  if (!llvm::is_contained(constants, Attribute()) &&
      succeeded(op->fold(constants, folded)) && folded.size() == 1)
    if (auto constant = dyn_cast<Attribute>(folded.front()))
      return {constant};
  if (operands.size() != 2)
    return {};

  for (unsigned i : {0, 1}) {
    if (leavesOther(op, constants[i]))
      return operands[1 - i];
    if (isa<arith::MulFOp, arith::MulIOp, arith::AndIOp>(op) &&
        isZero(constants[i]))
      return {constants[i]};
  }
  if (isa<arith::SubFOp, arith::SubIOp>(op) && isZero(constants[1]))
    return operands[0];
  return {};
}

/// The scalar that an operand is everywhere, if it is a constant.
Attribute scalarOf(Value operand) {
  Attribute constant;
  if (!matchPattern(operand, m_Constant(&constant)))
    return {};
  if (auto elements = dyn_cast<DenseElementsAttr>(constant))
    return elements.isSplat() ? elements.getSplatValue<Attribute>()
                              : Attribute();
  return constant;
}

} // namespace

bool LinalgBody::keepsResult(unsigned operand, Attribute value) {
  llvm::DenseMap<Value, Known> known;
  for (BlockArgument argument : op.getBlock()->getArguments()) {
    OpOperand *from = op.getMatchingOpOperand(argument);
    if (from->getOperandNumber() == operand)
      known[argument] = {value};
    else if (argument == accumulator())
      known[argument] = {Attribute(), true};
    else if (op.isDpsInput(from))
      known[argument] = {scalarOf(from->get())};
  }
  auto lookup = [&](Value of) -> Known {
    auto found = known.find(of);
    return found == known.end() ? Known{scalarOf(of)} : found->second;
  };
  for (Operation &inner : op.getBlock()->without_terminator()) {
    SmallVector<Known> operands;
    for (Value of : inner.getOperands())
      operands.push_back(lookup(of));
    Known result = evaluate(&inner, operands);
    for (Value of : inner.getResults())
      known[of] = result;
  }
  return lookup(yielded).isAccumulator;
}
