//===- WorkloadOps.cpp - Tensors, einsums and barriers -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/LinearTerms.h"
#include "looptree/IR/ModelCheck.h"

#include "Syntax.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace looptree::ir;

//===----------------------------------------------------------------------===//
// WorkloadOp
//===----------------------------------------------------------------------===//

LogicalResult WorkloadOp::verifyRegions() {
  // (WL1)
  llvm::DenseMap<StringAttr, TensorOp> tensors;
  for (Operation &op : bodyOf(getBody())) {
    if (auto tensor = dyn_cast<TensorOp>(op)) {
      // (WL2); of einsums, the symbol table checks it.
      auto [first, isNew] =
          tensors.try_emplace(tensor.getTensorNameAttr(), tensor);
      if (!isNew) {
        InFlightDiagnostic error = tensor.emitOpError()
                                   << "is the second tensor named @"
                                   << tensor.getTensorName();
        error.attachNote(first->second.getLoc()) << "the first is here";
        return error;
      }
    } else if (!isa<EinsumOp, BarrierOp>(op)) {
      return op.emitOpError("has no place in a workload");
    }
  }

  // (WL3)
  for (auto einsum : getBody().getOps<EinsumOp>()) {
    auto check = [&](AccessAttr access) -> LogicalResult {
      TensorOp tensor = tensors.lookup(access.getTensor());
      if (!tensor)
        return einsum.emitOpError()
               << "names @" << access.getTensor().getValue()
               << ", which is no tensor of @" << getSymName();
      if (access.getIndex().size() == tensor.getShape().size())
        return success();
      InFlightDiagnostic error =
          einsum.emitOpError()
          << "has an access of @" << tensor.getTensorName() << " with "
          << access.getIndex().size() << " expressions, but the tensor has "
          << tensor.getShape().size() << " dimensions";
      error.attachNote(tensor.getLoc()) << "the tensor is here";
      return error;
    };
    if (failed(check(einsum.getWrite())))
      return failure();
    for (auto read : einsum.getReads().getAsRange<AccessAttr>())
      if (failed(check(read)))
        return failure();
  }

  // (WL4) to (WL7)
  auto *model =
      (*this)->getDialect()->getRegisteredInterface<ModelCheckInterface>();
  return model ? model->checkWorkload(*this) : success();
}

LogicalResult WorkloadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FlatSymbolRefAttr payload = getPayloadAttr();
  if (payload && !symbols.lookupSymbolIn((*this)->getParentOp(), payload))
    return emitOpError() << "is read from " << payload
                         << ", which does not exist";
  return success();
}

//===----------------------------------------------------------------------===//
// TensorOp
//===----------------------------------------------------------------------===//

LogicalResult TensorOp::verify() {
  // (TN1)
  for (int64_t extent : getShape())
    if (extent < 1)
      return emitOpError() << "has extent " << extent
                           << "; it must be at least 1";
  for (std::optional<int64_t> bits : {std::optional<int64_t>(getBits()),
                                      std::optional<int64_t>(getPartialBits())})
    if (bits && *bits < 1)
      return emitOpError() << "has elements of " << *bits
                           << " bits; they must have at least 1";
  return success();
}

//===----------------------------------------------------------------------===//
// EinsumOp
//===----------------------------------------------------------------------===//

namespace {

/// Reads and prints expressions over the ranks of one einsum.
class AccessParser {
public:
  AccessParser(OpAsmParser &parser, ArrayRef<Attribute> rankNames)
      : parser(parser) {
    for (auto [index, name] : llvm::enumerate(rankNames))
      ranks.try_emplace(cast<StringAttr>(name).getValue(), index);
    rankCount = rankNames.size();
  }

  /// `@Mid[c, 2*p + r - 1]`
  ParseResult parse(AccessAttr &access, bool isInit) {
    StringAttr tensor;
    SmallVector<AffineExpr> index;
    if (parser.parseSymbolName(tensor) ||
        parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
          return parseExpr(index.emplace_back());
        }))
      return failure();
    MLIRContext *context = parser.getContext();
    auto map = AffineMap::get(rankCount, 0, index, context);
    access = AccessAttr::get(context, tensor, AffineMapAttr::get(map), isInit);
    return success();
  }

