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
#include "looptree/Candidate/Problem.h"
#include "looptree/Explorer/Network.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

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

  /// A mapping of the module that stands for itself.
  void know(ir::MappingOp op, const PinnedSet &set) {
    if (op.getArch() == archOp.getSymName())
      written.push_back({set.einsums, set.mapping, op.getSymName()});
  }

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
    if (failed(checkSearchOptions(*workloads)))
      return signalPassFailure();
    ir::ArchOp archOp;
    for (ir::WorkloadOp workload : *workloads) {
      Network network = bridge::toNetwork(workload).network;
      if (network.workload.einsums.empty())
        continue;
      FailureOr<NetworkSearch> search = searchOf(workload, network, *arch);
      if (failed(search))
        return signalPassFailure();
      Result<Exploration> found = explore(network, *arch, objective, *search);
      if (!found) {
        emitError(workload.getLoc()) << "workload @" << workload.getSymName()
                                     << ": " << found.error().message;
        return signalPassFailure();
      }
      eraseEarlierPlans(workload);
      if (!archOp)
        archOp = archInModule(*arch, workload);
      if (found->stopped)
        emitWarning(workload.getLoc())
            << "workload @" << workload.getSymName()
            << ": the search ended at its limit with the best plan so far";
      writePlans(workload, archOp, *arch, *search, *found);
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

  LogicalResult checkSearchOptions(ArrayRef<ir::WorkloadOp> workloads) {
    if (!(seconds >= 0))
      return emitError(getOperation().getLoc())
             << "seconds is negative; 0 stands for no limit";
    SymbolTable symbols(getOperation());
    for (const std::string &name : pinned) {
      auto op = symbols.lookup<ir::MappingOp>(nameOf(name));
      if (!op)
        return emitError(getOperation().getLoc())
               << "pinned: the module has no mapping @" << nameOf(name);
      if (llvm::none_of(workloads, [&](ir::WorkloadOp workload) {
            return op.getWorkload() == workload.getSymName();
          }))
        return emitError(op.getLoc())
               << "pinned: @" << nameOf(name) << " is a mapping of @"
               << op.getWorkload() << ", which is not fused here";
    }
    return success();
  }

  static StringRef nameOf(StringRef symbol) {
    symbol.consume_front("@");
    return symbol;
  }

  bool isPinned(ir::MappingOp op) const {
    return llvm::any_of(pinned, [&](const std::string &name) {
      return nameOf(name) == op.getSymName();
    });
  }

  /// What the options ask of the plan of one workload.
  FailureOr<NetworkSearch> searchOf(ir::WorkloadOp workload,
                                    const Network &network, const Arch &arch) {
    NetworkSearch search;
    if (seconds > 0)
      search.seconds = seconds;
    if (!constraints.empty()) {
      Result<Constraints> read = readConstraintsOption(network.workload, arch);
      if (!read)
        return emitError(workload.getLoc()) << read.error().message;
      search.constraints = std::move(*read);
    }
    SymbolTable symbols(getOperation());
    for (const std::string &name : pinned) {
      auto op = symbols.lookup<ir::MappingOp>(nameOf(name));
      if (op.getWorkload() != workload.getSymName())
        continue;
      Arch own = bridge::toArch(symbols.lookup<ir::ArchOp>(op.getArch()));
      if (!hasSameNames(own, arch))
        return emitError(op.getLoc())
               << "pinned: @" << nameOf(name) << " is a mapping onto @"
               << op.getArch() << ", whose levels or fan-outs are not those of "
               << arch.name;
      bridge::MappingOfSet set = bridge::toMapping(op, network);
      search.pinned.push_back({("@" + nameOf(name)).str(),
                               std::move(set.einsums), std::move(set.mapping)});
    }
    return search;
  }

  /// Mappings name levels and fan-outs by their places.
  static bool hasSameNames(const Arch &a, const Arch &b) {
    return llvm::equal(a.levels, b.levels,
                       [](const Level &x, const Level &y) {
                         return x.name == y.name;
                       }) &&
           llvm::equal(a.fanouts, b.fanouts,
                       [](const FanOut &x, const FanOut &y) {
                         return x.name == y.name;
                       });
  }

  /// A file, unless it can only be what stands in one. Pass options lose the
  /// outermost braces.
  Result<Constraints> readConstraintsOption(const Workload &workload,
                                            const Arch &arch) {
    std::string text = constraints, name = "constraints";
    if (StringRef(text).contains(':')) {
      if (!StringRef(text).starts_with("{"))
        text = "{" + text + "}";
    } else {
      auto file = llvm::MemoryBuffer::getFile(text, /*IsText=*/true);
      if (!file)
        return Error{"constraints: " + text + ": " + file.getError().message()};
      name = text;
      text = (*file)->getBuffer().str();
    }
    return readConstraints(text, name, workload, arch);
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
      if (SymbolTable::symbolKnownUseEmpty(mapping, getOperation()) &&
          !isPinned(llvm::cast<ir::MappingOp>(mapping)))
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
                  const NetworkSearch &search, const Exploration &found) {
    std::string certificate = "heuristic, no bound is claimed; not searched: " +
                              llvm::join(found.notSearched, "; ");
    if (found.stopped)
      certificate =
          llvm::formatv("stopped at its limit, no plan comes below {0:F0}; not "
                        "searched: sets that were still to come; {1}",
                        found.bound, llvm::join(found.notSearched, "; "))
              .str();
    if (!search.pinned.empty())
      certificate = "with the pinned mappings; " + certificate;
    if (!constraints.empty())
      certificate = "under the given constraints; " + certificate;
    PlanWriter writer(workload, archOp, arch);
    SymbolTable symbols(getOperation());
    for (const PinnedSet &set : search.pinned)
      writer.know(symbols.lookup<ir::MappingOp>(nameOf(set.name)), set);
    writer.write(found.fused, ir::PlanRole::Fused, certificate);
    writer.write(found.layerByLayer, ir::PlanRole::LayerByLayer, {});
    writer.write(found.opByOp, ir::PlanRole::OpByOp, {});
  }
};

} // namespace
