//===- RandomPayload.h - A random candidate as a module -*- C++ -*--------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_TRANSFORMS_RANDOMPAYLOAD_H
#define LOOPTREE_UNITTESTS_TRANSFORMS_RANDOMPAYLOAD_H

#include "RandomCandidate.h"

#include <optional>
#include <string>

namespace looptree::test {

/// A module with the candidate's workload as a function @payload of
/// linalg.generics on i64 and its copy @reference. Arguments and ops have the
/// names of tensors and einsums. Nothing when no such function reads as the
/// workload: an op writes to several places, or there is padding
/// that is not neutral, or an initial value at another index than the result's.
std::optional<std::string> payloadText(const Workload &workload);

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_TRANSFORMS_RANDOMPAYLOAD_H
