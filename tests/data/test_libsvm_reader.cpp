#include "files.hpp"

#include "rhosweep/core/error.hpp"

#include <cstdlib>
#include <iterator>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace rhosweep::data;
using Catch::Matchers::Message;
using rhosweep::core::InputError;
using rhosweep::model::Precision;

namespace {

/// Returns a text compressed by gzip for the ending .gz, or else by bzip2.
std::string compressed(const std::string& text, const std::string& ending) {
  file_of(text, "plain");
  REQUIRE(std::system(ending == ".gz" ? "gzip -c plain >packed" : "bzip2 -c plain >packed") == 0);
  std::ifstream packed("packed", std::ios::binary);
  return {std::istreambuf_iterator<char>(packed), {}};
}

}  // namespace

TEST_CASE("a LIBSVM file is read unchanged") {
  const auto rows = rows_of(file_of("+1 1:0.5 3:-2e-1\n-1 2:+7\n3\n"));
  CHECK(rows.features == 3);
  CHECK(rows.labels == std::vector<double>{1, -1, 3});
  CHECK(rows.offsets == std::vector<std::int64_t>{0, 2, 3, 3});
  CHECK(all(rows.columns) == std::vector<std::int32_t>{0, 2, 1});
  CHECK(all(rows.values) == std::vector<double>{0.5, -0.2, 7});
  CHECK(rows.lines == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("byte-order mark, CRLF, comments, tabs, blank lines and a missing last line end are tolerated") {
  const auto rows =
      rows_of(file_of("\xEF\xBB\xBF# a comment\r\n\r\n1\t1:2   4:3 \r\n  \n-1 2:5 # 3:9\r\n 0 1:1"));
  CHECK(rows.features == 4);
  CHECK(rows.labels == std::vector<double>{1, -1, 0});
  CHECK(all(rows.columns) == std::vector<std::int32_t>{0, 3, 1, 0});
  CHECK(all(rows.values) == std::vector<double>{2, 3, 5, 1});
  CHECK(rows.lines == std::vector<std::int64_t>{3, 5, 6});
}

TEST_CASE("explicit zeros are dropped but count as features") {
  const auto rows = rows_of(file_of("1 1:0 2:3 9:0.0\n"));
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
      {"1 1:1\nvirgínica 1:1\n",
       ":2: found the label \"virgínica\"; allowed: a finite number; names of classes are read from CSV files only, "
       "elsewhere number them, as numpy.unique(y, return_inverse=True)[1] does"},
      {"nan 1:1\n", ":1: found the label \"nan\"; allowed: a finite number"},
      {"1,2 1:1\n", ":1: found the label \"1,2\"; allowed: a finite number"},
      {"+-1 1:1\n", ":1: found the label \"+-1\"; allowed: a finite number"},
      {"\n# c\n1:0.5 2:1\n",
       ":3: found \"1:0.5\" and no label before it; allowed: a label first, then "
       "INDEX:VALUE pairs, as in \"-1 1:0.5 3:2\""},
      {"1 0:1\n",
       ":1: found the index 0: this file counts features from 0; allowed: LIBSVM's indices from 1; add 1 to every "
       "index (scikit-learn: dump_svmlight_file(..., zero_based=False))"},
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
      {"\x89HDF\x01 1:1\n", ":1: found the label \"�HDF�\"; allowed: a finite number"},
      {"", ": found no samples; allowed: at least one line LABEL INDEX:VALUE ..."},
      {"# nothing\n\n", ": found no samples; allowed: at least one line LABEL INDEX:VALUE ..."},
      {"1\n-1\n", ": found no features; allowed: at least one INDEX:VALUE"},
  }));
  CHECK_THROWS_MATCHES(rows_of(file_of(text)), InputError, Message("data.libsvm" + complaint));
}

TEST_CASE("a file that cannot be read is refused with the system's reason") {
  CHECK_THROWS_MATCHES(rows_of("absent.libsvm"), InputError,
                       Message("absent.libsvm: No such file or directory"));
  CHECK_THROWS_MATCHES(rows_of("."), InputError, Message(".: Is a directory"));
}

TEST_CASE("numbers are kept in the precision of the trials") {
  const auto rows = read_rows({file_of("1 1:0.1 2:3\n")}, Precision::float32).rows;
  CHECK(all(rows.values) == std::vector<double>{0.1F, 3});
}

TEST_CASE(
    "compressed text is read like the text, also when it is long, in several members or last without end") {
  const std::string ending = GENERATE(".gz", ".bz2");
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += fmt::format("{} 1:{} 7:0.5\r\n", i % 3, i);
  text += fmt::format("2 3:{:0>300000}", 5);  // this line is longer than a piece that is read at once
  const auto plain = rows_of(file_of(text));
  const std::size_t cut = text.size() / 2;
  for (const std::string& bytes : {compressed(text, ending), compressed(text.substr(0, cut), ending) +
                                                                 compressed(text.substr(cut), ending)}) {
    const auto rows = rows_of(file_of(bytes, "data.libsvm" + ending));
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
  REQUIRE(rows_of(file_of(whole, name)).labels.size() == 200);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(rows_of(file_of(whole.substr(0, length), name)), InputError);
  }
  for (const std::size_t at : {std::size_t{0}, whole.size() / 2, whole.size() - 6}) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    CHECK_THROWS_AS(rows_of(file_of(damaged, name)), InputError);
  }
  CHECK_THROWS_AS(rows_of(file_of(text, name)), InputError);
  CHECK_THROWS_MATCHES(rows_of(file_of(whole.substr(0, whole.size() - 1), name)), InputError,
                       Catch::Predicate<InputError>([&](const InputError& error) {
                         return std::string(error.what()).ends_with("allowed: a whole " + ending + " file");
                       }));
}
