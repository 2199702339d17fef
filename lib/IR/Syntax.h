//===- Syntax.h - Pieces of assembly that several ops share -*- C++ -*----===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_IR_SYNTAX_H
#define LOOPTREE_LIB_IR_SYNTAX_H

#include "looptree/IR/Ops.h"

#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace looptree::ir {

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// A decimal number, finite, integer or not: `64`, `0.3`, `1.5e3`, `-1`.
mlir::ParseResult parseDecimal(mlir::AsmParser &parser, double &value);
mlir::FailureOr<llvm::APFloat> parseDecimalParameter(mlir::AsmParser &parser);
/// The shortest text that parseDecimal() reads as the same value.
void printDecimal(mlir::AsmPrinter &printer, double value);
void printDecimal(mlir::AsmPrinter &printer, const llvm::APFloat &value);

/// An exact rate: a decimal taken as written, or `numerator / denominator`.
mlir::ParseResult parseRational(mlir::AsmParser &parser, RationalAttr &value);
void printRational(mlir::AsmPrinter &printer, RationalAttr value);

/// A rate or `unbounded`, which is null.
mlir::ParseResult parseRate(mlir::AsmParser &parser, RationalAttr &value);
void printRate(mlir::AsmPrinter &printer, RationalAttr value);

//===----------------------------------------------------------------------===//
// Fields: `{name = value, ...}`
//===----------------------------------------------------------------------===//

struct Field {
  llvm::StringRef name;
  /// Parses what follows `name =`.
  llvm::function_ref<mlir::ParseResult()> parse;
};

/// Fields in any order, none twice, in the given brackets. `what` names their
/// owner in errors ("level").
mlir::ParseResult parseFields(mlir::AsmParser &parser, llvm::StringRef what,
                              mlir::AsmParser::Delimiter delimiter,
                              llvm::ArrayRef<Field> fields);

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// A rank: a bare identifier, or a string where it is not one.
mlir::ParseResult parseName(mlir::OpAsmParser &parser, mlir::StringAttr &name);
void printName(mlir::OpAsmPrinter &printer, mlir::Operation *op,
               mlir::StringAttr name);

/// `@a, @b`: names of tensors.
mlir::ParseResult parseNameList(mlir::OpAsmParser &parser,
                                mlir::ArrayAttr &names);
void printNameList(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                   mlir::ArrayAttr names);

} // namespace looptree::ir

#endif // LOOPTREE_LIB_IR_SYNTAX_H
