#pragma once

#include "rhosweep/data/data_file.hpp"
#include "rhosweep/data/dataset.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::data {

/// How the labels of a file are converted. Labels that are texts are first numbered 0, 1, … in byte order.
enum class Labels {
  two_classes,  ///< the smaller label becomes −1, the larger one +1
  classes,      ///< the labels, which must be whole numbers, become 0, 1, … in ascending order
  numbers       ///< labels are not changed
};

/// Training data from a file, and held-out data from another file or from a share of the same file. A file is
/// read when its data is requested.
class FileData {
 public:
  static constexpr std::size_t most_classes = 1000;

  /// The files, and how labels and features are converted.
  struct Settings {
    DataFile training;
    std::optional<DataFile> held_out = {};  ///< not allowed together with `split`
    std::optional<Split> split = {};
    Labels labels = Labels::two_classes;
    std::optional<double> label = {};  ///< with two classes: this label becomes +1, all others become −1
    /// Whether each feature gets mean 0 and variance 1 over the training samples. The variance is the mean
    /// squared difference from the mean. Features that are constant over the training samples are only
    /// shifted. Sparse data is not shifted, so that it stays sparse.
    bool standardize = false;
    bool intercept = false;  ///< whether a constant feature 1 is appended, which is not standardized
  };

  FileData(Settings settings, model::Precision precision);

  /// Reads the training data. With two classes, the smaller label becomes −1 and the larger +1, unless
  /// `label` is set. Throws what read_rows() throws, and core::InputError for invalid labels. Valid labels
  /// are: for two classes, exactly two different labels, or `label` and at least one other; for classes, two
  /// to most_classes different whole numbers, each with a training sample; for numbers, every number whose
  /// square does not overflow.
  Dataset training();
  /// Reads the held-out data. Labels and features are converted like those of the training data. A file of
  /// held-out data that leaves out zeros may lack the last features of the training data, which are then 0.
  /// Throws what read_rows() throws, and core::InputError if the labels or features do not fit the training
  /// data.
  Dataset held_out();

 private:
  /// The conversion that the training samples determine. It is also applied to the held-out samples.
  struct Recipe {
    std::vector<double> classes;  ///< the file's labels, in the order of the labels that replace them; empty
                                  ///< for Labels::numbers
    std::int64_t features = 0;    ///< number of features in the file
    std::vector<std::string> names = {};
    std::vector<std::string> label_names = {};  ///< texts that are labels, sorted
    Dataset::Transform transform = {};
  };
  std::vector<double> find_classes(const FileRows& file) const;
  std::vector<double> find_two_classes(const FileRows& file) const;
  std::vector<double> find_many_classes(const FileRows& file) const;
  void check_numbers(const Dataset::Rows& rows, const DataFile& from) const;
  void check_parts(const FileRows& file) const;
  void check_features(const FileRows& file) const;
  void match_label_names(FileRows& file) const;
  void check_labels(const Dataset::Rows& rows) const;
  void check_scaled(const Dataset::Rows& rows) const;
  const DataFile& held_out_file() const;
  /// Converts the labels and makes the data set.
  Dataset store(Dataset::Rows rows, Dataset::Storage storage) const;

  Settings settings_;
  model::Precision precision_;
  std::optional<Recipe> recipe_;
  /// The rows that `split` held out, kept until held_out() is called.
  std::optional<Dataset::Rows> held_out_rows_;
};

}  // namespace rhosweep::data
