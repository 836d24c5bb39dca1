#pragma once

#include <filesystem>
#include <fstream>

namespace rhosweep::core {

/// Throws InputError if the path leads to a folder, a named pipe, a device or a socket. Reading from some of
/// these never ends. A missing file passes: opening it reports the system's reason.
void require_regular_file(const std::filesystem::path& file);

/// Opens a file that the user names, for reading bytes. Every file that a command reads is opened by this
/// function, or is checked by it before a library opens the file. Throws InputError "FILE: REASON" if the
/// file cannot be opened or is not a regular file.
std::ifstream open_input(const std::filesystem::path& file);

/// Throws InputError if reading stopped because of an error instead of the end of the file. Call it after the
/// last read.
void check_read(const std::ifstream& in, const std::filesystem::path& file);

}  // namespace rhosweep::core
