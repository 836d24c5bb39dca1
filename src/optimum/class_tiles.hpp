#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// A matrix with one column per class. The values of one sample or feature are contiguous.
using Classes = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Multiplies dense samples by a matrix with one column per class. In the tiles of core::add_products(),
/// which does the work, each class is a row.
class ClassTiles {
 public:
  /// @param factors the matrix: (features, classes) for add_scores(), (samples of the panel, classes) for
  /// add_sums()
  explicit ClassTiles(const Eigen::Ref<const Classes>& factors);

  /// Adds panelᵀ · factors to `scores`. @param panel (features, samples) @param scores (samples, classes)
  void add_scores(const Eigen::MatrixXd& panel, Eigen::Ref<Classes> scores) const;

  /// Adds panel · factors to `sums`. @param panel (features, samples) @param sums (features, classes)
  void add_sums(const Eigen::MatrixXd& panel, Classes& sums) const;

 private:
  /// Adds the products for up to `core::product_columns` samples or features.
  /// @param numbers (terms, core::product_columns)
  /// @param target (samples or features, classes); the products are added to its first `count` rows
  void add(const std::vector<double>& numbers, std::int64_t count, Eigen::Ref<Classes> target) const;

  std::int64_t terms_;
  std::vector<double> factors_;  ///< (tiles of classes, terms, core::product_rows)
};

}  // namespace rhosweep::optimum
