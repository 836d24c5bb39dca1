#include "files.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/h5/hdf5.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::data;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using core::InputError;
using model::Precision;
using List = std::vector<double>;

namespace {

/// An array to write into a file. Its elements are converted to `type`.
struct StoredArray {
  List elements;
  h5::Extents extents;
  hid_t type = H5T_IEEE_F64LE;
};

StoredArray integers(List elements, hid_t type = H5T_STD_I64LE) {
  const hsize_t size = elements.size();
  return {std::move(elements), {size}, type};
}

StoredArray reals(List elements) {
  const hsize_t size = elements.size();
  return {std::move(elements), {size}};
}

using Arrays = std::map<std::string, StoredArray>;

void add(hid_t file, const std::string& name, const StoredArray& array, hid_t creation = H5P_DEFAULT) {
  const h5::Dataset dataset(
      h5::check(H5Dcreate2(file, name.c_str(), array.type, h5::make_space(array.extents), H5P_DEFAULT,
                           creation, H5P_DEFAULT),
                "cannot make " + name));
  if (!array.elements.empty())
    h5::check(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.elements.data()),
              "cannot write " + name);
}

std::filesystem::path hdf5_of(const std::function<void(hid_t)>& fill) {
  h5::start_library();
  const std::filesystem::path name = "data.h5";
  const h5::File file(h5::check(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, h5::unlocked_access()),
                                "cannot make a file"));
  fill(file);
  return name;
}

std::filesystem::path hdf5_of(const Arrays& arrays) {
  return hdf5_of([&](hid_t file) {
    for (const auto& [name, array] : arrays) add(file, name, array);
  });
}

/// Returns 3 samples of 4 features: (1.5, 0, 0, −2), all zeros, (0, 0.25, 0, 0).
Arrays dense() {
  return {{"X", {{1.5, 0, 0, -2, 0, 0, 0, 0, 0, 0.25, 0, 0}, {3, 4}}}, {"y", reals({1, -1, 1})}};
}
Arrays sparse() {
  return {{"data", reals({1.5, -2, 0.25})},
          {"indices", integers({0, 3, 1}, H5T_STD_I32LE)},
          {"indptr", integers({0, 2, 2, 3}, H5T_STD_I32LE)},
          {"y", integers({1, -1, 1}, H5T_STD_I8LE)}};
}

Arrays with(Arrays arrays, const std::string& name, const StoredArray& array) {
  arrays[name] = array;
  return arrays;
}
Arrays without(Arrays arrays, const std::string& name) {
  arrays.erase(name);
  return arrays;
}

}  // namespace

TEST_CASE("X and y, and the same numbers in compressed rows, are read") {
  for (const Arrays& arrays : {dense(), sparse(), with(sparse(), "shape", integers({3, 4}))}) {
    const auto rows = rows_of(hdf5_of(arrays));
    CHECK(rows.features == 4);
    CHECK(rows.labels == List{1, -1, 1});
    CHECK(rows.offsets == std::vector<std::int64_t>{0, 2, 2, 3});
    CHECK(all(rows.columns) == std::vector<std::int32_t>{0, 3, 1});
    CHECK(all(rows.values) == List{1.5, -2, 0.25});
    CHECK(rows.lines == std::vector<std::int64_t>{0, 1, 2});
  }
}

TEST_CASE("a shape may say that there are more features than columns with numbers") {
  CHECK(rows_of(hdf5_of(with(sparse(), "shape", integers({3, 9})))).features == 9);
}

TEST_CASE("integers and floating-point numbers of any size and byte order are read") {
  for (const hid_t type :
       {H5T_STD_I8LE, H5T_STD_U8BE, H5T_STD_I16LE, H5T_STD_I32BE, H5T_STD_U32LE, H5T_STD_I64BE, H5T_STD_U64LE,
        H5T_IEEE_F32BE, H5T_IEEE_F64BE, H5T_NATIVE_LDOUBLE}) {
    const auto rows =
        rows_of(hdf5_of({{"X", {{1, 2, 3, 100}, {2, 2}, type}}, {"y", integers({0, 1}, type)}}));
    CHECK(numbers_of(rows) == List{1, 2, 3, 100});
    CHECK(rows.labels == List{0, 1});
  }
}

