//===- Presets.cpp - Shipped architectures -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Presets.h"

#include "looptree/Candidate/Candidate.h"

#include <cassert>

using namespace looptree;

std::vector<std::string> looptree::presetNames() {
  std::vector<std::string> names;
  for (const candidate::Preset &preset : candidate::presets())
    names.emplace_back(preset.name);
  return names;
}

std::string_view looptree::presetText(std::string_view presetName) {
  for (const candidate::Preset &preset : candidate::presets())
    if (preset.name == presetName)
      return preset.text;
  return {};
}

std::optional<Arch> looptree::presetArch(std::string_view presetName) {
  std::string_view text = presetText(presetName);
  if (text.empty())
    return std::nullopt;
  Result<Arch> arch = readArch(text, presetName);
  assert(arch && "a shipped architecture is one");
  return *arch;
}
