#include "rhosweep/core/text.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::core {

namespace {

/// Returns the number of insertions, deletions, substitutions and swaps of adjacent characters that turn a
/// into b (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({substituted, row[j - 1] + 1, above[j] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, std::move(row));
  }
  return above.back();
}

/// Returns the word in lower case, without leading dashes, and with each remaining - replaced by _.
std::string comparable(std::string_view word) {
  std::string text;
  for (const char c : word.substr(std::min(word.find_first_not_of('-'), word.size())))
    text += c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Returns whether the word has at least three letters and is the beginning of the candidate or one of the
/// candidate's parts between underscores.
bool is_part(const std::string& word, const std::string& candidate) {
  constexpr std::size_t fewest = 3;
  if (word.size() < fewest) return false;
  return candidate.starts_with(word) ||
         fmt::format("_{}_", candidate).find(fmt::format("_{}_", word)) != std::string::npos;
}

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::string wanted = comparable(word);
  std::optional<std::string> best;
  std::size_t least = 0;
  const auto consider = [&](const std::string& candidate, std::size_t distance) {
    if (best && distance >= least) return;
    best = candidate;
    least = distance;
  };
  for (const std::string& candidate : candidates) {
    const std::string known = comparable(candidate);
    const std::size_t distance = edit_distance(wanted, known);
    if (distance <= std::max<std::size_t>(1, std::max(wanted.size(), known.size()) / 3))
      consider(candidate, distance);
  }
  if (best) return best;
  for (const std::string& candidate : candidates)
    if (const std::string known = comparable(candidate); is_part(wanted, known))
      consider(candidate, known.size());
  return best;
}

std::string hint(std::string_view word, std::span<const std::string> candidates) {
  const auto candidate = nearest(word, candidates);
  return candidate ? fmt::format(", did you mean '{}'?", *candidate) : "";
}

