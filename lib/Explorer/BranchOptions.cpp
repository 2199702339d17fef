//===- BranchOptions.cpp - Streaming operands past an einsum --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BranchOptions.h"

#include <algorithm>
#include <bit>
#include <limits>

using namespace looptree;

Homes::Homes(const Workload &set, const Arch &arch, const TrunkSpace &space) {
  for (TensorId t = 0; t < set.tensors.size(); ++t) {
    const Tensor &tensor = set.tensors[t];
    slot.push_back(-1);
    auto rule = space.retain.find(t);
    bool isBound = rule != space.retain.end();
    if (isBound && rule->second.where == RetainRule::Where::OffChip)
      continue;
    for (LevelId l = 1; l < arch.levels.size(); ++l) {
      if (!arch.levels[l].canHold(tensor) ||
          (isBound && rule->second.level.value_or(l) != l))
        continue;
      auto known = std::find(level.begin(), level.end(), l);
      slot.back() = int(known - level.begin());
      if (known == level.end()) {
        level.push_back(l);
        capacity.push_back(arch.levels[l].capacityBits.value_or(
            std::numeric_limits<int64_t>::max()));
        copies.push_back(arch.levels[l].doubleBuffered ? 2 : 1);
      }
      break;
    }
  }
}

LevelId Homes::innermost() const {
  return level.empty() ? 0 : *std::max_element(level.begin(), level.end());
}

std::vector<int64_t> looptree::stepsFor(int64_t extent, bool dense) {
  std::vector<int64_t> steps;
  for (int64_t tiles = 2; tiles < extent;
       tiles += std::max<int64_t>(1, tiles / (dense ? 4 : 2))) {
    int64_t step = (extent + tiles - 1) / tiles;
    if (steps.empty() || steps.back() != step)
      steps.push_back(step);
  }
  if (extent > 1 && (steps.empty() || steps.back() != 1))
    steps.push_back(1);
  return steps;
}

namespace {

struct Operand {
  const Access *access;
  bool isWrite;
  double bits;
  LevelId home;
  int slot;
  double streamed;        ///< Elements, when every visit takes them once.
  std::vector<char> uses; ///< Per rank.
};

class Enumerator {
public:
  Enumerator(const TileModel &tiles, const Workload &set, EinsumId e,
             unsigned streamed, const Homes &homes, const Prices &prices,
             const LeafMaps &leaves, size_t structure, KnownLeaves &knownLeaves)
      : set(set), einsum(set.einsums[e]), homes(homes), prices(prices),
        leaves(leaves), structure(structure), knownLeaves(knownLeaves),
        streamedMask(streamed), ops(tiles.ops(e)) {
    for (const Axis &axis : tiles.rankAxes(e)) {
      middle.push_back(std::max<int64_t>(1, axis.count(axis.middle)));
      largest.push_back(std::max(middle.back(), axis.count(axis.first)));
      strides.push_back(axis.stride);
    }
    reduction.assign(einsum.ranks.size(), 1);
    for (const LinearExpr &expr : einsum.write.index)
      for (const auto &term : expr.terms)
        reduction[term.rank] = 0;
    std::vector<Axis> box;
    auto add = [&](const Access &access, bool isWrite) {
      Operand operand{&access,
                      isWrite,
                      double(set.tensors[access.tensor].bits),
                      homes.levelOf(access.tensor),
                      homes.slot[access.tensor],
                      0,
                      std::vector<char>(einsum.ranks.size())};
      tiles.accessAxes(e, access, box);
      operand.streamed = tiles.streamed(e, box);
      for (const LinearExpr &expr : access.index)
        for (const auto &term : expr.terms)
          operand.uses[term.rank] = 1;
      operands.push_back(std::move(operand));
    };
    for (const Access &read : einsum.reads)
      add(read, false);
    add(einsum.write, true);
    for (unsigned i = 0; i < operands.size(); ++i)
      if (streamed >> i & 1)
        moving.push_back(i);
  }

