#include "rhosweep/core/error.hpp"
#include "rhosweep/problem/libsvm_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace rhosweep::problem;
using Catch::Matchers::Message;
using rhosweep::core::InputError;
using rhosweep::model::Precision;

namespace {

/// Writes a file into the test's working directory.
std::filesystem::path file_of(const std::string& text, const std::string& name = "data.libsvm") {
  std::ofstream(name, std::ios::binary) << text;
  return name;
}

Dataset::Rows read(const std::filesystem::path& file) {
  return read_libsvm(file, Precision::float64);
}

/// The elements of a list in pieces.
template <class List>
auto all(const List& list) {
  std::vector<std::decay_t<decltype(list[0])>> elements;
  for (std::size_t i = 0; i < list.size(); ++i) elements.push_back(list[i]);
  return elements;
}

/// The text as gzip or bzip2 pack it.
std::string compressed(const std::string& text, const std::string& ending) {
  file_of(text, "plain");
  REQUIRE(std::system(ending == ".gz" ? "gzip -c plain >packed" : "bzip2 -c plain >packed") == 0);
  std::ifstream packed("packed", std::ios::binary);
  return {std::istreambuf_iterator<char>(packed), {}};
}

const std::filesystem::path shipped = std::filesystem::path(RHOSWEEP_SOURCE_DIR) / "jobs" / "data";

}  // namespace

