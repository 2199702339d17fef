#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""FSRCNN with valid convolutions as one fused set.

    fsrcnn.py module ROWS COLUMNS TY TX (kept|recomputed|rows)
        The module: ROWS x COLUMNS of output, in tiles of TY x TX. `rows` keeps
        everything too, in tiles of TY whole rows, and makes what a 1 x 1 filter
        reads one row at a time.
    fsrcnn.py check ROWS COLUMNS TY TX (kept|recomputed|rows) < JSON of the run
        Whether the ops counted are those of the tiles' windows, which are
        worked out here from the filters alone. Prints their ratio to the least,
        and what the activations took beside layer by layer.
"""

import json
import sys

LAYERS = [(56, 1, 5), (12, 56, 1), (12, 12, 3), (12, 12, 3), (12, 12, 3),
          (12, 12, 3), (56, 12, 1), (16, 56, 3)]  # Channels out, in, filter.


def halo(layer):
    """How much larger than the output the result of a layer is."""
    return sum(f - 1 for _, _, f in LAYERS[layer + 1:])


def shapes(rows, columns):
    yield 1, rows + halo(-1), columns + halo(-1)
    for i, (k, _, _) in enumerate(LAYERS):
        yield k, rows + halo(i), columns + halo(i)


def module(rows, columns, ty, tx, mode):
    shape = list(shapes(rows, columns))
    last = len(LAYERS)
    lines = ["looptree.arch @chip {", "  level @DRAM", "  level @GLB",
             "  compute_unit", "}", "looptree.workload @net from @fsrcnn {"]
    weights = [f"{k}x{c}x{f}x{f}" for k, c, f in LAYERS]
    lines.append("  tensor @T0 : 1x%dx%dx%dxi32 input" % shape[0])
    for i in range(last):
        lines.append(f"  tensor @W{i} : {weights[i]}xi32 input weight")
        kind = "output" if i == last - 1 else "intermediate"
        lines.append(f"  tensor @T{i + 1} : 1x%dx%dx%dxi32 {kind}" %
                     shape[i + 1])
    for i, (k, c, f) in enumerate(LAYERS):
        _, p, q = shape[i + 1]
        at = "p + r, q + s" if f > 1 else "p, q"
        lines.append(
            f"  einsum @conv{i} (n = 1, m = {k}, p = {p}, q = {q}, c = {c}, "
            f"r = {f}, s = {f}) writes @T{i + 1}[n, m, p, q] reads "
            f"@T{i}[n, c, {at}], @W{i}[m, c, r, s]")
    middles = ", ".join(f"@T{i}" for i in range(last))
    names = ", ".join(f"@W{i}" for i in range(last))
    p, q = (f"for {rank} of @conv{last - 1} step {step} {{"
            for rank, step in (("p", ty), ("q", tx)))
    out = f"retain @T{last} at @GLB"
    branches = [f"compute @conv{i}" for i in range(last)]
    if mode == "kept":
        trunk, ends = [p, f"retain {middles} at @GLB", q, out], "} }"
    elif mode == "recomputed":
        reuse = f"retain {middles} at @GLB no_reuse {middles}"
        trunk, ends = [p, q, reuse, out], "} }"
    else:
        rows_of = [i for i in range(last) if LAYERS[i][2] == 1]
        held = ", ".join(f"@T{i}" for i in range(last) if i not in rows_of)
        trunk, ends = [p, f"retain {held} at @GLB"], "}"
        for i in rows_of:
            branches[i] = (f"for p of @conv{i} step 1 {{ retain @T{i} at @GLB "
                           f"sequential {{ {branches[i - 1]} }}, "
                           f"{{ {branches[i]} }} }}")
            branches[i - 1] = None
        branches[-1] = f"{out} {branches[-1]}"
    split = "}, {".join(f" {branch} " for branch in branches if branch)
    lines += ["}", "looptree.mapping @fused of @net on @chip {",
              f"  retain @T0, @T{last}, {names} at @DRAM",
              f"  retain {names} at @GLB",
              *(f"  {line}" for line in trunk),
              f"  sequential {{{split}}}", f"  {ends}", "}"]

    def tensor(i):
        return "tensor<1x%dx%dx%dxf32>" % shape[i]

    arguments = ", ".join([f"%T0: {tensor(0)}"] +
                          [f"%W{i}: tensor<{weights[i]}xf32>"
                           for i in range(last)])
    lines += [f"func.func @fsrcnn({arguments}) -> {tensor(last)} {{",
              "  %zero = arith.constant 0.0 : f32"]
    for i in range(last):
        to = tensor(i + 1)
        lines += [
            f"  %e{i} = tensor.empty() : {to}",
            f"  %z{i} = linalg.fill ins(%zero : f32) outs(%e{i} : {to}) -> {to}",
            f"  %T{i + 1} = linalg.conv_2d_nchw_fchw "
            f"{{looptree.einsum = @net::@conv{i}}} ins(%T{i}, %W{i} : "
            f"{tensor(i)}, tensor<{weights[i]}xf32>) outs(%z{i} : {to}) -> {to}"]
    lines += [f"  return %T{last} : {tensor(last)}", "}"]
    return "\n".join(lines)


def tiles(extent, step):
    return [min(step, extent - at) for at in range(0, extent, step)]


def ops(rows, columns, ty, tx, mode):
    if mode != "recomputed":
        ty, tx = rows, columns
    return {
        f"conv{i}": k * c * f * f *
        sum(t + halo(i) for t in tiles(rows, ty)) *
        sum(t + halo(i) for t in tiles(columns, tx))
        for i, (k, c, f) in enumerate(LAYERS)}


def main():
    verb, *sizes, mode = sys.argv[1:]
    sizes = [int(size) for size in sizes]
    if verb == "module":
        print(module(*sizes, mode))
        return 0
    run = json.load(sys.stdin)
    counted = {count["einsum"]: count["counted"]
               for count in run["sets"][0]["counts"] if count["kind"] == "ops"}
    expected = ops(*sizes, mode)
    least = sum(ops(*sizes, "kept").values())
    size = [4 * k * p * q for k, p, q in shapes(*sizes[:2])]
    apart = max(a + b for a, b in zip(size, size[1:]))
    weights = sum(4 * k * c * f * f for k, c, f in LAYERS)
    live, = (count["counted"] - weights for count in run["sets"][0]["counts"]
             if count["kind"] == "bytes")
    print(f"{sum(counted.values())} MACs, "
          f"{sum(counted.values()) / least:.3f} of the least; "
          f"{live} bytes of activations, {apart / live:.1f} times less than "
          f"layer by layer")
    if counted != expected:
        print(f"expected {expected}, counted {counted}")
    return 0 if run["holds"] and counted == expected else 1


if __name__ == "__main__":
    sys.exit(main())
