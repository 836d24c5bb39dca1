#include "rhosweep/h5/hdf5.hpp"

#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

namespace rhosweep::h5 {

namespace {

bool unclosable_file = false;

herr_t append_description(unsigned, const H5E_error2_t* error, void* descriptions) {
  static_cast<std::vector<std::string>*>(descriptions)->emplace_back(error->desc);
  return 0;
}

/// Returns the system's error message if the description quotes one (between addresses and times), otherwise
/// the whole description.
std::string essence(const std::string& description) {
  const std::string_view before = "error message = '";
  const std::size_t start = description.find(before);
  if (start == std::string::npos) return description;
  const std::size_t message = start + before.size();
  return description.substr(message, description.find('\'', message) - message);
}

/// Throws unless every link on the path is a hard link. Soft and external links lead to objects with other
/// names or in other files.
void require_hard_links(hid_t location, const std::string& name) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    H5L_info_t link{};
    check(H5Lget_info(location, part.c_str(), &link, H5P_DEFAULT), "cannot open variable " + name);
    if (link.type != H5L_TYPE_HARD)
      throw Hdf5Error(part +
                      " is a link to another name or file; allowed: what is stored under its own name");
  }
}

/// Throws if a dataset stores its values in other files or in other datasets.
void require_own_values(hid_t dataset, const std::string& name) {
  const PropertyList properties(check(H5Dget_create_plist(dataset), "cannot open variable " + name));
  if (check(H5Pget_external_count(properties), "cannot open variable " + name) > 0 ||
      H5Pget_layout(properties) == H5D_VIRTUAL)
    throw Hdf5Error("the values of " + name + " are in another file; allowed: values in the file itself");
}

/// Returns the order in which to visit an index: the order of creation for H5_INDEX_CRT_ORDER, otherwise the
/// order that is fastest.
H5_iter_order_t order_of(H5_index_t index) {
  return index == H5_INDEX_CRT_ORDER ? H5_ITER_INC : H5_ITER_NATIVE;
}

template <class Info>
herr_t append_name(hid_t, const char* name, const Info*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

/// Strings that HDF5 allocates while reading, freed by the destructor.
class TextBuffer {
 public:
  TextBuffer(hid_t type, hid_t space)
      : type_(type),
        space_(space),
        texts_(static_cast<std::size_t>(
            check(H5Sget_simple_extent_npoints(space), "cannot count the texts of a variable"))) {}
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;
  ~TextBuffer() { H5Dvlen_reclaim(type_, space_, H5P_DEFAULT, texts_.data()); }

  char** data() { return texts_.data(); }
  std::vector<std::string> copy() const {
    std::vector<std::string> copies;
    for (const char* text : texts_) copies.emplace_back(text == nullptr ? "" : text);
    return copies;
  }

 private:
  hid_t type_;
  hid_t space_;
  std::vector<char*> texts_;
};

/// Returns whether a string type has variable length. Throws Hdf5Error if it is not a string type; the error
/// message begins with `attempt`, as in "cannot read attribute title".
bool has_variable_length(hid_t type, const std::string& attempt) {
  if (H5Tget_class(type) != H5T_STRING) throw Hdf5Error(attempt + ": it holds no texts");
  return check(H5Tis_variable_str(type), attempt) > 0;
}

/// Reads a fixed-length string attribute. Error messages begin with `attempt`.
std::string read_fixed_text(const Attribute& attribute, hid_t type, const std::string& attempt) {
  std::string text(H5Tget_size(type), '\0');
  check(H5Aread(attribute, type, text.data()), attempt);
  if (H5Tget_strpad(type) == H5T_STR_NULLTERM) text.resize(std::min(text.find('\0'), text.size()));
  text.resize(text.find_last_not_of('\0') + 1);
  if (text.find('\0') != std::string::npos) throw Hdf5Error(attempt + ": it has the character NUL");
  return text;
}

}  // namespace

void throw_error_stack(std::string_view attempt) {
  // The first frame describes the function that was called, the last one the function that failed. The frames
  // in between add nothing, so the message has only these two.
  std::vector<std::string> stack;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, append_description, &stack);
  std::string text(attempt);
  if (!stack.empty()) text += ": " + essence(stack.front());
  if (stack.size() > 1) text += ": " + essence(stack.back());
  throw Hdf5Error(text);
}

