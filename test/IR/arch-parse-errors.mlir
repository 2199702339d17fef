// RUN: looptree-opt %s --split-input-file --verify-diagnostics

looptree.arch @LV1_unknown {
  // expected-error@+1 {{unknown field 'size' of a level; it has capacity_bits, }}
  level @DRAM {size = 4}
}

// -----

looptree.arch @LV1_twice {
  // expected-error@+1 {{field 'capacity_bits' is given twice}}
  level @DRAM {capacity_bits = 4, capacity_bits = 4}
}

// -----

looptree.arch @capacity_overflow {
  // expected-error@+1 {{capacity exceeds 64 bit}}
  level @DRAM {capacity_bits = 9000000000 GiB}
}

// -----

looptree.arch @flag {
  // expected-error@+1 {{expected true or false}}
  level @DRAM {multicast = yes}
}

// -----

looptree.arch @role {
  // expected-error@+1 {{'bias' is no role of a tensor; roles are input, weight, intermediate, output}}
  level @DRAM {holds = [bias]}
}

// -----

looptree.arch @number {
  // expected-error@+1 {{expected floating point literal}}
  level @DRAM {read_pj_per_bit = many}
}

// -----

looptree.arch @rate {
  // expected-error@+1 {{'1/0' is not a decimal number}}
  level @DRAM {read_bits_per_cycle = 1/0}
}

// -----

looptree.arch @CU1_unknown {
  // expected-error@+1 {{unknown field 'macs' of a compute_unit; it has ops_per_cycle, }}
  compute_unit {macs = 4}
}

// -----

looptree.arch @CU1_twice {
  // expected-error@+1 {{field 'ops_per_cycle' is given twice}}
  compute_unit {reduction = {ops_per_cycle = 1, ops_per_cycle = 2}}
}
