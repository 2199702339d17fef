//===- TrunkPlanner.cpp - Retention around a given trunk ------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TrunkPlanner.h"

#include <algorithm>

using namespace looptree;

/// A tensor that fits this many times into its level is small.
constexpr double kSmallShare = 256;

TrunkPlanner::TrunkPlanner(const Workload &set, const Homes &homes,
                           const Prices &prices, const LeafMaps &leaves,
                           const TrunkSpace &space, BranchOptions &options)
    : set(set), homes(homes), prices(prices), leaves(leaves), tiles(set),
      options(options) {
  // The loops of a set of one einsum are its trunk's.
  bool mayLoop = set.einsums.size() > 1 ||
                 (!space.maxLoops && !space.ranks && !space.orders &&
                  space.steps.empty() && space.retain.empty());
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    structures.push_back(options.structureNumber(set, e, homes));
    uint64_t ranks = mayLoop ? ~uint64_t(0) : 0;
    if (auto branch = space.branches.find(e);
        branch != space.branches.end() && branch->second.ranks && mayLoop) {
      ranks = 0;
      for (RankId r : *branch->second.ranks)
        ranks |= r < 64 ? uint64_t(1) << r : 0;
    }
    loopable.push_back(ranks);
  }
  here.resize(set.einsums.size());
  for (TensorId t = 0; t < set.tensors.size(); ++t) {
    Placement place{t, set.consumers(t), 0, 0, nullptr};
    if (auto rule = space.retain.find(t);
        rule != space.retain.end() && homes.slot[t] >= 0)
      place.rule = &rule->second;
    if (auto producer = set.producer(t))
      place.users.insert(place.users.begin(), *producer);
    place.firstUser = place.users.front();
    place.lastUser = place.users.back();
    (isFree(t) ? free : fused).push_back(std::move(place));
  }
}

/// Inputs, outputs, and intermediates that no level on chip may hold.
bool TrunkPlanner::isFree(TensorId t) const {
  return set.tensors[t].kind != TensorKind::Intermediate || homes.slot[t] < 0;
}

double TrunkPlanner::bitsAt(TensorId t, unsigned depth) const {
  double &known = keptAt(t, depth).bits;
  if (known >= 0)
    return known;
  int slot = homes.slot[t];
  const Tensor &tensor = set.tensors[t];
  double bits = double(tensor.bits);
  // A fused intermediate has no parent buffer on chip or off.
  double copies = isFree(t) ? double(homes.copies[slot]) : 1;
  if (tensor.kind != TensorKind::Input && tensor.partialBits)
    bits = std::max(bits, double(*tensor.partialBits));
  return known = tiles.window(t, depth) * bits * copies;
}

void TrunkPlanner::occupy(Usage &usage, const Placement &place, unsigned depth,
                          double sign) const {
  double bits = sign * bitsAt(place.tensor, depth);
  bool lives = depth == tiles.depth() && !tiles.carries(place.tensor);
  size_t first = lives ? place.firstUser : 0;
  size_t last = lives ? place.lastUser : usage.bits.size() - 1;
  for (size_t branch = first; branch <= last; ++branch)
    usage.bits[branch][size_t(homes.slot[place.tensor])] += bits;
}

Spent TrunkPlanner::trunkSpent(TensorId t, unsigned depth) const {
  std::optional<Spent> &known = keptAt(t, depth).spent;
  if (known)
    return *known;
  const Tensor &tensor = set.tensors[t];
  double bits = double(tensor.bits), fills = tiles.fills(t, depth) * bits;
  LevelId home = homes.levelOf(t);
  Spent &spent = known.emplace();
  if (tensor.kind == TensorKind::Input) {
    spent += prices.read(0, fills);
    spent += prices.write(home, fills);
    return spent;
  }
  // Written once; what is seen again comes back, and goes out once more where
  // it was added to.
  double once = tiles.fills(t, 0) * bits, again = std::max(0.0, fills - once);
  bool isRead = !set.consumers(t).empty();
  double out = isRead ? once : fills;
  spent += prices.read(home, out);
  spent += prices.write(0, out);
  spent += prices.read(0, again);
  spent += prices.write(home, again);
  return spent;
}

