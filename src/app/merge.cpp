#include "commands.hpp"

#include "rhosweep/core/log.hpp"

#include <string>

#include <fmt/format.h>

namespace rhosweep::app {

core::ExitCode merge(const study::MergeOptions& options) {
  const study::MergedCells cells = merge_files(options);
  const std::string output = options.output.string();
  core::log::info("{}: {} of {} cells are finished", output, cells.finished, cells.all);
  if (cells.failed > 0)
    throw core::Error(fmt::format("{} trials failed; rhosweep status {} names them", cells.failed, output));
  if (cells.missing > 0)
    throw core::Error(
        fmt::format("{} cells are in none of the files; to run them: rhosweep run SWEEP.toml --resume -o {}",
                    cells.missing, output),
        core::ExitCode::drained);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
