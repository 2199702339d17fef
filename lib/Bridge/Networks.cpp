//===- Networks.cpp - Workload ops and networks ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Bridge.h"

#include "looptree/IR/LinearTerms.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

std::vector<EinsumId> bridge::cutsOf(ArrayRef<Barrier> barriers,
                                     size_t einsumCount) {
  std::vector<EinsumId> cuts;
  for (const Barrier &barrier : barriers)
    if (barrier.before > 0 && barrier.before < einsumCount &&
        (cuts.empty() || cuts.back() != barrier.before))
      cuts.push_back(barrier.before);
  return cuts;
}

//===----------------------------------------------------------------------===//
// From ops
//===----------------------------------------------------------------------===//

// The dialect's enumerations list the same cases in the same order.
static_assert(unsigned(TensorKind::Output) == unsigned(ir::TensorKind::Output));
static_assert(unsigned(EinsumKind::Elementwise) ==
              unsigned(ir::EinsumKind::Elementwise));

static Tensor toTensor(ir::TensorOp op) {
  Tensor tensor;
  tensor.name = op.getTensorName().str();
  tensor.kind = TensorKind(op.getKind());
  tensor.shape = op.getShape().vec();
  tensor.bits = int64_t(op.getBits());
  if (std::optional<uint64_t> partial = op.getPartialBits())
    tensor.partialBits = int64_t(*partial);
  tensor.isWeight = op.getWeight();
  return tensor;
}

static Access toAccess(ir::AccessAttr attr,
                       const llvm::DenseMap<StringAttr, TensorId> &tensors) {
  Access access;
  access.tensor = tensors.lookup(attr.getTensor());
  access.isInit = attr.getIsInit();
  for (AffineExpr expr : attr.getIndex()) {
    std::optional<ir::LinearTerms> terms =
        ir::LinearTerms::of(expr, attr.getMap().getValue().getNumDims());
    assert(terms && "the op was not verified");
    LinearExpr &index = access.index.emplace_back();
    index.constant = terms->constant;
    for (auto [rank, coefficient] : llvm::enumerate(terms->coefficients))
      if (coefficient != 0)
        index.terms.push_back({RankId(rank), coefficient});
  }
  return access;
}

static Einsum toEinsum(ir::EinsumOp op,
                       const llvm::DenseMap<StringAttr, TensorId> &tensors) {
  Einsum einsum;
  einsum.name = op.getSymName().str();
  einsum.kind = EinsumKind(op.getKind());
  for (auto [name, extent] : llvm::zip_equal(
           op.getRankNames().getAsRange<StringAttr>(), op.getExtents()))
    einsum.ranks.push_back({name.str(), extent});
  einsum.write = toAccess(op.getWrite(), tensors);
  for (auto read : op.getReads().getAsRange<ir::AccessAttr>())
    einsum.reads.push_back(toAccess(read, tensors));
  return einsum;
}

NetworkAndBarriers bridge::toNetwork(ir::WorkloadOp op) {
  NetworkAndBarriers result;
  Workload &workload = result.network.workload;
  llvm::DenseMap<StringAttr, TensorId> tensors;
  for (auto tensor : op.getBody().getOps<ir::TensorOp>()) {
    tensors[tensor.getTensorNameAttr()] = TensorId(workload.tensors.size());
    workload.tensors.push_back(toTensor(tensor));
  }
  for (Operation &part : op.getBody().front()) {
    if (auto einsum = dyn_cast<ir::EinsumOp>(part))
      workload.einsums.push_back(toEinsum(einsum, tensors));
    else if (auto barrier = dyn_cast<ir::BarrierOp>(part))
      result.barriers.push_back(
          {EinsumId(workload.einsums.size()), barrier.getReason().str()});
  }
  result.network.cuts = cutsOf(result.barriers, workload.einsums.size());
  return result;
}

