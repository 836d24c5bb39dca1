#include "files.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/file_data.hpp"
#include "rhosweep/h5/hdf5.hpp"

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace rhosweep::data;
using Catch::Matchers::Message;
using rhosweep::core::InputError;
using rhosweep::model::Precision;

namespace {

Dataset two_class(const std::filesystem::path& file, Precision precision) {
  return FileData({.training = {file}}, precision).training();
}

const std::filesystem::path shipped = std::filesystem::path(RHOSWEEP_SOURCE_DIR) / "jobs" / "sweeps" / "data";

}  // namespace

TEST_CASE("of two labels the smaller becomes -1, the larger +1") {
  const auto set = two_class(file_of("2 1:1\n1 1:1\n1 1:3\n"), Precision::float64);
  const auto labels = set.labels<double>();
  CHECK(std::vector<double>(labels.begin(), labels.end()) == std::vector<double>{1, -1, -1});
  CHECK(set.classes() == std::array<double, 2>{1, 2});
}

TEST_CASE("training data without exactly two labels is refused and its labels are listed") {
  CHECK_THROWS_MATCHES(two_class(file_of("7 1:1\n7 1:2\n"), Precision::float64), InputError,
                       Message("data.libsvm: found the label 7; allowed: exactly two different labels"));
  CHECK_THROWS_MATCHES(two_class(file_of("3 1:1\n0.5 1:2\n-1 1:2\n"), Precision::float64), InputError,
                       Message("data.libsvm: found the labels -1, 0.5, 3; allowed: exactly two different "
                               "labels, or one against the rest (problem.positive_label)"));
  CHECK_THROWS_WITH(two_class(shipped / "digits.libsvm", Precision::float64),
                    Catch::Contains("found the labels 0, 1, 2, 3, 4, ...; allowed: exactly two"));
}

TEST_CASE("a value whose square would overflow the precision is refused with its line") {
  const auto file = file_of("1 1:1\n\n-1 2:-1e19\n");
  CHECK(two_class(file, Precision::float64).samples() == 2);
  CHECK_THROWS_MATCHES(
      two_class(file, Precision::float32), InputError,
      Message("data.libsvm:3: found the value -1e+19 of index 2; allowed: numbers up to 1e+18 with "
              "precision float32"));
  CHECK_THROWS_MATCHES(
      two_class(file_of("1 1:1e151\n0 1:1\n"), Precision::float64), InputError,
      Message("data.libsvm:1: found the value 1e+151 of index 1; allowed: numbers up to 1e+150 with "
              "precision float64"));
}

TEST_CASE("held-out data has the training data's labels and is padded to its features") {
  const auto held_out = [train = file_of("5 1:1 3:1\n4 1:1 2:1\n", "train.libsvm")](const std::string& text) {
    return FileData({.training = {train}, .held_out = DataFile{file_of(text, "test.libsvm")}},
                    Precision::float32)
        .held_out();
  };
  const auto test = held_out("5 1:2\n5 2:1\n");
  CHECK(test.features() == 3);
  CHECK(test.precision() == Precision::float32);
  CHECK(test.labels<float>()[0] == 1.0F);
  CHECK(test.labels<float>()[1] == 1.0F);
  CHECK_THROWS_MATCHES(held_out("4 1:1\n6 1:1\n"), InputError,
                       Message("test.libsvm:2: found the label 6; allowed: 4 or 5, as in the training data"));
  CHECK_THROWS_MATCHES(
      held_out("#\n4 1:1 4:1\n"), InputError,
      Message("test.libsvm:2: found the index 4; allowed: indices up to 3, as in the training data, or "
              "more with problem.features"));
}

