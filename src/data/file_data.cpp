#include "rhosweep/data/file_data.hpp"

#include "row_sink.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

/// Lists labels for a message: "the labels 0, 1, 2". If `texts` is not empty, adds the text that each label
/// stands for.
std::string describe(std::vector<double> labels, const std::vector<std::string>& texts) {
  constexpr std::size_t shown = 5;
  std::sort(labels.begin(), labels.end());
  std::string text = labels.size() == 1 ? "the label " : "the labels ";
  for (std::size_t i = 0; i < std::min(labels.size(), shown); ++i) {
    text += (i > 0 ? ", " : "") + core::to_text(labels[i]);
    if (!texts.empty()) text += fmt::format(" ({})", in_quotes(texts[static_cast<std::size_t>(labels[i])]));
  }
  return text + (labels.size() > shown ? ", ..." : "");
}

/// Returns the first few distinct labels of a file.
std::vector<double> some_labels(const FileRows& file) {
  constexpr std::size_t enough = 6;
  std::vector<double> labels;
  for (const auto* part : {&file.rows, &file.held_out}) {
    for (const double label : part->labels) {
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
      if (labels.size() == enough) return labels;
    }
  }
  return labels;
}

/// Returns the transformation that gives the features variance 1 and, if shifted, mean 0.
Dataset::Transform standardizing(const Dataset::Rows& rows, bool is_shifted) {
  struct Feature {
    std::int64_t nonzeros = 0;
    double sum = 0.0;
    double squares = 0.0;  ///< sum of the squared differences from the mean
    double least = std::numeric_limits<double>::infinity();
    double largest = -std::numeric_limits<double>::infinity();
  };
  core::require_memory(rows.features * static_cast<std::int64_t>(sizeof(Feature) + 2 * sizeof(double)),
                       "standardizing");
  const auto samples = static_cast<double>(rows.labels.size());
  std::vector<Feature> features(rows.features);
  for (std::size_t k = 0; k < rows.values.size(); ++k) {
    const double x = rows.values[k];
    Feature& feature = features[rows.columns[k]];
    ++feature.nonzeros;
    feature.sum += x;
    feature.least = std::min(feature.least, x);
    feature.largest = std::max(feature.largest, x);
  }
  for (std::size_t k = 0; k < rows.values.size(); ++k) {
    Feature& feature = features[rows.columns[k]];
    const double difference = rows.values[k] - feature.sum / samples;
    feature.squares += difference * difference;
  }
  Dataset::Transform transform;
  for (const Feature& feature : features) {
    const double mean = feature.sum / samples;
    const double zeros = samples - static_cast<double>(feature.nonzeros);
    const double deviation = std::sqrt((feature.squares + zeros * mean * mean) / samples);
    const bool is_constant = feature.nonzeros == 0 || (zeros == 0 && feature.least == feature.largest);
    transform.scales.push_back(is_constant || deviation == 0 ? 1.0 : deviation);
    // If all values of a feature are equal, rounding may move their mean, so shift by the value itself.
    if (is_shifted) transform.shifts.push_back(is_constant && zeros == 0 ? feature.least : mean);
  }
  return transform;
}

}  // namespace

FileData::FileData(Settings settings, model::Precision precision)
    : settings_(std::move(settings)), precision_(precision) {
  core::require(!settings_.held_out || !settings_.split, "held-out data comes from a file or a split");
}

Dataset FileData::training() {
  FileRows file = read_rows(settings_.training, precision_, settings_.split);
  Dataset::Rows& rows = file.rows;
  recipe_ = {.classes = find_classes(file),
             .features = rows.features,
             .names = std::move(file.names),
             .label_names = file.label_names};
  if (settings_.split) {
    check_parts(file);
    held_out_rows_ = std::move(file.held_out);
  }
  const Dataset::Storage storage = Dataset::storage_of(rows, settings_.intercept);
  if (settings_.standardize) recipe_->transform = standardizing(rows, storage == Dataset::Storage::dense);
  recipe_->transform.intercept = settings_.intercept;
  return store(std::move(rows), storage);
}

Dataset FileData::held_out() {
  if (!recipe_ || (settings_.split && !held_out_rows_)) training();
  Dataset::Rows rows;
  if (settings_.split) {
    rows = std::move(*std::exchange(held_out_rows_, std::nullopt));
  } else {
    FileRows file = read_rows(*settings_.held_out, precision_);
    check_features(file);
    match_label_names(file);
    rows = std::move(file.rows);
    rows.features = recipe_->features;
    check_labels(rows);
  }
  check_scaled(rows);
  const bool is_shifted = !recipe_->transform.shifts.empty();
  const Dataset::Storage storage =
      is_shifted ? Dataset::Storage::dense : Dataset::storage_of(rows, settings_.intercept);
  return store(std::move(rows), storage);
}

