//===- ImportNames.cpp - Names for people ---------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportNames.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

StringRef bridge::nameIn(Location loc) {
  return llvm::TypeSwitch<Location, StringRef>(loc)
      .Case([](NameLoc named) { return named.getName().getValue(); })
      .Case([](FusedLoc fused) {
        for (Location part : fused.getLocations())
          if (StringRef name = nameIn(part); !name.empty())
            return name;
        return StringRef();
      })
      .Case([](CallSiteLoc call) {
        StringRef callee = nameIn(call.getCallee());
        return callee.empty() ? nameIn(call.getCaller()) : callee;
      })
      .Default(StringRef());
}

std::string UniqueNames::add(StringRef wish) {
  std::string name;
  if (wish.empty() || llvm::isDigit(wish.front()))
    name = "_";
  for (char c : wish)
    name += llvm::isAlnum(c) || c == '_' || c == '.' || c == '$' ? c : '_';
  std::string unique = name;
  for (unsigned i = 1; !taken.insert(unique).second; ++i)
    unique = name + "_" + std::to_string(i);
  return unique;
}

/// The dimensions that an expression or a map uses.
template <typename T>
static llvm::SmallBitVector dimsOf(T uses, unsigned count) {
  llvm::SmallBitVector dims(count);
  for (unsigned dim = 0; dim < count; ++dim)
    if (uses.isFunctionOfDim(dim))
      dims.set(dim);
  return dims;
}

std::vector<std::string>
bridge::nameRanks(const ir::EinsumDescription &einsum) {
  const unsigned count = einsum.extents.size();
  llvm::SmallBitVector written = dimsOf(einsum.result, count);
  std::vector<std::string> wishes(count);

  // An output position and a position in the window, in one expression.
  static const char *positions[][2] = {{"p", "r"}, {"q", "s"}, {"u", "v"}};
  SmallVector<AffineMap> data;
  unsigned windows = 0;
  for (const ir::EinsumOperand &read : einsum.reads) {
    if (read.isInit)
      continue;
    data.push_back(read.map);
    for (AffineExpr expr : read.map.getResults()) {
      llvm::SmallBitVector dims = dimsOf(expr, count);
      if (dims.count() != 2)
        continue;
      int output = dims.find_first(), inWindow = dims.find_last();
      if (!written.test(output))
        std::swap(output, inWindow);
      if (!written.test(output) || written.test(inWindow) ||
          !wishes[output].empty() || !wishes[inWindow].empty())
        continue;
      const auto &pair = positions[std::min<size_t>(windows++, 2)];
      wishes[output] = pair[0];
      wishes[inWindow] = pair[1];
    }
  }

  bool isProduct =
      einsum.kind == ir::EinsumKind::Contraction && data.size() >= 2;
  unsigned outer = 0;
  for (unsigned rank = 0; rank < count; ++rank) {
    std::string &wish = wishes[rank];
    if (!wish.empty())
      continue;
    if (isProduct) {
      bool inFirst = data[0].isFunctionOfDim(rank);
      bool inSecond = data[1].isFunctionOfDim(rank);
      if (!written.test(rank))
        wish = windows ? "c" : "k";
      else if (inFirst && inSecond)
        wish = windows ? "g" : "b";
      else
        wish = inFirst == (windows != 0) ? "n" : "m";
    } else if (windows) {
      static const char *names[] = {"n", "c"};
      wish = written.test(rank) ? names[std::min(outer++, 1u)] : "k";
    } else {
      wish = std::string(1, "ijklmn"[std::min(rank, 5u)]);
    }
  }

  llvm::StringSet<> taken;
  for (std::string &name : wishes) {
    std::string wish = name;
    for (unsigned i = 1; !taken.insert(name).second; ++i)
      name = wish + std::to_string(i);
  }
  return wishes;
}
