#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace rhosweep::store {

/// Returns the folder of a file, "." if the path has none.
std::filesystem::path folder_of(const std::filesystem::path& file);

/// Returns the file that a link leads to, so that the file is replaced and not the link. Returns the path
/// itself if it names nothing yet.
std::filesystem::path resolved(std::filesystem::path file);

/// Returns the name of a hidden file beside `file`: its own name between a dot and `ending`. A hash stands
/// for a name that is so long that the new one would be longer than the system allows.
/// @param further how many characters the caller appends
std::string hidden_name(const std::filesystem::path& file, std::string_view ending, std::size_t further = 0);

}  // namespace rhosweep::store
