//===- Trace.h - The run of a mapping as a timeline -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_TOOLS_LOOPTREE_TRACE_H
#define LOOPTREE_TOOLS_LOOPTREE_TRACE_H

#include "looptree/Candidate/Candidate.h"

#include <string>

namespace looptree::driver {

/// The run as JSON of the trace event format, which Perfetto and Chrome show:
/// a slice for each visit of a leaf on its einsum's track, fills and drains on
/// the track of the level further out, and for each level a counter of the bits
/// in its windows. A transfer starts when its window opens or, later, when its
/// level's port is free; compute waits for none, as in latency. Slices last
/// ops / rate cycles, unrounded. A run of more than 100,000 events is
/// summarised: of a loop whose iterations are equal the first is shown, and one
/// slice stands for the others. Fails as evaluate() and schedule() do: a
/// mapping with a pipeline or spatial loops has no timeline.
Result<std::string> traceOf(const Candidate &candidate);

} // namespace looptree::driver

#endif // LOOPTREE_TOOLS_LOOPTREE_TRACE_H
