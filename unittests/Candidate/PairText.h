//===- PairText.h - The pair of convolutions as text -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_CANDIDATE_PAIRTEXT_H
#define LOOPTREE_UNITTESTS_CANDIDATE_PAIRTEXT_H

#include <string>
#include <string_view>

/// B[16] <- A[18] <- I[20], tiled by 4. Tests of errors replace a part of it,
/// so line and column numbers in them are those of this text.
inline const std::string kPair = R"(version: 1
workload:
  tensors:
    - {name: I, kind: input, shape: [20], bits: 8}
    - {name: WA, kind: input, shape: [3], role: weight}
    - {name: A, kind: intermediate, shape: [18], partial_bits: 32}
    - {name: WB, kind: input, shape: [3]}
    - {name: B, kind: output, shape: [16]}
  einsums:
    - name: convA
      ranks: [[pa, 18], [ra, 3]]
      write: {tensor: A, index: [pa]}
      reads: [{tensor: I, index: [pa + ra]}, {tensor: WA, index: [ra]}]
    - name: convB
      kind: contraction
      ranks: [[pb, 16], [rb, 3]]
      write: {tensor: B, index: [pb]}
      reads: [{tensor: A, index: [pb + rb]}, {tensor: WB, index: [rb]}]
architecture:
  name: small
  levels:
    - {name: DRAM, read_pj_per_access: 512, write_pj_per_bit: 64, access_bits: 8, read_bits_per_cycle: 0.3}
    - {name: GLB, capacity_bits: 512 KiB, shared_bits_per_cycle: 1/3, double_buffered: true, multicast: false}
    - {name: RF, holds: [weight, input], leakage_pj_per_cycle: 0.25, reduce: false}
  fanout:
    - {name: X, size: 4, below: GLB}
  compute: {ops_per_cycle: 2, pj_per_op: 1, clock_hz: 940000000, kinds: {elementwise: {ops_per_cycle: null}}}
mapping:
  - {retain: [I, WA, WB, B], at: DRAM}
  - {for: pb, of: convB, step: 4}
  - {retain: [I, A, B], at: GLB, no_reuse: [A]}
  - sequential:
      - [{for: pa, of: convA, step: 1}, {spatial_for: ra, of: convA, step: 1, over: X}, {compute: convA}]
      - [{compute: convB}]
convention: exact
)";

/// The pair with the first occurrence of `from` replaced.
inline std::string pairWith(std::string_view from, std::string_view to) {
  std::string text = kPair;
  size_t at = text.find(from);
  if (at == std::string::npos)
    return "the test replaces a text that is not there: " + std::string(from);
  return text.replace(at, from.size(), to);
}

#endif // LOOPTREE_UNITTESTS_CANDIDATE_PAIRTEXT_H
