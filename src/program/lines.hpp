#pragma once

#include "rhosweep/program/report.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace rhosweep::program {

/// Receives a line without its line end. The line contains a brace, unless it is the last line.
using TakeLine = std::function<void(std::string_view line, Report::Start start)>;

/// Splits the text of one stream of a program into lines.
class Lines {
 public:
  /// The text that has not been taken; append new text to it.
  std::string& text() { return text_; }
  /// Returns the text that was appended since the last take().
  std::string_view fresh() const { return std::string_view(text_).substr(seen_); }
  /// Whether the stream has had any text.
  bool has_begun() const { return has_begun_ || !text_.empty(); }

  /// Takes all complete lines that contain a brace, as every report does. Throws core::Error for a line of
  /// more than 1 MiB.
  void take(const TakeLine& take_line);
  /// Discards all text.
  void discard();
  /// Takes the last line if it lacks a line end.
  void take_rest(const TakeLine& take_line);

 private:
  std::string text_;
  Report::Start start_ = Report::Start::fresh;  ///< start of the first line in text_
  std::size_t seen_ = 0;                        ///< size of text_ after the last take()
  bool has_begun_ = false;
};

}  // namespace rhosweep::program
