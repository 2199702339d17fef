#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Feeds damaged candidate files to a tool and looks for crashes and silence.

    mutate_candidates.py --tool 'build/bin/looptree eval' --count 1000 \\
        --seed 1 FILE.yaml FILE.json...

Each mutant is one of the files with one to three changes, to its text (cut off,
a character lost or exchanged, a line dropped, doubled or moved, a number
replaced) or, where it is JSON, to its structure (a value of another type, a key
unknown, lost or doubled, an item lost or doubled, a number huge or no number, a
value nested deeply, two values exchanged). Runs are the same for the same files
and seed. A mutant fails when the tool dies by a signal, exceeds --timeout or
--memory, exits with another code than 0 or 1, exits with 1 without an error
message, or does not print one JSON object. Failing mutants are kept in --keep.
"""

import argparse
import concurrent.futures
import copy
import json
import pathlib
import random
import re
import resource
import shlex
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
NUMBERS = ["0", "1", "2", "3", "5", "-1", "-7", "0.5", "1e400", "-1e400", "NaN",
           ".nan", ".inf", "1e-320", "4096", "65537", "2147483648",
           "4294967296", "4611686018427387904", "9223372036854775807",
           "9223372036854775808", "18446744073709551616", "1" * 400]
VALUES = [None, True, False, 0, 1, -1, 3, 7, 255, 1000003, 2**31, 2**62,
          2**63 - 1, 2**63, 2**64, -2**63, 0.5, 1e308, float("inf"),
          float("nan"), "", "x", "A", "pa + ra", "2*pb - 1", "exact",
          "looptree-v1", "edge", "1 KiB", "9999999999 GiB", "1/3", "1/0",
          "é\u0000\t\"", [], [[]], {}, {"": 0}, [1, 2], {"for": "p"}]


# ------------------------------------------------------------- changes of text


def cut(rng, text):
    return text[:rng.randrange(len(text) + 1)]


def lose_character(rng, text):
    at = rng.randrange(max(1, len(text)))
    return text[:at] + text[at + 1:]


def exchange_character(rng, text):
    at = rng.randrange(max(1, len(text)))
    new = rng.choice("{}[]:,\"'#&*!|>%@`\\ \n\t\r\0-?0a\ufeff\x7f\u2028")
    return text[:at] + new + text[at + 1:]


def change_line(rng, text):
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    elif kind == 2:
        lines.insert(rng.randrange(len(lines)), lines.pop(at))
    else:
        lines[at] = " " * rng.randrange(1, 5) + lines[at]
    return "\n".join(lines)


def change_number(rng, text):
    places = list(NUMBER.finditer(text))
    if not places:
        return text
    old = rng.choice(places)
    new = rng.choice(NUMBERS)
    if rng.random() < 0.25:  # Everywhere it stands, which keeps shapes whole.
        return NUMBER.sub(
            lambda m: new if m.group() == old.group() else m.group(), text)
    return text[:old.start()] + new + text[old.end():]


def exchange_word(rng, text):
    words = list(re.finditer(r"[A-Za-z_]\w*", text))
    if len(words) < 2:
        return text
    old, new = rng.choice(words), rng.choice(words).group()
    return text[:old.start()] + new + text[old.end():]


TEXT_CHANGES = [cut, lose_character, exchange_character, change_line,
                change_number, change_number, change_number, exchange_word,
                exchange_word]

# -------------------------------------------------------- changes of structure


def places(value):
    """(container, key) of every value below."""
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return
    for key, item in items:
        yield value, key
        yield from places(item)


def nested(rng):
    depth = rng.choice([3, 60, 250, 300, 2000, 100000])
    kind = rng.randrange(3)
    if kind == 0:
        return "\1" + "[" * depth + "]" * depth
    if kind == 1:
        return "\1" + '{"a":' * depth + "0" + "}" * depth
    return "\1" + '[{"sequential":[' * depth + '[{"compute":"convA"}]' + \
        "]}]" * depth


def change_structure(rng, root):
    container, key = rng.choice(list(places(root)) or [(None, None)])
    if container is None:
        return
    kind = rng.randrange(8)
    if kind in (0, 1):
        container[key] = rng.choice(VALUES)
    elif kind == 2:
        del container[key]
    elif kind == 3 and isinstance(container, dict):
        container[rng.choice(["", "x", "step", "name", key + "s"])] = \
            container.pop(key) if rng.random() < 0.5 else rng.choice(VALUES)
    elif kind == 3:
        container.insert(key, copy.deepcopy(container[key]))
    elif kind == 4 and isinstance(container, list):
        rng.shuffle(container)
    elif kind == 5:
        container[key] = nested(rng)
    else:
        other, where = rng.choice(list(places(root)))
        container[key] = copy.deepcopy(other[where])


def change_json(rng, text):
    root = json.loads(text)
    for _ in range(rng.choice([1, 1, 2, 3])):
        change_structure(rng, root)
    text = json.dumps(root)
    # Deep values would exhaust the writer's own stack.
    return re.sub(r'"\\u0001((?:[^"\\]|\\.)*)"',
                  lambda m: json.loads(f'"{m.group(1)}"'), text)


def mutant(seed, index, texts):
    """Text and suffix of one mutant."""
    rng = random.Random(f"{seed}/{index}")
    text, suffix = rng.choice(texts)
    if suffix == ".json" and rng.random() < 0.7:
        return change_json(rng, text), suffix
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        text = rng.choice(TEXT_CHANGES)(rng, text)
    return text, suffix


def verdict(options, text, suffix):
    """What is wrong with how the tool took a file, or None."""
    def limit():
        size = options.memory << 20
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    with tempfile.NamedTemporaryFile("w", suffix=suffix, encoding="utf-8",
                                     errors="surrogatepass") as file:
        file.write(text)
        file.flush()
        try:
            result = subprocess.run(
                shlex.split(options.tool) + [file.name], text=True,
                errors="replace", capture_output=True, check=False,
                timeout=options.timeout,
                preexec_fn=limit if options.memory else None)
        except subprocess.TimeoutExpired:
            return f"no end within {options.timeout} s"
    if result.returncode not in (0, 1):
        tail = result.stderr.strip().splitlines()[-15:]
        return f"ended with code {result.returncode}\n  " + "\n  ".join(tail)
    if result.returncode and "error:" not in result.stderr:
        return "exit code 1 without an error message"
    try:
        found = json.loads(result.stdout)
    except ValueError:
        return f"not one JSON object: {result.stdout[:200]!r}"
    if not result.returncode and ("error" in found or not found.get("valid")):
        return "exit code 0 for a candidate without a valid mapping"
    return None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--memory", type=int, default=4096,
                        help="MiB of address space; 0: no limit")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--generate", help="a command that prints further "
                        "files to damage, one JSON candidate a line")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()

    texts = []
    for path in sorted(options.files):
        texts.append((path.read_text(), path.suffix))
    if options.generate:
        lines = subprocess.run(shlex.split(options.generate), text=True,
                               stdout=subprocess.PIPE, check=True).stdout
        texts += [(line, ".json") for line in lines.splitlines()]

    indices = range(options.first, options.first + options.count)
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda i: verdict(
            options, *mutant(options.seed, i, texts)), indices)
        for index, wrong in zip(indices, results):
            if wrong is None:
                continue
            failures += 1
            print(f"mutant {index}: {wrong}", flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                text, suffix = mutant(options.seed, index, texts)
                name = options.keep / f"{options.seed}-{index}{suffix}"
                name.write_text(text, errors="surrogatepass")
    print(f"mutate_candidates: {options.count} mutants of {len(texts)} files, "
          f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
