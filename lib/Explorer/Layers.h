//===- Layers.h - The layers of a network ------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer is a contraction, a pool or a reduction with the elementwise einsums
// that follow it: an elementwise einsum joins the layer of the operand that is
// made last, when it is the only reader of that operand. An elementwise einsum
// that joins none begins a layer.
//
// Worked example: of conv1, conv2, add(conv1, conv2), relu(add) the layers are
// {conv1} and {conv2, add, relu}.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_EXPLORER_LAYERS_H
#define LOOPTREE_EXPLORER_LAYERS_H

#include "looptree/Workload/Network.h"

namespace looptree {

/// Einsums of the network, ascending.
using Layer = std::vector<EinsumId>;

/// The layers of each stretch between two cuts, in an order in which every
/// layer reads only earlier ones.
std::vector<std::vector<Layer>> layersOf(const Network &network);

} // namespace looptree

#endif // LOOPTREE_EXPLORER_LAYERS_H
