#include "rhosweep/core/text.hpp"

#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::core;

TEST_CASE("a misspelt word finds the nearest candidate, a foreign one finds none") {
  const std::vector<std::string> keys{"momentum", "steps", "batch_size"};
  CHECK(nearest("momentun", keys) == "momentum");
  CHECK(nearest("step", keys) == "steps");
  CHECK(nearest("batchsize", keys) == "batch_size");
  const std::vector<std::string> sections{"grid", "sgd", "axes"};
  CHECK(nearest("sdg", sections) == "sgd");
  CHECK(nearest("Momentum", keys) == "momentum");
  CHECK(nearest("batch-size", keys) == "batch_size");
  CHECK(nearest("batch", keys) == "batch_size");  // the beginning of a key
  CHECK(nearest("size", keys) == "batch_size");   // a part of a key
  CHECK_FALSE(nearest("colour", keys).has_value());
  CHECK_FALSE(nearest("x", {}).has_value());
  CHECK(hint("step", keys) == ", did you mean 'steps'?");
  CHECK(hint("colour", keys) == "");
}

TEST_CASE("a word that is not allowed is refused with the nearest one that is") {
  const std::vector<std::string> words{"auto", "bar", "log"};
  CHECK(not_among("ba", words) == "found ba, did you mean 'bar'?; allowed: auto, bar or log");
  CHECK(not_among("none", words) == "found none; allowed: auto, bar or log");
}

TEST_CASE("numbers of the command line are decimal digits and nothing else") {
  CHECK(parse_integer("10") == 10);
  CHECK(parse_integer("010") == 10);  // not octal
  CHECK(parse_integer("-3") == -3);
  for (const char* text : {"", "0x10", "1e1", "1_0", "+5", " 5", "5 ", "5.0", "9223372036854775808"})
    CHECK_FALSE(parse_integer(text).has_value());
  CHECK(parse_number("0.5") == 0.5);
  CHECK(parse_number("1e-3") == 1e-3);
  for (const char* text : {"", "0x1p3", "1_0", "+5", " 5", "5 ", "1,5", "inf", "nan", "1e999"})
    CHECK_FALSE(parse_number(text).has_value());
}

TEST_CASE("numbers are written as short as they read back") {
  CHECK(to_text(0.1) == "0.1");
  CHECK(to_text(100.0) == "100");
  CHECK(std::stod(to_text(1.0 / 3.0)) == 1.0 / 3.0);
}

TEST_CASE("an identifier has letters, digits and _, and no digit first") {
  for (const char* text : {"a", "_", "learning_rate", "f1", "A1", "_2"}) CHECK(is_identifier(text));
  for (const char* text : {"", "1", "2x", "a-b", "a b", "a.b", "\u00e9"}) CHECK_FALSE(is_identifier(text));
  CHECK(is_identifier("f1", Letters::lower));
  CHECK_FALSE(is_identifier("F1", Letters::lower));
}

TEST_CASE("a text for a message stays on one line and may be cut between characters") {
  CHECK(one_line("a\nb\tc") == "a b c");
  CHECK(one_line("abcdef", 6) == "abcdef");
  CHECK(one_line("abcdef", 4) == "abcd...");
  CHECK(one_line("ab\u00e9f", 3) == "ab...");  // é takes two bytes: 3 would split it
}

