#include "rhosweep/core/error.hpp"

#include <filesystem>
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
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "out of memory";
  if (const auto* const found = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
    return fmt::format("{}: {}", found->path1().string(), found->code().message());
  return error.what();
}

}  // namespace rhosweep::core
