//===- ReadFunction.cpp - What is to be lowered ----------------------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoweredFunction.h"

#include "../Evaluations.h"

#include "looptree/Bridge/Import.h"
#include "looptree/Bridge/Payload.h"
#include "looptree/IR/LinearTerms.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// The mappings that a workload is executed by: those of its fused plan, else
/// of its only plan, else its only mapping.
static FailureOr<SmallVector<ir::MappingOp>>
mappingsFor(ir::WorkloadOp workload) {
  auto isOfIt = [&](FlatSymbolRefAttr name) {
    return name.getAttr() == workload.getSymNameAttr();
  };
  Block *block = workload->getBlock();
  SmallVector<ir::PlanOp> plans, fused;
  for (auto plan : block->getOps<ir::PlanOp>())
    if (isOfIt(plan.getWorkloadAttr())) {
      plans.push_back(plan);
      if (plan.getRole() == ir::PlanRole::Fused)
        fused.push_back(plan);
    }
  if (!fused.empty())
    plans = fused;
  if (plans.size() > 1)
    return emitError(workload.getLoc())
           << "workload @" << workload.getSymName() << " has " << plans.size()
           << " plans" << (fused.empty() ? "" : " of role fused")
           << "; which one to lower?";
  if (!plans.empty())
    return bridge::mappingsOf(plans.front());
  SmallVector<ir::MappingOp> mappings;
  for (auto mapping : block->getOps<ir::MappingOp>())
    if (isOfIt(mapping.getWorkloadAttr()))
      mappings.push_back(mapping);
  if (mappings.size() > 1)
    return emitError(workload.getLoc())
           << "workload @" << workload.getSymName() << " has no plan and "
           << mappings.size() << " mappings; which one to lower?";
  return mappings;
}

namespace {

class FunctionReader {
public:
  FunctionReader(ir::WorkloadOp workload, bool withSchedules)
      : workload(workload), withSchedules(withSchedules),
        network(bridge::toNetwork(workload).network) {}

  LogicalResult read(ArrayRef<ir::MappingOp> mappings);

  LoweredFunction result;

private:
  LogicalResult readPayloadOps();
  LogicalResult readSet(ir::MappingOp mapping);
  LogicalResult readTensors(LoweredSet &set);
  LogicalResult readCost(LoweredSet &set);
  LogicalResult readSchedule(LoweredSet &set, const Plan &plan);
  Value valueOf(TensorId imported, ArrayRef<int64_t> shape);
  Value findValue(function_ref<bool(Value)> fits);
  LogicalResult checkUses();
  bool orderOps();
  bool place(Operation *op);
  bool placeSet(const LoweredSet &set);
  bool placeDefinition(Value value);

  ir::WorkloadOp workload;
  bool withSchedules;
  Network network;
  bridge::ImportedWorkload imported;
  std::vector<unsigned> importedId; ///< Per einsum of the network.

  enum class State { Open, Placed };
  llvm::DenseMap<Operation *, State> states;
  llvm::DenseMap<Operation *, const LoweredSet *> setOf;
  /// Per op with effects, the one before it.
  llvm::DenseMap<Operation *, Operation *> effectBefore;
};

} // namespace

LogicalResult FunctionReader::readPayloadOps() {
  if (failed(bridge::checkPayload(workload)))
    return failure();
  result.workload = workload;
  result.function = cast<func::FuncOp>(SymbolTable::lookupSymbolIn(
      workload->getParentOp(), workload.getPayloadAttr()));
  auto read = bridge::importWorkload(result.function, {});
  if (failed(read))
    return failure();
  imported = std::move(*read);
  importedId.resize(network.workload.einsums.size());
  for (auto [id, op] : llvm::enumerate(imported.payload)) {
    auto name = op->getAttrOfType<SymbolRefAttr>(ir::einsumAttrName);
    auto einsum = network.workload.findEinsum(
        std::string_view(name.getLeafReference().getValue()));
    importedId[*einsum] = id;
  }
  return success();
}

/// The first value of the function that fits.
Value FunctionReader::findValue(function_ref<bool(Value)> fits) {
  Block &block = result.function.getBody().front();
  for (BlockArgument argument : block.getArguments())
    if (fits(argument))
      return argument;
  for (Operation &op : block)
    for (Value value : op.getResults())
      if (fits(value))
        return value;
  return nullptr;
}