TEST_CASE("held-out data of a format that has all features must have the training data's, in their order") {
  const auto train = file_of("a,b,label\n1,2,0\n3,4,1\n", "train.csv");
  const auto held_out = [&](const std::string& text, const std::string& name) {
    return FileData({.training = {train}, .held_out = DataFile{file_of(text, name)}}, Precision::float64)
        .held_out();
  };
  CHECK(held_out("a,b,label\n1,2,0\n", "test.csv").samples() == 1);
  CHECK(held_out("label,a,b\n1,2,0\n", "test.csv").labels<double>()[0] == 1);
  CHECK(held_out("1,2,0\n", "test.csv").samples() == 1);
  CHECK(held_out("0 1:2\n", "test.libsvm").features() == 2);
  CHECK_THROWS_MATCHES(held_out("1,0\n", "test.csv"), InputError,
                       Message("test.csv: found 1 feature; allowed: 2, as in the training data"));
  CHECK_THROWS_MATCHES(
      held_out("b,a,label\n1,2,0\n", "test.csv"), InputError,
      Message(
          "test.csv: found the column \"b\" in place of \"a\"; allowed: the columns of the training data"));
}

TEST_CASE("the shipped breast cancer data is what its description says") {
  // UCI Breast Cancer Wisconsin (Diagnostic), wdbc.names: 569 instances, 30 features, 357 benign, 212
  // malignant.
  const auto set = two_class(shipped / "breast_cancer.libsvm", Precision::float64);
  CHECK(set.samples() == 569);
  CHECK(set.features() == 30);
  CHECK(set.storage() == Dataset::Storage::dense);
  const auto labels = set.labels<double>();
  CHECK(std::count(labels.begin(), labels.end(), -1.0) == 212);
  CHECK(std::count(labels.begin(), labels.end(), 1.0) == 357);
  for (std::int64_t j = 0; j < 30; ++j) {  // standardised, written with 9 digits
    double sum = 0.0;
    double squares = 0.0;
    for (std::int64_t i = 0; i < 569; ++i) {
      const double x = set.dense_row<double>(i)[j];
      sum += x;
      squares += x * x;
    }
    CHECK(sum / 569 == Approx(0.0).margin(1e-8));
    CHECK(squares / 569 == Approx(1.0).epsilon(1e-7));
  }
}

TEST_CASE("one label stands against the rest, also where it is not the largest") {
  const auto file = file_of("2 1:1\n7 1:2\n0 1:3\n2 1:4\n");
  const auto set = FileData({.training = {file}, .label = 2.0}, Precision::float64).training();
  CHECK(list(set.labels<double>()) == std::vector<double>{1, -1, -1, 1});
  const auto refused = [&](double label) {
    return FileData({.training = {file}, .label = label}, Precision::float64).training();
  };
  CHECK_THROWS_MATCHES(
      refused(3), InputError,
      Message("data.libsvm: found no label 3 (problem.positive_label) but the labels 0, 2, 7; allowed: a "
              "label of the file"));
  file_of("2 1:1\n2 1:4\n");
  CHECK_THROWS_MATCHES(
      refused(2), InputError,
      Message(
          "data.libsvm: found only the label 2 (problem.positive_label); allowed: at least one other label"));
  FileData data({.training = {file_of("2 1:1\n1 1:4\n", "train.libsvm")},
                 .held_out = DataFile{file_of("9 1:1\n2 1:1\n", "test.libsvm")},
                 .label = 2.0},
                Precision::float64);
  CHECK(list(data.held_out().labels<double>()) == std::vector<double>{-1, 1});
}

