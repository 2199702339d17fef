//===- Workload.h - Tensors, einsums and their accesses -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A workload is a DAG of einsums over tensors. It is a plain value: two equal
// workloads cost the same under every mapping. Tensors and einsums are named
// for people and referred to by index inside the model.
//
// Worked example, the 1-D pair `B[16] <- A[18] <- I[20]` with 3-wide filters:
//
//     Workload w;
//     w.tensors = {{"I", TensorKind::Input, {20}},
//                  {"WA", TensorKind::Input, {3}},
//                  {"A", TensorKind::Intermediate, {18}}, ...};
//     Einsum convA;
//     convA.name = "convA";
//     convA.ranks = {{"pa", 18}, {"ra", 3}};
//     convA.write = {2, {{{{0, 1}}, 0}}};                // A[pa]
//     convA.reads = {{0, {{{{0, 1}, {1, 1}}, 0}}},       // I[pa + ra]
//                    {1, {{{{1, 1}}, 0}}}};              // WA[ra]
//
// Source: LoopTree (arXiv 2409.13625), section III; docs/CostModel.md.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_WORKLOAD_WORKLOAD_H
#define LOOPTREE_WORKLOAD_WORKLOAD_H

#include "looptree/Support/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace looptree {

/// Positions in Workload::tensors, Workload::einsums and Einsum::ranks.
using TensorId = unsigned;
using EinsumId = unsigned;
using RankId = unsigned;

/// Input: read only. Intermediate: written and read inside, dead outside.
/// Output: written inside, live outside; may also be read inside.
enum class TensorKind { Input, Intermediate, Output };

struct Tensor {
  std::string name;
  TensorKind kind = TensorKind::Input;
  std::vector<int64_t> shape; ///< Elements per dimension, each >= 1; may be
                              ///< empty (a scalar).
  int64_t bits = 8;           ///< Bits of an element, >= 1.
  /// Bits of an element while not all its ops have run; `bits` when absent.
  std::optional<int64_t> partialBits = std::nullopt;
  /// Counts as a weight for Level::holds, whatever its kind.
  bool isWeight = false;

  friend bool operator==(const Tensor &, const Tensor &) = default;
};

/// sum(coefficient * rank) + constant; one such expression per tensor
/// dimension makes an access affine. Coefficients are >= 1 (a rank with
/// coefficient 0 has no term), terms are sorted by rank, no rank twice.
struct LinearExpr {
  struct Term {
    RankId rank;
    int64_t coefficient;
    friend bool operator==(const Term &, const Term &) = default;
  };
  std::vector<Term> terms;
  int64_t constant = 0;

  friend bool operator==(const LinearExpr &, const LinearExpr &) = default;
};

/// One operand or the result of an einsum: element index[0..dims) of a tensor.
/// A read whose index falls outside the tensor's shape touches nothing, which
/// is how padding is modelled.
struct Access {
  TensorId tensor = 0;
  std::vector<LinearExpr> index;
  /// A bias or given accumulator: only the ops that begin an element take it,
  /// those at which every rank that the write does not use is 0.
  bool isInit = false;

  friend bool operator==(const Access &, const Access &) = default;
};

/// Compute has a rate and an energy for each kind.
enum class EinsumKind { Contraction, Reduction, Elementwise };

struct Rank {
  std::string name;   ///< Unique within its einsum.
  int64_t extent = 1; ///< >= 1; the rank runs over [0, extent).

  friend bool operator==(const Rank &, const Rank &) = default;
};

struct Einsum {
  std::string name;
  EinsumKind kind = EinsumKind::Contraction;
  std::vector<Rank> ranks; ///< The declared order is the order of `compute`.
  Access write;
  std::vector<Access> reads; ///< Two accesses of one tensor are two operands.

  std::optional<RankId> findRank(std::string_view rankName) const;
  friend bool operator==(const Einsum &, const Einsum &) = default;
};

/// Why something is not a workload, and which part of it is to blame.
struct InvalidWorkload {
  std::string message;
  std::optional<TensorId> tensor;
  std::optional<EinsumId> einsum;
};

struct Workload {
  std::vector<Tensor> tensors;
  std::vector<Einsum> einsums; ///< In topological order.

  std::optional<TensorId> findTensor(std::string_view tensorName) const;
  std::optional<EinsumId> findEinsum(std::string_view einsumName) const;

  /// The einsum that writes a tensor; none for an input.
  std::optional<EinsumId> producer(TensorId tensor) const;
  /// The einsums that read a tensor, in order, each once.
  std::vector<EinsumId> consumers(TensorId tensor) const;

  /// Why this is not a workload, or nothing. Checked here and nowhere else:
  /// unique names, extents, shapes and bits >= 1, one index expression per
  /// dimension, known ranks, coefficients >= 1, no rank in two dimensions of
  /// one access, one producer per tensor, kinds that fit their uses,
  /// topological order, no write outside a shape, and every extent product
  /// (ops of an einsum, elements and bits of a tensor) below 2^63.
  std::optional<Error> check() const;
  /// The same, with the place.
  std::optional<InvalidWorkload> diagnose() const;

  friend bool operator==(const Workload &, const Workload &) = default;
};

/// "2*p + r - 1": the expression in the spelling of candidate files.
std::string toString(const LinearExpr &expr, const Einsum &einsum);
/// Reads that spelling against the ranks of `einsum`.
Result<LinearExpr> parseLinearExpr(std::string_view text, const Einsum &einsum);

std::string_view toString(TensorKind kind); ///< "input", ...
std::string_view toString(EinsumKind kind); ///< "contraction", ...

} // namespace looptree

#endif // LOOPTREE_WORKLOAD_WORKLOAD_H
