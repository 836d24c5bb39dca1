#pragma once

#include "rhosweep/program/report.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace rhosweep::program {

/// Receives a line, which holds a brace unless it is the last one, without its end.
using TakeLine = std::function<void(std::string_view line, Report::Start start)>;

/// The text of one stream of a program, which is taken line by line.
class Lines {
 public:
  /// The text that has not been taken; new text is appended here.
  std::string& text() { return text_; }
  /// Returns the text that was appended since the last take().
  std::string_view fresh() const { return std::string_view(text_).substr(seen_); }
  /// Whether anything has come.
  bool has_begun() const { return has_begun_ || !text_.empty(); }

  /// Takes all complete lines that hold a brace, as every report does. Throws core::Error for a line of more
  /// than 1 MiB.
  void take(const TakeLine& take_line);
  /// Discards all text.
  void discard();
  /// Takes a last line that lacks its end.
  void take_rest(const TakeLine& take_line);

 private:
  std::string text_;
  Report::Start start_ = Report::Start::fresh;  ///< of the first line in text_
  std::size_t seen_ = 0;                        ///< size of text_ after the last take()
  bool has_begun_ = false;
};

}  // namespace rhosweep::program
