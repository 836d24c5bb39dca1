#pragma once

#include "class_tiles.hpp"
#include "gram.hpp"
#include "sums.hpp"

#include "rhosweep/data/dataset.hpp"
#include "rhosweep/model/with_real.hpp"

#include <algorithm>
#include <cstdint>

#include <Eigen/Core>

namespace rhosweep::optimum {

/// The samples as a matrix X (samples, dimension) in float64, for dense and sparse data of any precision.
class Design {
 public:
  using Classes = optimum::Classes;

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
    for_each_row([&](std::int64_t i, const auto* row) { z[i] = dot(row, w.data(), w.size()); },
                 [&](std::int64_t i, std::int32_t j, double x) { z[i] += x * w[j]; });
    return z;
  }

  /// Returns Xᵀ c.
  Eigen::VectorXd combine(const Eigen::VectorXd& c) const {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(data_.features());
    if (data_.storage() == data::Dataset::Storage::dense) {
      model::with_real(data_.precision(), [&](auto real) {
        add_rows(data_.dense_row<decltype(real)>(0), data_.samples(), data_.features(), c.data(), sum.data());
      });
      return sum;
    }
    for_each_number([&](std::int64_t i, std::int32_t j, double x) { sum[j] += x * c[i]; });
    return sum;
  }

  /// Returns X W: (samples, classes).
  Classes scores_of_classes(const Classes& w) const {
    Classes z = Classes::Zero(data_.samples(), w.cols());
    const ClassTiles tiles(w);
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          tiles.add_scores(panel, z.middleRows(first, panel.cols()));
        },
        [&](std::int64_t i, std::int32_t j, double x) { z.row(i) += x * w.row(j); });
    return z;
  }

  /// Returns Xᵀ C: (features, classes).
  Classes combine_classes(const Classes& c) const {
    Classes sum = Classes::Zero(data_.features(), c.cols());
    for_each_panel(
        [&](std::int64_t first, const Eigen::MatrixXd& panel) {
          ClassTiles(c.middleRows(first, panel.cols())).add_sums(panel, sum);
        },
        [&](std::int64_t i, std::int32_t j, double x) { sum.row(j) += x * c.row(i); });
    return sum;
  }

  /// Returns the diagonal of Xᵀ diag(s) X.
  Eigen::VectorXd gram_diagonal(const Eigen::VectorXd& s) const {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(data_.features());
    const auto add = [&](std::int64_t i, std::int64_t j, double x) { sum[j] += x * x * s[i]; };
    for_each_row(
        [&](std::int64_t i, const auto* row) {
          for (std::int64_t j = 0; j < sum.size(); ++j) add(i, j, static_cast<double>(row[j]));
        },
        add);
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
  /// Visits sparse data value by value, in the order of the samples.
  template <class OnNumber>
  void for_each_number(const OnNumber& on_number) const {
    model::with_real(data_.precision(), [&](auto real) {
      for (std::int64_t i = 0; i < data_.samples(); ++i) {
        const auto row = data_.sparse_row<decltype(real)>(i);
        for (std::size_t k = 0; k < row.columns.size(); ++k)
          on_number(i, row.columns[k], static_cast<double>(row.values[k]));
      }
    });
  }

  /// Visits dense data row by row, and sparse data value by value, both in the order of the samples.
  template <class OnRow, class OnNumber>
  void for_each_row(const OnRow& on_row, const OnNumber& on_number) const {
    if (data_.storage() == data::Dataset::Storage::sparse) return for_each_number(on_number);
    model::with_real(data_.precision(), [&](auto real) {
      for (std::int64_t i = 0; i < data_.samples(); ++i) on_row(i, data_.dense_row<decltype(real)>(i));
    });
  }

  /// Visits dense data in panels (dimension, samples of the panel) that fit into the cache, and sparse data
  /// value by value, both in the order of the samples.
  template <class OnPanel, class OnNumber>
  void for_each_panel(const OnPanel& on_panel, const OnNumber& on_number) const {
    constexpr std::int64_t panel_samples = 256;
    if (data_.storage() == data::Dataset::Storage::sparse) return for_each_number(on_number);
    model::with_real(data_.precision(), [&](auto real) {
      using Real = decltype(real);
      for (std::int64_t first = 0; first < data_.samples(); first += panel_samples) {
        const std::int64_t samples = std::min(panel_samples, data_.samples() - first);
        const Eigen::MatrixXd panel =
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
