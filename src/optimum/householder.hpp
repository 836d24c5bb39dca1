#pragma once

#include "padded_columns.hpp"

#include <cstdint>
#include <vector>

namespace rhosweep::optimum {

/// The factorisation A = Q R by Householder's reflections, in blocks (Schreiber & Van Loan 1989). The order
/// of the sums does not depend on the processor.
class HouseholderQr {
 public:
  explicit HouseholderQr(PaddedColumns matrix);

  /// Number of reflections: the number of rows or of columns of the matrix, whichever is smaller.
  std::int64_t reflections() const { return static_cast<std::int64_t>(scales_.size()); }
  /// Returns R(i, j), for i ≤ j.
  double r(std::int64_t i, std::int64_t j) const { return factors_(i, j); }
  /// Replaces x by Q x. @param x (rows)
  void apply_q(double* x) const;

 private:
  /// Factorises columns `first` … `end` − 1 and applies their reflections to these columns alone.
  void reflect(std::int64_t first, std::int64_t end);
  /// Applies the reflections of columns `first` … `end` − 1 to all columns after them.
  void update(std::int64_t first, std::int64_t end);

  PaddedColumns factors_;       ///< R, and below its diagonal the directions v, whose first number is 1
  std::vector<double> scales_;  ///< τ of the reflections I − τ v vᵀ
};

}  // namespace rhosweep::optimum
