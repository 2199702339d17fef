#!/usr/bin/env bash
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what LoopTree needs to build and to run its tests, from Debian. Safe
# to run again: with everything in place it asks nothing of the network.
set -euo pipefail

packages=(
  # Compiler, linker, LLVM and MLIR.
  clang-22 lld-22 libclang-rt-22-dev
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  # Build tools.
  cmake ninja-build ccache python3
  # Libraries.
  libyaml-cpp-dev nlohmann-json3-dev libcli11-dev
  # Tests and benchmarks.
  libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
  python3-jsonschema python3-yaml
)

say() { printf 'install-deps: %s\n' "$*"; }
die() { printf 'install-deps: error: %s\n' "$*" >&2; exit 1; }

command -v apt-get >/dev/null || die "apt-get is not here; LoopTree's \
dependencies are Debian packages: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  say "all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    die "run as root, or install sudo; missing: ${missing[*]}"
  as_root=(sudo)
fi

say "installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
for package in "${missing[@]}"; do
  candidate=$(apt-cache policy "$package" | sed -n 's/^ *Candidate: //p')
  [[ -n $candidate && $candidate != "(none)" ]] ||
    die "no package $package for this system; Debian 12 has it in \
bookworm-security, other systems may find LLVM 22 at https://apt.llvm.org"
done
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
say "done"
