#include "sbatch_line.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/shell_word.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr const char* folder_variable = "RHOSWEEP_CLUSTER";

std::filesystem::path this_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

/// Returns the folder of the job scripts: the folder that the environment names, else the one beside an
/// installed program or in the source tree of the build. The scripts look for each other in the same places.
std::filesystem::path folder_of_scripts() {
  const std::filesystem::path bin = this_program().parent_path();
  std::vector<std::filesystem::path> folders{bin / "../share/rhosweep/jobs/cluster",
                                             bin / "../../../jobs/cluster"};
  if (const char* const given = std::getenv(folder_variable)) folders = {given};
  for (const std::filesystem::path& folder : folders)
    if (std::filesystem::exists(folder / "sweep.sbatch")) return std::filesystem::canonical(folder);
  throw core::InputError(
      fmt::format("--sbatch: no job scripts in {}; set {} to rhosweep's folder jobs/cluster",
                  folders.front().string(), folder_variable));
}

/// Returns the arguments for a job script: the sweep, the results file and the options of `run`.
std::string arguments(const PlanOptions& options) {
  std::string text = core::shell_file(options.sweep.file) + ' ' + core::shell_file(options.output);
  for (const std::string& setting : options.sweep.overrides) text += " --set " + core::shell_word(setting);
  for (const std::filesystem::path& file : options.reuse) text += " --reuse " + core::shell_file(file);
  if (options.shard) text += " --shard " + options.shard->text();
  return text;
}

}  // namespace

std::string slurm_time(double seconds) {
  const auto minutes = std::llround(seconds / 60.0);
  return fmt::format("{:02}:{:02}:00", minutes / 60, minutes % 60);
}

std::string sbatch_line(const PlanOptions& options, const study::JobRequest& request) {
  const std::filesystem::path folder = folder_of_scripts();
  const std::string sbatch = fmt::format("RHOSWEEP={} sbatch", core::shell_word(this_program().string()));
  const std::string size =
      fmt::format("--ntasks={} --time={}", request.outlook.ranks, slurm_time(request.seconds));
  const auto script = [&](const char* name) { return core::shell_word((folder / name).string()); };
  if (request.shards == 1)
    return fmt::format("{} {} {} {}", sbatch, size, script("sweep.sbatch"), arguments(options));
  return fmt::format(
      "array=$({} --parsable --array=1-{} {} {} {}) && {} --ntasks=1 --dependency=afterok:${{array%%;*}} "
      "--kill-on-invalid-dep=yes {} {} {}",
      sbatch, request.shards, size, script("array.sbatch"), arguments(options), sbatch,
      script("array.sbatch"), core::shell_file(options.sweep.file), core::shell_file(options.output));
}

}  // namespace rhosweep::app
