//===- Evaluate.h - Closed-form cost of a mapping -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mapping without its steps is compiled once into a Plan; a step vector is
// then evaluated many times. The numbers are those of docs/CostModel.md, exact.
//
//     Result<Plan> plan = compile(workload, arch, mapping);
//     Scratch scratch;
//     Result<CostReport> report = evaluate(*plan, plan->steps(), scratch);
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_ANALYSIS_EVALUATE_H
#define LOOPTREE_ANALYSIS_EVALUATE_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Mapping/Mapping.h"

#include <limits>
#include <memory>
#include <optional>
#include <span>

namespace looptree {

/// A tree compiled against its workload and architecture. Immutable; may be
/// shared between threads. Keeps its own copies of the three values.
class Plan {
public:
  /// Steps of the loops of the compiled mapping, in preorder.
  std::span<const int64_t> steps() const;

  struct Impl;
  explicit Plan(std::shared_ptr<const Impl> impl) : impl(std::move(impl)) {}
  const Impl &get() const { return *impl; }

private:
  std::shared_ptr<const Impl> impl;
};

/// Working memory of an evaluation, reused between calls; one per thread.
class Scratch {
public:
  Scratch();
  ~Scratch();
  Scratch(Scratch &&) noexcept;
  Scratch &operator=(Scratch &&) noexcept;

  /// How the last evaluation went, from the fastest way to the most general
  /// one. All are exact; this tells tests and benchmarks which was taken.
  enum class Way { Boxes, TilesTogether, EveryTile };
  Way way = Way::EveryTile;

  /// An evaluation that takes a general way fails when it visits more tiles
  /// than this, counted once for each instance there. A search that has other
  /// candidates bounds it.
  size_t maxVisits = std::numeric_limits<size_t>::max();

  struct Impl;
  Impl &get() { return *impl; }

private:
  std::unique_ptr<Impl> impl;
};

/// Fails when the mapping is not legal, or has a node that the analysis or the
/// convention does not cover (named in the error).
Result<Plan> compile(const Workload &workload, const Arch &arch,
                     const Mapping &mapping,
                     Convention convention = Convention::Exact);

/// The cost of the plan's tree with the given steps (one per loop, preorder,
/// each >= 1). A mapping over capacity has a report, with problems. Fails when
/// the mapping is incomplete (an element is read that is held nowhere) and
/// when a count exceeds 64 bit; the error names tensor, element and reader.
Result<CostReport> evaluate(const Plan &plan, std::span<const int64_t> steps,
                            Scratch &scratch);

/// The same into `report`, whose memory is used again: the way to evaluate many
/// step vectors. `report` has no meaning after a failure.
std::optional<Error> evaluateInto(const Plan &plan,
                                  std::span<const int64_t> steps,
                                  Scratch &scratch, CostReport &report);

/// The same without the closed form for boxes, and visiting every tile: the
/// ways that evaluate() takes where a faster one does not apply.
Result<CostReport> evaluateTilesTogether(const Plan &plan,
                                         std::span<const int64_t> steps,
                                         Scratch &scratch);
Result<CostReport> evaluateEveryTile(const Plan &plan,
                                     std::span<const int64_t> steps);

/// compile() and evaluate() with the mapping's own steps.
Result<CostReport> evaluate(const Workload &workload, const Arch &arch,
                            const Mapping &mapping,
                            Convention convention = Convention::Exact);

} // namespace looptree

#endif // LOOPTREE_ANALYSIS_EVALUATE_H