Spent TrunkPlanner::trunkSpent() const {
  Spent spent;
  for (const Placement &place : free)
    if (depths[place.tensor] >= 0)
      spent += trunkSpent(place.tensor, unsigned(depths[place.tensor]));
  return spent;
}

unsigned TrunkPlanner::streamedOperands(EinsumId e) const {
  const Einsum &einsum = set.einsums[e];
  unsigned mask = 0;
  for (size_t i = 0; i < einsum.reads.size(); ++i)
    if (depths[einsum.reads[i].tensor] < 0)
      mask |= 1u << i;
  if (depths[einsum.write.tensor] < 0)
    mask |= 1u << einsum.reads.size();
  return mask;
}

const std::vector<BranchOption> &TrunkPlanner::optionsOf(EinsumId e) {
  unsigned streamed = streamedOperands(e);
  for (auto [mask, known] : here[e])
    if (mask == streamed)
      return *known;
  const auto &found = options.of(tiles, set, e, structures[e], streamed,
                                 loopable[e], homes, prices, leaves);
  here[e].push_back({streamed, &found});
  return found;
}

/// Options are sorted by price: the first that fits.
const BranchOption *TrunkPlanner::bestOption(EinsumId e, const Usage &usage) {
  for (const BranchOption &option : optionsOf(e)) {
    bool fits = true;
    for (size_t s = 0; s < homes.level.size(); ++s)
      fits &= usage.bits[e][s] + option.bits[s] <= double(homes.capacity[s]);
    if (fits)
      return &option;
  }
  return nullptr;
}

bool TrunkPlanner::settleBranches(const Usage &usage, Spent &spent,
                                  std::vector<const BranchOption *> &chosen) {
  chosen.clear();
  for (EinsumId e = 0; e < set.einsums.size(); ++e) {
    const BranchOption *option = bestOption(e, usage);
    if (!option)
      return false;
    spent += option->spent;
    chosen.push_back(option);
  }
  return true;
}

/// Moves the tensor that saves most per bit; false when none saves.
bool TrunkPlanner::improveOnce(Usage &usage, Spent &spent) {
  double bestRatio = 0;
  const Placement *bestPlace = nullptr;
  int bestDepth = 0;
  Spent bestSpent;
  std::vector<const BranchOption *> chosen;
  for (const Placement &place : free) {
    TensorId t = place.tensor;
    if (homes.slot[t] < 0 ||
        (place.rule && place.rule->where != RetainRule::Where::OnTrunk))
      continue;
    int before = depths[t];
    double bitsBefore = before < 0 ? 0 : bitsAt(t, unsigned(before));
    for (int depth = int(tiles.depth()); depth >= 0; --depth) {
      if (depth == before)
        continue;
      double more = bitsAt(t, unsigned(depth)) - bitsBefore;
      if (before >= 0 && more <= 0)
        continue;
      changed = usage;
      if (before >= 0)
        occupy(changed, place, unsigned(before), -1);
      occupy(changed, place, unsigned(depth), 1);
      depths[t] = depth;
      Spent now = trunkSpent();
      bool fits = settleBranches(changed, now, chosen);
      depths[t] = before;
      if (!fits)
        continue;
      double saved = spent.price - now.price;
      double ratio = saved / std::max(more, 1.0);
      if (saved > 1e-12 * spent.price && ratio > bestRatio) {
        bestRatio = ratio;
        bestPlace = &place;
        bestDepth = depth;
        bestSpent = now;
      }
    }
  }
  if (!bestPlace)
    return false;
  int &depth = depths[bestPlace->tensor];
  if (depth >= 0)
    occupy(usage, *bestPlace, unsigned(depth), -1);
  depth = bestDepth;
  occupy(usage, *bestPlace, unsigned(depth), 1);
  spent = bestSpent;
  return true;
}

bool TrunkPlanner::overflows(const Usage &usage) const {
  for (const SlotBits &bits : usage.bits)
    for (size_t s = 0; s < homes.level.size(); ++s)
      if (bits[s] > double(homes.capacity[s]))
        return true;
  return false;
}

