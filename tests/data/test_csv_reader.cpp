#include "files.hpp"

#include "rhosweep/core/error.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep::data;
using Catch::Matchers::Message;
using rhosweep::core::InputError;
using rhosweep::model::Precision;
using List = std::vector<double>;

namespace {

Dataset::Rows csv(const std::string& text, const std::string& label = "") {
  return rows_of(file_of(text, "data.csv"), label);
}

}  // namespace

TEST_CASE("CSV without a header: the last column holds the labels, unless another number is given") {
  const std::string text = "1,2.5,-3\n0,+7e1,5\n";
  const auto rows = csv(text);
  CHECK(rows.features == 2);
  CHECK(rows.labels == List{-3, 5});
  CHECK(numbers_of(rows) == List{1, 2.5, 0, 70});
  CHECK(rows.values.size() == 3);  // zeros are dropped
  CHECK(rows.lines == std::vector<std::int64_t>{1, 2});
  CHECK(csv(text, "1").labels == List{1, 0});
  CHECK(numbers_of(csv(text, "1")) == List{2.5, -3, 70, 5});
  CHECK(numbers_of(csv(text, "2")) == List{1, -3, 0, 5});
  CHECK(csv(text, "3").labels == rows.labels);
}

TEST_CASE("CSV with a header: labels are in the column label, in the named column, or in the last") {
  const std::string text = "a,label,\"b, too\"\n1,2,3\n";
  CHECK(csv(text).labels == List{2});
  CHECK(csv(text, "a").labels == List{1});
  CHECK(csv(text, "b, too").labels == List{3});
  CHECK(csv(text, "3").labels == List{3});
  CHECK(csv("a,b\n1,2\n").labels == List{2});
  // Pandas writes the header 0,1,y for an unnamed array of two columns and a column named y.
  CHECK(csv("0,1,y\n4,5,6\n", "1").labels == List{5});
  const auto file = read_rows({.path = file_of(text, "data.csv")}, Precision::float64);
  CHECK(file.names == std::vector<std::string>{"a", "b, too"});
  CHECK(file.has_all_features);
}

TEST_CASE(
    "CSV as the world writes it is read: quotes, blanks, CRLF, byte-order mark, blank lines, no last end") {
  const List numbers{1, 2, 3, 4};
  for (const std::string& text : {
           std::string("1,2,0\n3,4,1\n"),
           std::string("1,2,0\r\n3,4,1\r\n"),
           std::string("1,2,0\n3,4,1"),
           std::string("\xEF\xBB\xBF"
                       "1,2,0\n3,4,1\n"),
           std::string("\xEF\xBB\xBF"
                       "\"a\",\"b\",\"label\"\r\n1,2,0\r\n3,4,1\r\n"),
           std::string("\n\n1,2,0\n \t \n3,4,1\n\n"),
           std::string(" 1 , 2\t,0 \n3,\t4,1\n"),
           std::string("\"1\",\"2\",\"0\"\n3,\" 4 \", \"1\" \n"),
           std::string("a,\"say \"\"b\"\"\",label\n1,2,0\n3,4,1\n"),
           std::string("a,b,c\n+1,2.,.0\n3e0,40e-1,1.0\n"),
       }) {
    CAPTURE(text);
    const auto rows = csv(text);
    CHECK(numbers_of(rows) == numbers);
    CHECK(rows.labels == List{0, 1});
  }
  CHECK(csv("\n1,2\n\n3,4\n").lines == std::vector<std::int64_t>{2, 4});
}

