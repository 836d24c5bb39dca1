#include "commands.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/shell_word.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/run_lock.hpp"

#include <string>

#include <fmt/format.h>

namespace rhosweep::app {

core::ExitCode merge(const study::MergeOptions& options) {
  const store::RunLock lock(options.output);  // a run may be writing the file that --overwrite replaces
  const study::MergedCells cells = merge_files(options);
  const std::string output = options.output.string();
  core::log::info("{}: {} {} finished", output, core::part_of(cells.finished, cells.all, "cell"),
                  cells.all == 1 ? "is" : "are");
  if (cells.failed > 0)
    throw core::Error(fmt::format("{} failed; to list them: rhosweep status {}",
                                  core::counted(cells.failed, "trial"), core::shell_file(options.output)));
  if (cells.missing > 0)
    throw core::Error(
        fmt::format("{} in none of the files{}; to run them: rhosweep run SWEEP.toml --resume -o {}",
                    core::counted_are(cells.missing, "cell"),
                    cells.cleared > 0 ? ", or not as [stop_when] says and so cleared" : "",
                    core::shell_file(options.output)),
        core::ExitCode::drained);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
