//===- ReadTest.cpp - Candidates from text -*- C++ -*-===//
//
// Part of the LoopTree Project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairText.h"

#include "looptree/Candidate/Candidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

using namespace looptree;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

Candidate readPair(const std::string &text = kPair) {
  Result<Candidate> candidate = readCandidate(text, "pair.yaml");
  EXPECT_TRUE(candidate) << candidate.error().message;
  return candidate ? *candidate : Candidate();
}

TEST(ReadCandidate, Workload) {
  Workload w = readPair().workload;
  ASSERT_EQ(w.tensors.size(), 5u);
  EXPECT_EQ(w.tensors[0], (Tensor{"I", TensorKind::Input, {20}}));
  EXPECT_EQ(w.tensors[1],
            (Tensor{"WA", TensorKind::Input, {3}, 8, std::nullopt, true}));
  EXPECT_EQ(w.tensors[2], (Tensor{"A", TensorKind::Intermediate, {18}, 8, 32}));
  EXPECT_EQ(w.tensors[4].kind, TensorKind::Output);
  ASSERT_EQ(w.einsums.size(), 2u);
  EXPECT_EQ(w.einsums[0].name, "convA");
  EXPECT_EQ(w.einsums[0].kind, EinsumKind::Contraction);
  EXPECT_THAT(w.einsums[0].ranks, ElementsAre(Rank{"pa", 18}, Rank{"ra", 3}));
  EXPECT_EQ(w.einsums[0].write, (Access{2, {{{{0, 1}}, 0}}}));
  EXPECT_EQ(w.einsums[0].reads[0], (Access{0, {{{{0, 1}, {1, 1}}, 0}}}));
}

TEST(ReadCandidate, AccessesWithConstantsAndInits) {
  Workload w = readPair(pairWith("{tensor: I, index: [pa + ra]}",
                                 "{tensor: I, index: [2*pa + ra - 1]}, "
                                 "{tensor: I, index: [0], init: true}"))
                   .workload;
  ASSERT_EQ(w.einsums[0].reads.size(), 3u);
  EXPECT_EQ(w.einsums[0].reads[0], (Access{0, {{{{0, 2}, {1, 1}}, -1}}}));
  EXPECT_EQ(w.einsums[0].reads[1], (Access{0, {{{}, 0}}, true}));
}

TEST(ReadCandidate, Architecture) {
  Arch arch = readPair().arch;
  EXPECT_EQ(arch.name, "small");
  ASSERT_EQ(arch.levels.size(), 3u);
  EXPECT_EQ(arch.levels[0].readPjPerBit, 64);
  EXPECT_EQ(arch.levels[0].writePjPerBit, 64);
  EXPECT_EQ(arch.levels[0].capacityBits, std::nullopt);
  EXPECT_EQ(arch.levels[0].readBitsPerCycle, (Rational{3, 10}));
  EXPECT_EQ(arch.levels[0].writeBitsPerCycle, std::nullopt);
  EXPECT_EQ(arch.levels[1].capacityBits, 512 * 1024 * 8);
  EXPECT_EQ(arch.levels[1].sharedBitsPerCycle, (Rational{1, 3}));
  EXPECT_TRUE(arch.levels[1].doubleBuffered);
  EXPECT_FALSE(arch.levels[1].multicast);
  EXPECT_TRUE(arch.levels[1].reduce);
  EXPECT_FALSE(arch.levels[2].reduce);
  EXPECT_EQ(arch.levels[2].leakagePjPerCycle, 0.25);
  EXPECT_THAT(*arch.levels[2].holds,
              ElementsAre(TensorRole::Weight, TensorRole::Input));
  EXPECT_THAT(arch.fanouts, ElementsAre(FanOut{"X", 4, 1}));
  EXPECT_EQ(arch.compute.clockHz, 940000000);
}

TEST(ReadCandidate, AKindTakesFromComputeWhatItDoesNotSay) {
  Compute compute = readPair().arch.compute;
  EXPECT_EQ(compute.of(EinsumKind::Reduction), (OpCost{Rational{2, 1}, 1}));
  EXPECT_EQ(compute.of(EinsumKind::Elementwise), (OpCost{std::nullopt, 1}));
}

