// Checks that h5py reads what rhosweep writes and the reverse.
#include "file.hpp"
#include "support/skip.hpp"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;

namespace {

/// Runs a Python script. Returns whether it succeeded.
bool runs(const std::string& script) {
  std::ofstream("script.py") << script;
  return std::system(RHOSWEEP_PYTHON " script.py") == 0;
}

/// Skips the test case if h5py is missing. Returns whether h5py is missing.
bool lacks_h5py() {
  if (runs("import h5py")) return false;
  skip_case("h5py is missing");
  return true;
}

}  // namespace

TEST_CASE("h5py reads what is written here") {
  if (lacks_h5py()) return;
  {
    h5::File file = files::make("ours.h5");
    files::write<double>(file, "x", {2, 3}, {0.1, -0.0, 1e-308, 2.5, 3e200, 4.0});
    files::write<std::uint8_t>(file, "status", {3}, {0, 1, 255});
    files::write_texts(file, "schedule", {"cosine", "(1−u)^p", ""});
    h5::write_attribute(file, "title", std::string("ρ and η"));
    h5::write_attribute(file, "format", std::int64_t{-7});
    const std::vector<double> range{0.5, 2.0};
    h5::write_attribute(file, "range", std::span<const double>(range));
    file.close("cannot close ours.h5");
  }
  CHECK(runs(R"(
import h5py
file = h5py.File("ours.h5")
assert file["x"][...].tolist() == [[0.1, -0.0, 1e-308], [2.5, 3e200, 4.0]]
assert file["x"].dtype == "<f8" and file["status"].dtype == "u1"
assert file["status"][...].tolist() == [0, 1, 255]
assert file["schedule"].asstr()[...].tolist() == ["cosine", "(1−u)^p", ""]
assert file.attrs["title"] == "ρ and η"
assert file.attrs["format"] == -7
assert file.attrs["range"].tolist() == [0.5, 2.0]
)"));
}

TEST_CASE("what h5py has written is read here") {
  if (lacks_h5py()) return;
  REQUIRE(runs(R"(
import h5py, numpy
with h5py.File("theirs.h5", "w") as file:
    file["big"] = numpy.arange(6, dtype=">f8").reshape(2, 3) / 4
    file["packed"] = numpy.arange(1000, dtype="i4")
    file.create_dataset("deflated", data=numpy.zeros(1_000_000), compression="gzip")
    file["text"] = ["a", "β"]
    file.attrs["title"] = "ρ"
)"));
  const h5::File file = files::open("theirs.h5");
  CHECK(h5::read_all<double>(file, "big") == std::vector<double>{0.0, 0.25, 0.5, 0.75, 1.0, 1.25});
  const auto numbers = h5::read_all<std::int64_t>(file, "packed");
  REQUIRE(numbers.size() == 1000);
  CHECK(numbers[999] == 999);
  CHECK(h5::read_all<double>(file, "deflated") == std::vector<double>(1'000'000, 0.0));
  CHECK(h5::read_texts(file, "text") == std::vector<std::string>{"a", "β"});
  CHECK(h5::read_text_attribute(file, "title") == "ρ");
}
