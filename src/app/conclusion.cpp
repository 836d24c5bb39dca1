#include "conclusion.hpp"

#include "summary.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/core/shell_word.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/results_reader.hpp"

#include <string>

#include <fmt/format.h>

namespace rhosweep::app {

void log_times(const Times& times, std::int64_t ranks) {
  core::log::info(
      "time: set-up {:.4f} s, file made in {:.4f} s, blocks {:.4f} s of which writing {:.3f} %, file closed in {:.4f} s",
      times.set_up, times.make_file, times.blocks,
      100 * times.write_file / (times.blocks * static_cast<double>(ranks)), times.close_file);
}

void conclude(const RunOptions& options, std::int64_t trials, const sched::Tally& tally, bool has_rounds,
              double seconds, const study::StopSwitch& stop) {
  const std::string file = options.file.path.string();
  const auto& shard = options.file.shard;
  const std::string counts =
      fmt::format("{} in {}: {} done, {} diverged, {} failed{}", core::counted(tally.trials(), "trial"),
                  core::to_duration_text(seconds), tally.done, tally.diverged, tally.failed,
                  tally.stopped > 0 ? fmt::format(", {} stopped", tally.stopped) : "");
  const std::int64_t left = trials - tally.trials();
  if (left > 0) {
    core::log::warning("stopped by {} after {}; {}{} left; to continue, run again with\n  --resume{} -o {}",
                       stop.reason().empty() ? "the time limit" : stop.reason(), counts,
                       has_rounds ? "at least " : "", core::counted_are(left, "trial"),
                       shard ? " --shard " + shard->text() : "", core::shell_file(options.file.path));
  } else {
    if (options.progress != ProgressStyle::none) {
      if (trials == 0) core::log::info("{}: every cell is finished, nothing to do", file);
      if (trials > 0) core::log::info("{}; results in {}", counts, file);
      if (shard)
        core::log::info("shard {} is complete; join it with the others: rhosweep merge -o FILE SHARD...",
                        shard->text());
    }
    if (!shard) print_summary(store::ResultsReader(options.file.path));
  }
  const bool has_given_up = options.max_failures && tally.failed > *options.max_failures;
  // An incomplete run counts as drained even if trials failed, since resuming it also repeats failed trials.
  const auto code = left > 0 && !has_given_up ? core::ExitCode::drained : core::ExitCode::failure;
  if (tally.failed > 0)
    throw core::Error(fmt::format("{} failed; to list them: rhosweep status {}",
                                  core::counted(tally.failed, "trial"), core::shell_file(options.file.path)),
                      code);
  if (left > 0) throw core::Error("", code);  // the warning above says why
}

}  // namespace rhosweep::app
