#!/usr/bin/env bash
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs dependencies, builds looptree-opt, fuses ResNet-18 and prints what
# that costs. The module with its mappings is left in build/resnet18.fused.mlir.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source utils/environment.sh

utils/install-deps.sh
cmake --preset dev
cmake --build --preset dev -j "$jobs" --target looptree-opt

command=(build/bin/looptree-opt examples/resnet18.mlir
  --fuse-layers --estimate-cost -o build/resnet18.fused.mlir)
printf '\n$ %s\n' "${command[*]}"
"${command[@]}"
