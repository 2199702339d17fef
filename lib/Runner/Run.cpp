//===- Run.cpp - Lowered code beside the unfused ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Runner/Runner.h"

#include "Arithmetic.h"
#include "Program.h"
#include "RandomData.h"

#include "looptree/IR/Dialect.h"
#include "looptree/Transforms/OutlineSets.h"
#include "looptree/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace looptree;
using namespace looptree::runner;

bool SetRun::holds() const {
  return llvm::all_of(results, [](const auto &r) { return r.holds(); }) &&
         llvm::all_of(counts, [](const auto &c) { return c.holds(); });
}

bool RunReport::holds() const {
  return llvm::all_of(results, [](const auto &r) { return r.holds(); }) &&
         llvm::all_of(counts, [](const auto &c) { return c.holds(); }) &&
         llvm::all_of(sets, [](const auto &s) { return s.holds(); });
}

namespace {

using Tensors = std::vector<HostTensor>;
using Counts =
    llvm::MapVector<std::string, Count, std::map<std::string, unsigned>>;

class Runner {
public:
  Runner(ModuleOp module, const RunOptions &options)
      : module(module.clone()), options(options) {}

  FailureOr<RunReport> run();

private:
  LogicalResult find();
  LogicalResult checkTypes();
  LogicalResult compile();
  OwningOpRef<ModuleOp> unfusedModule();
  Tensors call(const Program &program, StringRef name, FunctionType type,
               const Tensors &inputs, bool isWide = false);

  SetRun runSet(const OutlinedSet &set);
  std::optional<Tensors> exactInputs(const OutlinedSet &set);
  LogicalResult runNetwork(RunReport &report);
  ValueCheck compare(const HostTensor &lowered, const HostTensor &unfused,
                     const HostTensor *reference, func::FuncOp function);

  OwningOpRef<ModuleOp> module;
  const RunOptions &options;
  ir::WorkloadOp workload;
  func::FuncOp function;
  std::vector<OutlinedSet> sets;
  std::optional<Program> lowered, unfused, wide, magnitudes;
  /// Types of what the function of each set returns in `magnitudes`.
  std::map<std::string, SmallVector<RankedTensorType>> sums;
  std::map<std::string, bool> isExact;
  std::map<std::string, Counts> predicted; ///< Of each set.
};

} // namespace

/// The workload to run: the one of options.function, or the only one with a
/// mapping.
LogicalResult Runner::find() {
  SmallVector<ir::WorkloadOp> mapped;
  for (auto candidate : module->getOps<ir::WorkloadOp>()) {
    if (!candidate.getPayloadAttr())
      continue;
    if (llvm::any_of(module->getOps<ir::MappingOp>(), [&](ir::MappingOp m) {
          return m.getWorkload() == candidate.getSymName();
        }))
      mapped.push_back(candidate);
  }
  auto error = [&]() { return emitError(module->getLoc()); };
  if (!options.function.empty()) {
    if (!module->lookupSymbol<func::FuncOp>(options.function))
      return error() << "there is no function @" << options.function;
    llvm::erase_if(mapped, [&](ir::WorkloadOp w) {
      return w.getPayload() != options.function;
    });
    if (mapped.empty())
      return error() << "function @" << options.function
                     << " has no mapping; fuse-layers makes some";
  }
  if (mapped.empty())
    return error() << "no function has a mapping; fuse-layers makes some";
  if (mapped.size() > 1)
    return error() << mapped.size()
                   << " workloads have mappings; name the function to run";
  workload = mapped.front();
  function = module->lookupSymbol<func::FuncOp>(workload.getPayloadAttr());
  return success();
}

