//===- Workload.cpp - What makes a workload one -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Workload/Workload.h"

#include <limits>
#include <unordered_set>

using namespace looptree;

std::string_view looptree::toString(TensorKind kind) {
  switch (kind) {
  case TensorKind::Input:
    return "input";
  case TensorKind::Intermediate:
    return "intermediate";
  case TensorKind::Output:
    return "output";
  }
  return "?";
}

std::string_view looptree::toString(EinsumKind kind) {
  switch (kind) {
  case EinsumKind::Contraction:
    return "contraction";
  case EinsumKind::Reduction:
    return "reduction";
  case EinsumKind::Elementwise:
    return "elementwise";
  }
  return "?";
}

std::optional<RankId> Einsum::findRank(std::string_view rankName) const {
  for (RankId rank = 0; rank < ranks.size(); ++rank)
    if (ranks[rank].name == rankName)
      return rank;
  return std::nullopt;
}

std::optional<TensorId>
Workload::findTensor(std::string_view tensorName) const {
  for (TensorId tensor = 0; tensor < tensors.size(); ++tensor)
    if (tensors[tensor].name == tensorName)
      return tensor;
  return std::nullopt;
}

std::optional<EinsumId>
Workload::findEinsum(std::string_view einsumName) const {
  for (EinsumId einsum = 0; einsum < einsums.size(); ++einsum)
    if (einsums[einsum].name == einsumName)
      return einsum;
  return std::nullopt;
}

std::optional<EinsumId> Workload::producer(TensorId tensor) const {
  for (EinsumId einsum = 0; einsum < einsums.size(); ++einsum)
    if (einsums[einsum].write.tensor == tensor)
      return einsum;
  return std::nullopt;
}

std::vector<EinsumId> Workload::consumers(TensorId tensor) const {
  std::vector<EinsumId> result;
  for (EinsumId einsum = 0; einsum < einsums.size(); ++einsum)
    for (const Access &read : einsums[einsum].reads)
      if (read.tensor == tensor) {
        result.push_back(einsum);
        break;
      }
  return result;
}

