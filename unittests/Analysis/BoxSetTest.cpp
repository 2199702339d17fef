//===- BoxSetTest.cpp - Sets against points ------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/AccessSets.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

using namespace looptree;

namespace {

using Point = std::vector<int64_t>;
using Points = std::set<Point>;

Points pointsOf(const BoxSet &set) {
  Points result;
  for (unsigned i = 0; i < set.boxes(); ++i) {
    Points box{{}};
    for (const Run &run : set.box(i)) {
      Points longer;
      for (const Point &prefix : box)
        for (int64_t k = 0; k < run.n; ++k) {
          Point point = prefix;
          point.push_back(run.lo + k * run.stride);
          longer.insert(point);
        }
      box = std::move(longer);
    }
    for (const Point &point : box)
      EXPECT_TRUE(result.insert(point).second) << "boxes overlap";
  }
  return result;
}

class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  int64_t in(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  }
  BoxSet set(unsigned dims, unsigned boxes) {
    BoxSet result(dims);
    for (unsigned i = 0; i < boxes; ++i) {
      BoxSet one(dims);
      Runs box;
      for (unsigned d = 0; d < dims; ++d)
        box.push_back(makeRun(in(0, 9), in(1, 6), in(1, 4)));
      one.append({box.data(), box.size()});
      result.unite(one);
    }
    return result;
  }

private:
  std::mt19937 engine;
};

TEST(BoxSet, AlgebraAgreesWithPoints) {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    unsigned dims = random.in(0, 3);
    BoxSet a = random.set(dims, random.in(0, 3)),
           b = random.set(dims, random.in(0, 3));
    Points pa = pointsOf(a), pb = pointsOf(b), common, rest, both = pa;
    for (const Point &p : pa)
      (pb.count(p) ? common : rest).insert(p);
    both.insert(pb.begin(), pb.end());
    EXPECT_EQ(pointsOf(a.intersect(b)), common);
    EXPECT_EQ(pointsOf(a.subtract(b)), rest);
    EXPECT_EQ(a.size(), int64_t(pa.size()));
    EXPECT_EQ(b.covers(a), rest.empty());
    for (const Point &p : pb)
      EXPECT_EQ(a.contains(p), pa.count(p) == 1);
    a.unite(b);
    EXPECT_EQ(pointsOf(a), both);
  }
}

TEST(BoxSet, NeighboursBecomeOneBox) {
  BoxSet rows(2);
  for (int64_t row = 0; row < 8; ++row) {
    BoxSet one(2);
    looptree::Run box[] = {{row, 1, 1}, {0, 5, 1}};
    one.append(box);
    rows.unite(one);
  }
  EXPECT_EQ(rows.boxes(), 1u);
  EXPECT_EQ(rows.size(), 40);
}

TEST(BoxSet, LatticeBoxIsWhatAnAllocationTakes) {
  BoxSet set(1);
  looptree::Run even[] = {{0, 3, 2}}, far[] = {{10, 1, 1}};
  set.append(even);
  EXPECT_EQ(set.latticeBoxSize(), 3);
  set.append(far);
  EXPECT_EQ(set.latticeBoxSize(), 6); // 0 2 4 . . 10
}

Einsum randomEinsum(Random &random, Tensor &tensor, bool isWrite) {
  Einsum e;
  unsigned ranks = random.in(1, 4);
  for (unsigned r = 0; r < ranks; ++r)
    e.ranks.push_back({"r" + std::to_string(r), random.in(1, 5)});
  unsigned dims = random.in(0, 2);
  std::vector<LinearExpr> index(dims);
  for (unsigned r = 0; r < ranks && dims > 0; ++r)
    if (random.in(0, 3) > 0)
      index[random.in(0, dims - 1)].terms.push_back({r, random.in(1, 4)});
  for (LinearExpr &expr : index) {
    expr.constant = random.in(isWrite ? 0 : -3, 3);
    int64_t reach = expr.constant;
    for (auto &term : expr.terms)
      reach += term.coefficient * (e.ranks[term.rank].extent - 1);
    tensor.shape.push_back(isWrite ? reach + 1 : random.in(1, 10));
  }
  e.write.index = index;
  return e;
}

TEST(AccessSets, ElementsAndOpsAgreeWithPoints) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    Tensor tensor;
    bool isWrite = i % 2;
    Einsum e = randomEinsum(random, tensor, isWrite);
    BoxSet ops = random.set(e.ranks.size(), 2).intersect(allOps(e));
    auto elementOf = [&](const Point &op) -> std::optional<Point> {
      Point element;
      for (size_t d = 0; d < tensor.shape.size(); ++d) {
        int64_t x = e.write.index[d].constant;
        for (auto &term : e.write.index[d].terms)
          x += term.coefficient * op[term.rank];
        if (x < 0 || x >= tensor.shape[d])
          return std::nullopt;
        element.push_back(x);
      }
      return element;
    };
    Points elements;
    for (const Point &op : pointsOf(ops))
      if (auto element = elementOf(op))
        elements.insert(*element);
    BoxSet image = elementsOf(ops, e.write, tensor);
    EXPECT_EQ(pointsOf(image), elements);
    if (!isWrite)
      continue;
    Points writers;
    for (const Point &op : pointsOf(allOps(e)))
      if (elements.count(*elementOf(op)))
        writers.insert(op);
    EXPECT_EQ(pointsOf(opsWriting(image, e)), writers);
  }
}

} // namespace
