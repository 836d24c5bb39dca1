#include "npy_array.hpp"
#include "row_sink.hpp"
#include "zip_archive.hpp"

#include "rhosweep/core/input_file.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

/// A whole file as a stream.
class FileStream final : public ByteStream {
 public:
  FileStream(const std::filesystem::path& file, const RowSink& sink)
      : file_(file), in_(core::open_input(file)), sink_(sink) {
    in_.seekg(0, std::ios::end);
    left_ = in_.tellg();
    in_.seekg(0);
  }

  std::int64_t left() const override { return left_; }
  void read(char* into, std::size_t size) override {
    in_.read(into, static_cast<std::streamsize>(size));
    core::check_read(in_, file_);
    if (in_.gcount() != static_cast<std::streamsize>(size))
      sink_.fail_file("an end too early", "a whole file");
    left_ -= in_.gcount();
  }

 private:
  std::filesystem::path file_;
  std::ifstream in_;
  const RowSink& sink_;
  std::int64_t left_ = 0;
};

class NpyReader {
 public:
  NpyReader(const DataFile& file, model::Precision precision, const std::optional<Split>& split)
      : file_(file),
        sink_(file, precision, split, [](std::int64_t column) { return fmt::format("column {}", column); }) {}

  FileRows read() && {
    if (is_archive())
      read_archive();
    else
      read_single();
    if (sink_.samples() == 0) sink_.fail_file("no samples", "at least one row");
    if (sink_.features() == 0) sink_.fail_file("no features", "at least one column");
    FileRows rows = std::move(sink_).finish();
    rows.has_all_features = true;
    return rows;
  }

 private:
  bool is_archive() const {
    std::array<char, 4> start{};
    std::ifstream in = core::open_input(file_.path);
    in.read(start.data(), start.size());
    core::check_read(in, file_.path);
    return std::string_view(start.data(), 2) == "PK";
  }

  NpyArray open(const ZipArchive& archive, const std::string& name) const {
    std::vector<std::string> found;
    for (const ZipArchive::Member& member : archive.members()) {
      if (member.name == name + ".npy") return {archive.open(member), name, sink_};
      found.push_back(in_quotes(member.name));
    }
    constexpr std::size_t most_shown = 5;
    if (found.size() > most_shown) found.resize(most_shown);
    sink_.fail_file(fmt::format("no {} but {}", name,
                                found.empty() ? "nothing" : fmt::format("{}", fmt::join(found, ", "))),
                    "arrays X and y: numpy.savez(FILE, X=X, y=y)");
  }

  void read_archive() {
    if (!file_.label_column.empty())
      sink_.fail_file("arrays X and y (problem.label_column)", "label_column only with a single array");
    const ZipArchive archive(file_.path);
    NpyArray x = open(archive, "X");
    NpyArray y = open(archive, "y");
    require_matrix(x, "X");
    const std::int64_t samples = x.shape()[0];
    const bool is_column = y.shape().size() == 2 && y.shape()[1] == 1;
    if (y.shape().size() != 1 && !is_column)
      sink_.fail_file(fmt::format("y of shape ({})", fmt::join(y.shape(), ", ")), "one label per sample");
    if (y.shape()[0] != samples)
      sink_.fail_file(fmt::format("{} in y for {}", core::counted(y.shape()[0], "label"),
                                  core::counted(samples, "sample")),
                      "one per sample");
    for (std::int64_t i = 0; i < samples && x.shape()[1] > 0; ++i) {
      sink_.begin(i);
      for (std::int64_t j = 0; j < x.shape()[1]; ++j) sink_.add(j, x.next());
      end(y.next(), x.shape()[1]);
    }
  }

  /// Reads a single array that has the labels in one column and the features in the others.
  void read_single() {
    NpyArray array(std::make_unique<FileStream>(file_.path, sink_), "the array", sink_);
    require_matrix(array, "the array");
    const std::int64_t columns = array.shape()[1];
    if (columns < 2) sink_.fail_file("one column", "a label and at least one feature");
    const std::int64_t label = label_of(columns);
    for (std::int64_t i = 0; i < array.shape()[0]; ++i) {
      sink_.begin(i);
      double y = 0.0;
      for (std::int64_t j = 0; j < columns; ++j) {
        const double value = array.next();
        if (j == label)
          y = value;
        else
          sink_.add(j - (j > label ? 1 : 0), value);
      }
      end(y, columns - 1);
    }
  }

  void require_matrix(const NpyArray& array, const std::string& name) const {
    const auto& shape = array.shape();
    if (shape.size() != 2)
      sink_.fail_file(fmt::format("{} of shape ({})", name, fmt::join(shape, ", ")),
                      "two dimensions: samples and features");
    if (shape[1] > most_features)
      sink_.fail_file(fmt::format("{} features", shape[1]), fmt::format("up to {}", most_features));
  }

  std::int64_t label_of(std::int64_t columns) const {
    const std::string& wanted = file_.label_column;
    if (wanted.empty()) return columns - 1;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (error != std::errc() || end != wanted.data() + wanted.size() || number < 1 || number > columns)
      sink_.fail_file(fmt::format("no column {} for the labels (problem.label_column)", in_quotes(wanted)),
                      fmt::format("a number from 1 to {}", columns));
    return number - 1;
  }

  void end(double label, std::int64_t features) {
    if (!std::isfinite(label)) sink_.fail(fmt::format("the label {}", label), "a finite number");
    sink_.end(label, features);
  }

  const DataFile& file_;
  RowSink sink_;
};

}  // namespace

FileRows read_npy(const DataFile& file, model::Precision precision, const std::optional<Split>& split) {
  return NpyReader(file, precision, split).read();
}

}  // namespace rhosweep::data
