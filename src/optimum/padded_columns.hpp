#pragma once

#include <cstdint>
#include <vector>

namespace rhosweep::optimum {

/// A matrix, stored column by column. Zeros pad it after the last row and the last column, so that every part
/// of the matrix consists of whole tiles of core::add_products().
class PaddedColumns {
 public:
  /// Makes a matrix of zeros.
  PaddedColumns(std::int64_t rows, std::int64_t columns);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  /// Returns the distance from one column to the next, counted in numbers.
  std::int64_t stride() const { return stride_; }

  double* column(std::int64_t j) { return numbers_.data() + j * stride_; }
  const double* column(std::int64_t j) const { return numbers_.data() + j * stride_; }
  double& operator()(std::int64_t i, std::int64_t j) { return column(j)[i]; }
  double operator()(std::int64_t i, std::int64_t j) const { return column(j)[i]; }

 private:
  std::int64_t rows_;
  std::int64_t columns_;
  std::int64_t stride_;
  std::vector<double> numbers_;
};

/// A part of a matrix: some columns, from row `first_row` to the last row.
struct Part {
  std::int64_t first_row;  ///< a multiple of core::product_columns
  std::int64_t first_column;
  std::int64_t columns;  ///< a multiple of core::product_rows, unless the part ends at the last column
};

/// target(i, j) ← target(i, j) − Σ_k left(i, k) right(k, j − first_column) for all (i, j) in the part. Every
/// sum subtracts its terms in order.
/// @param left (rows of the target, depth or more columns); may be the target itself if its first `depth`
/// columns are not in the part
/// @param right (depth, columns), row by row
void subtract_product(PaddedColumns& target, const Part& part, const PaddedColumns& left,
                      const std::vector<double>& right);

/// Returns leftᵀ times a part of `right`, shape (columns of left, columns of the part), row by row, each row
/// padded to `stride` numbers. Rows of left above the first row of the part are left out of the sums.
std::vector<double> transposed_product(const PaddedColumns& left, const PaddedColumns& right,
                                       const Part& of_right, std::int64_t stride);

}  // namespace rhosweep::optimum
