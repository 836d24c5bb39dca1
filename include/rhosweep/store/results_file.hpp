#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/stored_cells.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::store {

/// What to do if the results file already exists.
enum class Existing { refuse, overwrite };

class ResultsFile;
struct Communicator;

/// How the ranks of a run used their time while the blocks ran.
struct RanksUse {
  double seconds = 0.0;    ///< wall time
  double busy = 0.0;       ///< share of the ranks' time that was spent in blocks
  double processor = 0.0;  ///< processor time used in blocks divided by the wall time spent in blocks
  double writing = 0.0;    ///< share of the ranks' time that was spent on writing
};

/// Cells that a new file takes over from other files.
struct InitialCells {
  std::int64_t sources = 0;  ///< number of files to copy from
  /// Copies the cells into the new file, which gets its final name only after this function has returned. If
  /// the function throws, no file is made.
  std::function<void(ResultsFile&)> copy;
};

/// The results file of a sweep, open for writing on every rank (jobs/guide/reading.md, "The file").
///
/// The file's size and metadata are fixed at creation. After that, ranks only write blocks into it,
/// independently of each other. The file can therefore be read, and the sweep resumed, even after any rank
/// has died at any moment.
class ResultsFile {
 public:
  /// Creates the whole file with all cells pending under a temporary name, and renames it when it is safe on
  /// disk. Call this on one rank only. Throws core::InputError if a file exists that must not be overwritten
  /// or is not a results file. Throws core::FileError with the system's reason (and the bytes needed) if the
  /// file cannot be made. After an exception nothing is left behind.
  static void create(const std::filesystem::path& path, const FileDescription& description,
                     const Provenance& provenance, Existing existing, const InitialCells& initial = {});

  /// Reserves the disk space of an existing file, so that later writes to the file do not run out of space.
  /// ResultsFile::create() reserves it, too, but a copy of the file may have lost the reservation. Call this
  /// on one rank only. Throws core::FileError with the system's reason (and the bytes needed).
  static void require_writable(const std::filesystem::path& path);

  /// Opens a file for writing. Throws what ResultsReader throws. **Collective** over comm.
  static ResultsFile open(const std::filesystem::path& path, const Communicator& comm);

  /// Opens a file for writing by this process only, without MPI. Throws what ResultsReader throws.
  static ResultsFile open(const std::filesystem::path& path);

  /// Does not close the file, because closing is collective. Without close(), the file therefore stays open
  /// until MPI_Finalize. It contains every block whose write() has returned all the same.
  ~ResultsFile();
  ResultsFile(ResultsFile&&) noexcept;
  ResultsFile& operator=(ResultsFile&&) noexcept;

  /// The sweep that the file belongs to, in TOML.
  std::string sweep() const;

  /// Writes the results of a block and then the states of its cells. Records in /run which rank ran the
  /// block, and adds `result.attempts` to the number of attempts of each cell. Independent of other ranks,
  /// except for failures: see write_failure().
  void write(const model::Block& block, const model::BlockResult& result, core::Rank rank);

  /// Records why trials of a block failed. All trials of a seed share one message, the last one written. Only
  /// one rank may write failures, with this function or with write(): MPI does not define the result of
  /// concurrent writes to the same place.
  void write_failure(const model::Block& block, std::string_view reason);

  /// Records in /run how the ranks used their time; replaces what an earlier run recorded. Call this on one
  /// rank only.
  void write_use(const RanksUse& use);

  /// Records in /run a file that cells will be copied from, as one line of text for the user. Returns the
  /// file's number, which is the same if the text is recorded again. Call this on one process only. Throws
  /// core::InputError if there is no room for another file.
  std::uint16_t add_source(const std::string& text);
  /// Writes cells that were read from another file: their results, then their states.
  /// @param block the cells' place in this file
  /// @param result the cells' results, one per trial of the block
  /// @param history the cells' history from the other file's /run
  /// @param source the other file's number, from add_source()
  void copy(const model::Block& block, const model::BlockResult& result, const CellHistory& history,
            std::uint16_t source);
  /// Reads the states of a block's cells, without their results.
  StoredStates read_states(const model::Block& block) const;

  /// Sets the state of cells that have not run: pending, not needed or excluded. The new state must be one of
  /// these, too.
  void write_status(const model::Block& block, model::CellStatus status);

  /// Resets the cells of a block to the values that they had when the file was created, except for their
  /// history in /run.
  /// @param block the cells to reset
  /// @param status their new state, which must be a state of cells that have not run
  void clear(const model::Block& block, model::CellStatus status);

  /// Marks a trial as stopped: blanks its final values and the end of its curve. Keeps its history in /run.
  /// @param cell the trial's cell, as a block of one trial
  /// @param evaluation the last one whose values stay
  void stop(const model::Block& cell, std::int64_t evaluation);

  /// Makes everything that this rank has written durable. Independent of other ranks.
  void sync();

  /// Throws core::FileError if the path no longer names the file that was opened: another process has
  /// replaced or removed it. Independent of other ranks.
  void require_in_place() const;

  /// Makes everything that this rank has written durable and closes the file. No other member may be called
  /// afterwards. **Collective.**
  void close();

 private:
  struct Open;
  explicit ResultsFile(std::unique_ptr<Open> open);

  std::unique_ptr<Open> open_;
};

/// Returns whether HDF5 has failed to close a file, for example because the disk is full. HDF5 would try
/// again in MPI_Finalize and crash, so the process must end without MPI_Finalize.
bool has_unclosable_file();

/// Version of the HDF5 library in use.
std::string library_version();

}  // namespace rhosweep::store