LogicalResult Runner::checkTypes() {
  auto check = [&](Type type, const Twine &what) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (tensor && tensor.hasStaticShape() &&
        hostTypeOf(tensor.getElementType())) {
      int64_t bits = 64; // As float64.
      for (int64_t size : tensor.getShape())
        if (llvm::MulOverflow(bits, size, bits))
          return emitError(function.getLoc())
                 << "@" << function.getName() << " cannot be run: the bits of "
                 << what << ", of type " << type << ", exceed 64 bit";
      return success();
    }
    return emitError(function.getLoc())
           << "@" << function.getName() << " cannot be run: " << what
           << " is of type " << type
           << ", not a tensor of static shape of i1, i8, i16, i32, i64, f32 or "
              "f64";
  };
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (failed(check(type, "argument #" + Twine(i))))
      return failure();
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (failed(check(type, "result #" + Twine(i))))
      return failure();
  auto refused = function.walk([](Operation *op) {
    StringRef why;
    if (isa<arith::DivSIOp, arith::DivUIOp, arith::CeilDivSIOp,
            arith::CeilDivUIOp, arith::FloorDivSIOp, arith::RemSIOp,
            arith::RemUIOp>(op) &&
        !matchPattern(op->getOperand(1), m_Constant()))
      why = "it may divide by zero on random data";
    else if (isa<tensor::ExtractOp>(op) &&
             llvm::any_of(op->getOperands().drop_front(), [](Value index) {
               return index.getDefiningOp<arith::IndexCastOp>() ||
                      index.getDefiningOp<arith::IndexCastUIOp>();
             }))
      why = "its indices are data, and random ones may lie outside";
    if (why.empty())
      return WalkResult::advance();
    op->emitError("cannot be run: ") << why;
    return WalkResult::interrupt();
  });
  return success(!refused.wasInterrupted());
}

/// The payload and the outlined sets, and nothing of this dialect.
OwningOpRef<ModuleOp> Runner::unfusedModule() {
  OwningOpRef<ModuleOp> copy = module->clone();
  for (Operation &op : llvm::make_early_inc_range(*copy->getBody()))
    if (isa<ir::LoopTreeDialect>(op.getDialect()))
      op.erase();
  copy->walk(
      [](Operation *op) { op->removeDiscardableAttr(ir::einsumAttrName); });
  return copy;
}

/// Memory that no buffer is in, as the lowering says.
static void addGaps(Counts &counts, func::FuncOp function) {
  function.walk([&](memref::AllocOp alloc) {
    auto parts = alloc->getAttrOfType<DictionaryAttr>(ir::loweredAttrName);
    auto gaps = parts ? parts.getAs<StringAttr>("gaps") : StringAttr();
    int64_t bytes;
    if (!gaps || gaps.getValue().getAsInteger(10, bytes))
      return;
    std::string level = parts.getAs<StringAttr>("level").str();
    auto known = counts.find("peak bytes at " + level + " in " +
                             function.getSymName().str());
    if (known != counts.end())
      known->second.gaps += bytes;
  });
}

LogicalResult Runner::compile() {
  std::vector<std::string> names{function.getName().str()}, setNames, exact;
  for (const OutlinedSet &set : sets) {
    func::FuncOp outlined = set.unfused;
    names.push_back(outlined.getName().str());
    setNames.push_back(set.name);
    isExact[set.name] = isExactOnIntegers(outlined);
    if (isExact[set.name])
      exact.push_back(outlined.getName().str());
  }
  OwningOpRef<ModuleOp> plain = unfusedModule();
  OwningOpRef<ModuleOp> inFloat64 = plain->clone();
  if (failed(toFloat64(*inFloat64)))
    return failure();
  OwningOpRef<ModuleOp> inMagnitudes = inFloat64->clone();
  for (auto other :
       llvm::make_early_inc_range(inMagnitudes->getOps<func::FuncOp>()))
    if (!llvm::is_contained(exact, other.getName()))
      other.erase();
  for (const OutlinedSet &set : sets) {
    func::FuncOp outlined = set.unfused;
    auto copy = inMagnitudes->lookupSymbol<func::FuncOp>(outlined.getName());
    if (!copy)
      continue;
    toMagnitudes(copy);
    for (Type type : copy.getResultTypes())
      sums[set.name].push_back(cast<RankedTensorType>(type));
  }

  PassManager passes(module->getContext());
  passes.addPass(createLowerMappings());
  passes.addPass(createInstrumentTransfers());
  OwningOpRef<ModuleOp> fused = module->clone();
  for (const OutlinedSet &set : sets) {
    func::FuncOp outlined = set.unfused;
    fused->lookupSymbol(outlined.getName())->erase();
  }
  if (failed(passes.run(*fused)))
    return failure();
  for (const OutlinedSet &set : sets)
    addGaps(predicted[set.name], fused->lookupSymbol<func::FuncOp>(set.name));

  auto compileOne = [](std::optional<Program> &program, ModuleOp of,
                       ArrayRef<std::string> functions) -> LogicalResult {
    auto compiled = Program::compile(of, functions);
    if (succeeded(compiled))
      program = std::move(*compiled);
    return compiled;
  };
  setNames.push_back(function.getName().str());
  return success(succeeded(compileOne(unfused, *plain, names)) &&
                 succeeded(compileOne(wide, *inFloat64, names)) &&
                 succeeded(compileOne(magnitudes, *inMagnitudes, exact)) &&
                 succeeded(compileOne(lowered, *fused, setNames)));
}

