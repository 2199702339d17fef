//===- Partition.cpp - The fused sets of a stretch ------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Partition.h"

#include <algorithm>
#include <limits>

using namespace looptree;

/// Sets that are searched at a time.
static constexpr size_t kBatch = 4;
static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

Labels looptree::extended(const Labels &labels,
                          const std::vector<EinsumId> &einsums,
                          const std::vector<MappedSet> &mappings,
                          Objective objective) {
  Labels next;
  for (const auto &label : labels)
    for (const MappedSet &mapped : mappings) {
      auto more = std::make_shared<Label>();
      more->energy = label->energy + mapped.report.energyPj;
      more->latency = label->latency + double(mapped.report.latencyCycles);
      more->sum = label->sum + objectiveOf(mapped.report, objective);
      more->before = label;
      more->einsums = einsums;
      more->last = mapped;
      next.push_back(std::move(more));
    }
  return next;
}

double looptree::scoreOf(const Label &label, Objective objective) {
  return objective == Objective::Edp ? label.energy * label.latency : label.sum;
}

void looptree::merge(Labels &into, Labels more, Objective objective) {
  auto beats = [&](const Label &a, const Label &b) {
    return objective == Objective::Edp
               ? a.energy <= b.energy && a.latency <= b.latency
               : a.sum <= b.sum;
  };
  for (auto &label : more) {
    if (std::any_of(into.begin(), into.end(),
                    [&](const auto &other) { return beats(*other, *label); }))
      continue;
    std::erase_if(into,
                  [&](const auto &other) { return beats(*label, *other); });
    into.push_back(std::move(label));
  }
}

Labels looptree::extendedByLayer(
    const Labels &labels, const Layer &layer, Objective objective,
    const std::function<const SetResult &(const Layer &)> &search) {
  Labels next;
  merge(next, extended(labels, layer, search(layer).found, objective),
        objective);
  if (layer.size() == 1)
    return next;
  Labels apart = labels;
  for (EinsumId e : layer) {
    Labels one;
    merge(one, extended(apart, {e}, search({e}).found, objective), objective);
    apart = std::move(one);
  }
  merge(next, std::move(apart), objective);
  return next;
}

StretchPartition::StretchPartition(const Workload &network,
                                   const std::vector<Layer> &layers,
                                   const Arch &arch, Objective objective,
                                   SetCache &cache, const SetRules &rules)
    : network(network), layers(layers), arch(arch), objective(objective),
      cache(cache), rules(rules), graph(network, layers) {
  if (auto all = graph.prefixes(kPrefixes)) {
    prefixes = std::move(*all);
  } else {
    allPrefixes = false;
    prefixes = graph.prefixesInOrder();
  }
  for (const LayerSet &prefix : prefixes)
    sizes.push_back(size_t(std::count(prefix.begin(), prefix.end(), true)));
  moves.resize(prefixes.size());
  for (size_t p = 0; p < prefixes.size(); ++p) {
    listMoves(p);
    leastAfter.push_back(leastOf(einsumsBetween(p, prefixes.size() - 1)));
  }
  searchLayers();
}

Layer StretchPartition::einsumsBetween(size_t from, size_t to) const {
  Layer einsums;
  for (size_t l = 0; l < layers.size(); ++l)
    if (prefixes[to][l] && !prefixes[from][l])
      einsums.insert(einsums.end(), layers[l].begin(), layers[l].end());
  std::sort(einsums.begin(), einsums.end());
  return einsums;
}

LayerSet
StretchPartition::prefixOf(const std::vector<EinsumId> &einsums) const {
  LayerSet prefix(layers.size(), false);
  for (size_t l = 0; l < layers.size(); ++l)
    prefix[l] =
        std::all_of(layers[l].begin(), layers[l].end(), [&](EinsumId e) {
          return std::find(einsums.begin(), einsums.end(), e) != einsums.end();
        });
  return prefix;
}

