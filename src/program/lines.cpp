#include "lines.hpp"

#include "rhosweep/core/error.hpp"

namespace rhosweep::program {

void Lines::take(const TakeLine& take_line) {
  constexpr std::size_t longest = std::size_t{1} << 20;
  has_begun_ = has_begun();
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text_.find_first_of("\r\n", begin)) != std::string::npos;
       begin = end + 1) {
    take_line(std::string_view(text_).substr(begin, end - begin), start_);
    start_ = text_[end] == '\r' ? Report::Start::redrawn : Report::Start::fresh;
  }
  text_.erase(0, begin);
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
