#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The networks that compare.py runs: as linalg on tensors, and as PyTorch.

Both come from one list of layers, in either layout.
"""

import dataclasses
import math


@dataclasses.dataclass
class Layer:
    kind: str  # conv, depthwise, relu6, prelu, add
    channels: int = 0
    kernel: int = 1
    stride: int = 1
    bias: bool = False


@dataclasses.dataclass
class Network:
    title: str
    channels: int  # of the input
    rows: int
    columns: int
    layers: list
    layout: str = "nhwc"  # or nchw

    def __post_init__(self):
        self.shapes = [self.shape(self.channels, self.rows, self.columns)]
        self.weights = []  # one list of shapes per layer
        c, h, w = self.channels, self.rows, self.columns
        self.macs = 0
        for layer in self.layers:
            weights = []
            if layer.kind in ("conv", "depthwise"):
                k = layer.kernel
                h, w = -(-h // layer.stride), -(-w // layer.stride)
                if layer.kind == "conv":
                    f = layer.channels
                    weights = [(k, k, c, f) if self.last else (f, c, k, k)]
                    self.macs += k * k * c * f * h * w
                    c = f
                else:
                    weights = [(k, k, c) if self.last else (c, k, k)]
                    self.macs += k * k * c * h * w
                if layer.bias:
                    weights.append((c,))
            elif layer.kind == "prelu":
                weights = [(c,)]
            self.weights.append(weights)
            self.shapes.append(self.shape(c, h, w))

    @property
    def last(self):
        """Channels come last."""
        return self.layout == "nhwc"

    def shape(self, c, h, w):
        return (1, h, w, c) if self.last else (1, c, h, w)

    def arguments(self):
        return [self.shapes[0]] + [w for ws in self.weights for w in ws]

    # --- As linalg ---------------------------------------------------------

    def mlir(self):
        """A function @main on tensors."""
        self.lines = []
        names = [f"%arg{i}" for i in range(len(self.arguments()))]
        parameters = ", ".join(
            f"{n}: {tensor(s)}" for n, s in zip(names, self.arguments()))
        rest = iter(names[1:])
        value = names[0]
        for i, layer in enumerate(self.layers):
            weights = [next(rest) for _ in self.weights[i]]
            value = self.emit(i, layer, value, weights)
        body = "\n".join("  " + line for line in self.lines)
        return (f"func.func @main({parameters}) -> {tensor(self.shapes[-1])}"
                f" attributes {{llvm.emit_c_interface}} {{\n"
                f"  %zero = arith.constant 0.0 : f32\n"
                f"  %six = arith.constant 6.0 : f32\n"
                f"{body}\n  return {value} : {tensor(self.shapes[-1])}\n}}\n")

    def emit(self, i, layer, value, weights):
        out = tensor(self.shapes[i + 1])
        add = self.lines.append
        if layer.kind in ("conv", "depthwise"):
            value, source = self.pad(i, layer, value)
            add(f"%e{i} = tensor.empty() : {out}")
            if layer.bias:
                others = [0, 1, 2] if self.last else [0, 2, 3]
                add(f"%f{i} = linalg.broadcast ins({weights[1]} : "
                    f"{tensor(self.weights[i][1])}) outs(%e{i} : {out}) "
                    f"dimensions = {others}")
            else:
                add(f"%f{i} = linalg.fill ins(%zero : f32) outs(%e{i} : {out})"
                    f" -> {out}")
            op = {("conv", True): "conv_2d_nhwc_hwcf",
                  ("conv", False): "conv_2d_nchw_fchw",
                  ("depthwise", True): "depthwise_conv_2d_nhwc_hwc",
                  ("depthwise", False): "depthwise_conv_2d_nchw_chw",
                  }[layer.kind, self.last]
            add(f"%v{i} = linalg.{op} {{dilations = dense<1> : tensor<2xi64>, "
                f"strides = dense<{layer.stride}> : tensor<2xi64>}} "
                f"ins({value}, {weights[0]} : {source}, "
                f"{tensor(self.weights[i][0])}) outs(%f{i} : {out}) -> {out}")
            return f"%v{i}"
        same = "affine_map<(a, b, c, d) -> (a, b, c, d)>"
        channel = f"affine_map<(a, b, c, d) -> ({'d' if self.last else 'b'})>"
        ins, maps, body = {
            "relu6": ([value], [same], ["%r = arith.maximumf %x, %zero : f32",
                                        "%y = arith.minimumf %r, %six : f32"]),
            "prelu": ([value] + weights, [same, channel],
                      ["%n = arith.mulf %x, %w : f32",
                       "%c = arith.cmpf ogt, %x, %zero : f32",
                       "%y = arith.select %c, %x, %n : f32"]),
            "add": ([value, "%arg0"], [same, same],
                    ["%y = arith.addf %x, %w : f32"]),
        }[layer.kind]
        types = [out] + [tensor(s) for s in self.weights[i]]
        if layer.kind == "add":
            types = [out, out]
        listed = ", ".join(maps + [same])
        block = ", ".join(f"{n}: f32" for n in ["%x", "%w"][:len(ins)])
        add(f"%e{i} = tensor.empty() : {out}")
        add(f"%v{i} = linalg.generic {{indexing_maps = [{listed}], "
            'iterator_types = ["parallel", "parallel", "parallel", "parallel"]}'
            f" ins({', '.join(ins)} : {', '.join(types)}) outs(%e{i} : {out}) "
            f"{{ ^bb0({block}, %o: f32):")
        self.lines += ["  " + line for line in body]
        add(f"  linalg.yield %y : f32 }} -> {out}")
        return f"%v{i}"

    def pad(self, i, layer, value):
        """As PyTorch's padding of kernel // 2: what no window reaches stays
        away."""
        shape = self.shapes[i]
        low, high = [0] * 4, [0] * 4
        for d in (1, 2) if self.last else (2, 3):
            low[d] = layer.kernel // 2
            read = (self.shapes[i + 1][d] - 1) * layer.stride + layer.kernel
            high[d] = read - shape[d] - low[d]
        if not any(low + high):
            return value, tensor(shape)
        padded = tensor([n + a + b for n, a, b in zip(shape, low, high)])
        self.lines.append(
            f"%p{i} = tensor.pad {value} low{low} high{high} {{ "
            "^bb0(%i: index, %j: index, %k: index, %l: index): "
            f"tensor.yield %zero : f32 }} : {tensor(shape)} to {padded}")
        return f"%p{i}", padded

    # --- As PyTorch --------------------------------------------------------

    def torch(self, torch, data, layout):
        """The module and its input, with the data of the arguments."""
        nn = torch.nn
        data = [torch.tensor(d).reshape(s)
                for d, s in zip(data, self.arguments())]
        image = data[0].permute(0, 3, 1, 2) if self.last else data[0]
        rest = iter(data[1:])
        modules, c, residual = [], self.channels, False
        for layer, shapes in zip(self.layers, self.weights):
            weights = [next(rest) for _ in shapes]
            if layer.kind in ("conv", "depthwise"):
                f = layer.channels if layer.kind == "conv" else c
                module = nn.Conv2d(
                    c, f, layer.kernel, layer.stride, layer.kernel // 2,
                    groups=1 if layer.kind == "conv" else c, bias=layer.bias)
                weight = weights[0]
                if layer.kind == "depthwise":
                    weight = (weight.permute(2, 0, 1) if self.last
                              else weight).unsqueeze(1)
                elif self.last:
                    weight = weight.permute(3, 2, 0, 1)
                module.weight.data = weight.contiguous()
                if layer.bias:
                    module.bias.data = weights[1]
                c = f
            elif layer.kind == "prelu":
                module = nn.PReLU(c)
                module.weight.data = weights[0]
            elif layer.kind == "relu6":
                module = nn.ReLU6()
            else:
                residual = True
                continue
            modules.append(module)
        chain = nn.Sequential(*modules).eval()
        chain = chain.to(memory_format=layout)
        image = image.contiguous(memory_format=layout)
        return (lambda x: x + chain(x)) if residual else chain, image


def tensor(shape):
    return "tensor<" + "".join(f"{n}x" for n in shape) + "f32>"


def elements(shape):
    return math.prod(shape)


def pair(size, channels):
    return Network(f"3x3 + 3x3, {size}x{size}x{channels}", channels, size, size,
                   [Layer("conv", channels, 3), Layer("conv", channels, 3)])


def fsrcnn(layout, rows=540, columns=960):
    layers = [Layer("conv", 56, 5, bias=True), Layer("prelu"),
              Layer("conv", 12, 1, bias=True), Layer("prelu")]
    for _ in range(4):
        layers += [Layer("conv", 12, 3, bias=True), Layer("prelu")]
    layers += [Layer("conv", 56, 1, bias=True), Layer("prelu"),
               Layer("conv", 16, 3, bias=True)]
    return Network(f"FSRCNN {rows}x{columns}, {layout}", 1, rows, columns,
                   layers, layout)


def inverted_residual(layout, channels, size, expansion=6):
    inner = channels * expansion
    return Network(
        f"inverted residual {size}x{size}x{channels}, {layout}", channels, size,
        size,
        [Layer("conv", inner, bias=True), Layer("relu6"),
         Layer("depthwise", kernel=3, bias=True), Layer("relu6"),
         Layer("conv", channels, bias=True), Layer("add")], layout)
