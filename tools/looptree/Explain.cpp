//===- Explain.cpp - Why a mapping or plan is as it is --------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "FrontText.h"
#include "Interrupt.h"
#include "looptree/Analysis/Evaluate.h"
#include "looptree/Explorer/Network.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include <unistd.h>

using namespace looptree;
using namespace looptree::driver;
using Json = nlohmann::ordered_json;

namespace {

std::string percent(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * part);
  return text;
}
/// "+12 (+3.4 %)".
std::string change(double from, double to) {
  std::string text = (to >= from ? "+" : "") + valueText(to - from);
  if (from != 0)
    text += " (" + std::string(to >= from ? "+" : "") +
            percent((to - from) / from) + ")";
  return text;
}

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// Where each tensor of a mapping is retained.
class Places {
public:
  Places(const Candidate &candidate) : candidate(candidate) {
    places.resize(candidate.workload.tensors.size());
    walk(candidate.mapping.root, "");
  }
  const std::string &of(TensorId t) const { return places[t]; }

private:
  void walk(const Node &node, std::string loops) {
    auto nameOf = [&](EinsumId e, RankId r, int64_t step) {
      const Einsum &einsum = candidate.workload.einsums[e];
      return (loops.empty() ? " below " : ", ") + einsum.ranks[r].name +
             " of " + einsum.name + " step " + std::to_string(step);
    };
    visit(
        node,
        [&](const For &loop) {
          loops += nameOf(loop.einsum, loop.rank, loop.step);
        },
        [&](const SpatialFor &loop) {
          loops += nameOf(loop.einsum, loop.rank, loop.step);
        },
        [&](const Retain &retain) {
          for (TensorId t : retain.tensors)
            places[t] += (places[t].empty() ? "" : "; ") +
                         candidate.arch.levels[retain.level].name + loops;
        },
        [](const Sequential &) {}, [](const Pipeline &) {},
        [](const ComputeNode &) {});
    for (const Node &child : node.children)
      walk(child, loops);
  }

  const Candidate &candidate;
  std::vector<std::string> places;
};

/// What is said of one candidate.
struct Account {
  Candidate candidate;
  CostReport report;

  int64_t offChip(TensorId t) const {
    int64_t bits = 0;
    for (const AccessRow &row : report.accesses)
      if (row.tensor == t && row.level == 0)
        bits += row.readBits + row.writeBits;
    return bits;
  }
  int64_t onChip(TensorId t) const {
    int64_t bits = 0;
    for (const BufferRow &row : report.buffers)
      if (row.tensor == t && row.level > 0)
        bits += row.bits;
    return bits;
  }
};

/// The share of its capacity that a level holds; none when unbounded.
std::optional<double> fullness(const CostReport &report, const Arch &arch,
                               LevelId level) {
  auto capacity = arch.levels[level].capacityBits;
  if (!capacity)
    return std::nullopt;
  return double(report.capacityBits[level]) / double(*capacity);
}

/// The fullest of the levels that have a capacity.
std::optional<LevelId> bindingLevel(const CostReport &report,
                                    const Arch &arch) {
  std::optional<LevelId> fullest;
  for (LevelId l = 0; l < arch.levels.size(); ++l)
    if (auto share = fullness(report, arch, l))
      if (!fullest || *share > *fullness(report, arch, *fullest))
        fullest = l;
  return fullest;
}

Json levelsJson(const CostReport &report, const Arch &arch) {
  Json levels = Json::array();
  auto binding = bindingLevel(report, arch);
  for (LevelId l = 0; l < arch.levels.size(); ++l) {
    auto capacity = arch.levels[l].capacityBits;
    levels.push_back({{"level", arch.levels[l].name},
                      {"bits", report.capacityBits[l]},
                      {"capacity_bits", capacity ? Json(*capacity) : Json()},
                      {"binds", binding == l}});
  }
  return levels;
}

std::string levelText(const CostReport &report, const Arch &arch) {
  std::string text;
  if (auto level = bindingLevel(report, arch))
    text = "level " + arch.levels[*level].name + " is fullest, " +
           std::to_string(report.capacityBits[*level]) + " of " +
           std::to_string(*arch.levels[*level].capacityBits) + " bits (" +
           percent(*fullness(report, arch, *level)) + "); ";
  return text + "latency is bound by " +
         (report.boundBy ? "level " + arch.levels[*report.boundBy].name
                         : "compute");
}

