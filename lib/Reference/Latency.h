//===- Latency.h - Cycles of branches ------------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A leaf visit takes one step for each index tuple at which an instance has an
// op; the steps of a branch visit are rounded to cycles once. A `sequential`
// takes the sum of its branches, a `pipeline` the makespan of its jobs.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_REFERENCE_LATENCY_H
#define LOOPTREE_LIB_REFERENCE_LATENCY_H

#include "Lookahead.h"

#include "looptree/Cost/Convention.h"

#include <functional>

namespace looptree::reference {

/// The visit of a retain in one instance.
struct OpenVisit {
  InstanceId instance;
  Place place;
};

/// One visit of a pipeline.
struct Job {
  std::vector<int64_t> cycles; ///< Of each stage.
  /// For each of the pipeline's crossings, the visits that hold this job; those
  /// with an empty window are left out.
  std::vector<std::vector<OpenVisit>> windows;
  /// The iteration of all loops but the innermost.
  Place outer = 0;
};

/// The jobs of a pipeline between two entries of its branch.
class Run {
public:
  Run(const Tree &tree, NodeId pipeline, const Lookahead &lookahead,
      const std::vector<Job> &jobs)
      : node(tree.nodes[pipeline]), lookahead(lookahead), jobs(jobs) {}

  /// When each stage has finished each job. False when it exceeds 64 bit.
  bool schedule();
  int64_t makespan() const { return finish.back().back(); }
  /// Start of the last stage's first job.
  int64_t fill() const { return finish[0].back() - jobs[0].cycles.back(); }
  /// From the end of the first stage's last job.
  int64_t drain() const { return finish.back().back() - finish.back()[0]; }

  /// Calls `use(instance, elements)` for what each instance of a crossing's
  /// buffer holds of the jobs in flight, job by job.
  void forEachHeld(
      size_t crossing,
      const std::function<void(const std::vector<Element> &)> &use) const;

  /// The original's latency. Nothing when it exceeds 64 bit.
  std::optional<int64_t> originalLatency() const;

private:
  std::span<const Used> windowOf(size_t crossing, InstanceId instance,
                                 size_t job) const;
  /// What an instance of a crossing's buffer holds for jobs up to `job`.
  std::vector<Element> heldFor(size_t crossing, InstanceId instance,
                               size_t job) const;
  int64_t waitForRoom(size_t crossing, size_t job) const;

  const TreeNode &node;
  const Lookahead &lookahead;
  const std::vector<Job> &jobs;
  std::vector<std::vector<int64_t>> finish; ///< Per job, stage.
};

/// The time of one visit of a branch (or of the root): everything between
/// control's entry and its leaving.
struct BranchClock {
  int64_t steps = 0; ///< Of the compute that ends the branch, if one does.
  int64_t below = 0; ///< Cycles of the sequential that ends it, if one does.
  std::vector<Job> jobs; ///< Of the pipeline that ends it, if one does.
};

} // namespace looptree::reference

#endif // LOOPTREE_LIB_REFERENCE_LATENCY_H
