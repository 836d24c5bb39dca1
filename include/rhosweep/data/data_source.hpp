#pragma once

#include "rhosweep/data/dataset.hpp"

#include <functional>
#include <string>

namespace rhosweep::data {

/// The name of a data set and the function that makes it. Data sets with equal names are equal: the name
/// contains everything that determines the data set, and nothing else.
struct DataSource {
  std::string name;
  /// Makes the data set. Throws core::InputError with the key and the file if the data is invalid.
  std::function<Dataset()> make;
};

}  // namespace rhosweep::data
