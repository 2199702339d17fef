//===- ImportNames.h - Names for people -*- C++ -*------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_BRIDGE_IMPORTNAMES_H
#define LOOPTREE_LIB_BRIDGE_IMPORTNAMES_H

#include "looptree/IR/EinsumOpInterface.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringSet.h"

#include <string>
#include <vector>

namespace looptree::bridge {

/// The name in a location, such as `layer1.0.conv1` of
/// loc("layer1.0.conv1"), or an empty one.
llvm::StringRef nameIn(mlir::Location loc);

/// Names of one kind: each at most once, and all such that they stand in IR
/// without quotes.
class UniqueNames {
public:
  std::string add(llvm::StringRef wish);

private:
  llvm::StringSet<> taken;
};

/// A name for each rank, by what it does: of a convolution p and q for the
/// output's rows and columns, r and s for the window, m and c for channels
/// written and read; of a matrix product m, n and k; else i, j, ...
std::vector<std::string> nameRanks(const ir::EinsumDescription &einsum);

} // namespace looptree::bridge

#endif // LOOPTREE_LIB_BRIDGE_IMPORTNAMES_H
