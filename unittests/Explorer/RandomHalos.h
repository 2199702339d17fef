//===- RandomHalos.h - Sets with halos for tests ------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_EXPLORER_RANDOMHALOS_H
#define LOOPTREE_UNITTESTS_EXPLORER_RANDOMHALOS_H

#include "../Analysis/Builder.h"
#include "../Random.h"

#include <algorithm>

namespace looptree::test {

/// Chains of convolutions, depthwise ones, pools and elementwise einsums, with
/// strides, padding and residuals, rows and (or) columns of up to `most`.
inline Workload randomHalos(Random &random, int64_t most, unsigned count) {
  bool hasColumns = random.chance(0.50);
  auto sizes = [](int64_t c, int64_t p, std::optional<int64_t> q) {
    std::vector<int64_t> shape{c, p};
    if (q)
      shape.push_back(*q);
    return shape;
  };
  // From the last layer to the first, so that every size is needed.
  struct Layer {
    int kind; ///< Convolution, depthwise, pool, elementwise.
    int64_t m, p, q, kernel, stride, pad;
    bool isResidual;
  };
  std::vector<Layer> layers(count);
  int64_t p = random.in(1, most), q = hasColumns ? random.in(1, most) : 1;
  int64_t m = random.in(1, 3);
  for (size_t i = count; i-- > 0;) {
    Layer &layer = layers[i];
    layer.kind = int(random.in(0, 3));
    layer.m = m;
    layer.p = p;
    layer.q = q;
    layer.kernel = layer.kind == 3 ? 1 : random.in(1, 3);
    layer.stride = random.chance(0.80) ? 1 : std::min<int64_t>(layer.kernel, 2);
    layer.pad = layer.kernel == 3 && random.chance(0.40) ? 1 : 0;
    layer.isResidual = random.chance(0.20);
    if (layer.kind == 0)
      m = random.in(1, 3);
    auto before = [&](int64_t size) {
      return std::max<int64_t>(1, layer.stride * (size - 1) + layer.kernel -
                                      2 * layer.pad);
    };
    p = before(p);
    q = hasColumns ? before(q) : 1;
  }
  auto index = [](const Layer &layer, const std::string &rank,
                  const std::string &kernel) {
    std::string text =
        (layer.stride > 1 ? std::to_string(layer.stride) + "*" : "") + rank;
    if (layer.kernel > 1)
      text += " + " + kernel;
    if (layer.pad > 0)
      text += " - " + std::to_string(layer.pad);
    return text;
  };
  WorkloadBuilder b;
  auto columns = [&](int64_t size) {
    return hasColumns ? std::optional(size) : std::nullopt;
  };
  b.input("T0", sizes(m, p, columns(q)));
  std::string last = "T0", beforeLast;
  for (size_t i = 0; i < count; ++i) {
    const Layer &layer = layers[i];
    std::string number = std::to_string(i + 1), name = "T" + number;
    auto shape = sizes(layer.m, layer.p, columns(layer.q));
    i + 1 == count ? b.output(name, shape) : b.middle(name, shape);
    std::vector<std::pair<std::string, int64_t>> ranks{{"m", layer.m},
                                                       {"p", layer.p}};
    std::string channel = layer.kind == 0 ? "c" : "m";
    AccessText read{last, {channel, index(layer, "p", "r")}};
    AccessText write{name, {"m", "p"}}, weight{"W" + number, {"m"}};
    std::vector<int64_t> weights{layer.m};
    if (layer.kind == 0) {
      ranks.push_back({"c", b.w.tensors[*b.w.findTensor(last)].shape[0]});
      weight.index.push_back("c");
      weights.push_back(ranks.back().second);
    }
    if (layer.kernel > 1) {
      ranks.push_back({"r", layer.kernel});
      weight.index.push_back("r");
      weights.push_back(layer.kernel);
    }
    if (hasColumns) {
      ranks.push_back({"q", layer.q});
      read.index.push_back(index(layer, "q", "s"));
      write.index.push_back("q");
      if (layer.kernel > 1) {
        ranks.push_back({"s", layer.kernel});
        weight.index.push_back("s");
        weights.push_back(layer.kernel);
      }
    }
    random.shuffle(ranks);
    std::vector<AccessText> reads{read};
    if (layer.kind < 2) {
      b.input(weight.tensor, weights);
      reads.push_back(weight);
    }
    // What came before last, where it has the same shape.
    if (layer.isResidual && !beforeLast.empty() &&
        b.w.tensors[*b.w.findTensor(beforeLast)].shape == shape)
      reads.push_back({beforeLast, write.index});
    b.einsum("e" + number, ranks, write, reads);
    beforeLast = last;
    last = name;
  }
  for (Tensor &tensor : b.w.tensors)
    tensor.bits = random.in(1, 3);
  return b.w;
}

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_EXPLORER_RANDOMHALOS_H
