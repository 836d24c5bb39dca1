#include "files.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/problem/file_data.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace rhosweep::problem;
using Catch::Matchers::Message;
using rhosweep::core::InputError;
using rhosweep::model::Precision;

namespace {

Dataset two_class(const std::filesystem::path& file, Precision precision) {
  return FileData({.training = {file}}, precision).training();
}

const std::filesystem::path shipped = std::filesystem::path(RHOSWEEP_SOURCE_DIR) / "jobs" / "data";

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
  CHECK_THROWS_MATCHES(
      two_class(file_of("3 1:1\n0.5 1:2\n-1 1:2\n"), Precision::float64), InputError,
      Message("data.libsvm: found the labels -1, 0.5, 3; allowed: exactly two different labels"));
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
      Message("test.libsvm:2: found the index 4; allowed: indices up to 3, as in the training data"));
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
                       Message("test.csv: found 1 features; allowed: 2, as in the training data"));
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
