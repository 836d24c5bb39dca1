#pragma once

#include <cstddef>
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

/// Reports a failed HDF5 call: what was attempted, and the library's reason for the failure. Public functions
/// convert it to a core::FileError that names the file.
class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Hdf5Error with the first and the last frame of the library's error stack.
[[noreturn]] void throw_error_stack(std::string_view attempt);

/// Checks the result of an HDF5 call. Every call is checked by this function.
/// @param attempt describes the failed call: "cannot …"
template <class Result>
Result check(Result result, std::string_view attempt) {
  if (result < 0) throw_error_stack(attempt);
  return result;
}

/// An HDF5 identifier that is closed by its destructor. Call close() where a failure to close must be
/// noticed.
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

  /// Converts a handle to its identifier. The conversion is implicit, so that a handle can be passed to the C
  /// library.
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor)
  hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }
  void close(std::string_view attempt) { check(closer(release()), attempt); }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// Whether close_file() has failed in this process. The library keeps a file that it could not close, and
/// tries to close it again later.
bool has_unclosable_file();

/// Closes a file. After a failure, has_unclosable_file() returns true.
herr_t close_file(hid_t file);

using File = Handle<close_file>;
using Group = Handle<H5Gclose>;
using Dataset = Handle<H5Dclose>;
using Dataspace = Handle<H5Sclose>;
using Datatype = Handle<H5Tclose>;
using Attribute = Handle<H5Aclose>;
using PropertyList = Handle<H5Pclose>;

using Extents = std::vector<hsize_t>;

/// Initialises the HDF5 library. Call this function before any other function in this header.
void start_library();

/// Returns access properties that open a file without locks, because parallel file systems may not support
/// locks.
PropertyList unlocked_access();

/// The HDF5 types of a number in the file and in memory.
struct NumberTypes {
  hid_t file;  ///< little-endian on every machine, so that files are the same everywhere
  hid_t memory;
};

/// Returns the HDF5 types for T. A character is a string of length 1, as in netCDF.
template <class T>
NumberTypes number_types() {
  if constexpr (std::is_same_v<T, double>)
    return {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE};
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return {H5T_STD_I64LE, H5T_NATIVE_INT64};
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return {H5T_STD_U64LE, H5T_NATIVE_UINT64};
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return {H5T_STD_I32LE, H5T_NATIVE_INT32};
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return {H5T_STD_U16LE, H5T_NATIVE_UINT16};
  else if constexpr (std::is_same_v<T, char>)
    return {H5T_C_S1, H5T_C_S1};
  else {
    static_assert(std::is_same_v<T, std::uint8_t>);
    return {H5T_STD_U8LE, H5T_NATIVE_UINT8};
  }
}

template <class T>
hid_t file_type() {
  return number_types<T>().file;
}

template <class T>
hid_t memory_type() {
  return number_types<T>().memory;
}

/// Returns the type of variable-length UTF-8 strings, which is used because arrays of fixed-length strings
/// crash netCDF-C 4.9.0.
Datatype text_type();

/// Makes a dataspace with the given extents; without extents, makes a scalar dataspace.
Dataspace make_space(std::span<const hsize_t> extents);
Extents extents_of(hid_t space);

/// Opens a dataset or a group for reading or writing. Throws Hdf5Error if the object is stored outside this
/// file: files may come from untrusted sources, and links, external storage or virtual datasets could lead to
/// any other file.
Dataset open_dataset(hid_t location, const std::string& name, hid_t access = H5P_DEFAULT);
Group open_group(hid_t location, const std::string& name);
Dataspace space_of(hid_t dataset);

/// Writes an attribute of the given types. Without extents, the attribute is scalar.
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
/// Opens an attribute. Throws Hdf5Error unless the attribute has exactly one element.
Attribute open_attribute(hid_t object, const std::string& name);
/// Reads an attribute that is a string of fixed or variable length. Throws Hdf5Error if the string has more
/// than `longest` bytes: in an untrusted file, any number of attributes may share one long string.
std::string read_text_attribute(hid_t object, const std::string& name,
                                std::size_t longest = std::string::npos);

template <class T>
T read_attribute(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  T value{};
  check(H5Aread(attribute, memory_type<T>(), &value), "cannot read attribute " + name);
  return value;
}

/// Appends the names of a group's links or of an object's attributes. On an error, the names found so far are
/// kept.
/// @param index H5_INDEX_CRT_ORDER for creation order, which files of other programs may lack; H5_INDEX_NAME
/// for any order
void append_link_names(hid_t group, H5_index_t index, std::vector<std::string>& names);
void append_attribute_names(hid_t object, H5_index_t index, std::vector<std::string>& names);
/// Returns the names of a group's links or of an object's attributes, in creation order.
std::vector<std::string> link_names(hid_t group);
std::vector<std::string> attribute_names(hid_t object);

/// Throws Hdf5Error if a dataset takes too little space in the file for this number of elements. This
/// prevents a large allocation for a damaged shape.
void require_stored(hid_t dataset, hssize_t elements);

/// Throws Hdf5Error if this number of values needs more memory than is available. Blocks of zeros take no
/// space on disk, so a small file may describe more values than fit into memory.
/// @param bytes size of one value and its copy
void require_room(hssize_t values, std::size_t bytes);

/// Returns the transfer properties for reading this number of values. The type conversion buffer is only as
/// large as the values need, because the library clears it for each read, and at most 1 MiB, the library's
/// default.
/// @param bytes size of one value in memory
PropertyList transfer_of(hid_t dataset, hssize_t values, std::size_t bytes);

/// Reads the selected elements of a dataset, in row-major order.
template <class T>
std::vector<T> read_selected(hid_t dataset, hid_t selection) {
  const hssize_t count = check(H5Sget_select_npoints(selection), "cannot count a selection");
  require_stored(dataset, count);
  require_room(count, 2 * sizeof(T));
  const Dataspace memory = make_space(Extents{static_cast<hsize_t>(count)});
  std::vector<T> values(static_cast<std::size_t>(count));
  const PropertyList transfer = transfer_of(dataset, count, sizeof(T));
  check(H5Dread(dataset, memory_type<T>(), memory, selection, transfer, values.data()),
        "cannot read a variable");
  return values;
}

/// Reads a whole dataset, in row-major order.
template <class T>
std::vector<T> read_all(hid_t location, const std::string& name) {
  const Dataset dataset = open_dataset(location, name);
  return read_selected<T>(dataset, space_of(dataset));
}

/// Reads a one-dimensional dataset of strings.
std::vector<std::string> read_texts(hid_t location, const std::string& name);

}  // namespace rhosweep::h5
