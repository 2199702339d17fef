//===- OperandChangesTest.cpp - Walks against walking --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Analysis/OperandChanges.h"

#include "Analysis/AccessSets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace looptree;

namespace {

/// The definition: walk the ops in lexicographic order, one at a time.
OperandWalk walkOneByOne(const BoxSet &ops, const Access &access,
                         const Tensor &tensor) {
  std::vector<std::vector<int64_t>> points;
  for (unsigned i = 0; i < ops.boxes(); ++i) {
    std::vector<std::vector<int64_t>> box{{}};
    for (const Run &run : ops.box(i)) {
      std::vector<std::vector<int64_t>> longer;
      for (const auto &prefix : box)
        for (int64_t k = 0; k < run.n; ++k) {
          longer.push_back(prefix);
          longer.back().push_back(run.lo + k * run.stride);
        }
      box = std::move(longer);
    }
    points.insert(points.end(), box.begin(), box.end());
  }
  std::sort(points.begin(), points.end());
  OperandWalk walk;
  for (const auto &op : points) {
    Coords element;
    bool inside = true;
    for (size_t d = 0; d < tensor.shape.size(); ++d) {
      int64_t x = access.index[d].constant;
      for (auto &term : access.index[d].terms)
        x += term.coefficient * op[term.rank];
      inside &= x >= 0 && x < tensor.shape[d];
      element.push_back(x);
    }
    if (!inside || (walk.changes > 0 && walk.last == element))
      continue;
    if (walk.changes++ == 0)
      walk.first = element;
    walk.last = element;
  }
  return walk;
}

TEST(OperandChanges, AgreeWithWalkingOneByOne) {
  std::mt19937 engine(7);
  auto in = [&](int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  };
  for (int i = 0; i < 20000; ++i) {
    unsigned ranks = in(0, 4), dims = in(0, 3);
    Access access;
    access.index.resize(dims);
    for (unsigned r = 0; r < ranks && dims > 0; ++r)
      if (in(0, 3) > 0)
        access.index[in(0, dims - 1)].terms.push_back({r, in(1, 3)});
    Tensor tensor;
    for (LinearExpr &expr : access.index) {
      expr.constant = in(-4, 3);
      tensor.shape.push_back(in(1, 9));
    }
    BoxSet ops(ranks);
    for (int64_t b = in(1, 3); b > 0; --b) {
      Runs box;
      for (unsigned r = 0; r < ranks; ++r)
        box.push_back(makeRun(in(0, 4), in(1, 4), in(0, 3) ? 1 : in(1, 3)));
      BoxSet one(ranks);
      one.append({box.data(), box.size()});
      ops.unite(one);
    }
    OperandWalk expected = walkOneByOne(ops, access, tensor);
    OperandWalk walk = walkOperand(ops, access, tensor);
    ASSERT_EQ(walk.changes, expected.changes) << "case " << i;
    if (walk.changes == 0)
      continue;
    ASSERT_EQ(walk.first, expected.first) << "case " << i;
    ASSERT_EQ(walk.last, expected.last) << "case " << i;
  }
}

/// The definition: at every op in lexicographic order, those classes that run
/// it may take another element.
TEST(OperandChanges, ClassesInLockStepAgreeWithWalkingOneByOne) {
  std::mt19937 engine(11);
  auto in = [&](int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  };
  for (int i = 0; i < 4000; ++i) {
    unsigned ranks = in(0, 3), dims = in(0, 2);
    Access access;
    access.index.resize(dims);
    for (unsigned r = 0; r < ranks && dims > 0; ++r)
      if (in(0, 3) > 0)
        access.index[in(0, dims - 1)].terms.push_back({r, in(1, 2)});
    Tensor tensor;
    for (LinearExpr &expr : access.index) {
      expr.constant = in(-4, 3);
      tensor.shape.push_back(in(1, 9));
    }
    std::vector<BoxSet> ops;
    std::vector<WalkerClass> classes;
    for (int64_t k = in(1, 3); k > 0; --k) {
      ops.emplace_back(ranks);
      for (int64_t b = in(1, 2); b > 0; --b) {
        Runs box;
        for (unsigned r = 0; r < ranks; ++r)
          box.push_back(makeRun(in(0, 2), in(1, 4), in(0, 3) ? 1 : in(1, 3)));
        BoxSet one(ranks);
        one.append({box.data(), box.size()});
        ops.back().unite(one);
      }
    }
    for (const BoxSet &set : ops) {
      classes.push_back({&set, std::nullopt});
      if (in(0, 1)) {
        classes.back().held.emplace();
        for (int64_t size : tensor.shape)
          classes.back().held->push_back(in(0, size - 1));
      }
    }
    std::vector<std::optional<Coords>> held;
    for (const WalkerClass &c : classes)
      held.push_back(c.held);
    std::vector<int64_t> op(ranks, 0);
    int64_t changes = 0;
    for (;;) {
      Coords element;
      bool inside = true, takes = false;
      for (unsigned d = 0; d < dims; ++d) {
        int64_t x = access.index[d].constant;
        for (auto &term : access.index[d].terms)
          x += term.coefficient * op[term.rank];
        inside &= x >= 0 && x < tensor.shape[d];
        element.push_back(x);
      }
      for (size_t k = 0; k < classes.size() && inside; ++k)
        if (ops[k].contains(op)) {
          takes |= !held[k] || *held[k] != element;
          held[k] = element;
        }
      changes += takes;
      unsigned r = ranks;
      while (r > 0 && ++op[r - 1] > 14)
        op[--r] = 0;
      if (r == 0)
        break;
    }
    SharedWalk walk = walkTogether(classes, access, tensor);
    ASSERT_EQ(walk.changes, changes) << "case " << i;
    ASSERT_EQ(walk.last, held) << "case " << i;
  }
}

TEST(OperandChanges, DoNotDependOnExtents) {
  Access access;
  int64_t n = int64_t(1) << 28;
  access.index = {{{{0, 1}, {2, 1}}, -1}, {{{1, 1}, {3, 1}}, -1}};
  Tensor tensor;
  tensor.shape = {n, n};
  BoxSet ops(4);
  looptree::Run box[] = {{0, n, 1}, {0, n, 1}, {0, 3, 1}, {0, 3, 1}};
  ops.append(box);
  // Every op but those on the border fetches an element; at the borders two of
  // three rows or columns are inside, and no two neighbours share an element.
  EXPECT_EQ(walkOperand(ops, access, tensor).changes,
            (3 * n - 2) * (3 * n - 2));
}

} // namespace
