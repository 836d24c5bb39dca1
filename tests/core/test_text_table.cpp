#include "rhosweep/core/text.hpp"
#include "rhosweep/core/text_table.hpp"

#include <sstream>
#include <string>

#include <catch2/catch.hpp>

using namespace rhosweep::core;

TEST_CASE("a table has its first column to the left and the others to the right") {
  TextTable table(" ");
  table.add({"name", "x", "long head"});
  table.add({"a", "1.5", "2"});
  table.add({"lacks"});
  table.add({"d\u00e9j\u00e0", "\u03c1", "3"});
  CHECK(table.text() ==
        " name     x  long head\n"
        " a      1.5          2\n"
        " lacks\n"
        " d\u00e9j\u00e0     \u03c1          3\n");
}

TEST_CASE("columns without room follow below, beside the same first column") {
  TextTable table;
  const std::string head(36, 'x');
  table.add({"name", head, head, head});
  table.add({"a", "1", "2", "3"});
  const std::string spaces(35, ' ');
  CHECK(table.text() == "name  " + head + "  " + head + "\na     " + spaces + "1  " + spaces + "2\n\nname  " +
                            head + "\na     " + spaces + "3\n");
}

TEST_CASE("a name that leaves no room stands above its row") {
  TextTable table("  ");
  const std::string name = "step(at=[" + std::string(40, '1') + ", " + std::string(40, '2') + "])";
  table.add({"schedule", "stepsize"});
  table.add({name, "0.5"});
  table.add({"cosine", "0.25"});
  CHECK(table.text() == "  schedule  stepsize\n  step(at=[" + std::string(40, '1') + ",\n    " +
                            std::string(40, '2') + "])\n                 0.5\n  cosine        0.25\n");
  std::istringstream lines(table.text());
  for (std::string line; std::getline(lines, line);) CHECK(columns(line) <= most_columns);
}
