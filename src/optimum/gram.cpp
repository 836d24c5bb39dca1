#include "gram.hpp"

#include "rhosweep/core/divide_up.hpp"
#include "rhosweep/core/tiled_product.hpp"

#include <algorithm>
#include <span>

namespace rhosweep::optimum {

using core::product_columns;
using core::product_rows;

Gram::Gram(std::int64_t features)
    : features_(features),
      row_tiles_(core::divide_up(features, product_rows)),
      column_tiles_(core::divide_up(features, product_columns)),
      stride_(column_tiles_ * product_columns),
      sums_(row_tiles_ * product_rows * stride_, 0.0) {}

void Gram::add(const Eigen::MatrixXd& panel, const Eigen::Ref<const Eigen::VectorXd>& s) {
  const std::int64_t samples = panel.cols();
  // The padding of the tiles is not initialised: the sums that contain it are never read.
  left_.resize(row_tiles_ * samples * product_rows);
  for (std::int64_t tile = 0; tile < row_tiles_; ++tile) {
    const std::int64_t first = tile * product_rows;
    const std::int64_t rows = std::min(product_rows, features_ - first);
    double* out = left_.data() + tile * samples * product_rows;
    for (std::int64_t i = 0; i < samples; ++i, out += product_rows)
      for (std::int64_t b = 0; b < rows; ++b) out[b] = s[i] * panel(first + b, i);
  }
  right_.resize(samples * product_columns);
  for (std::int64_t tile = 0; tile < column_tiles_; ++tile) {
    const std::int64_t first = tile * product_columns;
    const std::int64_t columns = std::min(product_columns, features_ - first);
    for (std::int64_t i = 0; i < samples; ++i)
      std::copy_n(&panel(first, i), columns, right_.data() + i * product_columns);
    // Only the rows on and below the diagonal are needed.
    const std::span from_diagonal = std::span(left_).subspan(first * samples);
    core::add_products(from_diagonal, right_, sums_.data() + first * stride_ + first, stride_);
  }
}

Eigen::MatrixXd Gram::lower() const {
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(features_, features_);
  for (std::int64_t row = 0; row < features_; ++row)
    for (std::int64_t column = 0; column <= row; ++column)
      matrix(row, column) = sums_[row * stride_ + column];
  return matrix;
}

}  // namespace rhosweep::optimum