TEST_CASE("malformed CSV is refused with its line, its column, what was found and what is allowed") {
  struct Bad {
    std::string text;
    std::string complaint;
    std::string label = {};
  };
  const std::string number = "; allowed: a finite number";
  const std::string header =
      " of the first line; allowed: only finite numbers, and texts in the labels' column (problem.label_column), or a "
      "header that names every column";
  const std::string same = "; allowed: a finite number, like the labels before it";
  const auto [text, complaint, label] = GENERATE_COPY(values<Bad>({
      {"", ": found no samples; allowed: at least one line of numbers separated by commas"},
      {"\n\r\n", ": found no samples; allowed: at least one line of numbers separated by commas"},
      {"a,label\n", ": found no samples; allowed: at least one line of numbers separated by commas"},
      {"1,2,3\n4,5\n", ":2: found 2 columns; allowed: 3 as in line 1"},
      {"1,2,3\n\n4,5,6,7\n", ":3: found 4 columns; allowed: 3 as in line 1"},
      {"a,b,c\n1,2,3,\n", ":2: found 4 columns; allowed: 3 as in line 1"},
      {"569,30,malignant,benign\n1,2,3\n", ":2: found 3 columns; allowed: 4 as in line 1"},
      {"1,2\n3,x\n", ":2: found \"x\" in column 2" + same},
      {"1,x\n3,4\n5,x\n", ":3: found \"x\" in column 2 (\"x\")" + same},
      {"1.5,x\n3,y\n5,4\n", ":3: found \"4\" in column 2; allowed: a text, like the labels before it"},
      {"a,b\n3,NA\n",
       ":2: found \"NA\" in column 2 (\"b\"); allowed: a finite number or the name of a class"},
      {"a,b\n3,\n", ":2: found nothing in column 2 (\"b\"); allowed: a finite number or the name of a class"},
      {"x,1.5,2\ny,2.5,3\n", ":1: found \"1.5\" in column 2" + header},
      {"a,b\nx,3\n", ":2: found \"x\" in column 1 (\"a\")" + number},
      {"a,b\n,1\n", ":2: found nothing in column 1 (\"a\")" + number},
      {"1,2\nNaN,1\n", ":2: found \"NaN\" in column 1" + number},
      {"1,2\n1,inf\n", ":2: found \"inf\" in column 2" + same},
      {"1,2\n1e999,1\n", ":2: found \"1e999\" in column 1" + number},
      {"1,2\n1e151,1\n",
       ":2: found the value 1e+151 of column 1; allowed: numbers up to 1e+150 with precision float64"},
      {"y,a\n1,1e151\n",
       ":2: found the value 1e+151 of column 2 (\"a\"); allowed: numbers up to 1e+150 with precision float64",
       "y"},
      {"1,2\n1 2,1\n", ":2: found \"1 2\" in column 1" + number},
      {"1,2\n\"1,1\n", ":2: found a quote in column 1 that is not closed; allowed: quotes within one line"},
      {"1,2\n\"1\"x,1\n",
       ":2: found \"x\" after the quotes of column 1; allowed: a comma or the end of the line"},
      {"0.5,O.3\n1,2\n", ":1: found \"0.5\" in column 1" + header},
      {"1,,3\n1,2,3\n", ":1: found \"\" in column 2" + header},
      {",3,5\n0,1,2\n", ":1: found \"\" in column 1" + header},  // line 1: a sample without a value
      {"a,,label\n0,1,2\n", ":1: found \"\" in column 2" + header},
      {",a\n0,1\n", ":1: found one column; allowed: a label and at least one feature, separated by commas"},
      {",a,b\n0,1,2\n",
       ":1: found labels in column 1, which has no name (problem.label_column); allowed: a column with a name",
       "1"},
      {"-1,a\n1,2\n", ":1: found \"-1\" in column 1" + header},
      {"1;2;3\n4;5;6\n",
       ":1: found one column; allowed: a label and at least one feature, separated by commas"},
      {"1 1:2 3:4\n", ":1: found one column; allowed: a label and at least one feature, separated by commas"},
      {"\x89HDF\r\n\x1a\n",
       ":1: found one column; allowed: a label and at least one feature, separated by commas"},
      {"1,2\n",
       ":1: found no column \"y\" for the labels (problem.label_column); allowed: a number from 1 to 2", "y"},
      {"a,b\n1,2\n",
       ":1: found no column \"3\" for the labels (problem.label_column); allowed: a name of the header, or a number "
       "from 1 to 2",
       "3"},
      {"1,2\n",
       ":1: found no column \"0\" for the labels (problem.label_column); allowed: a number from 1 to 2", "0"},
      {"1,2\n",
       ":1: found no column \"99999999999999999999\" for the labels (problem.label_column); allowed: a number from "
       "1 to 2",
       "99999999999999999999"},
      {"label,a,label\n1,2,3\n", ":1: found 2 columns named \"label\"; allowed: one for the labels"},
  }));
  CHECK_THROWS_MATCHES(csv(text, label), InputError, Message("data.csv" + complaint));
}

