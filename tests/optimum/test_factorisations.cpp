#include "cholesky.hpp"
#include "householder.hpp"
#include "sums.hpp"

#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::optimum;

namespace {

/// Returns a matrix of normal random numbers.
PaddedColumns random_matrix(std::int64_t rows, std::int64_t columns) {
  const core::RandomStream stream(1, core::Purpose::features);
  PaddedColumns matrix(rows, columns);
  for (std::int64_t j = 0; j < columns; ++j)
    for (std::int64_t i = 0; i < rows; ++i)
      matrix(i, j) = stream.normal_pair(i, static_cast<std::uint32_t>(j)).first;
  return matrix;
}

/// Returns A Aᵀ + I.
Eigen::MatrixXd positive_matrix(std::int64_t size) {
  const PaddedColumns a = random_matrix(size, size);
  Eigen::MatrixXd product = Eigen::MatrixXd::Identity(size, size);
  for (std::int64_t k = 0; k < size; ++k)
    for (std::int64_t j = 0; j < size; ++j)
      for (std::int64_t i = 0; i < size; ++i) product(i, j) += a(i, k) * a(j, k);
  return product;
}

}  // namespace

TEST_CASE("Q times R is the matrix, for any shape") {
  const auto [rows, columns] = GENERATE(table<std::int64_t, std::int64_t>(
      {{1, 1}, {5, 3}, {3, 5}, {64, 64}, {130, 70}, {70, 130}, {67, 200}, {600, 129}}));
  CAPTURE(rows, columns);
  const PaddedColumns matrix = random_matrix(rows, columns);
  const HouseholderQr qr{PaddedColumns(matrix)};
  REQUIRE(qr.reflections() == std::min(rows, columns));
  double worst = 0.0;
  for (std::int64_t j = 0; j < columns; ++j) {
    std::vector<double> x(static_cast<std::size_t>(rows), 0.0);
    for (std::int64_t i = 0; i <= std::min(j, qr.reflections() - 1); ++i)
      x[static_cast<std::size_t>(i)] = qr.r(i, j);
    qr.apply_q(x.data());
    for (std::int64_t i = 0; i < rows; ++i)
      worst = std::max(worst, std::abs(x[static_cast<std::size_t>(i)] - matrix(i, j)));
  }
  CHECK(worst < 1e-13 * std::sqrt(static_cast<double>(rows)));
}

TEST_CASE("Q keeps lengths, also for columns that depend on each other") {
  PaddedColumns matrix = random_matrix(90, 80);
  std::copy_n(matrix.column(3), 90, matrix.column(70));
  std::fill_n(matrix.column(5), 90, 0.0);
  const HouseholderQr qr(std::move(matrix));
  std::vector<double> x(90);
  std::iota(x.begin(), x.end(), 1.0);
  const double square = 90.0 * 91.0 * 181.0 / 6.0;  // Σ i²
  qr.apply_q(x.data());
  CHECK(dot(x.data(), x.data(), 90) == Approx(square).epsilon(1e-13));
}

TEST_CASE("the Cholesky factorisation solves systems of any size") {
  const std::int64_t size = GENERATE(1, 2, 15, 63, 64, 65, 130, 200);
  CAPTURE(size);
  const Eigen::MatrixXd matrix = positive_matrix(size);
  Eigen::MatrixXd lower = matrix;
  lower.triangularView<Eigen::StrictlyUpper>().setConstant(std::nan(""));  // Cholesky must not read this half
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(size, -1, 2);
  const Cholesky cholesky(lower);
  REQUIRE(cholesky.is_positive());
  CHECK((cholesky.solve(matrix * x) - x).norm() < 1e-10 * x.norm());
}

TEST_CASE("a matrix that is not positive definite has no Cholesky factorisation") {
  const std::int64_t size = GENERATE(1, 64, 150);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(size, size);
  matrix(size - 1, size - 1) = GENERATE(0.0, -1.0);
  CHECK_FALSE(Cholesky(matrix).is_positive());
}

TEST_CASE("sums add every term once, whatever their number") {
  const int size = GENERATE(0, 1, 2, 7, 8, 9, 31);
  const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(size, 1, std::max(size, 1));
  CHECK(sum(x.array()) == size * (size + 1) / 2.0);
  CHECK(squared_norm(x) == size * (size + 1) * (2 * size + 1) / 6.0);
  CHECK(norm(x) == std::sqrt(squared_norm(x)));
}

TEST_CASE("rows are added with their factors, in both precisions") {
  const int rows = GENERATE(1, 4, 6);
  std::vector<double> matrix(static_cast<std::size_t>(rows * 3));
  std::iota(matrix.begin(), matrix.end(), 0.0);
  const std::vector<float> narrow(matrix.begin(), matrix.end());
  const std::vector<double> factors{1, -2, 3, 5, 7, -11};
  std::vector<double> sums{100, 200, 300};
  auto sums_of_narrow = sums;
  add_rows(matrix.data(), rows, 3, factors.data(), sums.data());
  add_rows(narrow.data(), rows, 3, factors.data(), sums_of_narrow.data());
  CHECK(sums == sums_of_narrow);
  for (std::size_t j = 0; j < 3; ++j) {
    double expected = 100.0 * static_cast<double>(j + 1);
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i)
      expected += factors[i] * static_cast<double>(3 * i + j);
    CHECK(sums[j] == expected);
  }
}
