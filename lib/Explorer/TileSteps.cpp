//===- TileSteps.cpp - Steps worth a loop where tiles overlap -------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileProducts.h"

#include <algorithm>

using namespace looptree;

/// What costs may be made of in a group, for each way that intermediates are
/// carried on in it.
void TileProducts::addSums(size_t group, EinsumId e,
                           std::vector<int64_t> &moves,
                           std::vector<int64_t> &sizes) {
  Tiles &tiles = *path[group][e];
  moves.push_back(tiles.isBad);
  if (tiles.isBad)
    return;
  moves.push_back(tiles.ops());
  EinsumId head = EinsumId(set.einsums.size() - 1);
  auto add = [&](EinsumId of, EinsumId other) {
    for (const Operand &operand : operands[of])
      for (bool isUnit : {false, true}) {
        auto &sums =
            sumsOf(of, operand, group, true, {}, isUnit, path[group][other]);
        moves.push_back(sums.has_value());
        if (!sums)
          continue;
        if (!isUnit)
          moves.push_back(sums->count); // Of them a buffer dies or not.
        sums->addTo(moves, sizes);
      }
  };
  add(e, e);
  if (e != head)
    add(head, e);
  if (e == 0)
    return;
  if (!tiles.leaders)
    tiles.leaders = leadersOf(
        set.einsums[e - 1].write.tensor, group,
        std::vector<const Tiles *>(path[group].begin(), path[group].end()));
  moves.push_back(*tiles.leaders);
  if (*tiles.leaders == 0)
    return;
  for (Made made : {Whole, Carried}) {
    path[group][e - 1] = &tilesBefore(group, e - 1, tiles, made);
    addSums(group, e - 1, moves, sizes);
  }
}

namespace {
struct TriedStep {
  int64_t step;
  std::vector<int64_t> moves, sizes;
};
} // namespace

static void addUnlessBeaten(std::vector<TriedStep> &best, TriedStep tried) {
  if (std::none_of(best.begin(), best.end(), [&](const TriedStep &other) {
        return other.moves == tried.moves &&
               std::equal(other.sizes.begin(), other.sizes.end(),
                          tried.sizes.begin(), std::less_equal<>());
      }))
    best.push_back(std::move(tried));
}

std::vector<int64_t>
TileProducts::bestSteps(RankId rank, const std::vector<int64_t> &steps) {
  EinsumId head = EinsumId(set.einsums.size() - 1);
  size_t group = rankGroup[head][rank];
  path.assign(groups, std::vector<Tiles *>(set.einsums.size()));
  std::vector<TriedStep> best;
  for (int64_t step : steps) {
    TriedStep tried{step, {}, {}};
    path[group][head] = &firstTiles(group, For{head, rank, step});
    addSums(group, head, tried.moves, tried.sizes);
    addUnlessBeaten(best, std::move(tried));
  }
  std::vector<int64_t> result;
  for (const TriedStep &tried : best)
    result.push_back(tried.step);
  return result;
}

const std::vector<int64_t> &TileProducts::bestStepsInBranch(EinsumId e,
                                                            RankId rank) {
  size_t group = rankGroup[e][rank];
  Tiles &tiles = *path[group][e];
  const Tiles *others = othersOf(e, group);
  auto [entry, isNew] = tiles.steps.try_emplace({rank, others});
  if (!isNew)
    return entry->second;
  int64_t longest = 0;
  for (size_t n = 0; n < tiles.runs.size(); ++n)
    if (tiles.runs[n])
      longest = std::max(longest, tiles.boxes[n][rankPosition[e][rank]].size());
  std::vector<TriedStep> best;
  for (int64_t step = 1; step < longest; ++step) {
    TriedStep tried{step, {}, {}};
    For loop{e, rank, step};
    for (const Operand &operand : operands[e])
      for (bool isUnit : {false, true}) {
        auto &sums =
            sumsOf(e, operand, group, true, {&loop, 1}, isUnit, others);
        if (sums)
          sums->addTo(tried.moves, tried.sizes);
        else
          tried.moves.push_back(-step); // Like no other one.
      }
    addUnlessBeaten(best, std::move(tried));
  }
  for (const TriedStep &tried : best)
    entry->second.push_back(tried.step);
  return entry->second;
}
