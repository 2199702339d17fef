//===- LeafEmitter.cpp - A leaf as loops around a register tile ----------===//
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
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <map>

using namespace mlir;
using namespace looptree;
using namespace looptree::leaves;

/// Operations of a tile that stand in a row without a loop.
static constexpr int64_t kMostUnrolled = 64;

/// An i1 takes a byte of memory, but a vector of them is packed. So they are
/// read and written as bytes, through a view that goes away when both types
/// become the same pointer.
static void viewAsBytes(OpBuilder &b, Location loc, LeafOperand &operand) {
  auto type = dyn_cast<MemRefType>(operand.value.getType());
  if (!type || !type.getElementType().isInteger(1))
    return;
  Type bytes = MemRefType::get(type.getShape(), b.getI8Type(), type.getLayout(),
                               type.getMemorySpace());
  operand.value =
      UnrealizedConversionCastOp::create(b, loc, bytes, operand.value)
          .getResult(0);
  operand.isBits = true;
}

void LeafEmitter::emit() {
  for (LeafOperand &input : leaf.inputs)
    viewAsBytes(b, loc, input);
  viewAsBytes(b, loc, leaf.output);
  indices.assign(leaf.extents.size(), b.getIndexAttr(0));
  SmallVector<unsigned> order;
  auto add = [&](std::optional<unsigned> loop) {
    if (loop && !llvm::is_contained(order, *loop))
      order.push_back(*loop);
  };
  add(tile.outermost);
  for (unsigned loop : leaf.parallel)
    if (loop != tile.along && loop != tile.across)
      add(loop);
  add(tile.across);
  add(tile.along);
  vectors = {Lanes()};
  nest(order);
}

OpFoldResult LeafEmitter::extentOf(unsigned loop) {
  if (!ShapedType::isDynamic(leaf.extents[loop]))
    return b.getIndexAttr(leaf.extents[loop]);
  return leaf.op.createLoopRanges(b, loc)[loop].size;
}

void LeafEmitter::loop(OpFoldResult begin, OpFoldResult end, int64_t step,
                       llvm::function_ref<void(OpFoldResult)> body) {
  auto first = getConstantIntValue(begin), last = getConstantIntValue(end);
  if (first && last && *first + step >= *last) {
    if (*first < *last)
      body(begin);
    return;
  }
  auto value = [&](OpFoldResult bound) {
    return getValueOrCreateConstantIndexOp(b, loc, bound);
  };
  auto loop = scf::ForOp::create(b, loc, value(begin), value(end),
                                 value(b.getIndexAttr(step)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void LeafEmitter::spans(unsigned which, ArrayRef<Span> spans,
                        llvm::function_ref<void(const Span &)> body) {
  OpFoldResult end = b.getIndexAttr(0);
  for (const Span &span : spans) {
    OpFoldResult begin = ShapedType::isDynamic(span.begin)
                             ? end
                             : OpFoldResult(b.getIndexAttr(span.begin));
    end = b.getIndexAttr(span.end);
    if (ShapedType::isDynamic(span.end))
      end = affine::makeComposedFoldedAffineApply(
          b, loc, b.getAffineDimExpr(0).floorDiv(span.step) * span.step,
          {extentOf(which)});
    loop(begin, end, span.step, [&](OpFoldResult index) {
      indices[which] = index;
      body(span);
    });
  }
}

void LeafEmitter::nest(ArrayRef<unsigned> loops) {
  if (loops.empty())
    return emitTile();
  unsigned which = loops.front();
  ArrayRef<unsigned> inner = loops.drop_front();
  if (which == tile.along)
    return spans(which, tile.vectors, [&](const Span &span) {
      vectors.clear();
      int64_t offset = 0;
      for (int64_t width : span.widths) {
        vectors.push_back({offset, width});
        offset += width;
      }
      if (vectors.empty())
        vectors = {Lanes()};
      nest(inner);
    });
  if (which == tile.across)
    return spans(which, tile.points, [&](const Span &span) {
      points = span.step;
      nest(inner);
    });
  loop(b.getIndexAttr(0), extentOf(which), 1, [&](OpFoldResult index) {
    indices[which] = index;
    nest(inner);
  });
}

LeafEmitter::Indices LeafEmitter::at(const Lanes &lanes, int64_t point) {
  Indices result = indices;
  auto move = [&](std::optional<unsigned> loop, int64_t by) {
    if (loop && by != 0)
      result[*loop] = affine::makeComposedFoldedAffineApply(
          b, loc, b.getAffineDimExpr(0) + by, {result[*loop]});
  };
  move(tile.along, lanes.offset);
  move(tile.across, point);
  return result;
}

void LeafEmitter::emitTile() {
  bool isPrevious = leaf.output.isUsed || !leaf.reductions.empty();
  Values results;
  for (int64_t point = 0; point < points; ++point)
    for (const Lanes &lanes : vectors)
      if (isPrevious)
        results.push_back(load(leaf.output, lanes, at(lanes, point)));
  results = reduce(0, results);
  unsigned next = 0;
  for (int64_t point = 0; point < points; ++point)
    for (const Lanes &lanes : vectors)
      store(results[next++], lanes, at(lanes, point));
}

/// The innermost reductions are unrolled while that is short: neighbouring
/// windows then share what they load.
LeafEmitter::Values LeafEmitter::reduce(unsigned position, Values results) {
  if (position == leaf.reductions.size())
    return step(results);
  unsigned which = leaf.reductions[position];
  int64_t operations = points * vectors.size();
  for (unsigned inner : ArrayRef(leaf.reductions).drop_front(position)) {
    int64_t extent = leaf.extents[inner];
    operations = ShapedType::isDynamic(extent) || extent > kMostUnrolled
                     ? kMostUnrolled + 1
                     : std::min(operations * extent, kMostUnrolled + 1);
  }
  if (operations <= kMostUnrolled) {
    for (int64_t index = 0; index < leaf.extents[which]; ++index) {
      indices[which] = b.getIndexAttr(index);
      results = reduce(position + 1, results);
    }
    return results;
  }
  auto value = [&](OpFoldResult bound) {
    return getValueOrCreateConstantIndexOp(b, loc, bound);
  };
  auto loop = scf::ForOp::create(b, loc, value(b.getIndexAttr(0)),
                                 value(extentOf(which)),
                                 value(b.getIndexAttr(1)), results);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  indices[which] = loop.getInductionVar();
  Values carried(loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, reduce(position + 1, carried));
  return Values(loop.getResults());
}

LeafEmitter::Values LeafEmitter::step(ValueRange results) {
  // What each input gave at a vector and point; what does not move along one
  // of them is loaded once.
  std::map<std::tuple<const LeafOperand *, size_t, int64_t>, Value> loaded;
  Values next;
  for (int64_t point = 0; point < points; ++point)
    for (auto [number, lanes] : llvm::enumerate(vectors)) {
      Indices here = at(lanes, point);
      Values arguments;
      for (const LeafOperand &input : leaf.inputs) {
        if (!input.isUsed) {
          arguments.push_back(Value());
          continue;
        }
        bool movesAlong = tile.along && input.varies(*tile.along);
        bool movesAcross = tile.across && input.varies(*tile.across);
        Value &value =
            loaded[{&input, movesAlong ? number : 0, movesAcross ? point : 0}];
        if (!value)
          value = load(input, lanes, here);
        arguments.push_back(value);
      }
      arguments.push_back(results.empty() ? Value() : results[next.size()]);
      next.push_back(body(arguments, lanes, here));
    }
  return next;
}
