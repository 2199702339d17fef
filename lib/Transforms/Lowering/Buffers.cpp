//===- Buffers.cpp - Views and copies ------------------------------------ ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "looptree/IR/Dialect.h"

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
  return MemRefType::get(buffer.slots, elementTypes[buffer.tensor],
                         MemRefLayoutAttrInterface(), space);
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
  op->setAttr(ir::loweredAttrName, parts.getDictionary(b.getContext()));
}

/// The view of a box whose axes are the buffer's dimensions.
Value Emitter::fullView(Location loc, const Place &place,
                        ArrayRef<int64_t> sizes) {
  Value buffer = buffers[place.buffer];
  if (sizes.empty())
    return buffer;
  SmallVector<OpFoldResult> offsets, lengths, strides;
  for (auto [d, size] : llvm::enumerate(sizes)) {
    offsets.push_back(offsetOf(loc, place.offset[d]));
    lengths.push_back(b.getIndexAttr(size));
    strides.push_back(b.getIndexAttr(size == 1 ? 1 : place.step[d][d]));
  }
  return memref::SubViewOp::create(b, loc, buffer, offsets, lengths, strides);
}

void Emitter::transfer(const Action &action) {
  Location loc = payload[action.einsum].op->getLoc();
  Value from = fullView(loc, action.places[0], action.sizes);
  Value to = fullView(loc, action.places[1], action.sizes);
  auto copy = memref::CopyOp::create(b, loc, from, to);
  mark(copy, action.kind == ActionKind::Fill ? "fill" : "drain", action.buffer,
       action.einsum);
}

/// Source and target of a move may overlap. Both run along the first dimension
/// in which they differ, one slice at a time and away from the target, so that
/// nothing is overwritten before it has moved.
void Emitter::move(const Action &action) {
  Location loc = buffers[action.buffer].getLoc();
  auto distance = [&](size_t d) {
    return action.places[0].offset[d].base - action.places[1].offset[d].base;
  };
  size_t along = 0;
  while (distance(along) == 0)
    ++along;
  auto copy = [&](const Place &from, const Place &to, ArrayRef<int64_t> sizes) {
    Value source = fullView(loc, from, sizes);
    Value target = fullView(loc, to, sizes);
    mark(memref::CopyOp::create(b, loc, source, target), "move", action.buffer,
         std::nullopt);
  };
  int64_t length = action.sizes[along];
  if (std::abs(distance(along)) >= length)
    return copy(action.places[0], action.places[1], action.sizes);

  bool isForward = distance(along) > 0;
  SmallVector<int64_t> slice = llvm::to_vector(action.sizes);
  slice[along] = 1;
  auto sliceOf = [&](Place place) {
    for (auto [d, offset] : llvm::enumerate(place.offset))
      offset.coefficients.push_back(d != along ? 0 : isForward ? 1 : -1);
    if (!isForward)
      place.offset[along].base += length - 1;
    return place;
  };
  loop(loc, length, [&](Value index) {
    indices.push_back(index);
    copy(sliceOf(action.places[0]), sliceOf(action.places[1]), slice);
    indices.pop_back();
  });
}
