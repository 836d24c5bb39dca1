#pragma once

#include "rhosweep/problem/data_file.hpp"
#include "rhosweep/problem/dataset.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::problem {

/// Two-class training data of a file, and held-out data for it. Files are read when their data is asked for.
class FileData {
 public:
  struct Settings {
    DataFile training;
    std::optional<DataFile> held_out = {};
  };

  FileData(Settings settings, model::Precision precision);

  /// The smaller label becomes −1, the larger +1.
  /// Throws what read_rows() does, and core::InputError if there are not exactly two labels.
  Dataset training();
  /// Has the training data's labels and features: fewer are padded with zeros where the file leaves zeros
  /// out. Throws what read_rows() does, and core::InputError if the labels or features are others.
  Dataset held_out();

 private:
  /// What held-out samples share with the training samples.
  struct Recipe {
    std::array<double, 2> classes{};
    std::int64_t features = 0;
    std::vector<std::string> names;
  };
  void check_features(const FileRows& file) const;

  Settings settings_;
  model::Precision precision_;
  std::optional<Recipe> recipe_;
};

}  // namespace rhosweep::problem
