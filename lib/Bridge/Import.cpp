//===- Import.cpp - A function read as a workload -------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Bridge/Import.h"

#include "looptree/Bridge/Bridge.h"

#include "ImportNames.h"
#include "ImportWeights.h"
#include "Storage.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

namespace {

/// Reads one block, the body of a function.
class Importer {
public:
  Importer(Block &block, const ImportOptions &options)
      : block(block), options(options), readings(readOps(block)),
        storage(block, readings) {}

  FailureOr<ImportedWorkload> run();

private:
  TensorId tensorOf(Value root, StringRef name);
  void addRead(Einsum &einsum, Operation *op, const ir::EinsumOperand &operand);
  void addEinsum(Operation *op, const OpReading &reading);
  LogicalResult check();

  Workload &workload() { return imported.network.workload; }

  Block &block;
  const ImportOptions &options;
  OpReadings readings;
  Storage storage;
  ImportedWorkload imported;
  llvm::DenseMap<Value, TensorId> tensors; ///< By root.
  std::vector<Value> roots;                ///< Of each tensor.
  UniqueNames tensorNames, einsumNames;
};

} // namespace

/// The last part of `linalg.conv_2d_nchw_fchw`.
static StringRef shortName(Operation *op) {
  return op->getName().stripDialect();
}

static std::vector<LinearExpr> toExprs(const LinearIndex &index) {
  std::vector<LinearExpr> exprs;
  for (const ir::LinearTerms &terms : index) {
    LinearExpr &expr = exprs.emplace_back();
    expr.constant = terms.constant;
    for (auto [rank, coefficient] : llvm::enumerate(terms.coefficients))
      if (coefficient != 0)
        expr.terms.push_back({RankId(rank), coefficient});
  }
  return exprs;
}

/// The tensor of a root, made at its first use.
TensorId Importer::tensorOf(Value root, StringRef name) {
  auto [found, isNew] = tensors.try_emplace(root, workload().tensors.size());
  if (!isNew)
    return found->second;
  Tensor &tensor = workload().tensors.emplace_back();
  roots.push_back(root);
  tensor.name = tensorNames.add(name);
  llvm::append_range(tensor.shape, storage.shapeOfStored(root));
  int64_t bits = *bitsOf(getElementTypeOrSelf(root));
  if (options.elementBits && bits > 1)
    bits = isa<ComplexType>(getElementTypeOrSelf(root))
               ? 2 * *options.elementBits
               : *options.elementBits;
  tensor.bits = bits;
  return found->second;
}

static std::string nameOfInput(Value root) {
  if (StringRef name = nameIn(root.getLoc()); !name.empty())
    return name.str();
  if (auto argument = dyn_cast<BlockArgument>(root))
    return "arg" + std::to_string(argument.getArgNumber());
  return shortName(root.getDefiningOp()).str();
}

void Importer::addRead(Einsum &einsum, Operation *op,
                       const ir::EinsumOperand &operand) {
  std::optional<StoredAccess> stored = storage.read(op, operand);
  if (!stored)
    return;
  Access access{tensorOf(stored->root, nameOfInput(stored->root)),
                toExprs(stored->index), operand.isInit};
  // One element given twice is one operand.
  auto known = llvm::find(einsum.reads, access);
  imported.readOfOperand.back()[operand.operand] =
      unsigned(known - einsum.reads.begin());
  if (known == einsum.reads.end())
    einsum.reads.push_back(std::move(access));
}

void Importer::addEinsum(Operation *op, const OpReading &reading) {
  Einsum einsum;
  StringRef name = nameIn(op->getLoc());
  einsum.name = einsumNames.add(name.empty() ? shortName(op) : name);
  einsum.kind = EinsumKind(reading.einsum.kind);
  std::vector<std::string> rankNames = nameRanks(reading.einsum);
  for (auto [rankName, extent] :
       llvm::zip_equal(rankNames, reading.einsum.extents))
    einsum.ranks.push_back({rankName, extent});

  imported.readOfOperand.emplace_back();
  for (const ir::EinsumOperand &operand : reading.einsum.reads)
    addRead(einsum, op, operand);
  StoredAccess write = storage.write(op);
  einsum.write = {tensorOf(write.root, einsum.name), toExprs(write.index)};
  Tensor &written = workload().tensors[einsum.write.tensor];
  written.kind = storage.isOutput(write.root) ? TensorKind::Output
                                              : TensorKind::Intermediate;
  if (reading.einsum.accumulates)
    written.partialBits = options.accumulatorBits;
  workload().einsums.push_back(std::move(einsum));
  imported.payload.push_back(op);
  imported.results.push_back(reading.result);
}

/// What the model itself cannot count, at the op to blame.
LogicalResult Importer::check() {
  if (workload().einsums.empty())
    return success();
  std::optional<InvalidWorkload> invalid = workload().diagnose();
  if (!invalid)
    return success();
  Operation *op = block.getParentOp();
  if (invalid->einsum)
    op = imported.payload[*invalid->einsum];
  else if (invalid->tensor)
    for (auto [einsum, payload] :
         llvm::zip_equal(workload().einsums, imported.payload)) {
      auto reads = [&](const Access &read) {
        return read.tensor == *invalid->tensor;
      };
      if (reads(einsum.write) || llvm::any_of(einsum.reads, reads)) {
        op = payload;
        break;
      }
    }
  return emitError(op->getLoc(), invalid->message);
}