  std::vector<BranchOption> run(uint64_t loopable, bool dominance) {
    keepsAll = !dominance;
    auto mayLoop = [&](RankId r) {
      return largest[r] > 1 && isUseful(r) &&
             (r < 64 ? (loopable >> r & 1) != 0 : loopable == ~uint64_t(0));
    };
    tryLoops({});
    for (RankId r = 0; r < middle.size() && !moving.empty(); ++r) {
      if (!mayLoop(r))
        continue;
      for (int64_t step : stepsFor(largest[r], false)) {
        tryLoops({{r, step}});
        if (!isPaired(step, r))
          continue;
        for (RankId inner = 0; inner < middle.size(); ++inner) {
          if (inner == r || !mayLoop(inner))
            continue;
          for (int64_t innerStep : stepsFor(largest[inner], false))
            if (isPaired(innerStep, inner))
              tryLoops({{r, step}, {inner, innerStep}});
        }
      }
    }
    std::stable_sort(options.begin(), options.end(),
                     [](const BranchOption &a, const BranchOption &b) {
                       return a.spent.price < b.spent.price;
                     });
    return std::move(options);
  }

  void addLeaf(BranchOption &option) {
    loops = option.loops;
    chooseLeaf();
    option.leaf = leaf;
  }

private:
  bool isUseful(RankId r) const {
    return std::any_of(moving.begin(), moving.end(),
                       [&](unsigned i) { return operands[i].uses[r] != 0; });
  }
  /// Steps that loops over two ranks are made of: with one operand to stream,
  /// the finest pieces; with two, large ones too. (More are streamed only where
  /// the trunk keeps nothing; its loops stand for these.)
  bool isPaired(int64_t step, RankId r) const {
    auto large = std::count_if(moving.begin(), moving.end(), [&](unsigned i) {
      return !operands[i].access->isInit;
    });
    return large < 3 && (step == 1 || (large == 2 && step * 4 >= largest[r]));
  }

  /// What one streamed operand may do: retained below `depth` loops, or (-1)
  /// read by compute from where it comes.
  struct Choice {
    int depth;
    double bits;
    Spent spent;
  };

  /// Given the loops, operands choose apart from each other.
  void tryLoops(std::vector<TrunkLoop> tried) {
    loops = std::move(tried);
    choices.clear();
    if (prices.dependOnLeaves())
      chooseLeaf();
    Spent fixed = prices.ops(einsum.kind, ops, sharing);
    for (unsigned i = 0; i < operands.size(); ++i)
      if (!(streamedMask >> i & 1))
        fixed += moved(operands[i], false, 0);
    for (unsigned i : moving) {
      std::vector<Choice> mine;
      for (int depth = -1; depth <= int(loops.size()); ++depth)
        if (depth < 0 || operands[i].slot >= 0)
          addChoice(mine,
                    {depth, depth < 0 ? 0 : windowBits(operands[i], depth),
                     moved(operands[i], true, depth)});
      choices.push_back(std::move(mine));
    }
    depths.assign(operands.size(), -1);
    combine(0, {}, fixed, loops.empty());
  }

  /// The map of the leaf below the loops that is best where all operands are
  /// at their levels and nothing is around it.
  void chooseLeaf() {
    LeafKey key{structure, {}};
    std::vector<LeafMaps::Extent> tile;
    for (RankId r = 0; r < middle.size(); ++r) {
      int64_t below = rankBelow(r, unsigned(loops.size()));
      tile.push_back({tileBelow(r), below, strides[r]});
      for (int64_t number : {tile[r].middle, tile[r].largest, tile[r].stride})
        key.second.push_back(number);
    }
    auto [known, isNew] = knownLeaves.try_emplace(std::move(key));
    if (isNew)
      known->second = bestLeaf(tile);
    leaf = known->second.map;
    sharing = known->second.sharing;
  }

  LeafChoice bestLeaf(std::span<const LeafMaps::Extent> tile) {
    std::vector<int64_t> tileMiddle;
    for (const LeafMaps::Extent &extent : tile)
      tileMiddle.push_back(extent.middle);
    std::vector<TrunkLoop> outside;
    std::swap(outside, loops);
    std::swap(tileMiddle, middle);
    LeafChoice best;
    double bestScore = std::numeric_limits<double>::infinity(), most = 0;
    leaves.forEach(einsum, tile, [&](const LeafMap &, double instances) {
      most = std::max(most, instances);
    });
    leaves.forEach(einsum, tile, [&](const LeafMap &map, double instances) {
      if (instances < prices.leastSharing() * most)
        return;
      leaf = map;
      Spent spent = prices.ops(einsum.kind, ops, instances);
      for (const Operand &operand : operands)
        spent += moved(operand, false, 0);
      double score = prices.leafScore(spent);
      if (score < bestScore) {
        bestScore = score;
        best = {map, instances};
      }
    });
    std::swap(outside, loops);
    std::swap(tileMiddle, middle);
    return best;
  }