/// Infers the tiles and places the fused intermediates; false when they alone
/// do not fit.
bool TrunkPlanner::place(const std::vector<TrunkLoop> &trunk, int policy) {
  depths.assign(set.tensors.size(), 0);
  for (const Placement &place : fused) {
    depths[place.tensor] = policy;
    if (place.rule && place.rule->where != RetainRule::Where::OnTrunk)
      depths[place.tensor] = depthBy(*place.rule, trunk.size());
    if (depths[place.tensor] > int(trunk.size()))
      return false;
  }
  tiles.infer(trunk, depths);
  kept.assign(set.tensors.size() * (tiles.depth() + 1), {});
  for (const Placement &place : free)
    depths[place.tensor] = -1;
  for (auto &options : here)
    options.clear();
  intermediates.bits.assign(set.einsums.size(), {});
  for (const Placement &place : fused)
    occupy(intermediates, place, unsigned(depths[place.tensor]), 1);
  return !overflows(intermediates);
}

/// The depth below so many loops that a rule asks for; the innermost where it
/// leaves a choice.
int TrunkPlanner::depthBy(const RetainRule &rule, size_t loops) {
  switch (rule.where) {
  case RetainRule::Where::AboveLoops:
    return 0;
  case RetainRule::Where::BelowSome:
    return int(rule.depth);
  default:
    return int(loops);
  }
}

/// Places inputs and outputs that have to be on the trunk; false when they do
/// not fit or it has too few loops.
bool TrunkPlanner::placeBound(Usage &usage) {
  for (const Placement &place : free) {
    if (!place.rule)
      continue;
    int &depth = depths[place.tensor];
    depth = depthBy(*place.rule, tiles.depth());
    if (depth > int(tiles.depth()))
      return false;
    occupy(usage, place, unsigned(depth), 1);
  }
  return !overflows(usage);
}

/// The least that a tensor costs where it fits beside the intermediates.
Spent TrunkPlanner::leastSpent(const Placement &place) {
  TensorId t = place.tensor;
  // Streamed, each visit of a user takes its part once.
  Spent least;
  for (EinsumId e : place.users) {
    const Einsum &einsum = set.einsums[e];
    auto take = [&](const Access &access, bool isWrite) {
      if (access.tensor != t)
        return;
      tiles.accessAxes(e, access, box);
      double bits = tiles.streamed(e, box) * double(set.tensors[t].bits);
      least += isWrite ? prices.write(0, bits) : prices.read(0, bits);
    };
    for (const Access &read : einsum.reads)
      if (!read.isInit)
        take(read, false);
    take(einsum.write, true);
  }
  if (homes.slot[t] < 0)
    return least;
  for (unsigned depth = 0; depth <= tiles.depth(); ++depth) {
    changed = intermediates;
    occupy(changed, place, depth, 1);
    if (overflows(changed))
      continue;
    Spent kept = trunkSpent(t, depth);
    least = {std::min(least.price, kept.price),
             std::min(least.offChip, kept.offChip), 0};
  }
  return least;
}

std::optional<double> TrunkPlanner::bound(const std::vector<TrunkLoop> &trunk,
                                          int policy) {
  if (!place(trunk, policy))
    return std::nullopt;
  Spent spent;
  for (const Placement &place : free)
    spent += leastSpent(place);
  for (EinsumId e = 0; e < set.einsums.size(); ++e)
    spent += prices.ops(set.einsums[e].kind, tiles.ops(e),
                        double(leaves.instances()));
  return prices.score(spent);
}

/// Keeps what takes next to no space above all loops: biases, mostly.
void TrunkPlanner::keepSmall(Usage &usage) {
  for (const Placement &place : free) {
    TensorId t = place.tensor;
    int slot = homes.slot[t];
    if (slot < 0 || place.rule ||
        bitsAt(t, 0) * kSmallShare > double(homes.capacity[size_t(slot)]))
      continue;
    occupy(usage, place, 0, 1);
    depths[t] = 0;
    if (overflows(usage)) {
      occupy(usage, place, 0, -1);
      depths[t] = -1;
    }
  }
}

