//===- Presets.h - The embedded preset files -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_LIB_CANDIDATE_PRESETS_H
#define LOOPTREE_LIB_CANDIDATE_PRESETS_H

#include <span>
#include <string_view>

namespace looptree::candidate {

struct Preset {
  std::string_view name, text;
};

/// The files of presets/, in the order of CMakeLists.txt, the default first.
/// Defined in a source that CMake writes.
std::span<const Preset> presets();

} // namespace looptree::candidate

#endif // LOOPTREE_LIB_CANDIDATE_PRESETS_H
