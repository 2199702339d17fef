//===- Simulated.h - Reports of candidates written as text ---- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_REFERENCE_SIMULATED_H
#define LOOPTREE_UNITTESTS_REFERENCE_SIMULATED_H

#include "RandomCandidate.h"

#include "looptree/Analysis/Evaluate.h"
#include "looptree/Candidate/Candidate.h"
#include "looptree/Reference/Simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace looptree::test {

/// DRAM and one unbounded buffer, one op per cycle.
inline const char *const kTwoLevels =
    "architecture: {levels: [{name: DRAM}, {name: GLB}]}\n";

/// A candidate and what the simulator says of it.
struct Simulated {
  Candidate candidate;
  CostReport report;

  int64_t ops(std::string_view einsum) const {
    return report.ops[*candidate.workload.findEinsum(einsum)];
  }
  int64_t recompute(std::string_view einsum) const {
    return report.recompute[*candidate.workload.findEinsum(einsum)];
  }
  int64_t notNeeded(std::string_view einsum) const {
    return report.notNeeded[*candidate.workload.findEinsum(einsum)];
  }
  /// Elements that a level needs, when every element has the default 8 bits.
  int64_t capacity(std::string_view level) const {
    return report.capacityBits[*candidate.arch.findLevel(level)] / 8;
  }
  /// Sum over einsums of the rows of a tensor at a level.
  AccessRow moved(std::string_view level, std::string_view tensor) const {
    AccessRow sum;
    for (const AccessRow &row : report.accesses)
      if (row.level == *candidate.arch.findLevel(level) &&
          row.tensor == *candidate.workload.findTensor(tensor)) {
        sum.reads += row.reads;
        sum.writes += row.writes;
        sum.fills += row.fills;
        sum.drains += row.drains;
        sum.readBits += row.readBits;
        sum.writeBits += row.writeBits;
      }
    return sum;
  }
  /// The first buffer of a tensor at a level, in preorder.
  BufferRow buffer(std::string_view level, std::string_view tensor) const {
    for (const BufferRow &row : report.buffers)
      if (row.level == *candidate.arch.findLevel(level) &&
          row.tensor == *candidate.workload.findTensor(tensor))
        return row;
    ADD_FAILURE() << "no buffer of " << tensor << " at " << level;
    return {};
  }
};

/// Runs a candidate in its file form, and holds the closed form to the outcome;
/// a part that fails fails the test.
inline Simulated simulated(const std::string &text) {
  Result<Candidate> candidate = readCandidate(text, "test");
  if (!candidate) {
    ADD_FAILURE() << candidate.error().message;
    return {};
  }
  Result<CostReport> report =
      simulate(candidate->workload, candidate->arch, candidate->mapping,
               {candidate->convention});
  if (!report) {
    ADD_FAILURE() << report.error().message;
    return {std::move(*candidate), {}};
  }
  Result<CostReport> closedForm =
      evaluate(candidate->workload, candidate->arch, candidate->mapping,
               candidate->convention);
  EXPECT_EQ(closedForm ? firstDifference(*report, *closedForm)
                       : closedForm.error().message,
            "")
      << "simulator | closed form";
  return {std::move(*candidate), std::move(*report)};
}

/// Why a candidate has no number; fails the test when it has one, by the
/// simulator or in closed form.
inline std::string whyNot(const std::string &text) {
  Result<Candidate> candidate = readCandidate(text, "test");
  if (!candidate) {
    ADD_FAILURE() << candidate.error().message;
    return "";
  }
  Result<CostReport> report =
      simulate(candidate->workload, candidate->arch, candidate->mapping,
               {candidate->convention});
  if (report) {
    ADD_FAILURE() << "the candidate has a number";
    return "";
  }
  EXPECT_FALSE(bool(evaluate(candidate->workload, candidate->arch,
                             candidate->mapping, candidate->convention)));
  return report.error().message;
}

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_REFERENCE_SIMULATED_H
