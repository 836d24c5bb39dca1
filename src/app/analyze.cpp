#include "commands.hpp"
#include "output_file.hpp"

#include "rhosweep/analysis/render.hpp"
#include "rhosweep/analysis/replay.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/study/resume.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::app {

namespace {

constexpr std::size_t most_warnings = 20;

std::string render(const analysis::Analysis& analysis, AnalysisFormat format) {
  switch (format) {
    case AnalysisFormat::json:
      return to_json(analysis);
    case AnalysisFormat::csv:
      return to_csv(analysis);
    case AnalysisFormat::table:
      break;
  }
  return to_table(analysis);
}

/// Replays a search and early stops with the settings of the file's sections [search] and [stop_when], or
/// with the default settings where the file has no such section.
std::string replay(const store::ResultsReader& file, const AnalyzeOptions& options) {
  model::SearchSettings settings = file.description().search.value_or(model::SearchSettings{});
  if (!options.analysis.metric.empty()) settings.metric = options.analysis.metric;
  analysis::Replay replay = analysis::replay_search(file, settings);
  model::StopWhen stops = file.description().stop_when.value_or(model::StopWhen{});
  if (!options.analysis.metric.empty()) stops.metric = options.analysis.metric;
  // [stop_when] needs all ρ of every schedule.
  if (file.description().grid.excluded_trials.empty()) replay.stops = analysis::replay_stops(file, stops);
  return options.format == AnalysisFormat::json ? to_json(replay) : to_table(replay);
}

void show_warnings(const std::vector<std::string>& warnings) {
  const bool shows_all = core::log::verbosity() == core::log::Verbosity::verbose;
  const std::size_t shown = shows_all ? warnings.size() : std::min(most_warnings, warnings.size());
  for (std::size_t i = 0; i < shown; ++i) core::log::warning("{}", warnings[i]);
  if (warnings.size() > shown)
    core::log::warning("… and {} more; --verbose or --format json shows all", warnings.size() - shown);
}

/// Analyses the file and shows the warnings.
std::string analyse(const store::ResultsReader& file, const AnalyzeOptions& options) {
  const analysis::Analysis analysis = analysis::Analyser(file, options.analysis).analyse();
  show_warnings(analysis.warnings);
  return render(analysis, options.format);
}

}  // namespace

core::ExitCode analyze(const AnalyzeOptions& options) {
  require_no_results(options.output);
  const store::ResultsReader file = study::open_results(options.file);
  const std::string text = options.replays ? replay(file, options) : analyse(file, options);
  if (!options.output.empty())
    write_output(options.output, [&](std::ostream& into) { into << text; });
  else if (options.format == AnalysisFormat::table)
    core::print_text(text);
  else
    fmt::print("{}", text);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
