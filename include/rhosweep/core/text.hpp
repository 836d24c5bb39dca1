#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::core {

/// The candidate nearest to a word by edit distance, if one is near enough to be a likely misspelling.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// ", did you mean 'x'?" if one of the candidates is near, else nothing.
std::string hint(std::string_view word, std::span<const std::string> candidates);

/// The shortest decimal text that reads back as the same number.
std::string to_text(double value);

/// The text without white space at its ends.
std::string_view trim(std::string_view text);

/// The text as a terminal may get it: what could act on the terminal instead of being shown (control
/// characters but line feeds and tabs, also those that change the direction of writing) and what is no UTF-8
/// becomes U+FFFD. Names, titles and messages in files come from anyone.
std::string printable(std::string_view text);

/// The printable text on one line: white space becomes spaces, and what is longer than `longest` bytes
/// ends in "...".
std::string one_line(std::string_view text, std::size_t longest = std::string_view::npos);

/// "a, b or c".
std::string either(std::span<const std::string> words);

/// The text with every line broken between words where it would be longer than `width` bytes.
std::string wrapped(std::string_view text, std::size_t width);

/// "1 cell", "2 cells".
std::string counted(std::int64_t count, std::string_view noun);

/// "1.5 GiB", "12 KiB", "7 bytes".
std::string to_byte_text(double bytes);

/// "41 ms", "3.2 s", "2 min 5 s", "1 h 3 min", "2 d 4 h".
std::string to_duration_text(double seconds);

/// Reads a time span in seconds: "90", "1.5h", "2 h 30 min", or Slurm's "MM:SS", "HH:MM:SS", "D-HH:MM" or
/// "D-HH:MM:SS". Nothing if it is none, or not positive and finite.
std::optional<double> parse_duration(std::string_view text);

}  // namespace rhosweep::core
