#include "commands.hpp"

#include "rhosweep/analysis/render.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/print.hpp"
#include "rhosweep/store/staged_file.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

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

/// Throws core::InputError if the output file is an HDF5 file. An earlier analysis may be replaced, since it
/// can be made again at any time; results may not.
void require_no_results(const std::filesystem::path& path) {
  const std::string signature = "\x89HDF\r\n\x1a\n";
  std::string start(signature.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  if (start == signature)
    throw core::InputError(fmt::format(
        "--output: found {}, which is an HDF5 file; allowed: another file, since this one may hold results",
        path.string()));
}

void write_into(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw core::FileError(path.string(), "cannot write the analysis");
}

/// Returns whether the path is a terminal, a pipe, /dev/null or a folder, which a new file cannot replace.
bool is_special(const std::filesystem::path& path) {
  return std::filesystem::exists(path) && !std::filesystem::is_regular_file(path);
}

void write(const std::filesystem::path& path, const std::string& text) {
  if (is_special(path)) return write_into(path, text);
  store::StagedFile staged(path, store::Existing::overwrite);
  write_into(staged.path(), text);
  staged.publish();
}

void show_warnings(const std::vector<std::string>& warnings) {
  const bool shows_all = core::log::verbosity() == core::log::Verbosity::verbose;
  const std::size_t shown = shows_all ? warnings.size() : std::min(most_warnings, warnings.size());
  for (std::size_t i = 0; i < shown; ++i) core::log::warning("{}", warnings[i]);
  if (warnings.size() > shown)
    core::log::warning("… and {} more; --verbose or --format json shows all", warnings.size() - shown);
}

}  // namespace

core::ExitCode analyze(const AnalyzeOptions& options) {
  if (!options.output.empty() && !is_special(options.output)) require_no_results(options.output);
  const store::ResultsReader file(options.file);
  const analysis::Analysis analysis = analysis::Analyser(file, options.analysis).analyse();
  show_warnings(analysis.warnings);
  const std::string text = render(analysis, options.format);
  if (!options.output.empty())
    write(options.output, text);
  else if (options.format == AnalysisFormat::table)
    core::print_text(text);
  else
    fmt::print("{}", text);
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
