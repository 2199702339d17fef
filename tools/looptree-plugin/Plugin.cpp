//===- Plugin.cpp - The dialect and passes for a stock mlir-opt ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     mlir-opt --load-dialect-plugin=LoopTreePlugin.so \
//              --load-pass-plugin=LoopTreePlugin.so model.mlir \
//              --pass-pipeline='builtin.module(fuse-layers,estimate-cost)'
//
//===----------------------------------------------------------------------===//

#include "looptree/Pipelines/Register.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Compiler.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "LoopTree", LLVM_VERSION_STRING,
          [](mlir::DialectRegistry *registry) {
            looptree::registerDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "LoopTree", LLVM_VERSION_STRING,
          [] { looptree::registerPasses(); }};
}
