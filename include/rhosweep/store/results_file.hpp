#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/store/description.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mpi.h>

namespace rhosweep::store {

/// What to do about a results file that exists already.
enum class Existing { refuse, overwrite };

class ResultsFile;

/// Cells that a new file begins with, copied from other files.
struct InitialCells {
  std::int64_t sources = 0;  ///< how many files there are to copy from
  /// Copies them; the file gets its name afterwards, with all of them or, if this throws, not at all.
  std::function<void(ResultsFile&)> copy;
};

/// The results file of a sweep, open for writing on every rank (jobs/reading/README.md, "The file").
///
/// Its size and metadata are fixed when it is created; ranks only ever write blocks into it, independently of
/// each other. So it can be read, and the sweep resumed, after the death of any rank at any moment.
class ResultsFile {
 public:
  /// Makes the whole file, every cell pending, under a temporary name, and renames it when it is safe on
  /// disk. To be called on one rank alone. Throws core::InputError if a file exists that shall not be
  /// overwritten or is no results file, core::FileError with the system's reason (and the bytes needed) if it
  /// cannot be made; nothing is left behind then.
  static void create(const std::filesystem::path& path, const FileDescription& description,
                     const Provenance& provenance, Existing existing, const InitialCells& initial = {});

  /// Makes sure that an existing file can be written to its end, also one that a copy has left without
  /// reserved space. To be called on one rank alone. Throws core::FileError with the system's reason (and the
  /// bytes needed).
  static void require_writable(const std::filesystem::path& path);

  /// Opens a file for writing. **Collective** over comm. Throws what ResultsReader throws.
  static ResultsFile open(const std::filesystem::path& path, MPI_Comm comm);

  /// Opens a file for writing by this process alone, without MPI. Throws what ResultsReader throws.
  static ResultsFile open(const std::filesystem::path& path);

  /// Closing is collective, so the destructor does not do it: without close() the file deliberately stays
  /// open until MPI_Finalize. Every block whose write() returned is in it all the same.
  ~ResultsFile();
  ResultsFile(ResultsFile&&) noexcept;
  ResultsFile& operator=(ResultsFile&&) noexcept;

  /// Of the sweep that the file belongs to.
  std::string sweep_hash() const;

  /// Writes a block, its status last, and notes in /run which rank ran it and that it was one attempt more.
  /// Independent of other ranks.
  void write(const model::Block& block, const model::BlockResult& result, core::Rank rank);

  /// Notes in /run a file that cells are to be copied from, as people shall read it: one line. Returns its
  /// number, which is the same when it is noted again. For one process alone. Throws core::InputError if
  /// there is no room for another one.
  std::uint16_t add_source(const std::string& text);
  /// Writes cells as another file holds them, their status last.
  /// @param block the cells, by their places in this file
  /// @param result their payload, (trials of the block)
  /// @param history what /run says of them there
  /// @param source number of that file
  void copy(const model::Block& block, const model::BlockResult& result, const CellHistory& history,
            std::uint16_t source);
  /// The cells of a block as they stand in the file, without payload.
  StoredStates read_states(const model::Block& block) const;

  /// Makes what this rank has written durable. Independent of other ranks.
  void sync();

  /// Makes what this rank has written durable and closes the file. **Collective.** It can be used no more.
  void close();

 private:
  struct Open;
  explicit ResultsFile(std::unique_ptr<Open> open);

  std::unique_ptr<Open> open_;
};

/// Whether HDF5 could not close a file, as on a disk that takes no more. It will try again, and crash, in
/// MPI_Finalize: so the process must end without.
bool has_unclosable_file();

/// Version of the HDF5 library that the program runs with.
std::string library_version();

}  // namespace rhosweep::store
