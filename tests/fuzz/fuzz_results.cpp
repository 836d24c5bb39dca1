// The input is a list of changes to a small results file of rhosweep. Attributes, variables and links get
// other values, types, shapes and kinds. The changes are made through the HDF5 library, so the file stays
// valid HDF5 (unless the last change truncates it) and the errors found are rhosweep's. fuzz_container
// changes the bytes of the HDF5 file itself.
//
// For any file, the reader must either return every number of the grid that the file describes, or throw an
// error of one line.
#include "expect.hpp"
#include "results.hpp"
#include "store/example.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <hdf5.h>

using fuzz::expect;
using namespace rhosweep;

namespace {

/// Reads choices from the input. After the end of the input, all bytes are 0.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> data) : data_(data) {}

  bool any_left() const { return !data_.empty(); }
  std::uint8_t byte() {
    if (data_.empty()) return 0;
    const std::uint8_t value = data_.front();
    data_ = data_.subspan(1);
    return value;
  }
  template <class Range>
  const auto& one_of(const Range& range) {
    return range[byte() % std::size(range)];
  }
  std::string text() {
    const std::size_t size = std::min<std::size_t>(byte(), data_.size());
    const std::string value(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(size));
    data_ = data_.subspan(size);
    return value;
  }

 private:
  std::span<const std::uint8_t> data_;
};

const std::array<const char*, 34> links{"sgd.steps",
                                        "problem.curvature",
                                        "seed",
                                        "schedule",
                                        "rho",
                                        "evaluation",
                                        "step",
                                        "stepsize",
                                        "f_star",
                                        "diameter",
                                        "gradient_bound",
                                        "status",
                                        "final_train_loss",
                                        "final_test_accuracy",
                                        "train_loss",
                                        "test_accuracy",
                                        "diverged_step",
                                        "checksum",
                                        "run",
                                        "run/seconds",
                                        "run/rank",
                                        "run/attempt",
                                        "run/seed",
                                        "run/schedule",
                                        "run/rho",
                                        "run/sgd.steps",
                                        "run/failure",
                                        "run/character",
                                        "final_",
                                        "final_status",
                                        "final_seed",
                                        "extra",
                                        "two\nlines",
                                        "problem.l2"};

const std::array<const char*, 18> attributes{
    "rhosweep_format", "title",       "sweep",      "sweep_hash",     "data_hash", "Conventions",
    "long_name",       "units",       "_FillValue", "diverged_value", "best",      "at_most",
    "coordinates",     "flag_values", "version",    "start_time",     "mpi_size",  "two\nlines"};

const std::array<hsize_t, 16> extents{0,
                                      1,
                                      2,
                                      3,
                                      4,
                                      5,
                                      6,
                                      15,
                                      16,
                                      30,
                                      90,
                                      1000,
                                      hsize_t{1} << 20,
                                      hsize_t{1} << 32,
                                      hsize_t{1} << 40,
                                      hsize_t{1} << 60};

/// Returns one of a fixed list of types to store in the file. The types are made once and never closed.
hid_t type(Choices& choices) {
  static const std::vector<hid_t> types = [] {
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const hid_t fixed = H5Tcopy(H5T_C_S1);
    H5Tset_size(fixed, 5);
    const hid_t compound = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(compound, "real", 0, H5T_IEEE_F64LE);
    H5Tinsert(compound, "whole", 8, H5T_STD_I64LE);
    const hsize_t two = 2;
    return std::vector<hid_t>{H5T_STD_U8LE,
                              H5T_STD_I32LE,
                              H5T_STD_I64LE,
                              H5T_STD_U64LE,
                              H5T_IEEE_F64LE,
                              H5T_IEEE_F32BE,
                              text,
                              fixed,
                              H5T_C_S1,
                              compound,
                              H5Tvlen_create(H5T_STD_I32LE),
                              H5Tarray_create2(H5T_STD_I32LE, 1, &two),
                              H5T_STD_REF_OBJ,
                              H5Tcreate(H5T_OPAQUE, 3)};
  }();
  return choices.one_of(types);
}

hid_t space(Choices& choices) {
  const int rank = choices.byte() % 8 - 2;
  if (rank == -2) return H5Screate(H5S_NULL);
  if (rank == -1) return H5Screate(H5S_SCALAR);
  std::array<hsize_t, 6> shape{};
  for (int i = 0; i < rank; ++i) shape[i] = choices.one_of(extents);
  return H5Screate_simple(rank, shape.data(), nullptr);
}

constexpr hssize_t most_values = 4096;

/// Returns bytes for every element of a small attribute or variable, or no bytes if it is large.
std::vector<std::uint8_t> values(Choices& choices, hid_t type, hid_t space) {
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count <= 0 || count > most_values) return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * H5Tget_size(type));
  const std::array<std::uint8_t, 4> pattern{choices.byte(), choices.byte(), choices.byte(), choices.byte()};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern[i % pattern.size()];
  return bytes;
}

/// Returns whether arbitrary bytes are a valid value of the type: it must not contain pointers.
bool is_plain(hid_t type) {
  return H5Tis_variable_str(type) <= 0 && H5Tdetect_class(type, H5T_VLEN) <= 0 &&
         H5Tget_class(type) != H5T_REFERENCE;
}