Dataset FileData::store(Dataset::Rows rows, Dataset::Storage storage) const {
  const std::vector<double>& classes = recipe_->classes;
  if (settings_.labels == Labels::two_classes) {
    rows.classes = {classes[0], classes[1]};
    for (double& label : rows.labels) label = label == classes[1] ? 1.0 : -1.0;
  }
  if (settings_.labels == Labels::classes) {
    for (double& label : rows.labels)
      label = static_cast<double>(std::lower_bound(classes.begin(), classes.end(), label) - classes.begin());
  }
  return Dataset::from_rows(std::move(rows), precision_, storage, recipe_->transform);
}

const DataFile& FileData::held_out_file() const {
  return settings_.held_out ? *settings_.held_out : settings_.training;
}

std::vector<double> FileData::find_classes(const FileRows& file) const {
  if (settings_.labels == Labels::two_classes) return find_two_classes(file);
  if (settings_.labels == Labels::classes) return find_many_classes(file);
  check_numbers(file.rows, settings_.training);
  check_numbers(file.held_out, settings_.training);
  return {};
}

std::vector<double> FileData::find_many_classes(const FileRows& file) const {
  std::set<double> labels;
  for (const auto* part : {&file.rows, &file.held_out}) {
    for (std::size_t i = 0; i < part->labels.size(); ++i) {
      const double label = part->labels[i];
      if (!(std::abs(label) < 1e15) || label != std::trunc(label))
        core::refuse(settings_.training.where(part->lines[i]), "the label " + core::to_text(label),
                     "whole numbers, which name classes");
      labels.insert(label);
      if (labels.size() > most_classes)
        core::refuse(settings_.training.path.string(),
                     fmt::format("more than {} different labels", most_classes),
                     fmt::format("2 to {} classes", most_classes));
    }
  }
  std::vector<double> classes(labels.begin(), labels.end());
  if (classes.size() < 2)
    core::refuse(settings_.training.path.string(), describe(classes, file.label_names),
                 "at least two different labels");
  return classes;
}

/// Throws if a label is so large that its square, which occurs in losses, would overflow.
void FileData::check_numbers(const Dataset::Rows& rows, const DataFile& from) const {
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    if (!(std::abs(rows.labels[i]) <= largest_value(precision_)))
      core::refuse(from.where(rows.lines[i]), "the label " + core::to_text(rows.labels[i]),
                   fmt::format("numbers up to {}", largest_value(precision_)));
}

std::vector<double> FileData::find_two_classes(const FileRows& file) const {
  const std::vector<double> labels = some_labels(file);
  const std::string name = settings_.training.path.string();
  if (!settings_.label) {
    if (labels.size() == 2) return {std::min(labels[0], labels[1]), std::max(labels[0], labels[1])};
    core::refuse(name, describe(labels, file.label_names),
                 labels.size() < 2
                     ? "exactly two different labels"
                     : "exactly two different labels, or one against the rest (problem.positive_label)");
  }
  const double label = *settings_.label;
  const auto has_it = [&](const Dataset::Rows& part) {
    return std::find(part.labels.begin(), part.labels.end(), label) != part.labels.end();
  };
  if (!has_it(file.rows) && !has_it(file.held_out))
    core::refuse(
        name,
        fmt::format("no label {} (problem.positive_label) but {}", label, describe(labels, file.label_names)),
        "a label of the file");
  if (labels.size() == 1)
    core::refuse(name, "only " + describe(labels, file.label_names) + " (problem.positive_label)",
                 "at least one other label");
  return {std::numeric_limits<double>::quiet_NaN(), label};
}

