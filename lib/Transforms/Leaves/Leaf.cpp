//===- Leaf.cpp - A linalg op on memrefs, as loops and accesses ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Leaf.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::leaves;

bool LeafOperand::isMemRef() const { return isa<MemRefType>(value.getType()); }

bool LeafOperand::varies(unsigned loop) const {
  return llvm::any_of(steps,
                      [&](const auto &dimension) { return dimension[loop]; });
}

int64_t LeafOperand::spacing(unsigned loop) const {
  return varies(loop) ? steps.back()[loop] : 0;
}

Access LeafOperand::access(unsigned loop) const {
  if (!varies(loop))
    return Access::Uniform;
  auto others = ArrayRef(steps).drop_back();
  auto type = cast<MemRefType>(value.getType());
  int64_t distance = spacing(loop);
  if (distance < 1 || distance > 4 || !type.isLastDimUnitStride() ||
      llvm::any_of(others, [&](const auto &d) { return d[loop] != 0; }))
    return Access::Strided;
  return distance == 1 ? Access::Contiguous : Access::Spaced;
}

static bool isLinear(AffineMap map) {
  bool linear = map.getNumSymbols() == 0;
  for (AffineExpr result : map.getResults())
    result.walk([&](AffineExpr part) {
      AffineExprKind kind = part.getKind();
      linear &= kind != AffineExprKind::Mod &&
                kind != AffineExprKind::FloorDiv &&
                kind != AffineExprKind::CeilDiv && part.isPureAffine();
    });
  return linear;
}

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Vectors in memory have whole bytes per lane; so has an i1.
static bool isVectorElement(Type type) {
  return type.isIntOrFloat() &&
         (type.isInteger(1) || type.getIntOrFloatBitWidth() % 8 == 0);
}

static Result<LeafOperand> readOperand(linalg::LinalgOp op,
                                       OpOperand &operand) {
  LeafOperand result;
  result.value = operand.get();
  result.map = op.getMatchingIndexingMap(&operand);
  result.isUsed = !op.getMatchingBlockArgument(&operand).use_empty();
  if (!isLinear(result.map))
    return Error{"its accesses are not linear"};
  if (auto type = dyn_cast<MemRefType>(result.value.getType())) {
    Type element = type.getElementType();
    if (!isVectorElement(element) && (result.isUsed || op.isDpsInit(&operand)))
      return Error{"it has elements of type " + print(element)};
  } else if (!result.value.getType().isIntOrFloat()) {
    return Error{"it has an operand of type " + print(result.value.getType())};
  }
  unsigned loops = op.getNumLoops();
  SmallVector<int64_t> point(loops, 0);
  SmallVector<int64_t> origin = result.map.compose(point);
  result.steps.assign(origin.size(), SmallVector<int64_t>(loops, 0));
  for (unsigned loop = 0; loop < loops; ++loop) {
    point[loop] = 1;
    for (auto [d, at] : llvm::enumerate(result.map.compose(point)))
      result.steps[d][loop] = at - origin[d];
    point[loop] = 0;
  }
  return result;
}

static Result<bool> checkBody(Block &body) {
  for (Operation &op : body.without_terminator()) {
    bool isLane = isa<arith::ConstantOp, linalg::IndexOp>(op) ||
                  (op.hasTrait<OpTrait::Elementwise>() &&
                   op.hasTrait<OpTrait::Vectorizable>() && isPure(&op) &&
                   op.getNumResults() == 1);
    if (!isLane)
      return Error{"its body has a " + op.getName().getStringRef().str()};
  }
  return true;
}

Result<Leaf> leaves::readLeaf(linalg::LinalgOp op) {
  Leaf leaf;
  leaf.op = op;
  if (op.getNumDpsInits() != 1)
    return Error{"it has " + std::to_string(op.getNumDpsInits()) + " results"};
  if (auto body = checkBody(leaf.body()); !body)
    return body.error();
  for (OpOperand *operand : op.getDpsInputOperands()) {
    auto input = readOperand(op, *operand);
    if (!input)
      return input.error();
    leaf.inputs.push_back(std::move(*input));
  }
  auto output = readOperand(op, *op.getDpsInitOperand(0));
  if (!output)
    return output.error();
  leaf.output = std::move(*output);
  leaf.extents = op.getStaticLoopRanges();
  if (llvm::is_contained(leaf.extents, 0))
    return Error{"it has a loop of no iterations"};
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (kind == utils::IteratorType::parallel) {
      leaf.parallel.push_back(loop);
      if (leaf.output.access(loop) == Access::Contiguous)
        leaf.contiguous = loop;
      continue;
    }
    leaf.reductions.push_back(loop);
    if (leaf.output.varies(loop))
      return Error{"its result moves along a reduction"};
  }
  return leaf;
}
