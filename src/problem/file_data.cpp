#include "rhosweep/problem/file_data.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

/// @param where the file, or a sample of it
[[noreturn]] void fail(const std::string& where, const std::string& found, const std::string& allowed) {
  throw core::InputError(fmt::format("{}: found {}; allowed: {}", where, found, allowed));
}

std::array<double, 2> find_classes(const Dataset::Rows& rows, const DataFile& file) {
  constexpr std::size_t shown = 5;
  std::vector<double> labels;  // the first few distinct ones
  for (const double label : rows.labels) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
    if (labels.size() > shown) break;
  }
  std::sort(labels.begin(), labels.end());
  if (labels.size() == 2) return {labels[0], labels[1]};
  std::string found = labels.size() == 1 ? "the label " : "the labels ";
  for (std::size_t i = 0; i < std::min(labels.size(), shown); ++i)
    found += (i > 0 ? ", " : "") + core::to_text(labels[i]);
  fail(file.path.string(), found + (labels.size() > shown ? ", ..." : ""), "exactly two different labels");
}

/// Labels −1 and +1 in place of the file's own.
void map_labels(Dataset::Rows& rows) {
  for (double& label : rows.labels) label = label == rows.classes[0] ? -1.0 : 1.0;
}

}  // namespace

FileData::FileData(Settings settings, model::Precision precision)
    : settings_(std::move(settings)), precision_(precision) {}

Dataset FileData::training() {
  FileRows file = read_rows(settings_.training, precision_);
  Dataset::Rows& rows = file.rows;
  rows.classes = find_classes(rows, settings_.training);
  recipe_ = {.classes = rows.classes, .features = rows.features, .names = std::move(file.names)};
  map_labels(rows);
  return Dataset::from_rows(std::move(rows), precision_);
}

Dataset FileData::held_out() {
  if (!recipe_) training();
  const DataFile& from = *settings_.held_out;
  FileRows file = read_rows(from, precision_);
  check_features(file);
  Dataset::Rows& rows = file.rows;
  const auto [negative, positive] = recipe_->classes;
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    if (rows.labels[i] != negative && rows.labels[i] != positive)
      fail(from.where(rows.lines[i]), "the label " + core::to_text(rows.labels[i]),
           fmt::format("{} or {}, as in the training data", negative, positive));
  rows.classes = recipe_->classes;
  rows.features = recipe_->features;
  map_labels(rows);
  return Dataset::from_rows(std::move(rows), precision_);
}

void FileData::check_features(const FileRows& file) const {
  const DataFile& from = *settings_.held_out;
  const Dataset::Rows& rows = file.rows;
  const std::int64_t features = recipe_->features;
  if (file.has_all_features && rows.features != features)
    fail(from.path.string(), fmt::format("{} features", rows.features),
         fmt::format("{}, as in the training data", features));
  for (std::size_t i = 0; rows.features > features && i < rows.labels.size(); ++i) {
    const auto last = rows.offsets[i + 1];
    if (last > rows.offsets[i] && rows.columns[last - 1] >= features)
      fail(from.where(rows.lines[i]), fmt::format("the index {}", rows.columns[last - 1] + 1),
           fmt::format("indices up to {}, as in the training data", features));
  }
  if (file.names.empty() || recipe_->names.empty()) return;
  const auto [other, expected] = std::mismatch(file.names.begin(), file.names.end(), recipe_->names.begin());
  if (other != file.names.end())
    fail(from.path.string(), fmt::format("the column \"{}\" in place of \"{}\"", *other, *expected),
         "the columns of the training data");
}

}  // namespace rhosweep::problem
