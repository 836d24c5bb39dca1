#pragma once

#include <filesystem>
#include <fstream>

namespace rhosweep::core {

/// Opens a file that the user names, for reading bytes. Throws InputError "FILE: REASON" with the system's
/// reason.
std::ifstream open_input(const std::filesystem::path& file);

/// Call this after the last read: throws InputError if reading ended because of an error, not at the end of
/// the file.
void check_read(const std::ifstream& in, const std::filesystem::path& file);

}  // namespace rhosweep::core
