//===- Sanitize.h - Checked loads and stores -*- C++ -*- ----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_RUNNER_SANITIZE_H
#define LOOPTREE_LIB_RUNNER_SANITIZE_H

#include "llvm/IR/Module.h"

namespace looptree::runner {

/// In a program built with AddressSanitizer or ThreadSanitizer, has it check
/// every load and store of the module, as if the module had been compiled so;
/// else does nothing.
void sanitize(llvm::Module &module);

} // namespace looptree::runner

#endif // LOOPTREE_LIB_RUNNER_SANITIZE_H
