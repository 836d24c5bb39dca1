#include "beside.hpp"

#include "rhosweep/core/hash.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace rhosweep::store {

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::filesystem::path resolved(std::filesystem::path file) {
  std::error_code missing;
  std::filesystem::path real = std::filesystem::canonical(file, missing);
  return missing ? std::move(file) : std::move(real);
}

std::string hidden_name(const std::filesystem::path& file, std::string_view ending, std::size_t further) {
  constexpr long usual_longest = 255;
  const long limit = ::pathconf(folder_of(file).c_str(), _PC_NAME_MAX);
  const std::string name = file.filename().string();
  std::string hidden = fmt::format(".{}{}", name, ending);
  if (hidden.size() + further <= static_cast<std::size_t>(limit > 0 ? limit : usual_longest)) return hidden;
  return fmt::format(".{}{}", core::to_hex(core::Hash().text(name).digest()), ending);
}

}  // namespace rhosweep::store
