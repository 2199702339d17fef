//===- ImportWorkload.cpp - Read functions on tensors as workloads --------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "looptree/Bridge/Import.h"

namespace looptree {
#define GEN_PASS_DEF_IMPORTWORKLOAD
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

class ImportWorkload
    : public looptree::impl::ImportWorkloadBase<ImportWorkload> {
public:
  using ImportWorkloadBase::ImportWorkloadBase;

private:
  LogicalResult initialize(MLIRContext *context) override {
    for (auto *bits : {&elementBits, &accumulatorBits})
      if (*bits < 0)
        return emitError(UnknownLoc::get(context))
               << getArgument() << ": " << bits->ArgStr << " is "
               << int64_t(*bits) << "; it must be at least 1, or 0";
    return success();
  }

  void runOnOperation() override {
    auto given = [](int64_t bits) -> std::optional<int64_t> {
      return bits ? std::optional(bits) : std::nullopt;
    };
    bridge::ImportOptions options{given(elementBits), given(accumulatorBits)};

    llvm::DenseSet<StringAttr> done;
    for (auto workload : getOperation().getOps<ir::WorkloadOp>())
      if (FlatSymbolRefAttr payload = workload.getPayloadAttr())
        done.insert(payload.getAttr());

    bool isEmpty = done.empty();
    SmallVector<std::pair<func::FuncOp, bridge::ImportedWorkload>> read;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (done.contains(function.getSymNameAttr()))
        continue;
      FailureOr<bridge::ImportedWorkload> imported =
          bridge::importWorkload(function, options);
      if (failed(imported))
        return signalPassFailure();
      bridge::emitRemarks(*imported);
      if (!imported->network.workload.einsums.empty())
        read.emplace_back(function, std::move(*imported));
    }
    for (auto &[function, imported] : read)
      bridge::insertWorkload(imported, function);
    if (isEmpty && read.empty())
      getOperation().emitWarning("has no op that is read as an einsum");
  }
};

} // namespace
