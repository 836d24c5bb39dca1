#include "model/support/sweep_text.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::model;

TEST_CASE("letters that are not ASCII belong into quotes and comments") {
  const std::string quoted = "; allowed: ASCII characters, or others in quotes or a comment";
  CHECK(error_of("a = 1\u00e9") == "runs/sweep.toml:1:6: found \u00e9 (U+00E9)" + quoted);
  // U+00A0 is the blank that text processors put where no line may break.
  CHECK(error_of("# \u03c1\nb = '\u03c1'\u00a0# \u03c1") ==
        "runs/sweep.toml:2:8: found \u00a0 (U+00A0)" + quoted);
  CHECK(error_of("a = 1'\u03c1'") == "runs/sweep.toml:1:7: found \u03c1 (U+03C1)" + quoted);
  CHECK(error_of("", {"sgd.steps=\u0663"}) == "--set sgd.steps=\u0663: found \u0663 (U+0663)" + quoted);
}

TEST_CASE("a backslash and a letter that is not ASCII are no escape") {
  const std::string escape = "; allowed: after a backslash: the end of the line, or an escape of TOML";
  CHECK(error_of("a = \"\"\"\n\\\u00e9\"\"\"") == "runs/sweep.toml:2:2: found \u00e9 (U+00E9)" + escape);
  CHECK(error_of("a = \"\"\"\\ \u00e9\"\"\"") == "runs/sweep.toml:1:10: found \u00e9 (U+00E9)" + escape);
  CHECK_THAT(error_of("a = \"\\\u00e9\""), Catch::StartsWith("runs/sweep.toml:1:7: "));
}

TEST_CASE("a text in quotes may be broken into lines before any letter") {
  const auto title = [](const std::string& value) {
    return parse_sweep("title = " + value + "\n" + std::string(SweepText{})).title();
  };
  CHECK(title("\"\"\"\nrun \\\n  \u00fcber \\  \n\n\t\u03c1\u03b7, \\\r\n\U0001F600\"\"\"") ==
        "run \u00fcber \u03c1\u03b7, \U0001F600");
  CHECK(title("\"\"\"\\\\\n\u00e9 \\u00e9\"\"\"") == "\\\n\u00e9 \u00e9");
  CHECK(title("'''\\\n\u00e9'''") == "\\\n\u00e9");
}

TEST_CASE("a sweep file may begin with a byte order mark") {
  CHECK(parse_sweep("\uFEFFtitle = 'marked'\n" + std::string(SweepText{})).title() == "marked");
}
