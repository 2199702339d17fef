# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The fused sets that the case studies look at, as workloads of candidates.

Elements have 16 bits. A chain's tensors are T0 (its input), T1, ... and the last
one its output; W1, W2, ... are weights; einsums are L1, L2, ...
"""

BITS = 16


def _chain(layers, first, shapes):
    """layers: (ranks, write index, read index, weight shape, weight index)."""
    tensors = [{"name": "T0", "kind": "input", "shape": first, "bits": BITS}]
    einsums = []
    for number, layer in enumerate(layers, 1):
        ranks, write, read, weight, weight_index = layer
        last = number == len(layers)
        tensors += [
            {"name": f"W{number}", "kind": "input", "role": "weight",
             "shape": weight, "bits": BITS},
            {"name": f"T{number}", "kind": "output" if last else "intermediate",
             "shape": shapes[number - 1], "bits": BITS}]
        einsums.append(
            {"name": f"L{number}", "ranks": ranks,
             "write": {"tensor": f"T{number}", "index": write},
             "reads": [{"tensor": f"T{number - 1}", "index": read},
                       {"tensor": f"W{number}", "index": weight_index}]})
    return {"tensors": tensors, "einsums": einsums}


def convolutions(count, channels, size):
    """3x3 convolutions, stride 1, padding 1, `channels` in and out."""
    shape = [channels, size, size]
    layer = ([["m", channels], ["p", size], ["q", size], ["c", channels],
              ["r", 3], ["s", 3]],
             ["m", "p", "q"], ["c", "p + r - 1", "q + s - 1"],
             [channels, channels, 3, 3], ["m", "c", "r", "s"])
    return _chain([layer] * count, shape, [shape] * count)


def inverted_residual(channels, expanded, size):
    """Pointwise, depthwise 3x3 with padding, pointwise."""
    def pointwise(outputs, inputs):
        return ([["m", outputs], ["p", size], ["q", size], ["c", inputs]],
                ["m", "p", "q"], ["c", "p", "q"],
                [outputs, inputs], ["m", "c"])
    depthwise = ([["m", expanded], ["p", size], ["q", size], ["r", 3], ["s", 3]],
                 ["m", "p", "q"], ["m", "p + r - 1", "q + s - 1"],
                 [expanded, 3, 3], ["m", "r", "s"])
    return _chain(
        [pointwise(expanded, channels), depthwise, pointwise(channels, expanded)],
        [channels, size, size],
        [[expanded, size, size], [expanded, size, size], [channels, size, size]])


def fully_connected(rows, widths):
    """T_i[m, n] = T_{i-1}[m, k] W_i[k, n] for each two widths in a row."""
    layers = [([["m", rows], ["n", n], ["k", k]], ["m", "n"], ["m", "k"],
               [k, n], ["k", "n"]) for k, n in zip(widths, widths[1:])]
    return _chain(layers, [rows, widths[0]], [[rows, n] for n in widths[1:]])


# What a study needs to know of a set: its workload, the ranks of the last einsum
# that are worth a loop, of these the one that row-only tiling takes, whether
# neighbouring tiles share elements, and where the search of all choices comes to
# an end with them, the ranks that branches have loops over.
SETS = {
    "conv+conv, ResNet stage 1 (64 x 56 x 56)":
        {"workload": convolutions(2, 64, 56), "ranks": ["p", "q", "c"],
         "rows": "p", "halos": True, "branches": ["m", "c"]},
    "conv+conv, ResNet stage 4 (512 x 7 x 7)":
        {"workload": convolutions(2, 512, 7), "ranks": ["p", "m", "c"],
         "rows": "p", "halos": True},
    "pw+dw+pw, MobileNetV2 (24, 144 x 56 x 56)":
        {"workload": inverted_residual(24, 144, 56), "ranks": ["p", "q", "c"],
         "rows": "p", "halos": True},
    "fc+fc, BERT (128 x 768, 3072)":
        {"workload": fully_connected(128, [768, 3072, 768]),
         "ranks": ["m", "n", "k"], "rows": "m", "halos": False},
    "conv x3 (64 x 56 x 56)":
        {"workload": convolutions(3, 64, 56), "ranks": ["p", "q"],
         "rows": "p", "halos": True},
}
