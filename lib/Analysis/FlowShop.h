//===- FlowShop.h - The time of a pipeline's run ------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pipeline is a permutation flow shop: job t passes the stages in order, no
// stage takes a job before it is done with the previous one. What is peculiar
// is the room between stages. A tensor retained above the pipeline, first used
// by stage a and last by stage b, has room for the windows of jobs t-(b-a)..t;
// before stage a takes job t, every earlier job whose window is not among those
// must have left stage b.
//
// Worked example: times {18, 12}, {12, 12}, {12, 12}, {12, 12}, no room wanted:
// stage 0 ends at 18, 30, 42, 54, stage 1 at 30, 42, 54, 66.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_FLOWSHOP_H
#define LOOPTREE_ANALYSIS_FLOWSHOP_H

#include "BoxSet.h"
#include "Checked.h"

namespace looptree {

/// The jobs of one run: one visit of the branch (or root) that ends in a
/// pipeline.
struct PipelineRun {
  static constexpr unsigned kAbsent = ~0u;

  /// One instance of a buffer that several stages use.
  struct Room {
    unsigned first, last; ///< Stages.
    /// Per job, a position in `windows`; kAbsent (and what is missing at the
    /// end) where the job has no window.
    std::vector<unsigned> window;
  };

  unsigned stages = 0;
  std::vector<int64_t> times;    ///< Job by job, a time for each stage.
  std::vector<unsigned> restart; ///< Per job; equal in one run of the innermost
                                 ///< loop. For cyclesOfOriginal() only.
  std::vector<Room> rooms;
  std::vector<BoxSet> windows;

  size_t jobs() const { return stages ? times.size() / stages : 0; }
};

struct PipelineTime {
  int64_t cycles = 0; ///< From the start to the end of the last job.
  int64_t fill = 0;   ///< Start of the last stage's first job.
  int64_t drain = 0;  ///< End minus end of stage 0's last job.
  /// Per room: elements of the largest union of windows held at once, and of
  /// the lattice box around the largest one.
  std::vector<int64_t> elements, footprints;
};

/// When each job is in each stage, and what each room then holds.
struct PipelineTimes {
  std::vector<int64_t> starts, ends;      ///< As PipelineRun::times.
  std::vector<std::vector<int64_t>> held; ///< Per room and job: elements.
};

/// `times`, where not null, gets the moments too.
PipelineTime timeOf(const PipelineRun &run, Checked &count,
                    PipelineTimes *times = nullptr);

/// The time by the convention looptree-v1: the sum over all jobs and stages,
/// less, for every job but the last of a run of the innermost loop, the least
/// sum of as many consecutive times, less one, as there are stages.
int64_t cyclesOfOriginal(const PipelineRun &run, Checked &count);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_FLOWSHOP_H