namespace {

FileRows read(const std::string& text, std::optional<bool> header = {}, const std::string& label = "") {
  return read_rows({.path = file_of(text, "data.csv"), .label_column = label, .header = header},
                   Precision::float64);
}

}  // namespace

TEST_CASE("a CSV header of whole numbers, as pandas writes it for an unnamed array, is no sample") {
  CHECK(read("0,1,2\n1.5,2,0\n0.5,1,1\n").rows.labels == List{0, 1});
  CHECK(read("1,2,3\n1.5,2,0\n0.5,1,1\n").rows.labels == List{0, 1});
  CHECK(read("0,1,2,label\n5,6,7,1\n").rows.labels == List{1});
  // A first line of other whole numbers, or of two only, is a sample. The key `header` overrides this guess.
  CHECK(read("0,2,1\n1.5,2,0\n").rows.labels == List{1, 0});
  CHECK(read("0,1\n1.5,0\n").rows.labels == List{1, 0});
  CHECK(read("0,1,2\n1.5,2,0\n", false).rows.labels == List{2, 0});
  CHECK(read("0,2,1\n1.5,2,0\n", true).rows.labels == List{0});
  CHECK(read("0,1\n1.5,0\n", true).rows.labels == List{0});
  CHECK(read("0.5,-1\n1.5,0\n", true).names == std::vector<std::string>{"0.5"});
}

TEST_CASE("a first column without a name in the header holds the names of the rows and is no feature") {
  for (const char* text : {",a,b,y\n0,1,2,3\n1,4,5,6\n", "\"\",\"a\",\"b\",\"y\"\n\"r1\",1,2,3\nr2,4,5,6\n",
                           ",0,1,2\n0,1,2,3\n1,4,5,6\n"}) {
    const FileRows file = read(text);
    CHECK(numbers_of(file.rows) == List{1, 2, 4, 5});
    CHECK(file.rows.labels == List{3, 6});
    CHECK(file.names.size() == 2);
  }
  const FileRows first = read(",y,b,c\n0,1,2,3\n1,4,5,6\n", {}, "y");
  CHECK(first.rows.labels == List{1, 4});
  CHECK(first.names == std::vector<std::string>{"b", "c"});
}

TEST_CASE("texts that are labels are classes, numbered in sorted order") {
  const std::vector<std::string> names{"setosa", "virginica"};
  for (const char* text : {"5.1,3.5,virginica\n4.9,3,setosa\n6,2,virginica\n",
                           "length,width,species\n5.1,3.5,virginica\n4.9,3,setosa\n6,2,virginica\n",
                           "5,3,virginica\n4.9,3,setosa\n6,2,virginica\n",
                           "0,1,2\n5.1,3.5,virginica\n4.9,3,setosa\n6,2,virginica\n"}) {
    const FileRows file = read(text);
    CHECK(file.rows.labels == List{1, 0, 1});
    CHECK(file.label_names == names);
  }
  CHECK(read("M,1,2.5\nB,3,4\n", {}, "1").rows.labels == List{1, 0});
  // Here the header is made of whole numbers, and the labels are numbers.
  CHECK(read("2019,2020,y\n1,2,0\n").rows.labels == List{0});
  CHECK_THROWS_MATCHES(
      read_rows({.path = file_of("1.5,a\n", "data.csv"), .allows_text_labels = false}, Precision::float64),
      InputError,
      Message("data.csv:1: found \"a\" in column 2; allowed: a finite number; for classes, use a kind of "
              "problem that classifies, such as logistic_regression"));
}
