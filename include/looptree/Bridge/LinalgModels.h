//===- LinalgModels.h - Linalg ops as einsums -*- C++ -*------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_LINALGMODELS_H
#define LOOPTREE_BRIDGE_LINALGMODELS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace looptree::bridge {

/// Gives EinsumOpInterface to every structured op of linalg, named or generic,
/// wherever the linalg dialect is loaded.
void registerLinalgModels(mlir::DialectRegistry &registry);

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_LINALGMODELS_H
