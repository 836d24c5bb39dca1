#include "text_lines.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/input_file.hpp"

#include <ios>

#include <boost/iostreams/filter/bzip2.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#ifdef RHOSWEEP_WITH_LZMA
#include <boost/iostreams/filter/lzma.hpp>
#endif
#include <fmt/format.h>

namespace rhosweep::data {

namespace {

bool is_compressed(const std::filesystem::path& file) {
  return file.extension() == ".gz" || file.extension() == ".bz2" || file.extension() == ".xz";
}

void push_xz(boost::iostreams::filtering_istreambuf& bytes, const std::filesystem::path& file) {
#ifdef RHOSWEEP_WITH_LZMA
  core::require(!file.empty(), "a file has a name");
  bytes.push(boost::iostreams::lzma_decompressor());
#else
  core::require(bytes.empty(), "the decompressor comes first");
  core::refuse(file.string(), "xz compression, which this build's Boost.Iostreams does not have",
               "gzip or bzip2 (.gz, .bz2)");
#endif
}

}  // namespace

std::string text_ending(const std::filesystem::path& file) {
  return (is_compressed(file) ? file.stem() : file).extension().string();
}

TextLines::TextLines(const std::filesystem::path& file)
    : file_(file), in_(core::open_input(file)), piece_(std::size_t{1} << 18) {
  if (file.extension() == ".gz") bytes_.push(boost::iostreams::gzip_decompressor());
  if (file.extension() == ".bz2") bytes_.push(boost::iostreams::bzip2_decompressor());
  if (file.extension() == ".xz") push_xz(bytes_, file);
  bytes_.push(in_);
}

bool TextLines::read_piece() {
  std::streamsize count = 0;
  try {
    count = bytes_.sgetn(piece_.data(), static_cast<std::streamsize>(piece_.size()));
  } catch (const std::ios_base::failure&) {
    core::check_read(in_, file_);
    core::refuse(file_.string(), fmt::format("damaged or truncated data after line {}", number_),
                 fmt::format("a whole {} file", file_.extension().string()));
  }
  core::check_read(in_, file_);
  rest_ = {piece_.data(), static_cast<std::size_t>(count)};
  return count > 0;
}

std::optional<std::string_view> TextLines::next() {
  line_.clear();
  if (rest_.empty() && !read_piece()) return std::nullopt;
  std::size_t end = 0;
  while ((end = rest_.find('\n')) == std::string_view::npos) {
    line_ += rest_;
    if (line_.size() > longest)
      core::refuse(fmt::format("{}:{}", file_.string(), number_ + 1), "a line longer than 1 GiB",
                   "one sample per line");
    if (!read_piece()) break;  // the last line may lack a line break
  }
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (!line_.empty()) line = line_.append(line);
  ++number_;
  if (number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace rhosweep::data
