#include "householder.hpp"

#include "sums.hpp"

#include "rhosweep/core/divide_up.hpp"
#include "rhosweep/core/tiled_product.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rhosweep::optimum {

namespace {

/// Number of reflections per block: a multiple of the height and of the width of a tile of
/// core::add_products().
constexpr std::int64_t reflections_per_block = 64;

/// Replaces x by (I − scale v vᵀ) x, where the first number of v is 1 and `rest` holds the others.
void reflect_vector(double scale, const double* rest, std::int64_t size, double* x) {
  const double factor = scale * (x[0] + dot(rest, x + 1, size - 1));
  x[0] -= factor;
  for (std::int64_t i = 1; i < size; ++i) x[i] -= factor * rest[i - 1];
}

}  // namespace

HouseholderQr::HouseholderQr(PaddedColumns matrix)
    : factors_(std::move(matrix)), scales_(std::min(factors_.rows(), factors_.columns())) {
  for (std::int64_t first = 0; first < reflections(); first += reflections_per_block) {
    const std::int64_t end = std::min(first + reflections_per_block, reflections());
    reflect(first, end);
    if (end < factors_.columns()) update(first, end);
  }
}

void HouseholderQr::reflect(std::int64_t first, std::int64_t end) {
  for (std::int64_t k = first; k < end; ++k) {
    double* const column = factors_.column(k) + k;
    const std::int64_t size = factors_.rows() - k;
    const double below = dot(column + 1, column + 1, size - 1);
    if (below == 0) continue;  // the column is zero below the diagonal: the scale stays 0
    const double length = std::sqrt(column[0] * column[0] + below);
    const double diagonal = column[0] > 0 ? -length : length;
    const double first_number = column[0] - diagonal;
    for (std::int64_t i = 1; i < size; ++i) column[i] /= first_number;
    scales_[k] = (diagonal - column[0]) / diagonal;
    column[0] = diagonal;
    for (std::int64_t j = k + 1; j < end; ++j)
      reflect_vector(scales_[k], column + 1, size, factors_.column(j) + k);
  }
}

void HouseholderQr::update(std::int64_t first, std::int64_t end) {
  const std::int64_t count = end - first;
  PaddedColumns directions(factors_.rows(), count);  // V, with a direction v in each column
  for (std::int64_t k = 0; k < count; ++k) {
    directions(first + k, k) = 1;
    std::copy(factors_.column(first + k) + first + k + 1, factors_.column(first + k) + factors_.rows(),
              directions.column(k) + first + k + 1);
  }
  // The product of the reflections is I − V T Vᵀ with an upper triangular T.
  std::vector<double> t(count * count, 0.0);
  for (std::int64_t j = 0; j < count; ++j) {
    const double scale = scales_[first + j];
    for (std::int64_t k = 0; k < j; ++k) {
      const double product = dot(directions.column(k) + first + j, directions.column(j) + first + j,
                                 factors_.rows() - first - j);
      for (std::int64_t i = 0; i <= k; ++i) t[i * count + j] -= scale * (t[i * count + k] * product);
    }
    t[j * count + j] = scale;
  }
  const Part rest{.first_row = first, .first_column = end, .columns = factors_.columns() - end};
  const std::int64_t stride = core::divide_up(rest.columns, core::product_columns) * core::product_columns;
  const std::vector<double> products = transposed_product(directions, factors_, rest, stride);
  std::vector<double> scaled(count * rest.columns, 0.0);  // Tᵀ Vᵀ A
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t k = 0; k <= i; ++k)
      for (std::int64_t j = 0; j < rest.columns; ++j)
        scaled[i * rest.columns + j] += t[k * count + i] * products[k * stride + j];
  subtract_product(factors_, rest, directions, scaled);
}

void HouseholderQr::apply_q(double* x) const {
  for (std::int64_t k = reflections(); k-- > 0;)
    reflect_vector(scales_[k], factors_.column(k) + k + 1, factors_.rows() - k, x + k);
}

}  // namespace rhosweep::optimum