herr_t close_file(hid_t file) {
  const herr_t closed = H5Fclose(file);
  if (closed < 0) unclosable_file = true;
  return closed;
}

bool has_unclosable_file() {
  return unclosable_file;
}

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    // At exit the library would close all open objects, and closing is collective. This call fails only if
    // the library is already initialised, and then nothing can be done about it.
    H5dont_atexit();
    check(H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr), "cannot silence the HDF5 library");
  });
}

PropertyList unlocked_access() {
  PropertyList access(check(H5Pcreate(H5P_FILE_ACCESS), "cannot make a property list"));
  check(H5Pset_file_locking(access, false, true), "cannot switch file locks off");
  return access;
}

Datatype text_type() {
  Datatype type(check(H5Tcopy(H5T_C_S1), "cannot make a text type"));
  check(H5Tset_size(type, H5T_VARIABLE), "cannot make a text type");
  check(H5Tset_cset(type, H5T_CSET_UTF8), "cannot make a text type");
  return type;
}

Dataspace make_space(std::span<const hsize_t> extents) {
  const hid_t space = extents.empty()
                          ? H5Screate(H5S_SCALAR)
                          : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  return Dataspace(check(space, "cannot make a data space"));
}

Extents extents_of(hid_t space) {
  Extents extents(static_cast<std::size_t>(check(H5Sget_simple_extent_ndims(space), "cannot read a shape")));
  check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), "cannot read a shape");
  return extents;
}

Dataset open_dataset(hid_t location, const std::string& name, hid_t access) {
  require_hard_links(location, name);
  Dataset dataset(check(H5Dopen2(location, name.c_str(), access), "cannot open variable " + name));
  require_own_values(dataset, name);
  return dataset;
}

Group open_group(hid_t location, const std::string& name) {
  require_hard_links(location, name);
  return Group(check(H5Gopen2(location, name.c_str(), H5P_DEFAULT), "cannot open group " + name));
}

Dataspace space_of(hid_t dataset) {
  return Dataspace(check(H5Dget_space(dataset), "cannot read the shape of a variable"));
}

void require_stored(hid_t dataset, hssize_t elements) {
  // Another program may have compressed the file. Deflate reduces at most 1032 bytes to one.
  constexpr double most_elements_per_byte = 1032.0;
  const auto bytes = static_cast<double>(H5Dget_storage_size(dataset));
  if (static_cast<double>(elements) > most_elements_per_byte * bytes)
    throw Hdf5Error("damaged: a variable claims more values than the file holds");
}

void require_room(hssize_t values, std::size_t bytes) {
  constexpr double little = 1 << 26;  // reading fewer bytes is faster than querying the available memory
  const double needed = static_cast<double>(values) * static_cast<double>(bytes);
  if (needed <= little) return;
  const auto available = static_cast<double>(core::available_memory());
  if (needed > available)
    throw Hdf5Error("reading the values of a variable needs " + core::to_byte_text(needed) + " of memory, " +
                    core::to_byte_text(available) + " are available");
}

PropertyList transfer_of(hid_t dataset, hssize_t values, std::size_t bytes) {
  constexpr std::size_t most = std::size_t{1} << 20;
  const Datatype type(check(H5Dget_type(dataset), "cannot read a type"));
  constexpr std::size_t least = 32;  // bytes, more than a reference to a string takes in any file
  const std::size_t each = std::max({bytes, H5Tget_size(type), least});
  const auto count = static_cast<std::size_t>(std::clamp<hssize_t>(values, 1, most));
  PropertyList transfer(check(H5Pcreate(H5P_DATASET_XFER), "cannot make a property list"));
  check(H5Pset_buffer(transfer, std::clamp(each, std::size_t{1}, most / count) * count, nullptr, nullptr),
        "cannot choose a buffer");
  return transfer;
}

void write_attribute(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type,
                     std::span<const hsize_t> extents, const void* data) {
  const std::string attempt = "cannot write attribute " + name;
  const Attribute attribute(check(
      H5Acreate2(object, name.c_str(), file_type, make_space(extents), H5P_DEFAULT, H5P_DEFAULT), attempt));
  check(H5Awrite(attribute, memory_type, data), attempt);
}

