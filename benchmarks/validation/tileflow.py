#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds the model against RTL simulations of two fused matrix products.

    tileflow.py [--looptree PROGRAM] [--markdown] [--candidates] TABLE.csv

TABLE.csv has the columns of the validation of TileFlow (Zheng et al., MICRO
2023; AE/validation/accelerator): C[M,L] = A[M,K] B[K,L], E[M,N] = C D[L,N] on
an array of 16 x 16. Each row becomes one candidate by one rule:

- Rows of M in tiles of tile_M; C and E of the tile stay in the buffer, and A
  for the first product. B and D are fetched again for every tile of M, a tile
  of the table's tile_L (and tile_K) at a time. The products take turns.
- The array holds 16 x 16 of B or D while the rows of the tile pass, one a cycle.
  Operands of a row come from the buffer once and its partial sums return there:
  A, C and E are retained in the array for the length of a row. The array is one
  instance of compute that finishes 256 operations a cycle.
- 16 bits; DRAM 4 words a cycle each way; buffer 32 words a cycle read.

What the contract prints is `max(compute, memory)`. Two things that it leaves out
are added here, both without a parameter to tune:

- loading a stationary tile takes the array 16 cycles in which nothing passes;
- nothing runs before the first tiles of A and B are there (a tile of A is
  tile_M x tile_K, of B tile_K x tile_L), nor while the last tile of E leaves.

So cycles = max(DRAM, buffer, compute + 16 x tiles of the array) + first fetch +
last write. DRAM transfers are compared bit by bit.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys

EDGE = 16
BITS = 16
DRAM_WORDS, BUFFER_WORDS = 4, 32


