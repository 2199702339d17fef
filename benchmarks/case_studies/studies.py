#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The case studies of docs/CaseStudies.md: a table and a plot for each.

    studies.py [--looptree PROGRAM] [--plots FOLDER] [STUDY...]

tiling     buffer at equal off-chip transfers: any choice against rows only
           with one place for all tensors
orders     which partitioned ranks, in which order, win at which transfers
retention  a place for each tensor against one place for all
recompute  keep or make again, per intermediate, along three convolutions
pipeline   sequential against pipeline

Tables are Markdown on standard output. Plots need matplotlib.
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

from workloads import SETS, convolutions

ONE_BUFFER = {"name": "one_buffer", "levels": [{"name": "DRAM"}, {"name": "GLB"}]}
CAPACITY, TRANSFERS = "capacity_bits.GLB", "off_chip_bits"
# Off-chip transfers that a column of a table allows, relative to the minimum.
BUDGETS = (1, 1.1, 1.5, 2, 4)


def size(bits):
    """Bits as bytes with three digits."""
    amount = bits / 8
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024 or unit == "MiB":
            return f"{amount:.3g} {unit}" if amount < 1000 else f"{amount:.0f} {unit}"
        amount /= 1024


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


class Tool:
    def __init__(self, program, seconds):
        self.program, self.seconds = program, seconds
        self.incomplete, self.space = [], None

    def front(self, workload, constraints, title, objectives=(CAPACITY, TRANSFERS)):
        """Points of the front, each a tuple of the objectives' values."""
        problem = {"version": 1, "workload": workload, "architecture": ONE_BUFFER,
                   "objectives": list(objectives), "constraints": constraints,
                   "limits": {"seconds": self.seconds}}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(problem, file)
            file.flush()
            run = subprocess.run([self.program, "explore", file.name],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True)
        if run.returncode not in (0, 3):
            sys.exit(f"studies.py: {title}: {run.stderr or run.stdout}")
        answer = json.loads(run.stdout)
        self.space = answer["space"]
        if answer["status"] != "optimal":
            self.incomplete.append(title)
        return sorted(tuple(point["objectives"][o] for o in objectives)
                      for point in answer["front"])

    def results(self, candidates):
        """The result of each candidate; one that has no number ends the run."""
        run = subprocess.run(
            [self.program, "eval", "-"], text=True, stdout=subprocess.PIPE,
            input="".join(json.dumps(c) + "\n" for c in candidates))
        results = [json.loads(line) for line in run.stdout.splitlines()]
        for result in results:
            if "error" in result:
                sys.exit(f"studies.py: {result['error']}")
        return results


def minimum(workload):
    """Off-chip bits when every input is read once and every output written once."""
    bits = 0
    for tensor in workload["tensors"]:
        if tensor["kind"] != "intermediate":
            count = tensor["bits"]
            for extent in tensor["shape"]:
                count *= extent
            bits += count
    return bits


def last_of(workload):
    return workload["einsums"][-1]


def divisors(extent):
    return [d for d in range(1, extent) if extent % d == 0]


def steps_of(workload, ranks):
    last = last_of(workload)
    extents = dict(map(tuple, last["ranks"]))
    return {last["name"]: {r: {"one_of": divisors(extents[r])} for r in ranks}}


def orders(ranks, loops=2):
    """Every order of up to so many of the ranks."""
    return [list(o) for count in range(loops + 1)
            for o in itertools.permutations(ranks, count)]


def constraints_of(entry, loop_orders, place=None, branches=None):
    """A trunk of at most two loops; branches have loops of their own only over the
    ranks given."""
    workload = entry["workload"]
    last = last_of(workload)["name"]
    ranks = sorted({r for order in loop_orders for r in order})
    constraints = {"loop_order": {last: loop_orders}, "max_loops": 2}
    if branches:
        constraints["branch_ranks"] = {e["name"]: branches
                                       for e in workload["einsums"]}
    else:
        constraints["max_branch_loops"] = 0
    if ranks:
        constraints["steps"] = steps_of(workload, ranks)
    if place is not None:
        constraints["retain"] = {t["name"]: place for t in workload["tensors"]}
    return constraints


def free_front(tool, entry, title):
    """Any choice. Without halos trunks and branches have loops of any step; with
    them a trunk has two, whose steps divide the extent."""
    if entry["halos"]:
        constraints = constraints_of(entry, orders(entry["ranks"]),
                                     branches=entry.get("branches"))
    else:
        constraints = {}
    return tool.front(entry["workload"], constraints, title)


def uniform_front(tool, entry, loop_orders, title):
    """One place for all tensors: above the loops, or below the first k."""
    points = []
    for order in loop_orders:
        for place in range(len(order) + 1):
            points += tool.front(entry["workload"],
                                 constraints_of(entry, [order], place), title)
    return pareto(points)


def pareto(points):
    front, best = [], None
    for point in sorted(points):
        if best is None or point[1] < best:
            front.append(point)
            best = point[1]
    return front