/// Nothing when counting it exceeds 64 bit.
SetCache::Least StretchPartition::leastOf(const Layer &einsums) {
  if (einsums.empty())
    return {};
  auto least = cache.least(extractSet(network, einsums));
  return least ? *least : SetCache::Least();
}

/// Without loops every intermediate is on chip whole.
bool StretchPartition::fitsWithoutLoops(const Workload &set) const {
  for (const Tensor &tensor : set.tensors) {
    if (tensor.kind != TensorKind::Intermediate)
      continue;
    double bits = double(tensor.bits);
    for (int64_t extent : tensor.shape)
      bits *= double(extent);
    bool fits = false;
    for (LevelId level = 1; level < arch.levels.size(); ++level)
      fits |= arch.levels[level].canHold(tensor) &&
              bits <= double(arch.levels[level].capacityBits.value_or(
                          std::numeric_limits<int64_t>::max()));
    if (!fits)
      return false;
  }
  return true;
}

/// Whether every layer of `a` is one of `b`.
static bool isWithin(const LayerSet &a, const LayerSet &b) {
  for (size_t l = 0; l < a.size(); ++l)
    if (a[l] && !b[l])
      return false;
  return true;
}

void StretchPartition::listMoves(size_t to) {
  // Costs that add up do so over pieces that share nothing. What rules say of a
  // set they may not say of its pieces.
  bool addsUp =
      allPrefixes && objective == Objective::OffChipBits && rules.isEmpty();
  for (size_t from = to; from-- > 0;) {
    if (sizes[from] == sizes[to] || !isWithin(prefixes[from], prefixes[to]))
      continue;
    LayerSet between(layers.size(), false);
    for (size_t l = 0; l < layers.size(); ++l)
      between[l] = prefixes[to][l] && !prefixes[from][l];
    if ((addsUp && graph.fallsApart(between)))
      continue;
    Layer einsums = einsumsBetween(from, to);
    size_t size = sizes[to] - sizes[from];
    if (size > kLoopedLayers && !fitsWithoutLoops(extractSet(network, einsums)))
      continue;
    moves[to].push_back(
        {from, size, size == 1 ? SetCache::Least() : leastOf(einsums)});
  }
  std::stable_sort(
      moves[to].begin(), moves[to].end(),
      [](const Move &a, const Move &b) { return a.size < b.size; });
}

/// What is found for sets that the rules allow; nothing for others.
std::vector<const SetResult *>
StretchPartition::search(const std::vector<Layer> &sets,
                         const std::vector<TrunkLoops> &loops,
                         const std::vector<double> &limits) {
  static const SetResult kNothing{{}, std::nullopt, /*hasRoom=*/true, 0};
  std::vector<const SetResult *> answers(sets.size(), &kNothing);
  std::vector<SetCache::Request> requests;
  std::vector<size_t> asked;
  for (size_t i = 0; i < sets.size(); ++i) {
    if (const SetResult *given = rules.resultOf(sets[i])) {
      answers[i] = given;
    } else if (auto space = rules.spaceOf(network, sets[i])) {
      asked.push_back(i);
      requests.push_back({extractSet(network, sets[i]), loops[i], limits[i],
                          std::move(*space)});
    }
  }
  std::vector<const SetResult *> found = cache.search(requests);
  for (size_t i = 0; i < asked.size(); ++i)
    answers[asked[i]] = found[i];
  return answers;
}

const SetResult &StretchPartition::search(const Layer &set) {
  return *search({set}, {TrunkLoops::Any}, {kNoLimit})[0];
}

Labels StretchPartition::byLayer(const Labels &labels, const Layer &layer) {
  return extendedByLayer(
      labels, layer, objective,
      [&](const Layer &set) -> const SetResult & { return search(set); });
}

