#pragma once

#include "rhosweep/store/description.hpp"

#include <string>
#include <vector>

namespace rhosweep::study {

/// The attribute of /run that says where relative paths of the sweep start.
inline constexpr const char* sweep_folder_attribute = "sweep_folder";
/// The one that holds Sweep::run_overrides(), a line each.
inline constexpr const char* run_overrides_attribute = "run_overrides";

/// Those that say which shard a file was made for, and how many cells it has.
inline constexpr const char* shard_attribute = "shard";
inline constexpr const char* shard_cells_attribute = "shard_cells";

/// The version of the program.
std::string version();

/// Versions of the program and of the libraries it runs with, a line each: for --version.
std::string version_text();

/// What may differ from run to run, for the group /run: versions, commit, time, hosts, Slurm job.
/// @param hosts of all ranks, in the order of ranks
/// @param vector_units in the same order: what each computes with
store::Provenance describe_run(const std::string& command_line, const std::string& sweep_folder,
                               const std::string& output_section, const std::vector<std::string>& hosts,
                               const std::vector<std::string>& vector_units);

}  // namespace rhosweep::study