/// The elements of `shape`, each at the index that `map` gives, are one row.
static bool isRowMajor(AffineMap map, ArrayRef<int64_t> shape) {
  if (map.getNumResults() != 1)
    return false;
  auto terms = ir::LinearTerms::of(map.getResult(0), shape.size());
  if (!terms || terms->constant != 0)
    return false;
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d])
    if (shape[d] > 1 && terms->coefficients[d] != stride)
      return false;
  return true;
}

/// A value of the function that is the tensor as it is stored, else one whose
/// elements in row-major order are.
Value FunctionReader::valueOf(TensorId tensor, ArrayRef<int64_t> shape) {
  auto viewOf = [&](Value value) -> std::optional<AffineMap> {
    auto view = imported.views.find(value);
    if (view == imported.views.end() || view->second.tensor != tensor)
      return std::nullopt;
    return view->second.map;
  };
  auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  if (Value stored = findValue([&](Value value) {
        auto map = viewOf(value);
        return map && map->isIdentity() && shapeOf(value) == shape;
      }))
    return stored;
  return findValue([&](Value value) {
    auto map = viewOf(value);
    return map && shape.size() == 1 &&
           ShapedType::getNumElements(shapeOf(value)) == shape[0] &&
           isRowMajor(*map, shapeOf(value));
  });
}

LogicalResult FunctionReader::readTensors(LoweredSet &set) {
  const Workload &w = set.mapping.workload;
  set.elementTypes.resize(w.tensors.size());
  set.values.resize(w.tensors.size());
  set.maps.resize(w.tensors.size());
  std::vector<std::optional<TensorId>> importedTensor(w.tensors.size());
  for (EinsumId e = 0; e < w.einsums.size(); ++e) {
    unsigned id = importedId[set.mapping.einsums[e]];
    const Einsum &einsum = imported.network.workload.einsums[id];
    Operation *op = imported.payload[id];
    importedTensor[w.einsums[e].write.tensor] = einsum.write.tensor;
    set.elementTypes[w.einsums[e].write.tensor] =
        getElementTypeOrSelf(op->getResult(imported.results[id]));
    for (auto [operand, read] : imported.readOfOperand[id]) {
      TensorId tensor = w.einsums[e].reads[read].tensor;
      importedTensor[tensor] = einsum.reads[read].tensor;
      set.elementTypes[tensor] = getElementTypeOrSelf(op->getOperand(operand));
    }
  }
  for (TensorId t = 0; t < w.tensors.size(); ++t) {
    const Tensor &tensor = w.tensors[t];
    if (tensor.kind == TensorKind::Intermediate)
      continue;
    set.values[t] = valueOf(*importedTensor[t], tensor.shape);
    if (auto producer = w.producer(t)) {
      Value made = set.payload[*producer].made();
      set.maps[t] = imported.views.at(made).map;
      if (set.values[t] && isa<BlockArgument>(set.values[t]))
        set.values[t] = nullptr;
      continue;
    }
    if (!set.values[t])
      return emitError(set.op.getLoc())
             << "mapping @" << set.op.getSymName()
             << " cannot be lowered: no value of @" << result.function.getName()
             << " is tensor @" << tensor.name
             << " in the shape in which it is stored";
  }
  return success();
}

/// What takes more than the model says, because the box around a window does.
static void remarkOnFootprints(const LoweredSet &set) {
  for (const ScheduledBuffer &buffer : set.schedule.buffers) {
    int64_t needed = buffer.windows * buffer.elements;
    if (buffer.isWholeTensor || buffer.footprint() <= needed)
      continue;
    emitRemark(set.op->getLoc())
        << "mapping @" << ir::MappingOp(set.op).getSymName() << ": tensor @"
        << set.mapping.workload.tensors[buffer.tensor].name << " takes "
        << buffer.footprint() << " elements of level @"
        << set.arch.levels[buffer.level].name
        << (buffer.windows == 2 ? ", two of its largest window have "
                                : ", its largest window has ")
        << needed;
  }
}