def ceil_divide(count, step):
    return -(-count // step)


def loop(rank, einsum, step):
    return {"for": rank, "of": einsum, "step": step}


def retain(tensors, level):
    return {"retain": tensors, "at": level}


def branch(einsum, columns, column_tile, reduction, reduction_tile, operands):
    left, weight, result = operands
    return [loop(columns, einsum, column_tile),
            loop(reduction, einsum, reduction_tile), retain([weight], "GLB"),
            loop(columns, einsum, EDGE), loop(reduction, einsum, EDGE),
            retain([weight], "ARRAY"), loop("m", einsum, 1),
            retain([left, result], "ARRAY"), {"compute": einsum}]


def candidate(row):
    m, l, k, n = (row[name] for name in "MLKN")

    def tensor(name, kind, *shape):
        return {"name": name, "kind": kind, "shape": list(shape), "bits": BITS}

    first = branch("first", "l", row["tile_L"], "k", row["tile_K"], "ABC")
    second = branch("second", "n", n, "l", row["tile_L"], "CDE")
    return {
        "version": 1,
        "workload": {
            "tensors": [tensor("A", "input", m, k), tensor("B", "input", k, l),
                        tensor("C", "intermediate", m, l),
                        tensor("D", "input", l, n), tensor("E", "output", m, n)],
            "einsums": [
                {"name": "first", "ranks": [["m", m], ["l", l], ["k", k]],
                 "write": {"tensor": "C", "index": ["m", "l"]},
                 "reads": [{"tensor": "A", "index": ["m", "k"]},
                           {"tensor": "B", "index": ["k", "l"]}]},
                {"name": "second", "ranks": [["m", m], ["n", n], ["l", l]],
                 "write": {"tensor": "E", "index": ["m", "n"]},
                 "reads": [{"tensor": "C", "index": ["m", "l"]},
                           {"tensor": "D", "index": ["l", "n"]}]}]},
        "architecture": {
            "levels": [
                {"name": "DRAM", "read_bits_per_cycle": DRAM_WORDS * BITS,
                 "write_bits_per_cycle": DRAM_WORDS * BITS},
                {"name": "GLB", "read_bits_per_cycle": BUFFER_WORDS * BITS},
                {"name": "ARRAY"}],
            "compute": {"ops_per_cycle": EDGE * EDGE}},
        "mapping": [retain(["A", "B", "D", "E"], "DRAM"),
                    loop("m", "second", row["tile_M"]),
                    retain(["A", "C", "E"], "GLB"),
                    {"sequential": [first, second]}]}


def cycles(row, result):
    """The rule above, from the contract's parts."""
    tiles = ceil_divide(row["M"], row["tile_M"]) * ceil_divide(
        row["L"], EDGE) * (ceil_divide(row["K"], EDGE) +
                           ceil_divide(row["N"], EDGE))
    first = row["tile_K"] * (row["tile_M"] + row["tile_L"])
    last = row["tile_M"] * row["N"]
    latency = result["latency"]
    return (max(latency["memory"]["DRAM"], latency["memory"]["GLB"],
                latency["compute"] + EDGE * tiles) +
            ceil_divide(first, DRAM_WORDS) + ceil_divide(last, DRAM_WORDS))


def evaluate(program, candidates):
    text = "".join(json.dumps(item) + "\n" for item in candidates)
    run = subprocess.run([program, "eval", "-"], input=text, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    results = [json.loads(line) for line in run.stdout.splitlines()]
    for result in results:
        if "error" in result:
            sys.exit(f"tileflow.py: {result['error']}")
    if len(results) != len(candidates):
        sys.exit(f"tileflow.py: {program}: {run.stderr}")
    return results


def reason(error):
    """Of a row off by more than 1 %; docs/Validation.md explains the words."""
    if abs(error) <= 1:
        return ""
    return "short steps" if error < 0 else "first fetch"


def summary(errors):
    worst = max(errors, key=abs)
    return (f"mean {sum(map(abs, errors)) / len(errors):.2f} %, "
            f"worst {worst:+.2f} %")


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--looptree", default=root / "build/bin/looptree")
    parser.add_argument("--markdown", action="store_true",
                        help="print the table for docs/Validation.md")
    parser.add_argument("--candidates", action="store_true",
                        help="print the candidates, one a line, and stop")
    parser.add_argument("table", type=pathlib.Path)
    options = parser.parse_args()

    with options.table.open(newline="", encoding="utf-8") as file:
        rows = [{key: int(value) for key, value in row.items()}
                for row in csv.DictReader(file)]
    candidates = [candidate(row) for row in rows]
    if options.candidates:
        print("\n".join(json.dumps(item) for item in candidates))
        return 0
    results = evaluate(options.looptree, candidates)

    header = ["M", "L", "K", "N", "tile M", "tile K", "tile L", "DRAM reads",
              "writes", "contract", "cycles", "RTL", "error %", ""]
    table, errors, bare, exact = [header], [], [], 0
    for row, result in zip(rows, results):
        dram = [access for access in result["accesses"]
                if access["level"] == "DRAM"]
        equal = True
        moved = []
        for key, column in [("read_bits", "mem_to_buf_bits"),
                            ("write_bits", "buf_to_mem_bits")]:
            bits = sum(access[key] for access in dram)
            equal &= bits == row[column]
            moved.append("exact" if bits == row[column]
                         else f"{bits} of {row[column]}")
        exact += equal
        predicted = cycles(row, result)
        published = row["rtl_cycles"]
        contract = result["latency"]["overall"]
        errors.append(100 * (predicted - published) / published)
        bare.append(100 * (contract - published) / published)
        table.append([str(row[name]) for name in
                      ("M", "L", "K", "N", "tile_M", "tile_K", "tile_L")] +
                     moved + [str(contract), str(predicted), str(published),
                              f"{errors[-1]:+.2f}", reason(errors[-1])])
    if options.markdown:
        table.insert(1, ["---"] * len(header))
        for line in table:
            print("| " + " | ".join(line) + " |")
        print()
    else:
        widths = [max(map(len, column)) for column in zip(*table)]
        for line in table:
            print("  ".join(cell.rjust(width)
                            for cell, width in zip(line, widths)).rstrip())
    print(f"{len(rows)} rows: DRAM transfers exact in {exact}; cycles "
          f"{summary(errors)}; by the contract alone {summary(bare)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
