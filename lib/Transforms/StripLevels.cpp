//===- StripLevels.cpp - Lowered code without levels and marks --------------
//===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "looptree/IR/Ops.h"

#include "mlir/IR/AttrTypeSubElements.h"

namespace looptree {
#define GEN_PASS_DEF_STRIPLEVELS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class StripLevels : public looptree::impl::StripLevelsBase<StripLevels> {
  void runOnOperation() override {
    getOperation().walk<WalkOrder::PostOrder>([](Operation *op) {
      op->removeDiscardableAttr(ir::loweredAttrName);
      if (isa<ir::WindowOp, ir::SkipOp>(op))
        op->erase();
    });
    llvm::DenseSet<StringAttr> used;
    for (Operation &op : *getOperation().getBody()) {
      if (auto mapping = dyn_cast<ir::MappingOp>(op))
        used.insert(mapping.getArchAttr().getAttr());
      if (auto plan = dyn_cast<ir::PlanOp>(op))
        used.insert(plan.getArchAttr().getAttr());
    }
    for (auto arch :
         llvm::make_early_inc_range(getOperation().getOps<ir::ArchOp>()))
      if (!used.contains(arch.getSymNameAttr()))
        arch.erase();

    AttrTypeReplacer replacer;
    replacer.addReplacement([](MemRefType type) -> std::optional<Type> {
      if (!isa_and_present<StringAttr>(type.getMemorySpace()))
        return std::nullopt;
      return MemRefType::get(type.getShape(), type.getElementType(),
                             type.getLayout());
    });
    replacer.addReplacement([](UnrankedMemRefType type) -> std::optional<Type> {
      if (!isa_and_present<StringAttr>(type.getMemorySpace()))
        return std::nullopt;
      return UnrankedMemRefType::get(type.getElementType(), Attribute());
    });
    replacer.recursivelyReplaceElementsIn(getOperation(),
                                          /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
  }
};

} // namespace
