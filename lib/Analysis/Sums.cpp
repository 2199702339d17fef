//===- Sums.cpp - How many ops made an element ---------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sums.h"

using namespace looptree;

void Sums::add(const BoxSet &elements, int64_t n) {
  if (elements.empty() || n == 0)
    return;
  BoxSet fresh = elements;
  std::map<int64_t, BoxSet> result;
  auto put = [&](int64_t count, const BoxSet &set) {
    if (set.empty() || count == 0)
      return;
    auto [known, isNew] = result.insert({count, set});
    if (!isNew)
      known->second.unite(set);
  };
  for (const auto &[count, set] : byCount) {
    BoxSet common = set.intersect(elements);
    put(count, common.empty() ? set : set.subtract(common));
    put(count + n, common);
    if (!common.empty())
      fresh = fresh.subtract(common);
  }
  put(n, fresh);
  byCount = std::move(result);
}

void Sums::add(const Sums &other, int64_t times) {
  for (const auto &[count, set] : other.byCount)
    add(set, count * times);
}

void Sums::remove(const BoxSet &elements) {
  for (auto &[count, set] : byCount)
    set = set.subtract(elements);
  std::erase_if(byCount, [](const auto &item) { return item.second.empty(); });
}

void Sums::keep(const BoxSet &elements) {
  for (auto &[count, set] : byCount)
    set = set.intersect(elements);
  std::erase_if(byCount, [](const auto &item) { return item.second.empty(); });
}

Sums Sums::within(const BoxSet &elements) const {
  Sums result = *this;
  result.keep(elements);
  return result;
}

BoxSet Sums::agreeing(const Sums &other, unsigned dims) const {
  BoxSet result(dims);
  for (const auto &[count, set] : byCount)
    if (auto same = other.byCount.find(count); same != other.byCount.end())
      result.unite(set.intersect(same->second));
  return result;
}

BoxSet Sums::elements(unsigned dims) const {
  BoxSet result(dims);
  for (const auto &[count, set] : byCount)
    result.unite(set);
  return result;
}

/// For each value of an expression over a box: how many tuples of its ranks
/// have it, as sets of one dimension.
static std::map<int64_t, BoxSet> tuplesPerValue(const LinearExpr &expr,
                                                std::span<const Run> box) {
  std::map<int64_t, BoxSet> result;
  if (expr.terms.size() <= 1) {
    Run run = makeRun(expr.constant, 1, 1);
    if (!expr.terms.empty()) {
      run = scaled(box[expr.terms[0].rank], expr.terms[0].coefficient);
      run.lo += expr.constant;
    }
    BoxSet set(1);
    set.append({&run, 1});
    result.insert({1, std::move(set)});
    return result;
  }
  std::map<int64_t, int64_t> tuples{{expr.constant, 1}};
  for (const LinearExpr::Term &term : expr.terms) {
    std::map<int64_t, int64_t> next;
    const Run &run = box[term.rank];
    for (auto [value, n] : tuples)
      for (int64_t i = 0; i < run.n; ++i)
        next[value + term.coefficient * (run.lo + i * run.stride)] += n;
    tuples = std::move(next);
  }
  for (auto [value, n] : tuples) {
    auto [known, isNew] = result.insert({n, BoxSet(1)});
    known->second.unite(BoxSet::point({&value, 1}));
  }
  return result;
}

Sums looptree::opsPerElement(const BoxSet &ops, const Access &access,
                             const Tensor &tensor) {
  Sums result;
  for (unsigned b = 0; b < ops.boxes(); ++b) {
    auto box = ops.box(b);
    // Ranks that no dimension uses repeat every element.
    int64_t repeats = 1;
    std::vector<bool> used(box.size(), false);
    for (const LinearExpr &expr : access.index)
      for (const auto &term : expr.terms)
        used[term.rank] = true;
    for (size_t r = 0; r < box.size(); ++r)
      if (!used[r])
        repeats *= box[r].n;
    // Dimensions bind disjoint ranks, so their counts multiply.
    std::map<int64_t, BoxSet> product{{repeats, BoxSet::point({})}};
    for (size_t d = 0; d < tensor.shape.size(); ++d) {
      std::map<int64_t, BoxSet> next;
      for (const auto &[n, values] : tuplesPerValue(access.index[d], box))
        for (const auto &[m, outer] : product) {
          auto [known, isNew] = next.insert({n * m, BoxSet(unsigned(d) + 1)});
          for (unsigned i = 0; i < outer.boxes(); ++i)
            for (unsigned j = 0; j < values.boxes(); ++j) {
              Runs runs;
              runs.append(outer.box(i).data(), d);
              runs.push_back(values.box(j)[0]);
              BoxSet one(unsigned(d) + 1);
              one.append({runs.data(), runs.size()});
              known->second.unite(one);
            }
        }
      product = std::move(next);
    }
    for (const auto &[n, elements] : product)
      result.add(elements, n);
  }
  return result;
}
