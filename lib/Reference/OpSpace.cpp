//===- OpSpace.cpp - Ops of an einsum and the elements they touch  -*- C++
//-*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpSpace.h"

#include <algorithm>

namespace looptree::reference {

bool firstPoint(const Box &box, Point &point) {
  point.resize(box.size());
  for (size_t r = 0; r < box.size(); ++r) {
    if (box[r].lo >= box[r].hi)
      return false;
    point[r] = box[r].lo;
  }
  return true;
}

bool nextPoint(const Box &box, Point &point) {
  for (size_t r = box.size(); r-- > 0;) {
    if (++point[r] < box[r].hi)
      return true;
    point[r] = box[r].lo;
  }
  return false;
}

/// Ranks of `einsum` that its write does not use.
static std::vector<RankId> ranksUnusedByWrite(const Einsum &einsum) {
  std::vector<bool> used(einsum.ranks.size(), false);
  for (const LinearExpr &expr : einsum.write.index)
    for (const LinearExpr::Term &term : expr.terms)
      used[term.rank] = true;
  std::vector<RankId> unused;
  for (RankId r = 0; r < used.size(); ++r)
    if (!used[r])
      unused.push_back(r);
  return unused;
}

AccessMap::AccessMap(const Access &access, const Einsum &einsum,
                     const Tensor &tensor)
    : id(access.tensor) {
  for (size_t d = 0; d < access.index.size(); ++d)
    dims.push_back(
        {access.index[d].terms, access.index[d].constant, tensor.shape[d]});
  if (access.isInit)
    mustBeZero = ranksUnusedByWrite(einsum);
}

OpSpace::OpSpace(const Workload &workload, EinsumId id)
    : e(&workload.einsums[id]) {
  for (const Access &read : e->reads)
    readMaps.emplace_back(read, *e, workload.tensors[read.tensor]);
  const Tensor &written = workload.tensors[e->write.tensor];
  writeMap.emplace_back(e->write, *e, written);
  shape = written.shape;
  unusedByWrite = ranksUnusedByWrite(*e);
  for (const Rank &rank : e->ranks)
    ops *= rank.extent;

  for (size_t d = 0; d < shape.size(); ++d) {
    const LinearExpr &expr = e->write.index[d];
    std::vector<Writers> table(static_cast<size_t>(shape[d]));
    Box box;
    for (const LinearExpr::Term &term : expr.terms)
      box.push_back({0, e->ranks[term.rank].extent});
    Point point;
    firstPoint(box, point);
    do {
      int64_t x = expr.constant;
      for (size_t t = 0; t < box.size(); ++t)
        x += expr.terms[t].coefficient * point[t];
      Writers &w = table[static_cast<size_t>(x)];
      if (w.count++ == 0)
        for (int64_t value : point)
          w.ranks.push_back({value, value + 1});
      for (size_t t = 0; t < box.size(); ++t) {
        w.ranks[t].lo = std::min(w.ranks[t].lo, point[t]);
        w.ranks[t].hi = std::max(w.ranks[t].hi, point[t] + 1);
      }
    } while (nextPoint(box, point));
    writers.push_back(std::move(table));
  }

  int64_t perValue = 1;
  for (RankId rank : unusedByWrite)
    perValue *= e->ranks[rank].extent;
  full.assign(static_cast<size_t>(sizeOf(written)), 0);
  std::vector<const Writers *> found;
  for (size_t element = 0; element < full.size(); ++element)
    if (writersOf(Element(element), found)) {
      full[element] = perValue;
      for (const Writers *w : found)
        full[element] *= w->count;
    }
}

Box OpSpace::wholeBox() const {
  Box box;
  for (const Rank &rank : e->ranks)
    box.push_back({0, rank.extent});
  return box;
}

int64_t OpSpace::flat(const Point &point) const {
  int64_t result = 0;
  for (size_t r = 0; r < point.size(); ++r)
    result = result * e->ranks[r].extent + point[r];
  return result;
}

bool OpSpace::isEmpty(const OpSet &set) const {
  if (!set.everything && (!set.wanted || set.wanted->empty()))
    return true;
  // Ranks that the write does not use cannot change what is written.
  Box box = set.box;
  if (box.size() != e->ranks.size())
    return true;
  for (RankId rank : unusedByWrite)
    box[rank].hi = std::min(box[rank].hi, box[rank].lo + 1);
  Point point;
  if (!firstPoint(box, point))
    return true;
  do {
    if (contains(set, point))
      return false;
  } while (nextPoint(box, point));
  return true;
}

bool OpSpace::writersOf(Element element,
                        std::vector<const Writers *> &found) const {
  found.resize(shape.size());
  int64_t rest = element;
  for (size_t d = shape.size(); d-- > 0;) {
    found[d] = &writers[d][static_cast<size_t>(rest % shape[d])];
    rest /= shape[d];
    if (found[d]->count == 0)
      return false;
  }
  return true;
}

void OpSpace::boundWanted(OpSet &set) const {
  set.everything = false;
  set.box.clear();
  std::vector<const Writers *> found;
  for (Element element : set.wanted->members()) {
    if (!writersOf(element, found))
      continue;
    bool isFirst = set.box.empty() && !e->ranks.empty();
    if (isFirst)
      set.box = wholeBox();
    for (size_t d = 0; d < found.size(); ++d)
      for (size_t t = 0; t < found[d]->ranks.size(); ++t) {
        Interval &bound = set.box[e->write.index[d].terms[t].rank];
        const Interval &here = found[d]->ranks[t];
        bound.lo = isFirst ? here.lo : std::min(bound.lo, here.lo);
        bound.hi = isFirst ? here.hi : std::max(bound.hi, here.hi);
      }
  }
}

std::vector<Element> OpSpace::writtenElements() const {
  std::vector<Element> all;
  for (size_t element = 0; element < full.size(); ++element)
    if (full[element] > 0)
      all.push_back(Element(element));
  return all;
}

int64_t sizeOf(const Tensor &tensor) {
  int64_t size = 1;
  for (int64_t extent : tensor.shape)
    size *= extent;
  return size;
}

std::string elementName(const Tensor &tensor, Element element) {
  std::string text;
  int64_t rest = element;
  for (size_t d = tensor.shape.size(); d-- > 0;) {
    text = std::to_string(rest % tensor.shape[d]) + (text.empty() ? "" : ", ") +
           text;
    rest /= tensor.shape[d];
  }
  return tensor.name + "[" + text + "]";
}

/// Whether the largest and smallest value of an expression, and the product of
/// each term, fit 64 bit.
static bool fits(const LinearExpr &expr, const Einsum &einsum) {
  int64_t value = expr.constant;
  for (const LinearExpr::Term &term : expr.terms) {
    int64_t product;
    if (__builtin_mul_overflow(term.coefficient, einsum.ranks[term.rank].extent,
                               &product) ||
        __builtin_add_overflow(value, product, &value))
      return false;
  }
  return true;
}

std::optional<Error> checkIndices(const Workload &workload, int64_t most) {
  most = std::min<int64_t>(most, kNoElement - 1);
  for (const Tensor &tensor : workload.tensors)
    if (sizeOf(tensor) > most)
      return Error{
          "tensor " + tensor.name + " has " + std::to_string(sizeOf(tensor)) +
          " elements; the simulator holds at most " + std::to_string(most)};
  for (const Einsum &einsum : workload.einsums) {
    auto check = [&](const Access &access) {
      return std::all_of(
          access.index.begin(), access.index.end(),
          [&](const LinearExpr &expr) { return fits(expr, einsum); });
    };
    bool ok = check(einsum.write);
    for (const Access &read : einsum.reads)
      ok = ok && check(read);
    if (!ok)
      return Error{"an index of einsum " + einsum.name + " exceeds 64 bit"};
  }
  return std::nullopt;
}

} // namespace looptree::reference
