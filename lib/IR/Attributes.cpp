//===- Attributes.cpp - Attributes of the looptree dialect ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/Attributes.h"

#include "Syntax.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace mlir;
using namespace looptree::ir;

//===----------------------------------------------------------------------===//
// Lists of attributes: `[<...>, <...>]`
//===----------------------------------------------------------------------===//

template <typename AttrT>
static ParseResult parseAttrList(AsmParser &parser, SmallVector<AttrT> &list) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    auto element =
        dyn_cast_if_present<AttrT>(AttrT::parse(parser, /*type=*/Type()));
    if (!element)
      return ParseResult(failure());
    list.push_back(element);
    return ParseResult(success());
  });
}

template <typename AttrT>
static void printAttrList(AsmPrinter &printer, ArrayRef<AttrT> list) {
  printer << '[';
  llvm::interleaveComma(list, printer,
                        [&](AttrT element) { element.print(printer); });
  printer << ']';
}

#include "looptree/IR/LoopTreeEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "looptree/IR/LoopTreeAttrs.cpp.inc"

void LoopTreeDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "looptree/IR/LoopTreeAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Rational
//===----------------------------------------------------------------------===//

Attribute RationalAttr::parse(AsmParser &parser, Type) {
  RationalAttr value;
  if (parser.parseLess() || parseRational(parser, value) ||
      parser.parseGreater())
    return {};
  return value;
}

void RationalAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printRational(printer, *this);
  printer << '>';
}

LogicalResult RationalAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t num, int64_t den) {
  // (R1)
  if (den < 1 || std::gcd(num, den) != 1)
    return emitError() << num << '/' << den << " is not in lowest terms with a "
                       << "denominator of at least 1";
  return success();
}

//===----------------------------------------------------------------------===//
// OpCost
//===----------------------------------------------------------------------===//

Attribute OpCostAttr::parse(AsmParser &parser, Type) {
  MLIRContext *context = parser.getContext();
  RationalAttr rate = RationalAttr::get(context, 1, 1);
  double energy = 0;
  auto parseOpsPerCycle = [&] { return parseRate(parser, rate); };
  auto parsePjPerOp = [&] { return parseDecimal(parser, energy); };
  if (parseFields(
          parser, "kind of einsum", AsmParser::Delimiter::LessGreater,
          {{"ops_per_cycle", parseOpsPerCycle}, {"pj_per_op", parsePjPerOp}}))
    return {};
  return OpCostAttr::get(context, rate, APFloat(energy));
}

void OpCostAttr::print(AsmPrinter &printer) const {
  printer << "<ops_per_cycle = ";
  printRate(printer, getOpsPerCycle());
  printer << ", pj_per_op = ";
  printDecimal(printer, getPjPerOp());
  printer << '>';
}

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

Attribute AccessAttr::parse(AsmParser &parser, Type) {
  StringAttr tensor;
  AffineMapAttr map;
  if (parser.parseLess() || parser.parseSymbolName(tensor) ||
      parser.parseComma() || parser.parseAttribute(map))
    return {};
  bool isInit = false;
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("init"))
      return {};
    isInit = true;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<AccessAttr>(parser.getContext(), tensor, map,
                                       isInit);
}

void AccessAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printSymbolName(getTensor().getValue());
  printer << ", " << getMap();
  if (getIsInit())
    printer << ", init";
  printer << '>';
}

LogicalResult AccessAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringAttr tensor, AffineMapAttr map, bool) {
  // (A1)
  if (map.getValue().getNumSymbols() != 0)
    return emitError() << "the access of @" << tensor.getValue()
                       << " has symbols";
  return success();
}
