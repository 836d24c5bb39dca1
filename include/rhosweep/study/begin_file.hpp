#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/model/shard.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/store/results_file.hpp"
#include "rhosweep/study/study.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::study {

/// The results file that a run writes, and what to do if it exists.
struct FileOptions {
  std::filesystem::path path;
  bool overwrite = false;                         ///< replaces an existing file
  bool resume = false;                            ///< continues an existing file
  std::vector<std::filesystem::path> reuse = {};  ///< results files from which cells are copied
  std::optional<model::Shard> shard = {};         ///< the shard to run; absent: the whole sweep
  std::string command_line = {};                  ///< recorded in the provenance
};

/// Makes the results file on rank 0, or continues an existing one, and copies the cells that the files in
/// `reuse` hold. If rank 0 throws, all ranks throw. **Collective.**
/// @return the cells that are left to run, on every rank
model::CellSet begin_file(const Study& study, const FileOptions& options, const mpi::World& world);

/// Opens the file that begin_file() has made. Throws core::FileError if another run has replaced it with the
/// file of another sweep. **Collective.**
store::ResultsFile open_file(const Study& study, const std::filesystem::path& path, const mpi::World& world);

}  // namespace rhosweep::study
