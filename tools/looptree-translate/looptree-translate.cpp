//===- looptree-translate.cpp - Between modules and other files -----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Candidates.h"

#include "mlir/Support/LogicalResult.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  looptree::registerCandidateTranslations();
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "LoopTree translation driver"));
}
