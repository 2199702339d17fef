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
  }

  void add(Operation *op, int64_t elements, bool isPeak,
           std::initializer_list<StringRef> words) {
    auto [entry, isNew] =
        counters.try_emplace(llvm::join(words, " "), unsigned(names.size()));
    if (isNew)
      names.push_back(entry->getKey());
    events.push_back({op, elements, isPeak, entry->second});
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

  static constexpr llvm::StringLiteral kGlobal = "looptree_counters";
  static constexpr llvm::StringLiteral kFunction = "looptree_counts";
  llvm::StringMap<unsigned> counters; ///< By name.
  SmallVector<StringRef> names;
  std::vector<Event> events;
};

} // namespace
