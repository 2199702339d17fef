//===- Lanes.cpp - What the lanes of a vector load, compute and store ----===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LeafEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::leaves;

/// Of a vector of `width` elements.
static VectorType vectorOf(int64_t width, Type element) {
  return VectorType::get({lanesFor(width)}, element);
}

static Type elementOf(const LeafOperand &operand) {
  return cast<MemRefType>(operand.value.getType()).getElementType();
}

/// A type, or a vector of it.
static Type withElement(Type type, Type element) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? VectorType::get(vector.getShape(), element) : element;
}

static bool isMasked(int64_t width) { return lanesFor(width) != width; }

LeafEmitter::Values LeafEmitter::address(const LeafOperand &operand,
                                         const Indices &indices) {
  Values result;
  for (unsigned d = 0; d < operand.map.getNumResults(); ++d)
    result.push_back(getValueOrCreateConstantIndexOp(
        b, loc,
        affine::makeComposedFoldedAffineApply(
            b, loc, operand.map.getSubMap({d}), indices)));
  return result;
}

/// The address of one lane of a vector.
LeafEmitter::Values LeafEmitter::address(const LeafOperand &operand,
                                         Indices indices, int64_t lane) {
  if (lane != 0)
    indices[*tile.along] = affine::makeComposedFoldedAffineApply(
        b, loc, b.getAffineDimExpr(0) + lane, {indices[*tile.along]});
  return address(operand, indices);
}

Value LeafEmitter::mask(int64_t width) {
  return vector::ConstantMaskOp::create(b, loc, vectorOf(width, b.getI1Type()),
                                        width);
}

/// A scalar where all lanes have the same.
Value LeafEmitter::load(const LeafOperand &operand, const Lanes &lanes,
                        const Indices &indices) {
  if (!operand.isMemRef())
    return operand.value;
  Value loaded = loadMemory(operand, lanes, indices);
  if (!operand.isBits)
    return loaded;
  return arith::TruncIOp::create(
      b, loc, withElement(loaded.getType(), b.getI1Type()), loaded);
}

Value LeafEmitter::loadMemory(const LeafOperand &operand, const Lanes &lanes,
                              const Indices &indices) {
  if (lanes.width == 0)
    return memref::LoadOp::create(b, loc, operand.value,
                                  address(operand, indices, 0));
  switch (operand.access(*tile.along)) {
  case Access::Uniform:
    return memref::LoadOp::create(b, loc, operand.value,
                                  address(operand, indices, 0));
  case Access::Contiguous:
    return loadBlock(operand, address(operand, indices, 0), lanes.width);
  case Access::Spaced:
    if (lanes.width > 1)
      return loadSpaced(operand, lanes.width, indices);
    [[fallthrough]];
  case Access::Strided:
    return gather(operand, lanes.width, indices);
  }
  llvm_unreachable("every access is one of these");
}

Value LeafEmitter::zero(Type type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

Value LeafEmitter::loadBlock(const LeafOperand &operand, ValueRange at,
                             int64_t width) {
  VectorType type = vectorOf(width, elementOf(operand));
  if (isMasked(width))
    return vector::MaskedLoadOp::create(b, loc, type, operand.value, at,
                                        mask(width), zero(type));
  return vector::LoadOp::create(b, loc, type, operand.value, at);
}

/// Blocks that together reach from the first element to the last, and what is
/// wanted of each. Block j begins at element j * (width - 1), so none reaches
/// beyond the last.
Value LeafEmitter::loadSpaced(const LeafOperand &operand, int64_t width,
                              const Indices &indices) {
  int64_t spacing = operand.spacing(*tile.along);
  Values first = address(operand, indices, 0);
  int64_t lanes = lanesFor(width);
  Value result;
  for (int64_t block = 0; block < spacing; ++block) {
    int64_t begin = block * (width - 1);
    Values at = first;
    at.back() = getValueOrCreateConstantIndexOp(
        b, loc,
        affine::makeComposedFoldedAffineApply(
            b, loc, b.getAffineDimExpr(0) + begin, OpFoldResult(first.back())));
    Value loaded = loadBlock(operand, at, width);
    if (!result)
      result = loaded;
    SmallVector<int64_t> from;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t element = std::min(lane, width - 1) * spacing;
      if (element >= begin && element <= begin + width - 1)
        from.push_back(lanes + element - begin);
      else
        from.push_back(lane);
    }
    result = vector::ShuffleOp::create(b, loc, result, loaded, from);
  }
  return result;
}

