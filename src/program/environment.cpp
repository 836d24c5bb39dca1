#include "environment.hpp"

#include "rhosweep/core/processors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::program {

namespace {

namespace fs = std::filesystem;

/// Environment variables that launchers set for the ranks of a job, and those of rhosweep itself. With them,
/// a program would mistake itself for a rank of this job or read the values of another trial, so trials do
/// not get them. A trailing * matches any suffix. The page jobs/guide/command_trials.md lists them, too.
constexpr auto of_a_rank = std::to_array<std::string_view>(
    {"RHOSWEEP_*",
     // Slurm's job step. Variables that describe the job are kept, except SLURM_JOBID and SLURM_NODELIST, the
     // old names of SLURM_JOB_ID and SLURM_JOB_NODELIST. With SLURM_JOBID, Open MPI's mpirun detects a job
     // but cannot find its tasks; with SLURM_NODELIST alone, MPI_Init takes the process for a task.
     "SLURM_STEP*", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_NTASKS*", "SLURM_NPROCS",
     "SLURM_GTIDS", "SLURM_TASKS_PER_NODE", "SLURM_TASK_PID", "SLURM_SRUN_*", "SRUN_*", "SLURM_CPU_BIND*",
     "SLURM_MEM_BIND*", "SLURM_LAUNCH_NODE_IPADDR", "SLURM_PMI*", "SLURM_JOBID", "SLURM_NODELIST",
     // PMI and PMIx, with which an MPI library finds the other ranks.
     "PMI_*", "PMI2_*", "PMIX_*",
     // Open MPI's mpirun. The user's OMPI_MCA_ parameters are kept, except those for process placement:
     // options of mpirun set them as well, and their values do not fit an mpirun inside a trial.
     "OMPI_COMM_*", "OMPI_WORLD_*", "OMPI_APP_CTX_*", "OMPI_NUM_APP_CTX", "OMPI_FIRST_RANKS",
     "OMPI_UNIVERSE_SIZE", "OMPI_VERSION", "OMPI_TOOL_NAME", "OMPI_LIBDIR_LOC", "OPAL_USER_PARAMS_GIVEN",
     "OMPI_MCA_PREFIXES", "OMPI_MCA_num_procs", "OMPI_COMMAND", "OMPI_ARGV", "OMPI_FILE_LOCATION",
     "OMPI_MCA_ess", "OMPI_MCA_ess_base_*", "OMPI_MCA_pmix", "OMPI_MCA_initial_wdir",
     "OMPI_MCA_mpi_oversubscribe", "OMPI_MCA_shmem_RUNTIME_QUERY_hint", "OMPI_MCA_orte_app_num",
     "OMPI_MCA_orte_base_applied_binding", "OMPI_MCA_orte_bound_at_launch", "OMPI_MCA_orte_ess_*",
     "OMPI_MCA_orte_hnp_uri", "OMPI_MCA_orte_jobfam_session_dir", "OMPI_MCA_orte_launch",
     "OMPI_MCA_orte_local_daemon_uri", "OMPI_MCA_orte_num_nodes", "OMPI_MCA_orte_num_restarts",
     "OMPI_MCA_orte_precondition_transports", "OMPI_MCA_orte_top_session_dir", "OMPI_MCA_rmaps_*", "ORTE_*",
     "PRTE_*",
     // Launchers of MPICH, MVAPICH, Intel MPI, Cray, IBM and Flux.
     "MPI_LOCALRANKID", "MPI_LOCALNRANKS", "HYDI_*", "MV2_COMM_WORLD_*", "MVP_COMM_WORLD_*", "MPIRUN_*",
     "MPISPAWN_*", "PALS_*", "ALPS_APP_*", "JSM_NAMESPACE_*", "FLUX_TASK_*"});

bool is_kept(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::ranges::none_of(of_a_rank, [name](std::string_view pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
  });
}

/// Returns the environment with which this process was started, without the changes that libraries and
/// rhosweep (for MPI) have made since.
std::vector<std::string> environment_at_start() {
  std::vector<std::string> variables;
  std::ifstream file("/proc/self/environ", std::ios::binary);
  for (std::string variable; std::getline(file, variable, '\0');) variables.push_back(variable);
  return variables;
}

/// Appends the folder of rhosweep's Python module to the user's PYTHONPATH. The folder has the same path
/// relative to the program in an installed tree and in a build tree.
void add_modules(std::vector<std::string>& variables) {
  constexpr std::string_view path = "PYTHONPATH=";
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  const fs::path folder = program.parent_path().parent_path() / "share/rhosweep/python";
  if (failure || !fs::is_directory(folder, failure)) return;
  const auto place = std::ranges::find_if(
      variables, [=](const std::string& variable) { return variable.starts_with(path); });
  if (place == variables.end())
    variables.push_back(fmt::format("{}{}", path, folder.string()));
  else
    *place += (place->size() > path.size() ? ":" : "") + folder.string();
}

/// Restricts CUDA_VISIBLE_DEVICES to the given devices.
void confine_to(std::vector<std::string>& variables, const Devices& devices) {
  const std::string variable = "CUDA_VISIBLE_DEVICES=";
  const auto place =
      std::ranges::find_if(variables, [&](const std::string& given) { return given.starts_with(variable); });
  std::vector<std::string> all;
  if (place == variables.end() || place->size() == variable.size()) {
    for (std::int64_t i = 0; i < devices.first + devices.count; ++i) all.push_back(fmt::format("{}", i));
  } else {
    std::istringstream entries(place->substr(variable.size()));
    for (std::string entry; std::getline(entries, entry, ',');) all.push_back(entry);
  }
  if (std::ssize(all) < devices.first + devices.count) return;
  const auto first = all.begin() + devices.first;
  const std::string own = fmt::format("{}{}", variable, fmt::join(first, first + devices.count, ","));
  if (place == variables.end())
    variables.push_back(own);
  else
    *place = own;
}

}  // namespace

std::vector<std::string> environment_with(const Placeholders& values, std::int64_t sharing_ranks,
                                          const std::optional<Devices>& devices) {
  constexpr std::string_view threads = "OMP_NUM_THREADS=";
  std::vector<std::string> variables = environment_at_start();
  std::erase_if(variables, [](const std::string& variable) { return !is_kept(variable); });
  const bool is_set = std::ranges::any_of(
      variables, [=](const std::string& variable) { return variable.starts_with(threads); });
  const std::int64_t processors = std::ssize(core::usable_processors());
  if (!is_set && processors > 0)
    variables.push_back(fmt::format("{}{}", threads, std::max<std::int64_t>(1, processors / sharing_ranks)));
  add_modules(variables);
  if (devices && devices->are_alone) confine_to(variables, *devices);
  for (const auto& [name, value] : values) {
    std::string capitals = name;
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    variables.push_back(fmt::format("RHOSWEEP_{}={}", capitals, value));
  }
  return variables;
}

}  // namespace rhosweep::program
