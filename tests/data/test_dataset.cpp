#include "files.hpp"
#include "support/dense_data.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/dataset.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep::data;
using rhosweep::core::InternalError;
using rhosweep::model::Precision;
using Storage = Dataset::Storage;

namespace {

/// Returns 3 samples of 4 features: (1.5, 0, 0, −2), all zeros, (0, 0.1, 0, 0).
Dataset::Rows small_rows() {
  return {.features = 4,
          .offsets = {0, 2, 2, 3},
          .columns = {0, 3, 1},
          .values = {1.5, -2.0, 0.1},
          .labels = {1.0, -1.0, 1.0}};
}

const std::vector<double> small_dense{1.5, 0, 0, -2, 0, 0, 0, 0, 0, 0.1, 0, 0};

/// Copies a data set to other memory, as if it came from another process.
Dataset through_bytes(const Dataset& set) {
  const auto bytes = set.bytes();
  std::shared_ptr<std::byte[]> copy(new std::byte[bytes.size()]);
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  return Dataset::from_bytes({copy, copy.get()}, bytes.size());
}

template <class Real>
void check_dense(const Dataset& set) {
  CHECK(set.storage() == Storage::dense);
  CHECK(set.samples() == 3);
  CHECK(set.features() == 4);
  CHECK(set.nonzeros() == 12);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      CHECK(set.dense_row<Real>(static_cast<std::int64_t>(i))[j] ==
            static_cast<Real>(small_dense[i * 4 + j]));
  CHECK(list(set.values<Real>(2)) == std::vector<Real>{0, static_cast<Real>(0.1), 0, 0});
  CHECK(list(set.labels<Real>()) == std::vector<Real>{1, -1, 1});
}

template <class Real>
void check_sparse(const Dataset& set) {
  CHECK(set.storage() == Storage::sparse);
  CHECK(set.samples() == 3);
  CHECK(set.features() == 4);
  CHECK(set.nonzeros() == 3);
  CHECK(list(set.sparse_row<Real>(0).columns) == std::vector<std::int32_t>{0, 3});
  CHECK(list(set.sparse_row<Real>(0).values) == std::vector<Real>{1.5, -2.0});
  CHECK(set.sparse_row<Real>(1).columns.empty());
  CHECK(list(set.sparse_row<Real>(2).columns) == std::vector<std::int32_t>{1});
  CHECK(list(set.values<Real>(2)) == std::vector<Real>{static_cast<Real>(0.1)});
  CHECK(list(set.labels<Real>()) == std::vector<Real>{1, -1, 1});
}

}  // namespace

TEMPLATE_TEST_CASE("a data set gives back its samples, dense and sparse, also through its bytes", "", double,
                   float) {
  const Precision precision = std::is_same_v<TestType, double> ? Precision::float64 : Precision::float32;
  const auto dense = Dataset::from_rows(small_rows(), precision, Storage::dense);
  check_dense<TestType>(dense);
  check_dense<TestType>(through_bytes(dense));
  check_dense<TestType>(*dense_data(small_dense, small_rows().labels, precision));
  const auto sparse = Dataset::from_rows(small_rows(), precision, Storage::sparse);
  check_sparse<TestType>(sparse);
  check_sparse<TestType>(through_bytes(sparse));
  CHECK(sparse.precision() == precision);
}

TEST_CASE("rows of more numbers than one piece are stored whole and in order, dense and sparse") {
  constexpr std::int64_t samples = Pieces<double>::piece / 3 + 5;  // some rows span two pieces
  Dataset::Rows rows{.features = 4};
  rows.values = Numbers(Precision::float32);
  for (std::int64_t i = 0; i < samples; ++i) {
    for (const std::int32_t column : {0, 1, 3}) {
      rows.columns.push_back(column);
      rows.values.push_back(static_cast<double>(4 * i + column));
    }
    rows.offsets.push_back(3 * (i + 1));
    rows.labels.push_back(1);
  }
  const auto dense = Dataset::from_rows(rows, Precision::float32, Storage::dense);
  const auto sparse = Dataset::from_rows(std::move(rows), Precision::float32, Storage::sparse);
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < samples; ++i) {
    const auto first = static_cast<float>(4 * i);
    if (list(dense.values<float>(i)) != std::vector<float>{first, first + 1, 0, first + 3}) ++wrong;
    if (list(sparse.values<float>(i)) != std::vector<float>{first, first + 1, first + 3}) ++wrong;
    if (list(sparse.sparse_row<float>(i).columns) != std::vector<std::int32_t>{0, 1, 3}) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("arrays begin at multiples of 64 bytes") {
  const auto dense = Dataset::from_rows(small_rows(), Precision::float32, Storage::dense);
  const auto sparse = Dataset::from_rows(small_rows(), Precision::float64, Storage::sparse);
  const auto is_aligned = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; };
  CHECK(is_aligned(dense.dense_row<float>(0)));
  CHECK(is_aligned(dense.labels<float>().data()));
  CHECK(is_aligned(sparse.sparse_row<double>(0).values.data()));
  CHECK(is_aligned(sparse.sparse_row<double>(0).columns.data()));
}

TEST_CASE("storage follows the density of the rows") {
  Dataset::Rows rows = small_rows();  // 3 of 12 numbers are not 0: a quarter is not sparse yet
  CHECK(Dataset::from_rows(rows, Precision::float64).storage() == Storage::dense);
  rows.features = 5;
  CHECK(Dataset::from_rows(rows, Precision::float64).storage() == Storage::sparse);
}

TEST_CASE("the hash depends on the contents alone") {
  const auto set = Dataset::from_rows(small_rows(), Precision::float64);
  CHECK(set.hash() == Dataset::from_rows(small_rows(), Precision::float64).hash());
  CHECK(set.hash() == through_bytes(set).hash());
  Dataset::Rows changed = small_rows();
  changed.values = {1.5, -2.0, 0.2};
  CHECK(set.hash() != Dataset::from_rows(changed, Precision::float64).hash());
  CHECK(set.hash() != Dataset::from_rows(small_rows(), Precision::float32).hash());
}

TEST_CASE("a data set is not read as what it is not") {
  const auto dense = Dataset::from_rows(small_rows(), Precision::float64, Storage::dense);
  CHECK_THROWS_AS(dense.dense_row<float>(0), InternalError);
  CHECK_THROWS_AS(dense.labels<float>(), InternalError);
  CHECK_THROWS_AS(dense.sparse_row<double>(0), InternalError);
  CHECK_THROWS_AS(Dataset::from_rows(small_rows(), Precision::float64, Storage::sparse).dense_row<double>(0),
                  InternalError);
  std::shared_ptr<std::byte[]> zeros(new std::byte[256]());
  CHECK_THROWS_AS(Dataset::from_bytes({zeros, zeros.get()}, 256), InternalError);
  CHECK_THROWS_AS(Dataset::from_bytes({zeros, zeros.get()}, 8), InternalError);
  Dataset::Rows narrow = small_rows();
  narrow.features = 3;
  CHECK_THROWS_AS(Dataset::from_rows(narrow, Precision::float64), InternalError);
}