void write_attribute(hid_t object, const std::string& name, const std::string& text) {
  const Datatype type = text_type();
  const std::string valid = core::as_utf8(text);
  const char* data = valid.c_str();
  write_attribute(object, name, type, type, {}, &data);
}

bool has_variable(hid_t location, const std::string& name) {
  return check(H5Lexists(location, name.c_str(), H5P_DEFAULT), "cannot look for variable " + name) > 0;
}

bool has_attribute(hid_t object, const std::string& name) {
  return check(H5Aexists(object, name.c_str()), "cannot look for attribute " + name) > 0;
}

Attribute open_attribute(hid_t object, const std::string& name) {
  const std::string attempt = "cannot open attribute " + name;
  Attribute attribute(check(H5Aopen(object, name.c_str(), H5P_DEFAULT), attempt));
  const Dataspace space(check(H5Aget_space(attribute), attempt));
  if (check(H5Sget_simple_extent_npoints(space), attempt) != 1)
    throw Hdf5Error("attribute " + name + " has more or less than one element");
  return attribute;
}

std::string read_text_attribute(hid_t object, const std::string& name, std::size_t longest) {
  const std::string attempt = "cannot read attribute " + name;
  const auto require_size = [&](std::size_t bytes) {
    if (bytes > longest)
      throw Hdf5Error("damaged: attribute " + name + " has more than " + std::to_string(longest) + " bytes");
  };
  const Attribute attribute = open_attribute(object, name);
  const Datatype stored(check(H5Aget_type(attribute), "cannot read a type"));
  if (!has_variable_length(stored, attempt)) {
    require_size(H5Tget_size(stored));
    return read_fixed_text(attribute, stored, attempt);
  }
  const Datatype type = text_type();
  const Dataspace space = make_space({});
  TextBuffer texts(type, space);
  check(H5Aread(attribute, type, texts.data()), attempt);
  if (const char* const text = *texts.data(); text != nullptr) require_size(std::strlen(text));
  return texts.copy().front();
}

void append_link_names(hid_t group, H5_index_t index, std::vector<std::string>& names) {
  check(H5Literate(group, index, order_of(index), nullptr, append_name<H5L_info_t>, &names),
        "cannot list a group");
}

void append_attribute_names(hid_t object, H5_index_t index, std::vector<std::string>& names) {
  check(H5Aiterate2(object, index, order_of(index), nullptr, append_name<H5A_info_t>, &names),
        "cannot list attributes");
}

std::vector<std::string> link_names(hid_t group) {
  std::vector<std::string> names;
  append_link_names(group, H5_INDEX_CRT_ORDER, names);
  return names;
}

std::vector<std::string> attribute_names(hid_t object) {
  std::vector<std::string> names;
  append_attribute_names(object, H5_INDEX_CRT_ORDER, names);
  return names;
}

std::vector<std::string> read_texts(hid_t location, const std::string& name) {
  const Dataset dataset = open_dataset(location, name);
  const Dataspace space = space_of(dataset);
  const Datatype type = text_type();
  const Datatype stored(check(H5Dget_type(dataset), "cannot read a type"));
  if (!has_variable_length(stored, "cannot read variable " + name))
    throw Hdf5Error("cannot read variable " + name +
                    ": it holds texts of a fixed length, not of variable length");
  const hssize_t count = check(H5Sget_simple_extent_npoints(space), "cannot count the texts of a variable");
  require_stored(dataset, count);
  require_room(count, sizeof(char*) + 2 * sizeof(std::string));
  hsize_t bytes = 0;  // size of all strings once read; in the file, elements may share a string
  if (count > 1) check(H5Dvlen_get_buf_size(dataset, type, space, &bytes), "cannot read variable " + name);
  require_room(static_cast<hssize_t>(bytes), 2);
  TextBuffer texts(type, space);
  const PropertyList transfer = transfer_of(dataset, count, sizeof(char*));
  check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, transfer, texts.data()), "cannot read variable " + name);
  return texts.copy();
}

}  // namespace rhosweep::h5
