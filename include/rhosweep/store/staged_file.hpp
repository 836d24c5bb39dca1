#pragma once

#include "rhosweep/store/results_file.hpp"

#include <cstdint>
#include <filesystem>

namespace rhosweep::store {

/// A file that is made under a temporary name beside its final one: published whole, or removed, by a later
/// stage of the same file if this process is killed.
class StagedFile {
 public:
  /// Throws core::InputError if the target exists and shall not be overwritten, core::FileError if no file
  /// can be made there.
  StagedFile(std::filesystem::path target, Existing existing);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  /// The temporary name.
  const std::filesystem::path& path() const { return temporary_; }

  /// Reserves space on the disk; the file gets at least this size. Throws core::FileError where it cannot be
  /// had; does nothing on file systems without reservations.
  void reserve(std::int64_t bytes);

  /// Gives back what was reserved beyond these bytes.
  void shrink(std::int64_t bytes);
  /// Gives all space back.
  void clear();

  /// Makes the content durable and gives it its final name. Throws core::FileError if the temporary name is
  /// no longer this file's.
  void publish();

 private:
  void make();
  /// Removes the stages of this file that killed processes of this user have left.
  void remove_stale() const;
  void require_own_name() const;
  void rename();
  [[noreturn]] void fail(const char* attempt) const;

  std::filesystem::path target_;
  Existing existing_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

}  // namespace rhosweep::store
