#include "rhosweep/study/resume.hpp"

#include "rhosweep/core/hash.hpp"
#include "rhosweep/core/shell_word.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/cell_label.hpp"
#include "rhosweep/study/damaged_cells.hpp"
#include "rhosweep/study/kinds.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

constexpr const char* other_coordinates = "damaged: its coordinates differ from those of its sweep";

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return std::ranges::equal(a, b, {}, bits, bits);
}

bool same_grid(const model::Grid& a, const model::Grid& b) {
  return a.axes == b.axes && a.seeds == b.seeds &&
         std::ranges::equal(a.schedules, b.schedules, {}, &model::Schedule::canonical,
                            &model::Schedule::canonical) &&
         a.rhos == b.rhos;
}

/// Returns whether constants of the theory are equal bit by bit in a file (`there`) and in this run (`here`).
/// The constants of a file without any count as equal.
bool same_if_there(const std::vector<double>& there, const std::vector<double>& here) {
  return there.empty() || same_bits(there, here);
}

/// Returns the first difference in words for a message, or an empty text if there is no difference.
std::string difference(const store::FileDescription& there, const store::FileDescription& here) {
  if (std::string found = model::first_difference(there.sweep, here.sweep);
      !found.empty() && !is_same_sweep(there.sweep, here.sweep))
    return found;
  for (const auto& [name, hash] : here.data_hashes)
    if (std::ranges::find(there.data_hashes, std::pair(name, hash)) == there.data_hashes.end())
      return fmt::format("the data of {} has changed", name);
  if (!same_grid(there.grid, here.grid)) return other_coordinates;
  const auto name = [](const model::Metric& metric) -> const std::string& { return metric.name; };
  const bool same_metrics = std::ranges::equal(there.metrics, here.metrics, {}, name, name);
  if (!same_metrics || there.steps != here.steps || !same_bits(there.stepsizes, here.stepsizes) ||
      !same_bits(there.f_star, here.f_star) || !same_if_there(there.diameter, here.diameter) ||
      !same_if_there(there.gradient_bound, here.gradient_bound))
    return "this version of rhosweep computes other stepsizes, steps, minima or constants";
  return {};
}

/// Returns whether the stored hash of a file matches its sweep. Older versions hashed the text of the sweep.
bool has_own_hash(const store::FileDescription& file) {
  return file.sweep_hash == core::to_hex(model::sweep_hash(file.sweep)) ||
         file.sweep_hash == core::to_hex(core::Hash().text(file.sweep).digest());
}

model::Sweep stored_sweep(const store::ResultsReader& file) {
  return model::Sweep::parse_stored(file.description().sweep, file.path(), {}, catalogue());
}

void require_grid_of(const model::Sweep& sweep, const store::ResultsReader& file) {
  if (!same_grid(sweep.grid(), file.description().grid))
    throw core::FileError(file.path().string(), other_coordinates);
}

}  // namespace

bool is_same_sweep(const std::string& stored, const std::string& sweep) {
  try {
    const auto read = model::Sweep::parse_stored(stored, "the file's sweep", {}, catalogue());
    return model::first_difference(read.to_toml(), sweep).empty();
  } catch (const core::InputError&) {
    return false;
  }
}

void require_same_study(const store::ResultsReader& file, const Study& study, std::string_view way_out) {
  const std::string found = difference(file.description(), study.describe_file());
  if (!found.empty())
    throw core::InputError(
        fmt::format("{}: these results are of another sweep: {}{}", file.path().string(), found, way_out));
}

std::vector<std::string> changed_parts(const store::ResultsReader& file, const Study& study) {
  const store::FileDescription& there = file.description();
  const store::FileDescription here = study.describe_file();
  std::vector<std::string> parts;
  if (!has_own_hash(there)) parts.emplace_back("attribute sweep_hash");
  // Older versions stored titles that are not valid UTF-8.
  if (core::printable(there.title) != core::printable(here.title)) parts.emplace_back("attribute title");
  // Point keys are hashes of parts of the sweep as text, which older versions wrote differently for some
  // sweeps.
  if (there.sweep == here.sweep && !there.point_keys.empty() && there.point_keys != here.point_keys)
    parts.emplace_back("variable point_key");
  const std::int64_t values = here.grid.axes_points() * std::ssize(here.grid.seeds);
  for (std::int64_t m = 0; m < std::ssize(here.metrics) && !there.initial.empty(); ++m) {
    const auto of_metric = [&](const std::vector<double>& all) {
      return std::vector<double>(all.begin() + m * values, all.begin() + (m + 1) * values);
    };
    if (!same_bits(of_metric(there.initial), of_metric(here.initial)))
      parts.push_back("variable initial_" + here.metrics[m].name);
  }
  return parts;
}

void require_own_coordinates(const store::ResultsReader& file) {
  if (!has_own_hash(file.description()))
    throw core::FileError(file.path().string(), "damaged: its sweep does not match its hash");
  require_grid_of(stored_sweep(file), file);
}

store::ResultsReader open_results(const std::filesystem::path& path) {
  store::ResultsReader file(path);
  std::optional<model::Sweep> sweep;
  try {
    sweep = stored_sweep(file);
  } catch (const core::InputError&) {
    return file;
  }
  require_grid_of(*sweep, file);
  return file;
}

model::CellSet cells_to_resume(const std::filesystem::path& path, const Study& study) {
  store::Survey found = [&] {
    const store::ResultsReader file(path);  // closed before the file is written
    require_same_study(file, study,
                       fmt::format("; to copy the cells that match into a new file: --reuse {} -o FILE",
                                   core::shell_file(path)));
    store::Survey of_file = store::survey(file);
    if (!of_file.damaged.empty())
      warn_of_damaged(
          file, std::ssize(of_file.damaged),
          fmt::format("run again; the first is {}", cell_label(study.grid(), of_file.damaged.front())));
    return of_file;
  }();
  found.to_run.subtract(settle_misfits(path, study.grid(), found.misfits, MisfitCause::damage));
  return std::move(found.to_run);
}

}  // namespace rhosweep::study