TEST_CASE("chunked and compressed arrays that are larger than a piece are read whole and in order") {
  constexpr hsize_t samples = 3000;
  constexpr hsize_t features = 700;  // 2.1 million numbers: a piece holds about a million
  const auto path = hdf5_of([](hid_t file) {
    List numbers(samples * features);
    for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = static_cast<double>(k % 1021);
    const h5::PropertyList creation(H5Pcreate(H5P_DATASET_CREATE));
    const h5::Extents chunk{64, 100};
    H5Pset_chunk(creation, 2, chunk.data());
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 1);
    add(file, "X", {numbers, {samples, features}}, creation);
    List labels(samples);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<double>(i % 2);
    add(file, "y", reals(labels));
  });
  const auto numbers = numbers_of(rows_of(path));
  std::size_t wrong = numbers.size() == samples * features ? 0 : 1;
  for (std::size_t k = 0; k < numbers.size(); ++k)
    wrong += numbers[k] == static_cast<double>(k % 1021) ? 0 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("a row that is longer than a piece is read") {
  constexpr hsize_t features = (hsize_t{1} << 20) + 3;
  List numbers(2 * features);
  numbers[0] = 1;
  numbers[features - 1] = 2;
  numbers[features] = 3;
  numbers[2 * features - 1] = 4;
  const auto rows = rows_of(hdf5_of({{"X", {numbers, {2, features}}}, {"y", reals({0, 1})}}));
  const auto last = static_cast<std::int32_t>(features - 1);
  CHECK(all(rows.columns) == std::vector<std::int32_t>{0, last, 0, last});
  CHECK(all(rows.values) == List{1, 2, 3, 4});
  CHECK(rows.labels == List{0, 1});
}

TEST_CASE("HDF5 that is no data set is refused with the array, what was found and what is allowed") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double inf = std::numeric_limits<double>::infinity();
  struct Bad {
    Arrays arrays;
    std::string complaint;
  };
  const std::string arrays_allowed = "; allowed: X and y, or data, indices, indptr and y";
  const std::vector<Bad> all_bad{
      {{}, ": found no X" + arrays_allowed},
      {without(dense(), "X"), ": found no X" + arrays_allowed},
      {without(dense(), "y"), ": found no y" + arrays_allowed},
      {without(sparse(), "data"), ": found no data" + arrays_allowed},
      {without(sparse(), "indices"), ": found no indices" + arrays_allowed},
      {without(sparse(), "indptr"), ": found no indptr" + arrays_allowed},
      {without(sparse(), "y"), ": found no y" + arrays_allowed},
      {with(sparse(), "X", dense().at("X")), ": found both X and compressed rows" + arrays_allowed},
      {with(dense(), "y", reals({1, -1})), ": found 2 labels in y for 3 samples; allowed: one per sample"},
      {with(dense(), "y", {{1, -1, 1, 1, 1, 1}, {3, 2}}), ": found y with 2 dimensions; allowed: 1"},
      {with(dense(), "X", reals({1, 2, 3})), ": found X with 1 dimensions; allowed: 2"},
      {with(dense(), "X", {{1}, {}}), ": found X with 0 dimensions; allowed: 2"},
      {{{"X", {{}, {0, 4}}}, {"y", reals({})}}, ": found no samples; allowed: at least one row"},
      {with(dense(), "X", {{}, {3, 0}}), ": found no features; allowed: at least one column"},
      {with(sparse(), "indptr", integers({})),
       ": found 3 labels in y for 0 samples; allowed: one per sample"},
      {with(dense(), "y", reals({1, nan, 1})), ": row 1: found the label nan; allowed: a finite number"},
      {with(dense(), "X", {{1, 2, 3, 4, 5, 6, nan, 8, 9, 10, 11, 12}, {3, 4}}),
       ": row 1: found the value nan of column 2; allowed: a finite number"},
      {with(sparse(), "data", reals({1.5, -2, inf})),
       ": row 2: found the value inf of column 1; allowed: a finite number"},
      {with(sparse(), "data", reals({1e200, -2, 1})),
       ": row 0: found the value 1e+200 of column 0; allowed: numbers up to 1e+150 with precision float64"},
      {with(sparse(), "data", reals({1, 2})),
       ": found 3 indices for 2 numbers in data; allowed: one per number"},
      {with(sparse(), "indices", reals({0, 3, 1})),
       ": found indices with another type of elements; allowed: integers"},
      {with(sparse(), "indices", integers({3, 0, 1})),
       ": row 0: found the index 0 after 3; allowed: indices that increase within a row"},
      {with(sparse(), "indices", integers({0, 0, 1})),
       ": row 0: found the index 0 after 0; allowed: indices that increase within a row"},
      {with(sparse(), "indices", integers({-1, 3, 1})),
       ": row 0: found the index -1; allowed: integers from 0 to 2147483646"},
      {with(sparse(), "indices", integers({0, 3, 2147483647})),
       ": row 2: found the index 2147483647; allowed: integers from 0 to 2147483646"},
      {with(with(sparse(), "indices", integers({0, 4, 1})), "shape", integers({3, 4})),
       ": row 0: found the index 4; allowed: integers from 0 to 3"},
      {with(sparse(), "indptr", integers({1, 2, 2, 3})), ": found 1 at the start of indptr; allowed: 0"},
      {with(sparse(), "indptr", integers({0, 2, 1, 3})),
       ": row 1: found 1 after 2 in indptr; allowed: numbers that do not decrease, up to 3"},
      {with(sparse(), "indptr", integers({0, 2, 2, 9})),
       ": row 2: found 9 after 2 in indptr; allowed: numbers that do not decrease, up to 3"},
      {with(sparse(), "indptr", integers({0, 2, 2, 2})),
       ": found 2 at the end of indptr; allowed: 3, all numbers of data"},
      {with(sparse(), "shape", integers({3, 4, 1})),
       ": found shape with 3 numbers; allowed: the samples and the features"},
      {with(sparse(), "shape", integers({4, 4})),
       ": found shape [4, 4]; allowed: 3, as indptr has it, and at least 1"},
      {with(sparse(), "shape", integers({3, 3000000000})),
       ": found 3000000000 features; allowed: up to 2147483647"},
  };
  for (const auto& [arrays, complaint] : all_bad)
    CHECK_THROWS_MATCHES(rows_of(hdf5_of(arrays)), InputError,
                         Catch::Matchers::Message("data.h5" + complaint));
}

