#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/iostreams/filtering_streambuf.hpp>

namespace rhosweep::data {

/// Reads the lines of a text file. Only one piece of the file is in memory at a time. Files whose names end
/// in .gz, .bz2 or .xz are decompressed. A byte-order mark is skipped.
class TextLines {
 public:
  /// Throws core::InputError "FILE: the system's reason" if the file cannot be opened.
  explicit TextLines(const std::filesystem::path& file);

  /// Returns the next line without LF or CRLF, valid until the next call; nullopt after the last line.
  /// Throws core::InputError if the file cannot be read or decompressed to its end, or if a line is longer
  /// than `longest`.
  std::optional<std::string_view> next();

  /// Returns the number of the line that next() returned last, counted from 1.
  std::int64_t number() const { return number_; }

  static constexpr std::size_t longest = std::size_t{1} << 30;

 private:
  /// Reads the next piece of the file. @return false at the end of the file
  bool read_piece();

  std::filesystem::path file_;
  std::ifstream in_;
  boost::iostreams::filtering_istreambuf bytes_;
  std::vector<char> piece_;
  std::string_view rest_;  ///< the part of `piece_` that next() has not returned yet
  std::string line_;       ///< a line that spans several pieces
  std::int64_t number_ = 0;
};

/// Returns the ending of a text file's name without the ending for compression: ".csv" for "a.csv.gz".
std::string text_ending(const std::filesystem::path& file);

}  // namespace rhosweep::data