FailureOr<ImportedWorkload> Importer::run() {
  // Arguments in their order, whoever reads them first.
  llvm::DenseSet<Value> read;
  for (const auto &[op, reading] : readings)
    if ((reading.role == OpRole::Einsum || reading.role == OpRole::View ||
         reading.role == OpRole::Uniform) &&
        storage.isEinsum(op))
      for (const ir::EinsumOperand &operand : reading.einsum.reads)
        if (std::optional<StoredAccess> stored = storage.read(op, operand))
          read.insert(stored->root);
  for (BlockArgument argument : block.getArguments())
    if (read.contains(argument))
      tensorOf(argument, nameOfInput(argument));

  std::vector<Barrier> barriers;
  for (const auto &[op, reading] : readings) {
    EinsumId before = workload().einsums.size();
    if (reading.role == OpRole::Dead) {
      imported.dead.push_back(op);
    } else if (reading.role == OpRole::Barrier) {
      imported.barriers.push_back({op, reading.reason, before});
      barriers.push_back({before, reading.reason});
    } else if (storage.isEinsum(op)) {
      addEinsum(op, reading);
    }
  }
  imported.network.cuts = cutsOf(barriers, workload().einsums.size());

  std::vector<bool> isActivation;
  for (Value root : roots) {
    Operation *op = root.getDefiningOp();
    isActivation.push_back(op &&
                           readings.find(op)->second.role == OpRole::Barrier);
  }
  markWeights(workload(), isActivation);

  auto addView = [&](Value value) {
    if (!isa<RankedTensorType>(value.getType()))
      return;
    auto tensor = tensors.find(storage.rootOf(value));
    if (tensor == tensors.end())
      return;
    if (std::optional<AffineMap> map = storage.viewOf(value))
      imported.views[value] = {tensor->second, *map};
  };
  llvm::for_each(block.getArguments(), addView);
  for (const auto &[op, reading] : readings)
    if (reading.role != OpRole::Dead)
      llvm::for_each(op->getResults(), addView);

  if (failed(check()))
    return failure();
  return std::move(imported);
}

/// Products of extents are taken all over; here is where they are bounded.
static LogicalResult checkExtents(Block &block) {
  auto check = [](Operation *op, Type type) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    int64_t elements = 1;
    if (!tensor || !tensor.hasStaticShape())
      return success();
    for (int64_t extent : tensor.getShape())
      if (llvm::MulOverflow(elements, extent, elements))
        return emitError(op->getLoc())
               << "the element count of " << type << " exceeds 64 bit";
    return success();
  };
  for (Operation &op : block)
    for (TypeRange types :
         {TypeRange(op.getOperandTypes()), TypeRange(op.getResultTypes())})
      for (Type type : types)
        if (failed(check(&op, type)))
          return failure();
  return success();
}

FailureOr<ImportedWorkload>
bridge::importWorkload(func::FuncOp function, const ImportOptions &options) {
  ImportedWorkload nothing;
  if (function.isExternal())
    return nothing;
  if (!function.getBody().hasOneBlock()) {
    nothing.barriers.push_back(
        {function, "has several blocks; only straight-line code is read", 0});
    return nothing;
  }
  Block &block = function.getBody().front();
  if (failed(checkExtents(block)))
    return failure();
  return Importer(block, options).run();
}

void bridge::emitRemarks(const ImportedWorkload &imported) {
  for (const ImportedBarrier &barrier : imported.barriers)
    emitRemark(barrier.op->getLoc())
        << "fusion stops here: '" << barrier.op->getName() << "' "
        << barrier.reason;
  for (Operation *op : imported.dead)
    emitRemark(op->getLoc())
        << "left out: no result of '" << op->getName() << "' is used";
}

ir::WorkloadOp bridge::insertWorkload(const ImportedWorkload &imported,
                                      func::FuncOp function) {
  Operation *table = function->getParentWithTrait<OpTrait::SymbolTable>();
  std::string wish = (function.getName() + "_workload").str(), name = wish;
  for (unsigned i = 1; SymbolTable::lookupSymbolIn(table, name); ++i)
    name = wish + "_" + std::to_string(i);

  const Workload &workload = imported.network.workload;
  std::vector<Barrier> barriers;
  SmallVector<Location> einsumLocs, barrierLocs;
  for (const ImportedBarrier &barrier : imported.barriers) {
    barriers.push_back(
        {barrier.before,
         barrier.op->getName().getStringRef().str() + " " + barrier.reason});
    barrierLocs.push_back(barrier.op->getLoc());
  }
  for (Operation *op : imported.payload)
    einsumLocs.push_back(op->getLoc());
  OpBuilder builder(function);
  ir::WorkloadOp op = buildWorkload(
      builder, function.getLoc(), name, imported.network, barriers,
      function.getName(), {{}, einsumLocs, barrierLocs});
  for (auto [einsum, payload] :
       llvm::zip_equal(workload.einsums, imported.payload))
    payload->setAttr(
        ir::einsumAttrName,
        SymbolRefAttr::get(
            builder.getContext(), name,
            FlatSymbolRefAttr::get(builder.getContext(), einsum.name)));
  return op;
}
