#pragma once

#include "rhosweep/data/dataset.hpp"

#include <functional>
#include <string>

namespace rhosweep::data {

/// How a data set is made. Equal names mean equal data sets: a name holds everything that determines the set
/// and nothing else.
struct DataSource {
  std::string name;
  /// Throws core::InputError for bad data, naming the key and the file.
  std::function<Dataset()> make;
};

}  // namespace rhosweep::data
