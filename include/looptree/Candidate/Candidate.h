//===- Candidate.h - Files for people and programs without MLIR -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes the JSON / YAML form of workloads, architectures, mappings
// and results (docs/Candidates.md). Errors carry file:line:column.
//
//===----------------------------------------------------------------------===//

#ifndef LOOPTREE_CANDIDATE_CANDIDATE_H
#define LOOPTREE_CANDIDATE_CANDIDATE_H

#include "looptree/Cost/CostReport.h"
#include "looptree/Cost/NodeCost.h"
#include "looptree/Mapping/Design.h"
#include "looptree/Mapping/Mapping.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace looptree {

struct Candidate {
  Workload workload;
  Arch arch;
  Mapping mapping;
  Convention convention = Convention::Exact;
};

/// `name` stands before line:column in errors ("edge.yaml:3:5: ...");
/// `firstLine` is the number of the text's first line in its file. The three
/// values of a candidate have passed their checks, a legal mapping included.
Result<Candidate> readCandidate(std::string_view text, std::string_view name,
                                unsigned firstLine = 1);
/// A file whose whole content is the `architecture` part of a candidate (with
/// or without the key `architecture`).
Result<Arch> readArch(std::string_view text, std::string_view name);
/// A preset by its name, or an architecture file by its path, which has a '.'
/// or a '/' in it.
Result<Arch> findArch(std::string_view nameOrFile);
/// Puts capacities in the place of an architecture's: "GLB:512KiB,RF:4096", or
/// "512KiB" where one level has a capacity.
std::optional<Error> overrideCapacities(Arch &arch, std::string_view text);
/// A number of bits in the spelling of files: "4096", "512 KiB".
Result<int64_t> parseBits(std::string_view text);
/// Reads a file of at most 64 MiB, or says why it cannot be read.
Result<std::string> readFile(const std::string &path);

/// One line of JSON.
std::string writeCandidate(const Candidate &candidate);
/// `nodes`, where not empty, are those of the mapping in preorder.
std::string writeReport(const CostReport &report, const Workload &workload,
                        const Arch &arch, std::span<const NodeCost> nodes = {});
std::string writeDesign(const std::vector<DesignRow> &rows,
                        const Workload &workload, const Arch &arch);
std::string writeError(const Error &error); ///< {"error": "..."}

/// A shipped architecture, and the names of all.
std::optional<Arch> presetArch(std::string_view presetName);
std::vector<std::string> presetNames();
/// YAML text of a preset with the sources of its numbers in comments.
std::string_view presetText(std::string_view presetName);

} // namespace looptree

#endif // LOOPTREE_CANDIDATE_CANDIDATE_H
