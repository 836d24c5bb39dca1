#include "rhosweep/core/error.hpp"

namespace rhosweep::core {

FileError::FileError(const std::string& file, const std::string& reason) : Error(file + ": " + reason) {}

}  // namespace rhosweep::core
