//===- Storage.cpp - Which values share a stored tensor -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Storage.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

Storage::Storage(Block &block, const OpReadings &readings)
    : block(block), readings(readings) {
  while (solveOnce()) {
  }
}

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

bool Storage::isEinsum(Operation *op) const {
  const OpReading &reading = readings.find(op)->second;
  return reading.role == OpRole::Einsum || copies.contains(op);
}

bool Storage::isMade(Value root) const {
  return root.getDefiningOp() && isEinsum(root.getDefiningOp());
}

const ViewStep *Storage::stepInto(Value value) const {
  Operation *op = value.getDefiningOp();
  if (!op || copies.contains(op))
    return nullptr;
  const OpReading &reading = readings.find(op)->second;
  return reading.step ? &*reading.step : nullptr;
}

SmallVector<Value> Storage::chainOf(Value value) const {
  SmallVector<Value> chain{value};
  while (const ViewStep *step = stepInto(chain.back()))
    chain.push_back(step->source);
  return chain;
}

Value Storage::rootOf(Value value) const { return chainOf(value).back(); }

bool Storage::isWithoutData(Value root) const {
  Operation *op = root.getDefiningOp();
  if (!op || isa<tensor::EmptyOp>(op))
    return op;
  if (readings.find(op)->second.role == OpRole::Uniform)
    return !copies.contains(op);
  DenseElementsAttr elements;
  return matchPattern(root, m_Constant(&elements)) &&
         elements.getNumElements() == 1;
}

/// A constant that starts every element alike is as good as a fill.
static bool isUniformConstant(Value value) {
  DenseElementsAttr elements;
  return matchPattern(value, m_Constant(&elements)) && elements.isSplat();
}

