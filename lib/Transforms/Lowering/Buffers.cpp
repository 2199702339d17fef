//===- Buffers.cpp - Views and copies ------------------------------------ ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "looptree/IR/Dialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include <cstdlib>

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// Whole tensors are the function's own, in the default memory space.
MemRefType Emitter::typeOf(const ScheduledBuffer &buffer) {
  Attribute space;
  if (!buffer.isWholeTensor)
    space = b.getStringAttr(arch.levels[buffer.level].name);
  SmallVector<int64_t> shape = llvm::to_vector(buffer.instances);
  if (buffer.hasHalves)
    shape.push_back(2);
  llvm::append_range(shape, buffer.slots);
  return MemRefType::get(shape, elementTypes[buffer.tensor],
                         MemRefLayoutAttrInterface(), space);
}

/// Memory for several spatial instances says for how many.
static void addInstances(NamedAttrList &parts, int64_t copies, OpBuilder &b) {
  if (copies > 1)
    parts.append("instances", b.getStringAttr(llvm::Twine(copies)));
}

void Emitter::mark(Operation *op, StringRef kind, unsigned buffer,
                   std::optional<EinsumId> einsum) {
  const ScheduledBuffer &which = schedule.buffers[buffer];
  NamedAttrList parts;
  auto add = [&](StringRef name, StringRef value) {
    parts.append(name, b.getStringAttr(value));
  };
  add("kind", kind);
  add("tensor", w.tensors[which.tensor].name);
  add("level", arch.levels[which.level].name);
  if (einsum)
    add("einsum", w.einsums[*einsum].name);
  if (kind == "buffer")
    addInstances(parts, which.copies(), b);
  op->setAttr(ir::loweredAttrName, parts.getDictionary(b.getContext()));
}

/// Buffers of a level have memory of their own each, unless some that are not
/// there at the same time lie over each other in one memory.
SmallVector<Value> Emitter::allocate(func::FuncOp function) {
  Location loc = function.getLoc();
  SmallVector<Value> allocated;
  std::vector<int64_t> copies(arch.levels.size(), 1);
  for (const ScheduledBuffer &buffer : schedule.buffers)
    if (!buffer.isWholeTensor)
      copies[buffer.level] = std::max(copies[buffer.level], buffer.copies());
  SmallVector<Value> arenas(arch.levels.size());
  for (LevelId l = 0; l < arch.levels.size(); ++l) {
    if (layout.size[l] == 0)
      continue;
    auto type = MemRefType::get({layout.size[l] * copies[l]}, b.getI8Type(),
                                MemRefLayoutAttrInterface(),
                                b.getStringAttr(arch.levels[l].name));
    auto arena = memref::AllocOp::create(b, loc, type, b.getI64IntegerAttr(64));
    NamedAttrList parts;
    parts.append("kind", b.getStringAttr("arena"));
    parts.append("level", b.getStringAttr(arch.levels[l].name));
    addInstances(parts, copies[l], b);
    if (int64_t gaps = layout.size[l] - layout.need[l])
      parts.append("gaps", b.getStringAttr(llvm::Twine(gaps)));
    arena->setAttr(ir::loweredAttrName, parts.getDictionary(b.getContext()));
    arenas[l] = arena;
    allocated.push_back(arena);
  }
  unsigned next = 0;
  for (auto [id, buffer] : llvm::enumerate(schedule.buffers)) {
    if (buffer.isWholeTensor) {
      buffers.push_back(function.getArgument(next++));
      continue;
    }
    if (buffer.elements == 0) {
      buffers.push_back(Value());
      continue;
    }
    Operation *memory;
    if (Value arena = arenas[buffer.level]) {
      Value at = arith::ConstantIndexOp::create(
          b, loc, layout.offset[id] * copies[buffer.level]);
      memory = memref::ViewOp::create(b, loc, typeOf(buffer), arena, at,
                                      ValueRange());
    } else {
      memory = memref::AllocOp::create(b, loc, typeOf(buffer));
      allocated.push_back(memory->getResult(0));
    }
    mark(memory, "buffer", id, std::nullopt);
    buffers.push_back(memory->getResult(0));
  }
  return allocated;
}

/// The view of a box whose axes are the tensor's dimensions.
Value Emitter::fullView(Location loc, const Place &place,
                        ArrayRef<int64_t> sizes) {
  Value buffer = buffers[place.buffer];
  if (place.offset.empty())
    return buffer;
  // Dimensions of instances and halves come first.
  size_t outer = place.offset.size() - sizes.size();
  SmallVector<OpFoldResult> offsets, lengths, strides;
  for (auto [d, offset] : llvm::enumerate(place.offset)) {
    int64_t size = d < outer ? 1 : sizes[d - outer];
    offsets.push_back(offsetOf(loc, offset, {}, {}, modulusOf(place, d)));
    lengths.push_back(b.getIndexAttr(size));
    strides.push_back(b.getIndexAttr(size == 1 ? 1 : place.step[d][d - outer]));
  }
  MemRefType type = memref::SubViewOp::inferRankReducedResultType(
      sizes, cast<MemRefType>(buffer.getType()), offsets, lengths, strides);
  return memref::SubViewOp::create(b, loc, type, buffer, offsets, lengths,
                                   strides);
}

