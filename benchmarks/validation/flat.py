#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds the model against the FLAT simulator's fused attention designs.

    flat.py [--looptree PROGRAM] [--markdown] [--candidates] TABLE.csv

TABLE.csv has the columns of flat_validation.csv in the artifact of FuseMax
(Nayak et al., MICRO 2024). Each row becomes one candidate by one rule:

- The workload is logits `QK = Q K` and attend `AV = QK V`; softmax takes
  neither time nor traffic, so its argument and its result are one tensor.
- The array is 256 x 256 (cloud) or 32 x 32 (edge). Its operands and accumulators
  are a level of their own below the global buffer. It is one instance of
  compute that finishes, of each product, as many operations a cycle as its
  tiles fill processing elements: 64 columns fill a quarter of a cloud's row.
  To give the two products a rate each, one of them is called a reduction.
  --spatial writes the array as spatial loops instead: the same, slower.
- The trunk loops over b and h in steps of 1 and, where the granularity is
  `row`, over m in steps of P1.
- A tensor that is on chip is retained in the global buffer below the trunk. A
  tensor off chip is retained in DRAM only: the array fetches it, again for each
  of its tiles.
- `output` stationary: in tiles of the array (m by p, or m by f), the result
  stays while operands pass, one step of the reduction at a time.
- `weight` stationary: a tile of K (e by p) or V (p by f) stays while rows pass;
  accumulators hold all rows of the trunk's tile for one tile of columns.
- 16 bits, 0.94 GHz; cloud 32 MiB and 400 GiB/s, edge 512
  KiB and 50 GiB/s, both ways together.

Traffic is off-chip bits, latency the overall cycles. The table's own value is
`mem_traffic` and `actual_latency`. A row that spills a fraction of a tile is
printed and marked: what spills is chosen at run time, which no mapping says.
So is a row that has the argument and the result of softmax in two places.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys

PLATFORMS = {
    # Edge of the array, bits of the buffer, bytes a second off chip.
    "cloud": (256, 32 * 2**20 * 8, 400 * 2**30),
    "edge": (32, 512 * 2**10 * 8, 50 * 2**30),
}
CLOCK = 940_000_000
BITS = 16


def loop(rank, einsum, step, over=None):
    if over is None:
        return {"for": rank, "of": einsum, "step": step}
    return {"spatial_for": rank, "of": einsum, "step": step, "over": over}


def retain(tensors, level):
    return [{"retain": tensors, "at": level}] if tensors else []


