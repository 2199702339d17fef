#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Feeds damaged modules to a tool and looks for crashes, hangs and silence.

    mutate_modules.py --tool build/bin/looptree-opt --count 1000 --seed 1 \\
        FILE.mlir... -- --fuse-layers --estimate-cost

Each mutant is one of the files with one to three changes: a number replaced (in
one place, or everywhere it stands, which keeps shapes consistent), a word
exchanged for another of the same kind, a line dropped, doubled or moved, a
character lost. Runs are the same for the same files and seed. A mutant fails
when the tool dies by a signal, exceeds --timeout, or exits with another code
than 0 without an error message. One that kills --reference (a stock mlir-opt,
run without options) too is counted apart: the fault is not ours. Failing mutants
are kept in --keep.
"""

import argparse
import concurrent.futures
import pathlib
import random
import re
import subprocess
import sys

NUMBER = re.compile(r"(?<![\w.#%@-])-?\d+(?![\w.])|(?<=x)\d+(?=x|\b)|(?<=<)\d+(?=x)")
NUMBERS = ["0", "1", "2", "3", "7", "-1", "255", "4096", "2147483648",
           "4611686018427387904", "9223372036854775807",
           "18446744073709551616"]
FAMILIES = [
    ["parallel", "reduction"],
    ["+", "-", "*", "floordiv", "ceildiv", "mod"],
    ["f32", "i8", "i1", "index", "f16", "i64", "i0"],
    ["arith.addf", "arith.mulf", "arith.subf", "arith.divf", "arith.maximumf"],
    ["linalg.matmul", "linalg.batch_matmul", "linalg.add", "linalg.fill",
     "linalg.conv_2d_nchw_fchw", "linalg.pooling_nchw_max"],
    ["tensor.expand_shape", "tensor.collapse_shape"],
    ["sequential", "pipeline"],
    ["for", "spatial_for"],
    ["@DRAM", "@GLB", "@nowhere"],
    ["strides", "dilations"],
]
LONGEST_FIRST = sorted({word for family in FAMILIES for word in family},
                       key=len, reverse=True)
WORD = re.compile("|".join(
    (r"(?<![\w.])" if word[0].isalnum() else "") + re.escape(word) +
    (r"(?![\w.])" if word[-1].isalnum() else "")
    for word in LONGEST_FIRST))


def change_number(rng, text):
    places = list(NUMBER.finditer(text))
    if not places:
        return text
    old = rng.choice(places)
    value = int(old.group())
    new = rng.choice(NUMBERS + [str(value - 1), str(value + 1),
                                str(value // 2), str(value * 2), "?"])
    if rng.random() < 0.25:
        return text[:old.start()] + new + text[old.end():]
    return NUMBER.sub(
        lambda m: new if m.group() == old.group() else m.group(), text)


def change_word(rng, text):
    places = list(WORD.finditer(text))
    if not places:
        return text
    old = rng.choice(places)
    family = next(f for f in FAMILIES if old.group() in f)
    new = rng.choice(family)
    return text[:old.start()] + new + text[old.end():]


def change_line(rng, text):
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    else:
        lines.insert(rng.randrange(len(lines)), lines.pop(at))
    return "\n".join(lines)


def change_reference(rng, text):
    names = re.findall(r"[%@#][A-Za-z_0-9]+", text)
    if len(set(names)) < 2:
        return text
    places = list(re.finditer(r"[%@#][A-Za-z_0-9]+", text))
    old = rng.choice(places)
    same = sorted({n for n in names if n[0] == old.group()[0]})
    new = rng.choice(same)
    return text[:old.start()] + new + text[old.end():]


def lose_character(rng, text):
    if not text:
        return text
    at = rng.randrange(len(text))
    return text[:at] + text[at + 1:]


CHANGES = [change_number] * 5 + [change_word] * 4 + [change_reference] * 3 + [
    change_line] * 2 + [lose_character]


UPSTREAM = "the reference dies too"


def mutant(seed, index, texts):
    rng = random.Random(f"{seed}/{index}")
    text = rng.choice(texts)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = rng.choice(CHANGES)(rng, text)
    return text


def verdict(options, text):
    """What is wrong with how the tool took a module, or None."""
    try:
        result = subprocess.run(
            [options.tool, "-", *options.arguments], input=text, text=True,
            capture_output=True, timeout=options.timeout, errors="replace")
    except subprocess.TimeoutExpired:
        return f"no end within {options.timeout} s"
    if result.returncode < 0 or result.returncode >= 126:
        if options.reference and subprocess.run(
                [options.reference, "-"], input=text, text=True,
                capture_output=True).returncode < 0:
            return UPSTREAM
        tail = result.stderr.strip().splitlines()[-15:]
        return f"died with code {result.returncode}\n  " + "\n  ".join(tail)
    if result.returncode and "error:" not in result.stderr:
        return f"exit code {result.returncode} without an error message"
    if result.returncode and result.stdout.strip():
        return f"exit code {result.returncode}, yet output"
    return None


def main():
    own, arguments = sys.argv[1:], []
    if "--" in own:
        at = own.index("--")
        own, arguments = own[:at], own[at + 1:]
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--reference")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args(own)
    options.arguments = arguments

    # Of a file of several modules, each is one.
    texts = []
    for path in sorted(options.files):
        for part in re.split(r"^// -----.*$", path.read_text(), flags=re.M):
            if part.strip():
                texts.append(part)

    indices = range(options.first, options.first + options.count)
    failures = upstream = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(
            lambda i: verdict(options, mutant(options.seed, i, texts)), indices)
        for index, wrong in zip(indices, results):
            if wrong is None:
                continue
            if wrong == UPSTREAM:
                upstream += 1
                continue
            failures += 1
            print(f"mutant {index}: {wrong}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                name = options.keep / f"{options.seed}-{index}.mlir"
                name.write_text(mutant(options.seed, index, texts))
    print(f"mutate_modules: {options.count} mutants of {len(texts)} modules, "
          f"{failures} failures, {upstream} that kill the reference too")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
