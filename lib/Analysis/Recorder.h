//===- Recorder.h - Writes a timeline down ------------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the walk of Transfers.cpp and keeps what happens, with its time. Time
// runs inside a visit of a branch (or the root); where that ends in a pipeline,
// nothing has a time until the run is over and the flow shop has said when each
// job is in which stage. So what happens then is noted by job, and placed at
// the end: a transfer where its einsum's stage takes the job, a window where
// the first stage that uses the buffer does.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_RECORDER_H
#define LOOPTREE_ANALYSIS_RECORDER_H

#include "FlowShop.h"
#include "Instances.h"
#include "Transfers.h"

#include "looptree/Analysis/Timeline.h"

#include <map>

namespace looptree {

class Recorder {
public:
  /// `uses`: what the same run has counted.
  Recorder(const Plan::Impl &plan, const std::vector<BufferUse> &uses);

  // What happens now.
  void leaf(EinsumId e, int64_t steps, int64_t ops);
  void window(BufferId b, int64_t elements);
  /// Notes a transfer to or from an instance of the parent. Those of one moment
  /// that differ in instances only are one.
  void transfer(InstanceId parent, const Timeline::Transfer &moved);
  void endMoment();

  // Where control is.
  void beginIteration();
  void endIteration();
  /// A visit of a branch; `cycles` is its time.
  void beginBranch(const PlanNode &split, size_t branch);
  void endBranch(int64_t cycles);
  void skipBranch();
  void beginRun() { frames.back().isRun = true; }
  void beginJob(const PlanNode &pipeline);
  void endJob() { frames.back().isInJob = false; }
  /// `buffers`: which buffer each room of the run belongs to.
  void endRun(const PipelineTimes &times, std::span<const BufferId> buffers,
              int64_t cycles);

  Timeline finish();

private:
  using Part = std::vector<Timeline::Item>;

  struct Note { ///< Something in a job.
    unsigned stage;
    bool atEnd; ///< Of the stage; else at its start.
    Timeline::Item item;
  };
  struct Job {
    std::vector<unsigned> stages; ///< Parts; kNone: not entered.
    std::vector<Note> notes;
  };
  struct Iteration {
    size_t firstJob = 0, endJob = 0;
    std::vector<Iteration> inner;
  };
  /// What a buffer between stages holds.
  struct Held {
    BufferId buffer;
    unsigned stage;                ///< The first that uses it.
    std::vector<int64_t> elements; ///< Per job.
  };
  /// A visit of a branch.
  struct Frame {
    Part part;
    double now = 0;
    // When it ends in a pipeline:
    bool isRun = false, isInJob = false;
    const PlanNode *pipeline = nullptr;
    std::vector<Job> jobs;
    std::vector<Timeline::Item> pending; ///< Before the next job.
    std::vector<Iteration> open{{}};     ///< Iterations, outermost first.
    const PipelineTimes *times = nullptr;
    std::vector<Held> held;
  };

  void add(decltype(Timeline::Item::what) what);
  unsigned stageOf(const PlanNode &pipeline, const Timeline::Item &item) const;
  void show(BufferId b, int64_t elements);
  unsigned intern(Part part);
  static void place(Part &into, double at, unsigned part);
  Part build(const Frame &run, const Iteration &iteration);
  void buildJob(Part &into, const Frame &run, size_t job, int64_t base);

  const Plan::Impl &plan;
  const std::vector<BufferUse> &uses;
  std::vector<int64_t> open; ///< Per buffer: of the last window.
  Timeline result;
  std::map<Part, unsigned> known;
  std::vector<int64_t> shown; ///< Per buffer: of the last window.
  std::vector<Frame> frames;
  /// Of this moment, by einsum and instance of the parent.
  std::map<EinsumId, std::map<InstanceId, Timeline::Transfer>> moment;
};

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_RECORDER_H
