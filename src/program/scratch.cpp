#include "scratch.hpp"

#include "rhosweep/core/error.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace rhosweep::program {

Scratch::Scratch() {
  std::error_code none;
  std::filesystem::path base = std::filesystem::temp_directory_path(none);
  if (none) base = "/tmp";
  std::string name = (base / "rhosweep-trial-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw core::FileError(name, std::generic_category().message(errno));
  folder_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace rhosweep::program
