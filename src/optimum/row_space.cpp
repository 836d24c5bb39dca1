#include "row_space.hpp"

#include "design.hpp"
#include "linear_solvers.hpp"

#include "rhosweep/model/with_real.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace rhosweep::optimum {

namespace {

/// Returns the features that are nonzero in some sample; for dense data, all features.
std::vector<std::int32_t> used_columns(const data::Dataset& data) {
  std::vector<std::int32_t> columns;
  if (data.storage() == data::Dataset::Storage::dense) {
    columns.resize(data.features());
    std::iota(columns.begin(), columns.end(), 0);
    return columns;
  }
  std::vector<bool> is_used(data.features(), false);
  model::with_real(data.precision(), [&](auto real) {
    for (std::int64_t i = 0; i < data.samples(); ++i)
      for (const std::int32_t column : data.sparse_row<decltype(real)>(i).columns) is_used[column] = true;
  });
  for (std::int64_t j = 0; j < data.features(); ++j)
    if (is_used[j]) columns.push_back(static_cast<std::int32_t>(j));
  return columns;
}

/// Returns Xᵀ: (columns, samples).
PaddedColumns transposed(const data::Dataset& data, const std::vector<std::int32_t>& columns) {
  PaddedColumns x(std::ssize(columns), data.samples());
  model::with_real(data.precision(), [&](auto real) {
    using Real = decltype(real);
    for (std::int64_t i = 0; i < data.samples(); ++i) {
      if (data.storage() == data::Dataset::Storage::dense) {
        std::copy_n(data.dense_row<Real>(i), data.features(), x.column(i));
        continue;
      }
      const auto row = data.sparse_row<Real>(i);
      auto place = columns.begin();  // `columns` and row.columns are both increasing
      for (std::size_t k = 0; k < row.columns.size(); ++k) {
        place = std::lower_bound(place, columns.end(), row.columns[k]);
        x(place - columns.begin(), i) = static_cast<double>(row.values[k]);
      }
    }
  });
  return x;
}

/// Returns the samples in the coordinates of the basis: the columns of R in Xᵀ = Q R.
data::Dataset in_coordinates(const HouseholderQr& factors, const Eigen::VectorXd& labels) {
  const std::int64_t coordinates = factors.reflections();
  return data::Dataset::from_draws(labels.size(), coordinates, model::Precision::float64,
                                   [&](std::int64_t i, std::span<double> row) {
                                     for (std::int64_t j = 0; j <= std::min(i, coordinates - 1); ++j)
                                       row[j] = factors.r(j, i);
                                     return labels[i];
                                   });
}

}  // namespace

std::optional<RowSpace> RowSpace::of(const data::Dataset& data) {
  constexpr double most_numbers = 1 << 25;
  constexpr double most_operations = 4e10;
  if (data.features() <= most_direct || data.samples() > most_direct || data.samples() >= data.features())
    return std::nullopt;
  std::vector<std::int32_t> columns = used_columns(data);
  const auto samples = static_cast<double>(data.samples());
  const double numbers = samples * static_cast<double>(columns.size());
  if (columns.empty() || numbers > most_numbers || 2 * samples * numbers > most_operations)
    return std::nullopt;
  return RowSpace(data, std::move(columns));
}

RowSpace::RowSpace(const data::Dataset& data, std::vector<std::int32_t> columns)
    : features_(data.features()),
      columns_(std::move(columns)),
      factors_(transposed(data, columns_)),
      data_(in_coordinates(factors_, Design(data).labels())) {}

std::vector<double> RowSpace::expand(const std::vector<double>& coordinates) const {
  const std::int64_t of_class = data_.features();
  const std::int64_t classes = std::ssize(coordinates) / of_class;
  std::vector<double> w(features_ * classes, 0.0);
  for (std::int64_t c = 0; c < classes; ++c) {
    std::vector<double> used(columns_.size(), 0.0);
    std::copy_n(coordinates.begin() + c * of_class, of_class, used.begin());
    factors_.apply_q(used.data());
    for (std::size_t j = 0; j < used.size(); ++j) w[c * features_ + columns_[j]] = used[j];
  }
  return w;
}

}  // namespace rhosweep::optimum
