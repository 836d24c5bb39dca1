#pragma once

#include <cstdint>

#include <Eigen/Core>

// Sums in an order that does not depend on the width of a vector unit, unlike Eigen's: term i goes to the
// lane i mod 8, and the lanes are added pairwise at the end. Every product and every sum is rounded.

namespace rhosweep::optimum {

/// Returns Σ x_i.
double sum(const Eigen::Ref<const Eigen::ArrayXd>& x);

/// Returns Σ x_i y_i over `size` numbers.
double dot(const double* x, const double* y, std::int64_t size);
double dot(const float* x, const double* y, std::int64_t size);

/// Adds the rows of a dense matrix (rows, size), each times a factor, to `sums`, one row after another.
void add_rows(const double* matrix, std::int64_t rows, std::int64_t size, const double* factors,
              double* sums);
void add_rows(const float* matrix, std::int64_t rows, std::int64_t size, const double* factors, double* sums);

/// Returns Σ x_i y_i. @pre x and y have the same size
double dot(const Eigen::Ref<const Eigen::VectorXd>& x, const Eigen::Ref<const Eigen::VectorXd>& y);

/// Returns Σ x_i².
double squared_norm(const Eigen::Ref<const Eigen::VectorXd>& x);

/// Returns √Σ x_i².
double norm(const Eigen::Ref<const Eigen::VectorXd>& x);

}  // namespace rhosweep::optimum