namespace {

using Problem = std::optional<Error>;

/// The candidate file writes ranks into expressions, so their names are
/// identifiers there and everywhere.
bool isIdentifier(std::string_view name) {
  auto isLetter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (name.empty() || !isLetter(name[0]))
    return false;
  for (char c : name)
    if (!isLetter(c) && !(c >= '0' && c <= '9'))
      return false;
  return true;
}

Problem checkTensor(const Tensor &tensor) {
  std::string who = "tensor " + tensor.name;
  if (tensor.name.empty())
    return Error{"a tensor has no name"};
  if (tensor.bits < 1)
    return Error{who + " has " + std::to_string(tensor.bits) +
                 " bits an element; at least 1 is needed"};
  if (tensor.partialBits && *tensor.partialBits < 1)
    return Error{who + " has " + std::to_string(*tensor.partialBits) +
                 " partial bits an element; at least 1 is needed"};
  int64_t elements = 1, bits = 0;
  for (size_t dim = 0; dim < tensor.shape.size(); ++dim) {
    if (tensor.shape[dim] < 1)
      return Error{who + " has extent " + std::to_string(tensor.shape[dim]) +
                   " in dimension " + std::to_string(dim) +
                   "; at least 1 is needed"};
    if (__builtin_mul_overflow(elements, tensor.shape[dim], &elements))
      return Error{"the element count of " + who + " exceeds 64 bit"};
  }
  if (__builtin_mul_overflow(elements, tensor.bits, &bits) ||
      __builtin_mul_overflow(elements, tensor.partialBits.value_or(1), &bits))
    return Error{"the bits of " + who + " exceed 64 bit"};
  return std::nullopt;
}

/// The least and greatest value of an expression over the einsum's box.
struct Span {
  int64_t least, greatest;
};
std::optional<Span> spanOf(const LinearExpr &expr, const Einsum &einsum) {
  int64_t greatest = expr.constant;
  for (const LinearExpr::Term &term : expr.terms) {
    int64_t reach;
    if (__builtin_mul_overflow(einsum.ranks[term.rank].extent - 1,
                               term.coefficient, &reach) ||
        __builtin_add_overflow(greatest, reach, &greatest))
      return std::nullopt;
  }
  return Span{expr.constant, greatest};
}

Problem checkAccess(const Access &access, const Einsum &einsum,
                    const Workload &workload, bool isWrite) {
  std::string who = "einsum " + einsum.name;
  if (access.tensor >= workload.tensors.size())
    return Error{who + " refers to tensor number " +
                 std::to_string(access.tensor) + " of " +
                 std::to_string(workload.tensors.size())};
  const Tensor &tensor = workload.tensors[access.tensor];
  who += isWrite ? " writes " : " reads ";
  who += tensor.name;
  if (isWrite && access.isInit)
    return Error{who + " as an init, which only a read can be"};
  if (access.index.size() != tensor.shape.size())
    return Error{who + " with " + std::to_string(access.index.size()) +
                 " index expressions; the tensor has " +
                 std::to_string(tensor.shape.size()) + " dimensions"};

  std::vector<bool> seen(einsum.ranks.size(), false);
  for (size_t dim = 0; dim < access.index.size(); ++dim) {
    const LinearExpr &expr = access.index[dim];
    std::string where = who + ", dimension " + std::to_string(dim) + ": ";
    for (size_t i = 0; i < expr.terms.size(); ++i) {
      const LinearExpr::Term &term = expr.terms[i];
      if (term.rank >= einsum.ranks.size())
        return Error{where + "rank number " + std::to_string(term.rank) +
                     " of " + std::to_string(einsum.ranks.size())};
      const std::string &rank = einsum.ranks[term.rank].name;
      if (term.coefficient < 1)
        return Error{where + "rank " + rank + " has coefficient " +
                     std::to_string(term.coefficient) +
                     "; at least 1 is needed"};
      if (i && expr.terms[i - 1].rank >= term.rank)
        return Error{where + "terms are not sorted by rank, each once"};
      if (seen[term.rank])
        return Error{where + "rank " + rank +
                     " already indexes another dimension of this access"};
      seen[term.rank] = true;
    }
    std::optional<Span> span = spanOf(expr, einsum);
    if (!span)
      return Error{where + "the index " + toString(expr, einsum) +
                   " exceeds 64 bit"};
    if (isWrite && (span->least < 0 || span->greatest >= tensor.shape[dim]))
      return Error{where + "the index " + toString(expr, einsum) + " covers " +
                   std::to_string(span->least) + " to " +
                   std::to_string(span->greatest) +
                   ", outside the tensor's extent " +
                   std::to_string(tensor.shape[dim])};
  }
  return std::nullopt;
}

Problem checkEinsum(const Einsum &einsum, const Workload &workload) {
  std::string who = "einsum " + einsum.name;
  if (einsum.name.empty())
    return Error{"an einsum has no name"};
  std::unordered_set<std::string_view> names;
  int64_t ops = 1;
  for (const Rank &rank : einsum.ranks) {
    if (!isIdentifier(rank.name))
      return Error{who + " has a rank named '" + rank.name +
                   "', which is not an identifier"};
    if (!names.insert(rank.name).second)
      return Error{who + " has two ranks named " + rank.name};
    if (rank.extent < 1)
      return Error{"rank " + rank.name + " of " + who + " has extent " +
                   std::to_string(rank.extent) + "; at least 1 is needed"};
    if (__builtin_mul_overflow(ops, rank.extent, &ops))
      return Error{"the op count of " + who + " exceeds 64 bit"};
  }
  if (Problem problem =
          checkAccess(einsum.write, einsum, workload, /*isWrite=*/true))
    return problem;
  for (const Access &read : einsum.reads)
    if (Problem problem =
            checkAccess(read, einsum, workload, /*isWrite=*/false))
      return problem;
  return std::nullopt;
}

/// Producers, consumers and order; accesses are known to be well formed.
std::optional<InvalidWorkload> checkGraph(const Workload &workload) {
  const std::vector<Tensor> &tensors = workload.tensors;
  auto atTensor = [](std::string message, TensorId tensor) {
    return InvalidWorkload{std::move(message), tensor, std::nullopt};
  };
  auto atEinsum = [](std::string message, EinsumId einsum) {
    return InvalidWorkload{std::move(message), std::nullopt, einsum};
  };

  std::vector<const Einsum *> writer(tensors.size(), nullptr);
  std::vector<bool> isRead(tensors.size(), false);
  for (EinsumId id = 0; id < workload.einsums.size(); ++id) {
    const Einsum &einsum = workload.einsums[id];
    TensorId written = einsum.write.tensor;
    const Tensor &tensor = tensors[written];
    if (tensor.kind == TensorKind::Input)
      return atEinsum("einsum " + einsum.name + " writes input " + tensor.name,
                      id);
    if (writer[written])
      return atEinsum("tensor " + tensor.name + " is written by two einsums, " +
                          writer[written]->name + " and " + einsum.name,
                      id);
    writer[written] = &einsum;
    for (const Access &read : einsum.reads)
      isRead[read.tensor] = true;
  }
  for (TensorId id = 0; id < tensors.size(); ++id) {
    std::string who =
        std::string(toString(tensors[id].kind)) + " " + tensors[id].name;
    if (tensors[id].kind != TensorKind::Input && !writer[id])
      return atTensor(who + " is written by no einsum", id);
    if (tensors[id].kind == TensorKind::Intermediate && !isRead[id])
      return atTensor(who + " is read by no einsum", id);
  }
  std::vector<bool> made(tensors.size(), false);
  for (EinsumId id = 0; id < workload.einsums.size(); ++id) {
    const Einsum &einsum = workload.einsums[id];
    for (const Access &read : einsum.reads)
      if (writer[read.tensor] && !made[read.tensor])
        return atEinsum("einsums are not in topological order: " + einsum.name +
                            " reads " + tensors[read.tensor].name + " before " +
                            writer[read.tensor]->name + " writes it",
                        id);
    made[einsum.write.tensor] = true;
  }
  return std::nullopt;
}

} // namespace

std::optional<InvalidWorkload> Workload::diagnose() const {
  std::unordered_set<std::string_view> names;
  for (TensorId id = 0; id < tensors.size(); ++id) {
    Problem problem = checkTensor(tensors[id]);
    if (!problem && !names.insert(tensors[id].name).second)
      problem = Error{"two tensors are named " + tensors[id].name};
    if (problem)
      return InvalidWorkload{std::move(problem->message), id, std::nullopt};
  }
  names.clear();
  if (einsums.empty())
    return InvalidWorkload{"a workload has at least one einsum", std::nullopt,
                           std::nullopt};
  for (EinsumId id = 0; id < einsums.size(); ++id) {
    Problem problem = checkEinsum(einsums[id], *this);
    if (!problem && !names.insert(einsums[id].name).second)
      problem = Error{"two einsums are named " + einsums[id].name};
    if (problem)
      return InvalidWorkload{std::move(problem->message), std::nullopt, id};
  }
  return checkGraph(*this);
}

std::optional<Error> Workload::check() const {
  if (std::optional<InvalidWorkload> invalid = diagnose())
    return Error{std::move(invalid->message)};
  return std::nullopt;
}
