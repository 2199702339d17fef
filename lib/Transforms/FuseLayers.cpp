//===- FuseLayers.cpp - Choose fused sets and their mappings --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Transforms/Passes.h"

#include "BitsOptions.h"
#include "looptree/Bridge/Bridge.h"
#include "looptree/Candidate/Candidate.h"
#include "looptree/Explorer/Network.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

namespace looptree {
#define GEN_PASS_DEF_FUSELAYERS
#include "looptree/Transforms/Passes.h.inc"
} // namespace looptree

using namespace mlir;
using namespace looptree;

namespace {

/// Writes the plans of one workload beside it.
class PlanWriter {
public:
  PlanWriter(ir::WorkloadOp workload, ir::ArchOp archOp, const Arch &arch)
      : workload(workload), archOp(archOp), arch(arch),
        symbols(workload->getParentOp()), builder(workload->getContext()),
        point(workload) {}

  void write(const NetworkPlan &plan, ir::PlanRole role,
             StringRef certificate) {
    StringRef owner = workload.getPayload().value_or(workload.getSymName());
    std::string prefix = (owner + "." + ir::stringifyPlanRole(role)).str();
    SmallVector<StringRef> mappings;
    for (auto [number, set] : llvm::enumerate(plan.sets))
      mappings.push_back(mappingOf(set, prefix + "." + std::to_string(number)));
    insert(bridge::buildPlan(builder, workload.getLoc(), prefix,
                             workload.getSymName(), archOp.getSymName(), role,
                             mappings, certificate));
  }

private:
  /// The name of a mapping that does this; plans that do the same share it.
  StringRef mappingOf(const FusedSet &set, const std::string &name) {
    for (const auto &[einsums, mapping, known] : written)
      if (einsums == set.einsums && mapping == set.mapping)
        return known;
    StringRef made = insert(bridge::buildMapping(
        builder, workload.getLoc(), name, workload.getSymName(),
        archOp.getSymName(), set.mapping, set.workload, arch));
    written.push_back({set.einsums, set.mapping, made});
    return made;
  }

  /// Puts an op after what was written last, under a name that is free.
  StringRef insert(Operation *op) {
    StringAttr name = symbols.insert(op, std::next(Block::iterator(point)));
    point = op;
    return name.getValue();
  }

  ir::WorkloadOp workload;
  ir::ArchOp archOp;
  const Arch &arch;
  SymbolTable symbols;
  OpBuilder builder; ///< Without a place: ops are inserted by name.
  Operation *point;
  struct Written {
    std::vector<EinsumId> einsums;
    Mapping mapping;
    StringRef name;
  };
  std::vector<Written> written;
};

class FuseLayers : public looptree::impl::FuseLayersBase<FuseLayers> {
public:
  using FuseLayersBase::FuseLayersBase;

private:
  void runOnOperation() override {
    FailureOr<Arch> arch = findArch();
    if (failed(arch) || failed(applyCapacity(*arch)))
      return signalPassFailure();
    FailureOr<SmallVector<ir::WorkloadOp>> workloads = findWorkloads();
    if (failed(workloads))
      return signalPassFailure();
    ir::ArchOp archOp;
    for (ir::WorkloadOp workload : *workloads) {
      Network network = bridge::toNetwork(workload).network;
      if (network.workload.einsums.empty())
        continue;
      Result<Exploration> found = explore(network, *arch, objective);
      if (!found) {
        emitError(workload.getLoc()) << "workload @" << workload.getSymName()
                                     << ": " << found.error().message;
        return signalPassFailure();
      }
      eraseEarlierPlans(workload);
      if (!archOp)
        archOp = archInModule(*arch, workload);
      writePlans(workload, archOp, *arch, *found);
    }
  }

  //===--------------------------------------------------------------------===//
  // What the options say
  //===--------------------------------------------------------------------===//

  /// A preset's name, an architecture of the module, or a file.
  FailureOr<Arch> findArch() {
    if (StringRef(arch).starts_with("@")) {
      auto op = SymbolTable(getOperation())
                    .lookup<ir::ArchOp>(StringRef(arch).drop_front());
      if (!op)
        return emitError(getOperation().getLoc())
               << "arch=" << arch << ": the module has no such architecture";
      return bridge::toArch(op);
    }
    Result<Arch> found = looptree::findArch(std::string(arch));
    if (!found)
      return emitError(getOperation().getLoc())
             << "arch: " << found.error().message
             << (StringRef(arch).contains('.') || StringRef(arch).contains('/')
                     ? ""
                     : ", an architecture of the module as @name");
    return *found;
  }

