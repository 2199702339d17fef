//===- Networks.h - Networks for the explorer's tests ------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutional networks, layer by layer: each call reads what the last one
// wrote. Weights are 8 bit like everything else.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_EXPLORER_NETWORKS_H
#define LOOPTREE_UNITTESTS_EXPLORER_NETWORKS_H

#include "Analysis/Builder.h"
#include "looptree/Explorer/Network.h"

namespace looptree::test {

/// A feature map of a network under construction.
struct Feature {
  std::string name;
  int64_t channels, rows;
};

class NetworkBuilder {
public:
  Feature input(int64_t channels, int64_t rows) {
    builder.input("image", {channels, rows, rows});
    return {"image", channels, rows};
  }

  /// A square convolution with `size / 2` of padding.
  Feature conv(const Feature &in, int64_t channels, int64_t size,
               int64_t stride = 1) {
    Feature out = next(channels, (in.rows - 1) / stride + 1);
    std::string weights = "W" + out.name;
    builder.input(weights, {channels, in.channels, size, size});
    builder.w.tensors.back().isWeight = true;
    makeTensor(out);
    builder.einsum("conv_" + out.name,
                   {{"m", channels},
                    {"p", out.rows},
                    {"q", out.rows},
                    {"c", in.channels},
                    {"r", size},
                    {"s", size}},
                   {out.name, {"m", "p", "q"}},
                   {{in.name,
                     {"c", window("p", "r", stride, size),
                      window("q", "s", stride, size)}},
                    {weights, {"m", "c", "r", "s"}}});
    return out;
  }

  Feature maxPool(const Feature &in, int64_t size, int64_t stride) {
    Feature out = next(in.channels, (in.rows - 1) / stride + 1);
    makeTensor(out);
    builder.einsum("pool_" + out.name,
                   {{"m", in.channels},
                    {"p", out.rows},
                    {"q", out.rows},
                    {"r", size},
                    {"s", size}},
                   {out.name, {"m", "p", "q"}},
                   {{in.name,
                     {"m", window("p", "r", stride, size),
                      window("q", "s", stride, size)}}});
    builder.w.einsums.back().kind = EinsumKind::Reduction;
    return out;
  }

  Feature relu(const Feature &in) { return elementwise("relu_", {in}); }
  Feature add(const Feature &a, const Feature &b) {
    return elementwise("add_", {a, b});
  }

  /// Mean over rows and columns, then a matrix times it.
  Feature classifier(const Feature &in, int64_t classes) {
    Feature mean = next(in.channels, 1);
    builder.middle(mean.name, {in.channels});
    builder.einsum("mean_" + mean.name,
                   {{"c", in.channels}, {"p", in.rows}, {"q", in.rows}},
                   {mean.name, {"c"}}, {{in.name, {"c", "p", "q"}}});
    builder.w.einsums.back().kind = EinsumKind::Reduction;
    Feature out = next(classes, 1);
    builder.input("W" + out.name, {classes, in.channels});
    builder.w.tensors.back().isWeight = true;
    builder.middle(out.name, {classes});
    builder.einsum("fc_" + out.name, {{"m", classes}, {"k", in.channels}},
                   {out.name, {"m"}},
                   {{mean.name, {"k"}}, {"W" + out.name, {"m", "k"}}});
    return out;
  }

  /// The last feature map is the network's output.
  Network finish() {
    builder.w.tensors[builder.w.einsums.back().write.tensor].kind =
        TensorKind::Output;
    return {builder.w, {}};
  }

private:
  Feature next(int64_t channels, int64_t rows) {
    return {"T" + std::to_string(++made), channels, rows};
  }
  void makeTensor(const Feature &f) {
    builder.middle(f.name, {f.channels, f.rows, f.rows});
  }
  static std::string window(const std::string &place, const std::string &tap,
                            int64_t stride, int64_t size) {
    std::string text =
        stride == 1 ? place : std::to_string(stride) + "*" + place;
    text += " + " + tap;
    return size == 1 ? text : text + " - " + std::to_string(size / 2);
  }
  Feature elementwise(const std::string &what,
                      const std::vector<Feature> &from) {
    Feature out = next(from[0].channels, from[0].rows);
    makeTensor(out);
    std::vector<AccessText> reads;
    for (const Feature &f : from)
      reads.push_back({f.name, {"m", "p", "q"}});
    builder.einsum(what + out.name,
                   {{"m", out.channels}, {"p", out.rows}, {"q", out.rows}},
                   {out.name, {"m", "p", "q"}}, reads);
    builder.w.einsums.back().kind = EinsumKind::Elementwise;
    return out;
  }

  WorkloadBuilder builder;
  int made = 0;
};

inline Network resnet18() {
  NetworkBuilder b;
  Feature x = b.relu(b.conv(b.input(3, 224), 64, 7, 2));
  x = b.maxPool(x, 3, 2);
  for (int64_t channels : {64, 128, 256, 512})
    for (int block = 0; block < 2; ++block) {
      int64_t stride = channels > 64 && block == 0 ? 2 : 1;
      Feature y = b.relu(b.conv(x, channels, 3, stride));
      y = b.conv(y, channels, 3);
      Feature shortcut = stride == 1 ? x : b.conv(x, channels, 1, stride);
      x = b.relu(b.add(y, shortcut));
    }
  b.classifier(x, 1000);
  return b.finish();
}

/// DRAM and a buffer, an edge NPU in its numbers.
inline Arch edgeLike(int64_t capacityBits) {
  Arch arch = twoLevels();
  arch.levels[1].capacityBits = capacityBits;
  arch.levels[0].readPjPerBit = arch.levels[0].writePjPerBit = 20.3;
  arch.levels[1].readPjPerBit = arch.levels[1].writePjPerBit = 1.1;
  arch.levels[0].sharedBitsPerCycle = Rational{457, 1};
  arch.compute.kinds[0] = {Rational{1024, 1}, 0.3};
  arch.compute.kinds[1] = arch.compute.kinds[2] = {Rational{32, 1}, 0.1};
  return arch;
}

constexpr int64_t kKiB = 8192; ///< Bits.

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_EXPLORER_NETWORKS_H
