//===- View.h - One tensor under another shape -*- C++ -*-----------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reshape, a slice, a pure copy and the padding of a tensor are no einsums:
// whoever reads their result reads the tensor itself, at another index. A View
// says at which. Of
//
//     %a = linalg.matmul ...                               :
//     tensor<512x768xf32> %b = tensor.expand_shape %a [[0, 1], [2, 3]] :
//     tensor<1x512x12x64xf32> %c = linalg.transpose %b permutation = [0, 2, 1,
//     3]  : tensor<1x12x512x64xf32>
//
// %c is View{tensor of %a, (d0, d1, d2, d3) -> (d2, d1 * 64 + d3)}: its element
// [0, h, s, d] is stored at [s, 64*h + d].
//
// A tensor is stored in the shape of the value that its producer makes, unless
// some reader needs a coarser one among its views; then the producer's own View
// is not the identity.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_BRIDGE_VIEW_H
#define LOOPTREE_BRIDGE_VIEW_H

#include "looptree/Workload/Workload.h"

#include "mlir/IR/AffineMap.h"

namespace looptree::bridge {

struct View {
  TensorId tensor = 0;
  /// From an index of the value to the index of the stored element. May divide
  /// (`d0 floordiv 64`), though never at an index that an einsum uses. Where
  /// it leaves the tensor's shape the value is padding, not stored.
  mlir::AffineMap map;
};

} // namespace looptree::bridge

#endif // LOOPTREE_BRIDGE_VIEW_H
