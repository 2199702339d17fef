//===- Stages.cpp - Stages of pipelines, at the same time
//------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "looptree/IR/Dialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Async/IR/Async.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::lowering;

/// Everything of before has been done.
Emitter::Tokens Emitter::openRun(Location loc,
                                 const ScheduledPipeline &pipeline) {
  Value done = async::ExecuteOp::create(
                   b, loc, TypeRange(), ValueRange(), ValueRange(),
                   [](OpBuilder &body, Location loc, ValueRange) {
                     async::YieldOp::create(body, loc, ValueRange());
                   })
                   .getToken();
  Tokens tokens;
  tokens.pipeline = &pipeline;
  tokens.last.assign(pipeline.stages, done);
  tokens.jobs.resize(pipeline.stages);
  for (auto [first, last] : pipeline.room) {
    auto &jobs = tokens.jobs[last];
    jobs.resize(std::max<size_t>(jobs.size(), last - first + 1), done);
  }
  return tokens;
}

void Emitter::awaitAll(Location loc, const Tokens &tokens) {
  llvm::SmallDenseSet<Value> awaited;
  for (Value token : tokens.last)
    if (awaited.insert(token).second)
      async::AwaitOp::create(b, loc, token);
}

/// Inside a stage of another pipeline, which is on a thread already, the stages
/// run one after another.
void Emitter::emitRun(const Repeat &repeat) {
  if (isInStage)
    return emit(repeat.body);
  Location loc = b.getUnknownLoc();
  Tokens tokens = openRun(loc, schedule.pipelines[repeat.number]);
  Tokens *outer = running;
  running = &tokens;
  emit(repeat.body);
  running = outer;
  awaitAll(loc, tokens);
}

void Emitter::emitJob(const Repeat &repeat) {
  emit(repeat.body);
  if (!running)
    return;
  for (auto [last, jobs] : llvm::zip_equal(running->last, running->jobs)) {
    if (jobs.empty())
      continue;
    jobs.pop_back();
    jobs.insert(jobs.begin(), last);
  }
}

/// Marks take no time.
static bool isDone(const Repeat &repeat) {
  return llvm::all_of(repeat.body, [](const looptree::Step &step) {
    if (auto *inner = std::get_if<Repeat>(&step))
      return isDone(*inner);
    ActionKind kind = std::get<Action>(step).kind;
    return kind == ActionKind::Window || kind == ActionKind::Skip;
  });
}

void Emitter::emitStage(const Repeat &repeat) {
  Tokens *outer = running;
  running = nullptr;
  if (!outer || isDone(repeat)) {
    emit(repeat.body);
    running = outer;
    return;
  }
  unsigned stage = repeat.number;
  llvm::SetVector<Value> after(outer->last.begin(),
                               outer->last.begin() + stage + 1);
  for (auto [first, last] : outer->pipeline->room)
    if (first == stage)
      after.insert(outer->jobs[last][last - first]);
  Location loc = b.getUnknownLoc();
  auto execute = async::ExecuteOp::create(
      b, loc, TypeRange(), after.getArrayRef(), ValueRange(),
      [](OpBuilder &body, Location loc, ValueRange) {
        async::YieldOp::create(body, loc, ValueRange());
      });
  NamedAttrList parts;
  parts.append("kind", b.getStringAttr("stage"));
  parts.append("stage", b.getStringAttr(Twine(stage)));
  execute->setAttr(ir::loweredAttrName, parts.getDictionary(b.getContext()));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(execute.getBody()->getTerminator());
    isInStage = true;
    emit(repeat.body);
    isInStage = false;
  }
  running = outer;
  outer->last[stage] = execute.getToken();
}

/// The loop carries the tokens to the next step.
void Emitter::emitLoopOfJobs(const Repeat &repeat) {
  Location loc = b.getUnknownLoc();
  auto forEachToken = [&](function_ref<void(Value &)> fn) {
    for (Value &token : running->last)
      fn(token);
    for (auto &jobs : running->jobs)
      for (Value &token : jobs)
        fn(token);
  };
  auto all = [&] {
    SmallVector<Value> tokens;
    forEachToken([&](Value &token) { tokens.push_back(token); });
    return tokens;
  };
  auto replaceBy = [&](ValueRange values) {
    size_t next = 0;
    forEachToken([&](Value &token) { token = values[next++]; });
  };
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto loop = scf::ForOp::create(b, loc, constant(0), constant(repeat.count),
                                 constant(1), all());
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    replaceBy(loop.getRegionIterArgs());
    emitBody(repeat, loop.getInductionVar());
    scf::YieldOp::create(b, loc, all());
  }
  replaceBy(loop.getResults());
}

/// Each instance runs a pipeline of its own, after all jobs so far.
void Emitter::emitInstancesOfJobs(const Repeat &repeat) {
  Location loc = b.getUnknownLoc();
  awaitAll(loc, *running);
  Tokens *outer = running;
  running = nullptr;
  Repeat ofRuns = repeat;
  Repeat own{Repeat::Kind::Run, 1, repeat.body, 0, false};
  own.number = unsigned(outer->pipeline - schedule.pipelines.data());
  ofRuns.body = {std::move(own)};
  emitInstances(ofRuns);
  running = outer;
}
