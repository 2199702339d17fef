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
/// steps / rate cycles, unrounded: the last one ends at the latency of compute
/// or less than a cycle before. A run of more than 100,000 events is
/// summarised: of iterations that are equal the first is shown, and one slice
/// on each track stands for the others. Fails as timeline() does.
Result<std::string> traceOf(const Candidate &candidate, Convention convention);

} // namespace looptree::driver

#endif // LOOPTREE_TOOLS_LOOPTREE_TRACE_H
