"""Prints a mapping whose compute has the given number of nodes above it."""

import sys

loops = int(sys.argv[1]) - 1
print("""
looptree.arch @chip {
  level @DRAM
  compute_unit
}
looptree.workload @copy {
  tensor @I : 4xi8 input
  tensor @O : 4xi8 output
  einsum @e (p = 4) writes @O[p] reads @I[p]
}
looptree.mapping @deep of @copy on @chip {
  retain @I, @O at @DRAM""")
print("for p of @e step 1 {\n" * loops + "compute @e" + "}\n" * loops + "}")
