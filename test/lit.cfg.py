import os

import lit.formats

config.name = "LoopTree"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "downstream", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.looptree_binary_dir, "test")

config.environment["PATH"] = os.pathsep.join(
    [
        os.path.join(config.looptree_binary_dir, "bin"),
        config.llvm_tools_dir,
        config.environment["PATH"],
    ]
)
for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# Where a test finds files that are not its own.
config.substitutions += [
    ("%looptree_src", config.looptree_source_dir),
    ("%looptree_bin", os.path.join(config.looptree_binary_dir, "bin")),
    ("%llvm_lib", config.llvm_lib_dir),
    ("%looptree_plugin", config.looptree_plugin),
    ("%python", config.python),
    ("%shared", config.looptree_shared),
]
if os.path.isdir(os.path.join(config.looptree_shared, "models")):
    config.available_features.add("shared")
if config.looptree_sanitize:
    config.available_features.add("sanitizers")