TEST_CASE("long labels are shown by their beginning") {
  CHECK(short_label("cnn\n") == "cnn ");
  CHECK(short_label(std::string(200, 'x')) == std::string(200, 'x'));
  CHECK(short_label(std::string(100'000, 'x')) == std::string(200, 'x') + "...");
}

TEST_CASE("bytes that are no UTF-8 are replaced, one by one, and nothing else is") {
  CHECK(as_utf8("a\x1b\r\u202E\u00e9\U0001F600") == "a\x1b\r\u202E\u00e9\U0001F600");
  CHECK(as_utf8("caf\xe9") == "caf\uFFFD");
  CHECK(as_utf8("\xe2\x82") == "\uFFFD\uFFFD");            // the euro sign, cut
  CHECK(as_utf8("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
  CHECK(csv_line(std::vector<std::string>{"caf\xe9", "\xff,"}) == "caf\uFFFD,\"\uFFFD,\"\r\n");
}

TEST_CASE("the first character of a text is its first code point") {
  CHECK(first_character("a\u00e9")->code == 'a');
  const auto euro = first_character("\u20ac!");
  REQUIRE(euro.has_value());
  CHECK((euro->code == 0x20AC && euro->bytes == 3));
  CHECK(!first_character(""));
  CHECK(!first_character("\xe2\x82"));  // the euro sign, cut
}

TEST_CASE("nothing in a printable text acts on a terminal") {
  CHECK(printable("a\n\tb \u00e9 \u03c1 \U0001F600") == "a\n\tb \u00e9 \u03c1 \U0001F600");
  CHECK(printable("\x1b[31mred") == "\uFFFD[31mred");
  CHECK(printable("a\rb\x7f") == "a\uFFFDb\uFFFD");
  CHECK(printable("a\u009b31m") == "a\uFFFD31m");      // C1: the short form of ESC [
  CHECK(printable("abc\u202Etxt") == "abc\uFFFDtxt");  // U+202E switches to right-to-left
  CHECK(printable("a\u2028b") == "a\uFFFDb");          // line separator
  CHECK(printable(std::string("a\0b", 3)) == "a\uFFFDb");
}

TEST_CASE("what is no UTF-8 is shown as such, byte by byte") {
  CHECK(printable("caf\xe9") == "caf\uFFFD");                          // Latin-1
  CHECK(printable("\xc3") == "\uFFFD");                                // incomplete sequence
  CHECK(printable("\xc0\xaf") == "\uFFFD\uFFFD");                      // overlong, RFC 3629
  CHECK(printable("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
  CHECK(one_line("50%\r100%") == "50% 100%");
}

TEST_CASE("texts for people") {
  const std::vector<std::string> words{"a", "b", "c"};
  CHECK(either(words) == "a, b or c");
  CHECK(wrapped("ab cd ef", 5) == "ab cd\nef");
  CHECK(wrapped("ab cd ef", 4) == "ab\ncd\nef");
  CHECK(wrapped("a\nbc de\n", 5) == "a\nbc de\n");
  CHECK(wrapped("longer than that", 4) == "longer\nthan\nthat");
  CHECK(trim("  x y\t\n") == "x y");
  CHECK(trim(" \t") == "");
  CHECK(counted(0, "cell") == "0 cells");
  CHECK(counted(1, "cell") == "1 cell");
  CHECK(counted_are(1, "cell") == "1 cell is");
  CHECK(counted_are(2, "cell") == "2 cells are");
  CHECK(part_of(0, 1, "cell") == "0 of 1 cell");
  CHECK(part_of(1, 2, "cell") == "1 of 2 cells");
  CHECK(to_byte_text(12) == "12 bytes");
  CHECK(to_byte_text(1536) == "1.5 KiB");
  CHECK(to_byte_text(3.0 * 1024 * 1024 * 1024) == "3.0 GiB");
  CHECK(to_duration_text(0.0412) == "41 ms");
  CHECK(to_duration_text(125) == "2 min 5 s");
  CHECK(to_duration_text(3780) == "1 h 3 min");
  CHECK(to_duration_text(1e30) == "11574074074 d 1 h");  // clamped to 10^15 s without overflow
}

TEST_CASE("a broken line goes on with its own indentation, and a path stays whole") {
  CHECK(wrapped("ab cd ef", 6, "  ") == "ab cd\n  ef");
  CHECK(wrapped("  ab cd ef", 7, "  ") == "  ab cd\n    ef");
  CHECK(wrapped("# ab cd ef", 7, " ") == "# ab cd\n#  ef");
  CHECK(wrapped("a /folder/file b", 6) == "a\n/folder/file\nb");
  CHECK(wrapped("a  b   c", 4) == "a  b\nc");
  CHECK(wrapped("ab  ", 3) == "ab  ");
  CHECK(beside("  a: ", "b c") == "  a: b c");
  const std::string half(38, 'x');
  CHECK(beside("  a: ", half + ' ' + half) == "  a: " + half + "\n       " + half);
}

TEST_CASE("a character takes one column, however many bytes it has") {
  CHECK(columns("d\u00e9j\u00e0 \u03c1") == 6);
  CHECK(wrapped("\u00e9\u00e9 \u00e9\u00e9", 5) == "\u00e9\u00e9 \u00e9\u00e9");
  CHECK(wrapped("\u00e9\u00e9 \u00e9\u00e9", 4) == "\u00e9\u00e9\n\u00e9\u00e9");
}

TEST_CASE("a line of CSV is as RFC 4180 has it") {
  CHECK(csv_line(std::vector<std::string>{"a", "", "b c"}) == "a,,b c\r\n");
  CHECK(csv_line(std::vector<std::string>{"a,b", "say \"a\"", "a\nb"}) ==
        "\"a,b\",\"say \"\"a\"\"\",\"a\nb\"\r\n");
  CHECK(csv_number(0.1) == "0.1");
  CHECK(csv_number(std::numeric_limits<double>::quiet_NaN()) == "");
  CHECK(csv_number(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("a time span is read as people and Slurm write it") {
  CHECK(parse_duration("90") == 90.0);
  CHECK(parse_duration("0.5 s") == 0.5);
  CHECK(parse_duration("1.5h") == 5400.0);
  CHECK(parse_duration("2h30min") == 9000.0);
  CHECK(parse_duration(" 2 h 30 m 5 ") == 9005.0);
  CHECK(parse_duration("1d") == 86400.0);
  CHECK(parse_duration("02:30") == 150.0);
  CHECK(parse_duration("1:00:05") == 3605.0);
  CHECK(parse_duration("1-12:00") == 36 * 3600.0);
  CHECK(parse_duration("2-01:00:00") == 2 * 86400.0 + 3600.0);
  for (const char* wrong :
       {"", "x", "-5", "0", "5 weeks", "1:2:3:4", "1:", ":30", "1-2", "1-", "nan", "inf", "5 s x", "1e999"})
    CHECK_FALSE(parse_duration(wrong).has_value());
}
