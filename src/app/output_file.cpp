#include "output_file.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/staged_file.hpp"

#include <fstream>
#include <string>

namespace rhosweep::app {

namespace {

/// Returns whether the path is a terminal, a pipe, /dev/null or a folder, which a new file cannot replace.
bool is_special(const std::filesystem::path& path) {
  return std::filesystem::exists(path) && !std::filesystem::is_regular_file(path);
}

void write_into(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write) {
  std::ofstream file(path, std::ios::binary);
  if (file) write(file);
  file.close();
  if (!file) throw core::FileError(path.string(), "cannot write the output");
}

}  // namespace

void require_no_results(const std::filesystem::path& path) {
  if (path.empty() || is_special(path)) return;
  const std::string signature = "\x89HDF\r\n\x1a\n";
  std::string start(signature.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  if (start == signature)
    core::refuse("--output", path.string() + ", which is an HDF5 file",
                 "another file, since this one may hold results");
}

void write_output(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write) {
  if (is_special(path)) return write_into(path, write);
  store::StagedFile staged(path, store::Existing::overwrite);
  write_into(staged.path(), write);
  staged.publish();
}

}  // namespace rhosweep::app
