//===- SanitizerDefaults.cpp - For programs that link a plain MLIR --------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's allocators, inlined into our code, poison memory that the installed
// libraries, built without the sanitizer, use later without unpoisoning it.
//
//===----------------------------------------------------------------------===//

extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}

// MLIR's async runtime counts who holds a token in atomics that
// ThreadSanitizer does not see.
extern "C" const char *__tsan_default_suppressions() {
  return "race:mlirAsyncRuntime\n";
}
