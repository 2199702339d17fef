//===- InstrumentTransfers.cpp - Count what lowered code does ---------------
//===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "looptree/IR/Ops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

namespace looptree {
#define GEN_PASS_DEF_INSTRUMENTTRANSFERS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class InstrumentTransfers
    : public looptree::impl::InstrumentTransfersBase<InstrumentTransfers> {
  struct Event {
    Operation *op;
    int64_t elements;
    bool isPeak;
    unsigned counter;
  };
  /// Memory that is there from `op` on, or no more.
  struct Room {
    Operation *op;
    int64_t bytes;
    unsigned live, peak; ///< Counters.
  };

  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (auto window = dyn_cast<ir::WindowOp>(op))
        return add(op, window.getElements(), /*isPeak=*/true,
                   {"window", window.getTensor(), "at", window.getLevel(),
                    "node", std::to_string(window.getNode())});
      if (auto skip = dyn_cast<ir::SkipOp>(op))
        return add(op, skip.getOps(), /*isPeak=*/false,
                   {"ops", skip.getEinsum()});
      auto parts = op->getAttrOfType<DictionaryAttr>(ir::loweredAttrName);
      if (!parts)
        return;
      auto part = [&](StringRef name) {
        auto value = parts.getAs<StringAttr>(name);
        return value ? value.getValue() : StringRef();
      };
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
        int64_t instances = 1;
        if (part("instances").getAsInteger(10, instances) || instances < 1)
          instances = 1;
        return addRoom(alloc, part("level"), instances);
      }
      int64_t elements = 1;
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
        for (int64_t extent : linalgOp.getStaticLoopRanges())
          elements *= extent;
        if (part("kind") == "compute")
          return add(op, elements, /*isPeak=*/false, {"ops", part("einsum")});
      } else if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        elements =
            cast<MemRefType>(copy.getSource().getType()).getNumElements();
      } else {
        return;
      }
      StringRef kind = part("kind"), tensor = part("tensor"),
                level = part("level");
      if (kind == "move")
        add(op, elements, /*isPeak=*/false, {kind, tensor, "at", level});
      else
        add(op, elements, /*isPeak=*/false,
            {kind, tensor, "at", level, "for", part("einsum")});
    });
    if (mlir::failed(makeCounters()))
      return signalPassFailure();
    for (const Event &event : events)
      count(event);
    for (const Room &room : rooms)
      count(room);
  }

  unsigned counterOf(std::initializer_list<StringRef> words) {
    auto [entry, isNew] =
        counters.try_emplace(llvm::join(words, " "), unsigned(names.size()));
    if (isNew)
      names.push_back(entry->getKey());
    return entry->second;
  }

  void add(Operation *op, int64_t elements, bool isPeak,
           std::initializer_list<StringRef> words) {
    events.push_back({op, elements, isPeak, counterOf(words)});
  }

  /// Memory of one instance of a level, in a function.
  void addRoom(memref::AllocOp alloc, StringRef level, int64_t instances) {
    StringRef function = alloc->getParentOfType<func::FuncOp>().getSymName();
    auto type = cast<MemRefType>(alloc.getType());
    Type element = type.getElementType();
    int64_t bytes = DataLayout::closest(alloc).getTypeSize(element) *
                    type.getNumElements() / instances;
    unsigned live = counterOf({"live bytes at", level, "in", function});
    unsigned peak = counterOf({"peak bytes at", level, "in", function});
    rooms.push_back({alloc, bytes, live, peak});
    for (Operation *user : alloc->getUsers())
      if (isa<memref::DeallocOp>(user))
        rooms.push_back({user, -bytes, live, peak});
  }

  /// The counters, and a function that returns them.
  LogicalResult makeCounters() {
    ModuleOp module = getOperation();
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    auto type = MemRefType::get({int64_t(counters.size())}, b.getI64Type());
    auto dynamic = MemRefType::get({ShapedType::kDynamic}, b.getI64Type());
    Location loc = module.getLoc();
    auto functionType = b.getFunctionType({}, {dynamic});
    if (module.lookupSymbol(kGlobal))
      return emitError(loc) << "is instrumented already: it has @" << kGlobal;
    if (Operation *old = module.lookupSymbol(kFunction)) {
      auto declaration = dyn_cast<func::FuncOp>(old);
      if (!declaration || !declaration.isExternal() ||
          declaration.getFunctionType() != functionType)
        return emitError(old->getLoc())
               << "@" << kFunction << " should be a declaration of type "
               << functionType;
      declaration.erase();
    }
    auto zero = DenseElementsAttr::get(
        RankedTensorType::get(type.getShape(), b.getI64Type()), int64_t(0));
    memref::GlobalOp::create(b, loc, kGlobal, b.getStringAttr("private"), type,
                             zero, /*constant=*/false,
                             /*alignment=*/IntegerAttr());
    auto function = func::FuncOp::create(b, loc, kFunction, functionType);
    function->setAttr("counters", b.getStrArrayAttr(names));
    b.setInsertionPointToStart(function.addEntryBlock());
    Value values = memref::GetGlobalOp::create(b, loc, type, kGlobal);
    values = memref::CastOp::create(b, loc, dynamic, values);
    func::ReturnOp::create(b, loc, values);
    return success();
  }

  void count(const Event &event) {
    OpBuilder b(event.op);
    Location loc = event.op->getLoc();
    auto type = MemRefType::get({int64_t(counters.size())}, b.getI64Type());
    Value values = memref::GetGlobalOp::create(b, loc, type, kGlobal);
    Value at = arith::ConstantIndexOp::create(b, loc, event.counter);
    Value by = arith::ConstantIntOp::create(b, loc, event.elements, 64);
    // Instances of a spatial loop may count at the same time.
    memref::AtomicRMWOp::create(b, loc,
                                event.isPeak ? arith::AtomicRMWKind::maxs
                                             : arith::AtomicRMWKind::addi,
                                by, values, at);
  }

  void count(const Room &room) {
    OpBuilder b(room.op);
    Location loc = room.op->getLoc();
    auto type = MemRefType::get({int64_t(counters.size())}, b.getI64Type());
    Value values = memref::GetGlobalOp::create(b, loc, type, kGlobal);
    auto load = [&](Value at) {
      return memref::LoadOp::create(b, loc, values, at);
    };
    Value live = arith::ConstantIndexOp::create(b, loc, room.live);
    Value peak = arith::ConstantIndexOp::create(b, loc, room.peak);
    Value by = arith::ConstantIntOp::create(b, loc, room.bytes, 64);
    Value now = arith::AddIOp::create(b, loc, load(live), by);
    memref::StoreOp::create(b, loc, now, values, live);
    Value most = arith::MaxSIOp::create(b, loc, load(peak), now);
    memref::StoreOp::create(b, loc, most, values, peak);
  }

  static constexpr llvm::StringLiteral kGlobal = "looptree_counters";
  static constexpr llvm::StringLiteral kFunction = "looptree_counts";
  llvm::StringMap<unsigned> counters; ///< By name.
  SmallVector<StringRef> names;
  std::vector<Event> events;
  std::vector<Room> rooms;
};

} // namespace