TEST_CASE("a share of the samples is held out by the seed and their numbers alone") {
  constexpr int samples = 4000;
  std::string text;
  for (int i = 0; i < samples; ++i) text += std::to_string(i % 2) + " 1:" + std::to_string(i + 1) + "\n";
  const auto file = file_of(text);
  const auto part = [&](double share, std::int64_t seed) {
    FileData data({.training = {file}, .split = Split{share, seed}}, Precision::float64);
    const Dataset train = data.training();
    const Dataset test = data.held_out();
    std::vector<double> held_out;
    std::size_t wrong = 0;
    std::int64_t trained = 0;
    for (std::int64_t i = 0; i < test.samples(); ++i) held_out.push_back(test.values<double>(i)[0]);
    for (int i = 0; i < samples; ++i) {
      const bool is_held_out = Split{share, seed}.holds_out(i);
      wrong += std::binary_search(held_out.begin(), held_out.end(), i + 1.0) == is_held_out ? 0 : 1;
      if (!is_held_out) wrong += train.values<double>(trained++)[0] == i + 1.0 ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(train.samples() + test.samples() == samples);
    return held_out;
  };
  const auto quarter = part(0.25, 1);
  // The count is binomial: its mean is 1000, its standard deviation sqrt(4000 * 1/4 * 3/4) = 27.4. The seed
  // is fixed, and 5 standard deviations are allowed.
  CHECK(std::abs(static_cast<double>(quarter.size()) - 1000.0) < 5 * 27.4);
  const auto half = part(0.5, 1);
  CHECK(std::includes(half.begin(), half.end(), quarter.begin(), quarter.end()));
  CHECK(part(0.25, 2) != quarter);
}

TEST_CASE("a split that leaves nothing to train on or to test is refused") {
  const auto file = file_of("0 1:1\n1 1:2\n");
  const auto train = [&](double share) {
    return FileData({.training = {file}, .split = Split{share, 1}}, Precision::float64).training();
  };
  CHECK_THROWS_WITH(train(1e-9),
                    Catch::Contains("found 0 of 2 samples held out (problem.test_share = 1e-09); "
                                    "allowed: a larger share"));
  CHECK_THROWS_WITH(train(1 - 1e-9), Catch::Contains("found 2 of 2 samples held out") &&
                                         Catch::Contains("fewer than two labels left to train on"));
}

TEST_CASE("standardized features have mean 0 and variance 1 over the training samples, held-out ones alike") {
  // The columns are 1, 2, 3, 6 (mean 3, variance 3.5), four times 0.1, and 0, 0, 4, 4 (mean 2, variance 4).
  const auto train = file_of("0 1:1 2:0.1\n1 1:2 2:0.1\n0 1:3 2:0.1 3:4\n1 1:6 2:0.1 3:4\n", "train.libsvm");
  const auto test = file_of("1 1:4 2:0.2\n", "test.libsvm");
  const auto precision = GENERATE(Precision::float64, Precision::float32);
  FileData data({.training = {train}, .held_out = DataFile{test}, .standardize = true, .intercept = true},
                precision);
  const auto check_row = [&](const Dataset& set, std::int64_t i, std::vector<double> expected) {
    REQUIRE(set.features() == 4);
    REQUIRE(set.storage() == Dataset::Storage::dense);
    for (std::int64_t j = 0; j < 4; ++j) {
      const double x = precision == Precision::float64 ? set.values<double>(i)[j] : set.values<float>(i)[j];
      CHECK(x == Approx(expected[j]).epsilon(precision == Precision::float64 ? 1e-14 : 1e-6));
    }
  };
  const double deviation = std::sqrt(3.5);
  const Dataset set = data.training();
  check_row(set, 0, {-2 / deviation, 0, -1, 1});
  check_row(set, 1, {-1 / deviation, 0, -1, 1});
  check_row(set, 2, {0, 0, 1, 1});
  check_row(set, 3, {3 / deviation, 0, 1, 1});
  const double constant = precision == Precision::float64 ? 0.2 - 0.1 : 0.2F - 0.1F;
  check_row(data.held_out(), 0, {1 / deviation, constant, -1, 1});
}

TEST_CASE("sparse features are scaled to variance 1 and not shifted; a constant feature follows") {
  // A feature that is x in one of 10 samples and else 0 has the mean x/10 and the variance x² (1/10 − 1/100).
  std::string text = "1 3:5\n";
  for (int i = 0; i < 9; ++i) text += "0 20:0\n";
  text += "1 20:-7\n";
  const auto set =
      FileData({.training = {file_of(text)}, .standardize = true, .intercept = true}, Precision::float64)
          .training();
  REQUIRE(set.storage() == Dataset::Storage::sparse);
  CHECK(set.features() == 21);
  const double scaled = 1 / std::sqrt(1.0 / 11 - 1.0 / 121);
  CHECK(list(set.sparse_row<double>(0).columns) == std::vector<std::int32_t>{2, 20});
  CHECK(set.sparse_row<double>(0).values[0] == Approx(scaled).epsilon(1e-14));
  CHECK(set.sparse_row<double>(0).values[1] == 1);
  CHECK(list(set.sparse_row<double>(1).columns) == std::vector<std::int32_t>{20});
  CHECK(list(set.sparse_row<double>(10).columns) == std::vector<std::int32_t>{19, 20});
  CHECK(set.sparse_row<double>(10).values[0] == Approx(-scaled).epsilon(1e-14));
}

TEST_CASE("a held-out value that the training data's scale makes overflow is refused with its line") {
  FileData data({.training = {file_of("0 1:1e-12\n1 1:2e-12\n", "train.libsvm")},
                 .held_out = DataFile{file_of("0 1:1\n1 1:1e17\n", "test.libsvm")},
                 .standardize = true},
                Precision::float32);
  CHECK_THROWS_WITH(data.held_out(), Catch::StartsWith("test.libsvm:2: found the value") &&
                                         Catch::EndsWith("allowed: standardized values up to 1e+18"));
}

TEST_CASE("the same numbers are the same data set in every format, dense and sparse") {
  struct Case {
    int samples, features, every;  ///< one in `every` numbers is not 0
  };
  const auto [samples, features, every] = GENERATE(values<Case>({{40, 5, 1}, {40, 7, 9}, {3, 1, 1}}));
  const auto precision = GENERATE(Precision::float64, Precision::float32);
  const bool is_treated = GENERATE(false, true);
  std::string libsvm;
  std::string csv = "label";
  for (int j = 0; j < features; ++j) csv += fmt::format(",x{}", j);
  csv += "\n";
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> data;
  std::vector<std::int64_t> indices;
  std::vector<std::int64_t> indptr{0};
  for (int i = 0; i < samples; ++i) {
    y.push_back(i % 2);
    libsvm += fmt::format("{}", i % 2);
    csv += fmt::format("{}", i % 2);
    for (int j = 0; j < features; ++j) {
      const int number = i * features + j;
      const double value = number % every == 0 ? std::sin(number + 1.0) : 0.0;
      x.push_back(value);
      csv += fmt::format(",{}", value);
      if (value == 0.0 && j + 1 < features) continue;  // a sample's last feature is written even if it is 0
      libsvm += fmt::format(" {}:{}", j + 1, value);
      data.push_back(value);
      indices.push_back(j);
    }
    indptr.push_back(std::ssize(data));
    libsvm += "\n";
    csv += "\n";
  }
  const auto h5 = [](const std::string& name, const auto& fill) {
    rhosweep::h5::start_library();
    const rhosweep::h5::File file(
        H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, rhosweep::h5::unlocked_access()));
    fill(file);
    return name;
  };
  const auto write = [](hid_t file, const char* name, const auto& list,
                        const rhosweep::h5::Extents& extents) {
    using Number = std::decay_t<decltype(list[0])>;
    const rhosweep::h5::Dataset set(H5Dcreate2(file, name, rhosweep::h5::file_type<Number>(),
                                               rhosweep::h5::make_space(extents), H5P_DEFAULT, H5P_DEFAULT,
                                               H5P_DEFAULT));
    H5Dwrite(set, rhosweep::h5::memory_type<Number>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, list.data());
  };
  const std::vector<std::filesystem::path> files{file_of(libsvm), file_of(csv, "data.csv"),
                                                 h5("dense.h5",
                                                    [&](hid_t file) {
                                                      write(file, "X", x, {y.size(), x.size() / y.size()});
                                                      write(file, "y", y, {y.size()});
                                                    }),
                                                 h5("sparse.hdf5", [&](hid_t file) {
                                                   write(file, "data", data, {data.size()});
                                                   write(file, "indices", indices, {indices.size()});
                                                   write(file, "indptr", indptr, {indptr.size()});
                                                   write(file, "y", y, {y.size()});
                                                 })};
  const auto hash = [&](const std::filesystem::path& file) {
    return FileData({.training = {file}, .standardize = is_treated, .intercept = is_treated}, precision)
        .training()
        .hash();
  };
  for (const auto& file : files) {
    CAPTURE(file);
    CHECK(hash(file) == hash(files[0]));
  }
}

