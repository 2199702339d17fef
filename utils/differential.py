#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares results of the same candidates from two engines, field by field.

    differential.py CANDIDATES.jsonl --left 'looptree simulate' \\
        --right executor:../shared/validation
    differential.py --generate 'looptree-random print 500' --left ...

An engine is a command that is given a .jsonl file and prints one result a
line, or `executor:FOLDER`: the Python executor of that folder. Counts must be
equal; energies and utilisation within 1e-9 of each other. Two candidates
without a number are equal whatever the reason. Prints a line for each
difference, a summary at the end; exits 1 when there is any difference, or
fewer complete candidates than --complete asks for (a share of all).

Without the executor's folder it compares nothing, says so and exits with 77.
`footprint`, and the order of `buffers` within one retain, are not compared
with the executor, which does not have them; nor are candidates with
`partial_bits`, which it does not model.
"""

import argparse
import collections
import json
import math
import pathlib
import shlex
import subprocess
import sys
import tempfile

def run_executor(folder, lines):
    """Results of the executor's own entry point, candidate by candidate: one on
    which it stops with an internal error costs that one only."""
    sys.path.insert(0, str(folder))
    source = (pathlib.Path(folder) / "executor" / "__main__.py").read_text()
    source = source.replace("from .machine", "from executor.machine")
    names = {"__name__": "executor_main"}
    exec(source.replace("sys.exit(main(sys.argv[1:]))", ""), names)
    results = []
    for line in lines:
        try:
            results.append(names["result"](json.loads(line), None))
        except (LookupError, AssertionError, ValueError) as problem:
            results.append({"error": f"executor stopped: {problem!r}"})
    return results


def run_engine(engine, path, lines):
    if engine.startswith("executor:"):
        return run_executor(engine[len("executor:"):], lines)
    command = shlex.split(engine) + [str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    if len(results) != len(lines):
        sys.exit(f"{engine} printed {len(results)} results for "
                 f"{len(lines)} candidates")
    return results


def normal(result, drop):
    """A result with rows keyed by what they are about."""
    result = dict(result)
    result["accesses"] = {
        "/".join([row["level"], row["tensor"], row["einsum"]]): {
            k: v for k, v in row.items()
            if k not in ("level", "tensor", "einsum")}
        for row in result["accesses"]}
    buffers = collections.defaultdict(list)
    for row in result["buffers"]:  # Per tensor, outermost first.
        buffers[row["tensor"]].append(
            {k: v for k, v in row.items() if k not in drop})
    result["buffers"] = dict(buffers)
    energy = dict(result["energy_pj"])
    energy["levels"] = {k: v for k, v in energy["levels"].items() if v}
    result["energy_pj"] = energy
    result.pop("version", None)
    return result


def differences(left, right, path=""):
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            where = f"{path}.{key}" if path else key
            if key not in left or key not in right:
                yield f"{where}: {left.get(key)} | {right.get(key)}"
            else:
                yield from differences(left[key], right[key], where)
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield f"{path}: {left} | {right}"
        for i, (a, b) in enumerate(zip(left, right)):
            yield from differences(a, b, f"{path}[{i}]")
    elif isinstance(left, float) or isinstance(right, float):
        if not math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{path}: {left} | {right}"
    elif left != right:
        yield f"{path}: {left} | {right}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("candidates", type=pathlib.Path, nargs="?")
    parser.add_argument("--generate",
                        help="a command that prints the candidates")
    parser.add_argument("--left", required=True)
    parser.add_argument("--right", required=True)
    parser.add_argument("--complete", type=float, default=0.0)
    parser.add_argument("--mismatches", type=pathlib.Path,
                        help="write the candidates that differ here")
    parser.add_argument("--show", type=int, default=5)
    args = parser.parse_args()

    for engine in (args.left, args.right):
        folder = pathlib.Path(engine.removeprefix("executor:"))
        if engine.startswith("executor:") and not (
                folder / "executor" / "machine.py").exists():
            print(f"skipped: there is no executor in {folder}")
            return 77
    if bool(args.candidates) == bool(args.generate):
        parser.error("either a file of candidates or --generate")
    if args.generate:
        text = subprocess.run(shlex.split(args.generate), text=True,
                              stdout=subprocess.PIPE, check=True).stdout
    else:
        text = args.candidates.read_text()
    lines = [x for x in text.splitlines() if x.strip()]
    judged = any(x.startswith("executor:") for x in (args.left, args.right))
    # What the executor does not say of a buffer.
    drop = {"footprint", "node", "reads", "writes", "fills", "drains",
            "read_bits", "write_bits"} if judged else set()
    if judged:
        lines = [x for x in lines if '"partial_bits"' not in x]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as kept:
        kept.write("\n".join(lines) + "\n")
        kept.flush()
        left = run_engine(args.left, kept.name, lines)
        right = run_engine(args.right, kept.name, lines)

    count = collections.Counter()
    differing = []
    for number, (line, a, b) in enumerate(zip(lines, left, right), 1):
        if "error" in a and "error" in b:
            count["without a number"] += 1
            continue
        if any("the closed form does not cover" in x.get("error", "")
               for x in (a, b)):
            count["refused"] += 1
            continue
        if "error" in a or "error" in b:
            found = [f"{a.get('error', 'a number')} | "
                     f"{b.get('error', 'a number')}"]
        else:
            found = list(differences(normal(a, drop), normal(b, drop)))
        count["different" if found else "equal"] += 1
        if found:
            differing.append(line)
            if len(differing) <= args.show:
                print(f"candidate {number}:", *found[:12], sep="\n  ")
    if args.mismatches and differing:
        args.mismatches.write_text("\n".join(differing) + "\n")
    complete = count["equal"] + count["different"]
    print(f"{len(lines)} candidates: {count['equal']} equal, "
          f"{count['different']} different, {count['refused']} refused, "
          f"{count['without a number']} without a number")
    return bool(differing) or complete < args.complete * len(lines)


if __name__ == "__main__":
    sys.exit(main())