/// Buffers of a level are aligned to its widest element. Where they never take
/// turns each has memory of its own.
static void layOutLevels(LoweredSet &set, const Plan &plan) {
  const auto &buffers = set.schedule.buffers;
  std::vector<int64_t> widest(set.arch.levels.size(), 1), sizes, aligned;
  for (const ScheduledBuffer &buffer : buffers)
    if (!buffer.isWholeTensor)
      widest[buffer.level] = std::max(widest[buffer.level],
                                      bytesOf(set.elementTypes[buffer.tensor]));
  for (const ScheduledBuffer &buffer : buffers)
    sizes.push_back(buffer.footprint() *
                    bytesOf(set.elementTypes[buffer.tensor]));
  for (auto [buffer, size] : llvm::zip_equal(buffers, sizes))
    aligned.push_back(llvm::alignTo(size, widest[buffer.level]));
  set.layout = layOut(plan, set.schedule, aligned);
  set.layout.need = layOut(plan, set.schedule, sizes).need;
  std::vector<int64_t> apart(set.arch.levels.size(), 0);
  for (auto [buffer, size] : llvm::zip_equal(buffers, sizes))
    apart[buffer.level] += buffer.isWholeTensor ? 0 : size;
  for (LevelId l = 0; l < apart.size(); ++l) {
    if (set.layout.need[l] == apart[l])
      set.layout.size[l] = 0;
    else if (set.layout.size[l] > set.layout.need[l])
      emitRemark(set.op->getLoc())
          << "mapping @" << ir::MappingOp(set.op).getSymName()
          << ": buffers that take turns take " << set.layout.size[l]
          << " bytes of level @" << set.arch.levels[l].name << ", "
          << set.layout.size[l] - set.layout.need[l] << " of them gaps";
  }
}

static InFlightDiagnostic refuse(LoweredSet &set) {
  return emitError(set.op.getLoc())
         << "mapping @" << set.op.getSymName() << " cannot be lowered: ";
}

/// What lives outside has its outermost buffer first.
LogicalResult FunctionReader::readCost(LoweredSet &set) {
  const Workload &w = set.mapping.workload;
  auto plan = compile(w, set.arch, set.mapping.mapping);
  if (!plan)
    return refuse(set) << plan.error().message;
  Scratch scratch;
  auto cost = evaluate(*plan, plan->steps(), scratch);
  if (failed(checkMapping(set.op, {set.mapping, &set.arch, cost, {}})))
    return failure();
  for (const BufferRow &row : cost->buffers)
    if (w.tensors[row.tensor].kind != TensorKind::Intermediate &&
        !llvm::is_contained(set.outside, row.tensor))
      set.outside.push_back(row.tensor);
  return withSchedules ? readSchedule(set, *plan) : success();
}

LogicalResult FunctionReader::readSchedule(LoweredSet &set, const Plan &plan) {
  // Of a pad, the border is written, with what nothing is read for.
  std::vector<std::vector<bool>> runsOutside;
  for (const PayloadEinsum &einsum : set.payload)
    runsOutside.push_back({isa<tensor::PadOp>(einsum.op)});
  auto schedule = looptree::schedule(plan, plan.steps(), runsOutside);
  if (!schedule)
    return refuse(set) << schedule.error().message;
  set.schedule = std::move(*schedule);
  layOutLevels(set, plan);
  remarkOnFootprints(set);
  for (auto [e, einsum] : llvm::enumerate(set.payload))
    if (set.schedule.combines[e] && !einsum.combiner)
      return emitError(einsum.op->getLoc())
             << "einsum @" << set.mapping.workload.einsums[e].name
             << " cannot be lowered: a spatial loop of mapping @"
             << set.op.getSymName()
             << " makes its elements in parts, and how two parts add up is not "
                "known";
  return success();
}

LogicalResult FunctionReader::readSet(ir::MappingOp mapping) {
  LoweredSet set;
  set.op = mapping;
  set.mapping = bridge::toMapping(mapping, network);
  set.arch = bridge::toArch(ir::lookupArch(mapping, mapping.getArchAttr()));
  for (EinsumId e = 0; e < set.mapping.einsums.size(); ++e) {
    unsigned id = importedId[set.mapping.einsums[e]];
    auto payload = readPayload(imported, id, set.mapping.workload.einsums[e],
                               set.mapping.workload);
    if (failed(payload))
      return failure();
    set.payload.push_back(std::move(*payload));
  }
  if (failed(readTensors(set)) || failed(readCost(set)))
    return failure();
  result.sets.push_back(std::move(set));
  return success();
}

