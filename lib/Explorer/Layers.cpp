//===- Layers.cpp - The layers of a network -------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layers.h"

#include <algorithm>
#include <optional>

using namespace looptree;

std::vector<std::vector<Layer>> looptree::layersOf(const Network &network) {
  const Workload &w = network.workload;
  std::vector<std::optional<EinsumId>> producer(w.tensors.size());
  std::vector<unsigned> readers(w.tensors.size());
  for (EinsumId e = 0; e < w.einsums.size(); ++e) {
    producer[w.einsums[e].write.tensor] = e;
    std::vector<TensorId> read;
    for (const Access &access : w.einsums[e].reads)
      if (std::find(read.begin(), read.end(), access.tensor) == read.end())
        read.push_back(access.tensor);
    for (TensorId t : read)
      ++readers[t];
  }

  std::vector<EinsumId> begins = network.cuts;
  begins.insert(begins.begin(), 0);
  begins.push_back(EinsumId(w.einsums.size()));
  std::vector<std::vector<Layer>> stretches;
  std::vector<size_t> layerOf(w.einsums.size());
  for (size_t s = 0; s + 1 < begins.size(); ++s) {
    std::vector<Layer> layers;
    for (EinsumId e = begins[s]; e < begins[s + 1]; ++e) {
      std::optional<size_t> joined;
      if (w.einsums[e].kind == EinsumKind::Elementwise) {
        // The last layer that is read: all others come before it, so the
        // layers stay in an order of computation.
        std::optional<TensorId> last;
        for (const Access &access : w.einsums[e].reads) {
          auto p = producer[access.tensor];
          if (p && *p >= begins[s] && (!joined || layerOf[*p] >= *joined)) {
            joined = layerOf[*p];
            last = access.tensor;
          }
        }
        if (last && (readers[*last] != 1 ||
                     w.tensors[*last].kind == TensorKind::Output))
          joined = std::nullopt;
      }
      layerOf[e] = joined.value_or(layers.size());
      if (!joined)
        layers.emplace_back();
      layers[layerOf[e]].push_back(e);
    }
    if (!layers.empty())
      stretches.push_back(std::move(layers));
  }
  return stretches;
}
