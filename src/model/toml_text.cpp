#include "toml_text.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

/// Follows the strings and comments of a text. toml++ takes a branch for unreachable if it looks for white
/// space and meets a letter such as "é", so such a letter must not stand where toml++ looks for white space.
class TomlScan {
 public:
  TomlScan(std::string_view text, std::shared_ptr<const Source> source)
      : text_(text), source_(std::move(source)) {}

  std::string run() {
    if (text_.starts_with("\uFEFF")) copy_to(std::string_view("\uFEFF").size());
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (begins_string()) {
        copy_string(c);
      } else if (c == '#') {
        copy_to(text_.find('\n', at_));
      } else {
        if (const auto letter = foreign_letter(at_))
          refuse_here(*letter, "ASCII characters, or others in quotes or a comment");
        count_parts(c);
        copy_to(at_ + 1);
      }
    }
    return std::move(result_);
  }

 private:
  /// Whether a string begins here. A quote right behind a number or a name begins none: toml++ reads on up to
  /// the next white space before it complains.
  bool begins_string() const {
    if (text_[at_] != '"' && text_[at_] != '\'') return false;
    return result_.empty() || result_.ends_with("\uFEFF") ||
           std::string_view(" \t\r\n=,[{.").find(result_.back()) != std::string_view::npos;
  }

  void copy_to(std::size_t end) {
    end = std::min(end, text_.size());
    result_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  /// Returns the character at a position if it is valid UTF-8 but not ASCII. toml++ reports invalid UTF-8.
  std::optional<core::Character> foreign_letter(std::size_t position) const {
    const auto character = core::first_character(text_.substr(position));
    return character && character->bytes > 1 ? character : std::nullopt;
  }

  /// Copies a string that starts here; up to the end of its line or of the text if it does not end.
  void copy_string(char quote) {
    const std::string triple(3, quote);
    const bool is_long = text_.substr(at_, 3) == triple;
    copy_to(at_ + (is_long ? 3 : 1));
    while (at_ < text_.size()) {
      if (quote == '"' && text_[at_] == '\\') {
        is_long ? copy_long_escape() : copy_to(at_ + 2);
      } else if (is_long && text_.substr(at_, 3) == triple) {
        // In front of the three closing quotes, up to two quotes may belong to the string.
        copy_to(at_ + 3);
        for (int more = 0; more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) copy_to(at_ + 1);
        return;
      } else if (!is_long && (text_[at_] == quote || text_[at_] == '\n')) {
        copy_to(at_ + 1);
        return;
      } else {
        copy_to(at_ + 1);
      }
    }
  }

  /// Copies what a backslash in a string of several lines begins: an escape, or the end of a line with the
  /// white space after it.
  void copy_long_escape() {
    const std::size_t next = std::min(text_.find_first_not_of(" \t\r\n", at_ + 1), text_.size());
    const auto letter = next < text_.size() ? foreign_letter(next) : std::nullopt;
    if (!letter) return copy_to(at_ + 2);
    const bool ends_line = text_.substr(at_, next - at_).find('\n') != std::string_view::npos;
    copy_to(next);
    if (!ends_line) refuse_here(*letter, "after a backslash: the end of the line, or an escape of TOML");
    result_ += fmt::format("\\U{:08X}", static_cast<unsigned>(letter->code));
    at_ += letter->bytes;
  }

  [[noreturn]] void refuse_here(const core::Character& letter, std::string_view allowed) const {
    std::string where = place().text();
    if (source_->has_lines) where += fmt::format(":{}", place().column);
    const std::string shown = core::printable(text_.substr(at_, letter.bytes));
    core::refuse(where, fmt::format("{} (U+{:04X})", shown, static_cast<unsigned>(letter.code)), allowed);
  }

  Location place() const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') + 1;  // 0 in the first line
    return {source_, line, static_cast<std::int64_t>(core::columns(before.substr(start))) + 1};
  }

  /// Throws if a dotted key has too many parts. Each part nests a table, and toml++ does not limit this kind
  /// of nesting.
  void count_parts(char c) {
    constexpr int most_dots = 31;
    if (c == '.' && ++dots_ > most_dots)
      core::refuse(place().text(), fmt::format("a dotted key of more than {} parts", most_dots + 1),
                   "SECTION.KEY");
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) dots_ = 0;
  }

  std::string_view text_;
  std::shared_ptr<const Source> source_;
  std::size_t at_ = 0;
  int dots_ = 0;
  std::string result_;
};

}  // namespace

std::string safe_toml(std::string_view text, std::shared_ptr<const Source> source) {
  return TomlScan(text, std::move(source)).run();
}

}  // namespace rhosweep::model
