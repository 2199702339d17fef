//===- engine-opt.cpp - looptree-opt with the engine's pass ----------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerToEngine.h"

#include "looptree/Pipelines/Register.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  looptree::registerDialects(registry);
  looptree::registerPasses();
  registerLowerToEngine();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Compiler of the engine\n", registry));
}
