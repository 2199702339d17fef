// RUN: not looptree-opt %s --vectorize-leaves="registers=4" 2>&1 | FileCheck %s --check-prefix=REGISTERS
// RUN: not looptree-opt %s --vectorize-leaves="vector-bits=0" 2>&1 | FileCheck %s --check-prefix=BITS

// REGISTERS: error: vectorize-leaves needs vector-bits >= 8 and registers >= 5, not 512 and 4
// BITS:      error: vectorize-leaves needs vector-bits >= 8 and registers >= 5, not 0 and 32
module {
}
