#pragma once

#include "rhosweep/mpi/world.hpp"
#include "rhosweep/store/description.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace rhosweep::study {

/// Name of the attribute of /run that holds the folder to which relative paths in the sweep refer.
inline constexpr const char* sweep_folder_attribute = "sweep_folder";
/// Name of the attribute of /run that holds Sweep::run_overrides(), one per line.
inline constexpr const char* run_overrides_attribute = "run_overrides";

/// Names of the attributes of /run that hold the file's shard and the number of cells of this shard.
inline constexpr const char* shard_attribute = "shard";
inline constexpr const char* shard_cells_attribute = "shard_cells";

/// Converts a folder to the text that `sweep_folder_attribute` holds. Attributes are UTF-8, but paths may
/// hold any bytes, so a path that is not valid UTF-8 becomes a URI (RFC 8089), "file:///data/caf%E9".
/// @param folder absolute path
std::string to_folder_text(const std::filesystem::path& folder);
/// Converts a text that to_folder_text() has returned back to the folder.
std::filesystem::path to_folder(const std::string& text);

/// The version of the program.
std::string version();

/// Versions of the program and of its libraries, one per line, as --version prints them.
std::string version_text();

/// Host, vector unit and usable processors of every rank.
struct Machines {
  std::vector<std::string> hosts;
  std::vector<std::string> vector_units;
  std::vector<std::string> processors;  ///< core::to_list_text() of core::usable_processors()
};

/// Returns the machines of all ranks on rank 0, and empty vectors on the other ranks. **Collective.**
Machines gather_machines(const mpi::World& world);

/// Returns the processors that the ranks of each host may use, in the order of the ranks: "n1 n2: 0-1 x4; n3:
/// 0 1". Hosts with the same processors share an entry: here, n1 and n2 have four ranks each, all on
/// processors 0 and 1. n3 has one rank on processor 0 and one on processor 1.
std::string processors_text(const Machines& machines);

/// Returns what may differ from run to run, for the group /run: versions, commit, time, hosts, Slurm job.
/// @param command_line the command line of the run
/// @param sweep_folder to_folder_text() of the folder to which relative paths in the sweep refer
/// @param output_section the section [output] as TOML
store::Provenance describe_run(const std::string& command_line, const std::string& sweep_folder,
                               const std::string& output_section, const Machines& machines);

/// Returns a name for this process, "process 4711 on n1", with its Slurm job if it belongs to one.
std::string name_process(const std::string& host);

}  // namespace rhosweep::study
