//===- ImportWorkload.cpp - Read functions on tensors as workloads --------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "BitsOptions.h"

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
  void runOnOperation() override {
    FailureOr<bridge::ImportOptions> options = bitsOptions(
        getOperation().getLoc(), getArgument(), elementBits, accumulatorBits);
    if (failed(options))
      return signalPassFailure();

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
          bridge::importWorkload(function, *options);
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
