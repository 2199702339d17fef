//===- Payload.cpp - Do the names on payload ops still hold ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Payload.h"

#include "looptree/Bridge/Bridge.h"
#include "looptree/Bridge/Import.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

namespace {

class PayloadCheck {
public:
  PayloadCheck(ir::WorkloadOp op, func::FuncOp function)
      : op(op), function(function), written(toNetwork(op).network.workload) {
    llvm::append_range(einsums, op.getBody().getOps<ir::EinsumOp>());
  }

  LogicalResult run();

private:
  void collectNames();
  void checkNames(const ImportedWorkload &read);
  void compare(EinsumId id, Operation *payload, const Workload &now,
               EinsumId nowId);
  /// How the accesses differ, or an empty string.
  std::string difference(const Einsum &was, const Access &before,
                         const Workload &now, const Einsum &is,
                         const Access &after);

  InFlightDiagnostic error(Operation *at) {
    hasError = true;
    return emitError(at->getLoc());
  }

  ir::WorkloadOp op;
  func::FuncOp function;
  Workload written;
  SmallVector<ir::EinsumOp> einsums;
  std::vector<SmallVector<Operation *, 1>> named; ///< Ops of each einsum.
  /// Which tensor of the one workload is which of the other, both ways.
  llvm::DenseMap<TensorId, TensorId> toNow, toWritten;
  bool hasError = false;
};

} // namespace

void PayloadCheck::collectNames() {
  named.resize(einsums.size());
  Operation *table = op->getParentOp();
  table->walk([&](Operation *payload) {
    auto name = payload->getAttrOfType<SymbolRefAttr>(ir::einsumAttrName);
    if (!name || name.getRootReference() != op.getSymNameAttr())
      return;
    std::optional<EinsumId> id =
        written.findEinsum(name.getLeafReference().getValue());
    if (!id)
      return; // Its own verifier has said so.
    if (!function->isProperAncestor(payload)) {
      (error(payload) << "is named as einsum " << name << " outside of @"
                      << function.getName())
              .attachNote(function.getLoc())
          << "the workload was read from this function";
      return;
    }
    named[*id].push_back(payload);
  });
}

void PayloadCheck::checkNames(const ImportedWorkload &read) {
  SmallVector<Operation *> nameless;
  for (Operation *payload : read.payload)
    if (!payload->hasAttr(ir::einsumAttrName))
      nameless.push_back(payload);
  for (EinsumId id = 0; id < einsums.size(); ++id) {
    StringRef name = einsums[id].getSymName();
    if (named[id].empty()) {
      InFlightDiagnostic diagnostic =
          error(einsums[id]) << "einsum @" << name << " is lost: no op of @"
                             << function.getName() << " is named as it";
      for (Operation *payload : nameless)
        diagnostic.attachNote(payload->getLoc())
            << "this '" << payload->getName() << "' has no name";
      if (nameless.empty())
        diagnostic.attachNote(function.getLoc()) << "the function is here";
    }
    for (Operation *second :
         ArrayRef(named[id]).drop_front(named[id].empty() ? 0 : 1)) {
      InFlightDiagnostic diagnostic = error(second)
                                      << "is the second op named as einsum @"
                                      << op.getSymName() << "::@" << name;
      diagnostic.attachNote(named[id].front()->getLoc()) << "the first is here";
      diagnostic.attachNote(einsums[id].getLoc()) << "the einsum is here";
    }
  }
  if (!hasError)
    for (Operation *payload : nameless)
      (error(payload) << "is an einsum that workload @" << op.getSymName()
                      << " does not have")
              .attachNote(op.getLoc())
          << "the workload is here";
}

static std::string toString(const Access &access, const Workload &workload,
                            const Einsum &einsum) {
  std::string text = access.isInit ? "init @" : "@";
  text += workload.tensors[access.tensor].name + "[";
  for (size_t dim = 0; dim < access.index.size(); ++dim)
    text += (dim ? ", " : "") + looptree::toString(access.index[dim], einsum);
  return text + "]";
}

