// Files that HDF5 opens but that are not valid results files. tests/fuzz found them.
#include "example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/store/communicator.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <hdf5.h>

using Catch::Matchers::Contains;
using namespace rhosweep;
using store::ResultsFile;
using store::ResultsReader;

namespace {

/// Makes a results file and damages it.
void make_damaged(const char* path, const std::function<void(hid_t file)>& damage) {
  ResultsFile::create(path, example::two_axes(), example::provenance(), store::Existing::overwrite);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  REQUIRE(file >= 0);
  damage(file);
  REQUIRE(H5Fclose(file) >= 0);
}

/// Replaces a variable by one of this type and shape.
void reshape(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& shape) {
  REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(dataset >= 0);
  // Writes values only if the variable is small. HDF5 then allocates it in the file.
  if (H5Sget_simple_extent_npoints(space) < 1000) {
    const std::vector<double> values(1000, 1.0);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  }
  H5Dclose(dataset);
  H5Sclose(space);
}

/// Checks that a reader rejects the file with one line that names it and says why.
void check_unreadable(const std::string& path, const std::string& why) {
  const auto read = [&] { ResultsReader{path}; };
  CHECK_THROWS_AS(read(), core::FileError);
  CHECK_THROWS_WITH(read(), Contains(path) && Contains(why) && !Contains("\n"));
}

/// Checks that both a reader and a writer reject the file.
void check_refused(const std::string& path, const std::string& why) {
  check_unreadable(path, why);
  const auto open = [&] { ResultsFile::open(path, {MPI_COMM_SELF}); };
  CHECK_THROWS_AS(open(), core::FileError);
  CHECK_THROWS_WITH(open(), Contains(path) && Contains(why) && !Contains("\n"));
}

}  // namespace

TEST_CASE("a variable whose shape is not the grid's is damage", "[np1]") {
  for (const char* name :
       {"stepsize", "step", "status", "final_train_loss", "train_loss", "diverged_step", "checksum",
        "initial_train_loss", "run/seconds", "run/rank", "run/attempt", "run/failure"}) {
    make_damaged("shape.h5", [&](hid_t file) { reshape(file, name, H5T_IEEE_F64LE, {2, 3}); });
    check_refused("shape.h5", std::string("variable ") + name + " has the shape (2, 3)");
  }
  for (const char* name : {"f_star", "diameter", "gradient_bound"}) {
    make_damaged("point.h5", [&](hid_t file) { reshape(file, name, H5T_IEEE_F64LE, {3, 2}); });
    check_refused("point.h5", std::string("variable ") + name + " has the shape (3, 2)");
  }
}

TEST_CASE("a dimension of another rank or without values is damage", "[np1]") {
  make_damaged("plane.h5", [](hid_t file) { reshape(file, "rho", H5T_IEEE_F64LE, {5, 1}); });
  check_refused("plane.h5", "variable rho has the shape (5, 1)");
  make_damaged("none.h5", [](hid_t file) { reshape(file, "evaluation", H5T_STD_I64LE, {0}); });
  check_refused("none.h5", "a grid of the shape (2, 3, 2, 3, 5, 0)");
}

TEST_CASE("a shape that the file cannot hold costs no memory", "[np1]") {
  const hsize_t huge = hsize_t{1} << 40;
  make_damaged("huge.h5", [&](hid_t file) { reshape(file, "rho", H5T_IEEE_F64LE, {huge}); });
  check_unreadable("huge.h5", "more values than the file holds");
}

TEST_CASE("a file without metrics is damage", "[np1]") {
  make_damaged("metrics.h5", [](hid_t file) {
    for (const char* name : {"final_train_loss", "final_test_accuracy"})
      REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
  });
  check_refused("metrics.h5", "no variable of a metric");
}

TEST_CASE("a name from a damaged file does not break the line of the message", "[np1]") {
  make_damaged("name.h5", [](hid_t file) {
    REQUIRE(H5Lmove(file, "final_train_loss", file, "final_two\nlines", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  });
  check_refused("name.h5", "two lines");
}

TEST_CASE("texts that are longer than any of rhosweep's are damage", "[np1]") {
  const auto replace = [](hid_t object, const char* name, std::size_t bytes) {
    REQUIRE(H5Adelete(object, name) >= 0);
    h5::write_attribute(object, name, std::string(bytes, 'a'));
  };
  make_damaged("label.h5",
               [&](hid_t file) { replace(h5::open_dataset(file, "train_loss"), "long_name", 5000); });
  check_unreadable("label.h5", "attribute long_name has more than 4096 bytes");
  make_damaged("provenance.h5", [&](hid_t file) {
    const h5::Group run = h5::open_group(file, "run");
    h5::write_attribute(run, "a", std::string(std::size_t{40} << 20, 'a'));
    h5::write_attribute(run, "b", std::string(std::size_t{40} << 20, 'b'));
  });
  check_unreadable("provenance.h5", "attribute b has more than ");
}

TEST_CASE("coordinates that no sweep has are damage", "[np1]") {
  const auto overwrite = [](hid_t file, const char* name, hid_t type, const auto& values) {
    REQUIRE(H5Dwrite(h5::open_dataset(file, name), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  };
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (const double wrong : {0.0, -1.0, infinite, std::nan(""), 4.0}) {
    const std::vector<double> rhos{0.25, wrong, 1.0, 2.0, 4.0};
    make_damaged("rho.h5", [&](hid_t file) { overwrite(file, "rho", H5T_NATIVE_DOUBLE, rhos); });
    check_refused("rho.h5", "the values of rho are not those of a sweep");
  }
  for (const std::int64_t wrong : {std::int64_t{-1}, std::int64_t{11}}) {
    const std::vector<std::int64_t> seeds{wrong, 11};
    make_damaged("seed.h5", [&](hid_t file) { overwrite(file, "seed", H5T_NATIVE_INT64, seeds); });
    check_refused("seed.h5", "the values of seed are not those of a sweep");
  }
  const std::vector<double> curvatures{0.25, 0.25, std::nan("")};
  make_damaged("axis.h5",
               [&](hid_t file) { overwrite(file, "problem.curvature", H5T_NATIVE_DOUBLE, curvatures); });
  check_refused("axis.h5", "the values of problem.curvature are not those of a sweep");
}
