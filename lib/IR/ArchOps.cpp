//===- ArchOps.cpp - Levels, fan-outs and compute ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/ModelCheck.h"

#include "Syntax.h"

#include <cmath>

using namespace mlir;
using namespace looptree::ir;

//===----------------------------------------------------------------------===//
// ArchOp
//===----------------------------------------------------------------------===//

LogicalResult ArchOp::verifyRegions() {
  // (AR1)
  unsigned levels = 0;
  ComputeUnitOp computeUnit;
  for (Operation &op : bodyOf(getBody())) {
    if (isa<LevelOp>(op)) {
      ++levels;
    } else if (auto unit = dyn_cast<ComputeUnitOp>(op)) {
      if (computeUnit) {
        InFlightDiagnostic error =
            unit.emitOpError("is the second of its architecture");
        error.attachNote(computeUnit.getLoc()) << "the first is here";
        return error;
      }
      computeUnit = unit;
    } else if (!isa<FanOutOp>(op)) {
      return op.emitOpError("has no place in an architecture");
    }
  }
  if (levels == 0)
    return emitOpError("has no level");
  if (!computeUnit)
    return emitOpError("has no compute_unit");

  // (AR3)
  for (auto fanout : getBody().getOps<FanOutOp>())
    if (llvm::none_of(getBody().getOps<LevelOp>(), [&](LevelOp level) {
          return level.getLevelName() == fanout.getBelow();
        }))
      return fanout.emitOpError() << "lies below @" << fanout.getBelow()
                                  << ", which is no level of @" << getSymName();

  // (AR2), (AR4)
  auto *model =
      (*this)->getDialect()->getRegisteredInterface<ModelCheckInterface>();
  return model ? model->checkArch(*this) : success();
}

//===----------------------------------------------------------------------===//
// LevelOp
//===----------------------------------------------------------------------===//

namespace {

struct Unit {
  StringLiteral name;
  int64_t bits;
};

/// Largest first.
constexpr Unit units[] = {
    {"GiB", int64_t(8) << 30}, {"MiB", int64_t(8) << 20}, {"KiB", 8 << 10}};

} // namespace

static ParseResult parseCapacity(AsmParser &parser, IntegerAttr &capacity) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t value;
  if (parser.parseInteger(value))
    return failure();
  for (const Unit &unit : units) {
    if (failed(parser.parseOptionalKeyword(unit.name)))
      continue;
    if (llvm::MulOverflow(value, unit.bits, value))
      return parser.emitError(loc, "capacity exceeds 64 bit");
    break;
  }
  capacity = parser.getBuilder().getI64IntegerAttr(value);
  return success();
}

static void printCapacity(AsmPrinter &printer, int64_t bits) {
  for (const Unit &unit : units)
    if (bits > 0 && bits % unit.bits == 0) {
      printer << bits / unit.bits << ' ' << unit.name;
      return;
    }
  printer << bits;
}

static ParseResult parseFlag(AsmParser &parser, BoolAttr &flag) {
  bool value = succeeded(parser.parseOptionalKeyword("true"));
  if (!value && failed(parser.parseOptionalKeyword("false")))
    return parser.emitError(parser.getCurrentLocation(),
                            "expected true or false");
  flag = parser.getBuilder().getBoolAttr(value);
  return success();
}

static ParseResult parseDecimalAttr(AsmParser &parser, FloatAttr &attr) {
  double value;
  if (parseDecimal(parser, value))
    return failure();
  attr = parser.getBuilder().getF64FloatAttr(value);
  return success();
}

static ParseResult parseRoles(AsmParser &parser, ArrayAttr &roles) {
  SmallVector<Attribute> list;
  if (parser.parseCommaSeparatedList(
          AsmParser::Delimiter::Square, [&]() -> ParseResult {
            SMLoc loc = parser.getCurrentLocation();
            StringRef name;
            if (parser.parseKeyword(&name))
              return failure();
            std::optional<TensorRole> role = symbolizeTensorRole(name);
            if (!role)
              return parser.emitError(loc, "'")
                     << name << "' is no role of a tensor; roles are input, "
                     << "weight, intermediate, output";
            list.push_back(TensorRoleAttr::get(parser.getContext(), *role));
            return success();
          }))
    return failure();
  roles = parser.getBuilder().getArrayAttr(list);
  return success();
}

