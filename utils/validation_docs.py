#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the tables of docs/Validation.md, or checks that they are current.

    validation_docs.py [--check] [--build FOLDER] DATA

DATA holds flat_bert.csv and tileflow_rtl.csv. A table stands between the lines
`<!-- NAME.py TABLE.csv -->` and `<!-- end -->`. Exits with 77 where DATA is
missing.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "Validation.md"
TABLE = re.compile(r"(<!-- (\w+\.py) (\w+\.csv) -->\n).*?(<!-- end -->\n)",
                   re.DOTALL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("data", type=pathlib.Path)
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"validation_docs: no folder {options.data}; nothing is checked")
        return 77

    def fill(match):
        head, script, name, end = match.groups()
        shown = subprocess.run(
            [sys.executable, ROOT / "benchmarks" / "validation" / script,
             "--looptree", options.build / "bin" / "looptree", "--markdown",
             options.data / name],
            check=True, text=True, stdout=subprocess.PIPE).stdout
        return f"{head}\n{shown}\n{end}"

    old = PAGE.read_text(encoding="utf-8")
    new, count = TABLE.subn(fill, old)
    if not options.check:
        PAGE.write_text(new, encoding="utf-8")
        return 0
    if new != old:
        print(f"validation_docs: {PAGE} is not what the model gives")
        for before, after in zip(old.splitlines(), new.splitlines()):
            if before != after:
                print(f"- {before}\n+ {after}")
        return 1
    print(f"validation_docs: {count} tables")
    return 0


if __name__ == "__main__":
    sys.exit(main())