std::string PayloadCheck::difference(const Einsum &was, const Access &before,
                                     const Workload &now, const Einsum &is,
                                     const Access &after) {
  // A tensor is the one it was if all accesses agree on it.
  auto [forth, isNew] = toNow.try_emplace(before.tensor, after.tensor);
  auto [back, isNewBack] = toWritten.try_emplace(after.tensor, before.tensor);
  if (before.index == after.index && before.isInit == after.isInit &&
      forth->second == after.tensor && back->second == before.tensor &&
      written.tensors[before.tensor].shape == now.tensors[after.tensor].shape)
    return "";
  // With the einsum's rank names, to be read side by side.
  Einsum renamed = is;
  for (RankId rank = 0; rank < was.ranks.size(); ++rank)
    renamed.ranks[rank].name = was.ranks[rank].name;
  std::string old = toString(before, written, was);
  std::string current = toString(after, now, renamed);
  if (old == current)
    current += " (another tensor or shape)";
  return "accesses " + current + ", the einsum " + old;
}

static std::string extentsOf(const Einsum &einsum) {
  std::string text;
  for (const Rank &rank : einsum.ranks)
    text += (text.empty() ? "" : "x") + std::to_string(rank.extent);
  return text;
}

void PayloadCheck::compare(EinsumId id, Operation *payload, const Workload &now,
                           EinsumId nowId) {
  const Einsum &was = written.einsums[id], &is = now.einsums[nowId];
  std::string what;
  bool sameExtents =
      was.ranks.size() == is.ranks.size() && extentsOf(was) == extentsOf(is);
  if (!sameExtents)
    what = "runs over " + extentsOf(is) + ", the einsum over " + extentsOf(was);
  else if (was.kind != is.kind)
    what = "is a " + std::string(looptree::toString(is.kind)) +
           ", the einsum a " + std::string(looptree::toString(was.kind));
  else if (was.reads.size() != is.reads.size())
    what = "reads " + std::to_string(is.reads.size()) +
           " tensors, the einsum " + std::to_string(was.reads.size());
  else
    what = difference(was, was.write, now, is, is.write);
  for (size_t i = 0; what.empty() && i < was.reads.size(); ++i)
    what = difference(was, was.reads[i], now, is, is.reads[i]);
  if (!what.empty())
    (error(payload) << "is no longer einsum @" << was.name
                    << ", as which it is named: it " << what)
            .attachNote(einsums[id].getLoc())
        << "the einsum is here";
}

LogicalResult PayloadCheck::run() {
  FailureOr<ImportedWorkload> read = importWorkload(function, {});
  if (failed(read))
    return failure();
  collectNames();
  checkNames(*read);
  if (hasError)
    return failure();
  llvm::DenseMap<Operation *, EinsumId> ids;
  for (auto [id, payload] : llvm::enumerate(read->payload))
    ids[payload] = id;
  for (EinsumId id = 0; id < einsums.size(); ++id) {
    Operation *payload = named[id].front();
    auto now = ids.find(payload);
    if (now != ids.end()) {
      compare(id, payload, read->network.workload, now->second);
      continue;
    }
    InFlightDiagnostic diagnostic =
        error(payload) << "is named as einsum @" << einsums[id].getSymName()
                       << " and is no longer read as one";
    for (const ImportedBarrier &barrier : read->barriers)
      if (barrier.op == payload)
        diagnostic << ": it " << barrier.reason;
    diagnostic.attachNote(einsums[id].getLoc()) << "the einsum is here";
  }
  return failure(hasError);
}

LogicalResult bridge::checkPayload(ir::WorkloadOp workload) {
  FlatSymbolRefAttr payload = workload.getPayloadAttr();
  if (!payload)
    return success();
  auto function = dyn_cast_or_null<func::FuncOp>(
      SymbolTable::lookupSymbolIn(workload->getParentOp(), payload));
  if (!function)
    return emitError(workload.getLoc())
           << "is read from " << payload << ", which is no function";
  return PayloadCheck(workload, function).run();
}
