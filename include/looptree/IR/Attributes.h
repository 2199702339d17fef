//===- Attributes.h - Attributes and enumerations -*- C++ -*--------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_IR_ATTRIBUTES_H
#define LOOPTREE_IR_ATTRIBUTES_H

#include "looptree/IR/Dialect.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"

#include "looptree/IR/LoopTreeEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "looptree/IR/LoopTreeAttrs.h.inc"

#endif // LOOPTREE_IR_ATTRIBUTES_H