def branch(einsum, row, edge, spatial):
    """The chain of one einsum over the array, outermost first, and how many
    processing elements a tile of it fills on average.

    The einsum is out[m, n] = left[m, k] right[k, n]; right is its weight."""
    stationary, n, k, left, right, out = {
        "logits": (row["QK_stationarity"], "p", "e", "Q", "K", "QK"),
        "attend": (row["AV_stationarity"], "f", "p", "QK", "V", "AV"),
    }[einsum]
    if stationary == "output":
        nodes = [loop("m", einsum, edge), loop(n, einsum, edge),
                 *retain([out], "ARRAY"), loop(k, einsum, 1),
                 *retain([left, right], "ARRAY")]
        over = "m", n
    elif stationary == "weight":
        nodes = [loop(n, einsum, edge), *retain([out], "ARRAY"),
                 loop(k, einsum, edge), *retain([right], "ARRAY"),
                 loop("m", einsum, 1), *retain([left], "ARRAY")]
        over = k, n
    else:
        sys.exit(f"flat.py: {einsum}: unknown stationarity {stationary!r}")
    if spatial:
        nodes += [loop(rank, einsum, 1, name) for rank, name in zip(over, "XY")]
    filled, tiles = 1, 1
    for rank in over:
        extent = int(row[rank.upper()])
        filled *= extent
        tiles *= -(-extent // edge)
    return nodes + [{"compute": einsum}], f"{filled}/{tiles}"


def candidate(row, spatial):
    edge, capacity, bandwidth = PLATFORMS[row["platform"]]
    b, h, m, p, e, f = (int(row[rank]) for rank in "BHMPEF")
    on_chip = [tensor for tensor, column in
               [("Q", "Q_loc"), ("K", "K_loc"), ("QK", "QK_loc"),
                ("V", "V_loc"), ("AV", "AV_loc")] if row[column] == "onchip"]
    by_row = row["fusion_granularity"] == "row"

    def tensor(name, kind, *shape):
        return {"name": name, "kind": kind, "shape": list(shape), "bits": BITS}

    logits, logits_rate = branch("logits", row, edge, spatial)
    attend, attend_rate = branch("attend", row, edge, spatial)
    if spatial:
        logits_rate = attend_rate = 1
    trunk = [loop("b", "attend", 1), loop("h", "attend", 1)]
    if by_row:
        trunk.append(loop("m", "attend", int(row["P1"])))
    off_chip = ["Q", "K", "V", "AV"] + ([] if "QK" in on_chip else ["QK"])
    return {
        "version": 1,
        "workload": {
            "tensors": [
                tensor("Q", "input", b, h, m, e),
                tensor("K", "input", b, h, p, e),
                tensor("QK", "intermediate", b, h, m, p),
                tensor("V", "input", b, h, p, f),
                tensor("AV", "output", b, h, m, f)],
            "einsums": [
                {"name": "logits",
                 "ranks": [["b", b], ["h", h], ["m", m], ["p", p], ["e", e]],
                 "write": {"tensor": "QK", "index": ["b", "h", "m", "p"]},
                 "reads": [{"tensor": "Q", "index": ["b", "h", "m", "e"]},
                           {"tensor": "K", "index": ["b", "h", "p", "e"]}]},
                {"name": "attend", "kind": "reduction",
                 "ranks": [["b", b], ["h", h], ["m", m], ["f", f], ["p", p]],
                 "write": {"tensor": "AV", "index": ["b", "h", "m", "f"]},
                 "reads": [{"tensor": "QK", "index": ["b", "h", "m", "p"]},
                           {"tensor": "V", "index": ["b", "h", "p", "f"]}]}]},
        "architecture": {
            "name": row["platform"],
            "levels": [
                {"name": "DRAM",
                 "shared_bits_per_cycle": f"{bandwidth * 8}/{CLOCK}"},
                {"name": "GLB", "capacity_bits": capacity},
                {"name": "ARRAY"}],
            "fanout": [{"name": name, "size": edge, "below": "ARRAY"}
                       for name in ("XY" if spatial else "")],
            "compute": {"clock_hz": CLOCK, "kinds": {
                "contraction": {"ops_per_cycle": logits_rate},
                "reduction": {"ops_per_cycle": attend_rate}}}},
        "mapping": [*retain(off_chip, "DRAM"), *trunk, *retain(on_chip, "GLB"),
                    {"sequential": [logits, attend]}]}


def evaluate(program, candidates):
    text = "".join(json.dumps(item) + "\n" for item in candidates)
    run = subprocess.run([program, "eval", "-"], input=text, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    results = [json.loads(line) for line in run.stdout.splitlines()]
    for result in results:
        if "error" in result:
            sys.exit(f"flat.py: {result['error']}")
    if len(results) != len(candidates):
        sys.exit(f"flat.py: {program}: {run.stderr}")
    return results


def percent(predicted, published):
    return 100 * (predicted - published) / published


def summary(name, errors):
    errors = [abs(error) for error in errors]
    return (f"{name} mean {sum(errors) / len(errors):.3f} %, "
            f"worst {max(errors):.3f} %")


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--looptree", default=root / "build/bin/looptree")
    parser.add_argument("--markdown", action="store_true",
                        help="print the table for docs/Validation.md")
    parser.add_argument("--candidates", action="store_true",
                        help="print the candidates, one a line, and stop")
    parser.add_argument("--spatial", action="store_true",
                        help="write the array as spatial loops")
    parser.add_argument("table", type=pathlib.Path)
    options = parser.parse_args()

    with options.table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    candidates = [candidate(row, options.spatial) for row in rows]
    if options.candidates:
        print("\n".join(json.dumps(item) for item in candidates))
        return 0
    results = evaluate(options.looptree, candidates)

    header = ["platform", "tokens", "granularity", "traffic B", "published B",
              "error %", "latency s", "published s", "error %", ""]
    table, traffic, latency, spilled = [header], [], [], 0
    for row, result in zip(rows, results):
        bytes_moved = result["off_chip"]["bits"] / 8
        seconds = result["latency"]["overall"] / CLOCK
        errors = (percent(bytes_moved, float(row["mem_traffic"])),
                  percent(seconds, float(row["actual_latency"])))
        spills = float(row["proportion_spilled"]) > 0
        apart = row["QK_loc"] != row["A_loc"]
        spilled += spills or apart
        note = ""
        if spills or apart:
            note = ("spills" if spills else "QK and A apart") + ": not modelled"
        if not result["valid"]:
            note += "does not fit" if not note else ", does not fit"
        if not (spills or apart):
            traffic.append(errors[0])
            latency.append(errors[1])
        table.append([row["platform"], row["seq_len"],
                      row["fusion_granularity"], f"{bytes_moved:.0f}",
                      f"{float(row['mem_traffic']):.0f}", f"{errors[0]:+.3f}",
                      f"{seconds:.6g}", f"{float(row['actual_latency']):.6g}",
                      f"{errors[1]:+.3f}", note])
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
    print(f"{len(traffic)} rows: {summary('traffic', traffic)}; "
          f"{summary('latency', latency)}; {spilled} rows not modelled"
          if traffic else f"no row is modelled of {spilled}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