ParseResult LevelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto &fields = result.getOrAddProperties<Properties>();
  if (parser.parseSymbolName(fields.level_name))
    return failure();
  auto rate = [&](RationalAttr &attr) {
    return [&] { return parseRational(parser, attr); };
  };
  auto decimal = [&](FloatAttr &attr) {
    return [&] { return parseDecimalAttr(parser, attr); };
  };
  auto flag = [&](BoolAttr &attr) {
    return [&] { return parseFlag(parser, attr); };
  };
  auto capacity = [&] { return parseCapacity(parser, fields.capacity_bits); };
  auto accessBits = [&] { return parseCapacity(parser, fields.access_bits); };
  auto holds = [&] { return parseRoles(parser, fields.holds); };
  auto readPj = decimal(fields.read_pj_per_bit);
  auto writePj = decimal(fields.write_pj_per_bit);
  auto readRate = rate(fields.read_bits_per_cycle);
  auto writeRate = rate(fields.write_bits_per_cycle);
  auto sharedRate = rate(fields.shared_bits_per_cycle);
  auto leakage = decimal(fields.leakage_pj_per_cycle);
  auto multicast = flag(fields.multicast);
  auto reduce = flag(fields.reduce);
  auto doubleBuffered = flag(fields.double_buffered);
  if (parseFields(parser, "level", AsmParser::Delimiter::OptionalBraces,
                  {{"capacity_bits", capacity},
                   {"read_pj_per_bit", readPj},
                   {"write_pj_per_bit", writePj},
                   {"access_bits", accessBits},
                   {"read_bits_per_cycle", readRate},
                   {"write_bits_per_cycle", writeRate},
                   {"shared_bits_per_cycle", sharedRate},
                   {"leakage_pj_per_cycle", leakage},
                   {"multicast", multicast},
                   {"reduce", reduce},
                   {"double_buffered", doubleBuffered},
                   {"holds", holds}}))
    return failure();
  return parser.parseOptionalAttrDictWithKeyword(result.attributes);
}

namespace {

/// Prints `{a = ..., b = ...}`, or nothing when no field is added.
class FieldPrinter {
public:
  explicit FieldPrinter(OpAsmPrinter &printer) : printer(printer) {}
  ~FieldPrinter() {
    if (any)
      printer << '}';
  }

  OpAsmPrinter &add(StringRef name) {
    printer << (any ? ", " : " {") << name << " = ";
    any = true;
    return printer;
  }
  void decimal(StringRef name, const APFloat &value, double byDefault) {
    if (value.convertToDouble() != byDefault)
      printDecimal(add(name), value);
  }
  void rate(StringRef name, std::optional<RationalAttr> value) {
    if (value)
      printRational(add(name), *value);
  }
  void flag(StringRef name, bool value, bool byDefault) {
    if (value != byDefault)
      add(name) << (value ? "true" : "false");
  }

private:
  OpAsmPrinter &printer;
  bool any = false;
};

} // namespace

void LevelOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getLevelName());
  {
    FieldPrinter fields(printer);
    if (std::optional<int64_t> capacity = getCapacityBits())
      printCapacity(fields.add("capacity_bits"), *capacity);
    fields.decimal("read_pj_per_bit", getReadPjPerBit(), 0);
    fields.decimal("write_pj_per_bit", getWritePjPerBit(), 0);
    if (std::optional<int64_t> width = getAccessBits())
      fields.add("access_bits") << *width;
    fields.rate("read_bits_per_cycle", getReadBitsPerCycle());
    fields.rate("write_bits_per_cycle", getWriteBitsPerCycle());
    fields.rate("shared_bits_per_cycle", getSharedBitsPerCycle());
    fields.decimal("leakage_pj_per_cycle", getLeakagePjPerCycle(), 0);
    fields.flag("multicast", getMulticast(), true);
    fields.flag("reduce", getReduce(), true);
    fields.flag("double_buffered", getDoubleBuffered(), false);
    if (std::optional<ArrayAttr> holds = getHolds()) {
      fields.add("holds") << '[';
      llvm::interleaveComma(holds->getAsRange<TensorRoleAttr>(), printer,
                            [&](TensorRoleAttr role) {
                              printer << stringifyTensorRole(role.getValue());
                            });
      printer << ']';
    }
  }
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getDiscardableAttrDictionary().getValue());
}

LogicalResult LevelOp::verify() {
  // (LV2)
  for (auto [name, value] :
       {std::pair("read_pj_per_bit", getReadPjPerBit()),
        std::pair("write_pj_per_bit", getWritePjPerBit()),
        std::pair("leakage_pj_per_cycle", getLeakagePjPerCycle())})
    if (!value.isFinite())
      return emitOpError() << "has a " << name << " that is not finite";
  if (getAccessBits() && static_cast<int64_t>(*getAccessBits()) < 1)
    return emitOpError() << "has accesses of "
                         << static_cast<int64_t>(*getAccessBits()) << " bits";
  return success();
}

