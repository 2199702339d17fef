#!/usr/bin/env python3
#
# Part of the LoopTree Project, under the Apache License v2.0 with LLVM
# Exceptions. See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A residual network as linalg on tensors, as torch-mlir gives one.

    resnet.py 50 > resnet50.mlir

He et al. 2015, table 1: 18 and 34 of blocks of two 3x3 convolutions, 50 and 101
of 1x1, 3x3, 1x1 with the stride in the 3x3; 224x224, f32, batch norms folded.
"""

import argparse

BLOCKS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3],
          101: [3, 4, 23, 3]}


def tensor(shape):
    return "tensor<" + "".join(f"{extent}x" for extent in shape) + "f32>"


class Network:
    def __init__(self):
        self.arguments = []
        self.lines = []
        self.count = 0
        self.macs = 0

    def argument(self, shape, name):
        value = f"%arg{len(self.arguments)}"
        self.arguments.append(f'{value}: {tensor(shape)} loc("{name}")')
        return value

    def value(self):
        self.count += 1
        return f"%{self.count}"

    def emit(self, text):
        self.lines.append("    " + text)

    def empty(self, shape):
        value = self.value()
        self.emit(f"{value} = tensor.empty() : {tensor(shape)}")
        return value

    def pad(self, x, shape, pad, fill, name):
        if pad == 0:
            return x, shape
        value = self.value()
        padded = shape[:2] + [extent + 2 * pad for extent in shape[2:]]
        self.emit(f"{value} = tensor.pad {x} low[0, 0, {pad}, {pad}] "
                  f"high[0, 0, {pad}, {pad}] {{")
        self.emit("^bb0(%b: index, %c: index, %h: index, %w: index):")
        self.emit(f"  tensor.yield {fill} : f32")
        self.emit(f"}} : {tensor(shape)} to {tensor(padded)} "
                  f'loc("{name}")')
        return value, padded

    def conv(self, x, shape, channels, kernel, stride, name):
        weight = self.argument([channels, shape[1], kernel, kernel],
                               name + ".weight")
        bias = self.argument([channels], name + ".bias")
        x, padded = self.pad(x, shape, kernel // 2, "%zero", name)
        out = [1, channels] + [(extent - kernel) // stride + 1
                               for extent in padded[2:]]
        filled, value = self.value(), self.value()
        empty = self.empty(out)
        self.emit(f"{filled} = linalg.broadcast ins({bias} : "
                  f"{tensor([channels])}) outs({empty} : {tensor(out)}) "
                  f'dimensions = [0, 2, 3] loc("{name}")')
        self.emit(f"{value} = linalg.conv_2d_nchw_fchw {{dilations = dense<1> "
                  f": vector<2xi64>, strides = dense<{stride}> : "
                  f"vector<2xi64>}} ins({x}, {weight} : {tensor(padded)}, "
                  f"{tensor([channels, shape[1], kernel, kernel])}) "
                  f"outs({filled} : {tensor(out)}) -> {tensor(out)} "
                  f'loc("{name}")')
        self.macs += (channels * shape[1] * kernel * kernel
                      * out[2] * out[3])
        return value, out

    def pointwise(self, operands, shape, body, name):
        value, empty = self.value(), self.empty(shape)
        maps = ", ".join(["#map"] * (len(operands) + 1))
        types = ", ".join([tensor(shape)] * len(operands))
        inputs = ", ".join(f"%in{i}: f32" for i in range(len(operands)))
        self.emit(f"{value} = linalg.generic {{indexing_maps = [{maps}], "
                  'iterator_types = ["parallel", "parallel", "parallel", '
                  f'"parallel"]}} ins({", ".join(operands)} : {types}) '
                  f"outs({empty} : {tensor(shape)}) {{")
        self.emit(f"^bb0({inputs}, %out: f32):")
        for line in body:
            self.emit("  " + line)
        self.emit(f'}} -> {tensor(shape)} loc("{name}")')
        return value

    def relu(self, x, shape, name):
        return self.pointwise([x], shape, [
            "%m = arith.cmpf ugt, %in0, %zero : f32",
            "%s = arith.select %m, %in0, %zero : f32",
            "linalg.yield %s : f32"], name)

    def add(self, x, y, shape, name):
        return self.pointwise([x, y], shape, [
            "%s = arith.addf %in0, %in1 : f32", "linalg.yield %s : f32"], name)

    def max_pool(self, x, shape, name):
        x, padded = self.pad(x, shape, 1, "%lowest", name)
        out = shape[:2] + [(extent - 3) // 2 + 1 for extent in padded[2:]]
        empty, window = self.empty(out), self.empty([3, 3])
        filled, value = self.value(), self.value()
        self.emit(f"{filled} = linalg.fill ins(%lowest : f32) outs({empty} : "
                  f'{tensor(out)}) -> {tensor(out)} loc("{name}")')
        self.emit(f"{value} = linalg.pooling_nchw_max {{dilations = dense<1> : "
                  "vector<2xi64>, strides = dense<2> : vector<2xi64>} "
                  f"ins({x}, {window} : {tensor(padded)}, {tensor([3, 3])}) "
                  f"outs({filled} : {tensor(out)}) -> {tensor(out)} "
                  f'loc("{name}")')
        return value, out

    def block(self, x, shape, channels, stride, deep, name):
        """Blocks of the paper's figure 5, left or (deep) right."""
        y, out = x, shape
        layers = ([(channels // 4, 1, 1), (channels // 4, 3, stride),
                   (channels, 1, 1)] if deep
                  else [(channels, 3, stride), (channels, 3, 1)])
        for i, (width, kernel, step) in enumerate(layers):
            if i > 0:
                y = self.relu(y, out, f"{name}.relu{i}")
            y, out = self.conv(y, out, width, kernel, step, f"{name}.conv{i}")
        if out != shape:
            x, _ = self.conv(x, shape, channels, 1, stride, f"{name}.shortcut")
        return self.relu(self.add(y, x, out, f"{name}.add"), out,
                         f"{name}.relu"), out

    def classifier(self, x, shape, classes):
        channels, size = shape[1], shape[2] * shape[3]
        pooled = [1, channels, 1, 1]
        empty, filled, total = self.empty(pooled), self.value(), self.value()
        self.emit(f"{filled} = linalg.fill ins(%zero : f32) outs({empty} : "
                  f'{tensor(pooled)}) -> {tensor(pooled)} loc("mean")')
        self.emit(f"{total} = linalg.generic {{indexing_maps = [#map, #map1], "
                  'iterator_types = ["parallel", "parallel", "reduction", '
                  f'"reduction"]}} ins({x} : {tensor(shape)}) outs({filled} : '
                  f"{tensor(pooled)}) {{")
        self.emit("^bb0(%in: f32, %out: f32):")
        self.emit("  %s = arith.addf %in, %out : f32")
        self.emit("  linalg.yield %s : f32")
        self.emit(f'}} -> {tensor(pooled)} loc("mean")')
        mean = self.pointwise([total], pooled, [
            f"%n = arith.constant {float(size):e} : f32",
            "%s = arith.divf %in0, %n : f32", "linalg.yield %s : f32"], "mean")
        flat = self.value()
        self.emit(f"{flat} = tensor.collapse_shape {mean} [[0], [1, 2, 3]] : "
                  f"{tensor(pooled)} into {tensor([1, channels])}")
        weight = self.argument([channels, classes], "fc.weight")
        bias = self.argument([classes], "fc.bias")
        empty, filled, value = (self.empty([1, classes]), self.value(),
                                self.value())
        out = tensor([1, classes])
        self.emit(f"{filled} = linalg.broadcast ins({bias} : "
                  f"{tensor([classes])}) outs({empty} : {out}) "
                  'dimensions = [0] loc("fc")')
        self.emit(f"{value} = linalg.matmul ins({flat}, {weight} : "
                  f"{tensor([1, channels])}, {tensor([channels, classes])}) "
                  f'outs({filled} : {out}) -> {out} loc("fc")')
        self.macs += channels * classes
        self.emit(f"return {value} : {out}")
        return out

    def text(self, result):
        return "\n".join([
            f"// {self.macs / 1e9:.4f} GMAC.",
            "#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>",
            "#map1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, 0)>",
            "module {",
            f"  func.func @main({', '.join(self.arguments)}) -> {result} {{",
            "    %zero = arith.constant 0.000000e+00 : f32",
            "    %lowest = arith.constant 0xFF800000 : f32",
            *self.lines, "  }", "}"])


def resnet(depth):
    network = Network()
    deep = depth >= 50
    shape = [1, 3, 224, 224]
    x = network.argument(shape, "pixels")
    x, shape = network.conv(x, shape, 64, 7, 2, "stem")
    x = network.relu(x, shape, "stem.relu")
    x, shape = network.max_pool(x, shape, "stem.pool")
    for stage, count in enumerate(BLOCKS[depth]):
        channels = 64 * 2 ** stage * (4 if deep else 1)
        for block in range(count):
            stride = 2 if stage > 0 and block == 0 else 1
            x, shape = network.block(x, shape, channels, stride, deep,
                                     f"stage{stage}.block{block}")
    return network.text(network.classifier(x, shape, 1000))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("depth", type=int, choices=sorted(BLOCKS))
    print(resnet(parser.parse_args().depth))


if __name__ == "__main__":
    main()
