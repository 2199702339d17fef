looptree.arch @edge {
  level @DRAM
  level @GLB {capacity_bits = 1 KiB}
  compute_unit
}
looptree.workload @two {
  tensor @T0 : 8xi8 input
  tensor @T1 : 8xi8 intermediate
  tensor @T2 : 8xi8 output
  einsum @first (m = 8) writes @T1[m] reads @T0[m]
  einsum @second (m = 8) writes @T2[m] reads @T1[m]
}
looptree.mapping @one of @two on @edge {
  retain @T0, @T1 at @DRAM
  compute @first
}
looptree.mapping @both of @two on @edge {
  retain @T0, @T2 at @DRAM
  retain @T1 at @GLB
  sequential {
    compute @first
  }, {
    compute @second
  }
}
