//===- PlainTrunk.cpp - Trunks of a plain set -----------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlainTrunk.h"

#include <algorithm>

using namespace looptree;

static bool isBest(const PlainPlace &a, const PlainPlace &b) {
  return !(b.sized & ~a.sized) && !(a.repeats & ~b.repeats) &&
         (a.dies || !b.dies);
}

/// Whether einsums run no more often, with fused intermediates at places as
/// good.
static bool isBestFused(const PlainTrunk &a, const PlainTrunk &b) {
  if (a.loops != b.loops || a.isOutside != b.isOutside)
    return false;
  for (size_t e = 0; e < a.runs.size(); ++e)
    if (a.runs[e] & ~b.runs[e])
      return false;
  for (size_t t = 0; t < a.isOutside.size(); ++t) {
    if (a.isOutside[t])
      continue;
    PlainPlace other = b.fused[t];
    other.repeats = a.fused[t].repeats; // In `runs`.
    if (!isBest(a.fused[t], other))
      return false;
  }
  return true;
}

namespace {

class TrunkBuilder {
public:
  TrunkBuilder(const PlainSet &plain, const Workload &set,
               const std::function<bool(TensorId, bool)> &may)
      : plain(plain), set(set), may(may) {}

  /// False when users of a tensor run at tiles apart from each other.
  bool addAll(const std::vector<unsigned> &order) {
    trunk = {};
    trunk.order = order;
    for (unsigned rank : order)
      trunk.loops |= RankMask(1) << rank;
    trunk.isOutside.assign(set.tensors.size(), true);
    trunk.fused.resize(set.tensors.size());
    trunk.options.resize(set.tensors.size());
    trunk.runs.assign(set.einsums.size(), trunk.loops);
    return place(EinsumId(set.einsums.size()));
  }

  void dropReplaced() {
    std::erase_if(trunks, [&](const PlainTrunk &trunk) {
      return std::any_of(replaced.begin(), replaced.end(),
                         [&](auto &other) { return isBest(other, trunk); });
    });
  }

  std::vector<PlainTrunk> trunks;

private:
  RankMask moving(TensorId t) const {
    return plain.tensors[t].headRanks & trunk.loops;
  }

  /// Where users that run in every tile of `active` find the tensor.
  PlainPlace placeAt(TensorId t, RankMask active, unsigned depth,
                     bool noReuse) const {
    PlainPlace place;
    place.depth = int(depth);
    place.noReuse = noReuse;
    RankMask mine = moving(t);
    bool movesInside = false;
    for (unsigned i = depth; i-- > 0;) {
      RankMask loop = RankMask(1) << trunk.order[i];
      if (mine & loop) {
        place.sized |= loop;
        movesInside = true;
      } else if ((active & loop) && (noReuse || movesInside)) {
        place.repeats |= loop;
      }
    }
    size_t k = trunk.order.size();
    place.dies = depth == k &&
                 (noReuse || k == 0 ||
                  (active == trunk.loops && (mine >> trunk.order[k - 1] & 1)));
    // From the first branch to the last is everywhere.
    const auto &users = plain.tensors[t].users;
    place.dies |= users.size() > 1 && users.front() == 0 &&
                  users.back() + 1 == set.einsums.size();
    return place;
  }

  /// The loops in whose every tile some user of a tensor runs.
  std::optional<RankMask> activeOf(TensorId t, bool withProducer) const {
    RankMask all = 0;
    for (EinsumId e : plain.tensors[t].users)
      if (withProducer || set.einsums[e].write.tensor != t)
        all |= trunk.runs[e];
    for (EinsumId e : plain.tensors[t].users)
      if ((withProducer || set.einsums[e].write.tensor != t) &&
          trunk.runs[e] == all)
        return all;
    return std::nullopt;
  }

  /// Decides where the results of einsums before `end` are, last ones first:
  /// consumers run when they ask for something that is not there.
  bool place(EinsumId end) {
    if (end == 0)
      return finish();
    EinsumId e = end - 1;
    TensorId t = set.einsums[e].write.tensor;
    if (end == set.einsums.size())
      return place(e);
    auto active = activeOf(t, false);
    if (!active)
      return false;
    if (may(t, true)) {
      trunk.isOutside[t] = true;
      trunk.runs[e] = moving(t);
      if (!place(e))
        return false;
    }
    if (set.tensors[t].kind != TensorKind::Intermediate || !may(t, false))
      return true;
    trunk.isOutside[t] = false;
    unsigned most = unsigned(trunk.order.size());
    for (unsigned depth = 0; depth <= most; ++depth)
      for (bool noReuse : {false, true}) {
        PlainPlace here = placeAt(t, *active, depth, noReuse);
        if (noReuse && (depth < most || placeAt(t, *active, depth, false).dies))
          continue;
        trunk.fused[t] = here;
        // Loops further in than the buffer that do not move it find it made.
        trunk.runs[e] = moving(t) | here.repeats;
        if (!place(e))
          return false;
      }
    trunk.isOutside[t] = true;
    return true;
  }

  static bool isBest(const PlainTrunk &a, const PlainTrunk &b) {
    // What solo loops keep in the head's branch depends on the order; and in
    // another order the innermost loop may be idle.
    if (a.order != b.order &&
        (b.solo || a.order.empty() || !a.isShared(a.order.back())))
      return false;
    if ((b.solo && a.solo != b.solo) || !isBestFused(a, b))
      return false;
    for (size_t t = 0; t < a.isOutside.size(); ++t)
      for (const PlainPlace &theirs : b.options[t])
        if (a.isOutside[t] &&
            std::none_of(
                a.options[t].begin(), a.options[t].end(),
                [&](const PlainPlace &mine) { return ::isBest(mine, theirs); }))
          return false;
    return true;
  }

