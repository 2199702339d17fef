//===- Table.cpp - The report for people ----------------------------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"
#include "Text.h"

#include <algorithm>
#include <map>

using namespace looptree;
using namespace looptree::report;

namespace {

constexpr size_t kWidth = 110;
constexpr size_t kLabel = 13; ///< Columns before the text of a set's line.

std::string headingOf(const NamedPlan &plan) {
  if (!plan.role)
    return "@" + plan.name;
  switch (*plan.role) {
  case PlanRole::Fused:
    return "fused";
  case PlanRole::LayerByLayer:
    return "layer by layer";
  case PlanRole::OpByOp:
    return "op by op";
  }
  return "";
}

std::string plural(size_t count, const std::string &what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// `label  text`, wrapped; further lines stand below the text.
std::string labelled(std::string label, std::string_view text,
                     size_t extraIndent = 0) {
  label.insert(0, 2, ' ');
  label.resize(kLabel, ' ');
  std::string result;
  for (const std::string &line : wrap(text, kWidth - kLabel, extraIndent)) {
    result += label + line + "\n";
    label.assign(kLabel, ' ');
  }
  return result;
}

class Writer {
public:
  explicit Writer(const NetworkCosts &costs) : costs(costs), arch(costs.arch) {}

  std::string write() {
    out = "Network @" + costs.name + " on @" + arch.name + ": " +
          plural(costs.network.workload.einsums.size(), "einsum") + ", " +
          plural(costs.barriers.size(), "barrier");
    if (costs.convention != Convention::Exact)
      out += ", counted as " + std::string(toString(costs.convention));
    out += "\n";
    std::vector<const NamedPlan *> shown = shownPlans(costs);
    for (const NamedPlan *plan : shown) {
      out += "\nPlan @" + plan->name;
      out += plan->role ? " (" + headingOf(*plan) + "): " : ": ";
      out += plural(plan->sets.size(), "set") + "\n";
      for (size_t i = 0; i < plan->sets.size(); ++i) {
        out += "\nSet " + std::to_string(i + 1) + " of " +
               std::to_string(plan->sets.size()) + ", mapping @" +
               plan->sets[i].name + "\n";
        writeSet(plan->sets[i].set, plan->role);
      }
    }
    for (const NamedSet &mapping : costs.mappings) {
      out += "\nMapping @" + mapping.name + "\n";
      writeSet(mapping.set, std::nullopt);
    }
    writeTotals(shown);
    writeNotes();
    return std::move(out);
  }

private:
  void line(const std::string &label, const std::string &text) {
    out += labelled(label, text);
  }

  /// `role` is that of its plan.
  void writeSet(const FusedSet &set, std::optional<PlanRole> role) {
    const CostReport &cost = set.report;
    std::string layers;
    for (const std::vector<std::string> &layer : layersOf(costs, set)) {
      layers += layers.empty() ? "" : " | ";
      for (size_t i = 0; i < layer.size(); ++i)
        layers += (i ? " + " : "") + layer[i];
    }
    line("layers", layers);
    writeTree(set);
    line("space", spaceText(cost));
    for (const Problem &problem : cost.problems)
      line("invalid", problemText(problem));
    line("off chip", offChipText(set, role));
    line("recompute", recomputeText(cost));
    line("latency",
         countText(cost.latencyCycles) + " cycles, bound by " +
             (cost.boundBy ? arch.levels[*cost.boundBy].name : "compute") +
             ", utilisation " + percentText(cost.utilisation, 1));
    line("energy", energyText(cost.energyPj));
  }

  void writeTree(const FusedSet &set) {
    std::string tree = toString(set.mapping, set.workload, arch);
    std::string label = "mapping";
    for (size_t begin = 0; begin < tree.size();) {
      size_t end = tree.find('\n', begin);
      std::string_view text(tree.data() + begin, end - begin);
      size_t indent = text.find_first_not_of(' ');
      out += labelled(label, text, indent + 4);
      label.clear();
      begin = end + 1;
    }
  }

  std::string spaceText(const CostReport &cost) const {
    std::string text;
    for (size_t id = 0; id < arch.levels.size(); ++id) {
      const Level &level = arch.levels[id];
      int64_t bits = cost.capacityBits[id];
      if (bits == 0 || (id == 0 && !level.capacityBits))
        continue;
      text += (text.empty() ? "" : ", ") + level.name + " " + sizeText(bits);
      if (level.capacityBits)
        text += " of " + sizeText(*level.capacityBits) + " (" +
                percentText(double(bits), double(*level.capacityBits)) + ")";
    }
    return text.empty() ? "nothing on chip" : text;
  }

  std::string problemText(const Problem &problem) const {
    return std::visit(
        Overloaded{[&](const OverCapacity &over) {
                     return arch.levels[over.level].name + " needs " +
                            sizeText(over.bits) + ", " + sizeText(over.excess) +
                            " too many";
                   },
                   [&](const OverFanOut &over) {
                     return arch.fanouts[over.fanout].name + " needs " +
                            std::to_string(over.instances) + " instances, " +
                            std::to_string(over.excess) + " too many";
                   },
                   [&](const OverCompute &over) {
                     return "needs " + std::to_string(over.excess) +
                            " compute instances too many";
                   }},
        problem);
  }

  std::string offChipText(const FusedSet &set,
                          std::optional<PlanRole> ofPlan) const {
    auto bits = double(set.report.offChip.bits);
    auto versus = [&](const char *what, int64_t other) {
      return std::string(", ") + ratioText(bits, double(other)) + " of " +
             what + " (" + sizeText(other) + ")";
    };
    std::string text =
        sizeText(set.report.offChip.bits) +
        versus("the minimum", set.report.algorithmicMinimum.bits);
    for (auto [role, what] :
         {std::pair(PlanRole::LayerByLayer, "layer by layer"),
          std::pair(PlanRole::OpByOp, "op by op")})
      if (auto share = shareOf(costs, role, set.einsums);
          share && role != ofPlan)
        text += versus(what, share->offChip.bits);
    return text;
  }

  static std::string recomputeText(const CostReport &cost) {
    int64_t ops = sumOf(cost.ops), again = sumOf(cost.recompute);
    std::string text = percentText(double(again), double(ops)) + " of " +
                       countText(ops) + " ops";
    return again ? text + ": " + countText(again) + " run again" : text;
  }

  using Row = std::vector<std::string>;

  /// A row of values, and below it the first column over each other.
  template <typename Value, typename Text>
  void addCompared(std::vector<Row> &rows, const std::string &label,
                   const std::vector<Value> &values, Text text) {
    Row row{label}, ratios{"  ratio", ""};
    for (size_t i = 0; i < values.size(); ++i) {
      row.push_back(text(values[i]));
      if (i > 0)
        ratios.push_back(ratioText(double(values[0]), double(values[i])));
    }
    rows.push_back(std::move(row));
    if (values.size() > 1)
      rows.push_back(std::move(ratios));
  }

  void writeTotals(const std::vector<const NamedPlan *> &shown) {
    std::vector<const NamedPlan *> plans = shown;
    for (PlanRole role : {PlanRole::LayerByLayer, PlanRole::OpByOp})
      if (const NamedPlan *plan = findPlan(costs, role))
        if (std::find(plans.begin(), plans.end(), plan) == plans.end())
          plans.push_back(plan);
    if (plans.empty())
      return;

    Row head{""}, sets{"sets"}, recompute{"recompute"}, used{"utilisation"};
    std::vector<int64_t> offChip, latency;
    std::vector<double> energy;
    for (const NamedPlan *plan : plans) {
      const CostReport &total = plan->total;
      head.push_back(headingOf(*plan));
      sets.push_back(std::to_string(plan->sets.size()));
      recompute.push_back(percentText(double(sumOf(total.recompute)),
                                      double(sumOf(total.ops))));
      used.push_back(percentText(total.utilisation, 1));
      offChip.push_back(total.offChip.bits);
      latency.push_back(total.latencyCycles);
      energy.push_back(total.energyPj);
    }
    head.push_back("minimum");
    offChip.push_back(costs.minimum.bits);

    std::vector<Row> rows{head, sets};
    for (size_t level = 1; level < arch.levels.size(); ++level) {
      Row space{"space " + arch.levels[level].name};
      for (const NamedPlan *plan : plans)
        space.push_back(sizeText(plan->total.capacityBits[level]));
      rows.push_back(std::move(space));
    }
    addCompared(rows, "off chip", offChip, sizeText);
    rows.push_back(recompute);
    addCompared(rows, "cycles", latency, countText);
    rows.push_back(used);
    addCompared(rows, "energy", energy, energyText);
    out += "\nTotals; a ratio is " + head[1] + " over the column's\n" +
           alignColumns(rows);
    for (const NamedPlan *plan : plans)
      if (!plan->total.valid())
        out += "  not valid: " + headingOf(*plan) + "\n";
  }

  void writeNotes() {
    std::map<std::string, std::vector<std::string>> byReason;
    for (const NamedBarrier &barrier : costs.barriers)
      byReason[barrier.reason].push_back(
          barrier.before.empty() ? "the end" : barrier.before);
    if (!byReason.empty())
      out += "\nBarriers, which no set crosses\n";
    for (const auto &[reason, places] : byReason) {
      std::string text =
          std::to_string(places.size()) + "x " + reason + ", before ";
      for (size_t i = 0; i < places.size(); ++i)
        text += (i ? ", " : "") + places[i];
      for (const std::string &line : wrap(text, kWidth - 2, 2))
        out += "  " + line + "\n";
    }
    for (const NamedPlan &plan : costs.plans) {
      if (plan.certificate.empty())
        continue;
      out += "\nWhat the search says of @" + plan.name + "\n";
      std::string_view left = plan.certificate;
      while (!left.empty()) {
        std::string_view paragraph = left.substr(0, left.find('\n'));
        left.remove_prefix(std::min(paragraph.size() + 1, left.size()));
        for (const std::string &line : wrap(paragraph, kWidth - 2, 2))
          out += "  " + line + "\n";
      }
    }
    if (hasIdealArray(arch))
      out += "\nIdeal array: @" + arch.name +
             " states its array as operations per cycle, so every one of them "
             "counts as usable at once\n";
  }

  const NetworkCosts &costs;
  const Arch &arch;
  std::string out;
};

} // namespace

std::string looptree::formatTable(std::span<const NetworkCosts> networks) {
  std::string text;
  for (const NetworkCosts &costs : networks)
    text += (text.empty() ? "" : "\n") + Writer(costs).write();
  return text;
}
