#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Prints a module that runs leaves of many shapes and prints their results.

Data are small integers, so every order of summation gives the same digits.
"""

TYPES = {"f32": "F32", "i32": "I32"}
cases = []


def memref(shape, element):
    return "memref<" + "".join(f"{n}x" for n in shape) + element + ">"


def case(op, ins, out, element="f32", out_element=None, attributes="",
         dynamic=(), body="", tail=""):
    """`ins`, `out`: shapes. `dynamic`: pairs (operand, dimension) whose extent
    the leaf does not know; operand len(ins) is the output."""
    cases.append((op, [(shape, element) for shape in ins]
                  + [(out, out_element or element)],
                  attributes, set(dynamic), body, tail))


def convolution(layout, n, c, f, h, w, kernel=(3, 3), stride=(1, 1),
                dilation=(1, 1), depthwise=False, **more):
    kh, kw = kernel
    rows = (h - 1) * stride[0] + (kh - 1) * dilation[0] + 1
    columns = (w - 1) * stride[1] + (kw - 1) * dilation[1] + 1
    attributes = (f"{{dilations = dense<[{dilation[0]}, {dilation[1]}]> : "
                  f"tensor<2xi64>, strides = dense<[{stride[0]}, {stride[1]}]>"
                  " : tensor<2xi64>}")
    if layout == "nhwc":
        op = ("linalg.depthwise_conv_2d_nhwc_hwc" if depthwise
              else "linalg.conv_2d_nhwc_hwcf")
        weights = (kh, kw, c) if depthwise else (kh, kw, c, f)
        case(op, [(n, rows, columns, c), weights],
             (n, h, w, c if depthwise else f), attributes=attributes, **more)
    else:
        op = ("linalg.depthwise_conv_2d_nchw_chw" if depthwise
              else "linalg.conv_2d_nchw_fchw")
        weights = (c, kh, kw) if depthwise else (f, c, kh, kw)
        case(op, [(n, c, rows, columns), weights],
             (n, c if depthwise else f, h, w), attributes=attributes, **more)


BYTES = dict(element="i8", out_element="i32")

# Prime and odd extents, below and above one tile, a unit of everything.
for layout in ("nhwc", "nchw"):
    for f, w in ((1, 1), (1, 7), (3, 13), (16, 5), (17, 29), (37, 17), (64, 2),
                 (13, 53), (131, 1)):
        convolution(layout, 1, 3, f, 2, w)
    convolution(layout, 2, 5, 19, 3, 11, kernel=(1, 1))
    convolution(layout, 1, 2, 20, 3, 11, kernel=(5, 2))
    convolution(layout, 1, 3, 7, 3, 19, stride=(2, 2))
    convolution(layout, 1, 3, 7, 3, 9, stride=(3, 4), dilation=(2, 3))
    convolution(layout, 1, 3, 18, 2, 23, dilation=(2, 2))
    for stride, w in ((2, 40), (2, 17), (3, 31), (4, 2), (5, 19)):
        convolution(layout, 1, 2, 5, 2, w, stride=(1, stride))
    convolution(layout, 1, 23, 0, 5, 23, depthwise=True)
    convolution(layout, 1, 7, 0, 4, 37, stride=(2, 2), depthwise=True)
    convolution(layout, 1, 7, 0, 3, 11, dilation=(2, 3), depthwise=True)
    convolution(layout, 1, 5, 21, 3, 13, **BYTES)
    convolution(layout, 1, 21, 0, 3, 19, depthwise=True, **BYTES)
    # Rows that the leaf does not know.
    row = 1 if layout == "nhwc" else 2
    convolution(layout, 1, 3, 17, 5, 13, dynamic=[(0, row), (2, row)])
# Columns that it does not know: the loop of vectors, of points, of both.
convolution("nhwc", 1, 3, 17, 2, 23, dynamic=[(0, 2), (2, 2)])
convolution("nchw", 1, 3, 17, 2, 150, dynamic=[(0, 3), (2, 3)])
case("linalg.matmul", [(9, 5), (5, 85)], (9, 85),
     dynamic=[(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)])

for m, n, k in ((1, 1, 1), (7, 23, 5), (31, 67, 13), (128, 16, 3), (5, 1, 9)):
    case("linalg.matmul", [(m, k), (k, n)], (m, n))
case("linalg.matmul", [(11, 13), (13, 29)], (11, 29), **BYTES)
case("linalg.batch_matmul", [(3, 11, 7), (3, 7, 29)], (3, 11, 29))
case("linalg.batch_matmul", [(2, 5, 7), (2, 7, 19)], (2, 5, 19), **BYTES)
case("linalg.matvec", [(19, 23), (23,)], (19,))
case("linalg.vecmat", [(19,), (19, 23)], (23,))
case("linalg.dot", [(23,), (23,)], ())

WINDOW = ("{dilations = dense<[1, 2]> : tensor<2xi64>, "
          "strides = dense<[2, 1]> : tensor<2xi64>}")
case("linalg.pooling_nhwc_max", [(1, 7, 15, 19), (3, 2)], (1, 3, 13, 19),
     attributes=WINDOW)
case("linalg.pooling_nchw_sum", [(1, 3, 7, 15), (3, 2)], (1, 3, 3, 13),
     attributes=WINDOW)
case("linalg.add", [(5, 37), (5, 37)], (5, 37))
case("linalg.transpose", [(7, 19)], (19, 7), tail=" permutation = [1, 0]")
case("linalg.broadcast", [(5,)], (5, 21), tail=" dimensions = [1]")
case("linalg.copy", [(3, 5, 7)], (3, 5, 7))

MAP = "affine_map<({}) -> ({})>"


def generic(ins, maps, out, out_map, kinds, body, **more):
    loops = ", ".join(f"d{i}" for i in range(len(kinds)))
    listed = ", ".join(MAP.format(loops, m) for m in maps + [out_map])
    kinds = ", ".join(f'"{kind}"' for kind in kinds)
    case("linalg.generic", ins, out, body=body, attributes=(
        f"{{indexing_maps = [{listed}], iterator_types = [{kinds}]}}"), **more)


# Outputs that are contiguous along no loop; a body that knows where it is.
generic([(19, 6)], ["d0, d1"], (6, 19), "d1, d0", ["parallel"] * 2, """
    %s = arith.addf %x0, %x1 : f32
    linalg.yield %s : f32""")
generic([(19, 6)], ["d0, d1"], (19, 31), "d0, 5 * d1", ["parallel"] * 2, """
    %p = arith.mulf %x0, %x0 : f32
    %s = arith.addf %p, %x1 : f32
    linalg.yield %s : f32""")
generic([(13, 21)], ["d0, d1"], (13,), "d0", ["parallel", "reduction"], """
    %s = arith.maximumf %x0, %x1 : f32
    linalg.yield %s : f32""")
generic([(13, 21)], ["d0, d1"], (21,), "d1", ["reduction", "parallel"], """
    %s = arith.addf %x1, %x0 : f32
    linalg.yield %s : f32""")
generic([(3, 21), ()], ["d0, d1", ""], (3, 21), "d0, d1", ["parallel"] * 2, """
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.muli %i, %j : index
    %l = arith.index_cast %k : index to i32
    %m = arith.sitofp %l : i32 to f32
    %c = arith.cmpf ogt, %x0, %x1 : f32
    %t = arith.select %c, %m, %x1 : f32
    linalg.yield %t : f32""")
# The first column of a result with channels first: vectors along rows, or along
# filters whose weights are far apart.
for rows in (1, 3, 5, 16):
    generic([(7, rows, 4), (19, 7, 4)], ["d2, d1, d3", "d0, d2, d3"],
            (19, rows, 5), "d0, d1, 0",
            ["parallel", "parallel", "reduction", "reduction"], """
    %p = arith.mulf %x0, %x1 : f32
    %s = arith.addf %x2, %p : f32
    linalg.yield %s : f32""")

# Bits, which memory has as bytes.
generic([(3, 21)], ["d0, d1"], (3, 21), "d0, d1", ["parallel"] * 2, """
    %z = arith.constant 0.0 : f32
    %c = arith.cmpf ogt, %x0, %z : f32
    linalg.yield %c : i1""", out_element="i1")
generic([(3, 21)], ["d0, d1"], (21, 3), "d1, d0", ["parallel"] * 2, """
    %c = arith.xori %x0, %x1 : i1
    linalg.yield %c : i1""", element="i1")
generic([(3, 21)], ["d0, d1"], (3,), "d0", ["parallel", "reduction"], """
    %i = arith.extui %x0 : i1 to i32
    %s = arith.addi %i, %x1 : i32
    linalg.yield %s : i32""", element="i1", out_element="i32")


def print_case(number, op, operands, attributes, dynamic, body, tail):
    types = [memref(shape, element) for shape, element in operands]
    inner = [memref(["?" if (i, d) in dynamic else n
                     for d, n in enumerate(shape)], element)
             for i, (shape, element) in enumerate(operands)]
    names = [f"%m{i}" for i in range(len(operands))]
    arguments = ", ".join(f"{n}: {t}" for n, t in zip(names, inner))
    print(f"func.func @leaf{number}({arguments}) {{")
    before = f" {attributes}" if attributes else ""
    print(f"  {op}{before} ins({', '.join(names[:-1])} : "
          f"{', '.join(inner[:-1])}) outs({names[-1]} : {inner[-1]}){tail}")
    if body:
        block = ", ".join(f"%x{i}: {e}" for i, (_, e) in enumerate(operands))
        print(f"  {{\n  ^bb0({block}):{body}\n  }}")
    print("  return\n}")

    print(f"func.func @case{number}() {{")
    for i, (shape, element) in enumerate(operands):
        print(f"  %a{i} = memref.alloc() : {types[i]}")
        flat = f"memref<?x{element}>"
        print(f"  %u{i} = memref.cast %a{i} : {types[i]} to memref<*x{element}>")
        if shape:
            count = 1
            for n in shape:
                count *= n
            one = memref((count,), element)
            dims = ", ".join(str(d) for d in range(len(shape)))
            source = f"%a{i}"
            if len(shape) > 1:
                print(f"  %c{i} = memref.collapse_shape %a{i} [[{dims}]] : "
                      f"{types[i]} into {one}")
                source = f"%c{i}"
            print(f"  %f{i} = memref.cast {source} : {one} to {flat}")
            print(f"  call @fill_{element}(%f{i}) : ({flat}) -> ()")
        else:
            print(f"  %z{i} = arith.constant 1.0 : {element}")
            print(f"  memref.store %z{i}, %a{i}[] : {types[i]}")
        print(f"  %i{i} = memref.cast %a{i} : {types[i]} to {inner[i]}")
    print(f"  call @leaf{number}("
          + ", ".join(f"%i{i}" for i in range(len(operands)))
          + f") : ({', '.join(inner)}) -> ()")
    shape, element = operands[-1]
    if element == "i1":  # No runtime function prints them.
        print(f"""  %all = memref.alloc() : {memref(shape, "i32")}
  linalg.map {{ arith.extui }} ins(%a{len(operands) - 1} : {types[-1]})
      outs(%all : {memref(shape, "i32")})
  %allu = memref.cast %all : {memref(shape, "i32")} to memref<*xi32>
  call @printMemrefI32(%allu) : (memref<*xi32>) -> ()
  return\n}}""")
        return
    print(f"  call @printMemref{TYPES[element]}(%u{len(operands) - 1}) : "
          f"(memref<*x{element}>) -> ()\n  return\n}}")


def main():
    for element, suffix in TYPES.items():
        print(f"func.func private @printMemref{suffix}(memref<*x{element}>)")
    for element in ("f32", "i32", "i8", "i1"):
        convert = {"f32": "arith.sitofp %d : i32 to f32",
                   "i1": "arith.trunci %d : i32 to i1",
                   "i8": "arith.trunci %d : i32 to i8",
                   "i32": "arith.addi %d, %d : i32"}[element]
        print(f"""func.func private @fill_{element}(%m: memref<?x{element}>) {{
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = memref.dim %m, %zero : memref<?x{element}>
  %a = arith.constant 1103515245 : i32
  %b = arith.constant 12345 : i32
  %shift = arith.constant 16 : i32
  %seven = arith.constant 7 : i32
  %three = arith.constant 3 : i32
  %seed = arith.index_cast %n : index to i32
  %last = scf.for %i = %zero to %n step %one iter_args(%s = %seed) -> (i32) {{
    %p = arith.muli %s, %a : i32
    %t = arith.addi %p, %b : i32
    %h = arith.shrui %t, %shift : i32
    %r = arith.remui %h, %seven : i32
    %d = arith.subi %r, %three : i32
    %v = {convert}
    memref.store %v, %m[%i] : memref<?x{element}>
    scf.yield %t : i32
  }}
  return
}}""")
    for number, which in enumerate(cases):
        print_case(number, *which)
    print("func.func @main() {")
    for number in range(len(cases)):
        print(f"  call @case{number}() : () -> ()")
    print("  return\n}")


if __name__ == "__main__":
    main()
