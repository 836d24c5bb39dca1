#pragma once

#include <cstdint>
#include <vector>

namespace rhosweep::optimum {

/// A matrix, column by column, with zeros after its last row and column so that every part of it consists of
/// whole tiles of core::add_products().
class PaddedColumns {
 public:
  /// Makes a matrix of zeros.
  PaddedColumns(std::int64_t rows, std::int64_t columns);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  /// Distance from one column to the next.
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
  std::int64_t columns;  ///< a multiple of core::product_rows, or up to the last column
};

/// target(i, j) ← target(i, j) − Σ_k left(i, k) right(k, j − first_column) for all (i, j) in the part. Every
/// sum subtracts its terms in order.
/// @param left with the rows of the target, (rows, depth or more); may be the target itself if its first
/// `depth` columns are not in the part
/// @param right (depth, columns), row by row
void subtract_product(PaddedColumns& target, const Part& part, const PaddedColumns& left,
                      const std::vector<double>& right);

/// Returns leftᵀ·right for the rows from `first_row` on: (columns of left, columns of the part), row by row,
/// each row padded to `stride` numbers.
std::vector<double> transposed_product(const PaddedColumns& left, const PaddedColumns& right,
                                       const Part& of_right, std::int64_t stride);

}  // namespace rhosweep::optimum