//===----------------------------------------------------------------------===//
// FanOutOp
//===----------------------------------------------------------------------===//

LogicalResult FanOutOp::verify() {
  // (FO1)
  if (static_cast<int64_t>(getSize()) < 1)
    return emitOpError() << "has size " << static_cast<int64_t>(getSize())
                         << "; it must be at least 1";
  return success();
}

//===----------------------------------------------------------------------===//
// ComputeUnitOp
//===----------------------------------------------------------------------===//

namespace {

/// Fields as given: a rate is absent, unbounded (null) or a number.
struct GivenOpCost {
  std::optional<RationalAttr> rate;
  std::optional<double> energy;

  OpCostAttr orElse(OpCostAttr other) const {
    return OpCostAttr::get(other.getContext(),
                           rate ? *rate : other.getOpsPerCycle(),
                           energy ? APFloat(*energy) : other.getPjPerOp());
  }
};

} // namespace

ParseResult ComputeUnitOp::parse(OpAsmParser &parser, OperationState &result) {
  auto &properties = result.getOrAddProperties<Properties>();
  MLIRContext *context = parser.getContext();
  auto rateField = [&](GivenOpCost &given) {
    return [&] { return parseRate(parser, given.rate.emplace()); };
  };
  auto energyField = [&](GivenOpCost &given) {
    return [&] { return parseDecimal(parser, given.energy.emplace()); };
  };
  auto kindFields = [&](GivenOpCost &given) {
    return [&]() -> ParseResult {
      auto rate = rateField(given);
      auto energy = energyField(given);
      return parseFields(parser, "kind of einsum", AsmParser::Delimiter::Braces,
                         {{"ops_per_cycle", rate}, {"pj_per_op", energy}});
    };
  };
  GivenOpCost common, perKind[3];
  auto rate = rateField(common);
  auto energy = energyField(common);
  auto contraction = kindFields(perKind[0]);
  auto reduction = kindFields(perKind[1]);
  auto elementwise = kindFields(perKind[2]);
  auto leakage = [&] {
    return parseDecimalAttr(parser, properties.leakage_pj_per_cycle);
  };
  auto clock = [&] { return parseDecimalAttr(parser, properties.clock_hz); };
  if (parseFields(parser, "compute_unit", AsmParser::Delimiter::OptionalBraces,
                  {{"ops_per_cycle", rate},
                   {"pj_per_op", energy},
                   {"leakage_pj_per_cycle", leakage},
                   {"clock_hz", clock},
                   {"contraction", contraction},
                   {"reduction", reduction},
                   {"elementwise", elementwise}}))
    return failure();

  OpCostAttr base = common.orElse(
      OpCostAttr::get(context, RationalAttr::get(context, 1, 1), APFloat(0.0)));
  properties.contraction = perKind[0].orElse(base);
  properties.reduction = perKind[1].orElse(base);
  properties.elementwise = perKind[2].orElse(base);
  return parser.parseOptionalAttrDictWithKeyword(result.attributes);
}

void ComputeUnitOp::print(OpAsmPrinter &printer) {
  OpCostAttr base = getContraction();
  {
    FieldPrinter fields(printer);
    printRate(fields.add("ops_per_cycle"), base.getOpsPerCycle());
    fields.decimal("pj_per_op", base.getPjPerOp(), 0);
    fields.decimal("leakage_pj_per_cycle", getLeakagePjPerCycle(), 0);
    fields.decimal("clock_hz", getClockHz(), 1e9);
    for (auto [name, cost] : {std::pair("reduction", getReduction()),
                              std::pair("elementwise", getElementwise())}) {
      if (cost == base)
        continue;
      fields.add(name) << '{';
      bool otherRate = cost.getOpsPerCycle() != base.getOpsPerCycle();
      if (otherRate) {
        printer << "ops_per_cycle = ";
        printRate(printer, cost.getOpsPerCycle());
      }
      if (!cost.getPjPerOp().bitwiseIsEqual(base.getPjPerOp())) {
        printer << (otherRate ? ", " : "") << "pj_per_op = ";
        printDecimal(printer, cost.getPjPerOp());
      }
      printer << '}';
    }
  }
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getDiscardableAttrDictionary().getValue());
}

LogicalResult ComputeUnitOp::verify() {
  // (CU2)
  bool finite =
      getLeakagePjPerCycle().isFinite() && getClockHz().isFinite() &&
      llvm::all_of(
          ArrayRef{getContraction(), getReduction(), getElementwise()},
          [](OpCostAttr cost) { return cost.getPjPerOp().isFinite(); });
  if (!finite)
    return emitOpError("has a number that is not finite");
  return success();
}
