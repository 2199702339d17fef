//===- Ops.cpp - Generated code of the ops, and its directives -----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/Ops.h"

#include "Syntax.h"

using namespace mlir;
using namespace looptree::ir;

/// `i8`, as 8. Written like an integer type; any width is one.
static ParseResult parseBits(OpAsmParser &parser, IntegerAttr &bits) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef text;
  if (parser.parseKeyword(&text))
    return failure();
  int64_t value;
  if (!text.consume_front("i") || text.getAsInteger(10, value))
    return parser.emitError(loc, "expected the bits of an element, such as i8");
  bits = parser.getBuilder().getI64IntegerAttr(value);
  return success();
}

static void printBits(OpAsmPrinter &printer, Operation *, IntegerAttr bits) {
  printer << 'i' << bits.getInt();
}

static ParseResult parseShapeAndBits(OpAsmParser &parser,
                                     DenseI64ArrayAttr &shape,
                                     IntegerAttr &bits) {
  SmallVector<int64_t> extents;
  if (parser.parseDimensionList(extents, /*allowDynamic=*/false,
                                /*withTrailingX=*/true))
    return failure();
  shape = parser.getBuilder().getDenseI64ArrayAttr(extents);
  return parseBits(parser, bits);
}

static void printShapeAndBits(OpAsmPrinter &printer, Operation *op,
                              DenseI64ArrayAttr shape, IntegerAttr bits) {
  for (int64_t extent : shape.asArrayRef())
    printer << extent << 'x';
  printBits(printer, op, bits);
}

static ParseResult parseKind(OpAsmParser &parser, TensorKindAttr &kind) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef text;
  if (parser.parseKeyword(&text))
    return failure();
  std::optional<TensorKind> value = symbolizeTensorKind(text);
  if (!value)
    return parser.emitError(loc, "'")
           << text << "' is no kind of tensor; kinds are input, intermediate, "
           << "output";
  kind = TensorKindAttr::get(parser.getContext(), *value);
  return success();
}

static void printKind(OpAsmPrinter &printer, Operation *, TensorKindAttr kind) {
  printer << stringifyTensorKind(kind.getValue());
}

/// `[<...>, <...>]` of buffer costs, without the name of the attribute.
static ParseResult parseCostList(OpAsmParser &parser, ArrayAttr &costs) {
  SmallVector<Attribute> list;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        Attribute cost = BufferCostAttr::parse(parser, /*type=*/Type());
        list.push_back(cost);
        return success(bool(cost));
      }))
    return failure();
  costs = parser.getBuilder().getArrayAttr(list);
  return success();
}

static void printCostList(OpAsmPrinter &printer, Operation *, ArrayAttr costs) {
  printer << '[';
  llvm::interleaveComma(costs.getAsRange<BufferCostAttr>(), printer,
                        [&](BufferCostAttr cost) { cost.print(printer); });
  printer << ']';
}

static ParseResult parseRole(OpAsmParser &parser, PlanRoleAttr &role) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef text;
  if (parser.parseKeyword(&text))
    return failure();
  std::optional<PlanRole> value = symbolizePlanRole(text);
  if (!value)
    return parser.emitError(loc, "'")
           << text << "' is no role of a plan; roles are fused, "
           << "layer_by_layer, op_by_op";
  role = PlanRoleAttr::get(parser.getContext(), *value);
  return success();
}

static void printRole(OpAsmPrinter &printer, Operation *, PlanRoleAttr role) {
  printer << stringifyPlanRole(role.getValue());
}

#define GET_OP_CLASSES
#include "looptree/IR/LoopTreeOps.cpp.inc"

// Inside their regions the prefix `looptree.` may be left out.
StringRef ArchOp::getDefaultDialect() { return "looptree"; }
StringRef WorkloadOp::getDefaultDialect() { return "looptree"; }
StringRef MappingOp::getDefaultDialect() { return "looptree"; }
StringRef ForOp::getDefaultDialect() { return "looptree"; }
StringRef SpatialForOp::getDefaultDialect() { return "looptree"; }
StringRef SequentialOp::getDefaultDialect() { return "looptree"; }
StringRef PipelineOp::getDefaultDialect() { return "looptree"; }
StringRef PlanOp::getDefaultDialect() { return "looptree"; }
