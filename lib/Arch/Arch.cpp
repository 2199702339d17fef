//===- Arch.cpp - What makes an architecture one -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/Arch/Arch.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

using namespace looptree;

TensorRole looptree::roleOf(const Tensor &tensor) {
  if (tensor.isWeight)
    return TensorRole::Weight;
  switch (tensor.kind) {
  case TensorKind::Input:
    return TensorRole::Input;
  case TensorKind::Intermediate:
    return TensorRole::Intermediate;
  case TensorKind::Output:
    return TensorRole::Output;
  }
  return TensorRole::Input;
}

bool Level::canHold(const Tensor &tensor) const {
  return !holds || std::find(holds->begin(), holds->end(), roleOf(tensor)) !=
                       holds->end();
}

std::optional<LevelId> Arch::findLevel(std::string_view levelName) const {
  for (LevelId level = 0; level < levels.size(); ++level)
    if (levels[level].name == levelName)
      return level;
  return std::nullopt;
}

int64_t Arch::instances(LevelId level) const {
  int64_t product = 1;
  for (const FanOut &fanout : fanouts)
    if (fanout.below < level)
      product *= fanout.size;
  return product;
}

int64_t Arch::computeInstances() const {
  return instances(LevelId(levels.size()));
}

namespace {

using Problem = std::optional<Error>;

Problem checkEnergy(double value, const std::string &what) {
  if (std::isfinite(value) && value >= 0)
    return std::nullopt;
  return Error{what + " is " + std::to_string(value) +
               "; a finite number >= 0 is needed"};
}

Problem checkRate(const std::optional<Rational> &rate,
                  const std::string &what) {
  if (!rate || (rate->num > 0 && rate->den > 0))
    return std::nullopt;
  return Error{what + " is " + std::to_string(rate->num) + "/" +
               std::to_string(rate->den) + "; a number > 0 is needed"};
}

Problem checkLevel(const Level &level) {
  if (level.name.empty())
    return Error{"a level has no name"};
  std::string of = " of level " + level.name;
  if (level.capacityBits && *level.capacityBits < 0)
    return Error{"the capacity" + of + " is " +
                 std::to_string(*level.capacityBits) +
                 " bits; it cannot be negative"};
  for (const Problem &problem :
       {checkEnergy(level.readPjPerBit, "the read energy" + of),
        checkEnergy(level.writePjPerBit, "the write energy" + of),
        checkEnergy(level.leakagePjPerCycle, "the leakage" + of),
        checkRate(level.readBitsPerCycle, "the read bandwidth" + of),
        checkRate(level.writeBitsPerCycle, "the write bandwidth" + of),
        checkRate(level.sharedBitsPerCycle, "the shared bandwidth" + of)})
    if (problem)
      return problem;
  return std::nullopt;
}

Problem checkCompute(const Compute &compute) {
  for (EinsumKind kind : {EinsumKind::Contraction, EinsumKind::Reduction,
                          EinsumKind::Elementwise}) {
    std::string of = " of compute for " + std::string(toString(kind));
    if (Problem problem = checkRate(compute.of(kind).opsPerCycle,
                                    "the operations per cycle" + of))
      return problem;
    if (Problem problem = checkEnergy(compute.of(kind).pjPerOp,
                                      "the energy per operation" + of))
      return problem;
  }
  if (Problem problem =
          checkEnergy(compute.leakagePjPerCycle, "the leakage of compute"))
    return problem;
  if (!std::isfinite(compute.clockHz) || compute.clockHz <= 0)
    return Error{"the clock of compute is " + std::to_string(compute.clockHz) +
                 " Hz; a finite number > 0 is needed"};
  return std::nullopt;
}

} // namespace

std::optional<Error> Arch::check() const {
  if (levels.empty())
    return Error{"an architecture has at least one level"};
  std::unordered_set<std::string_view> names;
  for (const Level &level : levels) {
    if (Problem problem = checkLevel(level))
      return problem;
    if (!names.insert(level.name).second)
      return Error{"two levels are named " + level.name};
  }
  names.clear();
  int64_t product = 1;
  for (const FanOut &fanout : fanouts) {
    if (fanout.name.empty())
      return Error{"a fan-out dimension has no name"};
    if (!names.insert(fanout.name).second)
      return Error{"two fan-out dimensions are named " + fanout.name};
    if (fanout.size < 1)
      return Error{"fan-out dimension " + fanout.name + " has size " +
                   std::to_string(fanout.size) + "; at least 1 is needed"};
    if (fanout.below >= levels.size())
      return Error{"fan-out dimension " + fanout.name +
                   " lies below level number " + std::to_string(fanout.below) +
                   " of " + std::to_string(levels.size())};
    if (__builtin_mul_overflow(product, fanout.size, &product))
      return Error{"the instances of compute exceed 64 bit"};
  }
  return checkCompute(compute);
}
