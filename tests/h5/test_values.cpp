#include "file.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <unistd.h>

using Catch::Matchers::Contains;
using namespace rhosweep;

namespace {

/// Checks that the extreme values of a type are read back from an attribute and from a variable, and that the
/// file stores them in the type `stored`.
template <class T>
void check_round_trip(hid_t file, const std::string& name, hid_t stored) {
  using Limits = std::numeric_limits<T>;
  const std::vector<T> values{Limits::lowest(), Limits::max(), T{0}, T{1}, Limits::min(), T{42}};
  files::write<T>(file, name.c_str(), {2, 3}, values);
  CHECK(h5::read_all<T>(file, name) == values);
  const h5::Dataset dataset = h5::open_dataset(file, name);
  const h5::Datatype type(H5Dget_type(dataset));
  CHECK(H5Tequal(type, stored) > 0);
  CHECK(h5::extents_of(h5::space_of(dataset)) == h5::Extents{2, 3});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string attribute = name + std::to_string(i);
    h5::write_attribute(file, attribute, values[i]);
    CHECK(h5::read_attribute<T>(file, attribute) == values[i]);
  }
}

/// Limits this process to `bytes` more of address space while this object exists.
class LittleMemory {
 public:
  explicit LittleMemory(std::int64_t bytes) {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    ::getrlimit(RLIMIT_AS, &before_);
    const rlimit limit{.rlim_cur = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) +
                                   static_cast<std::uint64_t>(bytes),
                       .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~LittleMemory() { ::setrlimit(RLIMIT_AS, &before_); }
  LittleMemory(const LittleMemory&) = delete;
  LittleMemory& operator=(const LittleMemory&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("numbers of every type come back, and stand little-endian in the file") {
  const h5::File file = files::make("numbers.h5");
  check_round_trip<double>(file, "double", H5T_IEEE_F64LE);
  check_round_trip<std::int64_t>(file, "int64", H5T_STD_I64LE);
  check_round_trip<std::uint64_t>(file, "uint64", H5T_STD_U64LE);
  check_round_trip<std::int32_t>(file, "int32", H5T_STD_I32LE);
  check_round_trip<std::uint16_t>(file, "uint16", H5T_STD_U16LE);
  check_round_trip<std::uint8_t>(file, "uint8", H5T_STD_U8LE);
}

TEST_CASE("NaN, infinities and the sign of zero come back") {
  const h5::File file = files::make("special.h5");
  files::write<double>(file, "x", {4}, {std::nan(""), INFINITY, -INFINITY, -0.0});
  const auto values = h5::read_all<double>(file, "x");
  REQUIRE(values.size() == 4);
  CHECK(std::isnan(values[0]));
  CHECK(values[1] == INFINITY);
  CHECK(values[2] == -INFINITY);
  CHECK(std::signbit(values[3]));
}

TEST_CASE("a selection is read in row-major order") {
  const h5::File file = files::make("selected.h5");
  files::write<std::int64_t>(file, "x", {3, 4}, {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23});
  const h5::Dataset dataset = h5::open_dataset(file, "x");
  const h5::Dataspace space = h5::space_of(dataset);
  const h5::Extents start{1, 1};
  const h5::Extents count{2, 2};
  REQUIRE(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) >= 0);
  CHECK(h5::read_selected<std::int64_t>(dataset, space) == std::vector<std::int64_t>{11, 12, 21, 22});
  CHECK(h5::read_selected<double>(dataset, space) == std::vector<double>{11, 12, 21, 22});
}

TEST_CASE("texts come back, also empty ones and those beyond ASCII") {
  const h5::File file = files::make("texts.h5");
  const std::string long_text(100'000, 'x');
  files::write_texts(file, "texts", {"", "(1−u)^p", long_text.c_str(), "two\nlines"});
  CHECK(h5::read_texts(file, "texts") == std::vector<std::string>{"", "(1−u)^p", long_text, "two\nlines"});
  for (const std::string& text : {std::string(), std::string("ρ = 1/(2p+1)"), std::string(60'000, 'y')}) {
    const std::string name = "text" + std::to_string(text.size());
    h5::write_attribute(file, name, text);
    CHECK(h5::read_text_attribute(file, name) == text);
  }
}

TEST_CASE("an attribute may be a text of fixed length, whatever fills it up") {
  const h5::File file = files::make("fixed.h5");
  const auto write = [&](const char* name, H5T_str_t padding, const char(&bytes)[5]) {
    const h5::Datatype type(H5Tcopy(H5T_C_S1));
    REQUIRE(H5Tset_size(type, 4) >= 0);
    REQUIRE(H5Tset_strpad(type, padding) >= 0);
    h5::write_attribute(file, name, type, type, {}, bytes);
  };
  write("full", H5T_STR_NULLPAD, "abcd");
  write("filled", H5T_STR_NULLPAD, "ab\0\0");
  write("ended", H5T_STR_NULLTERM, "ab\0c");
  write("nul", H5T_STR_NULLPAD, "a\0bc");
  CHECK(h5::read_text_attribute(file, "full") == "abcd");
  CHECK(h5::read_text_attribute(file, "filled") == "ab");
  CHECK(h5::read_text_attribute(file, "ended") == "ab");
  CHECK_THROWS_WITH(h5::read_text_attribute(file, "nul"),
                    Contains("cannot read attribute nul: it has the character NUL"));
  CHECK_THROWS_WITH(h5::read_text_attribute(file, "full", 3),
                    Contains("attribute full has more than 3 bytes"));
}

TEST_CASE("what is no text is refused by its name") {
  const h5::File file = files::make("no_texts.h5");
  h5::write_attribute<std::int64_t>(file, "number", 3);
  files::write<double>(file, "numbers", {2}, {1.0, 2.0});
  CHECK_THROWS_WITH(h5::read_text_attribute(file, "number"),
                    Contains("cannot read attribute number: it holds no texts"));
  CHECK_THROWS_WITH(h5::read_texts(file, "numbers"),
                    Contains("cannot read variable numbers: it holds no texts"));
}

TEST_CASE("an attribute that is asked for as one element has to be one") {
  const h5::File file = files::make("attributes.h5");
  const std::vector<double> two{1.0, 2.0};
  h5::write_attribute(file, "two", std::span<const double>(two));
  CHECK(h5::has_attribute(file, "two"));
  CHECK_THROWS_AS(h5::read_attribute<double>(file, "two"), h5::Hdf5Error);
  CHECK_THROWS_WITH(h5::read_attribute<double>(file, "two"), Contains("attribute two"));
  h5::write_attribute(file, "number", 2.5);
  CHECK_THROWS_WITH(h5::read_text_attribute(file, "number"), Contains("cannot read attribute number"));
}

TEST_CASE("what is not there is told from what is") {
  const h5::File file = files::make("there.h5");
  files::write<double>(file, "x", {1}, {0.5});
  CHECK(h5::has_variable(file, "x"));
  CHECK(!h5::has_variable(file, "y"));
  CHECK(!h5::has_attribute(file, "x"));
  CHECK_THROWS_AS(h5::read_all<double>(file, "y"), h5::Hdf5Error);
  CHECK_THROWS_AS(h5::read_texts(file, "y"), h5::Hdf5Error);
  CHECK_THROWS_AS(h5::read_texts(file, "x"), h5::Hdf5Error);
}

TEST_CASE("names are listed in the order in which they were made") {
  h5::start_library();
  const h5::PropertyList ordered(H5Pcreate(H5P_FILE_CREATE));
  H5Pset_link_creation_order(ordered, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_attr_creation_order(ordered, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  const h5::File file(H5Fcreate("ordered.h5", H5F_ACC_TRUNC, ordered, H5P_DEFAULT));
  const std::vector<std::string> names{"rho", "alpha", "zeta", "beta"};
  for (const std::string& name : names) {
    files::write<double>(file, name.c_str(), {1}, {0.0});
    h5::write_attribute(file, name, std::int64_t{1});
  }
  CHECK(h5::link_names(file) == names);
  CHECK(h5::attribute_names(file) == names);
}

TEST_CASE("a variable that claims more values than its file holds costs no memory") {
  const h5::File file = files::make("claims.h5");
  constexpr hsize_t many = hsize_t{1} << 50;
  const h5::Dataspace space = h5::make_space(h5::Extents{many});
  const h5::Dataset dataset(
      H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  REQUIRE(dataset >= 0);
  CHECK_THROWS_AS(h5::read_all<double>(file, "x"), h5::Hdf5Error);
  CHECK_THROWS_WITH(h5::read_all<double>(file, "x"), Contains("damaged"));
}

TEST_CASE("values that need more memory than there is are refused before they are read") {
  // 256 MiB of zeros that take no space on disk.
  const h5::File file = files::make("zeros.h5");
  const h5::PropertyList early(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_alloc_time(early, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(early, H5D_FILL_TIME_NEVER);
  const h5::Dataspace space = h5::make_space(h5::Extents{hsize_t{1} << 25});
  const h5::Dataset numbers(H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, early, H5P_DEFAULT));
  REQUIRE(numbers >= 0);

  const LittleMemory limit(std::int64_t{200} << 20);
  CHECK_THROWS_WITH(h5::read_all<double>(file, "x"), Contains("needs 512 MiB of memory, "));
}

TEST_CASE("many texts that are one and the same in the file need memory for each") {
  constexpr std::size_t count = 400;
  {
    const std::string text(std::size_t{1} << 20, 'a');
    std::vector<const char*> texts(count, "b");
    texts.front() = text.c_str();
    files::write_texts(files::make("same.h5"), "t", texts);
  }
  // Replaces every element's reference to its text (in the global heap) by the reference of the first
  // element.
  haddr_t place = 0;
  {
    const h5::File file = files::open("same.h5");
    const h5::Dataset dataset = h5::open_dataset(file, "t");
    place = H5Dget_offset(dataset);
  }
  std::fstream bytes("same.h5", std::ios::binary | std::ios::in | std::ios::out);
  std::array<char, 16> reference{};
  bytes.seekg(static_cast<std::streamoff>(place)).read(reference.data(), reference.size());
  bytes.seekp(static_cast<std::streamoff>(place));
  for (std::size_t i = 0; i < count; ++i) bytes.write(reference.data(), reference.size());
  bytes.close();

  const h5::File file = files::open("same.h5");
  const LittleMemory limit(std::int64_t{500} << 20);
  CHECK_THROWS_WITH(h5::read_texts(file, "t"), Contains("needs 800 MiB of memory, "));
}

TEST_CASE("a text attribute may be asked for with a limit of its length") {
  const h5::File file = files::make("long.h5");
  h5::write_attribute(file, "title", std::string(10, 'a'));
  CHECK(h5::read_text_attribute(file, "title", 10).size() == 10);
  CHECK_THROWS_WITH(h5::read_text_attribute(file, "title", 9), Contains("title has more than 9 bytes"));
}

TEST_CASE("a space without extents is a scalar") {
  const h5::Dataspace space = h5::make_space({});
  CHECK(h5::extents_of(space).empty());
  CHECK(H5Sget_simple_extent_npoints(space) == 1);
}