  static void addChoice(std::vector<Choice> &mine, const Choice &choice) {
    for (const Choice &other : mine)
      if (other.bits <= choice.bits && other.spent.price <= choice.spent.price)
        return;
    std::erase_if(mine, [&](const Choice &other) {
      return choice.bits <= other.bits &&
             choice.spent.price <= other.spent.price;
    });
    mine.push_back(choice);
  }

  void combine(size_t next, const SlotBits &bits, const Spent &spent,
               bool usesLoops) {
    if (next == moving.size()) {
      if (usesLoops)
        keep(bits, spent);
      return;
    }
    unsigned i = moving[next];
    for (const Choice &choice : choices[next]) {
      // Two operands of one tensor share a buffer.
      bool agrees = true;
      for (size_t before = 0; before < next; ++before)
        agrees &= operands[moving[before]].access->tensor !=
                      operands[i].access->tensor ||
                  depths[moving[before]] == choice.depth;
      if (!agrees)
        continue;
      depths[i] = choice.depth;
      SlotBits more = bits;
      if (choice.depth >= 0)
        more[size_t(operands[i].slot)] += choice.bits;
      Spent sum = spent;
      sum += choice.spent;
      combine(next + 1, more, sum, usesLoops || choice.depth > 0);
    }
    depths[i] = -1;
  }

  /// Adds what has just been tried unless some option beats it.
  void keep(const SlotBits &bits, const Spent &spent) {
    auto isSmaller = [](const SlotBits &a, const SlotBits &b) {
      for (size_t s = 0; s < a.size(); ++s)
        if (a[s] > b[s])
          return false;
      return true;
    };
    auto beats = [&](const BranchOption &other) {
      return other.spent.price <= spent.price && isSmaller(other.bits, bits);
    };
    if (!keepsAll && std::any_of(options.begin(), options.end(), beats))
      return;
    std::erase_if(options, [&](const BranchOption &other) {
      return !keepsAll && spent.price <= other.spent.price &&
             isSmaller(bits, other.bits);
    });
    BranchOption option{loops, leaf, {}, bits, spent};
    for (unsigned i : moving) {
      bool isKnown = std::any_of(option.retained.begin(), option.retained.end(),
                                 [&](auto &r) {
                                   return operands[r.first].access->tensor ==
                                          operands[i].access->tensor;
                                 });
      if (depths[i] >= 0 && !isKnown)
        option.retained.push_back({i, unsigned(depths[i])});
    }
    options.push_back(std::move(option));
  }

  double windowBits(const Operand &operand, int depth) const {
    double elements = 1;
    const Tensor &tensor = set.tensors[operand.access->tensor];
    for (size_t d = 0; d < operand.access->index.size(); ++d) {
      int64_t width = 1;
      for (const auto &term : operand.access->index[d].terms)
        width += term.coefficient * (rankBelow(term.rank, unsigned(depth)) - 1);
      elements *= double(std::min(width, tensor.shape[d]));
    }
    return elements * operand.bits * double(homes.copies[operand.slot]);
  }

  int64_t tilesOf(const TrunkLoop &loop) const {
    return (middle[loop.rank] + loop.step - 1) / loop.step;
  }

  /// Elements that an operand hands to compute, or takes from it: an instance
  /// holds one while the innermost ranks that do not move it run, and one
  /// transfer is for all instances that differ in such ranks alone.
  double registerMoves(const Operand &operand) const {
    double moves = takenBy(operand);
    auto isMovedBy = [&](RankId r) {
      return operand.uses[r] || (operand.access->isInit && reduction[r]);
    };
    for (const SpatialLoop &loop : leaf)
      if (!isMovedBy(loop.rank) &&
          (operand.isWrite ? leaves.reduces(loop.fanout)
                           : leaves.multicasts(loop.fanout)))
        moves /=
            double(tileBelow(loop.rank)) / double(onOneInstance(loop.rank));
    for (RankId r = RankId(middle.size()); r-- > 0;) {
      int64_t extent = onOneInstance(r);
      if (extent == 1)
        continue;
      if (operand.uses[r])
        return moves;
      if (!(operand.access->isInit && reduction[r]))
        moves /= double(extent);
    }
    for (size_t i = loops.size(); i-- > 0;) {
      int64_t tiles = tilesOf(loops[i]);
      RankId r = loops[i].rank;
      if (tiles == 1)
        continue;
      if (operand.uses[r])
        break;
      if (!(operand.access->isInit && reduction[r]))
        moves /= double(tiles);
    }
    return moves;
  }

