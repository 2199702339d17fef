#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Times lowered mappings beside what they are meant to beat, on one thread.

    benchmarks/lowering/compare.py --build build [--only REGEX] [--rounds N]

Every network is compiled as it is (unfused); with its last einsum tiled by rows
and all others fused into its loop, recomputing halos (upstream's
`transform.structured.fuse`, for chains of convolutions alone); and lowered from
a mapping with the same tiles that retains every intermediate. The leaves go
through the same passes and the same compiler. PyTorch runs the network in both
of its layouts when it can be imported.

MACs are counted by running a copy of each program that counts them. Runs are
interleaved; times are of the process's CPU, the median and the least over the
rounds. Results are compared with the unfused program's.
"""

import argparse
import ctypes
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import networks

# Each with the tiles' rows.
WORKLOADS = [
    (networks.pair(56, 64), [1, 2, 4, 8]),
    (networks.pair(512, 16), [2, 8]),
    (networks.fsrcnn("nhwc"), [1]),
    (networks.fsrcnn("nchw"), [1]),
    (networks.inverted_residual("nhwc", 24, 56), [1, 4]),
    (networks.inverted_residual("nchw", 24, 56), [1, 4]),
]

ARCH = """
looptree.arch @chip {
  level @DRAM
  level @GLB
  compute_unit
}
"""

FUSE = """
module attributes {{transform.with_named_sequence}} {{
  transform.named_sequence @__transform_main(%m: !transform.any_op) {{
    %c = transform.structured.match ops{{["linalg.{op}"]}} in %m : (!transform.any_op) -> !transform.any_op
    %all:{count} = transform.split_handle %c : (!transform.any_op) -> ({handles})
    %t, %l = transform.structured.fuse %all#{last} tile_sizes [{tiles}] {{apply_cleanup}} : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %f = transform.structured.match ops{{["func.func"]}} in %m : (!transform.any_op) -> !transform.any_op
    transform.apply_patterns to %f {{ transform.apply_patterns.tensor.fold_tensor_empty }} : !transform.any_op
    transform.yield
  }}
}}
"""

BUFFERIZE = (
    "one-shot-bufferize{bufferize-function-boundaries=true "
    "function-boundary-type-conversion=identity-layout-map},canonicalize,cse,"
    "canonicalize,buffer-results-to-out-params{hoist-static-allocs=true "
    "modify-public-functions=true}")
DEALLOCATE = "buffer-deallocation-pipeline,convert-bufferization-to-memref"
LOOPS = "canonicalize,cse,convert-linalg-to-loops"
TILES = ("canonicalize,cse,func.func(vectorize-leaves),canonicalize,cse,"
         "loop-invariant-code-motion,convert-linalg-to-loops")
LLVM = (
    "fold-memref-alias-ops,expand-strided-metadata,lower-affine,"
    "convert-scf-to-cf,convert-vector-to-llvm,convert-math-to-llvm,"
    "finalize-memref-to-llvm,convert-arith-to-llvm,convert-func-to-llvm,"
    "convert-cf-to-llvm,convert-ub-to-llvm,reconcile-unrealized-casts,"
    "canonicalize,cse")

COUNTER = """
memref.global "private" @macs : memref<1xi64> = dense<0>
func.func @count_macs() -> i64 attributes {llvm.emit_c_interface} {
  %zero = arith.constant 0 : index
  %all = memref.get_global @macs : memref<1xi64>
  %n = memref.load %all[%zero] : memref<1xi64>
  return %n : i64
}
"""


class Compiler:
    def __init__(self, build, llvm, folder):
        self.opt = pathlib.Path(build) / "bin/looptree-opt"
        self.llvm = pathlib.Path(llvm)
        self.folder = pathlib.Path(folder)
        self.made = 0

    def run(self, text, passes, options=()):
        command = [self.opt, f"--pass-pipeline=builtin.module({passes})",
                   *options]
        done = subprocess.run(command, input=text, text=True,
                              capture_output=True)
        if done.returncode:
            sys.exit(f"{passes}\n{done.stderr[:2000]}")
        return done.stdout

    def library(self, text, level):
        """Lowers loops to a shared library."""
        self.made += 1
        stem = self.folder / f"program{self.made}"
        text = self.run(text, LLVM)
        ir = subprocess.run([self.llvm / "bin/mlir-translate",
                             "--mlir-to-llvmir"], input=text, text=True,
                            check=True, capture_output=True).stdout
        stem.with_suffix(".ll").write_text(ir)
        subprocess.run(
            [self.llvm / "bin/clang", level, "-march=native",
             "-mprefer-vector-width=512", "-ffp-contract=fast",
             "-Wno-override-module", "-shared", "-fPIC",
             stem.with_suffix(".ll"), "-o", stem.with_suffix(".so"),
             f"-L{self.llvm}/lib", "-lmlir_c_runner_utils",
             f"-Wl,-rpath,{self.llvm}/lib", "-lm"], check=True)
        return ctypes.CDLL(str(stem.with_suffix(".so")))

    # --- The three forms, bufferized ---------------------------------------

    def unfused(self, network):
        return self.run(network.mlir(),
                        f"canonicalize,{BUFFERIZE},{DEALLOCATE}")

    def fused(self, network, rows):
        """None unless the network is convolutions alone."""
        count = len(network.layers)
        if any(layer.kind != "conv" for layer in network.layers):
            return None
        script = self.folder / f"fuse{rows}.mlir"
        script.write_text(FUSE.format(
            op="conv_2d_nhwc_hwcf" if network.last else "conv_2d_nchw_fchw",
            count=count, last=count - 1,
            handles=", ".join(["!transform.any_op"] * count),
            tiles=f"0, {rows}" if network.last else f"0, 0, {rows}"))
        text = self.run(
            network.mlir(),
            f"transform-preload-library{{transform-library-paths={script}}},"
            f"transform-interpreter,canonicalize,{BUFFERIZE},{DEALLOCATE}")
        return text

    def lowered(self, network, rows):
        text = self.run(network.mlir(), "import-workload")
        return self.run(with_mapping(text, network, rows),
                        f"lower-mappings,strip-levels,{BUFFERIZE}")


def with_mapping(text, network, rows):
    """Rows of the last einsum outermost, every intermediate retained."""
    workload = re.search(r"looptree\.workload @(\S+)", text).group(1)
    tensors = re.findall(r"tensor @(\S+) : \S+ (\w+)", text)
    einsums = re.findall(r"einsum @(\S+) .*writes @\S+\[(.*?)\] reads", text)
    row = einsums[-1][1].split(", ")[1 if network.last else 2]
    ends = ", ".join("@" + n for n, kind in tensors if kind != "intermediate")
    inner = ", ".join("@" + n for n, kind in tensors if kind == "intermediate")
    computes = "}, {".join(f" compute @{name} " for name, _ in einsums)
    mapping = (f"looptree.mapping @line of @{workload} on @chip {{\n"
               f"  retain {ends} at @DRAM\n"
               f"  for {row} of @{einsums[-1][0]} step {rows} {{\n"
               f"    retain {inner} at @GLB\n"
               f"    sequential {{{computes}}}\n  }}\n}}\n")
    at = text.rindex("}")
    return text[:at] + ARCH + mapping + text[at:]


def counting(loops):
    """The program with a counter beside each multiplication that is summed."""
    lines, made = [], 0
    source = loops.splitlines()
    for line, after in zip(source, source[1:] + [""]):
        lines.append(line)
        product = re.match(r"\s*(%\S+) = arith\.mulf ", line)
        if product and "arith.addf" in after and product.group(1) in after:
            made += 1
            c = f"%count{made}"
            lines.append(
                f"{c}a = memref.get_global @macs : memref<1xi64>\n"
                f"{c}z = arith.constant 0 : index\n"
                f"{c}o = memref.load {c}a[{c}z] : memref<1xi64>\n"
                f"{c}i = arith.constant 1 : i64\n"
                f"{c}n = arith.addi {c}o, {c}i : i64\n"
                f"memref.store {c}n, {c}a[{c}z] : memref<1xi64>")
    text = "\n".join(lines)
    at = text.rindex("}")
    return text[:at] + COUNTER + text[at:]


class MemRef:
    @staticmethod
    def of(shape):
        """A descriptor of MLIR's, and the memory that it describes."""
        rank = len(shape)

        class Ranked(ctypes.Structure):
            _fields_ = [("allocated", ctypes.c_void_p),
                        ("aligned", ctypes.c_void_p),
                        ("offset", ctypes.c_int64),
                        ("sizes", ctypes.c_int64 * rank),
                        ("strides", ctypes.c_int64 * rank)]
        count = networks.elements(shape)
        block = (ctypes.c_char * (4 * count + 64))()
        start = ctypes.addressof(block)
        start += -start % 64
        strides = [networks.elements(shape[d + 1:]) for d in range(rank)]
        result = Ranked(start, start, 0, (ctypes.c_int64 * rank)(*shape),
                        (ctypes.c_int64 * rank)(*strides))
        result.block = block
        result.data = (ctypes.c_float * count).from_address(start)
        return result