private:
  ParseResult parseExpr(AffineExpr &expr) {
    LinearTerms terms(rankCount);
    bool negative = succeeded(parser.parseOptionalMinus());
    while (true) {
      if (parseTerm(negative, terms))
        return failure();
      if (succeeded(parser.parseOptionalPlus()))
        negative = false;
      else if (succeeded(parser.parseOptionalMinus()))
        negative = true;
      else
        break;
    }
    expr = terms.toAffineExpr(parser.getContext());
    return success();
  }

  /// `3`, `3*p`, `p*3` or `p`, added to `terms`.
  ParseResult parseTerm(bool negative, LinearTerms &terms) {
    SMLoc loc = parser.getCurrentLocation();
    int64_t factor = 1;
    OptionalParseResult number = parser.parseOptionalInteger(factor);
    if (number.has_value() && failed(*number))
      return failure();
    std::optional<unsigned> rank;
    if (!number.has_value() || succeeded(parser.parseOptionalStar())) {
      if (parseRank(rank.emplace()))
        return failure();
      if (!number.has_value() && succeeded(parser.parseOptionalStar()) &&
          parser.parseInteger(factor))
        return failure();
    }
    int64_t &sum = rank ? terms.coefficients[*rank] : terms.constant;
    if (negative ? llvm::SubOverflow(sum, factor, sum)
                 : llvm::AddOverflow(sum, factor, sum))
      return parser.emitError(loc, "the sum exceeds 64 bit");
    return success();
  }

  ParseResult parseRank(unsigned &rank) {
    SMLoc loc = parser.getCurrentLocation();
    std::string name;
    if (parser.parseKeywordOrString(&name))
      return failure();
    auto found = ranks.find(name);
    if (found == ranks.end())
      return parser.emitError(loc, "'")
             << name << "' is not a rank of the einsum";
    rank = found->second;
    return success();
  }

  OpAsmParser &parser;
  llvm::StringMap<unsigned> ranks;
  unsigned rankCount;
};

} // namespace

static ParseResult parseRanks(OpAsmParser &parser,
                              SmallVectorImpl<Attribute> &names,
                              SmallVectorImpl<int64_t> &extents) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&] {
    StringAttr name;
    if (parseName(parser, name) || parser.parseEqual() ||
        parser.parseInteger(extents.emplace_back()))
      return ParseResult(failure());
    names.push_back(name);
    return ParseResult(success());
  });
}

ParseResult EinsumOp::parse(OpAsmParser &parser, OperationState &result) {
  auto &properties = result.getOrAddProperties<Properties>();
  if (parser.parseSymbolName(properties.sym_name))
    return failure();

  EinsumKind kind = EinsumKind::Contraction;
  SMLoc kindLoc = parser.getCurrentLocation();
  StringRef kindName;
  if (succeeded(parser.parseOptionalKeyword(&kindName))) {
    std::optional<EinsumKind> named = symbolizeEinsumKind(kindName);
    if (!named)
      return parser.emitError(kindLoc, "'")
             << kindName << "' is no kind of einsum; kinds are contraction, "
             << "reduction, elementwise";
    kind = *named;
  }
  properties.kind = EinsumKindAttr::get(parser.getContext(), kind);

  SmallVector<Attribute> names;
  SmallVector<int64_t> extents;
  if (parseRanks(parser, names, extents))
    return failure();
  properties.rank_names = parser.getBuilder().getArrayAttr(names);
  properties.extents = parser.getBuilder().getDenseI64ArrayAttr(extents);

  AccessParser accesses(parser, names);
  if (parser.parseKeyword("writes") ||
      accesses.parse(properties.write, /*isInit=*/false))
    return failure();
  SmallVector<Attribute> reads;
  if (succeeded(parser.parseOptionalKeyword("reads"))) {
    do {
      bool isInit = succeeded(parser.parseOptionalKeyword("init"));
      AccessAttr read;
      if (accesses.parse(read, isInit))
        return failure();
      reads.push_back(read);
    } while (succeeded(parser.parseOptionalComma()));
  }
  properties.reads = parser.getBuilder().getArrayAttr(reads);
  return parser.parseOptionalAttrDictWithKeyword(result.attributes);
}