  /// Values of a rank in a middle tile below the loops, and on one instance.
  int64_t tileBelow(RankId r) const {
    int64_t extent = middle[r];
    for (const TrunkLoop &loop : loops)
      if (loop.rank == r)
        extent = std::min(extent, loop.step);
    return extent;
  }
  int64_t onOneInstance(RankId r) const {
    int64_t extent = tileBelow(r);
    for (const SpatialLoop &loop : leaf)
      if (loop.rank == r)
        extent = std::min(extent, loop.step / strides[r]);
    return extent;
  }

  double takenBy(const Operand &operand) const {
    double count = ops;
    if (operand.access->isInit)
      for (RankId r = 0; r < middle.size(); ++r)
        if (reduction[r])
          count /= double(middle[r]);
    return count;
  }

  /// How often a streamed operand comes in during one visit, halos that are
  /// fetched again counted as shares of it.
  double passes(const Operand &operand, unsigned depth) const {
    double product = 1;
    bool moves = false;
    for (unsigned i = depth; i-- > 0;) {
      if (!operand.uses[loops[i].rank]) {
        if (moves)
          product *= double(tilesOf(loops[i]));
        continue;
      }
      // A loop further in that moves the window too takes it back before this
      // one moves on.
      if (moves)
        product *= haloShare(operand, loops[i], depth);
      moves = true;
    }
    return product;
  }

  double haloShare(const Operand &operand, const TrunkLoop &loop,
                   unsigned depth) const {
    for (const LinearExpr &expr : operand.access->index) {
      int64_t tile = 1, whole = 1;
      bool isMoved = false;
      for (const auto &term : expr.terms) {
        isMoved |= term.rank == loop.rank;
        whole += term.coefficient * (middle[term.rank] - 1);
        tile += term.coefficient * (rankBelow(term.rank, depth) - 1);
      }
      if (isMoved)
        return std::max(1.0,
                        double(tile) * double(tilesOf(loop)) / double(whole));
    }
    return 1;
  }

  /// Largest extent of a rank below that many loops.
  int64_t rankBelow(RankId r, unsigned depth) const {
    int64_t extent = largest[r];
    for (unsigned i = 0; i < depth; ++i)
      if (loops[i].rank == r)
        extent = std::min(extent, loops[i].step);
    return extent;
  }

  Spent moved(const Operand &operand, bool isStreamed, int depth) const {
    Spent spent;
    double atCompute = registerMoves(operand);
    if (!isStreamed)
      depth = 0;
    LevelId level = depth < 0 ? 0 : operand.home;
    double bits = operand.bits;
    if (!operand.isWrite) {
      spent += prices.read(level, atCompute * bits);
    } else {
      spent += prices.write(level, atCompute * bits);
      spent += prices.read(level,
                           std::max(0.0, atCompute - operand.streamed) * bits);
    }
    if (!isStreamed || depth < 0)
      return spent;
    double in = operand.streamed * passes(operand, unsigned(depth));
    if (!operand.isWrite) {
      spent += prices.read(0, in * bits);
      spent += prices.write(level, in * bits);
    } else {
      spent += prices.read(level, in * bits);
      spent += prices.write(0, in * bits);
      double again = std::max(0.0, in - operand.streamed) * bits;
      spent += prices.read(0, again);
      spent += prices.write(level, again);
    }
    return spent;
  }

