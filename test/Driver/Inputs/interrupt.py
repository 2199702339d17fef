#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command, sends it SIGINT when it first tells of its progress, and
prints its output and exit code."""

import signal
import subprocess
import sys

child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
told = b""
while b"evaluated" not in told:
    byte = child.stderr.read(1)
    if not byte:
        break
    told += byte
child.send_signal(signal.SIGINT)
output, rest = child.communicate()
print(output.decode(), end="")
print(rest.decode().replace("\r", "\n"), end="")
print("exit", child.returncode)