Tensors Runner::call(const Program &program, StringRef name, FunctionType type,
                     const Tensors &inputs, bool isWide) {
  Tensors converted;
  std::vector<TensorView> arguments;
  if (isWide)
    for (const HostTensor &input : inputs)
      converted.push_back(toFloat64(input));
  for (const HostTensor &input : isWide ? converted : inputs)
    arguments.push_back(input.view());
  SmallVector<RankedTensorType> results;
  for (Type result : type.getResults()) {
    auto tensor = cast<RankedTensorType>(result);
    if (isWide && isa<FloatType>(tensor.getElementType()))
      tensor = tensor.clone(Float64Type::get(tensor.getContext()));
    results.push_back(tensor);
  }
  return program.call(name, arguments, results);
}

/// Without a reference values are compared bit by bit.
ValueCheck Runner::compare(const HostTensor &lowered, const HostTensor &unfused,
                           const HostTensor *reference, func::FuncOp function) {
  ValueCheck check;
  check.isBitwise = !reference || !isFloat(lowered.hostType());
  check.elements = lowered.size();
  check.different = countDifferent(lowered, unfused);
  if (check.isBitwise)
    return check;
  double scale = largestMagnitude(*reference);
  check.isFinite = std::isfinite(scale);
  if (!check.isFinite)
    return check;
  scale = scale == 0 ? 1 : scale;
  check.error = largestDistance(lowered, *reference) / scale;
  check.unfusedError = largestDistance(unfused, *reference) / scale;
  // Of many elements the worst lies several deviations out.
  constexpr double kDeviations = 8;
  check.bound = kDeviations * unitRoundoff(function) *
                std::sqrt(countRoundings(function));
  return check;
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

static void add(Counts &counts, const std::string &name, const Count &count) {
  if (count.predicted != 0)
    counts[name] = count;
}

static InFlightDiagnostic emitNoCost(const OutlinedSet &set,
                                     const Error &error) {
  func::FuncOp unfused = set.unfused;
  return emitError(unfused.getLoc())
         << "mapping @" << set.name << " has no cost: " << error.message;
}

static bool hasParent(const BufferRow &row, const CostReport &cost) {
  return llvm::any_of(cost.buffers, [&](const BufferRow &other) {
    return other.tensor == row.tensor && other.level < row.level;
  });
}

/// The memory that a level needs in bytes of the payload's elements: what the
/// model says of its windows, and what it would say of the boxes around them.
static LogicalResult addMemory(Counts &counts, const OutlinedSet &set) {
  Workload w = set.workload;
  for (auto [tensor, bytes] : llvm::zip_equal(w.tensors, set.elementBytes)) {
    tensor.bits = 8 * bytes;
    tensor.partialBits.reset();
  }
  const Arch &arch = set.arch;
  auto cost = evaluate(w, arch, set.mapping);
  if (!cost)
    return emitNoCost(set, cost.error());
  for (LevelId l = 0; l < arch.levels.size(); ++l) {
    int64_t bits = cost->capacityBits[l], gaps = 0;
    for (const BufferRow &row : cost->buffers) {
      if (row.level != l)
        continue;
      const Tensor &tensor = w.tensors[row.tensor];
      bool isInner = hasParent(row, *cost);
      int64_t copies = isInner && arch.levels[l].doubleBuffered ? 2 : 1;
      // The outermost buffer of an input or output is no memory of the
      // mapping's.
      if (isInner || tensor.kind == TensorKind::Intermediate)
        gaps += copies * (row.footprint - row.elements) * tensor.bits;
      else
        bits -= row.bits;
    }
    const std::string &level = arch.levels[l].name;
    Count count{"bytes", level, "", "", {}, bits / 8};
    count.gaps = gaps / 8;
    add(counts, "peak bytes at " + level + " in " + set.name, count);
  }
  return success();
}

/// What the model says, by the names of counters; without zeros.
static FailureOr<Counts> predictedOf(const OutlinedSet &set) {
  const Workload &w = set.workload;
  auto evaluated = evaluate(w, set.arch, set.mapping);
  if (!evaluated)
    return emitNoCost(set, evaluated.error());
  const CostReport &cost = *evaluated;
  Counts counts;
  for (EinsumId e = 0; e < w.einsums.size(); ++e)
    add(counts, "ops " + w.einsums[e].name,
        {"ops", "", "", w.einsums[e].name, {}, cost.ops[e]});
  for (const AccessRow &row : cost.accesses) {
    const std::string &tensor = w.tensors[row.tensor].name,
                      &level = set.arch.levels[row.level].name,
                      &einsum = w.einsums[row.einsum].name;
    std::string where = " " + tensor + " at " + level + " for " + einsum;
    add(counts, "fill" + where, {"fill", level, tensor, einsum, {}, row.fills});
    add(counts, "drain" + where,
        {"drain", level, tensor, einsum, {}, row.drains});
  }
  for (const BufferRow &row : cost.buffers) {
    const std::string &tensor = w.tensors[row.tensor].name,
                      &level = set.arch.levels[row.level].name;
    add(counts,
        "window " + tensor + " at " + level + " node " +
            std::to_string(row.node),
        {"window", level, tensor, "", row.node, row.elements});
  }
  if (failed(addMemory(counts, set)))
    return failure();
  return counts;
}

/// Which every function has again at its end.
static bool isBookkeeping(StringRef counter) {
  return counter.starts_with("move") || counter.starts_with("live");
}

static void addCounted(Counts &counts, const Program &program) {
  for (const auto &[name, counted] : program.counters()) {
    if (isBookkeeping(name))
      continue;
    auto [entry, isNew] = counts.insert({name, Count()});
    if (isNew)
      entry->second.kind = name; // The model knows of no such thing.
    entry->second.counted = counted;
  }
}

static std::vector<Count> valuesOf(const Counts &counts) {
  std::vector<Count> values;
  for (const auto &[name, count] : counts)
    values.push_back(count);
  return values;
}

//===----------------------------------------------------------------------===//
// One set, and the whole
//===----------------------------------------------------------------------===//

/// Integers for the inputs of a set on which float sums are exact; none when
/// its ops or the sizes of its sums do not let them be.
std::optional<Tensors> Runner::exactInputs(const OutlinedSet &set) {
  if (!isExact[set.name])
    return std::nullopt;
  func::FuncOp outlined = set.unfused;
  double limit = 2 / unitRoundoff(outlined);
  for (int64_t perSum : {8, 3, 1}) {
    Tensors inputs, sizes;
    for (const OutlinedArgument &argument : set.arguments) {
      if (argument.map)
        continue;
      inputs.push_back(
          randomIntegers(cast<RankedTensorType>(argument.value.getType()),
                         useOf(argument.tensor, set.workload), options.seed,
                         unsigned(inputs.size()), perSum));
      HostTensor &size = sizes.emplace_back(toFloat64(inputs.back()));
      if (isFloat(size.hostType()))
        for (int64_t i = 0; i < size.size(); ++i)
          size.set(i, std::abs(size.get(i)));
    }
    std::vector<TensorView> arguments;
    for (const HostTensor &size : sizes)
      arguments.push_back(size.view());
    double largest = 0;
    for (const HostTensor &sum :
         magnitudes->call(outlined.getName(), arguments, sums[set.name]))
      largest = std::max(largest, largestMagnitude(sum));
    if (largest < limit)
      return inputs;
  }
  return std::nullopt;
}

SetRun Runner::runSet(const OutlinedSet &set) {
  func::FuncOp outlined = set.unfused;
  SetRun result;
  result.mapping = set.name;
  for (const Einsum &einsum : set.workload.einsums)
    result.einsums.push_back(einsum.name);

  std::optional<Tensors> inputs = exactInputs(set);
  bool areExact = inputs.has_value();
  if (!areExact) {
    inputs.emplace();
    for (const OutlinedArgument &argument : set.arguments)
      if (!argument.map)
        inputs->push_back(
            randomReals(cast<RankedTensorType>(argument.value.getType()),
                        useOf(argument.tensor, set.workload), options.seed,
                        unsigned(inputs->size())));
  }
  Tensors expected =
      call(*unfused, outlined.getName(), outlined.getFunctionType(), *inputs);
  Tensors reference;
  if (!areExact)
    reference = call(*wide, outlined.getName(), outlined.getFunctionType(),
                     *inputs, /*isWide=*/true);

  std::vector<TensorView> arguments;
  Tensors stored;
  stored.reserve(set.arguments.size());
  unsigned next = 0;
  for (const OutlinedArgument &argument : set.arguments)
    arguments.push_back(argument.map
                            ? stored.emplace_back(argument.stored).view()
                            : (*inputs)[next++].viewAs(argument.stored));
  lowered->resetCounters();
  lowered->call(set.name, arguments, {});
  next = 0;
  for (const OutlinedArgument &argument : set.arguments) {
    if (!argument.map)
      continue;
    HostTensor made =
        permuted(stored[next], expected[next].type(), argument.map);
    result.results.push_back(compare(
        made, expected[next], areExact ? nullptr : &reference[next], outlined));
    ++next;
  }
  Counts counts = predicted[set.name];
  addCounted(counts, *lowered);
  result.counts = valuesOf(counts);
  return result;
}

LogicalResult Runner::runNetwork(RunReport &report) {
  Tensors inputs;
  for (BlockArgument argument : function.getArguments()) {
    Use use;
    for (const OutlinedSet &set : sets)
      for (const OutlinedArgument &input : set.arguments)
        if (input.value == argument)
          use = useOf(input.tensor, set.workload);
    inputs.push_back(randomReals(cast<RankedTensorType>(argument.getType()),
                                 use, options.seed, argument.getArgNumber()));
  }
  FunctionType type = function.getFunctionType();
  StringRef name = function.getName();
  Tensors reference = call(*wide, name, type, inputs, /*isWide=*/true);
  Tensors expected = call(*unfused, name, type, inputs);
  lowered->resetCounters();
  Tensors made = call(*lowered, name, type, inputs);

  // Roundings are counted op by op. The sets refer to ops of the payload, which
  // are not needed any more.
  PassManager decompose(module->getContext());
  decompose.addPass(createDecomposeBarriers());
  if (failed(decompose.run(*module)))
    return failure();
  for (size_t i = 0; i < made.size(); ++i)
    report.results.push_back(
        compare(made[i], expected[i], &reference[i], function));

  Counts counts;
  for (const OutlinedSet &set : sets)
    for (const auto &[name, count] : predicted[set.name]) {
      auto [entry, isNew] = counts.insert({name, count});
      if (isNew)
        continue;
      int64_t &sum = entry->second.predicted;
      sum = count.kind == "window" ? std::max(sum, count.predicted)
                                   : sum + count.predicted;
    }
  addCounted(counts, *lowered);
  report.counts = valuesOf(counts);
  return success();
}

FailureOr<RunReport> Runner::run() {
  if (failed(find()) || failed(checkTypes()))
    return failure();
  auto outlined = outlineSets(workload);
  if (failed(outlined))
    return failure();
  sets = std::move(*outlined);
  for (const OutlinedSet &set : sets) {
    auto counts = predictedOf(set);
    if (failed(counts))
      return failure();
    predicted[set.name] = std::move(*counts);
  }
  auto tell = [&](const std::string &what) {
    if (options.progress)
      options.progress(what);
  };
  tell("compiling");
  if (failed(compile()))
    return failure();
  RunReport report;
  report.function = function.getName().str();
  report.seed = options.seed;
  for (const OutlinedSet &set : sets) {
    tell("running @" + set.name);
    report.sets.push_back(runSet(set));
  }
  tell("running @" + report.function);
  if (failed(runNetwork(report)))
    return failure();
  return report;
}

FailureOr<RunReport> looptree::run(ModuleOp module, const RunOptions &options) {
  return Runner(module, options).run();
}
