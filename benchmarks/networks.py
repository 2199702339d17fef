#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What fusing whole networks saves: the tables of docs/Networks.md.

    networks.py --tool build/bin/looptree-opt MODEL.mlir... [--bits 8]

Runs `--fuse-layers --estimate-cost` on every model at every capacity and prints
two Markdown tables: what was read, and off-chip transfers of the fused plan
beside layer by layer, op by op and the algorithmic minimum.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def size(bits):
    amount = bits / 8
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.4g} {unit}"
        amount /= 1024


def network(tool, model, capacity, bits):
    """The report of a model's only network."""
    options = f"capacity={capacity}"
    if bits:
        options += f" element-bits={bits}"
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        subprocess.run(
            [tool, model, f"--fuse-layers={options}",
             f"--estimate-cost=report=json report-file={report}",
             "-o", "/dev/null"], check=True)
        return json.loads(report.read_text())["networks"][0]


def reasons(barriers):
    counts = collections.Counter(
        re.sub(r"\s+", " ", barrier if isinstance(barrier, str)
               else barrier["reason"]) for barrier in barriers)
    return "; ".join(f"{count} x {reason}" for reason, count in counts.items())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--bits", type=int, default=0,
                        help="bits of an element; those of the model when absent")
    parser.add_argument("--capacity", action="append",
                        help="of the buffer, 128KiB, 512KiB and 2MiB when absent")
    args = parser.parse_args()

    read, rows = [], []
    for model in args.models:
        name = pathlib.Path(model).stem
        for capacity in args.capacity or ["128KiB", "512KiB", "2MiB"]:
            print(f"{name} at {capacity}", file=sys.stderr, flush=True)
            found = network(args.tool, model, capacity, args.bits)
            plans = {plan["role"]: plan for plan in found["plans"]}
            fused, layers, ops = (
                plans[role]["off_chip"]["bits"]
                for role in ("fused", "layer_by_layer", "op_by_op"))
            least = found["minimum"]["bits"]
            recomputed = plans["fused"]["recompute"] / plans["fused"]["ops"]
            rows.append([
                name, re.sub("([KMG])", r" \1", capacity),
                len(plans["fused"]["sets"]), size(fused), size(layers),
                size(ops), size(least), f"{fused / layers:.2f}",
                f"{fused / least:.2f}", f"{100 * recomputed:.1f} %"])
        read.append([name, found["einsums"], len(found["barriers"]),
                     reasons(found["barriers"])])

    def table(header, lines):
        print("| " + " | ".join(header) + " |")
        print("|---" + "|---:" * (len(header) - 1) + "|")
        for line in lines:
            print("| " + " | ".join(str(cell) for cell in line) + " |")
        print()

    table(["network", "einsums", "barriers", "reasons"], read)
    table(["network", "buffer", "fused sets", "fused", "layer by layer",
           "op by op", "minimum", "fused / layer by layer", "fused / minimum",
           "recomputed"], rows)


if __name__ == "__main__":
    main()
