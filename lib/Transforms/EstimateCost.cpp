//===- EstimateCost.cpp - Annotate mappings and plans with costs ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "Evaluations.h"

#include "looptree/Analysis/Minimum.h"
#include "looptree/Bridge/Costs.h"
#include "looptree/Report/Report.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace looptree {
#define GEN_PASS_DEF_ESTIMATECOST
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

static NamedSet toNamedSet(ir::MappingOp op, const EvaluatedMapping &mapping) {
  return {op.getSymName().str(),
          {mapping.set.einsums, mapping.set.workload, mapping.set.mapping,
           *mapping.cost}};
}

static std::optional<PlanRole> toRole(std::optional<ir::PlanRole> role) {
  static_assert(unsigned(PlanRole::OpByOp) == unsigned(ir::PlanRole::OpByOp));
  if (!role)
    return std::nullopt;
  return PlanRole(*role);
}

namespace {

/// By workload and architecture, in the order of the module.
using Networks =
    llvm::MapVector<std::pair<Operation *, Operation *>, NetworkCosts>;

class EstimateCost : public looptree::impl::EstimateCostBase<EstimateCost> {
public:
  using EstimateCostBase::EstimateCostBase;

  void runOnOperation() override {
    Evaluations evaluations(convention);
    bool failed = false;
    llvm::DenseSet<Operation *> executed;
    getOperation().walk([&](Operation *op) {
      if (auto mapping = dyn_cast<ir::MappingOp>(op))
        failed |= mlir::failed(annotate(mapping, evaluations));
      else if (auto plan = dyn_cast<ir::PlanOp>(op))
        for (ir::MappingOp mapping : bridge::mappingsOf(plan))
          executed.insert(mapping);
    });
    if (failed)
      return signalPassFailure();

    Networks networks;
    WalkResult result = getOperation().walk([&](Operation *op) {
      LogicalResult added = success();
      if (auto plan = dyn_cast<ir::PlanOp>(op))
        added = addPlan(networks, plan, evaluations);
      else if (auto mapping = dyn_cast<ir::MappingOp>(op);
               mapping && !executed.contains(mapping))
        added = addMapping(networks, mapping, evaluations);
      return WalkResult(added);
    });
    if (result.wasInterrupted())
      return signalPassFailure();

    std::vector<NetworkCosts> reported;
    for (auto &entry : networks)
      reported.push_back(std::move(entry.second));
    if (mlir::failed(writeReport(reported)))
      signalPassFailure();
  }

private:
  LogicalResult annotate(ir::MappingOp op, Evaluations &evaluations) {
    const EvaluatedMapping &mapping = evaluations.of(op);
    if (!mapping.cost)
      return emitError(op.getLoc())
             << "mapping @" << op.getSymName()
             << " has no cost: " << mapping.cost.error().message;
    auto cost =
        bridge::toCostAttr(*mapping.cost, mapping.set.workload, *mapping.arch,
                           mapping.inputs, &getContext());
    if (!cost)
      return emitError(op.getLoc()) << "mapping @" << op.getSymName()
                                    << " has no cost: " << cost.error().message;
    op.setCostAttr(*cost);
    bridge::annotateNodes(mapping.set, *mapping.cost);
    return success();
  }

  LogicalResult addMapping(Networks &networks, ir::MappingOp op,
                           Evaluations &evaluations) {
    NetworkCosts *costs = networkFor(networks, op, op.getWorkloadAttr(),
                                     op.getArchAttr(), evaluations);
    if (costs)
      costs->mappings.push_back(toNamedSet(op, evaluations.of(op)));
    return success(costs);
  }

  LogicalResult addPlan(Networks &networks, ir::PlanOp op,
                        Evaluations &evaluations) {
    NetworkCosts *entry = networkFor(networks, op, op.getWorkloadAttr(),
                                     op.getArchAttr(), evaluations);
    if (!entry)
      return failure();
    NetworkCosts &costs = *entry;
    NamedPlan plan;
    plan.name = op.getSymName().str();
    plan.role = toRole(op.getRole());
    plan.certificate = op.getCertificate().value_or("").str();
    for (ir::MappingOp mapping : bridge::mappingsOf(op))
      plan.sets.push_back(toNamedSet(mapping, evaluations.of(mapping)));
    auto total = totalOf(plan.sets, costs.network, costs.arch);
    auto attr =
        total ? bridge::toPlanCostAttr(*total, costs.arch,
                                       evaluations.inputsOf(op), &getContext())
              : total.error();
    if (!attr)
      return emitError(op.getLoc()) << "plan @" << op.getSymName()
                                    << " has no cost: " << attr.error().message;
    op.setCostAttr(*attr);
    plan.total = std::move(*total);
    costs.plans.push_back(std::move(plan));
    return success();
  }

  /// The entry of a workload on an architecture, made where there is none; null
  /// after an error.
  NetworkCosts *networkFor(Networks &networks, Operation *user,
                           FlatSymbolRefAttr workload, FlatSymbolRefAttr arch,
                           Evaluations &evaluations) {
    ir::WorkloadOp op = ir::lookupWorkload(user, workload);
    ir::ArchOp archOp = ir::lookupArch(user, arch);
    auto found = networks.find({op, archOp});
    if (found != networks.end())
      return &found->second;
    const auto &[network, barriers] = evaluations.networkOf(op);
    auto minimum = algorithmicMinimum(network);
    if (!minimum) {
      emitError(op.getLoc()) << "workload @" << op.getSymName()
                             << " has no report: " << minimum.error().message;
      return nullptr;
    }
    NetworkCosts &costs = networks[{op, archOp}];
    costs.name = workload.getValue().str();
    costs.network = network;
    costs.arch = evaluations.archOf(archOp);
    costs.convention = convention;
    costs.minimum = *minimum;
    const std::vector<Einsum> &einsums = network.workload.einsums;
    for (const bridge::Barrier &barrier : barriers)
      costs.barriers.push_back(
          {barrier.before < einsums.size() ? einsums[barrier.before].name : "",
           barrier.reason});
    return &costs;
  }

  LogicalResult writeReport(ArrayRef<NetworkCosts> networks) {
    if (report == ReportFormat::None)
      return success();
    std::string text = report == ReportFormat::Table
                           ? formatTable({networks.data(), networks.size()})
                           : formatJson({networks.data(), networks.size()});
    if (reportFile.empty()) {
      llvm::errs() << text;
      return success();
    }
    // Written beside the file and renamed: all of it or nothing.
    llvm::Error error =
        llvm::writeToOutput(reportFile, [&](llvm::raw_ostream &os) {
          os << text;
          return llvm::Error::success();
        });
    if (!error)
      return success();
    return emitError(getOperation().getLoc())
           << "cannot write the report to " << reportFile << ": "
           << llvm::toString(std::move(error));
  }
};

} // namespace
