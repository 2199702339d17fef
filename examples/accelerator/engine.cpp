//===- engine.cpp - A model of the made-up accelerator ---------------- ===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The engine has one scratchpad, a DMA unit that copies boxes of floats into
// and out of it, and a unit that multiplies and accumulates along any loops.
// This is what the calls of lowered code reach: it does what they say, and
// counts.
//
//===----------------------------------------------------------------------===//

#include <cstdint>
#include <cstdio>

namespace {

/// An unranked memref as MLIR's C interface passes it.
struct Buffer {
  int64_t rank;
  void *descriptor;

  // A descriptor: two pointers, the offset, `rank` sizes, `rank` strides.
  float *begin() const {
    return static_cast<float **>(descriptor)[1] + numbers()[0];
  }
  int64_t size(int64_t d) const { return numbers()[1 + d]; }
  int64_t stride(int64_t d) const { return numbers()[1 + rank + d]; }

private:
  const int64_t *numbers() const {
    return static_cast<const int64_t *>(descriptor) + 2;
  }
};

int64_t copy(const Buffer &from, const Buffer &to, float *source, float *target,
             int64_t d) {
  if (d == from.rank) {
    *target = *source;
    return 1;
  }
  int64_t count = 0;
  for (int64_t i = 0; i < from.size(d); ++i)
    count += copy(from, to, source + i * from.stride(d),
                  target + i * to.stride(d), d + 1);
  return count;
}

int64_t copy(const Buffer &from, const Buffer &to) {
  return copy(from, to, from.begin(), to.begin(), 0);
}

/// `program`: for each loop its extent and the steps of out, a and b.
int64_t macs(float *out, const float *a, const float *b, const int64_t *program,
             int64_t loops) {
  if (loops == 0) {
    *out += *a * *b;
    return 1;
  }
  int64_t count = 0;
  for (int64_t i = 0; i < program[0]; ++i)
    count += macs(out + i * program[1], a + i * program[2], b + i * program[3],
                  program + 4, loops - 1);
  return count;
}

int64_t elementsIn, elementsOut, operations;

} // namespace

extern "C" {

void _mlir_ciface_engine_dma_in(Buffer *from, Buffer *to) {
  elementsIn += copy(*from, *to);
}

void _mlir_ciface_engine_dma_out(Buffer *from, Buffer *to) {
  elementsOut += copy(*from, *to);
}

void _mlir_ciface_engine_move(Buffer *from, Buffer *to) { copy(*from, *to); }

struct Program {
  int64_t *allocated, *aligned, offset, size, stride;
};

void _mlir_ciface_engine_macs(Buffer *out, Buffer *a, Buffer *b,
                              Program *program) {
  operations += macs(out->begin(), a->begin(), b->begin(), program->aligned,
                     program->size / 4);
}

void _mlir_ciface_engine_report() {
  std::printf("%lld elements in, %lld out, %lld multiply-accumulates\n",
              (long long)elementsIn, (long long)elementsOut,
              (long long)operations);
  std::fflush(stdout);
}
}
