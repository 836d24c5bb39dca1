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

void require_regular_file(const std::filesystem::path& file) {
  using std::filesystem::file_type;
  std::error_code ignored;  // if this check fails, opening the file fails too and reports why
  const auto refuse_kind = [&](const char* kind) { refuse(file.string(), kind, "a regular file"); };
  switch (std::filesystem::status(file, ignored).type()) {
    case file_type::directory:
      fail(file, EISDIR);
    case file_type::fifo:
      refuse_kind("a named pipe");
      break;
    case file_type::character:
    case file_type::block:
      refuse_kind("a device");
      break;
    case file_type::socket:
      refuse_kind("a socket");
      break;
    default:
      break;
  }
}

std::ifstream open_input(const std::filesystem::path& file) {
  require_regular_file(file);
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(file, errno);
  return in;
}

void check_read(const std::ifstream& in, const std::filesystem::path& file) {
  if (in.bad()) fail(file, EIO);
}

}  // namespace rhosweep::core
