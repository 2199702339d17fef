#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/Dialect.md and docs/Passes.md from the .td files.

    reference_docs.py --tblgen MLIR_TBLGEN --mlir-include FOLDER [--check]

With --check nothing is written: exits 1 when a page is not up to date, or when
an example of a .td file (a ```mlir block below `Example:`) stands in no test.
Examples are compared statement by statement, whatever their layout.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
EXAMPLE = re.compile(r"Example:\n\s*```mlir\n(.*?)```", re.DOTALL)


def generate(options, td, *flags):
    command = [options.tblgen, *flags, f"-I{INCLUDE}",
               f"-I{options.mlir_include}", str(INCLUDE / "looptree" / td)]
    text = subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    text = text.replace("[TOC]\n\n", "")
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines) + "\n")


def pages(options):
    dialect = generate(options, "IR/LoopTreeOps.td", "-gen-dialect-doc",
                       "-dialect=looptree")
    passes = generate(options, "Transforms/Passes.td", "-gen-pass-doc")
    comment, _, rest = passes.partition("\n")
    return {ROOT / "docs" / "Dialect.md": dialect,
            ROOT / "docs" / "Passes.md": f"{comment}\n\n# Passes\n{rest}"}


def statements(example):
    """Runs of lines in which brackets balance, with single blanks."""
    lines, depth = [], 0
    for line in example.splitlines():
        lines.append(line.strip())
        code = re.sub(r"->|>=|<=", "", re.sub(r'"[^"]*"', "", line))
        depth += sum(code.count(c) for c in "([{<")
        depth -= sum(code.count(c) for c in ")]}>")
        if depth == 0 and any(lines):
            yield " ".join(" ".join(lines).split())
            lines = []


def untested_examples():
    tests = " ".join(" ".join(path.read_text(encoding="utf-8").split())
                     for path in sorted((ROOT / "test").rglob("*.mlir")))
    for path in sorted(INCLUDE.rglob("*.td")):
        for example in EXAMPLE.findall(path.read_text(encoding="utf-8")):
            for statement in statements(example):
                if statement not in tests:
                    yield (f"{path.relative_to(ROOT)}: this example stands in "
                           f"no test:\n    {statement}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tblgen", required=True)
    parser.add_argument("--mlir-include", required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not options.check:
        for path, text in pages(options).items():
            path.write_text(text, encoding="utf-8")
        return 0
    found = list(untested_examples())
    for path, text in pages(options).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            found.append(f"{path.relative_to(ROOT)} is not up to date: "
                         "build the target reference-docs")
    print("\n".join(found) or "reference_docs: pages up to date, every "
          "example is tested")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
