//===- Passes.h - Passes of LoopTree -*- C++ -*- --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/Passes.md describes every pass with its options.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TRANSFORMS_PASSES_H
#define LOOPTREE_TRANSFORMS_PASSES_H

#include "looptree/Cost/Convention.h"
#include "looptree/Explorer/Network.h"
#include "looptree/IR/Dialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace looptree {

enum class ReportFormat { None, Table, Json };

#define GEN_PASS_DECL
#include "looptree/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "looptree/Transforms/Passes.h.inc"

} // namespace looptree

#endif // LOOPTREE_TRANSFORMS_PASSES_H
