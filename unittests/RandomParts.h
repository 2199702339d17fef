//===- RandomParts.h - The parts of a random candidate -------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_RANDOMPARTS_H
#define LOOPTREE_UNITTESTS_RANDOMPARTS_H

#include "Random.h"
#include "RandomCandidate.h"

namespace looptree::test {

Workload randomWorkload(Random &random, const RandomOptions &options);
Arch randomArch(Random &random, const RandomOptions &options);
/// A legal tree.
Mapping randomMapping(Random &random, const Workload &workload,
                      const Arch &arch, const RandomOptions &options);

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_RANDOMPARTS_H
