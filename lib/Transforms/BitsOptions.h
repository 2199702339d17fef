//===- BitsOptions.h - How many bits an element has -*- C++ -*-------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_TRANSFORMS_BITSOPTIONS_H
#define LOOPTREE_LIB_TRANSFORMS_BITSOPTIONS_H

#include "looptree/Bridge/Import.h"

#include "mlir/IR/Diagnostics.h"

namespace looptree {

/// The options `element-bits` and `accumulator-bits` of a pass, 0 standing for
/// none; an error when one is below 0.
inline mlir::FailureOr<bridge::ImportOptions>
bitsOptions(mlir::Location loc, llvm::StringRef pass, int64_t elementBits,
            int64_t accumulatorBits) {
  bridge::ImportOptions options;
  auto read = [&](llvm::StringRef name, int64_t bits,
                  std::optional<int64_t> &to) -> llvm::LogicalResult {
    if (bits < 0)
      return mlir::emitError(loc) << pass << ": " << name << " is " << bits
                                  << "; it must be at least 1, or 0";
    if (bits > 0)
      to = bits;
    return mlir::success();
  };
  if (failed(read("element-bits", elementBits, options.elementBits)) ||
      failed(
          read("accumulator-bits", accumulatorBits, options.accumulatorBits)))
    return mlir::failure();
  return options;
}

} // namespace looptree

#endif // LOOPTREE_LIB_TRANSFORMS_BITSOPTIONS_H
