//===- ModelCheck.cpp - The model's checks, reported at ops ---------------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "looptree/IR/ModelCheck.h"
#include "looptree/Bridge/Bridge.h"
#include "looptree/Bridge/Register.h"

using namespace mlir;
using namespace looptree;
using namespace looptree::bridge;

/// The constraint of `looptree.mapping` and its nodes that a rule of the model
/// is.
static StringRef labelOf(StringRef rule) {
  static const llvm::StringMap<StringRef> labels = {
      {"arity", "MP2"},
      {"known-einsum", "MP3"},
      {"known-rank", "MP3"},
      {"known-tensor", "MP3"},
      {"known-level", "MP3"},
      {"known-fanout", "MP3"},
      {"compute-once", "MP5"},
      {"loop-head", "MP6"},
      {"producer-first", "MP7"},
      {"retain-used", "MP8"},
      {"level-holds", "MP8"},
      {"retain-inward", "MP9"},
      {"backing-above-uses", "MP9"},
      {"operand-retained", "MP9"},
      {"backing-outermost", "MP10"},
      {"fanout-side", "MP11"},
      {"step-positive", "MP12"},
      {"depth", "MP12"},
      {"retain-some", "RT1"},
      {"retain-unique", "RT1"},
      {"no-reuse-retained", "RT2"},
  };
  auto found = labels.find(rule);
  assert(found != labels.end() && "a rule without a label");
  return found->second;
}

static LogicalResult fail(Operation *op, StringRef label,
                          const llvm::Twine &message) {
  return op->emitOpError() << "breaks (" << label << "): " << message;
}

/// Names of the workload that mean nothing in the mapping's set: the model,
/// which sees the set alone, has no word for them.
static LogicalResult checkNamesOfSet(ir::MappingOp mapping,
                                     ir::WorkloadOp workload) {
  llvm::DenseSet<StringAttr> einsums, tensors;
  for (ir::ComputeOp compute : mapping.getComputes())
    einsums.insert(compute.getEinsumAttr());
  for (auto einsum : workload.getBody().getOps<ir::EinsumOp>()) {
    if (!einsums.contains(einsum.getSymNameAttr()))
      continue;
    tensors.insert(einsum.getWrite().getTensor());
    for (auto read : einsum.getReads().getAsRange<ir::AccessAttr>())
      tensors.insert(read.getTensor());
  }
  WalkResult result = mapping.getBody().walk([&](ir::NodeOpInterface node) {
    StringAttr einsum = node.getNodeEinsum();
    if (einsum && !einsums.contains(einsum)) {
      (void)fail(node, "MP6",
                 "it loops over a rank of @" + einsum.getValue() +
                     ", which the mapping does not compute");
      return WalkResult::interrupt();
    }
    if (auto retain = dyn_cast<ir::RetainOp>(*node))
      for (auto tensor : retain.getTensors().getAsRange<StringAttr>())
        if (!tensors.contains(tensor)) {
          (void)fail(node, "MP8",
                     "no einsum of the mapping uses @" + tensor.getValue());
          return WalkResult::interrupt();
        }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

namespace {

class ModelCheck : public ir::ModelCheckInterface {
public:
  using ModelCheckInterface::ModelCheckInterface;

  LogicalResult checkArch(ir::ArchOp arch) const final {
    if (std::optional<Error> error = toArch(arch).check())
      return arch.emitOpError() << "is no architecture: " << error->message;
    return success();
  }

  LogicalResult checkWorkload(ir::WorkloadOp op) const final {
    std::optional<InvalidWorkload> invalid =
        toNetwork(op).network.workload.diagnose();
    if (!invalid)
      return success();
    Operation *place = op;
    if (invalid->tensor)
      place = *std::next(op.getBody().getOps<ir::TensorOp>().begin(),
                         *invalid->tensor);
    else if (invalid->einsum)
      place = *std::next(op.getBody().getOps<ir::EinsumOp>().begin(),
                         *invalid->einsum);
    return place->emitOpError() << "makes no workload: " << invalid->message;
  }

  LogicalResult checkMapping(ir::MappingOp mapping, ir::WorkloadOp workload,
                             ir::ArchOp arch) const final {
    if (failed(checkNamesOfSet(mapping, workload)))
      return failure();
    MappingOfSet set = toMapping(mapping, toNetworkOf(mapping, workload));
    std::optional<IllegalMapping> illegal =
        check(set.mapping, set.workload, toArch(arch));
    if (!illegal)
      return success();
    return fail(set.nodeAt(illegal->path), labelOf(illegal->rule),
                illegal->message);
  }
};

} // namespace

void bridge::registerModelCheck(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, ir::LoopTreeDialect *dialect) {
    dialect->addInterfaces<ModelCheck>();
  });
}
