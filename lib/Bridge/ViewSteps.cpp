//===- ViewSteps.cpp - Values that show another value ---------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ViewSteps.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

/// Row-major number of the element at `dims` of the group of dimensions.
static AffineExpr linearise(ArrayRef<int64_t> group, ArrayRef<int64_t> shape,
                            MLIRContext *context) {
  if (group.size() == 1)
    return getAffineDimExpr(group.front(), context);
  AffineExpr sum = getAffineConstantExpr(0, context);
  int64_t stride = 1;
  for (int64_t dim : llvm::reverse(group)) {
    if (shape[dim] != 1)
      sum = getAffineDimExpr(dim, context) * stride + sum;
    stride *= shape[dim];
  }
  return sum;
}

/// The way back: the index in each dimension of the group.
static void delinearise(AffineExpr number, ArrayRef<int64_t> group,
                        ArrayRef<int64_t> shape,
                        SmallVectorImpl<AffineExpr> &index) {
  if (group.size() == 1)
    return index.push_back(number);
  for (unsigned i = 0; i < group.size(); ++i) {
    auto extentsOf = [&](ArrayRef<int64_t> dims) {
      int64_t product = 1;
      for (int64_t dim : dims)
        product *= shape[dim];
      return product;
    };
    AffineExpr digit = number.floorDiv(extentsOf(group.drop_front(i + 1)));
    if (extentsOf(group.take_front(i)) != 1)
      digit = digit % shape[group[i]];
    if (shape[group[i]] == 1)
      digit = getAffineConstantExpr(0, number.getContext());
    index.push_back(digit);
  }
}

AffineMap bridge::flatten(ArrayRef<int64_t> shape, MLIRContext *context) {
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  return AffineMap::get(shape.size(), 0, linearise(all, shape, context));
}

/// Both ways between a shape and the coarser one that `groups` makes of it.
static void reshape(ArrayRef<ReassociationIndices> groups,
                    ArrayRef<int64_t> fine, MLIRContext *context,
                    AffineMap &toCoarse, AffineMap &toFine) {
  SmallVector<AffineExpr> coarseIndex, fineIndex;
  for (auto [i, group] : llvm::enumerate(groups)) {
    coarseIndex.push_back(linearise(group, fine, context));
    delinearise(getAffineDimExpr(i, context), group, fine, fineIndex);
  }
  // A tensor without dimensions next to one whose extents are all 1.
  fineIndex.resize(fine.size(), getAffineConstantExpr(0, context));
  toCoarse = AffineMap::get(fine.size(), 0, coarseIndex, context);
  toFine = AffineMap::get(groups.size(), 0, fineIndex, context);
}

static FailureOr<ViewStep> sliceStep(tensor::ExtractSliceOp slice,
                                     std::string &whyNot) {
  auto isPositive = [](int64_t stride) { return stride > 0; };
  if (llvm::any_of(slice.getStaticOffsets(), ShapedType::isDynamic) ||
      !llvm::all_of(slice.getStaticStrides(), isPositive)) {
    whyNot = "has offsets or strides that are not known, or strides below 1";
    return failure();
  }
  MLIRContext *context = slice.getContext();
  llvm::SmallBitVector dropped = slice.getDroppedDims();
  SmallVector<AffineExpr> index;
  unsigned next = 0;
  for (auto [dim, offset] : llvm::enumerate(slice.getStaticOffsets())) {
    AffineExpr expr = getAffineConstantExpr(offset, context);
    if (!dropped.test(dim))
      expr = getAffineDimExpr(next++, context) * slice.getStaticStrides()[dim] +
             offset;
    index.push_back(expr);
  }
  return ViewStep{StepKind::Slice, slice.getSource(), slice.getResult(),
                  AffineMap::get(next, 0, index, context)};
}

static FailureOr<ViewStep> padStep(tensor::PadOp pad, std::string &whyNot) {
  if (llvm::any_of(pad.getStaticLow(), ShapedType::isDynamic)) {
    whyNot = "has padding that is not known";
    return failure();
  }
  MLIRContext *context = pad.getContext();
  SmallVector<AffineExpr> index;
  for (auto [dim, low] : llvm::enumerate(pad.getStaticLow()))
    index.push_back(getAffineDimExpr(dim, context) - low);
  ViewStep step{StepKind::Pad, pad.getSource(), pad.getResult(),
                AffineMap::get(index.size(), 0, index, context)};
  if (Value value = pad.getConstantPaddingValue())
    matchPattern(value, m_Constant(&step.padValue));
  return step;
}