def least_capacity(front, transfers):
    return min((c for c, t in front if t <= transfers), default=None)


def compared(front, base, workload):
    """Per budget: both capacities and how many times less the first one is."""
    cells = []
    for budget in BUDGETS:
        ours = least_capacity(front, budget * minimum(workload))
        theirs = least_capacity(base, budget * minimum(workload))
        if ours is None or theirs is None:
            cells.append("-" if ours is None else f"{size(ours)}, base has none")
        else:
            cells.append(f"{size(ours)} of {size(theirs)} ({theirs / ours:.1f}x)")
    return cells


def budget_header(*first):
    return [*first] + [f"{b:g}x minimum" for b in BUDGETS]


def tiling(tool, plot):
    rows, curves = [], {}
    for name, entry in SETS.items():
        free = free_front(tool, entry, name)
        space = tool.space
        base = uniform_front(tool, entry, [[], [entry["rows"]]], name)
        rows.append([name, space] + compared(free, base, entry["workload"]))
        curves[name] = {"any choice": free, "rows, uniform": base}
    table(budget_header("any choice, of rows only", "space"), rows)
    plot("tiling", curves)


def order_study(tool, plot):
    for name, entry in SETS.items():
        workload = entry["workload"]
        fronts = {}
        for order in orders(entry["ranks"]):
            fronts[", ".join(order) or "none"] = tool.front(
                workload, constraints_of(entry, [order]), f"{name}: {order}")
        budgets = [b * minimum(workload) for b in BUDGETS]
        least = [min((c for f in fronts.values()
                      if (c := least_capacity(f, t)) is not None), default=None)
                 for t in budgets]
        rows = []
        for order, front in fronts.items():
            cells = []
            for best, transfers in zip(least, budgets):
                capacity = least_capacity(front, transfers)
                cell = "-" if capacity is None else size(capacity)
                cells.append(f"**{cell}**" if capacity is not None and capacity == best
                             else cell)
            rows.append([order] + cells)
        print(f"{name}\n")
        table(budget_header("loops"), rows)
        plot("orders-" + str(list(SETS).index(name) + 1), {name: fronts})


def retention(tool, plot):
    rows, curves = [], {}
    for name, entry in SETS.items():
        loop_orders = orders(entry["ranks"])
        free = free_front(tool, entry, name)
        space = tool.space
        base = uniform_front(tool, entry, loop_orders, name)
        rows.append([name, space] + compared(free, base, entry["workload"]))
        curves[name] = {"per tensor": free, "uniform": base}
    table(budget_header("per tensor, of uniform", "space"), rows)
    plot("retention", curves)


PLACES = {
    # Loops above the retain, no_reuse.
    "rows kept": (1, False),
    "tile kept": (2, False),
    "made again": (2, True),
}


def three_convolutions(size_, step, first, second):
    """p and q tiled by `step`; places of the two intermediates."""
    workload = convolutions(3, 64, size_)
    retained = {k: [] for k in range(3)}
    no_reuse = {k: [] for k in range(3)}
    retained[0] = ["W1", "W2", "W3"]
    retained[2] = ["T0", "T3"]
    for tensor, place in (("T1", first), ("T2", second)):
        position, again = PLACES[place]
        retained[position].append(tensor)
        if again:
            no_reuse[position].append(tensor)
    mapping = [{"retain": ["T0", "W1", "W2", "W3", "T3"], "at": "DRAM"}]
    for position, loop in enumerate([None, "p", "q"]):
        if loop:
            mapping.append({"for": loop, "of": "L3", "step": step})
        if retained[position]:
            node = {"retain": retained[position], "at": "GLB"}
            if no_reuse[position]:
                node["no_reuse"] = no_reuse[position]
            mapping.append(node)
    mapping.append({"sequential": [[{"compute": f"L{i}"}] for i in (1, 2, 3)]})
    return {"version": 1, "workload": workload, "architecture": ONE_BUFFER,
            "mapping": mapping}


def recompute(tool, plot):
    steps = (2, 4, 8, 14, 28)
    choices = list(itertools.product(PLACES, PLACES))
    candidates = [three_convolutions(56, s, a, b) for a, b in choices for s in steps]
    results = iter(tool.results(candidates))
    weights = 3 * 64 * 64 * 9 * 16
    rows, curves = [], {}
    for a, b in choices:
        row, points = [a, b], []
        for _ in steps:
            result = next(results)
            done = sum(result["ops"].values())
            again = sum(result["recompute"].values())
            capacity = result["capacity_bits"]["GLB"] - weights
            factor = done / (done - again)
            row.append(f"{factor:.2f}x, {size(capacity)}")
            points.append((capacity, factor))
        rows.append(row)
        curves[f"T1 {a}, T2 {b}"] = sorted(points)
    table(["T1", "T2"] + [f"{s} x {s}" for s in steps], rows)
    plot("recompute", {"conv x3: operations": curves}, "operations, of the minimum")


