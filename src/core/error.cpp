#include "rhosweep/core/error.hpp"

#include <new>

namespace rhosweep::core {

FileError::FileError(const std::string& file, const std::string& reason) : Error(file + ": " + reason) {}

std::string message_of(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ? "out of memory" : error.what();
}

}  // namespace rhosweep::core