TEST(ReadCandidate, ComputeDefaultsToOneFreeOperationACycle) {
  std::string text = kPair;
  size_t begin = text.find("  compute: {ops");
  text.erase(begin, text.find('\n', begin) - begin + 1);
  EXPECT_EQ(readPair(text).arch.compute.of(EinsumKind::Contraction),
            (OpCost{Rational{1, 1}, 0}));
}

TEST(ReadCandidate, NullIsUnboundedOrFree) {
  Arch arch =
      readPair(pairWith("capacity_bits: 512 KiB, shared_bits_per_cycle: 1/3",
                        "capacity_bits: null, shared_bits_per_cycle: null, "
                        "read_pj_per_bit: null, holds: null"))
          .arch;
  EXPECT_EQ(arch.levels[1].capacityBits, std::nullopt);
  EXPECT_EQ(arch.levels[1].sharedBitsPerCycle, std::nullopt);
  EXPECT_EQ(arch.levels[1].readPjPerBit, 0);
  EXPECT_EQ(arch.levels[1].holds, std::nullopt);
}

TEST(ReadCandidate, Mapping) {
  Candidate candidate = readPair();
  EXPECT_EQ(toString(candidate.mapping, candidate.workload, candidate.arch),
            R"(retain I, WA, WB, B at DRAM
for pb of convB step 4
  retain I, A, B at GLB no_reuse A
  sequential
  - for pa of convA step 1
      spatial_for ra of convA step 1 over X
        compute convA
  - compute convB
)");
}

TEST(ReadCandidate, Pipeline) {
  Mapping mapping = readPair(pairWith("- sequential:", "- pipeline:")).mapping;
  const Node &split = mapping.root.children[0].children[0].children[0];
  EXPECT_TRUE(std::holds_alternative<Pipeline>(split.kind));
}

TEST(ReadCandidate, JsonIsTheSame) {
  Candidate candidate = readPair();
  std::string json = writeCandidate(candidate);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  Result<Candidate> back = readCandidate(json, "pair.json");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->workload, candidate.workload);
  EXPECT_EQ(back->arch, candidate.arch);
  EXPECT_EQ(back->mapping, candidate.mapping);
}

TEST(ReadCandidate, APresetByName) {
  std::string text = kPair.substr(0, kPair.find("architecture:")) +
                     "architecture: edge\n" +
                     kPair.substr(kPair.find("mapping:"));
  size_t spatial = text.find("{spatial_for");
  text.erase(spatial, text.find("{compute: convA}") - spatial);
  EXPECT_EQ(readPair(text).arch, *presetArch("edge"));
}

// Sizes.

struct Size {
  const char *text;
  int64_t bits;
};
void PrintTo(const Size &size, std::ostream *out) {
  *out << '<' << size.text << '>';
}
class ReadSize : public testing::TestWithParam<Size> {};

TEST_P(ReadSize, InBits) {
  Result<Arch> arch = readArch("levels: [{name: L, capacity_bits: " +
                                   std::string(GetParam().text) + "}]",
                               "size");
  ASSERT_TRUE(arch) << arch.error().message;
  EXPECT_EQ(arch->levels[0].capacityBits, GetParam().bits);
}

INSTANTIATE_TEST_SUITE_P(
    Units, ReadSize,
    testing::Values(Size{"0", 0}, Size{"4096", 4096}, Size{"12 bit", 12},
                    Size{"1 B", 8}, Size{"2 KiB", 16384}, Size{"2KiB", 16384},
                    Size{"\"2 KiB\"", 16384}, Size{"0.5 MiB", 4194304},
                    Size{"1 GiB", 8589934592}, Size{"1 TiB", 8796093022208},
                    Size{"1 kB", 8000}, Size{"1 MB", 8000000},
                    Size{"1 GB", 8000000000}, Size{"1 Kibit", 1024},
                    Size{"1 Mibit", 1048576}, Size{"1 Gibit", 1073741824},
                    Size{"1 kbit", 1000}, Size{"1 Mbit", 1000000},
                    Size{"1 Gbit", 1000000000}));

// Errors.

struct Fault {
  const char *name;
  const char *from, *to;
  const char *message; ///< With line:column, without the file.
};
void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.name; }
class ReadRefuses : public testing::TestWithParam<Fault> {};

TEST_P(ReadRefuses, WithThePlace) {
  Result<Candidate> candidate =
      readCandidate(pairWith(GetParam().from, GetParam().to), "pair.yaml");
  ASSERT_FALSE(candidate);
  EXPECT_THAT(candidate.error().message,
              StartsWith("pair.yaml:" + std::string(GetParam().message)));
}

