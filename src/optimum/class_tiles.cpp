#include "class_tiles.hpp"

#include "rhosweep/core/divide_up.hpp"
#include "rhosweep/core/tiled_product.hpp"

#include <algorithm>

namespace rhosweep::optimum {

using core::product_columns;
using core::product_rows;

ClassTiles::ClassTiles(const Eigen::Ref<const Classes>& factors)
    : terms_(factors.rows()),
      factors_(core::divide_up(factors.cols(), product_rows) * terms_ * product_rows, 0.0) {
  for (std::int64_t k = 0; k < terms_; ++k)
    for (std::int64_t c = 0; c < factors.cols(); ++c)
      factors_[(c / product_rows * terms_ + k) * product_rows + c % product_rows] = factors(k, c);
}

void ClassTiles::add(const std::vector<double>& numbers, std::int64_t count,
                     Eigen::Ref<Classes> target) const {
  std::vector<double> sums(std::ssize(factors_) / terms_ * product_columns, 0.0);
  for (std::int64_t c = 0; c < target.cols(); ++c)
    for (std::int64_t i = 0; i < count; ++i) sums[c * product_columns + i] = target(i, c);
  core::add_products(factors_, numbers, sums.data(), product_columns);
  for (std::int64_t c = 0; c < target.cols(); ++c)
    for (std::int64_t i = 0; i < count; ++i) target(i, c) = sums[c * product_columns + i];
}

void ClassTiles::add_scores(const Eigen::MatrixXd& panel, Eigen::Ref<Classes> scores) const {
  std::vector<double> numbers(terms_ * product_columns);  // columns beyond the last sample are not used
  for (std::int64_t first = 0; first < panel.cols(); first += product_columns) {
    const std::int64_t count = std::min(product_columns, panel.cols() - first);
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < terms_; ++j) numbers[j * product_columns + i] = panel(j, first + i);
    add(numbers, count, scores.middleRows(first, count));
  }
}

void ClassTiles::add_sums(const Eigen::MatrixXd& panel, Classes& sums) const {
  std::vector<double> numbers(terms_ * product_columns);
  for (std::int64_t first = 0; first < panel.rows(); first += product_columns) {
    const std::int64_t count = std::min(product_columns, panel.rows() - first);
    for (std::int64_t i = 0; i < terms_; ++i)
      std::copy_n(&panel(first, i), count, numbers.data() + i * product_columns);
    add(numbers, count, sums.middleRows(first, count));
  }
}

}  // namespace rhosweep::optimum
