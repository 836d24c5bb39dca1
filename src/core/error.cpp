#include "rhosweep/core/error.hpp"

#include <new>

#include <fmt/format.h>

namespace rhosweep::core {

FileError::FileError(const std::string& file, const std::string& reason) : Error(file + ": " + reason) {}

std::string found_allowed(std::string_view found, std::string_view allowed) {
  return fmt::format("found {}; allowed: {}", found, allowed);
}

void refuse(std::string_view where, std::string_view found, std::string_view allowed) {
  throw InputError(fmt::format("{}: {}", where, found_allowed(found, allowed)));
}

std::string message_of(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ? "out of memory" : error.what();
}

}  // namespace rhosweep::core
