#pragma once

#include <filesystem>
#include <functional>
#include <ostream>

namespace rhosweep::app {

/// Throws core::InputError if the output file of a command is an HDF5 file. Output text may be replaced,
/// since it can be made again at any time; results may not.
void require_no_results(const std::filesystem::path& path);

/// Writes text to a file, which is replaced once the text is complete. Writes directly into a terminal, a
/// pipe or whatever else a new file cannot replace. Throws core::FileError if the text cannot be written.
void write_output(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

}  // namespace rhosweep::app