std::optional<TrunkCandidate>
TrunkPlanner::plan(const std::vector<TrunkLoop> &trunk, int policy,
                   double worst) {
  if (!place(trunk, policy))
    return std::nullopt;
  Usage usage = intermediates;
  std::vector<const BranchOption *> chosen;
  if (!placeBound(usage))
    return std::nullopt;
  Usage bound = usage;
  keepSmall(usage);
  Spent spent = trunkSpent();
  if (!settleBranches(usage, spent, chosen)) {
    for (const Placement &place : free)
      if (!place.rule)
        depths[place.tensor] = -1;
    usage = bound;
    spent = trunkSpent();
    if (!settleBranches(usage, spent, chosen))
      return std::nullopt;
  }
  while (improveOnce(usage, spent))
    ;
  spent = trunkSpent();
  if (!settleBranches(usage, spent, chosen))
    return std::nullopt;
  TrunkCandidate candidate;
  candidate.score = prices.score(spent);
  if (candidate.score >= worst)
    return std::nullopt;
  candidate.trunk = trunk;
  candidate.depths = depths;
  for (const BranchOption *option : chosen)
    candidate.branches.push_back(*option);
  return candidate;
}

void TrunkPlanner::addLeaves(TrunkCandidate &candidate) {
  depths = candidate.depths;
  tiles.infer(candidate.trunk, depths);
  for (EinsumId e = 0; e < candidate.branches.size(); ++e)
    options.addLeaf(tiles, set, e, structures[e], streamedOperands(e), homes,
                    prices, leaves, candidate.branches[e]);
}

//===----------------------------------------------------------------------===//
// The tree
//===----------------------------------------------------------------------===//

/// Puts a retain for each level in use above a node.
static Node retained(const Homes &homes, const std::vector<TensorId> &tensors,
                     Node body) {
  std::map<LevelId, std::vector<TensorId>> byLevel;
  for (TensorId t : tensors)
    byLevel[homes.levelOf(t)].push_back(t);
  for (auto level = byLevel.rbegin(); level != byLevel.rend(); ++level)
    body = {Retain{level->first, level->second, {}}, {std::move(body)}};
  return body;
}

static Node looped(const TrunkLoop &loop, EinsumId einsum, Node body) {
  return {For{einsum, loop.rank, loop.step}, {std::move(body)}};
}

static Node branch(const Workload &set, const Homes &homes, EinsumId e,
                   const BranchOption &option) {
  Node node{ComputeNode{e}, {}};
  for (size_t i = option.leaf.size(); i-- > 0;) {
    const SpatialLoop &loop = option.leaf[i];
    node = {SpatialFor{e, loop.rank, loop.step, loop.fanout},
            {std::move(node)}};
  }
  for (size_t depth = option.loops.size() + 1; depth-- > 0;) {
    std::vector<TensorId> here;
    for (auto [operand, at] : option.retained)
      if (at == depth)
        here.push_back(operandOf(set.einsums[e], operand).tensor);
    node = retained(homes, here, std::move(node));
    if (depth > 0)
      node = looped(option.loops[depth - 1], e, std::move(node));
  }
  return node;
}

Mapping looptree::buildMapping(const Workload &set, const Homes &homes,
                               const TrunkCandidate &candidate) {
  std::vector<Node> branches;
  for (EinsumId e = 0; e < set.einsums.size(); ++e)
    branches.push_back(branch(set, homes, e, candidate.branches[e]));
  Node node = branches.size() == 1 ? std::move(branches[0])
                                   : Node{Sequential{}, std::move(branches)};
  EinsumId head = EinsumId(set.einsums.size() - 1);
  for (size_t depth = candidate.trunk.size() + 1; depth-- > 0;) {
    std::vector<TensorId> here;
    for (TensorId t = 0; t < set.tensors.size(); ++t)
      if (candidate.depths[t] == int(depth))
        here.push_back(t);
    node = retained(homes, here, std::move(node));
    if (depth > 0)
      node = looped(candidate.trunk[depth - 1], head, std::move(node));
  }
  std::vector<TensorId> outside;
  for (TensorId t = 0; t < set.tensors.size(); ++t)
    if (set.tensors[t].kind != TensorKind::Intermediate || homes.slot[t] < 0)
      outside.push_back(t);
  if (!outside.empty())
    node = {Retain{0, outside, {}}, {std::move(node)}};
  return {std::move(node)};
}