Value LeafEmitter::gather(const LeafOperand &operand, int64_t width,
                          const Indices &indices) {
  VectorType type = vectorOf(width, elementOf(operand));
  Values elements;
  for (int64_t lane = 0; lane < width; ++lane)
    elements.push_back(memref::LoadOp::create(b, loc, operand.value,
                                              address(operand, indices, lane)));
  elements.resize(type.getNumElements());
  for (Value &element : elements)
    if (!element)
      element = zero(type.getElementType());
  return vector::FromElementsOp::create(b, loc, type, elements);
}

void LeafEmitter::store(Value value, const Lanes &lanes,
                        const Indices &indices) {
  const LeafOperand &output = leaf.output;
  if (output.isBits)
    value = arith::ExtUIOp::create(
        b, loc, withElement(value.getType(), b.getI8Type()), value);
  Values at = address(output, indices, 0);
  if (lanes.width == 0) {
    memref::StoreOp::create(b, loc, value, output.value, at);
    return;
  }
  if (output.access(*tile.along) != Access::Contiguous) {
    for (int64_t lane = 0; lane < lanes.width; ++lane)
      memref::StoreOp::create(b, loc,
                              vector::ExtractOp::create(b, loc, value, lane),
                              output.value, address(output, indices, lane));
    return;
  }
  if (isMasked(lanes.width))
    vector::MaskedStoreOp::create(b, loc, output.value, at, mask(lanes.width),
                                  value);
  else
    vector::StoreOp::create(b, loc, value, output.value, at);
}

/// A scalar as a vector of equal lanes.
Value LeafEmitter::spread(Value value, const Lanes &lanes) {
  if (lanes.width == 0 || isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(
      b, loc, vectorOf(lanes.width, value.getType()), value);
}

/// acc + x * y as one op, where the body has it as two.
Value LeafEmitter::fusedSum(arith::AddFOp sum, const Lanes &lanes,
                            const Indices &indices, IRMapping &values) {
  Type type = sum.getType();
  if (lanes.width == 0 || !(type.isF32() || type.isF64()))
    return Value();
  for (auto [side, other] :
       {std::pair(sum.getRhs(), sum.getLhs()), {sum.getLhs(), sum.getRhs()}}) {
    auto product = side.getDefiningOp<arith::MulFOp>();
    if (!product || product->getBlock() != sum->getBlock() ||
        !product->hasOneUse())
      continue;
    auto operand = [&](Value value) {
      return spread(evaluate(value, lanes, indices, values), lanes);
    };
    return vector::FMAOp::create(b, loc, operand(product.getLhs()),
                                 operand(product.getRhs()), operand(other));
  }
  return Value();
}

Value LeafEmitter::index(unsigned loop, const Lanes &lanes,
                         const Indices &indices) {
  Value first = getValueOrCreateConstantIndexOp(b, loc, indices[loop]);
  if (lanes.width == 0 || loop != tile.along)
    return first;
  Value lane =
      vector::StepOp::create(b, loc, vectorOf(lanes.width, b.getIndexType()));
  return arith::AddIOp::create(b, loc, spread(first, lanes), lane);
}

/// A value of the body. Ops on scalars alone stay scalar: what one element is
/// extended to is so once, not in every lane.
Value LeafEmitter::evaluate(Value value, const Lanes &lanes,
                            const Indices &indices, IRMapping &values) {
  Operation *op = value.getDefiningOp();
  if (Value known = values.lookupOrNull(value))
    return known;
  if (!op || op->getBlock() != &leaf.body())
    return value;
  Value result;
  if (auto position = dyn_cast<linalg::IndexOp>(op))
    result = index(position.getDim(), lanes, indices);
  else if (auto sum = dyn_cast<arith::AddFOp>(op))
    result = fusedSum(sum, lanes, indices, values);
  if (!result) {
    Values operands;
    for (Value operand : op->getOperands())
      operands.push_back(evaluate(operand, lanes, indices, values));
    Type type = value.getType();
    if (llvm::any_of(operands, [](Value operand) {
          return isa<VectorType>(operand.getType());
        })) {
      for (Value &operand : operands)
        operand = spread(operand, lanes);
      type = vectorOf(lanes.width, type);
    }
    OperationState state(op->getLoc(), op->getName(), operands, type,
                         op->getAttrs());
    result = b.create(state)->getResult(0);
  }
  values.map(value, result);
  return result;
}

Value LeafEmitter::body(ValueRange arguments, const Lanes &lanes,
                        const Indices &indices) {
  IRMapping values;
  Block &block = leaf.body();
  for (auto [argument, value] : llvm::zip(block.getArguments(), arguments))
    if (value)
      values.map(argument, value);
  Value result = block.getTerminator()->getOperand(0);
  return spread(evaluate(result, lanes, indices, values), lanes);
}
