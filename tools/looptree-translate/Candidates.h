//===- Candidates.h - Candidate files to modules and back -----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TOOLS_TRANSLATE_CANDIDATES_H
#define LOOPTREE_TOOLS_TRANSLATE_CANDIDATES_H

namespace looptree {

/// --candidate-to-mlir: the architecture, workload and mapping ops of a
/// candidate. --mlir-to-candidate: one line of JSON for each mapping of a
/// module. A candidate that goes there and back is the same.
void registerCandidateTranslations();

} // namespace looptree

#endif // LOOPTREE_TOOLS_TRANSLATE_CANDIDATES_H