# A split, and whether a layer's input channels are divided too.
STAGES = {"sequential": ("sequential", True),
          "sequential, output channels only": ("sequential", False),
          "pipeline": ("pipeline", False)}


def staged(stages, layers, step):
    """Row tiles of 3x3 convolutions of 64 channels, 64 processing elements a layer.

    Pipeline: a layer has its 64, one an output channel. Sequential: a layer has
    all of them, its input channels being divided among the groups of 64; or the
    array divides output channels alone, and fills 64.
    """
    kind, inputs = STAGES[stages]
    workload = convolutions(layers, 64, 56)
    branches = []
    for number in range(1, layers + 1):
        name = f"L{number}"
        branch = [{"spatial_for": "m", "of": name, "step": 1, "over": "X"}]
        if inputs:
            branch.append({"spatial_for": "c", "of": name, "step": 64 // layers,
                           "over": "X"})
        branches.append(branch + [{"compute": name}])
    tensors = [f"T{i}" for i in range(layers + 1)]
    weights = [f"W{i}" for i in range(1, layers + 1)]
    return {
        "version": 1, "workload": workload,
        "architecture": {
            "name": "array",
            "levels": [{"name": "DRAM"}, {"name": "GLB"}],
            "fanout": [{"name": "X", "size": 64 * layers, "below": "GLB"}]},
        "mapping": [
            {"retain": ["T0", *weights, tensors[-1]], "at": "DRAM"},
            {"retain": weights, "at": "GLB"},
            {"for": "p", "of": f"L{layers}", "step": step},
            {"retain": tensors, "at": "GLB"},
            {kind: branches}]}


def pipeline(tool, plot):
    steps = (1, 2, 4, 7, 14, 28)
    curves = {}
    for layers in (2, 4):
        rows = []
        title = f"{layers} convolutions"
        weights = layers * 64 * 64 * 9 * 16
        curves[title] = {}
        for kind in STAGES:
            points = []
            for step, result in zip(steps, tool.results(
                    [staged(kind, layers, s) for s in steps])):
                if not result["valid"]:
                    sys.exit(f"studies.py: {kind}: {result['problems']}")
                latency = result["latency"]
                capacity = result["capacity_bits"]["GLB"] - weights
                rows.append([kind, step, latency["overall"],
                             f"{latency['utilisation']:.3f}", latency["fill"],
                             latency["drain"], size(capacity)])
                points.append((capacity, latency["overall"]))
            curves[title][kind] = points
        print(f"{title}\n")
        table(["split", "rows", "cycles", "utilisation", "fill", "drain",
               "buffer of tensors"], rows)
    plot("pipeline", curves, "cycles")


class Plots:
    """Draws a figure of curves: axes by title, in each lines by name."""

    def __init__(self, folder):
        self.folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, name, axes, vertical="off-chip transfers, MiB"):
        if not self.folder:
            return
        import matplotlib
        matplotlib.use("svg")
        # The same file from the same numbers.
        matplotlib.rcParams["svg.hashsalt"] = name
        matplotlib.rcParams["svg.fonttype"] = "none"
        from matplotlib import pyplot
        figure, cells = pyplot.subplots(1, len(axes), squeeze=False,
                                        figsize=(4.5 * len(axes), 4))
        for cell, (title, curves) in zip(cells[0], axes.items()):
            for label, points in curves.items():
                bits = vertical.startswith("off-chip")
                cell.plot([c / 8 / 1024 for c, _ in points],
                          [v / 8 / 2**20 if bits else v for _, v in points],
                          marker=".", label=label,
                          drawstyle="steps-post" if bits else "default")
            cell.set_title(title, fontsize=9)
            cell.set_xlabel("buffer, KiB")
            cell.set_xscale("symlog", linthresh=1)
            if bits:
                cell.set_yscale("log")
            cell.legend(fontsize=7)
        cells[0][0].set_ylabel(vertical)
        figure.tight_layout()
        figure.savefig(self.folder / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)


STUDIES = {"tiling": tiling, "orders": order_study, "retention": retention,
           "recompute": recompute, "pipeline": pipeline}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("studies", nargs="*", metavar="STUDY",
                        help="all when absent")
    parser.add_argument("--looptree", default="build/bin/looptree")
    parser.add_argument("--plots", type=pathlib.Path,
                        help="folder for SVG files; none are drawn when absent")
    parser.add_argument("--seconds", type=float, default=120,
                        help="limit of one search")
    arguments = parser.parse_args()
    for name in arguments.studies:
        if name not in STUDIES:
            parser.error(f"no study '{name}'; there are {', '.join(STUDIES)}")
    tool = Tool(arguments.looptree, arguments.seconds)
    for name in arguments.studies or STUDIES:
        print(f"## {name}\n", flush=True)
        STUDIES[name](tool, Plots(arguments.plots))
    for title in tool.incomplete:
        print(f"stopped by the limit, the front may lack points: {title}")


if __name__ == "__main__":
    main()
