#pragma once

#include "rhosweep/data/data_file.hpp"
#include "rhosweep/data/dataset.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::data {

/// What becomes of the labels of a file. Two classes become −1 and +1; more become 0, 1, … in the order of
/// their labels, which must be whole numbers; numbers stay what they are.
enum class Labels { two_classes, classes, numbers };

/// Training data of a file, and held-out data for it: from a file of its own or a share of the first. Files
/// are read when their data is asked for.
class FileData {
 public:
  static constexpr std::size_t most_classes = 1000;

  /// Which files, and what is made of their columns.
  struct Settings {
    DataFile training;
    std::optional<DataFile> held_out = {};  ///< not beside a split
    std::optional<Split> split = {};
    Labels labels = Labels::two_classes;
    std::optional<double> label = {};  ///< of two classes: becomes +1, every other label −1
    /// Every feature gets mean 0 and variance 1 over the training samples (divided by their number); one that
    /// is the same in all of them is only shifted. What is stored sparse is not shifted, so that it stays
    /// sparse.
    bool standardize = false;
    bool intercept = false;  ///< a last feature is 1, whatever the others become
  };

  FileData(Settings settings, model::Precision precision);

  /// Of two classes the smaller label becomes −1, the larger +1, unless a label is set.
  /// Throws what read_rows() does, and core::InputError if the labels are not as they must be: exactly two,
  /// or the one that is set and others; two to most_classes whole numbers, each with a training sample;
  /// numbers whose squares do not overflow.
  Dataset training();
  /// Has the training data's labels and features, treated alike: fewer are padded with zeros where the file
  /// leaves zeros out.
  /// Throws what read_rows() does, and core::InputError if the labels or features are others.
  Dataset held_out();

 private:
  /// What held-out samples share with the training samples.
  struct Recipe {
    std::vector<double> classes;  ///< as called in the file, in the order of their new labels; else empty
    std::int64_t features = 0;    ///< of the file
    std::vector<std::string> names = {};
    Dataset::Transform transform = {};
  };
  std::vector<double> find_classes(const FileRows& file) const;
  std::vector<double> find_two_classes(const FileRows& file) const;
  std::vector<double> find_many_classes(const FileRows& file) const;
  void check_numbers(const Dataset::Rows& rows, const DataFile& from) const;
  void check_parts(const FileRows& file) const;
  void check_features(const FileRows& file) const;
  void check_labels(const Dataset::Rows& rows) const;
  void check_scaled(const Dataset::Rows& rows) const;
  const DataFile& held_out_file() const;
  /// With new labels in place of the file's own.
  Dataset store(Dataset::Rows rows, Dataset::Storage storage) const;

  Settings settings_;
  model::Precision precision_;
  std::optional<Recipe> recipe_;
  std::optional<Dataset::Rows> held_out_rows_;  ///< of the split, until they are asked for
};

}  // namespace rhosweep::data
