// RUN: looptree-opt %s --split-input-file --verify-diagnostics

func.func @other_attribute() {
  // expected-error@+1 {{has the attribute 'looptree.tile'; the only ones that the dialect puts on other ops are 'looptree.einsum' and 'looptree.lowered'}}
  %0 = arith.constant {looptree.tile = 4 : i32} 1 : i32
  return
}

// -----

func.func @flat_name() {
  // expected-error@+1 {{names its einsum as @e, which should read @workload::@einsum}}
  %0 = arith.constant {looptree.einsum = @e} 1 : i32
  return
}

// -----

func.func @not_a_name() {
  // expected-error@+1 {{names its einsum as "e", which should read @workload::@einsum}}
  %0 = arith.constant {looptree.einsum = "e"} 1 : i32
  return
}

// -----

func.func @no_workload() {
  // expected-error@+1 {{names einsum @net::@e, but there is no workload @net}}
  %0 = arith.constant {looptree.einsum = @net::@e} 1 : i32
  return
}

// -----

// expected-note@+1 {{the workload is here}}
looptree.workload @net {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (p = 4) writes @O[p] reads @I[p]
}
func.func @no_einsum() {
  // expected-error@+1 {{names einsum @net::@f, which the workload does not have}}
  %0 = arith.constant {looptree.einsum = @net::@f} 1 : i32
  return
}

// -----

func.func @lowered() {
  // expected-error@+1 {{says what it is as {kind = 3 : i64}, which should read {kind = "...", ...}, all strings}}
  return {looptree.lowered = {kind = 3}}
}
