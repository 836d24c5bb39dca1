#include "lines.hpp"

#include "rhosweep/core/error.hpp"

namespace rhosweep::program {

namespace {

Report::Start start_after(char line_end) {
  return line_end == '\r' ? Report::Start::redrawn : Report::Start::fresh;
}

}  // namespace

// A program may print hundreds of megabytes. One search for the next brace skips all lines without a brace.
void Lines::take(const TakeLine& take_line) {
  constexpr std::size_t longest = std::size_t{1} << 20;
  constexpr std::string_view line_ends = "\r\n";
  has_begun_ = has_begun();
  const std::string_view all(text_);
  const std::size_t last = all.find_last_of(line_ends);
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1;  // size of the complete lines
  std::size_t passed = 0;
  for (std::size_t brace = 0; (brace = all.substr(0, size).find('{', passed)) != std::string_view::npos;) {
    const std::size_t before = all.substr(0, brace).find_last_of(line_ends);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = all.find_first_of(line_ends, brace);
    take_line(all.substr(begin, end - begin), begin == 0 ? start_ : start_after(all[begin - 1]));
    passed = end + 1;
  }
  if (size > 0) start_ = start_after(all[last]);
  text_.erase(0, size);
  seen_ = text_.size();
  if (text_.size() > longest) throw core::Error("a line of more than 1 MiB");
}

void Lines::discard() {
  has_begun_ = has_begun();
  text_.clear();
  seen_ = 0;
}

void Lines::take_rest(const TakeLine& take_line) {
  if (!text_.empty()) take_line(text_, start_);
  discard();
}

}  // namespace rhosweep::program