TEST_CASE("many classes become 0, 1, ... in the order of their labels, numbers are not changed") {
  const auto labels_of = [](Labels labels, const std::string& text) {
    const auto set = FileData({.training = {file_of(text)}, .labels = labels}, Precision::float64).training();
    return list(set.labels<double>());
  };
  const std::string text = "7 1:1\n-3 1:2\n7 1:3\n10 1:1\n";
  CHECK(labels_of(Labels::classes, text) == std::vector<double>{1, 0, 1, 2});
  CHECK(labels_of(Labels::numbers, text) == std::vector<double>{7, -3, 7, 10});
  CHECK(labels_of(Labels::numbers, "0.25 1:1\n") == std::vector<double>{0.25});
}

TEST_CASE("labels that are no classes, and too few or many, are refused in one line") {
  const auto read = [](Labels labels, const std::string& text, Precision precision = Precision::float64) {
    return FileData({.training = {file_of(text)}, .labels = labels}, precision).training();
  };
  CHECK_THROWS_MATCHES(
      read(Labels::classes, "1 1:1\n\n2.5 1:2\n"), InputError,
      Message("data.libsvm:3: found the label 2.5; allowed: whole numbers, which name classes"));
  CHECK_THROWS_MATCHES(read(Labels::classes, "4 1:1\n4 1:2\n"), InputError,
                       Message("data.libsvm: found the label 4; allowed: at least two different labels"));
  std::string many;
  for (int i = 0; i <= 1000; ++i) many += std::to_string(i) + " 1:1\n";
  CHECK_THROWS_MATCHES(
      read(Labels::classes, many), InputError,
      Message("data.libsvm: found more than 1000 different labels; allowed: 2 to 1000 classes"));
  CHECK_THROWS_MATCHES(read(Labels::numbers, "1 1:1\n-1e19 1:2\n", Precision::float32), InputError,
                       Message("data.libsvm:2: found the label -1e+19; allowed: numbers up to 1e+18"));
  CHECK_NOTHROW(read(Labels::numbers, "1 1:1\n-1e19 1:2\n"));
}

