#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints what a timeline amounts to: python check_trace.py TRACE.json"""
import collections
import json
import sys

trace = json.load(open(sys.argv[1], encoding="utf-8"))
names = {(event["pid"], event["tid"]): event["args"]["name"]
         for event in trace["traceEvents"]
         if event["ph"] == "M" and event["name"] == "thread_name"}
slices, cycles, bits, end = (collections.Counter() for _ in range(4))
most = collections.Counter()
for event in trace["traceEvents"]:
    track = names.get((event["pid"], event["tid"]))
    if event["ph"] == "X":
        slices[track] += 1
        cycles[track] += event["args"]["cycles"]
        bits[track] += event["args"].get("bits", 0)
        if event["ts"] + 1e-9 < end[track]:
            print(f"{track}: slices overlap at {event['ts']}")
        end[track] = event["ts"] + event["dur"]
    elif event["ph"] == "C":
        total = sum(event["args"].values())
        most[event["name"]] = max(most[event["name"]], total)
print("summarised", trace["otherData"]["summarised"])
for track, count in slices.items():
    print(f"{track}: {count} slices, {cycles[track]:.6g} cycles, "
          f"{bits[track]} bits, until {1000 * end[track]:.6g} ns")
for name, total in sorted(most.items()):
    print(f"{name}: at most {total}")