FailureOr<ViewStep> bridge::viewStepOf(Operation *op, std::string &whyNot) {
  if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp,
           tensor::ExtractSliceOp, tensor::PadOp>(op))
    return failure();
  for (Type type : {op->getOperand(0).getType(), op->getResult(0).getType()}) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape()) {
      whyNot = "has a dynamic shape";
      return failure();
    }
    if (llvm::is_contained(tensor.getShape(), 0)) {
      whyNot = "has a dimension of extent 0";
      return failure();
    }
  }
  MLIRContext *context = op->getContext();
  ViewStep step{StepKind::Reshape, op->getOperand(0), op->getResult(0)};
  return TypeSwitch<Operation *, FailureOr<ViewStep>>(op)
      .Case([&](tensor::CollapseShapeOp collapse) {
        reshape(collapse.getReassociationIndices(), shapeOf(step.source),
                context, step.toResult, step.toSource);
        return step;
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        reshape(expand.getReassociationIndices(), shapeOf(step.result), context,
                step.toSource, step.toResult);
        return step;
      })
      .Case([&](tensor::CastOp) {
        step.toSource = step.toResult = AffineMap::getMultiDimIdentityMap(
            shapeOf(step.result).size(), context);
        return step;
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        return sliceStep(slice, whyNot);
      })
      .Case([&](tensor::PadOp pad) { return padStep(pad, whyNot); });
}

ViewStep bridge::copyStepOf(Operation *op, unsigned result,
                            const ir::EinsumDescription &einsum) {
  const ir::EinsumOperand &read = einsum.reads.front();
  AffineMap toIteration = inversePermutation(einsum.result);
  ViewStep step{StepKind::Copy, op->getOperand(read.operand),
                op->getResult(result), read.map.compose(toIteration)};
  if (read.map.isPermutation())
    step.toResult = einsum.result.compose(inversePermutation(read.map));
  return step;
}

ir::EinsumDescription bridge::describeCopy(const ViewStep &step) {
  ir::EinsumDescription einsum;
  einsum.kind = ir::EinsumKind::Elementwise;
  // Over the finer shape, from which the other index is a sum.
  bool overSource = step.toResult &&
                    shapeOf(step.source).size() > shapeOf(step.result).size();
  Value over = overSource ? step.source : step.result;
  llvm::append_range(einsum.extents, shapeOf(over));
  auto identity = AffineMap::getMultiDimIdentityMap(einsum.extents.size(),
                                                    over.getContext());
  einsum.reads.push_back({0, overSource ? identity : step.toSource});
  einsum.result = overSource ? step.toResult : identity;
  return einsum;
}

std::optional<llvm::SmallBitVector>
bridge::passOutside(AffineMap map, ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                    const llvm::SmallBitVector &outside) {
  llvm::SmallBitVector result(to.size());
  for (unsigned dim : outside.set_bits()) {
    // Some dimension of the target must be `d + c`, with all d outside.
    bool staysOutside = false;
    for (unsigned target = 0; target < to.size(); ++target) {
      AffineExpr expr = map.getResult(target);
      if (!expr.isFunctionOfDim(dim))
        continue;
      std::optional<ir::LinearTerms> terms =
          ir::LinearTerms::of(expr, from.size());
      if (!terms ||
          expr - terms->constant != getAffineDimExpr(dim, map.getContext()))
        return std::nullopt;
      staysOutside |=
          terms->constant <= 0 && from[dim] + terms->constant >= to[target];
      result.set(target);
    }
    if (!staysOutside)
      return std::nullopt;
  }
  return result;
}

std::optional<LinearIndex>
bridge::applyStep(AffineMap map, ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                  const LinearIndex &index, ArrayRef<int64_t> extents) {
  llvm::SmallBitVector outside(from.size());
  for (unsigned dim = 0; dim < from.size(); ++dim) {
    std::optional<Interval> interval = intervalOf(index[dim], extents);
    if (!interval)
      return std::nullopt;
    if (interval->least < 0 || interval->greatest >= from[dim])
      outside.set(dim);
  }
  if (!passOutside(map, from, to, outside))
    return std::nullopt;
  return applyMap(map, index, extents);
}