TEST_CASE("held-out labels are treated as those of the training data") {
  const auto held_out = [](Labels labels, const std::string& text) {
    FileData data({.training = {file_of("5 1:1\n1 1:2\n3 1:1\n", "train.libsvm")},
                   .held_out = DataFile{file_of(text, "test.libsvm")},
                   .labels = labels},
                  Precision::float64);
    data.training();
    return list(data.held_out().labels<double>());
  };
  CHECK(held_out(Labels::classes, "3 1:1\n5 1:1\n") == std::vector<double>{1, 2});
  CHECK(held_out(Labels::numbers, "3.5 1:1\n") == std::vector<double>{3.5});
  CHECK_THROWS_MATCHES(held_out(Labels::classes, "3 1:1\n4 1:1\n"), InputError,
                       Message("test.libsvm:2: found the label 4; allowed: the labels of the training data"));
}

TEST_CASE("a split that leaves a class without training samples is refused") {
  // Only sample 0 has the label 9. The loop finds a seed that holds this sample out.
  const auto file = file_of("9 1:1\n1 1:1\n2 1:1\n1 1:2\n2 1:2\n1 1:3\n2 1:4\n1 1:5\n2 1:1\n");
  std::int64_t seed = 0;
  while (!Split{0.2, seed}.holds_out(0)) ++seed;
  CHECK_THROWS_WITH(
      FileData({.training = {file}, .split = Split{0.2, seed}, .labels = Labels::classes}, Precision::float64)
          .training(),
      Catch::Contains("and no label 9 left to train on; allowed: a smaller share"));
}
