//===- Candidate.cpp - Any bytes as a candidate -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever the bytes: no crash, no hang, and what is read, written and read
// again is the same. A candidate with few ops is evaluated too.
//
//===----------------------------------------------------------------------===//

#include "looptree/Candidate/Candidate.h"
#include "looptree/Analysis/Evaluate.h"

#include <cstdio>
#include <cstdlib>

using namespace looptree;

static constexpr double kMaxOps = 10'000;

static double opsOf(const Workload &workload) {
  double total = 0;
  for (const Einsum &einsum : workload.einsums) {
    double ops = 1;
    for (const Rank &rank : einsum.ranks)
      ops *= double(rank.extent);
    total += ops;
  }
  return total;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  Result<Candidate> candidate = readCandidate(text, "fuzz");
  if (!candidate)
    return 0;
  Result<Candidate> back = readCandidate(writeCandidate(*candidate), "back");
  if (!back || back->workload != candidate->workload ||
      back->arch != candidate->arch || back->mapping != candidate->mapping ||
      back->convention != candidate->convention) {
    std::fprintf(stderr, "not the same when read again: %s\n",
                 back ? "" : back.error().message.c_str());
    std::abort();
  }
  if (opsOf(candidate->workload) <= kMaxOps) {
    Result<CostReport> report =
        evaluate(candidate->workload, candidate->arch, candidate->mapping,
                 candidate->convention);
    if (report)
      (void)writeReport(*report, candidate->workload, candidate->arch);
  }
  return 0;
}
