#include "kept_files.hpp"

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::program {

namespace {

namespace fs = std::filesystem;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Returns a path to an entry of an open folder. The path stays valid even if the folder is moved.
fs::path inside(const core::Descriptor& folder, const std::string& name) {
  return fs::path(fmt::format("/proc/self/fd/{}", folder.number())) / name;
}

[[noreturn]] void fail(const fs::path& path, int reason) {
  throw core::FileError(path.string(), std::generic_category().message(reason));
}

/// Opens a folder, and makes it if it does not exist. Does not follow a symbolic link, because other users
/// may write to the parent folder.
core::Descriptor open_folder(int parent, const std::string& name, const fs::path& path) {
  if (::mkdirat(parent, name.c_str(), 0777) != 0 && errno != EEXIST) fail(path, errno);
  core::Descriptor folder(::openat(parent, name.c_str(), folder_flags));
  if (!folder.is_open()) fail(path, errno == ELOOP ? ENOTDIR : errno);
  return folder;
}

/// Moves a file or a folder with its contents. If the target is on another file system, copies it under a
/// temporary name first, so that the target is never incomplete.
void move(const fs::path& from, const core::Descriptor& to, const std::string& name, const fs::path& shown) {
  const fs::path target = inside(to, name);
  std::error_code failure;
  fs::remove_all(target, failure);
  if (failure) fail(shown, failure.value());
  fs::rename(from, target, failure);
  if (!failure) return;
  if (failure.value() != EXDEV) fail(shown, failure.value());
  const fs::path part = inside(to, "." + name + ".part");
  fs::remove_all(part, failure);
  failure.clear();
  fs::copy(from, part, fs::copy_options::recursive | fs::copy_options::copy_symlinks, failure);
  if (!failure) fs::rename(part, target, failure);
  if (!failure) return;
  std::error_code ignored;
  fs::remove_all(part, ignored);
  fail(shown, failure.value());
}

/// Returns whether a trial has written this file or folder of problem.keep. Logs a warning if it has not.
bool has_written(const model::Trial& trial, const std::string& name, const fs::path& path) {
  struct stat found {};
  const bool is_there = ::lstat(path.c_str(), &found) == 0;
  if (is_there && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))) return true;
  const std::string named = core::one_line(name, 80) + ", which problem.keep names";
  if (!is_there)
    core::log::write_repeated_warning("trials have not written " + named,
                                      fmt::format("trial {} has not written {}", trial.number, named));
  else
    core::log::write_repeated_warning(
        named + ", is neither a file nor a folder",
        fmt::format("trial {}: {}, is neither a file nor a folder", trial.number, named));
  return false;
}

}  // namespace

void keep_files(const Program& program, const Run& run, const model::Trial& trial, const fs::path& scratch) {
  if (!program.kept) {
    if (run.observer != nullptr)
      for (const std::string& name : program.keep) has_written(trial, name, scratch / name);
    return;
  }
  const fs::path& all = *program.kept;
  const std::string number = fmt::format("{}", trial.number);
  const core::Descriptor outer = open_folder(AT_FDCWD, all.string(), all);
  const core::Descriptor folder = open_folder(outer.number(), number, all / number);
  for (const std::string& name : program.keep)
    if (has_written(trial, name, scratch / name)) move(scratch / name, folder, name, all / number / name);
}

}  // namespace rhosweep::program
