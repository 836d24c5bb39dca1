#pragma once

#include "rhosweep/h5/hdf5.hpp"

#include <string>
#include <vector>

/// Makes and opens the HDF5 files of the tests and writes values into them.
namespace files {

using namespace rhosweep;

inline h5::File make(const char* path) {
  h5::start_library();
  return h5::File(h5::check(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                            std::string("cannot make ") + path));
}

inline h5::File open(const char* path) {
  h5::start_library();
  return h5::File(h5::check(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), std::string("cannot open ") + path));
}

/// Writes a variable; `values` are in row-major order.
template <class T>
void write(hid_t file, const char* name, const h5::Extents& extents, const std::vector<T>& values) {
  const h5::Dataspace space = h5::make_space(extents);
  const h5::Dataset dataset(h5::check(
      H5Dcreate2(file, name, h5::file_type<T>(), space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "make"));
  h5::check(H5Dwrite(dataset, h5::memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write");
}

/// Writes a variable of strings.
inline void write_texts(hid_t file, const char* name, const std::vector<const char*>& texts) {
  const h5::Datatype type = h5::text_type();
  const h5::Dataspace space = h5::make_space(h5::Extents{texts.size()});
  const h5::Dataset dataset(
      h5::check(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "make"));
  h5::check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), "write");
}

}  // namespace files
