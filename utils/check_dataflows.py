#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds examples/dataflows/ to the figures of their sources.

    check_dataflows.py [--build FOLDER]

Each figure is written as it comes about: a published number, or a formula of
the source over the shapes of the example. docs/Dataflows.md says which is which.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "examples" / "dataflows"


def off_chip(result, key, *tensors):
    """Sum over rows of the outermost level; all tensors when none is named."""
    level = next(iter(result["capacity_bits"]))
    return sum(row[key] for row in result["accesses"] if row["level"] == level
               and (not tensors or row["tensor"] in tensors))


def activation_bytes(result):
    names = [f"T{i}" for i in range(8)]
    return (off_chip(result, "read_bits", *names) +
            off_chip(result, "write_bits", *names)) // 8


def buffer(result, tensor, key="elements"):
    return next(row[key] for row in result["buffers"]
                if row["tensor"] == tensor and row["level"] == "GLB")


def defines(ops, reads):
    return {
        "operations": (lambda r: sum(r["ops"].values()), ops),
        "reads of the input": (lambda r: off_chip(r, "reads", "T0"), reads),
        "off chip": (lambda r: r["off_chip"]["elements"],
                     reads + 8_294_400 + 15_992),
    }


ROWS, COLUMNS = -(-540 // 72), -(-960 // 60)
HEAD = 64 * 12 * 512 * 64
LOGITS = 64 * 12 * 512 * 512


def flat_sequential(parts):
    """Unfused, both logits go out and come in; softmax has the largest tile."""
    return {
        "off chip": (lambda r: r["off_chip"]["elements"],
                     4 * HEAD + 2 * 2 * LOGITS),
        "on chip": (lambda r: r["capacity_bits"]["GLB"],
                    16 * 2 * LOGITS // parts)}


FIGURES = {
    "layer_by_layer": {
        "bytes of activations": (activation_bytes, 90_517_504),
        "recompute": (lambda r: sum(r["recompute"].values()), 0)},
    "fused_layer_cnn": {
        "bytes of activations": (activation_bytes, 3_813_376),
        "recompute": (lambda r: sum(r["recompute"].values()), 0),
        # Rows that a row of output adds and two that stay, in full width.
        "rows of T1": (lambda r: buffer(r, "T1", "steady"), 6 * 224 * 64),
        "rows of T2": (lambda r: buffer(r, "T2", "steady"), 4 * 224 * 64),
        "rows of T4": (lambda r: buffer(r, "T4", "steady"), 4 * 112 * 128),
        "rows of T6": (lambda r: buffer(r, "T6", "steady"), 3 * 56 * 128)},
    "defines_fully_recompute": defines(
        9_120_123_904, (540 + 14 * ROWS) * (960 + 14 * COLUMNS)),
    "defines_h_cached": defines(8_687_604_544, (540 + 14 * ROWS) * 974),
    "defines_fully_cached": defines(8_362_594_208, 554 * 974),
    "flat_sequential_m": flat_sequential(1),
    "flat_sequential_b": flat_sequential(64),
    "flat_sequential_h": flat_sequential(64 * 12),
    "flat_head": {
        # Each of Q, K, V and the result once.
        "off chip": (lambda r: r["off_chip"]["elements"], 4 * HEAD),
        "on chip": (lambda r: r["capacity_bits"]["GLB"],
                    16 * (512 * 512 * 2))},
    "flat_row": {
        "off chip": (lambda r: r["off_chip"]["elements"], 4 * HEAD * 8),
        "on chip": (lambda r: r["capacity_bits"]["GLB"],
                    16 * (2 * 4096 * 64 + 2 * 128 * 4096))},
    "flash_attention": {
        # Theta(N^2 d^2 / M): keys and values once for each block of queries.
        "reads of K and V": (lambda r: off_chip(r, "reads", "K", "V"),
                             12 * 2 * 4096 * 64 * (4096 // 128)),
        "reads of Q": (lambda r: off_chip(r, "reads", "Q"), 12 * 4096 * 64),
        "partial sums off chip":
            (lambda r: off_chip(r, "reads", "AV"), 0),
        "writes": (lambda r: off_chip(r, "writes"), 12 * 4096 * 64)},
    "isaac_pipeline": {
        # Three rows of the layer's input and of 16 channels.
        "rows of T1": (lambda r: buffer(r, "T1", "steady"), 3 * 36 * 16),
        "rows of T2": (lambda r: buffer(r, "T2", "steady"), 3 * 34 * 16),
        "recompute": (lambda r: sum(r["recompute"].values()), 0)},
    "pipelayer_pipeline": {
        "cycles": (lambda r: r["latency"]["compute"],
                   (8 + 3 - 1) * 32 * 32 * 16 * 16),
        # Between two layers an image that is made and one that is read.
        "images of T1": (lambda r: buffer(r, "T1"), 2 * 16 * 32 * 32)},
    "tileflow_gemms": {
        "bits read": (lambda r: off_chip(r, "read_bits"), 34_078_720),
        "bits written": (lambda r: off_chip(r, "write_bits"), 524_288)},
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    tool = parser.parse_args().build / "bin" / "looptree"

    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    found, count = [], 0
    if names != sorted(FIGURES):
        found.append(f"figures for {sorted(FIGURES)}, files {names}")
    for name in names:
        run = subprocess.run([tool, "eval", FOLDER / f"{name}.yaml"],
                             stdout=subprocess.PIPE)
        result = json.loads(run.stdout)
        if not result.get("valid"):
            found.append(f"{name}: {result.get('error') or result['problems']}")
            continue
        for figure, (measure, expected) in FIGURES.get(name, {}).items():
            count += 1
            value = measure(result)
            if value != expected:
                found.append(f"{name}: {figure}: {value}, not {expected}")
    print("\n".join(found) if found else
          f"check_dataflows: {len(names)} dataflows, {count} figures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
