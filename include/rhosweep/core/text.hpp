#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::core {

/// Returns the candidate that a user may have meant by a word. This is the nearest candidate by edit distance
/// if the word may be a misspelling of it. Otherwise, it is the shortest candidate that begins with the word
/// or has the word as a part between underscores ("logistic" for "logistic_regression"). Case does not
/// matter, and - counts as _.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// Returns ", did you mean 'x'?" if nearest() finds a candidate x, otherwise an empty text.
std::string hint(std::string_view word, std::span<const std::string> candidates);

/// Returns the complaint about a word that is not allowed: "found WORD, did you mean 'x'?; allowed: x, y or
/// z".
std::string not_among(std::string_view word, std::span<const std::string> allowed);

/// Reads an integer in decimal digits with an optional minus sign. Returns nullopt if the integer does not
/// fit into 64 bits, or if the text contains anything else, such as a plus sign, spaces, an exponent or 0x.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Reads a finite decimal number, such as 2, 0.5 or 1e-3. Returns nullopt if the text contains anything else,
/// such as a plus sign, spaces or 0x.
std::optional<double> parse_number(std::string_view text);

/// Formats a number as the shortest decimal text that reads back as the same number.
std::string to_text(double value);

/// Removes white space at both ends.
std::string_view trim(std::string_view text);

/// Which letters an identifier may have.
enum class Letters { any, lower };
/// Returns whether a text is an identifier: ASCII letters, digits and _, without a digit at the beginning.
bool is_identifier(std::string_view text, Letters letters = Letters::any);

/// A character of a text in UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};
/// Returns the UTF-8 character at the start of a text (RFC 3629); nullopt if there is no valid one.
std::optional<Character> first_character(std::string_view text);

/// Returns the text with U+FFFD in place of invalid UTF-8. File names may hold any bytes; HDF5 strings, TOML,
/// JSON and CSV may not.
std::string as_utf8(std::string_view text);

/// Makes a text safe for a terminal. Control characters except line feeds and tabs, characters that break
/// lines or change the writing direction, and invalid UTF-8 become U+FFFD. Names, titles and messages in
/// files may come from anyone.
std::string printable(std::string_view text);

/// Returns the printable text on one line: white space becomes spaces, and a text longer than `longest` bytes
/// is cut and ends in "...".
std::string one_line(std::string_view text, std::size_t longest = std::string_view::npos);

/// Maximum number of bytes shown of a text that users choose, such as a title or the value of an axis.
inline constexpr std::size_t most_of_label = 200;
/// Returns one_line() with at most most_of_label bytes.
std::string short_label(std::string_view text);

/// Joins words: "a, b or c".
std::string either(std::span<const std::string> words);
/// Joins words: "a, b and c".
std::string all_of(std::span<const std::string> words);

/// Maximum number of columns of a line that people read.
inline constexpr std::size_t most_columns = 80;

/// Returns the number of columns of a text on a terminal: one for each UTF-8 character.
std::size_t columns(std::string_view text);

/// Breaks lines longer than `width` columns between words. A longer word, such as a path, stays whole. Each
/// continuation line repeats the leading spaces or "# " of its line, followed by `indent`.
std::string wrapped(std::string_view text, std::size_t width = most_columns, std::string_view indent = "");

/// Returns `head` with `text` on its right, in lines of at most most_columns. Continuation lines are indented
/// by two columns more than the first line's text.
std::string beside(std::string_view head, std::string_view text);

/// Formats a number with its noun: "1 cell", "2 cells".
std::string counted(std::int64_t count, std::string_view noun);
/// Formats a number with its noun and verb: "1 cell is", "2 cells are".
std::string counted_are(std::int64_t count, std::string_view noun);
/// Formats a part with the whole and its noun: "0 of 1 cell", "1 of 2 cells".
std::string part_of(std::int64_t part, std::int64_t whole, std::string_view noun);

/// Returns a line of a CSV file (RFC 4180). Fields with a comma, a quote or a line break are quoted; invalid
/// UTF-8 becomes U+FFFD.
std::string csv_line(std::span<const std::string> fields);
/// Returns a number as a CSV field: the shortest text that reads back as the same number; empty for NaN.
std::string csv_number(double value);

/// Formats a share as "0.13 %", "45 %" or "1234 %": two significant digits below 100 %, whole percents above;
/// "-" for NaN.
std::string percent_text(double share);

/// Formats a size in bytes: "1.5 GiB", "12 KiB", "7 bytes".
std::string to_byte_text(double bytes);

/// Formats a duration: "41 ms", "3.2 s", "2 min 5 s", "1 h 3 min", "2 d 4 h".
std::string to_duration_text(double seconds);

/// Reads a duration in seconds: "90", "1.5h", "2 h 30 min", or Slurm's "MM:SS", "HH:MM:SS", "D-HH:MM" or
/// "D-HH:MM:SS". Returns nullopt if the text is not a duration, or if the duration is not positive and
/// finite.
std::optional<double> parse_duration(std::string_view text);

}  // namespace rhosweep::core
