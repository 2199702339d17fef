//===- Sanitize.cpp - Checked loads and stores --------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sanitize.h"

#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Instrumentation/AddressSanitizer.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"

using namespace llvm;

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

static constexpr bool checksAddresses = __has_feature(address_sanitizer);
static constexpr bool checksThreads = __has_feature(thread_sanitizer);

void looptree::runner::sanitize(Module &module) {
  if (!checksAddresses && !checksThreads)
    return;
  for (Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(checksAddresses ? Attribute::SanitizeAddress
                                         : Attribute::SanitizeThread);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager passes;
  // Either runtime has been started by the program.
  if (checksAddresses)
    passes.addPass(AddressSanitizerPass(
        AddressSanitizerOptions(), /*UseGlobalGC=*/false,
        /*UseOdrIndicator=*/false, AsanDtorKind::None, AsanCtorKind::None));
  else
    passes.addPass(createModuleToFunctionPassAdaptor(ThreadSanitizerPass()));
  passes.run(module, modules);
}
