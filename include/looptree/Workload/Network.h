//===- Network.h - A workload in stretches, and its parts -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network is a workload too large to be one fused set: a mapping covers a
// part of it, and what could not be read (a barrier) cuts it into stretches.
//
// Worked example: of `T2 <- B <- T1 <- A <- T0`, with T1 intermediate and T2
// the output, extractSet(w, {A}) is the einsum A with T0 as its input and T1 as
// its output; extractSet(w, {A, B}) is w.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_WORKLOAD_NETWORK_H
#define LOOPTREE_WORKLOAD_NETWORK_H

#include "looptree/Workload/Workload.h"

#include <vector>

namespace looptree {

struct Network {
  Workload workload;
  /// Einsums at which a new stretch begins: no fused set holds einsums from
  /// both sides (a barrier stands there). Ascending, without 0.
  std::vector<EinsumId> cuts;

  friend bool operator==(const Network &, const Network &) = default;
};

/// The part of a workload that a set of einsums is, ready to be mapped: its
/// einsums in order and the tensors they touch. A tensor written inside is an
/// output when it is one of the network's or is read outside, else an
/// intermediate; any other tensor is an input. Tensor ids are renumbered in
/// the order of the network's tensors, einsum ids in the order given
/// (ascending ids of the network); names stay.
Workload extractSet(const Workload &network,
                    const std::vector<EinsumId> &einsums);

} // namespace looptree

#endif // LOOPTREE_WORKLOAD_NETWORK_H
