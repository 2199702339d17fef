//===- Tree.cpp - Static facts of a mapping tree -------------- -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tree.h"

#include <algorithm>

namespace looptree::reference {

Tree::Tree(const Workload &workload, const Arch &arch, const Mapping &mapping)
    : w(workload), arch(arch) {
  leaves.resize(w.einsums.size());
  for (TensorId t = 0; t < w.tensors.size(); ++t)
    producers.push_back(w.producer(t));
  scopes.push_back({kNone, kNone, 0});
  addNodes(mapping.root, kNone, 0);

  unsigned order = 0;
  for (NodeId id = 0; id < nodes.size(); ++id)
    if (const auto *compute = std::get_if<ComputeNode>(&nodes[id].node->kind))
      leaves[compute->einsum] = {id, order++};
  for (TreeNode &node : nodes)
    node.heads = headsOf(node.group, w);

  backings.assign(w.tensors.size(), kNone);
  for (NodeId id = 0; id < nodes.size(); ++id)
    addSlots(id);
  addRegisters();
  for (NodeId id = 0; id < nodes.size(); ++id)
    if (nodes[id].node->isSplit()) {
      addNeeds(id);
      for (NodeId branch : nodes[id].children)
        addContents(branch);
      if (isPipeline(id))
        addCrossings(id);
    }
}

NodeId Tree::addNodes(const Node &node, NodeId parent, ScopeId scope) {
  NodeId id = NodeId(nodes.size());
  nodes.emplace_back();
  nodes[id].node = &node;
  nodes[id].parent = parent;
  nodes[id].scope = scope;
  if (parent != kNone) {
    nodes[id].fanouts = nodes[parent].fanouts;
    if (const auto *loop = std::get_if<SpatialFor>(&nodes[parent].node->kind))
      nodes[id].fanouts.push_back(loop->fanout);
  }
  ScopeId inner = scope;
  if (node.isLoop()) {
    inner = ScopeId(scopes.size());
    scopes.push_back({id, scope, scopes[scope].depth + 1});
  }
  std::vector<EinsumId> group;
  if (const auto *compute = std::get_if<ComputeNode>(&node.kind))
    group.push_back(compute->einsum);
  for (const Node &child : node.children) {
    NodeId childId = addNodes(child, id, inner);
    nodes[id].children.push_back(childId);
    const auto &below = nodes[childId].group;
    group.insert(group.end(), below.begin(), below.end());
  }
  nodes[id].group = std::move(group);
  bool ends = node.isSplit() || node.children.empty();
  nodes[id].end = ends ? id : nodes[nodes[id].children[0]].end;
  return id;
}

bool Tree::isInGroup(NodeId node, EinsumId einsum) const {
  const auto &group = nodes[node].group;
  return std::find(group.begin(), group.end(), einsum) != group.end();
}

NodeId Tree::branchOf(NodeId split, EinsumId einsum) const {
  for (NodeId child : nodes[split].children)
    if (isInGroup(child, einsum))
      return child;
  return kNone;
}

bool Tree::isBelow(NodeId node, NodeId ancestor) const {
  for (node = nodes[node].parent; node != kNone; node = nodes[node].parent)
    if (node == ancestor)
      return true;
  return false;
}

Network Tree::networkTo(NodeId node, NodeId from) const {
  Network network;
  const auto &dims = nodes[node].fanouts;
  for (unsigned d = nodes[from].spatialDepth(); d < dims.size(); ++d) {
    const Level &level = arch.levels[arch.fanouts[dims[d]].below];
    if (!level.multicast)
      network.noMulticast.push_back(d);
    if (!level.reduce)
      network.noReduce.push_back(d);
  }
  return network;
}

void Tree::addSlots(NodeId id) {
  const auto *retain = std::get_if<Retain>(&nodes[id].node->kind);
  if (!retain)
    return;
  for (TensorId tensor : retain->tensors) {
    SlotId slot = SlotId(slots.size());
    SlotId parent = kNone;
    for (SlotId above = 0; above < slot; ++above)
      if (slots[above].tensor == tensor && isBelow(id, slots[above].node)) {
        parent = above; // Preorder: the last one is the innermost.
        slots[above].below.insert(slots[above].below.begin(), slot);
      }
    bool noReuse = std::find(retain->noReuse.begin(), retain->noReuse.end(),
                             tensor) != retain->noReuse.end();
    slots.push_back({id,
                     tensor,
                     retain->level,
                     noReuse,
                     parent,
                     nodes[id].scope,
                     {},
                     {},
                     {}});
    if (parent != kNone)
      slots[slot].network = networkTo(id, slots[parent].node);
    nodes[id].slots.push_back(slot);
    if (parent == kNone)
      backings[tensor] = slot;
  }
}

std::vector<SlotId> Tree::chain(EinsumId einsum, TensorId tensor) const {
  std::vector<SlotId> result;
  for (SlotId slot = 0; slot < slots.size(); ++slot)
    if (slots[slot].tensor == tensor &&
        isBelow(leaves[einsum].node, slots[slot].node))
      result.push_back(slot);
  return result;
}

void Tree::addRegisters() {
  for (EinsumId e = 0; e < w.einsums.size(); ++e) {
    firstRegister.push_back(RegisterId(registers.size()));
    const Einsum &einsum = w.einsums[e];
    for (unsigned access = 0; access <= einsum.reads.size(); ++access) {
      bool isWrite = access == einsum.reads.size();
      TensorId tensor = (isWrite ? einsum.write : einsum.reads[access]).tensor;
      std::vector<SlotId> above = chain(e, tensor);
      for (SlotId slot : above)
        slots[slot].registers.push_back(RegisterId(registers.size()));
      registers.push_back(
          {e, access, isWrite, tensor, above.back(),
           networkTo(leaves[e].node, slots[above.back()].node)});
    }
  }
}

void Tree::addNeeds(NodeId id) {
  for (TensorId tensor = 0; tensor < w.tensors.size(); ++tensor) {
    std::optional<EinsumId> producer = producers[tensor];
    if (!producer || !isInGroup(id, *producer))
      continue;
    NodeId home = branchOf(id, *producer);
    bool separates = false;
    for (EinsumId consumer : w.consumers(tensor))
      separates |= isInGroup(id, consumer) && !isInGroup(home, consumer);
    if (!separates)
      continue;
    const auto &heads = nodes[home].heads;
    bool decides =
        std::find(heads.begin(), heads.end(), *producer) != heads.end();
    nodes[id].needs.push_back(NeedId(needs.size()));
    needs.push_back(
        {id, tensor, *producer, nodes[id].scope, backings[tensor], decides});
  }
}

NeedId Tree::needOf(EinsumId reader, TensorId tensor) const {
  // The split that separates reader and producer is the only one that has them
  // in different branches.
  for (NeedId need = 0; need < needs.size(); ++need)
    if (needs[need].tensor == tensor && isInGroup(needs[need].split, reader) &&
        branchOf(needs[need].split, reader) !=
            branchOf(needs[need].split, needs[need].producer))
      return need;
  return kNone;
}

void Tree::addContents(NodeId branch) {
  auto collect = [&](TreeNode::Contents &contents, auto keep) {
    auto inside = [&](NodeId node) {
      return node == branch || isBelow(node, branch);
    };
    for (SlotId slot = 0; slot < slots.size(); ++slot) {
      if (!inside(slots[slot].node) || !keep(slots[slot].tensor))
        continue;
      contents.slots.push_back(slot);
      SlotId parent = slots[slot].parent;
      if (parent == kNone || !inside(slots[parent].node))
        contents.tops.push_back(slot);
    }
    for (RegisterId r = 0; r < registers.size(); ++r)
      if (inside(leaves[registers[r].einsum].node) && keep(registers[r].tensor))
        contents.registers.push_back(r);
  };
  collect(nodes[branch].contents, [](TensorId) { return true; });
  collect(nodes[branch].leaving, [&](TensorId tensor) {
    if (!producers[tensor] || !isInGroup(branch, *producers[tensor]))
      return false;
    for (EinsumId consumer : w.consumers(tensor))
      if (!isInGroup(branch, consumer))
        return true;
    return false;
  });
}

void Tree::addCrossings(NodeId pipeline) {
  const auto &stages = nodes[pipeline].children;
  for (NodeId above = nodes[pipeline].parent;
       above != kNone && !nodes[above].node->isSplit();
       above = nodes[above].parent)
    for (SlotId slot : nodes[above].slots) {
      unsigned first = kNone, last = 0;
      for (unsigned stage = 0; stage < stages.size(); ++stage)
        for (EinsumId e : nodes[stages[stage]].group)
          if (uses(e, slots[slot].tensor)) {
            first = std::min(first, stage);
            last = stage;
          }
      if (first < last)
        nodes[pipeline].crossings.push_back({slot, first, last});
    }
}

bool Tree::uses(EinsumId einsum, TensorId tensor) const {
  const Einsum &e = w.einsums[einsum];
  return e.write.tensor == tensor ||
         std::any_of(e.reads.begin(), e.reads.end(),
                     [&](const Access &a) { return a.tensor == tensor; });
}

} // namespace looptree::reference