class Program:
    def __init__(self, name, call, output, macs=None):
        self.name, self.call, self.output, self.macs = name, call, output, macs
        self.times = []


def compiled(compiler, name, text, arguments, output):
    loops = compiler.run(text, LOOPS)
    pointers = [ctypes.byref(a) for a in (*arguments, output)]
    counter = compiler.library(counting(loops), "-O1")
    getattr(counter, "_mlir_ciface_main")(*pointers)
    counter._mlir_ciface_count_macs.restype = ctypes.c_int64
    macs = counter._mlir_ciface_count_macs()
    library = compiler.library(compiler.run(text, TILES), "-O3")
    function = library._mlir_ciface_main

    def result():
        ctypes.memset(output.aligned, 0xff, 4 * len(output.data))
        function(*pointers)
        return list(output.data)

    return Program(name, lambda: function(*pointers), result, macs)


def pytorch(network, data):
    try:
        import torch
    except ImportError:
        return []
    torch.set_num_threads(1)
    programs = []
    for name, layout in (("channels_last", torch.channels_last),
                         ("contiguous", torch.contiguous_format)):
        module, image = network.torch(torch, data, layout)

        def call(module=module, image=image):
            with torch.no_grad():
                return module(image)

        def result(call=call):
            out = call()
            out = out.permute(0, 2, 3, 1) if network.last else out
            return out.contiguous().flatten().tolist()

        programs.append(Program(f"PyTorch {name}", call, result))
    return programs


