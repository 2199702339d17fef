//===- LeafMaps.cpp - Spatial loops directly above a compute --------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LeafMaps.h"

#include <algorithm>

using namespace looptree;

LeafMaps::LeafMaps(const Arch &arch, LevelId innermost) : arch(arch) {
  for (unsigned f = 0; f < arch.fanouts.size(); ++f)
    if (arch.fanouts[f].below >= innermost && arch.fanouts[f].size > 1) {
      fanouts.push_back(f);
      most *= arch.fanouts[f].size;
    }
}

bool LeafMaps::multicasts(unsigned fanout) const {
  return arch.levels[arch.fanouts[fanout].below].multicast;
}

bool LeafMaps::reduces(unsigned fanout) const {
  return arch.levels[arch.fanouts[fanout].below].reduce;
}

/// The ranks that share a dimension of an access with each rank, a bit each.
static std::vector<uint64_t> neighbours(const Einsum &einsum) {
  std::vector<uint64_t> near(einsum.ranks.size());
  auto add = [&](const Access &access) {
    for (const LinearExpr &expr : access.index)
      for (const auto &a : expr.terms)
        for (const auto &b : expr.terms)
          near[a.rank] |= uint64_t(1) << b.rank;
  };
  for (const Access &read : einsum.reads)
    add(read);
  add(einsum.write);
  return near;
}

void LeafMaps::forEach(
    const Einsum &einsum, std::span<const Extent> tile,
    const std::function<void(const LeafMap &, double)> &fn) const {
  size_t ranks = einsum.ranks.size();
  if (fanouts.empty() || ranks > 64)
    return fn({}, 1);
  std::vector<uint64_t> near = neighbours(einsum);
  std::vector<char> isSum(ranks, true);
  for (const LinearExpr &expr : einsum.write.index)
    for (const auto &term : expr.terms)
      isSum[term.rank] = false;
  LeafMap map;
  auto choose = [&](auto &self, size_t next, uint64_t taken,
                    double sharing) -> void {
    if (next == fanouts.size())
      return fn(map, sharing);
    self(self, next + 1, taken, sharing);
    int64_t size = arch.fanouts[fanouts[next]].size;
    for (RankId r = 0; r < ranks; ++r) {
      const Extent &extent = tile[r];
      if (extent.largest == 1 || (taken >> r & 1))
        continue;
      int64_t each = (extent.largest + size - 1) / size;
      // Parts of one sum stay in step, in all tiles.
      if (isSum[r] && einsum.ranks[r].extent % extent.largest != 0)
        continue;
      while (isSum[r] && each < extent.largest && extent.largest % each != 0)
        ++each;
      if (each >= extent.largest)
        continue;
      map.push_back({r, each * extent.stride, fanouts[next]});
      self(self, next + 1, taken | near[r] | uint64_t(1) << r,
           sharing * double(extent.middle) /
               double(std::min(each, extent.middle)));
      map.pop_back();
    }
  };
  choose(choose, 0, 0, 1);
}