static void printExpr(OpAsmPrinter &printer, AffineExpr expr,
                      ArrayAttr rankNames) {
  std::optional<LinearTerms> terms = LinearTerms::of(expr, rankNames.size());
  assert(terms && "the verifier admits sums of ranks only");
  bool first = true;
  auto sign = [&](bool negative) {
    if (!first)
      printer << (negative ? " - " : " + ");
    else if (negative)
      printer << '-';
    first = false;
  };
  for (auto [rank, coefficient] : llvm::enumerate(terms->coefficients)) {
    if (coefficient == 0)
      continue;
    sign(coefficient < 0);
    if (coefficient != 1)
      printer << llvm::AbsoluteValue(coefficient) << '*';
    printer.printKeywordOrString(cast<StringAttr>(rankNames[rank]).getValue());
  }
  if (terms->constant == 0 && !first)
    return;
  sign(terms->constant < 0);
  printer << llvm::AbsoluteValue(terms->constant);
}

static void printAccess(OpAsmPrinter &printer, AccessAttr access,
                        ArrayAttr rankNames) {
  if (access.getIsInit())
    printer << "init ";
  printer.printSymbolName(access.getTensor().getValue());
  printer << '[';
  llvm::interleaveComma(access.getIndex(), printer, [&](AffineExpr expr) {
    printExpr(printer, expr, rankNames);
  });
  printer << ']';
}

void EinsumOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  if (getKind() != EinsumKind::Contraction)
    printer << ' ' << stringifyEinsumKind(getKind());
  printer << " (";
  ArrayAttr names = getRankNames();
  llvm::interleaveComma(
      llvm::zip_equal(names.getAsRange<StringAttr>(), getExtents()), printer,
      [&](auto rank) {
        printer.printKeywordOrString(std::get<0>(rank).getValue());
        printer << " = " << std::get<1>(rank);
      });
  printer << ") writes ";
  printAccess(printer, getWrite(), names);
  if (!getReads().empty()) {
    printer << " reads ";
    llvm::interleaveComma(
        getReads().getAsRange<AccessAttr>(), printer,
        [&](AccessAttr read) { printAccess(printer, read, names); });
  }
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getDiscardableAttrDictionary().getValue());
}

LogicalResult EinsumOp::verify() {
  // (EI1)
  ArrayRef<int64_t> extents = getExtents();
  if (getRankNames().size() != extents.size())
    return emitOpError() << "has " << getRankNames().size() << " ranks and "
                         << extents.size() << " extents";
  llvm::StringSet<> names;
  for (auto [name, extent] :
       llvm::zip_equal(getRankNames().getAsRange<StringAttr>(), extents)) {
    if (!names.insert(name.getValue()).second)
      return emitOpError() << "has two ranks named " << name.getValue();
    if (extent < 1)
      return emitOpError() << "has rank " << name.getValue() << " of extent "
                           << extent << "; it must be at least 1";
  }

  auto check = [&](AccessAttr access) -> LogicalResult {
    auto error = [&] {
      return emitOpError() << "has an access of @"
                           << access.getTensor().getValue() << ' ';
    };
    // (EI2)
    if (access.getMap().getValue().getNumDims() != extents.size())
      return error() << "over " << access.getMap().getValue().getNumDims()
                     << " ranks instead of " << extents.size();
    llvm::SmallBitVector used(extents.size());
    for (AffineExpr expr : access.getIndex()) {
      std::optional<LinearTerms> terms = LinearTerms::of(expr, extents.size());
      if (!terms)
        return error() << "whose expression "
                       << AffineMapAttr::get(
                              AffineMap::get(extents.size(), 0, expr))
                       << " is not a sum of ranks times coefficients";
      for (auto [rank, coefficient] : llvm::enumerate(terms->coefficients)) {
        StringRef name = cast<StringAttr>(getRankNames()[rank]).getValue();
        if (coefficient < 0)
          return error() << "in which rank " << name << " has coefficient "
                         << coefficient << "; it must be above 0";
        // (EI3)
        if (coefficient != 0 && used.test(rank))
          return error() << "with rank " << name << " in two dimensions";
        if (coefficient != 0)
          used.set(rank);
      }
    }
    return success();
  };
  // (EI4)
  if (getWrite().getIsInit())
    return emitOpError("writes to an init");
  if (failed(check(getWrite())))
    return failure();
  for (auto read : getReads().getAsRange<AccessAttr>())
    if (failed(check(read)))
      return failure();
  return success();
}

std::optional<unsigned> EinsumOp::findRank(StringRef name) {
  for (auto [index, rank] :
       llvm::enumerate(getRankNames().getAsRange<StringAttr>()))
    if (rank.getValue() == name)
      return index;
  return std::nullopt;
}
