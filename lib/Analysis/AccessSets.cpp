//===- AccessSets.cpp - Between ops and elements -------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AccessSets.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace looptree;

BoxSet looptree::allOps(const Einsum &einsum) {
  BoxSet ops(einsum.ranks.size());
  std::vector<Run> box;
  for (const Rank &rank : einsum.ranks)
    box.push_back(makeRun(0, rank.extent, 1));
  ops.append(box);
  return ops;
}

std::vector<RankId> looptree::reductionRanks(const Einsum &einsum) {
  std::vector<RankId> ranks;
  for (RankId r = 0; r < einsum.ranks.size(); ++r) {
    bool used = std::any_of(
        einsum.write.index.begin(), einsum.write.index.end(),
        [&](const LinearExpr &expr) {
          return std::any_of(expr.terms.begin(), expr.terms.end(),
                             [&](const auto &term) { return term.rank == r; });
        });
    if (!used)
      ranks.push_back(r);
  }
  return ranks;
}

BoxSet looptree::opsAt(const BoxSet &ops, std::span<const RankId> ranks,
                       int64_t value) {
  BoxSet result(ops.dims());
  for (unsigned i = 0; i < ops.boxes(); ++i) {
    auto box = ops.box(i);
    if (!std::all_of(ranks.begin(), ranks.end(),
                     [&](RankId r) { return box[r].contains(value); }))
      continue;
    result.append(box);
    auto fixed = result.box(result.boxes() - 1);
    for (RankId r : ranks)
      fixed[r] = {value, 1, 1};
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Ops to elements
//===----------------------------------------------------------------------===//

/// A union of disjoint runs, as a set of one dimension.
static void uniteRun(BoxSet &set, const Run &run) {
  BoxSet one(1);
  one.append({&run, 1});
  set.unite(one);
}

/// {x + y : x in a, y in b}.
static void addRuns(const Run &a, const Run &b, BoxSet &out) {
  if (auto sum = sumOfRuns(a, b))
    return uniteRun(out, *sum);
  const Run &fewer = a.n < b.n ? a : b;
  const Run &more = a.n < b.n ? b : a;
  for (int64_t i = 0; i < fewer.n; ++i)
    uniteRun(out, {fewer.lo + i * fewer.stride + more.lo, more.n, more.stride});
}

/// The values of `expr` over a box of ops that lie in [0, extent).
static void valuesOf(const LinearExpr &expr, std::span<const Run> box,
                     int64_t extent, BoxSet &out) {
  out.clear();
  Run shape = makeRun(0, extent, 1);
  Run start = {expr.constant, 1, 1};
  if (expr.terms.size() <= 1) {
    if (!expr.terms.empty()) {
      start = scaled(box[expr.terms[0].rank], expr.terms[0].coefficient);
      start.lo += expr.constant;
    }
    if (auto inside = intersect(start, shape))
      out.append({&*inside, 1});
    return;
  }
  BoxSet sum(1);
  sum.append({&start, 1});
  for (const LinearExpr::Term &term : expr.terms) {
    BoxSet next(1);
    Run moved = scaled(box[term.rank], term.coefficient);
    for (unsigned i = 0; i < sum.boxes(); ++i)
      addRuns(sum.box(i)[0], moved, next);
    std::swap(sum, next);
  }
  for (unsigned i = 0; i < sum.boxes(); ++i)
    if (auto inside = intersect(sum.box(i)[0], shape))
      out.append({&*inside, 1});
}

void looptree::appendProduct(const std::vector<BoxSet> &factors, BoxSet &out) {
  std::vector<unsigned> pick(factors.size(), 0);
  Runs box(factors.size());
  for (const BoxSet &factor : factors)
    if (factor.empty())
      return;
  for (;;) {
    for (size_t d = 0; d < factors.size(); ++d)
      box[d] = factors[d].box(pick[d])[0];
    out.append({box.data(), box.size()});
    size_t d = 0;
    for (; d < factors.size(); ++d) {
      if (++pick[d] < factors[d].boxes())
        break;
      pick[d] = 0;
    }
    if (d == factors.size())
      return;
  }
}

/// The common case: one box, a run in every dimension. False when it is not.
static bool elementsOfBox(std::span<const Run> ops, const Access &access,
                          const Tensor &tensor, BoxSet &result) {
  Runs box;
  for (size_t d = 0; d < tensor.shape.size(); ++d) {
    const LinearExpr &expr = access.index[d];
    Run sum = {expr.constant, 1, 1};
    for (const LinearExpr::Term &term : expr.terms) {
      auto next = sumOfRuns(sum, scaled(ops[term.rank], term.coefficient));
      if (!next)
        return false;
      sum = *next;
    }
    auto inside = intersect(sum, makeRun(0, tensor.shape[d], 1));
    if (!inside)
      return true;
    box.push_back(*inside);
  }
  result.append({box.data(), box.size()});
  return true;
}

BoxSet looptree::elementsOf(const BoxSet &ops, const Access &access,
                            const Tensor &tensor) {
  BoxSet result(tensor.shape.size());
  if (ops.boxes() == 1 && elementsOfBox(ops.box(0), access, tensor, result))
    return result;
  std::vector<BoxSet> factors(tensor.shape.size(), BoxSet(1));
  for (unsigned i = 0; i < ops.boxes(); ++i) {
    for (size_t d = 0; d < factors.size(); ++d)
      valuesOf(access.index[d], ops.box(i), tensor.shape[d], factors[d]);
    BoxSet image(tensor.shape.size());
    appendProduct(factors, image);
    if (i == 0)
      result = std::move(image);
    else
      result.unite(image);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Elements to ops
//===----------------------------------------------------------------------===//

/// Boxes over the ranks of `terms` (in that order) at which
/// sum(coefficient * rank) lies in `target`, as a set of terms.size()
/// dimensions. Terms are sorted by descending coefficient.
static BoxSet solve(std::span<const LinearExpr::Term> terms,
                    std::span<const int64_t> extents, const Run &target) {
  BoxSet result(terms.size());
  int64_t c = terms[0].coefficient;
  if (terms.size() == 1) {
    if (auto hit = intersect(target, makeRun(0, extents[0], c))) {
      Run run = makeRun(hit->lo / c, hit->n, hit->stride / c);
      result.append({&run, 1});
    }
    return result;
  }
  auto rest = terms.subspan(1);
  auto restExtents = extents.subspan(1);
  int64_t span = 0;
  for (size_t i = 0; i < rest.size(); ++i)
    span += rest[i].coefficient * (restExtents[i] - 1);

  auto append = [&](const Run &first, const BoxSet &others) {
    Runs box(terms.size());
    box[0] = first;
    for (unsigned i = 0; i < others.boxes(); ++i) {
      std::copy_n(others.box(i).begin(), rest.size(), box.begin() + 1);
      BoxSet one(terms.size());
      one.append({box.data(), box.size()});
      result.unite(one);
    }
  };
  auto targetFor = [&](int64_t x) {
    return Run{target.lo - c * x, target.n, target.stride};
  };
  // Values of the first rank for which the whole reach of the others lies
  // between the target's ends share one answer when c is a multiple of the
  // target's stride; the others are solved one by one.
  int64_t lo = std::max<int64_t>(0, (target.lo - span) / c - 1);
  int64_t hi = std::min(extents[0] - 1, target.last() / c);
  bool periodic = c % target.stride == 0;
  auto isInner = [&](int64_t x) {
    return periodic && c * x >= target.lo && c * x + span <= target.last();
  };
  for (int64_t x = lo; x <= hi;) {
    if (!isInner(x)) {
      append({x, 1, 1}, solve(rest, restExtents, targetFor(x)));
      ++x;
      continue;
    }
    int64_t end = std::min(hi, (target.last() - span) / c);
    append(makeRun(x, end - x + 1, 1), solve(rest, restExtents, targetFor(x)));
    x = end + 1;
  }
  return result;
}

BoxSet looptree::opsWriting(const BoxSet &elements, const Einsum &einsum) {
  BoxSet result(einsum.ranks.size());
  if (elements.empty())
    return result;
  Runs full;
  for (const Rank &rank : einsum.ranks)
    full.push_back(makeRun(0, rank.extent, 1));

  for (unsigned i = 0; i < elements.boxes(); ++i) {
    auto target = elements.box(i);
    // Dimensions bind disjoint ranks, so the answers multiply.
    BoxSet boxes(einsum.ranks.size());
    boxes.append({full.data(), full.size()});
    for (size_t d = 0; d < target.size() && !boxes.empty(); ++d) {
      const LinearExpr &expr = einsum.write.index[d];
      Run shifted = {target[d].lo - expr.constant, target[d].n,
                     target[d].stride};
      if (expr.terms.empty()) {
        if (!shifted.contains(0))
          boxes.clear();
        continue;
      }
      auto terms = expr.terms;
      std::sort(terms.begin(), terms.end(), [](const auto &a, const auto &b) {
        return a.coefficient > b.coefficient;
      });
      std::vector<int64_t> extents;
      for (const auto &term : terms)
        extents.push_back(einsum.ranks[term.rank].extent);
      BoxSet solution = solve(terms, extents, shifted);
      BoxSet next(einsum.ranks.size());
      for (unsigned b = 0; b < boxes.boxes(); ++b)
        for (unsigned s = 0; s < solution.boxes(); ++s) {
          next.append(std::as_const(boxes).box(b));
          auto box = next.box(next.boxes() - 1);
          for (size_t k = 0; k < terms.size(); ++k)
            box[terms[k].rank] = solution.box(s)[k];
        }
      std::swap(boxes, next);
    }
    if (i == 0)
      result = std::move(boxes);
    else
      result.unite(boxes);
  }
  return result;
}