/// What a set between two prefixes may cost and still be part of a plan that
/// beats those known; nothing when it certainly costs more.
std::optional<double>
StretchPartition::roomFor(const Move &move, size_t to, double known,
                          const std::vector<Labels> &reached) const {
  if (!cache.with.bounds)
    return kNoLimit;
  const SetCache::Least &after = leastAfter[to];
  if (objective == Objective::Edp) {
    for (const auto &label : reached[move.from])
      if ((label->energy + move.least.energyPj + after.energyPj) *
              (label->latency + move.least.latency + after.latency) <
          known)
        return kNoLimit;
    return std::nullopt;
  }
  double room = known - after.objective;
  if (!reached[to].empty())
    room = std::min(room, reached[to][0]->sum);
  room -= reached[move.from][0]->sum;
  return move.least.objective < room ? std::optional(room) : std::nullopt;
}

/// Reaches a prefix by sets of at most `most` layers.
void StretchPartition::reach(size_t to, size_t most, double known,
                             PlanClock &clock, std::vector<Labels> &reached) {
  std::vector<const Move *> open;
  for (const Move &move : moves[to]) {
    if (move.size > most || reached[move.from].empty())
      continue;
    if (move.size == 1)
      merge(reached[to],
            byLayer(reached[move.from], einsumsBetween(move.from, to)),
            objective);
    else
      open.push_back(&move);
  }
  std::vector<size_t> crowded; // Sets from there on have no room.
  auto hasRoom = [&](size_t from) {
    return std::none_of(crowded.begin(), crowded.end(), [&](size_t known) {
      return isWithin(prefixes[from], prefixes[known]);
    });
  };
  for (size_t next = 0;
       next < open.size() && !clock.mustStop(cache.evaluations());) {
    std::vector<Layer> sets;
    std::vector<TrunkLoops> loops;
    std::vector<double> limits;
    std::vector<const Move *> searched;
    for (; next < open.size() && sets.size() < kBatch; ++next) {
      const Move &move = *open[next];
      auto room = roomFor(move, to, known, reached);
      if (!room || !hasRoom(move.from))
        continue;
      sets.push_back(einsumsBetween(move.from, to));
      loops.push_back(move.size <= kLoopedLayers ? TrunkLoops::Any
                                                 : TrunkLoops::None);
      limits.push_back(*room);
      searched.push_back(&move);
    }
    std::vector<const SetResult *> found = search(sets, loops, limits);
    for (size_t i = 0; i < searched.size(); ++i) {
      if (!found[i]->hasRoom && cache.with.bounds)
        crowded.push_back(searched[i]->from);
      merge(reached[to],
            extended(reached[searched[i]->from], sets[i], found[i]->found,
                     objective),
            objective);
    }
  }
}

/// Layers and single einsums, on all cores.
void StretchPartition::searchLayers() {
  std::vector<Layer> sets;
  for (const Layer &layer : layers) {
    sets.push_back(layer);
    for (EinsumId e : layer)
      if (layer.size() > 1)
        sets.push_back({e});
  }
  search(sets, std::vector<TrunkLoops>(sets.size(), TrunkLoops::Any),
         std::vector<double>(sets.size(), kNoLimit));
}

Labels StretchPartition::solve(const Labels &start, const LayerSet *avoided,
                               PlanClock &clock) {
  std::vector<Labels> reached;
  Labels best;
  double known = kNoLimit;
  // Plans of small sets bound the search for larger ones.
  for (size_t most : {size_t(1), size_t(2), size_t(4), size_t(8), kLoopedLayers,
                      layers.size()}) {
    reached.assign(prefixes.size(), {});
    reached[0] = start;
    for (size_t to = 1; to < prefixes.size(); ++to) {
      if (avoided && prefixes[to] == *avoided)
        continue;
      reach(to, most, known, clock, reached);
      clock.tell("sets of at most " + std::to_string(most) +
                 " layers: " + std::to_string(to) + " of " +
                 std::to_string(prefixes.size() - 1) + " prefixes, " +
                 std::to_string(cache.evaluations()) + " mappings evaluated");
    }
    // Of what a pass leaves out nothing is better than the last one's plan.
    merge(best, reached.back(), objective);
    if (most >= layers.size() || clock.mustStop(cache.evaluations()))
      break;
    for (const auto &label : best)
      known = std::min(known, scoreOf(*label, objective));
  }
  return best;
}
