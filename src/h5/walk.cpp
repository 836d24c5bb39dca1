#include "walk.hpp"

#include "rhosweep/h5/hdf5.hpp"
#include "rhosweep/h5/require_readable.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <vector>

namespace rhosweep::h5 {

namespace {

/// Runs a step of the walk through a file. An error ends this step, but not the walk.
template <class Step>
void attempt(Step&& step) {
  try {
    step();
  } catch (const std::exception&) {  // reported later by the process that really reads the file
  }
}

bool is_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

/// Returns the memory types that values are read into. None is larger than a double.
std::array<hid_t, 7> memory_types() {
  return {memory_type<double>(),       memory_type<std::int64_t>(),  memory_type<std::uint64_t>(),
          memory_type<std::int32_t>(), memory_type<std::uint16_t>(), memory_type<std::uint8_t>(),
          memory_type<char>()};
}

/// Reads a one-element attribute as a string or as numbers of each memory type.
void read_attribute_value(hid_t object, const std::string& name) {
  const Attribute attribute = open_attribute(object, name);
  const Datatype type(check(H5Aget_type(attribute), "cannot read a type"));
  if (H5Tget_class(type) == H5T_STRING) (void)read_text_attribute(object, name);
  if (!is_number(type)) return;
  double number = 0.0;
  for (const hid_t memory : memory_types()) H5Aread(attribute, memory, &number);
}

void read_attributes(hid_t object) {
  attempt([&] { (void)attribute_names(object); });
  std::vector<std::string> names;  // sorted by name, as not every file tracks the creation order
  attempt([&] { append_attribute_names(object, H5_INDEX_NAME, names); });
  for (const std::string& name : names) {
    attempt([&] { (void)has_attribute(object, name); });
    attempt([&] { read_attribute_value(object, name); });
  }
}

/// Reads one element into every memory type.
void read_element(hid_t dataset, hid_t space, const Extents& place, hid_t transfer) {
  const Extents one(place.size(), 1);
  if (!place.empty())
    check(H5Sselect_hyperslab(space, H5S_SELECT_SET, place.data(), nullptr, one.data(), nullptr),
          "cannot select an element");
  const Dataspace memory = make_space({});
  double number = 0.0;
  for (const hid_t type : memory_types()) H5Dread(dataset, type, memory, space, transfer, &number);
}

/// Advances to the next chunk in row-major order. Returns whether there is one.
bool advance(Extents& first, const Extents& chunk, const Extents& extents) {
  for (std::size_t i = first.size(); i-- > 0;) {
    if (extents[i] - first[i] > chunk[i]) {
      first[i] += chunk[i];
      return true;
    }
    first[i] = 0;
  }
  return false;
}

/// Reads every chunk once, because any damaged or truncated chunk can crash the library.
void read_chunks(hid_t dataset, hid_t space, const Extents& extents, const PropertyList& properties) {
  Extents chunk(extents.size());
  check(H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()), "cannot read a shape");
  const File file(check(H5Iget_file_id(dataset), "cannot find the file"));
  hsize_t bytes = 0;
  check(H5Fget_filesize(file, &bytes), "cannot read the size of the file");
  allow_time_for(std::min(bytes, H5Dget_storage_size(dataset)));
  std::vector<double> values;
  Extents first(extents.size(), 0);
  do {
    Extents count = chunk;
    hsize_t elements = 1;
    for (std::size_t i = 0; i < count.size(); ++i) {
      count[i] = std::min(chunk[i], extents[i] - first[i]);
      elements *= count[i];
    }
    values.resize(elements);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, first.data(), nullptr, count.data(), nullptr);
    const Dataspace memory = make_space(Extents{elements});
    H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values.data());
  } while (advance(first, chunk, extents));
}

/// Reads a small variable as a whole, into every type that a reader may ask for. The conversion of a damaged
/// type behaves differently for neighbouring values, other memory types and other buffer sizes.
void read_small(hid_t dataset, hid_t space, hssize_t elements) {
  constexpr hssize_t most = hssize_t{1} << 16;
  if (elements > most) return;
  H5Sselect_all(space);
  const auto read_as = [&]<class T>() { attempt([&] { (void)read_selected<T>(dataset, space); }); };
  read_as.operator()<double>();
  read_as.operator()<std::int64_t>();
  read_as.operator()<std::uint64_t>();
  read_as.operator()<std::int32_t>();
  read_as.operator()<std::uint16_t>();
  read_as.operator()<std::uint8_t>();
  read_as.operator()<char>();
}

void read_values(hid_t location, const std::string& name, hid_t dataset) {
  const Dataspace space = space_of(dataset);
  const Extents extents = extents_of(space);
  const hssize_t elements = check(H5Sget_simple_extent_npoints(space), "cannot count values");
  require_stored(dataset, elements);
  const Datatype type(check(H5Dget_type(dataset), "cannot read a type"));
  if (H5Tget_class(type) == H5T_STRING) attempt([&] { (void)read_texts(location, name); });
  if (elements == 0 || !(is_number(type) || H5Tget_class(type) == H5T_STRING)) return;
  Extents last = extents;
  for (hsize_t& place : last) --place;
  constexpr hssize_t few = 64;
  const PropertyList transfer = transfer_of(dataset, few, sizeof(double));
  attempt([&] { read_element(dataset, space, Extents(extents.size(), 0), transfer); });
  attempt([&] { read_element(dataset, space, last, transfer); });
  read_small(dataset, space, elements);
  const PropertyList properties(check(H5Dget_create_plist(dataset), "cannot read properties"));
  if (H5Pget_layout(properties) == H5D_CHUNKED && is_number(type))
    read_chunks(dataset, space, extents, properties);
}

/// Reads a variable with its attributes. Returns whether the name belongs to a variable.
bool read_variable(hid_t location, const std::string& name) {
  bool is_variable = false;
  attempt([&] { (void)has_variable(location, name); });
  attempt([&] {
    const Dataset dataset = open_dataset(location, name);
    is_variable = true;
    read_attributes(dataset);
    read_values(location, name, dataset);
  });
  return is_variable;
}

enum class Groups { enter, leave };

/// Reads the attributes and variables of a group, or of a file's root group; with Groups::enter, also the
/// groups in it.
void read_group(hid_t group, Groups groups) {
  read_attributes(group);
  attempt([&] { (void)link_names(group); });
  std::vector<std::string> names;  // sorted by name, as not every file tracks the creation order
  attempt([&] { append_link_names(group, H5_INDEX_NAME, names); });
  for (const std::string& name : names) {
    if (!read_variable(group, name) && groups == Groups::enter)
      attempt([&] { read_group(open_group(group, name), Groups::leave); });
  }
}

}  // namespace

void walk(hid_t file, std::span<const std::string> names) {
  if (names.empty()) read_group(file, Groups::enter);
  for (const std::string& name : names) read_variable(file, name);
}

}  // namespace rhosweep::h5
