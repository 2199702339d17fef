//===- Register.cpp - Everything that a tool registers -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Pipelines/Register.h"

#include "looptree/Bridge/LinalgModels.h"
#include "looptree/Bridge/Register.h"
#include "looptree/IR/Dialect.h"
#include "looptree/Pipelines/ToLLVM.h"
#include "looptree/Transforms/Passes.h"

#include "mlir/IR/DialectRegistry.h"

void looptree::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<ir::LoopTreeDialect>();
  bridge::registerModelCheck(registry);
  bridge::registerLinalgModels(registry);
}

void looptree::registerPasses() {
  registerLoopTreePasses();
  registerPipelines();
}
