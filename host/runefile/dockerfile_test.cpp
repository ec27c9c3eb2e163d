// The line dialect: words, options, comments, continuations, and its mistakes.
#include <gtest/gtest.h>

#include "host/runefile/syntax_internal.h"

namespace rune::runefile {
namespace {

struct Parsed {
  Runefile runefile;
  Diagnostics findings;
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  parsed.runefile = parse_dockerfile(text, "Runefile", parsed.findings);
  return parsed;
}

// The findings about one instruction after a right FROM.
std::string findings_about(const std::string& line) {
  return parse("FROM runicos/base\n" + line + "\n").findings.text();
}

WrittenStage stage_of(const std::string& line) {
  const Parsed parsed = parse("FROM runicos/base\n" + line + "\n");
  EXPECT_TRUE(parsed.findings.empty()) << parsed.findings.text();
  return parsed.runefile.stages.empty() ? WrittenStage{} : parsed.runefile.stages.front();
}

TEST(Dockerfile, OptionsInEveryForm) {
  const WrittenStage stage =
      stage_of(R"(PROC_BLOCK a/b#c name --one 1 --two=2 -n 3 --list=a,b --quoted "x y, z","w" --minus -4.5)");
  ASSERT_EQ(stage.arguments.size(), 6u);
  EXPECT_EQ(stage.subject, "a/b#c");
  EXPECT_EQ(stage.arguments[0].name, "one");
  EXPECT_EQ(stage.arguments[1].items[0], "2");
  EXPECT_EQ(stage.arguments[2].name, "n");
  EXPECT_EQ(stage.arguments[3].items, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(stage.arguments[4].items, (std::vector<std::string>{"x y, z", "w"}));
  EXPECT_EQ(stage.arguments[5].items[0], "-4.5");
}

TEST(Dockerfile, CommentsContinuationsAndLineNumbers) {
  const Parsed parsed = parse(
      "# head\n\nFROM runicos/base # base\r\nCAPABILITY SOUND audio \\\n  --hz 8000 # rate\nRUN audio\n\tOUT "
      "serial\n");
  EXPECT_TRUE(parsed.findings.empty()) << parsed.findings.text();
  ASSERT_EQ(parsed.runefile.stages.size(), 2u);
  EXPECT_EQ(parsed.runefile.base_where.line, 3);
  EXPECT_EQ(parsed.runefile.stages[0].where.line, 4);
  EXPECT_EQ(parsed.runefile.stages[0].arguments[0].items[0], "8000");
  EXPECT_EQ(parsed.runefile.stages[1].where.line, 7);
  EXPECT_EQ(parsed.runefile.stages[1].name, "serial");
}

TEST(Dockerfile, ModelTypes) {
  const WrittenStage stage = stage_of("MODEL m.tflite m --input [1, 2],f32[3] --output i8[1,_],7");
  ASSERT_EQ(stage.inputs.size(), 2u);
  EXPECT_EQ(*stage.inputs[0].dims, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(stage.inputs[1].element, ElementType::kF32);
  ASSERT_EQ(stage.outputs.size(), 2u);
  EXPECT_EQ(*stage.outputs[0].dims, (std::vector<uint32_t>{1, 0}));
  EXPECT_EQ(stage.outputs[1].element_count, 7u);
}

TEST(Dockerfile, BothWordOrders) {
  EXPECT_EQ(stage_of("CAPABILITY sound audio").name, "audio");
  EXPECT_EQ(stage_of("CAPABILITY<_> audio SOUND").name, "audio");
  EXPECT_EQ(stage_of("CAPABILITY audio SOUND").name, "SOUND");  // both words are kinds: the first is meant
  EXPECT_EQ(stage_of("CAPABILITY ear SOUND").name, "ear");
  EXPECT_EQ(stage_of("PROC_BLOCK runicos/fft fft").name, "fft");
  EXPECT_EQ(stage_of("PROC_BLOCK fft runicos/fft").name, "fft");
  EXPECT_EQ(stage_of("MODEL net ./net.tflite").subject, "./net.tflite");
}

TEST(Dockerfile, EachMistakeIsOneFinding) {
  const std::pair<const char*, const char*> cases[] = {
      {"FROM runicos/base", "Runefile:2: a second FROM; try one FROM, as the first line\n"},
      {"FROM", "Runefile:2: FROM takes one base; try FROM runicos/base\n"},
      {"RUN", "Runefile:2: RUN takes names of stages and nothing else; try RUN audio fft model\n"},
      {"RUN a --b c", "Runefile:2: RUN takes names of stages and nothing else; try RUN audio fft model\n"},
      {"RUN a 1b",
       "Runefile:2: \"1b\" is not the name of a stage; try name, or name.1 for its second output\n"},
      {"RUN a b.x",
       "Runefile:2: \"b.x\" is not the name of a stage; try name, or name.1 for its second output\n"},
      {"OUT", "Runefile:2: OUT takes the kind of an output; try OUT serial\n"},
      {"CAPABILITY SOUND",
       "Runefile:2: CAPABILITY takes two words, here are 1; try CAPABILITY SOUND audio --hz 16000\n"},
      {"CAPABILITY SOUND a b",
       "Runefile:2: CAPABILITY takes two words, here are 3; try CAPABILITY SOUND audio --hz 16000\n"},
      {"CAPABILITY SOUND audio --hz", "Runefile:2: --hz has no value; try --hz VALUE\n"},
      {"CAPABILITY<x9> audio SOUND",
       "Runefile:2: \"x9\" is not a type; try a type such as i16[1, 16000], f32 or _\n"},
      {"PROC_BLOCK<f32> fft runicos/fft",
       "Runefile:2: PROC_BLOCK takes an input and an output type between < and >; try PROC_BLOCK<_, f32[1, "
       "4]>\n"},
      {"MODEL m.tflite m --input [0]",
       "Runefile:2: \"[0]\" is not a shape; try --input [1,4], or a number of elements\n"},
      {"MODEL m.tflite m --input [1",
       "Runefile:2: brackets do not match; try as many closing brackets as opening ones\n"},
      {"RUN \"a", "Runefile:2: a quote is not closed; try another quote at its end\n"},
      {"MODEL m.tflite a.b",
       "Runefile:2: \"a.b\" cannot name a stage; try a letter, then letters, digits, _ or -, at most 31 in "
       "all\n"},
      {"MODLE m.tflite m", "Runefile:2: unknown instruction \"MODLE\"; try MODEL\n"},
  };
  for (const auto& [line, expected] : cases) EXPECT_EQ(findings_about(line), expected) << line;
}

TEST(Dockerfile, FromComesFirst) {
  EXPECT_EQ(parse("OUT serial\n").findings.text(),
            "Runefile:1: no FROM; try FROM runicos/base as the first line\n");
  EXPECT_EQ(parse("OUT serial\nFROM runicos/base\n").findings.text(),
            "Runefile:2: FROM is not the first instruction; try moving it to the first line\n");
}

TEST(Syntax, Types) {
  EXPECT_FALSE(parse_type(""));
  EXPECT_FALSE(parse_type("f33"));
  EXPECT_FALSE(parse_type("[1,,2]"));
  EXPECT_FALSE(parse_type("[1,2,3,4,5,6,7]"));
  EXPECT_FALSE(parse_type("0"));
  EXPECT_EQ(parse_type(" F32 [ 1 , _ ] ")->dims->size(), 2u);
  EXPECT_TRUE(parse_type("_"));
  EXPECT_EQ(parse_type("i8[]")->dims->size(), 0u);
}

TEST(Syntax, DialectsAreToldApart) {
  EXPECT_TRUE(looks_like_yaml("# x\nversion: 1\n"));
  EXPECT_TRUE(looks_like_yaml("---\n"));
  EXPECT_TRUE(looks_like_yaml("image: a\n"));
  EXPECT_FALSE(looks_like_yaml("FROM runicos/base\n"));
  EXPECT_FALSE(looks_like_yaml("CAPABILITY<f32> a RAW\n"));
  EXPECT_FALSE(looks_like_yaml(""));
}

}  // namespace
}  // namespace rune::runefile