std::string not_among(std::string_view word, std::span<const std::string> allowed) {
  return found_allowed(fmt::format("{}{}", word, hint(word, allowed)), either(allowed));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string to_text(double value) {
  return fmt::format("{}", value);
}

bool is_identifier(std::string_view text, Letters letters) {
  const auto is_letter = [letters](char c) {
    return (c >= 'a' && c <= 'z') || (letters == Letters::any && c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && !is_digit(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c); });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::optional<Character> first_character(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return Character{lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return std::nullopt;
  char32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return std::nullopt;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (code < least[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
  return Character{code, bytes};
}

namespace {

/// Whether a terminal or an editor displays the character rather than acting on it.
bool is_shown(char32_t code) {
  if (code == '\n' || code == '\t') return true;
  const bool is_control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool changes_lines_or_direction = (code >= 0x2028 && code <= 0x202E) ||
                                          (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
                                          code == 0x200F;
  return !is_control && !changes_lines_or_direction;
}

/// Returns the text with U+FFFD in place of invalid UTF-8 and of the characters that is_kept() rejects.
template <class IsKept>
std::string replaced(std::string_view text, IsKept&& is_kept) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    if (character && is_kept(character->code))
      kept += text.substr(0, bytes);
    else
      kept += "\uFFFD";
    text.remove_prefix(bytes);
  }
  return kept;
}

}  // namespace

std::string as_utf8(std::string_view text) {
  return replaced(text, [](char32_t) { return true; });
}

std::string printable(std::string_view text) {
  return replaced(text, is_shown);
}

std::string one_line(std::string_view text, std::size_t longest) {
  std::string line(text);
  for (char& c : line)
    if (c >= '\t' && c <= '\r') c = ' ';
  line = printable(line);
  if (line.size() <= longest) return line;
  // Never cuts a character in two: continuation bytes of UTF-8 are 10xxxxxx.
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80) --end;
  return line.substr(0, end) + "...";
}

std::string short_label(std::string_view text) {
  return one_line(text, most_of_label);
}

namespace {

std::string joined(std::span<const std::string> words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace

std::string either(std::span<const std::string> words) {
  return joined(words, " or ");
}

std::string all_of(std::span<const std::string> words) {
  return joined(words, " and ");
}

namespace {

/// Returns the prefix that wrapped lines repeat: leading spaces, or "#" and spaces for a comment.
std::string_view beginning(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ', line.starts_with("# ") ? 1 : 0);
  return line.substr(0, std::min(first, line.size()));
}

std::string wrapped_line(std::string_view line, std::size_t width, std::string_view indent) {
  if (columns(line) <= width) return std::string(line);
  const std::string further = fmt::format("{}{}", beginning(line), indent);
  std::string lines(beginning(line));
  std::size_t used = columns(lines);
  bool has_word = false;
  for (std::size_t at = lines.size(); at < line.size();) {
    const std::size_t begin = std::min(line.find_first_not_of(' ', at), line.size());
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    const std::size_t more = columns(line.substr(at, end - at));
    if (has_word && begin < end && used + more > width) {
      lines += '\n' + further;
      used = columns(further) + more - (begin - at);
      lines += line.substr(begin, end - begin);
    } else {
      lines += line.substr(at, end - at);
      used += more;
    }
    has_word = true;
    at = end;
  }
  return lines;
}

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines += wrapped_line(text.substr(0, end), width, indent);
    if (end == std::string_view::npos) break;
    lines += '\n';
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string beside(std::string_view head, std::string_view text) {
  const std::string indent(columns(head) - columns(beginning(head)) + 2, ' ');
  return wrapped(fmt::format("{}{}", head, text), most_columns, indent);
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string counted_are(std::int64_t count, std::string_view noun) {
  return counted(count, noun) + (count == 1 ? " is" : " are");
}

std::string part_of(std::int64_t part, std::int64_t whole, std::string_view noun) {
  return fmt::format("{} of {}", part, counted(whole, noun));
}

namespace {

std::string csv_field(std::string_view text) {
  std::string valid = as_utf8(text);
  if (valid.find_first_of(",\"\r\n") == std::string::npos) return valid;
  std::string field(1, '"');
  for (const char c : valid) field.append(c == '"' ? 2 : 1, c);
  field.push_back('"');
  return field;
}

}  // namespace

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    line += csv_field(field);
  }
  return line + "\r\n";
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : to_text(value);
}

std::string percent_text(double share) {
  const double percent = 100.0 * share;
  if (std::isnan(percent)) return "-";
  return percent < 99.5 ? fmt::format("{:.2g} %", percent) : fmt::format("{:.0f} %", percent);
}

std::string to_byte_text(double bytes) {
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{:.0f} bytes", bytes);
  std::size_t unit = 0;
  bytes /= 1024;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, bytes < 10 ? 1 : 0, units[unit]);
}

std::string to_duration_text(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  constexpr double longest = 1e15;  // keeps llround() from overflowing
  const auto whole = std::llround(std::min(seconds, longest));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
}

namespace {

std::optional<double> unit_seconds(std::string_view unit) {
  if (unit.empty() || unit == "s") return 1.0;
  if (unit == "m" || unit == "min") return 60.0;
  if (unit == "h") return 3600.0;
  if (unit == "d") return 86400.0;
  return std::nullopt;
}

/// Reads a number at the beginning of the text, and removes the number from the text.
std::optional<double> take_number(std::string_view& text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value >= 0.0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// Reads a time as "D-HH:MM:SS", "D-HH:MM", "HH:MM:SS" or "MM:SS".
std::optional<double> clock_seconds(std::string_view text) {
  double days = 0.0;
  bool with_days = false;
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    const auto number = take_number(text);
    if (!number || !text.starts_with('-')) return std::nullopt;
    text.remove_prefix(1);
    days = *number;
    with_days = true;
  }
  double seconds = 0.0;
  int parts = 0;
  while (true) {
    const auto number = take_number(text);
    if (!number || ++parts > 3) return std::nullopt;
    seconds = 60.0 * seconds + *number;
    if (text.empty()) break;
    if (!text.starts_with(':')) return std::nullopt;
    text.remove_prefix(1);
  }
  if (parts < 2) return std::nullopt;
  if (with_days && parts == 2) seconds *= 60.0;  // D-HH:MM
  return 86400.0 * days + seconds;
}

/// Reads a sum of numbers with units, such as "2 h 30 min".
std::optional<double> unit_sum(std::string_view text) {
  double seconds = 0.0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    text = trim(text);
    const std::size_t end = std::min(text.find_first_of("0123456789. "), text.size());
    const auto unit = unit_seconds(text.substr(0, end));
    if (!unit) return std::nullopt;
    seconds += *number * *unit;
    text = trim(text.substr(end));
  }
  return seconds;
}

}  // namespace

std::optional<double> parse_duration(std::string_view text) {
  text = trim(text);
  const auto seconds = text.find(':') != std::string_view::npos ? clock_seconds(text) : unit_sum(text);
  if (!seconds || !(*seconds > 0.0) || !std::isfinite(*seconds)) return std::nullopt;
  return seconds;
}

}  // namespace rhosweep::core