Network bridge::toNetworkOf(ir::MappingOp mapping, ir::WorkloadOp op) {
  llvm::DenseSet<StringAttr> computed, touched, readOutside;
  for (ir::ComputeOp compute : mapping.getComputes())
    computed.insert(compute.getEinsumAttr());
  for (auto einsum : op.getBody().getOps<ir::EinsumOp>()) {
    bool isInside = computed.contains(einsum.getSymNameAttr());
    if (isInside)
      touched.insert(einsum.getWrite().getTensor());
    for (auto read : einsum.getReads().getAsRange<ir::AccessAttr>())
      (isInside ? touched : readOutside).insert(read.getTensor());
  }

  Network network;
  Workload &workload = network.workload;
  llvm::DenseMap<StringAttr, TensorId> tensors;
  for (auto tensor : op.getBody().getOps<ir::TensorOp>()) {
    StringAttr name = tensor.getTensorNameAttr();
    if (!touched.contains(name))
      continue;
    tensors[name] = TensorId(workload.tensors.size());
    workload.tensors.push_back(toTensor(tensor));
    Tensor &read = workload.tensors.back();
    if (read.kind == TensorKind::Intermediate && readOutside.contains(name))
      read.kind = TensorKind::Output;
  }
  for (auto einsum : op.getBody().getOps<ir::EinsumOp>())
    if (computed.contains(einsum.getSymNameAttr()))
      workload.einsums.push_back(toEinsum(einsum, tensors));
  return network;
}

//===----------------------------------------------------------------------===//
// To ops
//===----------------------------------------------------------------------===//

static ir::AccessAttr toAttr(const Access &access, const Einsum &einsum,
                             const Workload &workload, MLIRContext *context) {
  SmallVector<AffineExpr> index;
  for (const LinearExpr &expr : access.index) {
    ir::LinearTerms terms(einsum.ranks.size());
    terms.constant = expr.constant;
    for (const LinearExpr::Term &term : expr.terms)
      terms.coefficients[term.rank] = term.coefficient;
    index.push_back(terms.toAffineExpr(context));
  }
  auto map = AffineMap::get(einsum.ranks.size(), 0, index, context);
  auto tensor = StringAttr::get(context, workload.tensors[access.tensor].name);
  return ir::AccessAttr::get(context, tensor, AffineMapAttr::get(map),
                             access.isInit);
}

static void buildTensor(OpBuilder &builder, Location loc,
                        const Tensor &tensor) {
  ir::TensorOp::create(builder, loc, builder.getStringAttr(tensor.name),
                       builder.getDenseI64ArrayAttr(tensor.shape),
                       builder.getI64IntegerAttr(tensor.bits),
                       ir::TensorKindAttr::get(builder.getContext(),
                                               ir::TensorKind(tensor.kind)),
                       tensor.partialBits
                           ? builder.getI64IntegerAttr(*tensor.partialBits)
                           : IntegerAttr(),
                       tensor.isWeight ? builder.getUnitAttr() : UnitAttr());
}

static void buildEinsum(OpBuilder &builder, Location loc, const Einsum &einsum,
                        const Workload &workload) {
  SmallVector<StringRef> names;
  SmallVector<int64_t> extents;
  for (const Rank &rank : einsum.ranks) {
    names.push_back(rank.name);
    extents.push_back(rank.extent);
  }
  MLIRContext *context = builder.getContext();
  SmallVector<Attribute> reads;
  for (const Access &read : einsum.reads)
    reads.push_back(toAttr(read, einsum, workload, context));
  ir::EinsumOp::create(builder, loc, einsum.name, ir::EinsumKind(einsum.kind),
                       builder.getStrArrayAttr(names), extents,
                       toAttr(einsum.write, einsum, workload, context),
                       builder.getArrayAttr(reads));
}

ir::WorkloadOp bridge::buildWorkload(OpBuilder &builder, Location loc,
                                     StringRef name, const Network &network,
                                     ArrayRef<Barrier> barriers,
                                     StringRef payload,
                                     const WorkloadLocations &locations) {
  const Workload &workload = network.workload;
  assert(network.cuts == cutsOf(barriers, workload.einsums.size()));
  auto at = [&](ArrayRef<Location> list, size_t index) {
    return list.empty() ? loc : list[index];
  };
  MLIRContext *context = builder.getContext();
  auto op = ir::WorkloadOp::create(
      builder, loc, builder.getStringAttr(name),
      payload.empty() ? FlatSymbolRefAttr()
                      : FlatSymbolRefAttr::get(context, payload));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&ir::bodyOf(op.getBody()));
  for (auto [index, tensor] : llvm::enumerate(workload.tensors))
    buildTensor(builder, at(locations.tensors, index), tensor);

  size_t next = 0;
  auto buildBarriersBefore = [&](size_t einsum) {
    for (; next < barriers.size() && barriers[next].before <= einsum; ++next)
      ir::BarrierOp::create(builder, at(locations.barriers, next),
                            barriers[next].reason);
  };
  for (auto [index, einsum] : llvm::enumerate(workload.einsums)) {
    buildBarriersBefore(index);
    buildEinsum(builder, at(locations.einsums, index), einsum, workload);
  }
  buildBarriersBefore(workload.einsums.size());
  return op;
}
