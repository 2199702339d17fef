//===- Timeline.cpp - When what happens in the run of a mapping ----------===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Recorder.h"
#include "Transfers.h"

using namespace looptree;

Result<Timeline> looptree::timeline(const Plan &plan,
                                    std::span<const int64_t> steps) {
  const Plan::Impl &impl = plan.get();
  if (impl.isV1())
    return Error{"the convention looptree-v1 says how long a pipeline takes, "
                 "but not when its stages run"};
  Folding folding = unfoldedWorkload(impl);
  auto tree = inferTileShapes(impl, steps, folding, nullptr);
  if (!tree)
    return tree.error();
  auto transfers = countTransfers(impl, *tree, folding, impl.workload);
  if (!transfers)
    return transfers.error();
  Recorder recorder(impl, transfers->buffers);
  (void)countTransfers(impl, *tree, folding, impl.workload, &recorder);
  return recorder.finish();
}
