#pragma once

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/store/results_file.hpp"

#include <cstdint>
#include <filesystem>

namespace rhosweep::store {

/// A file that is written under a temporary name next to its final one and is then published as a whole. The
/// destructor removes an unpublished file. If the process is killed, the next StagedFile with the same target
/// removes it.
class StagedFile {
 public:
  /// Throws core::InputError if the target exists and must not be overwritten. Throws core::FileError if no
  /// file can be made in its folder.
  StagedFile(std::filesystem::path target, Existing existing);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  /// The temporary name.
  const std::filesystem::path& path() const { return temporary_; }

  /// Reserves disk space for `bytes` bytes; the file becomes at least this large. Throws core::FileError if
  /// there is too little space. Does nothing on file systems without reservations.
  void reserve(std::int64_t bytes);

  /// Frees the space that is reserved beyond the first `bytes` bytes.
  void shrink(std::int64_t bytes);
  /// Frees all of the file's space.
  void clear();

  /// Makes the content durable and gives the file its final name. Throws core::FileError if the temporary
  /// name no longer belongs to this file.
  void publish();

 private:
  void make();
  /// Removes temporary files of this target that were left by killed processes of this user.
  void remove_stale() const;
  void require_own_name() const;
  void rename();
  bool rename_over_own_file() const;
  [[noreturn]] void fail(const char* attempt) const;

  std::filesystem::path target_;
  Existing existing_;
  std::filesystem::path temporary_;
  core::Descriptor descriptor_;
};

}  // namespace rhosweep::store
