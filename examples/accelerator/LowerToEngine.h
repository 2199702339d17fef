//===- LowerToEngine.h - Lowered mappings to calls of the engine ------ ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ENGINE_LOWERTOENGINE_H
#define ENGINE_LOWERTOENGINE_H

void registerLowerToEngine();

#endif // ENGINE_LOWERTOENGINE_H
