"""Holds a report in JSON to the costs in the IR that it was written with."""

import json
import re
import sys

report = json.load(open(sys.argv[1]))
text = open(sys.argv[2]).read()

assert report["version"] == 1 and report["model"] == 1
[network] = report["networks"]
assert network["workload"] == "net" and network["arch"] == "edge"
assert network["einsums"] == 4 and network["ideal_array"] is True
assert network["barriers"] == [
    {"before": "convC", "reason": "tensor.gather is not affine"}]
assert network["mappings"] == []


def costs_of(kind, name):
    """The fields of `} costs <...>` of a mapping or plan."""
    op = text[text.index(f"looptree.{kind} @{name} "):]
    cost = re.search(r"^  } costs <(.*)>$", op, re.MULTILINE).group(1)
    numbers = re.findall(r"(\w+) = ([-+.\de]+)", cost.split("levels")[0])
    return {name: float(value) for name, value in numbers}


def check(entry, costs):
    assert entry["off_chip"]["elements"] == costs["off_chip_elements"]
    assert entry["off_chip"]["bits"] == costs["off_chip_bits"]
    assert entry["minimum"]["bits"] == costs["minimum_bits"]
    for name in ("ops", "recompute", "not_needed", "latency_cycles",
                 "compute_cycles", "utilisation", "energy_pj"):
        assert entry[name] == costs[name], name


plans = {plan["role"]: plan for plan in network["plans"]}
sets = {}
for plan in plans.values():
    check(plan, costs_of("plan", plan["name"]))
    for entry in plan["sets"]:
        check(entry, costs_of("mapping", entry["mapping"]))
        sets[entry["mapping"]] = entry
    for field in ("ops", "latency_cycles", "energy_pj"):
        assert plan[field] == sum(entry[field] for entry in plan["sets"])

# A share is the sum over the baseline's sets.
for role, parts in (("layer_by_layer", ["a", "b_relu"]),
                    ("op_by_op", ["a", "b", "relu"])):
    share = sets["ab"][role]
    for field in ("latency_cycles", "energy_pj"):
        assert share[field] == sum(sets[part][field] for part in parts)
    assert share["off_chip"]["bits"] == sum(
        sets[part]["off_chip"]["bits"] for part in parts)
# Of a baseline set that lies across the border there is none.
assert sets["relu"]["layer_by_layer"] is None
assert sets["ab"]["layers"] == [["convA"], ["convB", "relu"]]
assert sets["relu"]["layers"] == [["relu"]]
assert sets["ab"]["capacity_bits"]["GLB"] == 224
assert plans["fused"]["certificate"].endswith("loops over reduction ranks")
assert plans["op_by_op"]["certificate"] is None
print("as in the IR")