/// Two parts of a sum, as the einsum's op adds up.
Value Emitter::combine(OpBuilder &body, const Action &action, Value sum,
                       Value part) {
  Operation *combiner = payload[action.einsum].combiner;
  Operation *copy = body.clone(*combiner);
  copy->setOperands({sum, part});
  return copy->getResult(0);
}

void Emitter::inSlices(
    Location loc, SmallVector<Place> places, SmallVector<int64_t> sizes,
    function_ref<void(ArrayRef<Place>, ArrayRef<int64_t>)> body) {
  for (size_t d = 0; d < sizes.size(); ++d) {
    bool isCut = llvm::any_of(places, [&](const Place &place) {
      size_t outer = place.offset.size() - sizes.size();
      return wraps(place, outer + d);
    });
    if (!isCut || sizes[d] == 1)
      continue;
    int64_t count = sizes[d];
    sizes[d] = 1;
    for (Place &place : places) {
      size_t outer = place.offset.size() - sizes.size();
      for (auto [dim, offset] : llvm::enumerate(place.offset))
        offset.coefficients.push_back(dim == outer + d ? place.step[dim][d]
                                                       : 0);
    }
    loop(loc, count, [&](Value index) {
      indices.push_back(index);
      inSlices(loc, places, sizes, body);
      indices.pop_back();
    });
    return;
  }
  body(places, sizes);
}

void Emitter::transfer(const Action &action) {
  Location loc = payload[action.einsum].op->getLoc();
  inSlices(loc, {action.places[0], action.places[1]},
           llvm::to_vector(action.sizes),
           [&](ArrayRef<Place> places, ArrayRef<int64_t> sizes) {
             copy(action, places[0], places[1], sizes);
           });
}

void Emitter::copy(const Action &action, const Place &source,
                   const Place &target, ArrayRef<int64_t> sizes) {
  Location loc = payload[action.einsum].op->getLoc();
  Value from = fullView(loc, source, sizes);
  Value to = fullView(loc, target, sizes);
  Operation *copy;
  if (action.isAdded) {
    unsigned dims = sizes.size();
    SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(dims));
    SmallVector<utils::IteratorType> iterators(dims,
                                               utils::IteratorType::parallel);
    copy = linalg::GenericOp::create(
        b, loc, from, to, maps, iterators,
        [&](OpBuilder &body, Location loc, ValueRange args) {
          linalg::YieldOp::create(body, loc,
                                  combine(body, action, args[1], args[0]));
        });
  } else {
    copy = memref::CopyOp::create(b, loc, from, to);
  }
  mark(copy, action.kind == ActionKind::Fill ? "fill" : "drain", action.buffer,
       action.einsum);
}

/// Source and target of a move may overlap. Both run along the first dimension
/// in which they differ, one slice at a time and away from the target, so that
/// nothing is overwritten before it has moved.
void Emitter::move(const Action &action) {
  Location loc = buffers[action.buffer].getLoc();
  size_t outer = action.places[0].offset.size() - action.sizes.size();
  auto distance = [&](size_t d) {
    return action.places[0].offset[outer + d].base -
           action.places[1].offset[outer + d].base;
  };
  auto copy = [&](const Place &from, const Place &to, ArrayRef<int64_t> sizes) {
    Value source = fullView(loc, from, sizes);
    Value target = fullView(loc, to, sizes);
    mark(memref::CopyOp::create(b, loc, source, target), "move", action.buffer,
         std::nullopt);
  };
  // From half to half nothing overlaps.
  if (outer > 0 && action.places[0].offset[outer - 1].base !=
                       action.places[1].offset[outer - 1].base)
    return copy(action.places[0], action.places[1], action.sizes);
  size_t along = 0;
  while (distance(along) == 0)
    ++along;
  int64_t length = action.sizes[along];
  if (std::abs(distance(along)) >= length)
    return copy(action.places[0], action.places[1], action.sizes);

  bool isForward = distance(along) > 0;
  SmallVector<int64_t> slice = llvm::to_vector(action.sizes);
  slice[along] = 1;
  auto sliceOf = [&](Place place) {
    for (auto [d, offset] : llvm::enumerate(place.offset))
      offset.coefficients.push_back(d != outer + along ? 0
                                    : isForward        ? 1
                                                       : -1);
    if (!isForward)
      place.offset[outer + along].base += length - 1;
    return place;
  };
  loop(loc, length, [&](Value index) {
    indices.push_back(index);
    copy(sliceOf(action.places[0]), sliceOf(action.places[1]), slice);
    indices.pop_back();
  });
}
