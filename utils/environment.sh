#!/usr/bin/env bash
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sourced by the scripts of this folder.

# Debian's tools stand before what else a machine has under the same names (a
# Python version manager's cmake or ninja, say).
export PATH="/usr/bin:/bin:$PATH"

# A C++ compiler of MLIR code takes up to 1.5 GB.
memory_kb=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
jobs=$(nproc)
most=$((${memory_kb:-2000000} / 1500000))
((most >= 1)) || most=1
((jobs <= most)) || jobs=$most