def difference(values, reference):
    """The largest, over the largest value."""
    largest = max(map(abs, reference))
    return max(abs(a - b) if a == a else float("inf")
               for a, b in zip(values, reference)) / largest


def keep_memory():
    """Freed memory stays with the process: no program pays for fresh pages."""
    libc = ctypes.CDLL(None)
    for parameter in (-1, -3):  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
        libc.mallopt(parameter, 1 << 30)


def measure(programs, rounds):
    keep_memory()
    repeat = {}
    for program in programs:
        start = time.process_time()
        program.call()
        repeat[program.name] = max(1, round(0.01 / max(
            time.process_time() - start, 1e-6)))
    for _ in range(rounds):
        for program in programs:
            start = time.process_time()
            for _ in range(repeat[program.name]):
                program.call()
            program.times.append(
                (time.process_time() - start) / repeat[program.name])


def compare(compiler, network, tiles, rounds):
    rng = random.Random(1)
    arguments = [MemRef.of(shape) for shape in network.arguments()]
    data = []
    for argument, shape in zip(arguments, network.arguments()):
        scale = 1 if argument is arguments[0] else \
            (3 / networks.elements(shape[:-1] if network.last else shape[1:])
             ) ** .5
        data.append([rng.uniform(-scale, scale)
                     for _ in range(networks.elements(shape))])
        argument.data[:] = data[-1]
    output = MemRef.of(network.shapes[-1])

    programs = [compiled(compiler, "unfused", compiler.unfused(network),
                         arguments, output)]
    for rows in tiles:
        fused = compiler.fused(network, rows)
        if fused:
            programs.append(compiled(compiler, f"upstream fuse, {rows} rows",
                                     fused, arguments, output))
    for rows in tiles:
        programs.append(compiled(compiler, f"LoopTree, {rows} rows",
                                 compiler.lowered(network, rows), arguments,
                                 output))
    programs += pytorch(network, data)

    reference = programs[0].output()
    print(f"\n{network.title}: {network.macs / 1e6:,.1f} MMAC, minimum of "
          f"{rounds} interleaved rounds\n")
    print("| program | MACs / needed | ms | median | GMAC/s | / unfused "
          "| difference |\n|---|---:|---:|---:|---:|---:|---:|")
    differences = [difference(p.output(), reference) for p in programs]
    measure(programs, rounds)
    base = min(programs[0].times)
    for program, off in zip(programs, differences):
        least = min(program.times)
        median = sorted(program.times)[len(program.times) // 2]
        macs = f"{program.macs / network.macs:.3f}" if program.macs else ""
        print(f"| {program.name} | {macs} | {least * 1e3:.2f} "
              f"| {median * 1e3:.2f} | {network.macs / least / 1e9:.1f} "
              f"| {least / base:.2f} | {off:.0e} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--llvm", default="/usr/lib/llvm-22")
    parser.add_argument("--only", default=".", help="regular expression")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(args.build, args.llvm, folder)
        for network, tiles in WORKLOADS:
            if re.search(args.only, network.title):
                compare(compiler, network, tiles, args.rounds)


if __name__ == "__main__":
    main()
