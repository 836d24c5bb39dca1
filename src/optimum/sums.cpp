#include "sums.hpp"

#include "rhosweep/core/error.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace rhosweep::optimum {

namespace {

/// Two lanes: a 128-bit register, which every processor has.
using Pair __attribute__((vector_size(16))) = double;
constexpr std::int64_t lanes = 8;

template <class Real>
Pair load(const Real* x) {
  return Pair{static_cast<double>(x[0]), static_cast<double>(x[1])};
}

/// Returns the sum of the terms 0 … size − 1. @param term returns terms i and i + 1 as a Pair
/// @param last returns the single term i
template <class Term, class Last>
double sum_lanes(std::int64_t size, const Term& term, const Last& last) {
  std::array<Pair, lanes / 2> sums{};
  std::int64_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    sums[0] += term(i);
    sums[1] += term(i + 2);
    sums[2] += term(i + 4);
    sums[3] += term(i + 6);
  }
  for (std::int64_t lane = 0; i < size; ++i, ++lane)
    sums[static_cast<std::size_t>(lane / 2)][lane % 2] += last(i);
  const Pair all = (sums[0] + sums[2]) + (sums[1] + sums[3]);
  return all[0] + all[1];
}

template <class Real>
double dot_of(const Real* x, const double* y, std::int64_t size) {
  return sum_lanes(
      size, [&](std::int64_t i) { return load(x + i) * load(y + i); },
      [&](std::int64_t i) { return static_cast<double>(x[i]) * y[i]; });
}

template <class Real>
void add_rows_of(const Real* matrix, std::int64_t rows, std::int64_t size, const double* factors,
                 double* __restrict sums) {
  std::int64_t i = 0;
  // Process four rows at a time, so that the sums are loaded and stored a quarter as often.
  for (; i + 4 <= rows; i += 4) {
    const Real* const row = matrix + i * size;
    const double a = factors[i];
    const double b = factors[i + 1];
    const double c = factors[i + 2];
    const double d = factors[i + 3];
    for (std::int64_t j = 0; j < size; ++j)
      sums[j] = (((sums[j] + a * static_cast<double>(row[j])) + b * static_cast<double>(row[j + size])) +
                 c * static_cast<double>(row[j + 2 * size])) +
                d * static_cast<double>(row[j + 3 * size]);
  }
  for (; i < rows; ++i)
    for (std::int64_t j = 0; j < size; ++j) sums[j] += factors[i] * static_cast<double>(matrix[i * size + j]);
}

}  // namespace

double sum(const Eigen::Ref<const Eigen::ArrayXd>& x) {
  const double* const numbers = x.data();
  return sum_lanes(
      x.size(), [&](std::int64_t i) { return load(numbers + i); },
      [&](std::int64_t i) { return numbers[i]; });
}

double dot(const double* x, const double* y, std::int64_t size) {
  return dot_of(x, y, size);
}
double dot(const float* x, const double* y, std::int64_t size) {
  return dot_of(x, y, size);
}

void add_rows(const double* matrix, std::int64_t rows, std::int64_t size, const double* factors,
              double* sums) {
  add_rows_of(matrix, rows, size, factors, sums);
}
void add_rows(const float* matrix, std::int64_t rows, std::int64_t size, const double* factors,
              double* sums) {
  add_rows_of(matrix, rows, size, factors, sums);
}

double dot(const Eigen::Ref<const Eigen::VectorXd>& x, const Eigen::Ref<const Eigen::VectorXd>& y) {
  core::require(x.size() == y.size(), "an inner product needs vectors of one size");
  return dot_of(x.data(), y.data(), x.size());
}

double squared_norm(const Eigen::Ref<const Eigen::VectorXd>& x) {
  return dot_of(x.data(), x.data(), x.size());
}

double norm(const Eigen::Ref<const Eigen::VectorXd>& x) {
  return std::sqrt(squared_norm(x));
}

}  // namespace rhosweep::optimum