Json tensorsJson(const Account &account) {
  Json tensors = Json::array();
  Places places(account.candidate);
  const Workload &w = account.candidate.workload;
  for (TensorId t = 0; t < w.tensors.size(); ++t)
    tensors.push_back({{"tensor", w.tensors[t].name},
                       {"retained", places.of(t)},
                       {"off_chip_bits", account.offChip(t)},
                       {"buffer_bits", account.onChip(t)}});
  return tensors;
}

Json accountJson(const Account &account) {
  return {{"levels", levelsJson(account.report, account.candidate.arch)},
          {"bound_by",
           account.report.boundBy
               ? account.candidate.arch.levels[*account.report.boundBy].name
               : "compute"},
          {"off_chip_bits", account.report.offChip.bits},
          {"algorithmic_minimum_bits", account.report.algorithmicMinimum.bits},
          {"tensors", tensorsJson(account)}};
}

std::string accountText(const Account &account) {
  const Workload &w = account.candidate.workload;
  std::string text =
      levelText(account.report, account.candidate.arch) + "\noff chip " +
      std::to_string(account.report.offChip.bits) + " bits, at least " +
      std::to_string(account.report.algorithmicMinimum.bits) + "\n";
  Places places(account.candidate);
  for (TensorId t = 0; t < w.tensors.size(); ++t)
    text += "  " + w.tensors[t].name + ": " +
            std::to_string(account.offChip(t)) + " bits off chip, " +
            std::to_string(account.onChip(t)) + " in buffers; " +
            (places.of(t).empty() ? "not retained" : places.of(t)) + "\n";
  return text;
}

struct Total {
  std::string name;
  double before, after;
};

std::vector<Total> totalsOf(const Account &a, const Account &b) {
  std::vector<Total> totals;
  for (const Goal &goal : allGoals(a.candidate.arch)) {
    // The levels of both are compared by name.
    std::string name = toString(goal, a.candidate.arch);
    for (const Goal &other : allGoals(b.candidate.arch))
      if (toString(other, b.candidate.arch) == name)
        totals.push_back(
            {name, valueOf(a.report, goal), valueOf(b.report, other)});
  }
  return totals;
}

std::string differenceText(const Account &a, const Account &b) {
  std::string text;
  for (const Total &total : totalsOf(a, b))
    if (total.before != total.after)
      text += total.name + ": " + valueText(total.before) + " -> " +
              valueText(total.after) + ", " +
              change(total.before, total.after) + "\n";
  if (text.empty())
    text = "all totals are equal\n";
  Places before(a.candidate), after(b.candidate);
  const Workload &w = a.candidate.workload;
  for (TensorId t = 0; t < w.tensors.size(); ++t) {
    auto other = b.candidate.workload.findTensor(w.tensors[t].name);
    bool isSame = before.of(t) == after.of(*other) &&
                  a.offChip(t) == b.offChip(*other) &&
                  a.onChip(t) == b.onChip(*other);
    text += "  " + w.tensors[t].name + ": ";
    if (isSame) {
      text += "the same\n";
      continue;
    }
    text += "off chip " + std::to_string(a.offChip(t)) + " -> " +
            std::to_string(b.offChip(*other)) + " bits, in buffers " +
            std::to_string(a.onChip(t)) + " -> " +
            std::to_string(b.onChip(*other)) + "; " +
            (before.of(t) == after.of(*other)
                 ? before.of(t)
                 : before.of(t) + " -> " + after.of(*other)) +
            "\n";
  }
  return text;
}

Json differenceJson(const Account &a, const Account &b) {
  Json totals = Json::array();
  for (const Total &total : totalsOf(a, b))
    totals.push_back({{"objective", total.name},
                      {"before", total.before},
                      {"after", total.after}});
  return {{"version", 1},
          {"totals", totals},
          {"before", accountJson(a)},
          {"after", accountJson(b)}};
}

Result<Account> accountOf(const std::string &file) {
  Result<std::string> text = readFile(file);
  if (!text)
    return text.error();
  Result<Candidate> candidate = readCandidate(*text, file);
  if (!candidate)
    return candidate.error();
  auto report = evaluate(candidate->workload, candidate->arch,
                         candidate->mapping, candidate->convention);
  if (!report)
    return Error{file + ": " + report.error().message};
  return Account{std::move(*candidate), std::move(*report)};
}

