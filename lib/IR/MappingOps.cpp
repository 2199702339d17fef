//===- MappingOps.cpp - Nodes of a mapping tree --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/ModelCheck.h"

#include "Syntax.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace looptree::ir;

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

/// (MP2): retains, then one other node.
static LogicalResult verifyChain(Operation *owner, Region &chain) {
  if (chain.empty() || chain.front().empty())
    return owner->emitOpError("has a branch without nodes; it must end in a "
                              "loop, a split or a compute");
  for (Operation &op : chain.front()) {
    auto node = dyn_cast<NodeOpInterface>(op);
    if (!node)
      return op.emitOpError("has no place in a mapping");
    bool isLast = &op == &chain.front().back();
    if (node.continuesChain() && isLast)
      return op.emitOpError(
          "has nothing below it; a branch must end in a loop, "
          "a split or a compute");
    if (!node.continuesChain() && !isLast) {
      InFlightDiagnostic error =
          op.emitOpError("ends its branch, but nodes follow it");
      error.attachNote(op.getNextNode()->getLoc()) << "the next one is here";
      return error;
    }
  }
  return success();
}

static LogicalResult verifyBranches(Operation *split) {
  // (SQ1), (PL1)
  if (split->getNumRegions() == 0)
    return split->emitOpError("has no branch");
  for (Region &branch : split->getRegions())
    if (failed(verifyChain(split, branch)))
      return failure();
  return success();
}