TEST_CASE("texts and groups in the place of arrays are refused") {
  const auto text = hdf5_of([](hid_t file) {
    add(file, "y", reals({1}));
    const h5::Dataset x(H5Dcreate2(file, "X", h5::text_type(), h5::make_space(h5::Extents{1, 1}), H5P_DEFAULT,
                                   H5P_DEFAULT, H5P_DEFAULT));
  });
  CHECK_THROWS_WITH(rows_of(text),
                    "data.h5: found X with texts; allowed: integers, "
                    "floating-point numbers or booleans");
  const auto group = hdf5_of([](hid_t file) {
    add(file, "y", reals({1}));
    const h5::Group x(H5Gcreate2(file, "X", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  });
  CHECK_THROWS_WITH(rows_of(group), StartsWith("data.h5: cannot open variable X"));
}

TEST_CASE("a file that is no HDF5, or not whole, is refused with the reason") {
  CHECK_THROWS_WITH(rows_of("absent.h5"), "absent.h5: No such file or directory");
  CHECK_THROWS_AS(rows_of(file_of("", "data.h5")), InputError);
  CHECK_THROWS_WITH(rows_of(file_of("1 1:2\n", "data.h5")), StartsWith("data.h5: cannot read this file: "));
  std::ifstream in(hdf5_of(dense()), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    CAPTURE(length);
    CHECK_THROWS_AS(rows_of(file_of(whole.substr(0, length), "data.h5")), InputError);
  }
}

TEST_CASE("labels of HDF5 may be a column") {
  for (const auto& arrays : {dense(), sparse()}) {
    auto column = arrays;
    column["y"].extents = {3, 1};
    CHECK(rows_of(hdf5_of(column)).labels == rows_of(hdf5_of(arrays)).labels);
  }
}

namespace {

int unpacked = 0;

std::size_t count_unpacked(unsigned flags, std::size_t, const unsigned*, std::size_t bytes, std::size_t*,
                           void**) {
  if ((flags & H5Z_FLAG_REVERSE) != 0) ++unpacked;
  return bytes;
}

}  // namespace

TEST_CASE("each chunk is unpacked once, also if it holds a whole column") {
  constexpr H5Z_filter_t for_tests = 300;  // HDF5 reserves 256 to 511 for tests
  const H5Z_class2_t filter{.version = H5Z_CLASS_T_VERS,
                            .id = for_tests,
                            .encoder_present = 1,
                            .decoder_present = 1,
                            .name = "counts",
                            .can_apply = nullptr,
                            .set_local = nullptr,
                            .filter = count_unpacked};
  h5::start_library();
  h5::check(H5Zregister(&filter), "cannot register a filter");
  constexpr hsize_t samples = 70'000;
  constexpr hsize_t features = 30;  // rows are read in pieces of 2^20 numbers: several pieces
  const std::array<hsize_t, 2> column{samples, 1};
  const h5::PropertyList creation(h5::check(H5Pcreate(H5P_DATASET_CREATE), "cannot make a property list"));
  h5::check(H5Pset_chunk(creation, 2, column.data()), "cannot set chunks");
  h5::check(H5Pset_filter(creation, for_tests, H5Z_FLAG_MANDATORY, 0, nullptr), "cannot set a filter");
  List labels(samples, 1.0);
  labels[0] = -1.0;
  const auto file = hdf5_of([&](hid_t into) {
    add(into, "X", {List(samples * features, 0.5), {samples, features}}, creation);
    add(into, "y", reals(labels));
  });
  unpacked = 0;
  CHECK(rows_of(file).features == features);
  CHECK(unpacked == features);
}

TEST_CASE("numbers of more bytes than any machine's are refused") {
  h5::start_library();
  const h5::Datatype wide(H5Tcopy(H5T_STD_I64LE));
  h5::check(H5Tset_precision(wide, std::size_t{4096} * 8), "cannot set a precision");
  CHECK_THROWS_WITH(rows_of(hdf5_of(with(dense(), "X", {{}, {3, 4}, wide}))),
                    "data.h5: found X with elements of 4096 bytes; allowed: up to 16 bytes");
}
