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

/// Which results file a run writes, and what it starts from.
struct FileOptions {
  std::filesystem::path path;
  bool overwrite = false;                         ///< replaces a file that exists
  bool resume = false;                            ///< continues a file that exists
  std::vector<std::filesystem::path> reuse = {};  ///< results files whose cells are copied
  std::optional<model::Shard> shard = {};         ///< absent: the whole sweep
  std::string command_line = {};                  ///< for the provenance
};

/// Makes the results file, or continues one that exists, on rank 0; copies the cells that other files hold.
/// Errors end all ranks alike. **Collective.**
/// @return the cells that are still to be run, on every rank
model::CellSet begin_file(const Study& study, const FileOptions& options, const mpi::World& world);

/// Opens the file that begin_file has made. Throws core::FileError if it is of another sweep by now.
/// **Collective.**
store::ResultsFile open_file(const Study& study, const std::filesystem::path& path, const mpi::World& world);

}  // namespace rhosweep::study