  const Workload &set;
  const Einsum &einsum;
  const Homes &homes;
  const Prices &prices;
  const LeafMaps &leaves;
  size_t structure;
  KnownLeaves &knownLeaves;
  unsigned streamedMask;
  double ops;
  std::vector<int64_t> middle, largest, strides;
  std::vector<char> reduction;
  std::vector<Operand> operands;
  std::vector<unsigned> moving;
  std::vector<TrunkLoop> loops; ///< Being tried,
  LeafMap leaf;                 ///< with this map below them
  double sharing = 1;           ///< on so many instances,
  std::vector<int> depths;      ///< with the operands at these depths
  std::vector<std::vector<Choice>> choices; ///< out of these.
  std::vector<BranchOption> options;
  bool keepsAll = false;
};

} // namespace

const Access &looptree::operandOf(const Einsum &einsum, unsigned operand) {
  return operand < einsum.reads.size() ? einsum.reads[operand] : einsum.write;
}

/// See BranchOptions::structureNumber.
static std::string structureOf(const Workload &set, const Einsum &einsum,
                               const Homes &homes) {
  std::string text = std::to_string(int(einsum.kind));
  auto add = [&](int64_t number) { (text += ' ') += std::to_string(number); };
  for (const Rank &rank : einsum.ranks)
    add(rank.extent);
  std::vector<TensorId> seen;
  for (unsigned i = 0; i <= einsum.reads.size(); ++i) {
    const Access &access = operandOf(einsum, i);
    text += access.isInit ? " init" : " op";
    auto same = std::find(seen.begin(), seen.end(), access.tensor);
    add(same - seen.begin());
    seen.push_back(access.tensor);
    add(set.tensors[access.tensor].bits);
    add(homes.slot[access.tensor]);
    add(homes.levelOf(access.tensor));
    for (size_t d = 0; d < access.index.size(); ++d) {
      text += " [";
      add(set.tensors[access.tensor].shape[d]);
      add(access.index[d].constant);
      for (const auto &term : access.index[d].terms) {
        add(term.rank);
        add(term.coefficient);
      }
    }
  }
  return text;
}

size_t BranchOptions::KeyHash::operator()(const Key &key) const {
  uint64_t hash = key.size();
  for (double number : key)
    hash = (std::rotl(hash, 5) ^ std::bit_cast<uint64_t>(number)) *
           0x9E3779B97F4A7C15;
  return size_t(hash ^ hash >> 32);
}

void BranchOptions::setKey(const TileModel &tiles, const Workload &set,
                           EinsumId e, size_t structure, unsigned streamed,
                           uint64_t loopable) {
  key.assign({double(structure), double(streamed), double(loopable >> 32),
              double(loopable & 0xFFFFFFFF), tiles.ops(e)});
  for (const Axis &axis : tiles.rankAxes(e))
    for (int64_t number :
         {axis.count(axis.middle), axis.count(axis.first), axis.stride})
      key.push_back(double(number));
  const Einsum &einsum = set.einsums[e];
  for (unsigned i = 0; i <= einsum.reads.size(); ++i) {
    tiles.accessAxes(e, operandOf(einsum, i), box);
    key.push_back(tiles.streamed(e, box));
  }
}

const std::vector<BranchOption> &
BranchOptions::of(const TileModel &tiles, const Workload &set, EinsumId einsum,
                  size_t structure, unsigned streamed, uint64_t loopable,
                  const Homes &homes, const Prices &prices,
                  const LeafMaps &leaves) {
  setKey(tiles, set, einsum, structure, streamed, loopable);
  if (!with.cache)
    key.push_back(double(known.size()));
  auto [entry, isNew] = known.try_emplace(key);
  if (isNew)
    entry->second = Enumerator(tiles, set, einsum, streamed, homes, prices,
                               leaves, structure, knownLeaves)
                        .run(loopable, with.dominance);
  return entry->second;
}

void BranchOptions::addLeaf(const TileModel &tiles, const Workload &set,
                            EinsumId einsum, size_t structure,
                            unsigned streamed, const Homes &homes,
                            const Prices &prices, const LeafMaps &leaves,
                            BranchOption &option) {
  Enumerator(tiles, set, einsum, streamed, homes, prices, leaves, structure,
             knownLeaves)
      .addLeaf(option);
}

size_t BranchOptions::structureNumber(const Workload &set, EinsumId einsum,
                                      const Homes &homes) {
  return structures
      .try_emplace(structureOf(set, set.einsums[einsum], homes),
                   structures.size())
      .first->second;
}
