#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs looptree-benchmark and prints what it measures next to its goals.

    cmake --preset release && cmake --build --preset release
    benchmarks/rates.py build-release/bin/looptree-benchmark

Rates are per second of CPU time of one core.
"""

import argparse
import json
import subprocess

# Items per second. The 108 points of the grid are to take less than 1 ms.
GOALS = {
    "convPair/between/56": 1e6,
    "convPair/between/5600": 1e6,
    "convPair/scattered/56": 1e6,
    "convPair/scattered/5600": 1e6,
    "convPair/unitLoops/56": 1e6,
    "convPair/unitLoops/5600": 1e6,
    "convPipeline/spatial/56": 3e5,
    "convPipeline/spatial/5600": 3e5,
    "convTriple/between/56": 3e5,
    "convTriple/between/5600": 3e5,
    "fsrcnnGrid": 108 / 1e-3,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="looptree-benchmark")
    parser.add_argument("--filter", default=".", help="regular expression")
    args = parser.parse_args()
    output = subprocess.run(
        [args.program, "--benchmark_format=json",
         "--benchmark_filter=" + args.filter],
        check=True, capture_output=True, text=True).stdout
    print(f"{'benchmark':26}{'per second':>12}{'goal':>11}{'ratio':>7}  taken")
    for run in json.loads(output)["benchmarks"]:
        goal = GOALS.get(run["name"])
        rate = run["items_per_second"]
        print(f"{run['name']:26}{rate:12,.0f}"
              + (f"{goal:11,.0f}{rate / goal:7.2f}" if goal else " " * 18)
              + f"  {run.get('label', '')}".rstrip())


if __name__ == "__main__":
    main()
