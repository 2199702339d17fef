#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads a module with workloads and prints what is in them on one line."""

import math
import re
import sys

EINSUM = re.compile(r"^\s*einsum @\S+ (?:(reduction|elementwise) )?\(([^)]*)\)")
text = sys.stdin.read()
macs, einsums = 0, 0
for line in text.splitlines():
    match = EINSUM.match(line)
    if match:
        einsums += 1
        if not match[1]:
            macs += math.prod(int(n) for n in re.findall(r"= (\d+)", match[2]))
barriers = len(re.findall(r"^\s*barrier ", text, re.MULTILINE))
named = len(re.findall(r"looptree\.einsum = @", text))
print(f"{macs / 1e9:.4f} GMAC, {einsums} einsums, {barriers} barriers, "
      f"{named} payload ops")
