//===- Syntax.cpp - Pieces of assembly that several ops share ------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Syntax.h"

#include "looptree/Support/Rational.h"

#include "llvm/ADT/StringExtras.h"

#include <charconv>
#include <cmath>

using namespace mlir;

namespace looptree::ir {

/// The text of a number as written. MLIR's parser gives a double for a literal
/// with a point, which would round a rate; the literal itself is still there.
static ParseResult parseNumberText(AsmParser &parser, std::string &text) {
  if (succeeded(parser.parseOptionalMinus()))
    text = "-";
  APInt integer;
  OptionalParseResult asInteger = parser.parseOptionalDecimalInteger(integer);
  if (asInteger.has_value()) {
    if (failed(*asInteger))
      return failure();
    text += llvm::toString(integer, 10, /*Signed=*/false);
    return success();
  }
  SMLoc start = parser.getCurrentLocation();
  double rounded;
  if (parser.parseFloat(rounded))
    return failure();
  const char *end = start.getPointer();
  while (llvm::isDigit(*end) || *end == '.')
    ++end;
  if (*end == 'e' || *end == 'E') {
    const char *exponent = end + 1;
    if (*exponent == '-' || *exponent == '+')
      ++exponent;
    if (llvm::isDigit(*exponent)) {
      end = exponent;
      while (llvm::isDigit(*end))
        ++end;
    }
  }
  text.append(start.getPointer(), end);
  return success();
}

ParseResult parseDecimal(AsmParser &parser, double &value) {
  SMLoc loc = parser.getCurrentLocation();
  std::string text;
  if (parseNumberText(parser, text))
    return failure();
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  // "1." is a literal of MLIR's but leaves nothing after its point.
  bool whole = end == text.data() + text.size();
  if (error != std::errc() || !whole || !std::isfinite(value))
    return parser.emitError(loc, "'") << text << "' is not a finite number";
  return success();
}

FailureOr<APFloat> parseDecimalParameter(AsmParser &parser) {
  double value;
  if (parseDecimal(parser, value))
    return failure();
  return APFloat(value);
}

void printDecimal(AsmPrinter &printer, double value) {
  char buffer[64];
  char *end = buffer;
  if (value == std::floor(value) && std::fabs(value) < 1e15) {
    end = std::to_chars(buffer, buffer + sizeof(buffer), int64_t(value)).ptr;
    printer << StringRef(buffer, end - buffer);
    return;
  }
  end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  StringRef text(buffer, end - buffer);
  // A literal of MLIR's has a point before its exponent.
  auto [mantissa, exponent] = text.split('e');
  printer << mantissa;
  if (!mantissa.contains('.'))
    printer << ".0";
  if (!exponent.empty())
    printer << 'e' << exponent;
}

void printDecimal(AsmPrinter &printer, const APFloat &value) {
  printDecimal(printer, value.convertToDouble());
}

ParseResult parseRational(AsmParser &parser, RationalAttr &value) {
  SMLoc loc = parser.getCurrentLocation();
  std::string text;
  if (parseNumberText(parser, text))
    return failure();
  if (succeeded(parser.parseOptionalSlash())) {
    text += '/';
    std::string denominator;
    if (parseNumberText(parser, denominator))
      return failure();
    text += denominator;
  }
  Result<Rational> rational = Rational::parse(text);
  if (!rational)
    return parser.emitError(loc, rational.error().message);
  value = RationalAttr::get(parser.getContext(), rational->num, rational->den);
  return success();
}

void printRational(AsmPrinter &printer, RationalAttr value) {
  printer << Rational{value.getNum(), value.getDen()}.str();
}

ParseResult parseRate(AsmParser &parser, RationalAttr &value) {
  if (succeeded(parser.parseOptionalKeyword("unbounded"))) {
    value = {};
    return success();
  }
  return parseRational(parser, value);
}

void printRate(AsmPrinter &printer, RationalAttr value) {
  if (value)
    printRational(printer, value);
  else
    printer << "unbounded";
}

ParseResult parseFields(AsmParser &parser, StringRef what,
                        AsmParser::Delimiter delimiter,
                        ArrayRef<Field> fields) {
  SmallVector<StringRef> seen;
  return parser.parseCommaSeparatedList(delimiter, [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    const Field *field = llvm::find_if(
        fields, [&](const Field &known) { return known.name == name; });
    if (field == fields.end()) {
      InFlightDiagnostic error = parser.emitError(loc, "unknown field '")
                                 << name << "' of a " << what << "; it has ";
      llvm::interleaveComma(fields, error,
                            [&](const Field &known) { error << known.name; });
      return error;
    }
    if (llvm::is_contained(seen, name))
      return parser.emitError(loc, "field '") << name << "' is given twice";
    seen.push_back(field->name);
    return failure(failed(parser.parseEqual()) || failed(field->parse()));
  });
}

ParseResult parseName(OpAsmParser &parser, StringAttr &name) {
  std::string text;
  if (parser.parseKeywordOrString(&text))
    return failure();
  name = parser.getBuilder().getStringAttr(text);
  return success();
}

void printName(OpAsmPrinter &printer, Operation *, StringAttr name) {
  printer.printKeywordOrString(name.getValue());
}

ParseResult parseNameList(OpAsmParser &parser, ArrayAttr &names) {
  SmallVector<Attribute> list;
  do {
    StringAttr name;
    if (parser.parseSymbolName(name))
      return failure();
    list.push_back(name);
  } while (succeeded(parser.parseOptionalComma()));
  names = parser.getBuilder().getArrayAttr(list);
  return success();
}

void printNameList(OpAsmPrinter &printer, Operation *, ArrayAttr names) {
  llvm::interleaveComma(
      names.getAsRange<StringAttr>(), printer,
      [&](StringAttr name) { printer.printSymbolName(name.getValue()); });
}

} // namespace looptree::ir
