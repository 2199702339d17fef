//===- check-module.cpp - A program with the dialect and passes ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads a module, runs a pipeline of LoopTree's passes by their names and
// prints how many mappings the module holds, and how many of them with a cost.
//
//     check-module FILE PIPELINE
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/Ops.h"
#include "looptree/Pipelines/Register.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  looptree::registerDialects(registry);
  looptree::registerPasses();
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
  mlir::PassManager passes(&context);
  if (!module || mlir::failed(mlir::parsePassPipeline(argv[2], passes)) ||
      mlir::failed(passes.run(*module)))
    return 1;
  int mappings = 0, withCost = 0;
  module->walk([&](looptree::ir::MappingOp mapping) {
    ++mappings;
    withCost += mapping.getCost().has_value();
  });
  std::printf("%d mappings, %d with a cost\n", mappings, withCost);
  return 0;
}