bool FunctionReader::placeDefinition(Value value) {
  Operation *op = value ? value.getDefiningOp() : nullptr;
  return !op || op->getBlock() != &result.function.getBody().front() ||
         place(op);
}

/// A set needs its inputs only: views of what is made inside come after it.
bool FunctionReader::placeSet(const LoweredSet &set) {
  Operation *first = set.payload.front().op;
  auto [state, isNew] = states.try_emplace(first, State::Open);
  if (!isNew)
    return state->second == State::Placed;
  for (TensorId t = 0; t < set.values.size(); ++t)
    if (!set.mapping.workload.producer(t) && !placeDefinition(set.values[t]))
      return false;
  for (const PayloadEinsum &einsum : set.payload)
    for (Value scalar : einsum.captured)
      if (!placeDefinition(scalar))
        return false;
  for (const PayloadEinsum &einsum : set.payload)
    result.order.push_back(einsum.op);
  states[first] = State::Placed;
  return true;
}

/// Places an op after all that it depends on; false when that is a circle.
bool FunctionReader::place(Operation *op) {
  if (auto set = setOf.find(op); set != setOf.end())
    return placeSet(*set->second);
  auto [state, isNew] = states.try_emplace(op, State::Open);
  if (!isNew)
    return state->second == State::Placed;
  llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
  op->walk([&](Operation *inner) {
    used.insert(inner->operand_begin(), inner->operand_end());
  });
  for (Value value : used)
    if (!placeDefinition(value))
      return false;
  if (Operation *before = effectBefore.lookup(op); before && !place(before))
    return false;
  result.order.push_back(op);
  states[op] = State::Placed;
  return true;
}

bool FunctionReader::orderOps() {
  for (const LoweredSet &set : result.sets)
    for (const PayloadEinsum &einsum : set.payload)
      setOf[einsum.op] = &set;
  Block &block = result.function.getBody().front();
  Operation *last = nullptr;
  for (Operation &op : block.without_terminator())
    if (!setOf.contains(&op) && !isMemoryEffectFree(&op)) {
      effectBefore[&op] = last;
      last = &op;
    }
  for (Operation &op : block.without_terminator())
    if (!place(&op))
      return false;
  return true;
}

/// What is made inside a mapping must not be needed outside of it, by way of
/// views either.
LogicalResult FunctionReader::checkUses() {
  llvm::DenseSet<Operation *> gone(result.dead.begin(), result.dead.end());
  for (const LoweredSet &set : result.sets)
    for (const PayloadEinsum &einsum : set.payload)
      gone.insert(einsum.op);
  for (const LoweredSet &set : result.sets)
    for (auto [e, einsum] : llvm::enumerate(set.payload)) {
      const Workload &w = set.mapping.workload;
      if (w.tensors[w.einsums[e].write.tensor].kind != TensorKind::Intermediate)
        continue;
      SmallVector<Value> todo{einsum.made()};
      while (!todo.empty())
        for (Operation *user : todo.pop_back_val().getUsers()) {
          if (gone.contains(user))
            continue;
          if (!isMemoryEffectFree(user) ||
              user->hasTrait<OpTrait::IsTerminator>())
            return emitError(einsum.op->getLoc()).attachNote(user->getLoc())
                   << "einsum @" << w.einsums[e].name
                   << " cannot be lowered: what it makes is used here, by no "
                      "einsum of its workload";
          llvm::append_range(todo, user->getResults());
        }
    }
  return success();
}

LogicalResult FunctionReader::read(ArrayRef<ir::MappingOp> mappings) {
  if (failed(readPayloadOps()))
    return failure();
  for (ir::MappingOp mapping : mappings)
    if (failed(readSet(mapping)))
      return failure();
  result.dead = imported.dead;
  if (failed(checkUses()))
    return failure();
  if (!orderOps())
    return emitError(workload.getLoc())
           << "workload @" << workload.getSymName()
           << " cannot be lowered: mappings need each other's results";
  return success();
}

FailureOr<std::optional<LoweredFunction>>
lowering::readFunction(ir::WorkloadOp workload, bool withSchedules) {
  auto mappings = mappingsFor(workload);
  if (failed(mappings))
    return failure();
  if (mappings->empty())
    return std::optional<LoweredFunction>();
  FunctionReader reader(workload, withSchedules);
  if (failed(reader.read(*mappings)))
    return failure();
  return std::optional(std::move(reader.result));
}
