#include "cholesky.hpp"

#include "sums.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rhosweep::optimum {

namespace {

/// Number of columns per block: a multiple of the height and of the width of a tile of core::add_products().
constexpr std::int64_t columns_per_block = 64;

}  // namespace

Cholesky::Cholesky(const Eigen::MatrixXd& matrix) : factor_(matrix.rows(), matrix.cols()) {
  const std::int64_t size = matrix.rows();
  for (std::int64_t j = 0; j < size; ++j) std::copy_n(&matrix(j, j), size - j, factor_.column(j) + j);
  std::vector<double> rows;
  for (std::int64_t first = 0; first < size && is_positive_; first += columns_per_block) {
    const std::int64_t end = std::min(first + columns_per_block, size);
    rows.clear();
    for (std::int64_t k = 0; k < first; ++k)
      rows.insert(rows.end(), factor_.column(k) + first, factor_.column(k) + end);
    if (first > 0)
      subtract_product(factor_, {.first_row = first, .first_column = first, .columns = end - first}, factor_,
                       rows);
    is_positive_ = factorise(first, end);
  }
}

bool Cholesky::factorise(std::int64_t first, std::int64_t end) {
  const std::int64_t size = factor_.rows();
  for (std::int64_t k = first; k < end; ++k) {
    double* const column = factor_.column(k);
    if (!(column[k] > 0)) return false;
    const double root = std::sqrt(column[k]);
    column[k] = root;
    for (std::int64_t i = k + 1; i < size; ++i) column[i] /= root;
    for (std::int64_t j = k + 1; j < end; ++j) {
      double* const other = factor_.column(j);
      const double factor = column[j];
      for (std::int64_t i = j; i < size; ++i) other[i] -= factor * column[i];
    }
  }
  return true;
}

Eigen::VectorXd Cholesky::solve(const Eigen::VectorXd& right) const {
  const std::int64_t size = factor_.rows();
  Eigen::VectorXd x = right;
  for (std::int64_t k = 0; k < size; ++k) {
    const double* const column = factor_.column(k);
    x[k] /= column[k];
    const double known = x[k];
    for (std::int64_t i = k + 1; i < size; ++i) x[i] -= known * column[i];
  }
  for (std::int64_t k = size; k-- > 0;) {
    const double* const column = factor_.column(k);
    x[k] = (x[k] - dot(column + k + 1, x.data() + k + 1, size - k - 1)) / column[k];
  }
  return x;
}

}  // namespace rhosweep::optimum
