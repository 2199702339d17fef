//===- Leaves.cpp - Boxes of ops as linalg on views ----------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "looptree/IR/Dialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

#include <numeric>

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// The view of what a box of ops touches, and the map from a leaf's loops to
/// it. Dimensions along which nothing moves are dropped. `dimOf`: the leaf's
/// loop for each axis.
Emitter::Operand Emitter::operandOf(Location loc, const Place &place,
                                    const Axes &axes, ArrayRef<unsigned> dimOf,
                                    unsigned dims) {
  Value buffer = buffers[place.buffer];
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<OpFoldResult> offsets, sizes, strides;
  SmallVector<int64_t> kept;
  SmallVector<AffineExpr> results;
  for (auto [d, expr] : llvm::enumerate(place.offset)) {
    const std::vector<int64_t> &step = place.step[d];
    int64_t stride = 0, last = 0;
    for (auto [a, s] : llvm::enumerate(step))
      if (axes.sizes[a] > 1 && !axes.index[a]) {
        stride = std::gcd(stride, s);
        last += s * (axes.sizes[a] - 1);
      }
    offsets.push_back(offsetOf(loc, expr, step, axes, modulusOf(place, d)));
    sizes.push_back(b.getIndexAttr(stride == 0 ? 1 : last / stride + 1));
    strides.push_back(b.getIndexAttr(std::max<int64_t>(stride, 1)));
    if (stride == 0)
      continue;
    AffineExpr sum = b.getAffineConstantExpr(0);
    for (auto [a, s] : llvm::enumerate(step))
      if (axes.sizes[a] > 1 && !axes.index[a])
        sum = sum + b.getAffineDimExpr(dimOf[a]) * (s / stride);
    kept.push_back(last / stride + 1);
    results.push_back(sum);
  }
  AffineMap map = AffineMap::get(dims, 0, results, b.getContext());
  if (offsets.empty())
    return {buffer, map};
  MemRefType reduced = memref::SubViewOp::inferRankReducedResultType(
      kept, type, offsets, sizes, strides);
  return {memref::SubViewOp::create(b, loc, reduced, buffer, offsets, sizes,
                                    strides),
          map};
}

/// A leaf's loop for each axis that it runs over itself.
static SmallVector<unsigned>
numberLoops(ArrayRef<int64_t> sizes, ArrayRef<Value> index, unsigned &dims) {
  SmallVector<unsigned> dimOf(sizes.size(), 0);
  dims = 0;
  for (auto [a, size] : llvm::enumerate(sizes))
    if (size > 1 && !index[a])
      dimOf[a] = dims++;
  return dimOf;
}

/// There is one op along each rank that the write does not use, so every loop
/// moves the result.
void Emitter::begin(const Action &action) {
  const PayloadEinsum &einsum = payload[action.einsum];
  bool isGiven = action.places.size() > 1;
  if (!isGiven && !einsum.initial)
    return;
  Axes axes{llvm::to_vector(action.sizes),
            SmallVector<Value>(action.sizes.size())};
  inLoops(action, std::move(axes), wrappingAxes(action),
          [&](const Axes &axes) { beginLeaf(action, axes); });
}

void Emitter::beginLeaf(const Action &action, const Axes &axes) {
  const PayloadEinsum &einsum = payload[action.einsum];
  bool isGiven = action.places.size() > 1;
  auto valueTo = [&](OpBuilder &body, Location loc, ValueRange args) -> Value {
    if (action.begun == Action::Begun::Neutral)
      return arith::ConstantOp::create(body, loc, einsum.neutral);
    Value begun = isGiven ? args[0] : valueOf(body, loc, *einsum.initial);
    if (action.begun == Action::Begun::Added)
      return combine(body, action, args.back(), begun);
    return begun;
  };
  Location loc = einsum.op->getLoc();
  unsigned dims;
  SmallVector<unsigned> dimOf = numberLoops(axes.sizes, axes.index, dims);
  SmallVector<utils::IteratorType> iterators(dims,
                                             utils::IteratorType::parallel);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  if (isGiven) {
    Operand init = operandOf(loc, action.places[1], axes, dimOf, dims);
    inputs.push_back(init.view);
    maps.push_back(init.map);
  }
  Operand result = operandOf(loc, action.places[0], axes, dimOf, dims);
  maps.push_back(result.map);
  linalg::GenericOp::create(
      b, loc, inputs, ValueRange{result.view}, maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange args) {
        linalg::YieldOp::create(body, loc, valueTo(body, loc, args));
      });
}

/// Loops of a linalg op must each be the index of a dimension of some operand;
/// along the others (the window of a pool) loops go around it.
void Emitter::run(const Action &action) {
  Axes axes{llvm::to_vector(action.sizes),
            SmallVector<Value>(action.sizes.size())};
  SmallVector<bool> looped = wrappingAxes(action);
  for (size_t a = 0; a < action.sizes.size(); ++a) {
    bool isAlone = false;
    for (const Place &place : action.places)
      // One that lies outside has none.
      for (const auto &step : place.step) {
        size_t moving = 0;
        for (size_t other = 0; other < step.size(); ++other)
          moving += step[other] != 0 && action.sizes[other] > 1;
        isAlone |= step[a] != 0 && moving == 1;
      }
    looped[a] |= action.sizes[a] > 1 && !isAlone;
  }
  inLoops(action, std::move(axes), looped,
          [&](const Axes &axes) { leaf(action, axes); });
}