  /// False when users of a tensor run at tiles apart from each other.
  bool placeOutside() {
    unsigned most = unsigned(trunk.order.size());
    for (TensorId t = 0; t < set.tensors.size(); ++t) {
      auto &options = trunk.options[t];
      options.clear();
      if (!trunk.isOutside[t])
        continue;
      auto active = activeOf(t, true);
      if (!active)
        return false;
      for (unsigned depth = 0; depth <= most; ++depth)
        for (bool noReuse : {false, true}) {
          PlainPlace here = placeAt(t, *active, depth, noReuse);
          // Directly above the split one user's tensor might as well be in its
          // branch, unless it stays from visit to visit.
          if ((noReuse && depth < most) ||
              (here.dies && plain.tensors[t].users.size() == 1) ||
              (noReuse && ::isBest(placeAt(t, *active, depth, false), here)))
            continue;
          // An intermediate that comes in once there is better off fused there.
          if (here.repeats == 0 &&
              set.tensors[t].kind == TensorKind::Intermediate && may(t, false))
            continue;
          if (std::any_of(options.begin(), options.end(),
                          [&](auto &other) { return ::isBest(other, here); }))
            continue;
          std::erase_if(options,
                        [&](auto &other) { return ::isBest(here, other); });
          options.push_back(here);
        }
    }
    return true;
  }

  bool finish() {
    RankMask others = 0;
    for (size_t e = 0; e + 1 < trunk.runs.size(); ++e)
      others |= trunk.runs[e];
    trunk.solo = trunk.loops & ~others;
    if (trunk.runs.size() > 1 &&
        std::find(trunk.runs.begin(), trunk.runs.end() - 1, others) ==
            trunk.runs.end() - 1)
      return false;
    // The head may have the last loop in its branch instead, outside of others:
    // with the smaller step of the two, if it has one there already, which only
    // a tensor without that rank might mind.
    if (!trunk.order.empty() && (trunk.solo >> trunk.order.back() & 1) &&
        std::all_of(plain.einsums.back().operands.begin(),
                    plain.einsums.back().operands.end(),
                    [&](const PlainOperand &operand) {
                      return !trunk.isOutside[operand.tensor] ||
                             (operand.ranks >> trunk.order.back() & 1);
                    })) {
      // What is no better than with this loop is no better without.
      if (trunk.order.size() > 1 &&
          trunk.isShared(trunk.order[trunk.order.size() - 2]) && placeOutside())
        replaced.push_back(trunk);
      return true;
    }
    if (!placeOutside())
      return false;
    if (std::any_of(trunks.begin(), trunks.end(),
                    [&](auto &other) { return isBest(other, trunk); }))
      return true;
    std::erase_if(trunks, [&](auto &other) { return isBest(trunk, other); });
    trunks.push_back(trunk);
    return true;
  }

  const PlainSet &plain;
  const Workload &set;
  const std::function<bool(TensorId, bool)> &may;
  PlainTrunk trunk;
  std::vector<PlainTrunk> replaced; ///< By those without the last loop.
};

} // namespace

/// The loops further in than the last one that tiles ranks of the head.
static RankMask innerLoops(const PlainTrunk &trunk, RankMask ranks) {
  RankMask inner = 0;
  for (size_t i = trunk.order.size();
       i-- > 0 && !(ranks >> trunk.order[i] & 1);)
    inner |= RankMask(1) << trunk.order[i];
  return inner;
}

std::optional<PlainTwin> looptree::twinOf(const PlainTrunk &trunk,
                                          const PlainTrunk &other,
                                          const PlainSet &plain) {
  if (!isBestFused(other, trunk) || (trunk.solo && other.solo != trunk.solo))
    return std::nullopt;
  // What stays in the head's branch from tile to tile of solo loops.
  if (trunk.solo)
    for (const PlainOperand &operand : plain.einsums.back().operands)
      if (innerLoops(trunk, operand.ranks) != innerLoops(other, operand.ranks))
        return std::nullopt;
  PlainTwin twin;
  twin.isShared = !other.order.empty() && other.isShared(other.order.back());
  for (size_t t = 0; t < trunk.options.size(); ++t) {
    auto &has = twin.has.emplace_back(trunk.options[t].size());
    auto &isDeepest = twin.isDeepest.emplace_back(has.size());
    for (size_t i = 0; i < has.size(); ++i)
      for (const PlainPlace &mine : other.options[t])
        if (isBest(mine, trunk.options[t][i])) {
          has[i] = true;
          isDeepest[i] = isDeepest[i] || mine.depth == int(other.order.size());
        }
  }
  return twin;
}

std::optional<std::vector<PlainTrunk>>
looptree::trunksOf(const PlainSet &plain, const Workload &set,
                   const std::vector<std::vector<unsigned>> &orders,
                   const std::function<bool(TensorId, bool)> &may) {
  TrunkBuilder builder(plain, set, may);
  for (const std::vector<unsigned> &order : orders)
    if (!builder.addAll(order))
      return std::nullopt;
  // A trunk may be replaced after those that it beats.
  builder.dropReplaced();
  return std::move(builder.trunks);
}
