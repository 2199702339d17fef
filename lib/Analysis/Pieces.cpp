//===- Pieces.cpp - Boxes of ops cut at tensor borders -------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pieces.h"

#include <algorithm>

using namespace looptree;

/// Points of a box along the ranks of `terms`, the first term's rank outermost,
/// at which `at` plus the terms lies in [0, extent).
static void inside(std::span<const LinearExpr::Term> terms, int64_t at,
                   int64_t extent, std::vector<Run> box, BoxSet &out) {
  int64_t least = at, most = at;
  for (const LinearExpr::Term &term : terms) {
    least += term.coefficient * box[term.rank].lo;
    most += term.coefficient * box[term.rank].last();
  }
  if (most < 0 || least >= extent)
    return;
  if (least >= 0 && most < extent) {
    out.append(box);
    return;
  }
  // Values of the outermost rank for which all others are inside make one box;
  // the others are cut one by one.
  const LinearExpr::Term &term = terms[0];
  Run whole = box[term.rank];
  int64_t reach = most - term.coefficient * whole.last() -
                  (least - term.coefficient * whole.lo);
  int64_t lowest = least - term.coefficient * whole.lo;
  auto isWhole = [&](int64_t x) {
    int64_t low = lowest + term.coefficient * x;
    return low >= 0 && low + reach < extent;
  };
  for (int64_t i = 0; i < whole.n;) {
    int64_t end = i + 1;
    if (isWhole(whole.lo + i * whole.stride))
      while (end < whole.n && isWhole(whole.lo + end * whole.stride))
        ++end;
    box[term.rank] =
        makeRun(whole.lo + i * whole.stride, end - i, whole.stride);
    if (end - i > 1 || terms.size() == 1)
      inside(terms, at, extent, box, out);
    else
      inside(terms.subspan(1),
             at + term.coefficient * (whole.lo + i * whole.stride), extent, box,
             out);
    i = end;
  }
}

std::vector<Piece> looptree::cutAtBorders(std::span<const Run> ops,
                                          const Einsum &einsum,
                                          const Workload &workload,
                                          unsigned onlyRead) {
  std::vector<Piece> pieces = {{{ops.begin(), ops.end()},
                                std::vector<bool>(einsum.reads.size(), false)}};
  for (unsigned k = 0; k < einsum.reads.size(); ++k) {
    const Access &read = einsum.reads[k];
    if (onlyRead == ~0u ? read.isInit : k != onlyRead)
      continue;
    for (size_t d = 0; d < read.index.size(); ++d) {
      int64_t extent = workload.tensors[read.tensor].shape[d];
      auto terms = read.index[d].terms;
      // Cutting along the longest rank leaves the largest pieces.
      std::sort(terms.begin(), terms.end(), [&](const auto &a, const auto &b) {
        return ops[a.rank].n > ops[b.rank].n;
      });
      std::vector<Piece> next;
      for (Piece &piece : pieces) {
        if (piece.isOutside[k]) {
          next.push_back(std::move(piece));
          continue;
        }
        BoxSet whole(unsigned(ops.size())), within(unsigned(ops.size()));
        whole.append(piece.ops);
        inside(terms, read.index[d].constant, extent, piece.ops, within);
        auto add = [&](const BoxSet &set, bool isOutside) {
          for (unsigned i = 0; i < set.boxes(); ++i) {
            next.push_back(
                {{set.box(i).begin(), set.box(i).end()}, piece.isOutside});
            next.back().isOutside[k] = isOutside;
          }
        };
        add(within, false);
        add(whole.subtract(within), true);
      }
      pieces = std::move(next);
    }
  }
  return pieces;
}