void make_attribute(Choices& choices, hid_t file) {
  const std::string object = choices.byte() % 3 == 0 ? "." : choices.one_of(links);
  const char* name = choices.one_of(attributes);
  if (H5Aexists_by_name(file, object.c_str(), name, H5P_DEFAULT) > 0)
    H5Adelete_by_name(file, object.c_str(), name, H5P_DEFAULT);
  const int kind = choices.byte() % 4;
  if (kind == 0) return;
  const hid_t target = H5Oopen(file, object.c_str(), H5P_DEFAULT);
  if (target < 0) return;
  if (kind == 1) {
    const std::string text = choices.text();
    const char* data = text.c_str();
    const hid_t written = H5Tcopy(H5T_C_S1);
    H5Tset_size(written, H5T_VARIABLE);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(target, name, written, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, written, &data);
    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Tclose(written);
  } else {
    const hid_t written = type(choices);
    const hid_t shape = space(choices);
    if (H5Sget_simple_extent_npoints(shape) <= most_values) {  // HDF5 1.10 crashes on larger attributes
      const hid_t attribute = H5Acreate2(target, name, written, shape, H5P_DEFAULT, H5P_DEFAULT);
      const auto bytes = values(choices, written, shape);
      if (attribute >= 0 && !bytes.empty() && is_plain(written)) H5Awrite(attribute, written, bytes.data());
      H5Aclose(attribute);
    }
    H5Sclose(shape);
  }
  H5Oclose(target);
}

/// Writes arbitrary bytes into a small variable, if they are valid values of its type.
void fill(Choices& choices, hid_t dataset, hid_t type, hid_t space) {
  const auto bytes = values(choices, type, space);
  if (dataset >= 0 && !bytes.empty() && is_plain(type))
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
}

void make_variable(Choices& choices, hid_t file) {
  const char* name = choices.one_of(links);
  H5Ldelete(file, name, H5P_DEFAULT);
  const hid_t written = type(choices);
  const hid_t shape = space(choices);
  // Makes no large variable of a type that contains pointers: HDF5 would write all its fill values at once.
  if (!is_plain(written) && H5Sget_simple_extent_npoints(shape) > most_values) {
    H5Sclose(shape);
    return;
  }
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_layout(list, choices.byte() % 2 == 0 ? H5D_CONTIGUOUS : H5D_COMPACT);
  const hid_t dataset = H5Dcreate2(file, name, written, shape, H5P_DEFAULT, list, H5P_DEFAULT);
  fill(choices, dataset, written, shape);
  H5Dclose(dataset);
  H5Pclose(list);
  H5Sclose(shape);
}

void write_values(Choices& choices, hid_t file) {
  const hid_t dataset = H5Dopen2(file, choices.one_of(links), H5P_DEFAULT);
  if (dataset < 0) return;
  const hid_t written = H5Dget_type(dataset);
  const hid_t shape = H5Dget_space(dataset);
  fill(choices, dataset, written, shape);
  H5Sclose(shape);
  H5Tclose(written);
  H5Dclose(dataset);
}

void change_link(Choices& choices, hid_t file) {
  const char* name = choices.one_of(links);
  const char* other = choices.one_of(links);
  switch (choices.byte() % 6) {
    case 0:
      H5Ldelete(file, name, H5P_DEFAULT);
      break;
    case 1:
      H5Ldelete(file, other, H5P_DEFAULT);
      H5Lmove(file, name, file, other, H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 2:
      H5Ldelete(file, name, H5P_DEFAULT);
      H5Lcreate_soft(other, file, name, H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 3:
      H5Ldelete(file, name, H5P_DEFAULT);
      H5Lcreate_hard(file, other, file, name, H5P_DEFAULT, H5P_DEFAULT);
      break;
    case 4:
      H5Ldelete(file, name, H5P_DEFAULT);
      H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      break;
    default:
      H5Ldelete(file, name, H5P_DEFAULT);
      H5Lcreate_hard(file, "/", file, name, H5P_DEFAULT, H5P_DEFAULT);
  }
}

void change(Choices& choices, const std::filesystem::path& path) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_file_locking(access, false, true);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, access);
  expect(file >= 0, "the base file can be opened");
  constexpr int most_changes = 8;
  for (int i = 0; i < most_changes && choices.any_left(); ++i) {
    switch (choices.byte() % 4) {
      case 0:
        make_attribute(choices, file);
        break;
      case 1:
        make_variable(choices, file);
        break;
      case 2:
        write_values(choices, file);
        break;
      default:
        change_link(choices, file);
    }
  }
  expect(H5Fclose(file) >= 0, "the changed file can be closed");
  H5Pclose(access);
}

}  // namespace

/// Lets allocations that are too large return null, which HDF5 checks: a variable may need any amount of
/// memory.
extern "C" const char* __asan_default_options() {  // NOLINT: the sanitizer's name
  return "allocator_may_return_null=1";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::TemporaryFile file;
  static const std::string base = fuzz::make_results(file.path(), example::two_axes());
  std::ofstream(file.path(), std::ios::binary) << base;

  Choices choices({data, size});
  const std::uint8_t shorter = choices.byte();  // above 250, the file is cut
  change(choices, file.path());
  if (shorter > 250)
    std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) * (256U - shorter) / 8);
  try {
    fuzz::read_results(file.path());
  } catch (const core::Error& error) {
    fuzz::expect_one_line(error);
  }
  return 0;
}