/// Those along which a ring may go on at its first slot.
SmallVector<bool> Emitter::wrappingAxes(const Action &action) const {
  SmallVector<bool> looped(action.sizes.size(), false);
  for (const Place &place : action.places)
    for (auto [d, step] : llvm::enumerate(place.step))
      for (size_t a = 0; a < step.size(); ++a)
        looped[a] |= step[a] != 0 && action.sizes[a] > 1 && wraps(place, d);
  return looped;
}

void Emitter::inLoops(const Action &action, Axes axes, ArrayRef<bool> looped,
                      function_ref<void(const Axes &)> body) {
  Location loc = payload[action.einsum].op->getLoc();
  for (size_t a = 0; a < looped.size(); ++a) {
    if (!looped[a] || axes.index[a])
      continue;
    loop(loc, action.sizes[a], [&](Value index) {
      axes.index[a] = index;
      inLoops(action, axes, looped, body);
    });
    return;
  }
  body(axes);
}

void Emitter::leaf(const Action &action, const Axes &axes) {
  const PayloadEinsum &einsum = payload[action.einsum];
  Location loc = einsum.op->getLoc();
  unsigned dims;
  SmallVector<unsigned> dimOf = numberLoops(axes.sizes, axes.index, dims);
  SmallVector<utils::IteratorType> iterators;
  for (auto [a, size] : llvm::enumerate(action.sizes)) {
    if (size == 1 || axes.index[a])
      continue;
    bool isWritten = llvm::any_of(
        action.places[0].step, [&](const auto &step) { return step[a] != 0; });
    iterators.push_back(isWritten ? utils::IteratorType::parallel
                                  : utils::IteratorType::reduction);
  }

  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const Place &place : ArrayRef(action.places).drop_front()) {
    if (place.isOutside)
      continue;
    Operand operand = operandOf(loc, place, axes, dimOf, dims);
    inputs.push_back(operand.view);
    maps.push_back(operand.map);
  }
  Operand result = operandOf(loc, action.places[0], axes, dimOf, dims);
  maps.push_back(result.map);
  auto generic = linalg::GenericOp::create(
      b, loc, inputs, ValueRange{result.view}, maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange args) {
        linalg::YieldOp::create(body, loc,
                                cloneBody(body, action, axes, dimOf, args));
      });
  generic->setAttr(
      ir::loweredAttrName,
      b.getDictionaryAttr(
          {b.getNamedAttr("kind", b.getStringAttr("compute")),
           b.getNamedAttr("einsum",
                          b.getStringAttr(w.einsums[action.einsum].name))}));
}

Value Emitter::valueOf(OpBuilder &body, Location loc, const Scalar &scalar) {
  if (scalar.value)
    return argumentOf.lookup(scalar.value);
  if (auto type = dyn_cast<ComplexType>(scalar.type))
    return complex::ConstantOp::create(body, loc, type,
                                       cast<ArrayAttr>(scalar.constant));
  return arith::ConstantOp::create(body, loc, cast<TypedAttr>(scalar.constant));
}

/// The body of the einsum's op, or the element that a view takes. `arguments`:
/// the reads that are no inits and lie in their tensors, in order, then the
/// result's previous value.
Value Emitter::cloneBody(OpBuilder &body, const Action &action,
                         const Axes &axes, ArrayRef<unsigned> dimOf,
                         ValueRange arguments) {
  const PayloadEinsum &einsum = payload[action.einsum];
  Location loc = einsum.op->getLoc();
  auto pad = dyn_cast<tensor::PadOp>(einsum.op);
  if (!einsum.yielded || (pad && !action.places[1].isOutside))
    return arguments[0];

  auto indexOf = [&](unsigned a) {
    SmallVector<int64_t> steps(action.sizes.size(), 0);
    steps[a] = action.stride[a];
    Axes here = axes;
    if (action.sizes[a] > 1 && !axes.index[a])
      here.index[a] = linalg::IndexOp::create(body, loc, dimOf[a]);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(body.getInsertionBlock(), body.getInsertionPoint());
    return getValueOrCreateConstantIndexOp(
        b, loc, offsetOf(loc, action.first[a], steps, here));
  };

  IRMapping mapping;
  if (pad) {
    for (BlockArgument argument : pad.getBody()->getArguments())
      mapping.map(argument, indexOf(argument.getArgNumber()));
  } else {
    auto op = cast<linalg::LinalgOp>(einsum.op);
    SmallVector<Value> values; // Per read.
    unsigned next = 0;
    for (const Access &read : w.einsums[action.einsum].reads)
      values.push_back(read.isInit ? arguments.back() : arguments[next++]);
    for (OpOperand &operand : op->getOpOperands()) {
      unsigned number = operand.getOperandNumber();
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      auto read = einsum.readOfOperand.find(number);
      auto scalar = einsum.scalars.find(number);
      if (read != einsum.readOfOperand.end())
        mapping.map(argument, values[read->second]);
      else if (scalar != einsum.scalars.end())
        mapping.map(argument, valueOf(body, loc, scalar->second));
      else if (op.isDpsInit(&operand))
        mapping.map(argument, arguments.back());
    }
  }
  auto bring = [&](Value value) {
    if (einsum.op->getRegion(0).isAncestor(value.getParentRegion()) ||
        mapping.contains(value))
      return;
    Value known = argumentOf.lookup(value);
    mapping.map(value, known
                           ? known
                           : body.clone(*value.getDefiningOp())->getResult(0));
  };
  for (Operation *inner : einsum.body)
    inner->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        bring(operand);
    });
  bring(einsum.yielded);

  for (Operation *inner : einsum.body) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(), indexOf(index.getDim()));
      continue;
    }
    body.clone(*inner, mapping);
  }
  return mapping.lookupOrDefault(einsum.yielded);
}
