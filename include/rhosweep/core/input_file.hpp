#pragma once

#include <filesystem>
#include <fstream>

namespace rhosweep::core {

/// Opens a file that the user names, for reading bytes. Throws InputError "FILE: the system's reason".
std::ifstream open_input(const std::filesystem::path& file);

/// To be called when reading has ended: throws InputError if it ended by an error and not with the file.
void check_read(const std::ifstream& in, const std::filesystem::path& file);

}  // namespace rhosweep::core
