//===- Builder.h - Workloads and trees for tests ------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short ways to write workloads and mapping trees in tests.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_UNITTESTS_ANALYSIS_BUILDER_H
#define LOOPTREE_UNITTESTS_ANALYSIS_BUILDER_H

#include "looptree/Analysis/Evaluate.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace looptree::test {

struct AccessText {
  std::string tensor;
  std::vector<std::string> index;
  bool isInit = false;
};

/// Tensors first, then einsums in order; names are resolved on the way.
struct WorkloadBuilder {
  Workload w;

  WorkloadBuilder &tensor(const std::string &name, TensorKind kind,
                          std::vector<int64_t> shape) {
    w.tensors.push_back({name, kind, std::move(shape)});
    return *this;
  }
  WorkloadBuilder &input(const std::string &name, std::vector<int64_t> shape) {
    return tensor(name, TensorKind::Input, std::move(shape));
  }
  WorkloadBuilder &middle(const std::string &name, std::vector<int64_t> shape) {
    return tensor(name, TensorKind::Intermediate, std::move(shape));
  }
  WorkloadBuilder &output(const std::string &name, std::vector<int64_t> shape) {
    return tensor(name, TensorKind::Output, std::move(shape));
  }

  WorkloadBuilder &einsum(const std::string &name,
                          std::vector<std::pair<std::string, int64_t>> ranks,
                          const AccessText &write,
                          const std::vector<AccessText> &reads) {
    Einsum e;
    e.name = name;
    for (auto &[rank, extent] : ranks)
      e.ranks.push_back({rank, extent});
    e.write = access(write, e);
    for (const AccessText &read : reads)
      e.reads.push_back(access(read, e));
    w.einsums.push_back(std::move(e));
    return *this;
  }

private:
  Access access(const AccessText &text, const Einsum &e) const {
    Access result;
    result.tensor = *w.findTensor(text.tensor);
    for (const std::string &expr : text.index)
      result.index.push_back(*parseLinearExpr(expr, e));
    result.isInit = text.isInit;
    return result;
  }
};

/// Builds the nodes of one workload on levels 0 (DRAM) and 1 (GLB).
struct TreeBuilder {
  const Workload &w;

  std::vector<TensorId> ids(const std::vector<std::string> &names) const {
    std::vector<TensorId> result;
    for (const std::string &name : names)
      result.push_back(*w.findTensor(name));
    return result;
  }
  Node retain(LevelId level, const std::vector<std::string> &names, Node body,
              const std::vector<std::string> &noReuse = {}) const {
    return {Retain{level, ids(names), ids(noReuse)}, {std::move(body)}};
  }
  Node loop(const std::string &rank, const std::string &einsum, int64_t step,
            Node body) const {
    EinsumId e = *w.findEinsum(einsum);
    return {For{e, *w.einsums[e].findRank(rank), step}, {std::move(body)}};
  }
  Node sequential(std::vector<Node> branches) const {
    return {Sequential{}, std::move(branches)};
  }
  Node pipeline(std::vector<Node> branches) const {
    return {Pipeline{}, std::move(branches)};
  }
  Node compute(const std::string &einsum) const {
    return {ComputeNode{*w.findEinsum(einsum)}, {}};
  }
};

/// DRAM and an unbounded buffer, one op per cycle, everything free.
inline Arch twoLevels() {
  Arch arch;
  arch.name = "two_levels";
  arch.levels.resize(2);
  arch.levels[0].name = "DRAM";
  arch.levels[1].name = "GLB";
  return arch;
}

/// The report of a tree that has one.
inline CostReport evaluated(const Workload &w, const Arch &arch, Node root) {
  auto plan = compile(w, arch, Mapping{std::move(root)});
  EXPECT_TRUE(bool(plan)) << plan.error().message;
  Scratch scratch;
  auto report = evaluate(*plan, plan->steps(), scratch);
  EXPECT_TRUE(bool(report)) << report.error().message;
  return *report;
}

struct Moved {
  int64_t reads, writes, fills, drains;
  friend bool operator==(const Moved &, const Moved &) = default;
};

/// Sum over einsums of the rows of a tensor at a level.
inline Moved moved(const CostReport &report, const Workload &w, LevelId level,
                   const std::string &tensor) {
  Moved total{0, 0, 0, 0};
  for (const AccessRow &row : report.accesses)
    if (row.level == level && w.tensors[row.tensor].name == tensor) {
      total.reads += row.reads;
      total.writes += row.writes;
      total.fills += row.fills;
      total.drains += row.drains;
    }
  return total;
}

inline int64_t bufferOf(const CostReport &report, const Workload &w,
                        LevelId level, const std::string &tensor) {
  for (const BufferRow &row : report.buffers)
    if (row.level == level && w.tensors[row.tensor].name == tensor)
      return row.elements;
  ADD_FAILURE() << "no buffer of " << tensor;
  return -1;
}

} // namespace looptree::test

#endif // LOOPTREE_UNITTESTS_ANALYSIS_BUILDER_H
