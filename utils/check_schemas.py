#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds docs/schema/ against what the tools read and print.

    check_schemas.py [--build FOLDER]

Every candidate and problem below examples/ and every block of ```yaml in docs/
whose first line is `# candidate`, `# problem` or `# architecture` must satisfy
its schema, every result of `looptree eval` must satisfy that of results, and a candidate
with a fault in it must be refused by the schema as it is by the reader.
"""

import argparse
import copy
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMAS = {path.name: json.loads(path.read_text(encoding="utf-8"))
           for path in (ROOT / "docs" / "schema").glob("*.json")}
BLOCK = re.compile(r"^```yaml\n# (candidate|problem|architecture)\n(.*?)^```$",
                   re.MULTILINE | re.DOTALL)

# Changes that make a candidate one that no reader should take.
FAULTS = {
    "unknown key": lambda c: c.update(mappings=[]),
    "unknown version": lambda c: c.update(version=2),
    "no mapping": lambda c: c.pop("mapping"),
    "empty mapping": lambda c: c.update(mapping=[]),
    "negative extent": lambda c: c["workload"]["tensors"][0].update(shape=[-1]),
    "fractional bits": lambda c: c["workload"]["tensors"][0].update(bits=1.5),
    "unknown kind": lambda c: c["workload"]["tensors"][0].update(kind="in"),
    "tensor without a name":
        lambda c: c["workload"]["tensors"][0].pop("name"),
    "rank without an extent":
        lambda c: c["workload"]["einsums"][0].update(ranks=[["p"]]),
    "access without an index":
        lambda c: c["workload"]["einsums"][0]["write"].pop("index"),
    "no levels": lambda c: c.update(architecture={"levels": []}),
    "unit unknown": lambda c: c.update(
        architecture={"levels": [{"name": "L", "capacity_bits": "1 mile"}]}),
    "energy without width": lambda c: c.update(
        architecture={"levels": [{"name": "L", "read_pj_per_access": 1}]}),
    "step zero": lambda c: c["mapping"].insert(
        0, {"for": "p", "of": "convA", "step": 0}),
    "loop without an einsum": lambda c: c["mapping"].insert(
        0, {"for": "p", "step": 1}),
    "branch that is no list": lambda c: c["mapping"].append(
        {"sequential": [{"compute": "convA"}]}),
    "two kinds of node": lambda c: c["mapping"].append(
        {"compute": "convA", "retain": [], "at": "DRAM"}),
}


def validator(kind):
    resolver = jsonschema.RefResolver("", {}, store=SCHEMAS)
    schema = SCHEMAS[f"{kind}.schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def errors(kind, value):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in validator(kind).iter_errors(value)]


def results_of(tool, text):
    run = subprocess.run([tool, "eval", "--nodes", "-"], input=text, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in run.stdout.splitlines()]


def run_of(folder):
    """What `looptree run` prints of a module."""
    fused = subprocess.run(
        [folder / "looptree-opt", ROOT / "examples" / "two_convs.mlir",
         "--fuse-layers"], stdout=subprocess.PIPE, check=True)
    run = subprocess.run([folder / "looptree", "run", "--format=json", "-"],
                         input=fused.stdout, stdout=subprocess.PIPE)
    return json.loads(run.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    tool = parser.parse_args().build / "bin" / "looptree"

    values = []
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        kind = "problem" if path.parent.name == "problems" else "candidate"
        values.append((path, kind,
                       yaml.safe_load(path.read_text(encoding="utf-8"))))
    for path in sorted((ROOT / "docs").glob("*.md")):
        for kind, text in BLOCK.findall(path.read_text(encoding="utf-8")):
            values.append((path, kind, yaml.safe_load(text)))

    found = [f"{path} ({kind}): {error}" for path, kind, value in values
             for error in errors(kind, value)]
    candidates = [value for _, kind, value in values if kind == "candidate"]
    lines = "".join(json.dumps(value) + "\n" for value in candidates)
    results = results_of(tool, lines + '{"version": 1}\n')
    if len(results) != len(candidates) + 1:
        found.append(f"{len(results)} results of {len(candidates) + 1} lines")
    if not any("ops" in result for result in results):
        found.append("no candidate has a number")
    for result in results:
        found += [f"result {result}: {error}"
                  for error in errors("result", result)]
    for fault, change in FAULTS.items():
        value = copy.deepcopy(candidates[0])
        change(value)
        if not errors("candidate", value):
            found.append(f"the schema accepts a candidate with: {fault}")
        if "error" not in results_of(tool, json.dumps(value))[0]:
            found.append(f"the reader accepts a candidate with: {fault}")

    found += [f"looptree run: {error}"
              for error in errors("run", run_of(tool.parent))]

    print("\n".join(found) if found else
          f"check_schemas: {len(values)} texts, {len(results)} results, "
          f"{len(FAULTS)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
