#pragma once

#include "rhosweep/h5/hdf5.hpp"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <hdf5_hl.h>

namespace rhosweep::store {

// Creates variables and dimensions, for create.cpp.

/// A dimension of one group: its extent and its HDF5 dimension scale, which is also its coordinate variable.
struct Dimension {
  h5::Dataset scale;
  hsize_t extent;
};

using Dimensions = std::vector<const Dimension*>;

/// Attributes that describe a variable (CF conventions). Strings have no units.
struct Label {
  std::string long_name;
  std::string units = "1";
};

inline h5::PropertyList properties(hid_t kind) {
  h5::PropertyList list(h5::check(H5Pcreate(kind), "cannot make a property list"));
  // Without time stamps the files of two runs can be equal. The creation order keeps attributes in order.
  h5::check(H5Pset_obj_track_times(list, false), "cannot switch time stamps off");
  h5::check(H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
            "cannot order attributes");
  return list;
}

inline h5::PropertyList group_properties(hid_t kind) {
  h5::PropertyList list = properties(kind);
  h5::check(H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
            "cannot order variables");
  return list;
}

/// Writes the variables of one group.
class GroupWriter {
 public:
  explicit GroupWriter(hid_t group) : group_(group) {}

  template <class T>
  Dimension dimension(const std::string& name, const std::vector<T>& values, const Label& label) const {
    const h5::Extents extents{values.size()};
    h5::Dataset scale = create(name, h5::file_type<T>(), extents, label);
    write(scale, h5::memory_type<T>(), values.data());
    return make_scale(std::move(scale), name, extents[0]);
  }

  Dimension dimension(const std::string& name, const std::vector<std::string>& texts,
                      const Label& label) const {
    const h5::Extents extents{texts.size()};
    return make_scale(text_variable(name, extents, texts, label), name, extents[0]);
  }

  /// Creates a variable and writes its values.
  template <class T>
  void variable(const std::string& name, const Dimensions& dimensions, const std::vector<T>& values,
                const Label& label) const {
    const h5::Dataset dataset = create(name, h5::file_type<T>(), extents_of(dimensions), label);
    write(dataset, h5::memory_type<T>(), values.data());
    attach(dataset, dimensions);
  }

  void variable(const std::string& name, const Dimensions& dimensions, const std::vector<std::string>& texts,
                const Label& label) const {
    attach(text_variable(name, extents_of(dimensions), texts, label), dimensions);
  }

  /// Creates a variable that blocks are written into later.
  template <class T>
  h5::Dataset pending_variable(const std::string& name, const Dimensions& dimensions, T fill,
                               const Label& label) const {
    h5::PropertyList filled = dataset_properties();
    h5::check(H5Pset_fill_value(filled, h5::memory_type<T>(), &fill), "cannot set a fill value");
    h5::Dataset dataset = create(name, h5::file_type<T>(), extents_of(dimensions), label, std::move(filled));
    attach(dataset, dimensions);
    if constexpr (std::is_same_v<T, double>) h5::write_attribute(dataset, "_FillValue", fill);
    return dataset;
  }

 private:
  static h5::Extents extents_of(const Dimensions& dimensions) {
    h5::Extents extents;
    for (const Dimension* dimension : dimensions) extents.push_back(dimension->extent);
    return extents;
  }

  static h5::PropertyList dataset_properties() {
    h5::PropertyList list = properties(H5P_DATASET_CREATE);
    h5::check(H5Pset_layout(list, H5D_CONTIGUOUS), "cannot choose a layout");
    h5::check(H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY), "cannot allocate early");
    return list;
  }

  h5::Dataset create(const std::string& name, hid_t type, const h5::Extents& extents, const Label& label,
                     h5::PropertyList list = dataset_properties()) const {
    h5::Dataset dataset(h5::check(
        H5Dcreate2(group_, name.c_str(), type, h5::make_space(extents), H5P_DEFAULT, list, H5P_DEFAULT),
        "cannot make variable " + name));
    h5::write_attribute(dataset, "long_name", label.long_name);
    if (!label.units.empty()) h5::write_attribute(dataset, "units", label.units);
    return dataset;
  }

  h5::Dataset text_variable(const std::string& name, const h5::Extents& extents,
                            const std::vector<std::string>& texts, const Label& label) const {
    std::vector<const char*> starts;
    starts.reserve(texts.size());
    for (const std::string& text : texts) starts.push_back(text.c_str());
    const h5::Datatype type = h5::text_type();
    h5::Dataset dataset = create(name, type, extents, label);
    write(dataset, type, starts.data());
    return dataset;
  }

  static void write(hid_t dataset, hid_t type, const void* values) {
    h5::check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "cannot write a variable");
  }

  static Dimension make_scale(h5::Dataset scale, const std::string& name, hsize_t extent) {
    h5::check(H5DSset_scale(scale, name.c_str()), "cannot make dimension " + name);
    return {std::move(scale), extent};
  }

  static void attach(hid_t dataset, const Dimensions& dimensions) {
    for (unsigned i = 0; i < dimensions.size(); ++i)
      h5::check(H5DSattach_scale(dataset, dimensions[i]->scale, i), "cannot attach a dimension");
  }

  hid_t group_;
};

}  // namespace rhosweep::store