TEST_CASE("a LIBSVM file is read as it stands") {
  const auto rows = read(file_of("+1 1:0.5 3:-2e-1\n-1 2:+7\n3\n"));
  CHECK(rows.features == 3);
  CHECK(rows.labels == std::vector<double>{1, -1, 3});
  CHECK(rows.offsets == std::vector<std::int64_t>{0, 2, 3, 3});
  CHECK(all(rows.columns) == std::vector<std::int32_t>{0, 2, 1});
  CHECK(all(rows.values) == std::vector<double>{0.5, -0.2, 7});
  CHECK(rows.lines == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("byte-order mark, CRLF, comments, tabs, blank lines and a missing last line end are tolerated") {
  const auto rows =
      read(file_of("\xEF\xBB\xBF# a comment\r\n\r\n1\t1:2   4:3 \r\n  \n-1 2:5 # 3:9\r\n 0 1:1"));
  CHECK(rows.features == 4);
  CHECK(rows.labels == std::vector<double>{1, -1, 0});
  CHECK(all(rows.columns) == std::vector<std::int32_t>{0, 3, 1, 0});
  CHECK(all(rows.values) == std::vector<double>{2, 3, 5, 1});
  CHECK(rows.lines == std::vector<std::int64_t>{3, 5, 6});
}

TEST_CASE("explicit zeros are dropped but count as features") {
  const auto rows = read(file_of("1 1:0 2:3 9:0.0\n"));
  CHECK(rows.features == 9);
  CHECK(all(rows.columns) == std::vector<std::int32_t>{1});
}

TEST_CASE("a malformed file is refused with its line, what was found and what is allowed") {
  struct Bad {
    std::string text;
    std::string complaint;
  };
  const std::string index_allowed = "allowed: an integer from 1 to 2147483647";
  const auto [text, complaint] = GENERATE_COPY(values<Bad>({
      {"1 1:1\nspam 1:1\n", ":2: found the label \"spam\"; allowed: a finite number"},
      {"nan 1:1\n", ":1: found the label \"nan\"; allowed: a finite number"},
      {"1,2 1:1\n", ":1: found the label \"1,2\"; allowed: a finite number"},
      {"+-1 1:1\n", ":1: found the label \"+-1\"; allowed: a finite number"},
      {"\n# c\n1:0.5 2:1\n",
       ":3: found \"1:0.5\" and no label before it; allowed: a label first, then "
       "INDEX:VALUE pairs, as in \"-1 1:0.5 3:2\""},
      {"1 0:1\n", ":1: found the index \"0\"; " + index_allowed},
      {"1 -3:1\n", ":1: found the index \"-3\"; " + index_allowed},
      {"1 1.5:1\n", ":1: found the index \"1.5\"; " + index_allowed},
      {"1 qid:3\n", ":1: found the index \"qid\"; " + index_allowed},
      {"1 :3\n", ":1: found the index \"\"; " + index_allowed},
      {"1 2147483648:1\n", ":1: found the index \"2147483648\"; " + index_allowed},
      {"1 2:1 2:1\n", ":1: found the index 2 after 2; allowed: indices that increase within a line"},
      {"1 1:1\n1 5:1 3:1\n", ":2: found the index 3 after 5; allowed: indices that increase within a line"},
      {"1 1:inf\n", ":1: found the value \"inf\" of index 1; allowed: a finite number"},
      {"1 1:NaN\n", ":1: found the value \"NaN\" of index 1; allowed: a finite number"},
      {"1 1:1e999\n", ":1: found the value \"1e999\" of index 1; allowed: a finite number"},
      {"1 1:2x\n", ":1: found the value \"2x\" of index 1; allowed: a finite number"},
      {"1 1: 2\n", ":1: found the value \"\" of index 1; allowed: a finite number"},
      {"1 1:2:3\n", ":1: found the value \"2:3\" of index 1; allowed: a finite number"},
      {"1 0.5\n", ":1: found \"0.5\"; allowed: INDEX:VALUE pairs after the label"},
      {"\x89HDF\x01 1:1\n", ":1: found the label \"?HDF?\"; allowed: a finite number"},
      {"", ": found no samples; allowed: at least one line LABEL INDEX:VALUE ..."},
      {"# nothing\n\n", ": found no samples; allowed: at least one line LABEL INDEX:VALUE ..."},
      {"1\n-1\n", ": found no features; allowed: at least one INDEX:VALUE"},
  }));
  CHECK_THROWS_MATCHES(read(file_of(text)), InputError, Message("data.libsvm" + complaint));
}

TEST_CASE("a file that cannot be read is refused with the system's reason") {
  CHECK_THROWS_MATCHES(read("absent.libsvm"), InputError,
                       Message("absent.libsvm: No such file or directory"));
  CHECK_THROWS_MATCHES(read("."), InputError, Message(".: Is a directory"));
}

TEST_CASE("numbers are kept in the precision of the trials") {
  const auto rows = read_libsvm(file_of("1 1:0.1 2:3\n"), Precision::float32);
  CHECK(all(rows.values) == std::vector<double>{0.1F, 3});
}

TEST_CASE(
    "compressed text is read like the text, also when it is long, in several members or last without end") {
  const std::string ending = GENERATE(".gz", ".bz2");
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += fmt::format("{} 1:{} 7:0.5\r\n", i % 3, i);
  text += fmt::format("2 3:{:0>300000}", 5);  // longer than a piece of the file
  const auto plain = read(file_of(text));
  const std::size_t cut = text.size() / 2;
  for (const std::string& bytes : {compressed(text, ending), compressed(text.substr(0, cut), ending) +
                                                                 compressed(text.substr(cut), ending)}) {
    const auto rows = read(file_of(bytes, "data.libsvm" + ending));
    CHECK(rows.labels == plain.labels);
    CHECK(rows.offsets == plain.offsets);
    CHECK(rows.lines == plain.lines);
    CHECK(all(rows.columns) == all(plain.columns));
    CHECK(all(rows.values) == all(plain.values));
    CHECK(rows.values[rows.values.size() - 1] == 5);
  }
}

TEST_CASE("compressed text that is cut anywhere or damaged is refused, never read in part") {
  const std::string ending = GENERATE(".gz", ".bz2");
  std::string text;
  for (int i = 0; i < 200; ++i) text += fmt::format("1 1:{}\n", i * i);
  const std::string whole = compressed(text, ending);
  const std::string name = "data.libsvm" + ending;
  REQUIRE(read(file_of(whole, name)).labels.size() == 200);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(read(file_of(whole.substr(0, length), name)), InputError);
  }
  for (const std::size_t at : {std::size_t{0}, whole.size() / 2, whole.size() - 6}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    CHECK_THROWS_AS(read(file_of(damaged, name)), InputError);
  }
  CHECK_THROWS_AS(read(file_of(text, name)), InputError);
  CHECK_THROWS_MATCHES(read(file_of(whole.substr(0, whole.size() - 1), name)), InputError,
                       Catch::Predicate<InputError>([&](const InputError& error) {
                         return std::string(error.what()).ends_with("allowed: a whole " + ending + " file");
                       }));
}

TEST_CASE("of two labels the smaller becomes -1, the larger +1") {
  const auto set = read_two_class(file_of("2 1:1\n1 1:1\n1 1:3\n"), Precision::float64);
  const auto labels = set.labels<double>();
  CHECK(std::vector<double>(labels.begin(), labels.end()) == std::vector<double>{1, -1, -1});
  CHECK(set.classes() == std::array<double, 2>{1, 2});
}

TEST_CASE("training data without exactly two labels is refused and its labels are listed") {
  CHECK_THROWS_MATCHES(read_two_class(file_of("7 1:1\n7 1:2\n"), Precision::float64), InputError,
                       Message("data.libsvm: found the label 7; allowed: exactly two different labels"));
  CHECK_THROWS_MATCHES(
      read_two_class(file_of("3 1:1\n0.5 1:2\n-1 1:2\n"), Precision::float64), InputError,
      Message("data.libsvm: found the labels -1, 0.5, 3; allowed: exactly two different labels"));
  CHECK_THROWS_WITH(read_two_class(shipped / "digits.libsvm", Precision::float64),
                    Catch::Contains("found the labels 0, 1, 2, 3, 4, ...; allowed: exactly two"));
}

TEST_CASE("a value whose square would overflow the precision is refused with its line") {
  const auto file = file_of("1 1:1\n\n-1 2:-1e19\n");
  CHECK(read_two_class(file, Precision::float64).samples() == 2);
  CHECK_THROWS_MATCHES(read_two_class(file, Precision::float32), InputError,
                       Message("data.libsvm:3: found the value -1e+19; allowed: numbers up to 1e+18 with "
                               "precision float32"));
  CHECK_THROWS_MATCHES(read_two_class(file_of("1 1:1e151\n0 1:1\n"), Precision::float64), InputError,
                       Message("data.libsvm:1: found the value 1e+151; allowed: numbers up to 1e+150 with "
                               "precision float64"));
}

TEST_CASE("held-out data has the training data's labels and is padded to its features") {
  const auto train = read_two_class(file_of("5 1:1 3:1\n4 1:1 2:1\n"), Precision::float32);
  const auto test = read_held_out(file_of("5 1:2\n5 2:1\n", "test.libsvm"), train);
  CHECK(test.features() == 3);
  CHECK(test.precision() == Precision::float32);
  CHECK(test.labels<float>()[0] == 1.0F);
  CHECK(test.labels<float>()[1] == 1.0F);
  CHECK_THROWS_MATCHES(read_held_out(file_of("4 1:1\n6 1:1\n", "test.libsvm"), train), InputError,
                       Message("test.libsvm:2: found the label 6; allowed: 4 or 5, as in the training data"));
  CHECK_THROWS_MATCHES(
      read_held_out(file_of("#\n4 1:1 4:1\n", "test.libsvm"), train), InputError,
      Message("test.libsvm:2: found the index 4; allowed: indices up to 3, as in the training data"));
}

TEST_CASE("the shipped breast cancer data is what its description says") {
  // UCI Breast Cancer Wisconsin (Diagnostic), wdbc.names: 569 instances, 30 features, 357 benign, 212
  // malignant.
  const auto set = read_two_class(shipped / "breast_cancer.libsvm", Precision::float64);
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