std::optional<SmallVector<Storage::Move>> Storage::path(Value from,
                                                        Value to) const {
  SmallVector<Value> up = chainOf(from), down = chainOf(to);
  while (up.size() > 1 && down.size() > 1 &&
         up[up.size() - 2] == down[down.size() - 2]) {
    up.pop_back();
    down.pop_back();
  }
  SmallVector<Move> moves;
  for (unsigned i = 0; i + 1 < up.size(); ++i) {
    const ViewStep *step = stepInto(up[i]);
    moves.push_back({step->toSource, up[i], up[i + 1], step});
  }
  for (unsigned i = down.size() - 1; i > 0; --i) {
    const ViewStep *step = stepInto(down[i - 1]);
    if (!step->toResult)
      return std::nullopt;
    moves.push_back({step->toResult, down[i], down[i - 1], nullptr});
  }
  return moves;
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

std::optional<LinearIndex> Storage::indexIn(const Shape &shape, Value value,
                                            LinearIndex index,
                                            ArrayRef<int64_t> extents,
                                            const Use *use) const {
  std::optional<SmallVector<Move>> moves = path(value, shape.like);
  if (!moves)
    return std::nullopt;
  auto follow = [&](AffineMap map, ArrayRef<int64_t> from,
                    ArrayRef<int64_t> to) {
    std::optional<LinearIndex> next = applyStep(map, from, to, index, extents);
    if (next)
      index = std::move(*next);
    return next.has_value();
  };
  for (const Move &move : *moves) {
    if (move.up && move.up->kind == StepKind::Pad) {
      // An einsum that copies writes the padding itself.
      auto op = use ? dyn_cast<ir::EinsumOpInterface>(use->op) : nullptr;
      if (!op || !move.up->padValue ||
          !op.isNeutral(use->operand.operand,
                        readings.find(use->op)->second.result,
                        move.up->padValue))
        return std::nullopt;
    }
    if (!follow(move.map, shapeOf(move.from), shapeOf(move.to)))
      return std::nullopt;
  }
  if (shape.isFlat) {
    ArrayRef<int64_t> from = shapeOf(shape.like);
    if (!follow(flatten(from, value.getContext()), from,
                ShapedType::getNumElements(from)))
      return std::nullopt;
  }
  if (!isAccess(index))
    return std::nullopt;
  dropUnitRanks(index, extents);
  return index;
}

std::optional<LinearIndex> Storage::indexOf(const Shape &shape,
                                            const Use &use) const {
  ArrayRef<int64_t> extents = readings.find(use.op)->second.einsum.extents;
  std::optional<LinearIndex> index =
      applyMap(use.operand.map, identityIndex(extents.size()), extents);
  return indexIn(shape, use.op->getOperand(use.operand.operand),
                 std::move(*index), extents, &use);
}

std::optional<LinearIndex> Storage::writeIn(const Shape &shape,
                                            Operation *op) const {
  const OpReading &reading = readings.find(op)->second;
  ArrayRef<int64_t> extents = reading.einsum.extents;
  std::optional<LinearIndex> index =
      applyMap(reading.einsum.result, identityIndex(extents.size()), extents);
  return indexIn(shape, op->getResult(reading.result), std::move(*index),
                 extents, nullptr);
}

StoredAccess Storage::write(Operation *einsum) const {
  Value result = einsum->getResult(readings.find(einsum)->second.result);
  return {result, *writeIn(shapes.at(result), einsum)};
}

std::optional<StoredAccess>
Storage::read(Operation *einsum, const ir::EinsumOperand &operand) const {
  Value root = rootOf(einsum->getOperand(operand.operand));
  if (isWithoutData(root) || (operand.isInit && isUniformConstant(root)))
    return std::nullopt;
  return StoredAccess{root, *indexOf(shapes.at(root), {einsum, operand})};
}

SmallVector<int64_t> Storage::shapeOfStored(Value root) const {
  const Shape &shape = shapes.at(root);
  if (shape.isFlat)
    return {ShapedType::getNumElements(shapeOf(shape.like))};
  return llvm::to_vector(shapeOf(shape.like));
}

std::optional<AffineMap> Storage::viewOf(Value value) const {
  auto map = AffineMap::getMultiDimIdentityMap(shapeOf(value).size(),
                                               value.getContext());
  auto shape = shapes.find(rootOf(value));
  if (shape == shapes.end())
    return map;
  llvm::SmallBitVector outside(map.getNumResults());
  auto follow = [&](AffineMap step, ArrayRef<int64_t> from,
                    ArrayRef<int64_t> to) {
    std::optional<llvm::SmallBitVector> next =
        passOutside(step, from, to, outside);
    if (next)
      outside = std::move(*next);
    map = step.compose(map);
    return next.has_value();
  };
  SmallVector<Move> moves = *path(value, shape->second.like);
  for (const Move &move : moves) {
    if (!follow(move.map, shapeOf(move.from), shapeOf(move.to)))
      return std::nullopt;
    if (move.up && move.up->kind == StepKind::Pad)
      outside.set();
  }
  ArrayRef<int64_t> from = shapeOf(shape->second.like);
  if (shape->second.isFlat && !follow(flatten(from, value.getContext()), from,
                                      ShapedType::getNumElements(from)))
    return std::nullopt;
  return map;
}

//===----------------------------------------------------------------------===//
// Solving
//===----------------------------------------------------------------------===//

void Storage::collectUses() {
  uses.clear();
  trees.clear();
  outputs.clear();
  for (const auto &[op, reading] : readings) {
    if (reading.role == OpRole::Barrier)
      for (Value value : tensorsReadBy(op))
        outputs.insert(rootOf(value));
    if (const ViewStep *step =
            reading.step ? stepInto(reading.step->result) : nullptr)
      trees[rootOf(step->result)].push_back(step->result);
    if (!isEinsum(op))
      continue;
    uses[op->getResult(reading.result)];
    for (const ir::EinsumOperand &operand : reading.einsum.reads) {
      Value root = rootOf(op->getOperand(operand.operand));
      if (!isWithoutData(root))
        uses[root].push_back({op, operand});
    }
  }
}

/// Makes what the function returns stored values. True when a view had to
/// become an einsum.
bool Storage::storeReturned() {
  // What is moved between an einsum and the return is written in place by the
  // einsum; once, and not where there is no einsum to do so.
  llvm::DenseMap<Value, SmallVector<Value>> movesOf;
  for (Value value : block.getTerminator()->getOperands()) {
    if (!isa<TensorType>(value.getType()))
      continue;
    SmallVector<Value> chain = chainOf(value);
    Value root = chain.back();
    outputs.insert(root);
    Operation *producer = root.getDefiningOp();
    if (isWithoutData(root) &&
        readings.find(producer)->second.role == OpRole::Uniform)
      return copies.insert(producer).second;

    SmallVector<Value> moved;
    for (Value link : ArrayRef(chain).drop_back()) {
      const ViewStep *step = stepInto(link);
      if (!step->toResult)
        return copies.insert(link.getDefiningOp()).second;
      if (step->kind == StepKind::Copy)
        moved.push_back(link);
    }
    auto [first, isFirst] = movesOf.try_emplace(root, moved);
    if (!moved.empty() &&
        (!isMade(root) || (!isFirst && first->second != moved)))
      return copies.insert(moved.front().getDefiningOp()).second;
  }
  return false;
}

Storage::Shape Storage::chooseShape(Value root) const {
  SmallVector<Shape> candidates{{root}};
  if (pinned.contains(root))
    return candidates.front();
  auto tree = trees.find(root);
  if (tree != trees.end())
    for (Value value : tree->second)
      if (path(root, value))
        candidates.push_back({value});
  candidates.push_back({root, /*isFlat=*/true});

  // Where several serve as many readers, moving less is better.
  auto movesTo = [&](Value value) {
    return llvm::count_if(chainOf(value), [&](Value link) {
      const ViewStep *step = stepInto(link);
      return step && step->kind == StepKind::Copy;
    });
  };
  Shape best = candidates.front();
  std::pair<size_t, size_t> fewest{SIZE_MAX, SIZE_MAX};
  for (const Shape &shape : candidates) {
    if (isMade(root) && !writeIn(shape, root.getDefiningOp()))
      continue;
    size_t failing = llvm::count_if(uses.lookup(root), [&](const Use &use) {
      return !indexOf(shape, use);
    });
    std::pair<size_t, size_t> cost{failing, movesTo(shape.like)};
    if (cost < fewest) {
      best = shape;
      fewest = cost;
    }
  }
  return best;
}

/// Makes one of the views between a reader and its tensor an einsum: the last
/// one that moves data, or else the last, that can itself be read. None can
/// where the shape suits other readers too well; the view next to the tensor
/// always can in the shape of its root.
void Storage::storeFor(const Use &use) {
  SmallVector<Value> chain = chainOf(use.op->getOperand(use.operand.operand));
  const Shape &shape = shapes.at(chain.back());
  for (bool isReshape : {false, true})
    for (Value link : ArrayRef(chain).drop_back()) {
      const ViewStep *step = stepInto(link);
      if ((step->kind == StepKind::Reshape || step->kind == StepKind::Slice) !=
          isReshape)
        continue;
      Operation *op = link.getDefiningOp();
      const OpReading &reading = readings.find(op)->second;
      if (indexOf(shape, {op, reading.einsum.reads.front()}))
        return (void)copies.insert(op);
    }
  bool isNew = pinned.insert(chain.back()).second;
  assert(isNew && "nothing to make an einsum of");
  (void)isNew;
}

bool Storage::solveOnce() {
  collectUses();
  if (storeReturned())
    return true;
  shapes.clear();
  bool changed = false;
  for (const auto &[root, readers] : uses) {
    shapes[root] = chooseShape(root);
    for (const Use &use : readers)
      if (!indexOf(shapes[root], use)) {
        storeFor(use);
        changed = true;
        break;
      }
  }
  return changed;
}
