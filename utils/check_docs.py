#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that README.md and docs/*.md show what the tools print.

    check_docs.py [--build FOLDER] [FILE...]

A block of ```console holds commands, each on a line that begins with `$ `, and
below each what it prints (standard output and error together). The commands run
in the root of the repository, `build/` standing for FOLDER. A line `...` stands
for any number of lines, and `...` within a line for any text. Links to files
must lead somewhere, and links to headings to one that is there.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pattern_of(expected):
    """A regular expression for the text below a command."""
    parts = []
    for line in expected:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            words = [re.escape(word) for word in line.rstrip().split("...")]
            parts.append(".*?".join(words) + r"[ ]*\n")
    return re.compile("".join(parts))


def examples(text):
    """Pairs of a command and the lines shown below it."""
    for block in BLOCK.findall(text):
        command, shown = None, []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, shown
                command, shown = line[2:], []
            elif command and command.endswith("\\"):
                command += "\n" + line
            else:
                shown.append(line)
        if command:
            yield command, shown


def anchors(text):
    found = set()
    for title in re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", title.strip().lower())
        found.add(words.replace(" ", "-"))
    return found


def check_links(path, text):
    for target in LINK.findall(FENCED.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        other = path if not name else path.parent / name
        if not other.exists():
            yield f"{path}: no file for the link {target}"
        elif heading and heading not in anchors(other.read_text()):
            yield f"{path}: no heading for the link {target}"


def check_commands(path, text, build):
    for command, shown in examples(text):
        run = re.sub(r"(?<![\w/])build/", f"{build}/", command)
        result = subprocess.run(["bash", "-c", run], cwd=ROOT, text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        printed = result.stdout.replace(f"{build}/", "build/")
        if printed and not printed.endswith("\n"):
            printed += "\n"
        if not pattern_of(shown).fullmatch(printed):
            yield (f"{path}: `{command}` (exit code {result.returncode}) "
                   f"prints\n{printed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    files = options.files or [ROOT / "README.md",
                              *sorted((ROOT / "docs").glob("*.md"))]
    found, commands = [], 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        commands += len(list(examples(text)))
        found += check_links(path, text)
        found += check_commands(path, text, options.build.resolve())
    print("\n".join(found) if found else
          f"check_docs: {len(files)} files, {commands} commands as shown")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
