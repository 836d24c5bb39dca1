#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace rhosweep::store {

/// Returns the folder of a file, "." if the path has none.
std::filesystem::path folder_of(const std::filesystem::path& file);

/// Returns the target of a path that is a symbolic link, so that the target is replaced and not the link.
/// Returns the path itself if nothing exists at this path.
std::filesystem::path resolved(std::filesystem::path file);

/// Returns the name of a hidden file beside `file`: a dot, the file's name and `ending`. A hash replaces the
/// file's name if the result, with `further` characters that the caller appends, would be longer than the
/// system allows.
std::string hidden_name(const std::filesystem::path& file, std::string_view ending, std::size_t further = 0);

}  // namespace rhosweep::store