void FileData::check_parts(const FileRows& file) const {
  const std::string name = settings_.training.path.string();
  const auto share = [&](std::size_t part) {
    return fmt::format(
        "{} held out (problem.test_share = {})",
        core::part_of(static_cast<std::int64_t>(part),
                      std::ssize(file.rows.labels) + std::ssize(file.held_out.labels), "sample"),
        settings_.split->share);
  };
  if (file.held_out.labels.empty())
    core::refuse(name, share(0), "a larger share, or another problem.data_seed");
  const auto fail_to_train = [&](const std::string& left) {
    core::refuse(name, fmt::format("{} and {} left to train on", share(file.held_out.labels.size()), left),
                 "a smaller share, or another problem.data_seed");
  };
  const std::vector<double>& labels = file.rows.labels;
  if (settings_.labels == Labels::two_classes) {
    const auto positive = std::count(labels.begin(), labels.end(), recipe_->classes[1]);
    if (positive == 0 || positive == std::ssize(labels)) fail_to_train("fewer than two labels");
  } else if (labels.empty()) {
    fail_to_train("no sample");
  } else if (settings_.labels == Labels::classes) {
    const std::set<double> left(labels.begin(), labels.end());
    for (const double label : recipe_->classes)
      if (!left.contains(label)) fail_to_train(fmt::format("no label {}", label));
  }
}

/// Renumbers labels that are texts: each gets the number of the same text in the training data.
void FileData::match_label_names(FileRows& file) const {
  const std::vector<std::string>& known = recipe_->label_names;
  const DataFile& from = held_out_file();
  if (known.empty() != file.label_names.empty())
    core::refuse(
        from.path.string(), file.label_names.empty() ? "labels that are numbers" : "labels that are texts",
        file.label_names.empty() ? "texts, as in the training data" : "numbers, as in the training data");
  for (std::size_t i = 0; i < file.rows.labels.size() && !known.empty(); ++i) {
    double& label = file.rows.labels[i];
    const std::string& text = file.label_names[static_cast<std::size_t>(label)];
    const auto place = std::lower_bound(known.begin(), known.end(), text);
    if (place == known.end() || *place != text)
      core::refuse(from.where(file.rows.lines[i]), "the label " + in_quotes(text),
                   "the labels of the training data");
    label = static_cast<double>(place - known.begin());
  }
}

void FileData::check_labels(const Dataset::Rows& rows) const {
  if (settings_.labels == Labels::numbers) return check_numbers(rows, held_out_file());
  const std::vector<double>& classes = recipe_->classes;
  if (std::isnan(classes[0])) return;  // one label against all others: every label is allowed
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    if (std::find(classes.begin(), classes.end(), rows.labels[i]) == classes.end())
      core::refuse(held_out_file().where(rows.lines[i]), "the label " + core::to_text(rows.labels[i]),
                   classes.size() == 2
                       ? fmt::format("{} or {}, as in the training data", classes[0], classes[1])
                       : "the labels of the training data");
}

/// Throws if a standardized value is too large, which happens if the training data's scale is far too small
/// for the held-out data.
void FileData::check_scaled(const Dataset::Rows& rows) const {
  const auto& [shifts, scales, intercept] = recipe_->transform;
  for (std::size_t i = 0; !scales.empty() && i < rows.labels.size(); ++i) {
    for (auto k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) {
      const std::int32_t column = rows.columns[k];
      const double x = (rows.values[k] - (shifts.empty() ? 0.0 : shifts[column])) / scales[column];
      if (!(std::abs(x) <= largest_value(precision_)))
        core::refuse(
            held_out_file().where(rows.lines[i]),
            fmt::format("the value {} of feature {}, standardized {}", rows.values[k], column + 1, x),
            fmt::format("standardized values up to {}", largest_value(precision_)));
    }
  }
}

void FileData::check_features(const FileRows& file) const {
  const DataFile& from = *settings_.held_out;
  const Dataset::Rows& rows = file.rows;
  const std::int64_t features = recipe_->features;
  if (file.has_all_features && rows.features != features)
    core::refuse(from.path.string(), core::counted(rows.features, "feature"),
                 fmt::format("{}, as in the training data", features));
  for (std::size_t i = 0; rows.features > features && i < rows.labels.size(); ++i) {
    const auto last = rows.offsets[i + 1];
    if (last > rows.offsets[i] && rows.columns[last - 1] >= features)
      core::refuse(
          from.where(rows.lines[i]), fmt::format("the index {}", rows.columns[last - 1] + 1),
          fmt::format("indices up to {}, as in the training data, or more with problem.features", features));
  }
  if (file.names.empty() || recipe_->names.empty()) return;
  const auto [other, expected] = std::mismatch(file.names.begin(), file.names.end(), recipe_->names.begin());
  if (other != file.names.end())
    core::refuse(from.path.string(), fmt::format("the column \"{}\" in place of \"{}\"", *other, *expected),
                 "the columns of the training data");
}

}  // namespace rhosweep::data