  LogicalResult applyCapacity(Arch &arch) {
    if (auto error = overrideCapacities(arch, std::string(capacity)))
      return emitError(getOperation().getLoc()) << error->message;
    return success();
  }

  //===--------------------------------------------------------------------===//
  // Workloads
  //===--------------------------------------------------------------------===//

  bool isSelected(StringRef name) const {
    return functions.empty() || llvm::is_contained(functions, name);
  }

  /// The workloads to fuse, in the order of the module: those that functions
  /// are read as, and those that stand there already.
  FailureOr<SmallVector<ir::WorkloadOp>> findWorkloads() {
    FailureOr<bridge::ImportOptions> options = bitsOptions(
        getOperation().getLoc(), getArgument(), elementBits, accumulatorBits);
    if (failed(options))
      return failure();
    SymbolTable symbols(getOperation());
    for (const std::string &name : functions)
      if (!symbols.lookup<func::FuncOp>(name))
        return emitError(getOperation().getLoc())
               << "functions: the module has no function @" << name;
    SmallVector<ir::WorkloadOp> workloads;
    llvm::StringMap<bool> isRead;
    for (auto workload : getOperation().getOps<ir::WorkloadOp>()) {
      auto payload = workload.getPayload();
      if (payload)
        isRead[*payload] = true;
      if (payload ? isSelected(*payload) : functions.empty())
        workloads.push_back(workload);
    }
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (function.isExternal() || isRead.contains(function.getSymName()) ||
          !isSelected(function.getSymName()))
        continue;
      FailureOr<bridge::ImportedWorkload> read =
          bridge::importWorkload(function, *options);
      if (failed(read))
        return failure();
      bridge::emitRemarks(*read);
      if (!read->network.workload.einsums.empty())
        workloads.push_back(bridge::insertWorkload(*read, function));
    }
    if (workloads.empty())
      emitWarning(getOperation().getLoc())
          << "nothing to fuse: no function holds a linalg op, and there is no "
             "looptree.workload";
    return workloads;
  }

  //===--------------------------------------------------------------------===//
  // What is written
  //===--------------------------------------------------------------------===//

  /// Plans that were compared for this workload before, with the mappings that
  /// nothing else executes, make room for those of this run.
  void eraseEarlierPlans(ir::WorkloadOp workload) {
    llvm::SetVector<Operation *> mappings;
    for (auto plan :
         llvm::make_early_inc_range(getOperation().getOps<ir::PlanOp>()))
      if (plan.getRole() && plan.getWorkload() == workload.getSymName()) {
        for (ir::MappingOp mapping : bridge::mappingsOf(plan))
          mappings.insert(mapping);
        plan.erase();
      }
    for (Operation *mapping : mappings)
      if (SymbolTable::symbolKnownUseEmpty(mapping, getOperation()))
        mapping->erase();
  }

  /// An architecture of the module that equals this one, or a new one.
  ir::ArchOp archInModule(const Arch &arch, ir::WorkloadOp before) {
    for (auto op : getOperation().getOps<ir::ArchOp>()) {
      Arch known = bridge::toArch(op);
      known.name = arch.name;
      if (known == arch)
        return op;
    }
    OpBuilder builder(before.getContext());
    ir::ArchOp op =
        bridge::buildArch(builder, before.getLoc(), arch.name, arch);
    SymbolTable(getOperation()).insert(op, Block::iterator(before));
    return op;
  }

  void writePlans(ir::WorkloadOp workload, ir::ArchOp archOp, const Arch &arch,
                  const Exploration &found) {
    std::string certificate = "heuristic, no bound is claimed; not searched: " +
                              llvm::join(found.notSearched, "; ");
    PlanWriter writer(workload, archOp, arch);
    writer.write(found.fused, ir::PlanRole::Fused, certificate);
    writer.write(found.layerByLayer, ir::PlanRole::LayerByLayer, {});
    writer.write(found.opByOp, ir::PlanRole::OpByOp, {});
  }
};

} // namespace
