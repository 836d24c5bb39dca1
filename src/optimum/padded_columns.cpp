#include "padded_columns.hpp"

#include "rhosweep/core/divide_up.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/tiled_product.hpp"

#include <algorithm>
#include <span>

namespace rhosweep::optimum {

using core::product_columns;
using core::product_rows;

PaddedColumns::PaddedColumns(std::int64_t rows, std::int64_t columns)
    : rows_(rows),
      columns_(columns),
      stride_(core::divide_up(rows, product_columns) * product_columns),
      numbers_(stride_ * (core::divide_up(columns, product_rows) + 1) * product_rows, 0.0) {}

void subtract_product(PaddedColumns& target, const Part& part, const PaddedColumns& left,
                      const std::vector<double>& right) {
  const std::int64_t depth = std::ssize(right) / std::max<std::int64_t>(part.columns, 1);
  core::require(part.first_row % product_columns == 0, "a part of a matrix begins at a tile");
  // A tile of sums covers four columns of the target and, in each of them, sixteen contiguous rows.
  const std::int64_t tiles = core::divide_up(part.columns, product_rows);
  std::vector<double> factors(tiles * depth * product_rows, 0.0);
  for (std::int64_t k = 0; k < depth; ++k)
    for (std::int64_t j = 0; j < part.columns; ++j)
      factors[(j / product_rows * depth + k) * product_rows + j % product_rows] =
          -right[k * part.columns + j];
  std::vector<double> rows(depth * product_columns);
  for (std::int64_t i = part.first_row; i < target.rows(); i += product_columns) {
    for (std::int64_t k = 0; k < depth; ++k)
      std::copy_n(left.column(k) + i, product_columns, rows.data() + k * product_columns);
    core::add_products(factors, rows, target.column(part.first_column) + i, target.stride());
  }
}

std::vector<double> transposed_product(const PaddedColumns& left, const PaddedColumns& right,
                                       const Part& of_right, std::int64_t stride) {
  constexpr std::int64_t rows_at_once = 256;
  const std::int64_t tiles = core::divide_up(left.columns(), product_rows);
  core::require(stride % product_columns == 0 && stride >= of_right.columns, "rows are padded to tiles");
  std::vector<double> sums(tiles * product_rows * stride, 0.0);
  std::vector<double> factors(tiles * rows_at_once * product_rows);
  std::vector<double> numbers(rows_at_once * product_columns);
  for (std::int64_t first = of_right.first_row; first < left.rows(); first += rows_at_once) {
    const std::int64_t rows = std::min(rows_at_once, left.rows() - first);
    for (std::int64_t tile = 0; tile < tiles; ++tile)
      for (std::int64_t r = 0; r < product_rows; ++r)
        for (std::int64_t i = 0; i < rows; ++i)
          factors[(tile * rows + i) * product_rows + r] = left(first + i, tile * product_rows + r);
    for (std::int64_t column = 0; column < of_right.columns; column += product_columns) {
      const std::int64_t some = std::min(product_columns, of_right.columns - column);
      // The sums of the padding are never read, so numbers that are left from an earlier round do no harm.
      for (std::int64_t c = 0; c < some; ++c) {
        const double* const from = right.column(of_right.first_column + column + c) + first;
        for (std::int64_t i = 0; i < rows; ++i) numbers[i * product_columns + c] = from[i];
      }
      core::add_products(std::span(factors).first(tiles * rows * product_rows),
                         std::span(numbers).first(rows * product_columns), sums.data() + column, stride);
    }
  }
  return sums;
}

}  // namespace rhosweep::optimum
