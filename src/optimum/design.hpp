#pragma once

#include "gram.hpp"

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/model/with_real.hpp"

#include <algorithm>
#include <cstdint>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// The samples as a matrix X (samples, dimension) in float64, for dense and sparse data of any precision.
class Design {
 public:
  /// A matrix with one column per class. The values of one sample or feature are contiguous.
  using Classes = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  explicit Design(const data::Dataset& data) : data_(data) {}

  std::int64_t features() const { return data_.features(); }
  std::int64_t samples() const { return data_.samples(); }
  std::int64_t nonzeros() const { return data_.nonzeros(); }

  Eigen::VectorXd labels() const {
    return model::with_real(data_.precision(), [&](auto real) -> Eigen::VectorXd {
      using Real = decltype(real);
      const auto labels = data_.labels<Real>();
      return Eigen::Map<const Eigen::VectorX<Real>>(labels.data(), data_.samples()).template cast<double>();
    });
  }

  /// Returns X w.
  Eigen::VectorXd scores(const Eigen::VectorXd& w) const {
    Eigen::VectorXd z = Eigen::VectorXd::Zero(data_.samples());
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          z.segment(first, panel.cols()).noalias() = panel.transpose() * w;
        },
        [&](std::int64_t i, std::int32_t j, double x) { z[i] += x * w[j]; });
    return z;
  }

  /// Returns X W: (samples, classes).
  Classes scores_of_classes(const Classes& w) const {
    Classes z = Classes::Zero(data_.samples(), w.cols());
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          z.middleRows(first, panel.cols()).noalias() = panel.transpose() * w;
        },
        [&](std::int64_t i, std::int32_t j, double x) { z.row(i) += x * w.row(j); });
    return z;
  }

  /// Returns Xᵀ C: (features, classes).
  Classes combine_classes(const Classes& c) const {
    Classes sum = Classes::Zero(data_.features(), c.cols());
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          sum.noalias() += panel * c.middleRows(first, panel.cols());
        },
        [&](std::int64_t i, std::int32_t j, double x) { sum.row(j) += x * c.row(i); });
    return sum;
  }

  /// Returns Xᵀ c.
  Eigen::VectorXd combine(const Eigen::VectorXd& c) const {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(data_.features());
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          sum.noalias() += panel * c.segment(first, panel.cols());
        },
        [&](std::int64_t i, std::int32_t j, double x) { sum[j] += x * c[i]; });
    return sum;
  }

  /// Returns the diagonal of Xᵀ diag(s) X.
  Eigen::VectorXd gram_diagonal(const Eigen::VectorXd& s) const {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(data_.features());
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          sum.noalias() += panel.cwiseAbs2() * s.segment(first, panel.cols());
        },
        [&](std::int64_t i, std::int32_t j, double x) { sum[j] += x * x * s[i]; });
    return sum;
  }

  /// Returns Xᵀ diag(s) X. Only the lower triangle is set.
  Eigen::MatrixXd gram(const Eigen::VectorXd& s) const {
    if (data_.storage() == data::Dataset::Storage::sparse) return sparse_gram(s);
    Gram gram(data_.features());
    for_each_panel([&](std::int64_t first,
                       const Eigen::MatrixXd& panel) { gram.add(panel, s.segment(first, panel.cols())); },
                   [](std::int64_t, std::int32_t, double) {});
    return gram.lower();
  }

 private:
  /// Visits dense data in panels (dimension, samples of the panel) that fit into the cache, and sparse data
  /// value by value, both in the order of the samples.
  template <class OnPanel, class OnNumber>
  void for_each_panel(OnPanel on_panel, OnNumber on_number) const {
    constexpr std::int64_t panel_samples = 256;
    model::with_real(data_.precision(), [&](auto real) {
      using Real = decltype(real);
      if (data_.storage() == data::Dataset::Storage::sparse) {
        for (std::int64_t i = 0; i < data_.samples(); ++i) {
          const auto row = data_.sparse_row<Real>(i);
          for (std::size_t k = 0; k < row.columns.size(); ++k)
            on_number(i, row.columns[k], static_cast<double>(row.values[k]));
        }
        return;
      }
      for (std::int64_t first = 0; first < data_.samples(); first += panel_samples) {
        const std::int64_t samples = std::min(panel_samples, data_.samples() - first);
        Eigen::MatrixXd panel =
            Eigen::Map<const Eigen::MatrixX<Real>>(data_.dense_row<Real>(first), data_.features(), samples)
                .template cast<double>();
        on_panel(first, panel);
      }
    });
  }

  Eigen::MatrixXd sparse_gram(const Eigen::VectorXd& s) const {
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(data_.features(), data_.features());
    model::with_real(data_.precision(), [&](auto real) {
      using Real = decltype(real);
      for (std::int64_t i = 0; i < data_.samples(); ++i) {
        const auto row = data_.sparse_row<Real>(i);
        for (std::size_t k = 0; k < row.columns.size(); ++k) {
          const double scaled = s[i] * static_cast<double>(row.values[k]);
          for (std::size_t below = k; below < row.columns.size(); ++below)
            sum(row.columns[below], row.columns[k]) += scaled * static_cast<double>(row.values[below]);
        }
      }
    });
    return sum;
  }

  const data::Dataset& data_;
};

}  // namespace rhosweep::optimum
