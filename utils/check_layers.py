#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks which room may include which (docs/Rationale.md, "Layers").

A room is a folder below lib/ and include/looptree/, or a tool. It may include
itself and, directly or through others, the rooms that TABLE names for it.
Rooms of the model include no header of MLIR or LLVM.

    check_layers.py [ROOT]      prints one line per violation, exits 1 if any
    check_layers.py --self-test checks the checker on small trees
"""

import pathlib
import re
import sys
import tempfile

TABLE = {
    "Support": [],
    "Workload": ["Support"],
    "Arch": ["Workload"],
    "Mapping": ["Arch"],
    "Cost": ["Arch"],
    "Analysis": ["Mapping", "Cost"],
    "Reference": ["Mapping", "Cost"],
    "Candidate": ["Mapping", "Cost"],
    "Explorer": ["Analysis"],
    "Report": ["Explorer"],
    "IR": ["Support"],
    "Bridge": ["IR", "Mapping", "Cost"],
    "Transforms": ["IR", "Bridge", "Explorer", "Candidate", "Report"],
    "Pipelines": ["Transforms"],
    "Runner": ["Pipelines"],
    "tools/looptree": ["Candidate", "Explorer", "Reference", "Report"],
    "tools/looptree-opt": ["Pipelines"],
    "tools/looptree-plugin": ["Pipelines"],
    "tools/looptree-run": ["Runner"],
    "tools/looptree-translate": ["Pipelines"],
}
MODEL = {
    "Support", "Workload", "Arch", "Mapping", "Cost", "Analysis", "Reference",
    "Candidate", "Explorer", "Report", "tools/looptree",
}
COMPILER = re.compile(r"^(mlir|mlir-c|llvm|llvm-c|clang)/")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
SOURCES = {".h", ".cpp", ".inc", ".td"}
TD_INCLUDE = re.compile(r'^\s*include\s*"([^"]+)"', re.MULTILINE)


def reachable(room):
    seen, todo = set(), [room]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo += TABLE[current]
    return seen


def room_of(path):
    """The room of a path relative to the root, or None."""
    parts = path.parts
    if parts[:2] == ("include", "looptree") and len(parts) > 3:
        return parts[2]
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1]
    if parts[0] == "tools" and len(parts) > 2:
        return "/".join(parts[:2])
    return None


def violations(root):
    found = []
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix not in SOURCES or relative.parts[0] not in (
                "include", "lib", "tools"):
            continue
        room = room_of(relative)
        if room not in TABLE:
            found.append(f"{relative}: stands in no known room")
            continue
        allowed = reachable(room)
        text = path.read_text(encoding="utf-8")
        headers = INCLUDE.findall(text)
        if path.suffix == ".td":
            headers = TD_INCLUDE.findall(text)
        for header in headers:
            if room in MODEL and COMPILER.match(header):
                found.append(f"{relative}: the model includes {header}")
            if header.startswith("yaml-cpp/") and room != "Candidate":
                found.append(f"{relative}: only Candidate includes {header}")
            parts = header.split("/")
            if parts[0] == "looptree" and len(parts) > 2:
                if parts[1] not in allowed:
                    found.append(
                        f"{relative}: {room} may not include {header}")
    return found


def self_test():
    def run(files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return violations(root)

    good = {
        "lib/Analysis/A.cpp": '#include "looptree/Support/Result.h"\n',
        "lib/Bridge/B.cpp": '#include "looptree/IR/Ops.h"\n'
                            '#include "mlir/IR/Builders.h"\n',
        "lib/Candidate/C.cpp": "#include <yaml-cpp/yaml.h>\n",
    }
    assert run(good) == [], run(good)
    bad = {
        "lib/Analysis/A.cpp": '#include "looptree/Reference/Simulate.h"\n',
        "lib/Reference/R.cpp": '#include "looptree/Analysis/Evaluate.h"\n',
        "lib/Workload/W.cpp": '# include "llvm/ADT/SmallVector.h"\n',
        "include/looptree/Cost/C.h": "#include <mlir/IR/Builders.h>\n",
        "tools/looptree/main.cpp": '#include "looptree/IR/Ops.h"\n',
        "lib/Explorer/E.cpp": "#include <yaml-cpp/yaml.h>\n",
        "lib/Utils/U.cpp": "",
        "include/looptree/IR/Ops.td": 'include "looptree/Bridge/Types.td"\n',
    }
    for name, text in bad.items():
        assert len(run({name: text})) == 1, name
    assert len(run(bad)) == len(bad)


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        print("check_layers: self-test passed")
        return 0
    here = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(arguments[0]) if arguments else here
    found = violations(root)
    for line in found:
        print(line)
    if not found:
        print("check_layers: no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
