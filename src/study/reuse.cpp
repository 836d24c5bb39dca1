#include "rhosweep/study/reuse.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/cell_map.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/damaged_cells.hpp"
#include "rhosweep/study/resume.hpp"

#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

/// Returns the text by which /run names a source of cells: the hash of its sweep and the end of its path, at
/// most 160 characters.
std::string source_text(const store::ResultsReader& file) {
  constexpr std::size_t most = 100;
  std::string name = std::filesystem::absolute(file.path()).lexically_normal().string();
  if (name.size() > most) name = "..." + name.substr(name.size() - most);
  return fmt::format("sweep {}, {}", file.description().sweep_hash, name);
}

/// Logs how many cells of a file are reused, or why none are.
/// @param deed what is done with the cells, as in "copied"
void log_reuse(const store::ResultsReader& file, const store::CellMap& map, std::int64_t cells,
               const char* deed) {
  if (map.is_empty())
    core::log::warning("{}: none of its cells belongs to this sweep: {}", file.path().string(),
                       map.first_gap());
  else
    core::log::info("{}: {} {}", file.path().string(), core::counted(cells, "cell"), deed);
}

}  // namespace

Sources::Sources(std::vector<std::filesystem::path> files) : files_(std::move(files)) {
  for (const std::filesystem::path& file : files_) require_own_coordinates(store::ResultsReader(file));
}

void Sources::count(const store::FileDescription& to, model::CellSet& wanted) const {
  for (const std::filesystem::path& file : files_) {
    const store::ResultsReader reader(file);
    const store::CellMap map(reader.description(), to);
    log_reuse(reader, map, store::count_matches(reader, map, wanted), "to copy");
  }
}

void Sources::copy(store::ResultsFile& to, const store::FileDescription& description, model::CellSet& wanted,
                   store::FailedCells failed) const {
  std::map<std::uint16_t, std::string> names{{0, "the file itself"}};
  const auto name_of = [&](std::uint16_t source) {
    return names.contains(source) ? names.at(source) : "a file copied earlier";
  };
  std::int64_t conflicting = 0;
  for (const std::filesystem::path& file : files_) {
    const store::ResultsReader reader(file);
    const store::CellMap map(reader.description(), description);
    store::CopyCounts counts;
    if (!map.is_empty()) {
      const std::uint16_t source = to.add_source(source_text(reader));
      names[source] = file.string();
      counts = store::copy_cells(reader, map, to, source, wanted, failed);
    }
    log_reuse(reader, map, counts.copied, "copied");
    warn_of_damaged(reader, counts.damaged, "left out");
    for (const store::Conflict& conflict : counts.conflicts)
      core::log::error("{}: different results in {} and in {}", cell_label(description.grid, conflict.cell),
                       file.string(), name_of(conflict.source));
    if (const auto more = counts.conflicting - std::ssize(counts.conflicts); more > 0)
      core::log::error("… and {} more cells of {}", more, file.string());
    conflicting += counts.conflicting;
  }
  if (conflicting > 0)
    throw core::Error(fmt::format(
        "{} cell{} more than one result, and none was chosen; to find the wrong file, run rhosweep verify on each",
        conflicting, conflicting == 1 ? " has" : "s have"));
}

}  // namespace rhosweep::study
