#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <hdf5.h>

namespace rhosweep::h5 {

/// An HDF5 call failed: what was tried and the library's own account of why. Public functions turn it into a
/// core::FileError that names the file.
class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Hdf5Error with the two ends of the library's error stack.
[[noreturn]] void throw_error_stack(std::string_view attempt);

/// Every call of the HDF5 library goes through here.
/// @param attempt what the call does: "cannot …"
template <class Result>
Result check(Result result, std::string_view attempt) {
  if (result < 0) throw_error_stack(attempt);
  return result;
}

/// An HDF5 identifier that closes itself. Where the outcome of closing matters, close() tells it.
template <herr_t (*closer)(hid_t)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) closer(id_);
  }

  /// Implicit, so that a handle goes wherever the C library takes an identifier.
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor)
  hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }
  void close(std::string_view attempt) { check(closer(release()), attempt); }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// Whether close_file() has failed in this process: the library holds on to the file and will try again.
bool has_unclosable_file();

/// Closes a file. A failure is remembered for has_unclosable_file().
herr_t close_file(hid_t file);

using File = Handle<close_file>;
using Group = Handle<H5Gclose>;
using Dataset = Handle<H5Dclose>;
using Dataspace = Handle<H5Sclose>;
using Datatype = Handle<H5Tclose>;
using Attribute = Handle<H5Aclose>;
using PropertyList = Handle<H5Pclose>;

using Extents = std::vector<hsize_t>;

/// Prepares the library; to be called before any other use of it.
void start_library();

/// Properties of opening a file without locks, which parallel file systems may not have.
PropertyList unlocked_access();

/// How numbers stand in the file: little-endian on every machine, so that files are the same everywhere.
/// Characters are netCDF's: texts of length 1.
template <class T>
hid_t file_type() {
  if constexpr (std::is_same_v<T, double>)
    return H5T_IEEE_F64LE;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return H5T_STD_I64LE;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return H5T_STD_U64LE;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return H5T_STD_I32LE;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return H5T_STD_U16LE;
  else if constexpr (std::is_same_v<T, char>)
    return H5T_C_S1;
  else {
    static_assert(std::is_same_v<T, std::uint8_t>);
    return H5T_STD_U8LE;
  }
}

/// How numbers stand in memory.
template <class T>
hid_t memory_type() {
  if constexpr (std::is_same_v<T, double>)
    return H5T_NATIVE_DOUBLE;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return H5T_NATIVE_INT64;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return H5T_NATIVE_UINT64;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return H5T_NATIVE_INT32;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return H5T_NATIVE_UINT16;
  else if constexpr (std::is_same_v<T, char>)
    return H5T_C_S1;
  else {
    static_assert(std::is_same_v<T, std::uint8_t>);
    return H5T_NATIVE_UINT8;
  }
}

/// Variable-length UTF-8 text: fixed-length arrays of it crash netCDF-C 4.9.0.
Datatype text_type();

/// A scalar without extents.
Dataspace make_space(std::span<const hsize_t> extents);
Extents extents_of(hid_t space);

/// Opens a dataset or a group, to be read or written. Throws Hdf5Error unless it is stored in the file
/// itself: files come from strangers, and a link, external storage or a virtual dataset could lead to any
/// other file.
Dataset open_dataset(hid_t location, const std::string& name);
Group open_group(hid_t location, const std::string& name);
Dataspace space_of(hid_t dataset);

/// Writes an attribute of the given types; scalar without extents.
void write_attribute(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type,
                     std::span<const hsize_t> extents, const void* data);

template <class T>
requires std::is_arithmetic_v<T>
void write_attribute(hid_t object, const std::string& name, T value) {
  write_attribute(object, name, file_type<T>(), memory_type<T>(), {}, &value);
}

template <class T>
void write_attribute(hid_t object, const std::string& name, std::span<const T> values) {
  const Extents extents{values.size()};
  write_attribute(object, name, file_type<T>(), memory_type<T>(), extents, values.data());
}

void write_attribute(hid_t object, const std::string& name, const std::string& text);

bool has_variable(hid_t location, const std::string& name);
bool has_attribute(hid_t object, const std::string& name);
/// An attribute of one element.
Attribute open_attribute(hid_t object, const std::string& name);
std::string read_text_attribute(hid_t object, const std::string& name);

template <class T>
T read_attribute(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  T value{};
  check(H5Aread(attribute, memory_type<T>(), &value), "cannot read attribute " + name);
  return value;
}

/// The names of a group's links or of an object's attributes, in the order in which they were made.
std::vector<std::string> link_names(hid_t group);
std::vector<std::string> attribute_names(hid_t object);

/// Throws Hdf5Error if that many elements cannot stand in what a dataset takes in the file: a damaged shape
/// shall not cost memory.
void require_stored(hid_t dataset, hssize_t elements);

/// Reads what is selected in a dataset, in row-major order.
template <class T>
std::vector<T> read_selected(hid_t dataset, hid_t selection) {
  const hssize_t count = check(H5Sget_select_npoints(selection), "cannot count a selection");
  require_stored(dataset, count);
  const Dataspace memory = make_space(Extents{static_cast<hsize_t>(count)});
  std::vector<T> values(static_cast<std::size_t>(count));
  check(H5Dread(dataset, memory_type<T>(), memory, selection, H5P_DEFAULT, values.data()),
        "cannot read a variable");
  return values;
}

/// Reads a whole dataset, in row-major order.
template <class T>
std::vector<T> read_all(hid_t location, const std::string& name) {
  const Dataset dataset = open_dataset(location, name);
  return read_selected<T>(dataset, space_of(dataset));
}

/// Reads a one-dimensional dataset of texts.
std::vector<std::string> read_texts(hid_t location, const std::string& name);

}  // namespace rhosweep::h5