static LogicalResult verifyStep(Operation *loop, int64_t step) {
  // (FR1), (SF1)
  if (step < 1)
    return loop->emitOpError()
           << "has step " << step << "; it must be at least 1";
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

StringAttr ForOp::getNodeEinsum() { return getEinsumAttr(); }
LogicalResult ForOp::verify() { return verifyStep(*this, getStep()); }
LogicalResult ForOp::verifyRegions() { return verifyChain(*this, getBody()); }

StringAttr SpatialForOp::getNodeEinsum() { return getEinsumAttr(); }
LogicalResult SpatialForOp::verify() { return verifyStep(*this, getStep()); }
LogicalResult SpatialForOp::verifyRegions() {
  return verifyChain(*this, getBody());
}

StringAttr ComputeOp::getNodeEinsum() { return getEinsumAttr(); }

LogicalResult SequentialOp::verifyRegions() { return verifyBranches(*this); }
LogicalResult PipelineOp::verifyRegions() { return verifyBranches(*this); }

bool RetainOp::continuesChain() { return true; }

LogicalResult RetainOp::verify() {
  // (RT1)
  if (getTensors().empty())
    return emitOpError("names no tensor");
  llvm::StringSet<> retained;
  for (auto name : getTensors().getAsRange<StringAttr>())
    if (!retained.insert(name.getValue()).second)
      return emitOpError() << "names @" << name.getValue() << " twice";
  // (RT2)
  llvm::StringSet<> dropped;
  for (Attribute name :
       getNoReuse().value_or(ArrayAttr::get(getContext(), {}))) {
    StringRef text = cast<StringAttr>(name).getValue();
    if (!retained.contains(text))
      return emitOpError() << "has no_reuse of @" << text
                           << ", which it does not retain";
    if (!dropped.insert(text).second)
      return emitOpError() << "has no_reuse of @" << text << " twice";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// MappingOp
//===----------------------------------------------------------------------===//

SmallVector<ComputeOp> MappingOp::getComputes() {
  SmallVector<ComputeOp> computes;
  walk([&](ComputeOp compute) { computes.push_back(compute); });
  return computes;
}

LogicalResult MappingOp::verifyRegions() {
  return verifyChain(*this, getBody());
}

namespace {

/// What the nodes of a mapping may name.
class NameCheck {
public:
  NameCheck(WorkloadOp workload, ArchOp arch) : workload(workload), arch(arch) {
    unsigned stretch = 0;
    for (Operation &op : workload.getBody().front()) {
      if (auto einsum = dyn_cast<EinsumOp>(op)) {
        einsums.try_emplace(einsum.getSymNameAttr(), einsum, stretch);
      } else if (auto tensor = dyn_cast<TensorOp>(op)) {
        tensors.insert(tensor.getTensorNameAttr());
      } else if (auto barrier = dyn_cast<BarrierOp>(op)) {
        barriers.push_back(barrier);
        ++stretch;
      }
    }
    for (auto level : arch.getBody().getOps<LevelOp>())
      levels.insert(level.getLevelNameAttr());
    for (auto fanout : arch.getBody().getOps<FanOutOp>())
      fanouts.insert(fanout.getFanoutNameAttr());
  }

  /// (MP3)
  LogicalResult check(Operation *op) {
    if (auto node = dyn_cast<NodeOpInterface>(op))
      if (StringAttr einsum = node.getNodeEinsum())
        if (!einsums.contains(einsum))
          return unknown(op, "einsum", einsum, workload);
    if (auto loop = dyn_cast<ForOp>(op))
      return checkRank(op, loop.getEinsumAttr(), loop.getRank());
    if (auto loop = dyn_cast<SpatialForOp>(op)) {
      if (!fanouts.contains(loop.getFanoutAttr()))
        return unknown(op, "fan-out dimension", loop.getFanoutAttr(), arch);
      return checkRank(op, loop.getEinsumAttr(), loop.getRank());
    }
    if (auto retain = dyn_cast<RetainOp>(op)) {
      if (!levels.contains(retain.getLevelAttr()))
        return unknown(op, "level", retain.getLevelAttr(), arch);
      for (auto tensor : retain.getTensors().getAsRange<StringAttr>())
        if (!tensors.contains(tensor))
          return unknown(op, "tensor", tensor, workload);
    }
    return success();
  }

  /// (MP4)
  LogicalResult checkStretch(MappingOp mapping) {
    ComputeOp first;
    for (ComputeOp compute : mapping.getComputes()) {
      if (!first) {
        first = compute;
        continue;
      }
      unsigned a = einsums.find(first.getEinsumAttr())->second.second;
      unsigned b = einsums.find(compute.getEinsumAttr())->second.second;
      if (a == b)
        continue;
      InFlightDiagnostic error =
          compute.emitOpError()
          << "computes @" << compute.getEinsum() << " in one mapping with @"
          << first.getEinsum() << ", but a barrier stands between them";
      error.attachNote(barriers[std::min(a, b)].getLoc())
          << "the barrier is here";
      return error;
    }
    return success();
  }

private:
  LogicalResult checkRank(Operation *loop, StringAttr einsum, StringRef rank) {
    EinsumOp op = einsums.find(einsum)->second.first;
    if (op.findRank(rank))
      return success();
    InFlightDiagnostic error = loop->emitOpError() << "loops over " << rank
                                                   << ", which is no rank of @"
                                                   << einsum.getValue();
    error.attachNote(op.getLoc()) << "the einsum is here";
    return error;
  }

  LogicalResult unknown(Operation *op, StringRef what, StringAttr name,
                        Operation *owner) {
    InFlightDiagnostic error = op->emitOpError()
                               << "names " << what << " @" << name.getValue()
                               << ", which does not exist";
    error.attachNote(owner->getLoc())
        << "the " << owner->getName().stripDialect() << " is here";
    return error;
  }

  WorkloadOp workload;
  ArchOp arch;
  llvm::DenseMap<StringAttr, std::pair<EinsumOp, unsigned>> einsums;
  SmallVector<BarrierOp> barriers;
  llvm::DenseSet<StringAttr> tensors, levels, fanouts;
};

} // namespace

LogicalResult MappingOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (MP1)
  Operation *scope = (*this)->getParentOp();
  auto workload = symbols.lookupSymbolIn<WorkloadOp>(scope, getWorkloadAttr());
  if (!workload)
    return emitOpError() << "maps @" << getWorkload()
                         << ", which is no workload";
  auto arch = symbols.lookupSymbolIn<ArchOp>(scope, getArchAttr());
  if (!arch)
    return emitOpError() << "maps onto @" << getArch()
                         << ", which is no architecture";

  NameCheck names(workload, arch);
  bool allKnown = true;
  getBody().walk<WalkOrder::PreOrder>(
      [&](Operation *op) { allKnown &= succeeded(names.check(op)); });
  if (!allKnown || failed(names.checkStretch(*this)))
    return failure();

  // (MP5) to (MP12)
  auto *model =
      (*this)->getDialect()->getRegisteredInterface<ModelCheckInterface>();
  return model ? model->checkMapping(*this, workload, arch) : success();
}
