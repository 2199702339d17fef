#!/usr/bin/env python3
"""Export a PyTorch model to linalg on tensors, as `looptree-opt` reads it.

    pip install -r python/requirements.txt
    python3 python/export_model.py --examples examples     # the shipped examples
    python3 python/export_model.py mymodule:make_model model.mlir

`make_model()` returns a module and a tuple of example inputs. Weights become
arguments of the function after the inputs, so the file holds shapes and no
data; batch norms are folded into the convolutions before them; every op and
argument carries the module path it comes from, which reports print as its name.

From Python: `text = export(model, inputs)`.
"""
import argparse
import importlib
import pathlib
import re

import torch
from torch import nn
from torch.fx.experimental.optimization import fuse
from torch_mlir import fx, ir
from torch_mlir.dialects import torch as torch_dialect
from torch_mlir.extras.fx_importer import ContextCache, FxImporter

import example_models


class WeightsAsInputs(nn.Module):
    """A module whose parameters and buffers are trailing inputs."""

    def __init__(self, model, num_inputs):
        super().__init__()
        self.model, self.num_inputs = model, num_inputs
        tensors = dict(model.named_parameters()) | dict(model.named_buffers())
        self.names = list(tensors)

    def forward(self, *args):
        weights = dict(zip(self.names, args[self.num_inputs:]))
        return torch.func.functional_call(self.model, weights, args[:self.num_inputs])


class ModulePaths(ContextCache):
    """Locations name the module that an op comes from, not Python lines."""

    def get_node_location(self, node):
        stack = [path for path, _ in (node.meta.get("nn_module_stack") or {}).values()]
        path = next((p for p in reversed(stack) if p), "")
        path = re.sub(r"^model\.?", "", path)
        return ir.Location.name(f"{path}.{node.name}" if path else node.name, context=self._c)


def export(model, inputs):
    """MLIR text of `model` called with the example tensors `inputs`."""
    model = fuse(model.eval())
    wrapped = WeightsAsInputs(model, len(inputs)).eval()
    state = model.state_dict(keep_vars=True)
    weights = [state[name].detach() for name in wrapped.names]
    context = ir.Context()
    torch_dialect.register_dialect(context)
    importer = FxImporter(context=context)
    importer._cc = ModulePaths(context, py_attr_tracker=importer._py_attr_tracker)
    with torch.no_grad():
        module = fx.export_and_import(wrapped, *inputs, *weights, fx_importer=importer,
                                      output_type="linalg-on-tensors", func_name="main")
    names = [f"input{i}" for i in range(len(inputs))] + wrapped.names
    for op in module.body.operations:
        if op.operation.name == "func.func":
            for argument, name in zip(op.regions[0].blocks[0].arguments, names):
                argument.set_location(ir.Location.name(name, context=context))
    return readable(module.operation.get_asm(enable_debug_info=True))


def readable(text):
    """Writes location names where they are used and drops those that say nothing."""
    names = dict(re.findall(r'^(#loc\d*) = loc\((".*")\)$', text, re.M))
    lines = []
    for line in text.splitlines():
        if re.match(r"#loc\d* = ", line):
            continue
        inside_body = line.startswith("      ") or line.startswith("    ^")
        keep = lambda m: f" loc({names[m[1]]})" if m[1] in names and not inside_body else ""
        line = re.sub(r" loc\((#loc\d*)\)", keep, line)
        silent = r' loc\((unknown|"[^"]*")\)' if inside_body else r" loc\(unknown\)"
        line = re.sub(silent, "", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", metavar="MODULE:FUNCTION")
    parser.add_argument("output", nargs="?", type=pathlib.Path)
    parser.add_argument("--examples", type=pathlib.Path, metavar="FOLDER",
                        help="write every example model into FOLDER")
    options = parser.parse_args()
    if options.examples:
        jobs = [(make, options.examples / f"{make.__name__}.mlir") for make in example_models.ALL]
    elif options.model and options.output and ":" in options.model:
        module, function = options.model.split(":", 1)
        jobs = [(getattr(importlib.import_module(module), function), options.output)]
    else:
        parser.error("give MODULE:FUNCTION and an output file, or --examples FOLDER")
    for make, path in jobs:
        torch.manual_seed(0)
        model, inputs = make()
        summary = (make.__doc__ or make.__name__).strip().splitlines()[0]
        path.write_text(f"// {summary}\n" + export(model, inputs))
        print(f"{path}: {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
