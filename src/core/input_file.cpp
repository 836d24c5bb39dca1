#include "rhosweep/core/input_file.hpp"

#include "rhosweep/core/error.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace rhosweep::core {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  throw InputError(fmt::format("{}: {}", file.string(), std::generic_category().message(error)));
}

}  // namespace

std::ifstream open_input(const std::filesystem::path& file) {
  std::error_code ignored;  // if this check fails, opening the file fails too and reports why
  if (std::filesystem::is_directory(file, ignored)) fail(file, EISDIR);
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(file, errno);
  return in;
}

void check_read(const std::ifstream& in, const std::filesystem::path& file) {
  if (in.bad()) fail(file, EIO);
}

}  // namespace rhosweep::core
