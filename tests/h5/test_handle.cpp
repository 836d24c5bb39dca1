#include "file.hpp"

#include <fstream>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace rhosweep;

TEST_CASE("a checked call returns what the library returned") {
  CHECK(h5::check(7, "cannot count") == 7);
  CHECK(h5::check(hid_t{0}, "cannot count") == 0);
}

TEST_CASE("a failed call says what was tried and what HDF5 and the system say of it") {
  CHECK_THROWS_AS(files::open("missing.h5"), h5::Hdf5Error);
  CHECK_THROWS_WITH(files::open("missing.h5"),
                    StartsWith("cannot open missing.h5: ") && Contains("No such file or directory"));
  std::ofstream("text.h5") << "not HDF5";
  CHECK_THROWS_WITH(files::open("text.h5"), Contains("file signature not found"));
  const h5::File file = files::make("empty.h5");
  CHECK_THROWS_WITH(h5::open_dataset(file, "rho"), StartsWith("cannot open variable rho: "));
  CHECK_THROWS_WITH(h5::open_attribute(file, "title"), StartsWith("cannot open attribute title: "));
}

TEST_CASE("a failure's message is one line") {
  try {
    files::open("missing.h5");
    FAIL("a missing file was opened");
  } catch (const h5::Hdf5Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
  }
}

TEST_CASE("a handle closes its identifier once, at its end") {
  hid_t number = H5I_INVALID_HID;
  {
    const h5::Dataspace space = h5::make_space(h5::Extents{2, 3});
    number = space;
    CHECK(H5Iis_valid(number) > 0);
  }
  CHECK(H5Iis_valid(number) == 0);
  const h5::Dataspace none;
  CHECK(none < 0);
}

TEST_CASE("a moved handle leaves nothing to close behind") {
  h5::Dataspace first = h5::make_space({});
  const hid_t number = first;
  h5::Dataspace second(std::move(first));
  CHECK(second == number);
  CHECK(first < 0);  // NOLINT(bugprone-use-after-move)
  {
    h5::Dataspace third = h5::make_space({});
    third = std::move(second);
    CHECK(third == number);
    CHECK(H5Iis_valid(number) > 0);
  }
  CHECK(H5Iis_valid(number) == 0);
}

TEST_CASE("a released identifier stays open") {
  hid_t number = H5I_INVALID_HID;
  {
    h5::Dataspace space = h5::make_space({});
    number = space.release();
  }
  CHECK(H5Iis_valid(number) > 0);
  H5Sclose(number);
}

TEST_CASE("closing that fails is told") {
  h5::start_library();
  h5::Dataspace space = h5::make_space({});
  CHECK_NOTHROW(space.close("cannot close a space"));
  CHECK_THROWS_WITH(space.close("cannot close a space"), StartsWith("cannot close a space"));
}

TEST_CASE("a file that cannot be closed is remembered") {
  h5::File file = files::make("closed.h5");
  CHECK(h5::close_file(file.release()) >= 0);
  CHECK(!h5::has_unclosable_file());
  CHECK(h5::close_file(H5I_INVALID_HID) < 0);
  CHECK(h5::has_unclosable_file());
}

TEST_CASE("files are opened without locks, which parallel file systems may lack") {
  const h5::PropertyList access = h5::unlocked_access();
  hbool_t has_locks = true;
  hbool_t ignores_lack = false;
  CHECK(H5Pget_file_locking(access, &has_locks, &ignores_lack) >= 0);
  CHECK(!has_locks);
  CHECK(ignores_lack);
}
