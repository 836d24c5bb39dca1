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

/// The lines of a text file one after the other, of which one piece is in memory at a time. Files whose names
/// end in .gz or .bz2 are decompressed on the way. A byte-order mark is skipped.
class TextLines {
 public:
  /// Throws core::InputError "FILE: the system's reason" if the file cannot be opened.
  explicit TextLines(const std::filesystem::path& file);

  /// The next line without its end (LF or CRLF), valid until the next call; nothing after the last one.
  /// Throws core::InputError if the file cannot be read or decompressed to its end, or if a line is longer
  /// than `longest`.
  std::optional<std::string_view> next();

  /// Number of the line that next() gave last, from 1.
  std::int64_t number() const { return number_; }

  static constexpr std::size_t longest = std::size_t{1} << 30;

 private:
  /// Reads the next piece. @return whether there is one
  bool read_piece();

  std::filesystem::path file_;
  std::ifstream in_;
  boost::iostreams::filtering_istreambuf bytes_;
  std::vector<char> piece_;
  std::string_view rest_;  ///< of the piece
  std::string line_;       ///< one that pieces cut
  std::int64_t number_ = 0;
};

/// The ending of a text file's name without that of its compression: ".csv" of "a.csv.gz".
std::string text_ending(const std::filesystem::path& file);

}  // namespace rhosweep::data
