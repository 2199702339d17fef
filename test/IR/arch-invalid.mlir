// RUN: looptree-opt %s --split-input-file --verify-diagnostics

looptree.arch @AR1_part {
  level @DRAM
  // expected-error@+1 {{has no place in an architecture}}
  %0 = arith.constant 1 : i32
  compute_unit
}

// -----

// expected-error@+1 {{has no level}}
looptree.arch @AR1_levels {
  compute_unit
}

// -----

// expected-error@+1 {{has no compute_unit}}
looptree.arch @AR1_compute {
  level @DRAM
}

// -----

looptree.arch @AR1_compute_twice {
  level @DRAM
  // expected-note@+1 {{the first is here}}
  compute_unit
  // expected-error@+1 {{is the second of its architecture}}
  compute_unit
}

// -----

// expected-error@+1 {{is no architecture: two levels are named DRAM}}
looptree.arch @AR2_levels {
  level @DRAM
  level @DRAM
  compute_unit
}

// -----

// expected-error@+1 {{is no architecture: two fan-out dimensions are named X}}
looptree.arch @AR2_fanouts {
  level @DRAM
  fanout @X size 2 below @DRAM
  fanout @X size 2 below @DRAM
  compute_unit
}

// -----

looptree.arch @AR3 {
  level @DRAM
  // expected-error@+1 {{lies below @GLB, which is no level of @AR3}}
  fanout @X size 2 below @GLB
  compute_unit
}

// -----

// expected-error@+1 {{is no architecture: the capacity of level DRAM is -8 bits; it cannot be negative}}
looptree.arch @AR4_capacity {
  level @DRAM {capacity_bits = -8}
  compute_unit
}

// -----

// expected-error@+1 {{is no architecture: the read energy of level DRAM is -1.000000; a finite number >= 0 is needed}}
looptree.arch @AR4_energy {
  level @DRAM {read_pj_per_bit = -1}
  compute_unit
}

// -----

// expected-error@+1 {{is no architecture: the write bandwidth of level DRAM is 0/1; a number > 0 is needed}}
looptree.arch @AR4_bandwidth {
  level @DRAM {write_bits_per_cycle = 0}
  compute_unit
}

// -----

// expected-error@+1 {{is no architecture: the operations per cycle of compute for reduction is 0/1; a number > 0 is needed}}
looptree.arch @AR4_rate {
  level @DRAM
  compute_unit {reduction = {ops_per_cycle = 0}}
}

// -----

// expected-error@+1 {{is no architecture: the clock of compute is 0.000000 Hz; a finite number > 0 is needed}}
looptree.arch @AR4_clock {
  level @DRAM
  compute_unit {clock_hz = 0}
}

// -----

// expected-error@+1 {{is no architecture: the instances of compute exceed 64 bit}}
looptree.arch @AR4_instances {
  level @DRAM
  fanout @X size 4000000000 below @DRAM
  fanout @Y size 4000000000 below @DRAM
  compute_unit
}

// -----

looptree.arch @LV2 {
  // expected-error@+1 {{has accesses of 0 bits}}
  level @DRAM {access_bits = 0}
  compute_unit
}

// -----

"looptree.arch"() <{sym_name = "LV2_infinite"}> ({
  // expected-error@+1 {{has a read_pj_per_bit that is not finite}}
  "looptree.level"() <{level_name = "DRAM", read_pj_per_bit = 0x7FF0000000000000 : f64}> : () -> ()
}) : () -> ()

// -----

looptree.arch @FO1 {
  level @DRAM
  // expected-error@+1 {{has size 0; it must be at least 1}}
  fanout @X size 0 below @DRAM
  compute_unit
}

// -----

"looptree.arch"() <{sym_name = "CU2"}> ({
  // expected-error@+1 {{has a number that is not finite}}
  "looptree.compute_unit"() <{
    clock_hz = 0x7FF8000000000000 : f64, contraction = #looptree.op_cost<>,
    reduction = #looptree.op_cost<>, elementwise = #looptree.op_cost<>}> : () -> ()
}) : () -> ()

// -----

// Parts stand in their owner only.
// expected-error@+1 {{expects parent op 'looptree.arch'}}
looptree.level @DRAM