constexpr auto kName = [](const auto &info) {
  return std::string(info.param.name);
};

INSTANTIATE_TEST_SUITE_P(
    Root, ReadRefuses,
    testing::Values(
        Fault{"version", "version: 1", "version: 2",
              "1:10: version 2 is not known; this tool reads version 1"},
        Fault{"version_type", "version: 1", "version: one",
              "1:10: version is an integer, not one"},
        Fault{"unknown_key", "convention:", "conventions:",
              "35:1: unknown key 'conventions' of a candidate; known are "
              "version, workload, architecture, mapping, convention"},
        Fault{"convention", "convention: exact", "convention: fast",
              "35:13: unknown convention 'fast'; known are exact, looptree-v1"},
        Fault{"no_mapping",
              "mapping:", "version2:", "28:1: unknown key 'version2'"},
        Fault{"problem", "convention: exact", "objectives: [latency]",
              "35:1: key 'objectives' belongs to a problem"},
        Fault{"key_twice", "convention: exact", "version: 1",
              "35:1: key 'version' of a candidate is given twice"},
        Fault{"second_document", "convention: exact", "---\nworkload: 1",
              "36:1: a second document"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Text, ReadRefuses,
    testing::Values(Fault{"unclosed", "shape: [20]", "shape: [20", "4:49: "},
                    Fault{"alias", "[20], bits: 8", "&x [20], bits: *x",
                          "4:52: aliases are not supported"},
                    Fault{"tag", "shape: [20]", "shape: [!!int 20]",
                          "4:38: tags are not supported"},
                    Fault{"control_character", "name: I,", "name: I\x04,",
                          "4:15: control character 4 in the text"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Workload, ReadRefuses,
    testing::Values(
        Fault{"tensors_type", "tensors:\n", "tensors: 3\n  x:\n",
              "4:3: unknown key 'x' of a workload"},
        Fault{"unknown_key", "bits: 8", "bit: 8",
              "4:43: unknown key 'bit' of a tensor; known are name, kind, "
              "shape, bits, partial_bits, role"},
        Fault{"missing_key", "shape: [20], ", "",
              "4:7: a tensor has no key 'shape'"},
        Fault{"kind", "kind: input", "kind: inputs",
              "4:23: unknown tensor kind 'inputs'"},
        Fault{"name_type", "name: I,", "name: 7,",
              "4:14: the name of a tensor is a string, not the number 7"},
        Fault{"name_empty", "name: I,", "name: '',",
              "4:14: the name of a tensor is empty"},
        Fault{"shape_type", "shape: [20]", "shape: 20",
              "4:37: shape is a list, not the number 20"},
        Fault{"negative_extent", "shape: [20]", "shape: [-20]",
              "4:38: an extent is -20; at least 1 is needed"},
        Fault{"fractional_extent", "shape: [20]", "shape: [2.5]",
              "4:38: an extent is an integer, not the number 2.5"},
        Fault{"quoted_extent", "shape: [20]", "shape: ['20']",
              "4:38: an extent is an integer, not the string \"20\""},
        Fault{"octal_extent", "shape: [20]", "shape: [020]",
              "4:38: an extent is an integer, not the number 020"},
        Fault{"huge_extent", "shape: [20]", "shape: [9223372036854775808]",
              "4:38: an extent is 9223372036854775808, which exceeds 64 bit"},
        Fault{"bits_unit", "bits: 8", "bits: 1 parsec",
              "4:49: bits: a number of bits, as in 4096 or 512 KiB, is needed, "
              "not "},
        Fault{"role", "role: weight", "role: bias",
              "5:49: unknown role 'bias'"},
        Fault{"tensor_twice", "name: WB", "name: WA",
              "7:14: two tensors are named WA"},
        Fault{"einsum_twice", "name: convB", "name: convA",
              "14:13: two einsums are named convA"},
        Fault{"einsum_kind", "kind: contraction", "kind: conv",
              "15:13: unknown einsum kind 'conv'"},
        Fault{"rank_twice", "[ra, 3]", "[pa, 3]",
              "11:26: einsum convA has two ranks named pa"},
        Fault{"rank_form", "[ra, 3]", "[ra]",
              "11:25: a rank is [name, extent], not 1 items"},
        Fault{"rank_extent", "[ra, 3]", "[ra, 0]",
              "11:30: an extent is 0; at least 1 is needed"},
        Fault{"unknown_tensor", "tensor: WA, index", "tensor: WC, index",
              "13:55: there is no tensor WC"},
        Fault{"unknown_rank", "index: [pa + ra]", "index: [pa + rb]",
              "13:35: rb is not a rank of einsum convA"},
        Fault{"negative_coefficient", "index: [pa + ra]", "index: [ra - pa]",
              "13:35: rank pa has a negative coefficient in 'ra - pa'"},
        Fault{"index_rank", "index: [pa + ra]", "index: [pa, ra]",
              "13:34: tensor I has 1 dimensions, but the index has 2"},
        Fault{"index_type", "index: [pa + ra]", "index: [[pa]]",
              "13:35: an index is a string"},
        Fault{"init_type", "index: [pa + ra]", "index: [pa], init: 1",
              "13:46: init is true or false, not the number 1"},
        Fault{"write_outside", "[pa, 18]", "[pa, 19]",
              "10:7: einsum convA writes A, dimension 0: the index pa covers 0 "
              "to 18, outside the tensor's extent 18"},
        Fault{"not_written", "kind: input, shape: [3]}",
              "kind: output, shape: [3]}",
              "7:7: output WB is written by no einsum"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Architecture, ReadRefuses,
    testing::Values(
        Fault{"unknown_key", "capacity_bits", "capacity",
              "23:19: unknown key 'capacity' of a level; known are name, "},
        Fault{"level_twice", "name: GLB", "name: DRAM",
              "23:14: two levels are named DRAM"},
        Fault{"negative_capacity", "512 KiB", "-1",
              "23:34: capacity_bits is -1; at least 0 is needed"},
        Fault{"negative_capacity_with_unit", "512 KiB", "-1 KiB",
              "23:34: capacity_bits is -8192; at least 0 is needed"},
        Fault{"fractional_bits", "512 KiB", "0.3 B",
              "23:34: capacity_bits: 0.3 B is not a whole number of bits"},
        Fault{"huge_capacity", "512 KiB", "9000000000 GiB",
              "23:34: capacity_bits: 9000000000 GiB exceeds 64 bit"},
        Fault{"rate_text", "0.3", "fast",
              "22:104: read_bits_per_cycle: 'fast' is not a decimal number"},
        Fault{"rate_zero", "0.3", "0",
              "22:104: read_bits_per_cycle is 0; a number > 0 is needed"},
        Fault{"energy_negative", "write_pj_per_bit: 64",
              "write_pj_per_bit: -64",
              "22:63: write_pj_per_bit is -64; it cannot be negative"},
        Fault{"energy_infinite", "write_pj_per_bit: 64",
              "write_pj_per_bit: 1e999",
              "22:63: write_pj_per_bit is a finite number, not"},
        Fault{"energy_twice", "write_pj_per_bit: 64", "read_pj_per_bit: 64",
              "22:40: read_pj_per_access and read_pj_per_bit exclude each"},
        Fault{"access_bits_missing", "access_bits: 8, ", "",
              "22:40: read_pj_per_access needs access_bits"},
        Fault{"flag", "double_buffered: true", "double_buffered: yes",
              "23:88: double_buffered is true or false, not yes"},
        Fault{"role", "holds: [weight, input]", "holds: [weight, bias]",
              "24:34: unknown role 'bias'; known are"},
        Fault{"role_twice", "holds: [weight, input]", "holds: [weight, weight]",
              "24:34: role weight is given twice"},
        Fault{"fanout_size", "size: 4", "size: 0",
              "26:23: size is 0; at least 1 is needed"},
        Fault{"fanout_level", "below: GLB", "below: L2",
              "26:33: there is no level L2"},
        Fault{"clock", "clock_hz: 940000000", "clock_hz: 0",
              "27:55: clock_hz is 0; a number > 0 is needed"},
        Fault{"kind", "kinds: {elementwise", "kinds: {vector",
              "27:74: unknown key 'vector' of kinds"},
        Fault{"op_key", "{ops_per_cycle: null}", "{ops: null}",
              "27:88: unknown key 'ops' of a kind"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Mapping, ReadRefuses,
    testing::Values(
        Fault{"empty", "mapping:\n", "mapping: []\nnone:\n",
              "29:1: unknown key 'none'"},
        Fault{"no_node", "- {for: pb, of: convB, step: 4}", "- {loop: pb}",
              "30:5: a node has one of the keys for, spatial_for, retain"},
        Fault{"two_nodes", "step: 4}", "step: 4, compute: convB}",
              "30:35: unknown key 'compute' of a for"},
        Fault{"step_missing", ", step: 4", "", "30:5: a for has no key 'step'"},
        Fault{"step_zero", "step: 4", "step: 0",
              "30:32: step is 0; at least 1 is needed"},
        Fault{"step_negative", "step: 4", "step: -4",
              "30:32: step is -4; at least 1 is needed"},
        Fault{"unknown_einsum", "of: convB", "of: convC",
              "30:19: there is no einsum convC"},
        Fault{"unknown_rank", "for: pb", "for: pa",
              "30:11: pa is not a rank of einsum convB"},
        Fault{"unknown_level", "at: GLB", "at: L2",
              "31:29: there is no level L2"},
        Fault{"unknown_tensor", "retain: [I, A, B]", "retain: [I, A, C]",
              "31:21: there is no tensor C"},
        Fault{"tensor_twice", "retain: [I, A, B]", "retain: [I, A, A]",
              "31:21: A is named twice by a retain"},
        Fault{"no_reuse", "no_reuse: [A]", "no_reuse: [WA]",
              "31:5: no_reuse names WA, which the retain at GLB does not keep "
              "[no-reuse-retained]"},
        Fault{"unknown_fanout", "over: X", "over: Y",
              "33:85: there is no fan-out dimension Y"},
        Fault{"after_compute", "[{compute: convB}]",
              "[{compute: convB}, {compute: convA}]",
              "34:28: nothing can follow a split or a compute"},
        Fault{"no_end", ", {compute: convA}]", "]",
              "33:41: the last node of a mapping or branch is a split or a"},
        Fault{"branch_type", "- [{compute: convB}]", "- {compute: convB}",
              "34:9: a mapping or branch is a list, not a map"},
        Fault{"illegal", "of: convA, step: 1}, {spatial",
              "of: convB, step: 1}, {spatial",
              "33:16: pa is not a rank of einsum convB"},
        Fault{"loop_head", "{for: pb, of: convB, step: 4}",
              "{for: pa, of: convA, step: 4}",
              "30:5: the loop over pa of convA needs convA as the only head"},
        Fault{"illegal_in_a_branch", "[{compute: convB}]",
              "[{retain: [WB], at: DRAM}, {compute: convB}]",
              "34:10: WB is retained at DRAM below its retain at DRAM"},
        Fault{"level_does_not_hold", "[{compute: convB}]",
              "[{retain: [B], at: RF}, {compute: convB}]",
              "34:10: B is retained at RF, which does not hold it "
              "[level-holds]"}),
    kName);

TEST(ReadCandidate, MissingParts) {
  for (const char *part : {"workload", "architecture", "mapping"}) {
    std::string json = "{\"version\": 1";
    for (const char *other : {"workload", "architecture", "mapping"})
      if (std::string_view(part) != other)
        json += ", \"" + std::string(other) + "\": {}";
    Result<Candidate> candidate = readCandidate(json + "}", "c");
    ASSERT_FALSE(candidate);
    EXPECT_EQ(candidate.error().message,
              "c:1:1: a candidate has no key '" + std::string(part) + "'");
  }
}

TEST(ReadCandidate, NotACandidate) {
  EXPECT_EQ(readCandidate("", "c").error().message, "c:1:1: the text is empty");
  EXPECT_EQ(readCandidate("[]", "c").error().message,
            "c:1:1: a candidate is a map, not a list");
  EXPECT_EQ(readCandidate("null", "c").error().message,
            "c:1:1: a candidate is a map, not null");
  EXPECT_EQ(readCandidate("\n\n[", "c", 7).error().message.substr(0, 4),
            "c:9:");
}

TEST(ReadCandidate, TheFirstLineHasItsNumber) {
  EXPECT_EQ(readCandidate("{\"version\": 3}", "batch.jsonl", 41)
                .error()
                .message.substr(0, 18),
            "batch.jsonl:41:13:");
}

TEST(ReadCandidate, DeepNestingIsAnError) {
  for (size_t depth : {300u, 700u, 100000u})
    for (const char *open : {"[", "{a: ", "- "}) {
      std::string text;
      for (size_t i = 0; i < depth; ++i)
        text += open;
      Result<Candidate> candidate = readCandidate(text, "deep");
      ASSERT_FALSE(candidate);
      EXPECT_THAT(candidate.error().message,
                  HasSubstr("nesting is deeper than 256"));
    }
}

TEST(ReadCandidate, ATextIsUtf8) {
  for (const char *name : {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\xb3"}) {
    Candidate candidate =
        readPair(pairWith("name: small", "name: " + std::string(name)));
    EXPECT_EQ(candidate.arch.name, name);
  }
  // A byte of no sequence, one cut short, one too long, a surrogate, beyond.
  for (const char *name :
       {"\xff", "\xe2\x82", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    Result<Candidate> candidate = readCandidate(
        pairWith("name: small", "name: \xc3\xa9" + std::string(name)), "c");
    ASSERT_FALSE(candidate);
    EXPECT_EQ(candidate.error().message, "c:20:10: the text is not UTF-8");
  }
}

TEST(ReadCandidate, TooManyValuesAreAnError) {
  std::string text = "[";
  for (int i = 0; i < 1'000'000; ++i)
    text += "0,";
  Result<Candidate> candidate = readCandidate(text + "0]", "many");
  ASSERT_FALSE(candidate);
  EXPECT_EQ(candidate.error().message,
            "many:1:2000000: the text has more than 1000000 values");
}

TEST(ReadCandidate, ATooLongTextIsAnError) {
  std::string text((size_t(64) << 20) + 1, ' ');
  Result<Candidate> candidate = readCandidate(text, "long", 3);
  ASSERT_FALSE(candidate);
  EXPECT_EQ(candidate.error().message,
            "long:3:1: the text has more than 64 MiB");
}

TEST(ReadCandidate, ALongChainIsAnError) {
  std::string loop = "  - {for: pb, of: convB, step: 4}\n";
  std::string loops;
  for (int i = 0; i < 20000; ++i)
    loops += loop;
  Result<Candidate> candidate = readCandidate(pairWith(loop, loops), "long");
  ASSERT_FALSE(candidate);
  EXPECT_EQ(candidate.error().message,
            "long:285:5: the mapping is deeper than 256 nodes");
}

TEST(ReadCandidate, EveryTruncationIsAnErrorOrACandidate) {
  // YAML of whole lines can be a candidate; nothing may crash.
  size_t accepted = 0;
  for (size_t length = 0; length < kPair.size(); ++length)
    accepted += bool(readCandidate(kPair.substr(0, length), "cut"));
  EXPECT_LT(accepted, 40u);

  std::string json = writeCandidate(readPair());
  for (size_t length = 0; length < json.size(); ++length)
    EXPECT_FALSE(readCandidate(json.substr(0, length), "cut")) << length;
}

TEST(ReadArch, WithAndWithoutTheKey) {
  Result<Arch> bare = readArch("levels: [{name: DRAM}]", "a");
  Result<Arch> wrapped =
      readArch("version: 1\narchitecture: {levels: [{name: DRAM}]}", "a");
  ASSERT_TRUE(bare) << bare.error().message;
  ASSERT_TRUE(wrapped) << wrapped.error().message;
  EXPECT_EQ(*bare, *wrapped);
  Result<Arch> preset = readArch("architecture: cloud", "a");
  ASSERT_TRUE(preset) << preset.error().message;
  EXPECT_EQ(*preset, *presetArch("cloud"));
}

TEST(ReadArch, Refuses) {
  EXPECT_EQ(readArch("architecture: desk", "a").error().message,
            "a:1:15: there is no preset architecture desk; there are edge, "
            "cloud, eyeriss_like, three_level");
  EXPECT_EQ(readArch("version: 9\nlevels: []", "a").error().message,
            "a:1:10: version 9 is not known; this tool reads version 1");
  EXPECT_EQ(readArch("levels: []", "a").error().message,
            "a:1:1: an architecture has at least one level");
}

TEST(ReadFile, ReadsBytesAndRefusesFolders) {
  std::string path = testing::TempDir() + "looptree-read-file-test";
  std::ofstream(path, std::ios::binary) << std::string("a\0b\n", 4);
  Result<std::string> text = readFile(path);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, std::string("a\0b\n", 4));
  std::remove(path.c_str());

  Result<std::string> missing = readFile(path);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, StartsWith(path + ": cannot open"));
  Result<std::string> folder = readFile(testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("cannot"));
}

} // namespace
