#include "files.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/multipliers_file.hpp"
#include "rhosweep/h5/hdf5.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

using Values = std::vector<double>;

Values values_of(const std::string& text) {
  return data::read_multipliers(file_of(text, "multipliers.txt"));
}

std::string error_of(const std::filesystem::path& file) {
  try {
    data::read_multipliers(file);
  } catch (const core::InputError& error) {
    return error.what();
  }
  return "";
}

std::string error_in(const std::string& text) {
  return error_of(file_of(text, "multipliers.txt"));
}

void add(hid_t location, const std::string& name, const Values& values, const h5::Extents& extents) {
  const h5::Dataset dataset(
      h5::check(H5Dcreate2(location, name.c_str(), H5T_IEEE_F64LE, h5::make_space(extents), H5P_DEFAULT,
                           H5P_DEFAULT, H5P_DEFAULT),
                "cannot make " + name));
  h5::check(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
            "cannot write " + name);
}

/// Writes a file with one dataset. Every call needs a new name, since a file that was read once is not
/// checked again.
std::string hdf5_with(const std::string& file, const Values& values, const h5::Extents& extents) {
  h5::start_library();
  const h5::File root(h5::check(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, h5::unlocked_access()),
                                "cannot make a file"));
  add(root, "h", values, extents);
  return file;
}

}  // namespace

TEST_CASE("multipliers are separated by any white space, and # begins a comment") {
  CHECK(values_of("1\n0.5\n0") == Values{1, 0.5, 0});
  CHECK(values_of("# h_t\r\n1 0.5\t2.5e-1# a quarter\r\n\n  0.0 \n") == Values{1, 0.5, 0.25, 0});
  CHECK(values_of("0.1") == Values{0.1});
}

TEST_CASE("what is no multiplier is refused with its line") {
  CHECK(error_in("1\n# two\n0.5 -0.5") == "multipliers.txt:3: found -0.5; allowed: a number in [0, 1]");
  for (const char* const word : {"nan", "inf", "-inf", "1.01", "1e999", "0.5x", "0,5", "+1", "half"})
    CHECK_THAT(error_in(std::string("1\n") + word),
               StartsWith("multipliers.txt:2: found " + std::string(word)));
  CHECK(error_in("# nothing\n") == "multipliers.txt: found no numbers; allowed: numbers in [0, 1]");
  CHECK_THAT(error_of("absent.txt"), Contains("absent.txt: No such file"));
  CHECK_THAT(error_of("."), Contains("directory"));
}

TEST_CASE("files of more values than a schedule may have are refused") {
  std::string text;
  for (std::size_t i = 0; i < data::most_multipliers; ++i) text += "1\n";
  CHECK(values_of(text).size() == data::most_multipliers);
  CHECK_THAT(error_in(text + "1\n"),
             StartsWith("multipliers.txt:10001: found more than 10000 values; allowed: up to 10000"));
  CHECK_THAT(error_in(std::string(2 << 20, ' ')), StartsWith("multipliers.txt: found more than 1 MiB"));
  CHECK_THAT(error_of(hdf5_with("long.h5", Values(10'001, 1.0), {10'001})),
             StartsWith("long.h5:/h: found 10001 values; allowed: up to 10000"));
}

TEST_CASE("multipliers are a data set of an HDF5 file, by its name or the only one") {
  const Values values{1, 0.75, 0.5};
  CHECK(data::read_multipliers(hdf5_with("one.h5", values, {3})) == values);
  CHECK(data::read_multipliers("one.h5:/h") == values);
  CHECK_THAT(error_of("one.h5:/g"), StartsWith("one.h5: "));
  {
    const h5::File root(h5::check(H5Fcreate("two.h5", H5F_ACC_TRUNC, H5P_DEFAULT, h5::unlocked_access()),
                                  "cannot make a file"));
    add(root, "a", values, {3});
    const h5::Group group(
        h5::check(H5Gcreate2(root, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "no group"));
    add(group, "b", {0.5, 0.25}, {2});
    h5::check(H5Lcreate_external("one.h5", "h", root, "away", H5P_DEFAULT, H5P_DEFAULT), "no link");
  }
  CHECK(data::read_multipliers("two.h5:/a") == values);
  CHECK(data::read_multipliers("two.h5:/g/b") == Values{0.5, 0.25});
  CHECK_THAT(error_of("two.h5"),
             StartsWith("two.h5: found 3 objects; allowed: one data set, or the name of one"));
  CHECK_THAT(error_of("two.h5:/away"), Contains("link to another"));
  CHECK_THAT(error_of("two.h5:/g"), StartsWith("two.h5: "));
}

TEST_CASE("data sets that are no list of multipliers are refused") {
  CHECK(error_of(hdf5_with("negative.h5", {1, 0.5, -1}, {3})) ==
        "negative.h5:/h[2]: found -1; allowed: a number in [0, 1]");
  CHECK_THAT(error_of(hdf5_with("nan.h5", {1, std::numeric_limits<double>::quiet_NaN()}, {2})),
             StartsWith("nan.h5:/h[1]: found nan"));
  CHECK(error_of(hdf5_with("square.h5", {1, 1, 1, 1}, {2, 2})) ==
        "square.h5:/h: found 2 dimensions; allowed: 1");
  CHECK_THAT(error_of(file_of("\x89HDF\r\n\x1a\n no more", "cut.h5")), StartsWith("cut.h5: "));
}
