//===- Network.cpp - The parts of a network -------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Workload/Network.h"

#include <cstddef>

namespace looptree {

Workload extractSet(const Workload &network,
                    const std::vector<EinsumId> &einsums) {
  const size_t count = network.tensors.size();
  std::vector<bool> inside(network.einsums.size());
  for (EinsumId einsum : einsums)
    inside[einsum] = true;

  std::vector<bool> used(count), written(count), readInside(count),
      readOutside(count);
  for (EinsumId einsum = 0; einsum < network.einsums.size(); ++einsum) {
    const Einsum &e = network.einsums[einsum];
    if (inside[einsum])
      used[e.write.tensor] = written[e.write.tensor] = true;
    for (const Access &read : e.reads) {
      (inside[einsum] ? readInside : readOutside)[read.tensor] = true;
      if (inside[einsum])
        used[read.tensor] = true;
    }
  }

  Workload set;
  std::vector<TensorId> newId(count);
  for (TensorId id = 0; id < count; ++id) {
    if (!used[id])
      continue;
    newId[id] = set.tensors.size();
    Tensor tensor = network.tensors[id];
    if (!written[id])
      tensor.kind = TensorKind::Input;
    else if (tensor.kind == TensorKind::Output || readOutside[id] ||
             !readInside[id])
      tensor.kind = TensorKind::Output;
    else
      tensor.kind = TensorKind::Intermediate;
    set.tensors.push_back(std::move(tensor));
  }
  for (EinsumId einsum : einsums) {
    Einsum copy = network.einsums[einsum];
    copy.write.tensor = newId[copy.write.tensor];
    for (Access &read : copy.reads)
      read.tensor = newId[read.tensor];
    set.einsums.push_back(std::move(copy));
  }
  return set;
}

} // namespace looptree