std::optional<Error> explainCandidates(const ExplainRequest &request) {
  Result<Account> a = accountOf(request.problem.file);
  if (!a)
    return a.error();
  if (request.other.empty()) {
    std::cout << (request.asJson ? accountJson(*a).dump() + "\n"
                                 : accountText(*a));
    return std::nullopt;
  }
  Result<Account> b = accountOf(request.other);
  if (!b)
    return b.error();
  for (const Tensor &tensor : a->candidate.workload.tensors)
    if (a->candidate.workload.tensors.size() !=
            b->candidate.workload.tensors.size() ||
        !b->candidate.workload.findTensor(tensor.name))
      return Error{request.other + ": its workload is not that of " +
                   request.problem.file + "; tensor " + tensor.name +
                   " is compared with none"};
  std::cout << (request.asJson ? differenceJson(*a, *b).dump() + "\n"
                               : differenceText(*a, *b));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Plans of networks
//===----------------------------------------------------------------------===//

/// A plan, and the same with more capacity at each level that has one.
struct PlanAccount {
  const SearchProblem &problem;
  const Explanation &explanation;
  struct Roomier {
    LevelId level;
    int64_t bits; ///< More.
    double total;
    size_t sets;
  };
  std::vector<Roomier> roomier;
  bool stoppedLater = false; ///< While those were searched for.

  bool isStopped() const { return explanation.found.stopped || stoppedLater; }
  std::string names(const std::vector<EinsumId> &einsums) const {
    auto nameOf = [&](EinsumId e) { return problem.workload.einsums[e].name; };
    if (einsums.size() <= 2)
      return nameOf(einsums.front()) +
             (einsums.size() == 2 ? ", " + nameOf(einsums.back()) : "");
    return nameOf(einsums.front()) + " ... " + nameOf(einsums.back()) + " (" +
           std::to_string(einsums.size()) + " einsums)";
  }
  Json namesJson(const std::vector<EinsumId> &einsums) const {
    Json list = Json::array();
    for (EinsumId e : einsums)
      list.push_back(problem.workload.einsums[e].name);
    return list;
  }
};

std::string endText(const PlanAccount &account, const SetEnd &end) {
  const Arch &arch = account.problem.arch;
  std::string text;
  if (!end.nextLayer.empty()) {
    text += "  ends here: with " + account.names(end.nextLayer);
    if (end.joined)
      text += " it takes " + valueText(*end.joined) + ", the two apart " +
              valueText(end.apart) + ", " + change(end.apart, *end.joined);
    else if (end.needed)
      text += " it does not fit: the mapping that comes nearest needs " +
              std::to_string(end.needed->bits) + " bits of level " +
              arch.levels[end.needed->level].name;
    else
      text += " it does not fit: no trunk leaves room for the intermediates";
    text += "\n";
  }
  if (end.otherwise) {
    text += "  next-best cut: " + valueText(*end.otherwise) + " in all, " +
            change(account.explanation.total, *end.otherwise) + ", with";
    for (const auto &set : end.otherSets)
      text += " {" + account.names(set) + "}";
    text += "\n";
  }
  return text;
}

std::string planText(const PlanAccount &account) {
  const Exploration &found = account.explanation.found;
  std::string goal = toString(account.problem.goals[0], account.problem.arch);
  double apart = 0;
  for (const FusedSet &set : found.layerByLayer.sets)
    apart += valueOf(set.report, account.problem.goals[0]);
  std::string text = goal + " " + valueText(account.explanation.total) +
                     " in " + std::to_string(found.fused.sets.size()) +
                     " fused sets; layer by layer " + valueText(apart) + ", " +
                     change(apart, account.explanation.total) + "\n";
  if (found.stopped)
    text += "stopped at a limit; no plan comes below " +
            valueText(found.bound) + "\n";
  for (size_t i = 0; i < found.fused.sets.size(); ++i) {
    const FusedSet &set = found.fused.sets[i];
    text += "\nset " + std::to_string(i) + ": " + account.names(set.einsums) +
            "\n  " + goal + " " +
            valueText(valueOf(set.report, account.problem.goals[0])) + "; " +
            levelText(set.report, account.problem.arch) + "\n" +
            endText(account, account.explanation.ends[i]);
  }
  if (!account.roomier.empty())
    text += "\n";
  for (const auto &more : account.roomier)
    text += std::to_string(more.bits) + " bits more of " +
            account.problem.arch.levels[more.level].name + ": " + goal + " " +
            valueText(more.total) + " in " + std::to_string(more.sets) +
            " sets, " + change(account.explanation.total, more.total) + "\n";
  return text;
}

Json planJson(const PlanAccount &account) {
  const Arch &arch = account.problem.arch;
  Json sets = Json::array();
  const NetworkPlan &plan = account.explanation.found.fused;
  for (size_t i = 0; i < plan.sets.size(); ++i) {
    const SetEnd &end = account.explanation.ends[i];
    Json set{{"einsums", account.namesJson(plan.sets[i].einsums)},
             {"value", valueOf(plan.sets[i].report, account.problem.goals[0])},
             {"levels", levelsJson(plan.sets[i].report, arch)},
             {"next_layer", account.namesJson(end.nextLayer)},
             {"joined", end.joined ? Json(*end.joined) : Json()},
             {"apart", end.nextLayer.empty() ? Json() : Json(end.apart)},
             {"needed_bits",
              end.needed ? Json{{"level", arch.levels[end.needed->level].name},
                                {"bits", end.needed->bits}}
                         : Json()},
             {"otherwise", end.otherwise ? Json(*end.otherwise) : Json()}};
    Json others = Json::array();
    for (const auto &other : end.otherSets)
      others.push_back(account.namesJson(other));
    set["other_sets"] = others;
    sets.push_back(set);
  }
  Json more = Json::array();
  for (const auto &roomier : account.roomier)
    more.push_back({{"level", arch.levels[roomier.level].name},
                    {"more_bits", roomier.bits},
                    {"total", roomier.total},
                    {"sets", roomier.sets}});
  return {{"version", 1},
          {"objective", toString(account.problem.goals[0], arch)},
          {"total", account.explanation.total},
          {"sets", sets},
          {"more", more},
          {"status", account.isStopped() ? "limit" : "searched"},
          {"bound", account.explanation.found.bound}};
}

Result<Objective> objectiveOf(const SearchProblem &problem) {
  if (problem.goals.size() == 1)
    switch (problem.goals[0].kind) {
    case Goal::Kind::OffChipBits:
      return Objective::OffChipBits;
    case Goal::Kind::EnergyPj:
      return Objective::EnergyPj;
    case Goal::Kind::Latency:
      return Objective::Latency;
    default:
      break;
    }
  return Error{"a plan has one objective of off_chip_bits, energy_pj and "
               "latency"};
}

/// Whether the search ended at a limit.
Result<bool> explainPlan(const ExplainRequest &request) {
  ProblemRequest sets = request.problem;
  sets.options.forSets = true;
  Result<SearchProblem> problem = readProblemOf(sets);
  if (!problem)
    return problem.error();
  Result<Objective> objective = objectiveOf(*problem);
  if (!objective)
    return objective.error();
  Network network{problem->workload, problem->cuts};
  NetworkSearch search;
  search.constraints = problem->constraints;
  search.seconds = problem->seconds;
  search.evaluations = problem->evaluations;
  search.memoryBytes = problem->memoryBytes;
  std::optional<Interruptible> interruptible(std::in_place);
  search.stop = interruptible->stop();
  bool tells = isatty(STDERR_FILENO);
  if (tells)
    search.progress = [](const std::string &text) {
      std::cerr << "\r" << text << "\033[K" << std::flush;
    };
  auto explanation =
      looptree::explain(network, problem->arch, *objective, search);
  if (!explanation)
    return Error{request.problem.file + ": " + explanation.error().message};
  PlanAccount account{*problem, *explanation, {}, false};
  for (LevelId level = 0; request.moreBits > 0 && !account.isStopped() &&
                          level < problem->arch.levels.size();
       ++level) {
    Arch roomier = problem->arch;
    auto &capacity = roomier.levels[level].capacityBits;
    if (!capacity ||
        __builtin_add_overflow(*capacity, request.moreBits, &*capacity))
      continue;
    auto found = looptree::explore(network, roomier, *objective, search);
    if (!found)
      return Error{request.problem.file + ": " + found.error().message};
    if (found->stopped) {
      account.stoppedLater = true;
      break;
    }
    double total = 0;
    for (const FusedSet &set : found->fused.sets)
      total += valueOf(set.report, problem->goals[0]);
    account.roomier.push_back(
        {level, request.moreBits, total, found->fused.sets.size()});
  }
  interruptible.reset();
  if (tells)
    std::cerr << "\r\033[K";
  std::cout << (request.asJson ? planJson(account).dump() + "\n"
                               : planText(account));
  return account.isStopped();
}

} // namespace

int driver::explain(const ExplainRequest &request) {
  Result<bool> stopped = false;
  if (request.isPlan)
    stopped = explainPlan(request);
  else if (auto error = explainCandidates(request))
    stopped = *error;
  if (!stopped) {
    std::cerr << "looptree: error: " << stopped.error().message << "\n";
    return 1;
  }
  if (*stopped)
    std::cerr << "looptree: stopped at a limit; the plan may not be the best "
                 "that the search finds\n";
  return *stopped ? 3 : 0;
}
