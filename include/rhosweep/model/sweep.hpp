#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/search_settings.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/stop_when.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rhosweep::model {

/// η_ref is the stepsize that minimises the theory's bound for the schedule (theory::tuned_stepsize).
struct TheoryStepsize {
  bool operator==(const TheoryStepsize&) const = default;
};

/// How η_ref of a schedule is found: from the theory, one number for all schedules, or one number per
/// schedule in the grid's order.
using StepsizeRule = std::variant<TheoryStepsize, double, std::vector<double>>;

/// The section [output], which is not part of the sweep's identity.
struct OutputSettings {
  double sync_seconds = 30.0;  ///< interval at which finished blocks are made durable on disk
};

/// The validated description of a sweep: everything that determines its results.
class Sweep {
 public:
  /// Reads a sweep file. `overrides` are `KEY=VALUE` texts with VALUE in TOML, applied in order.
  /// Throws core::InputError; its message names in one line the file, line, key, what was found and what is
  /// allowed.
  static Sweep load(const std::filesystem::path& file, std::span<const std::string> overrides,
                    ProblemCatalogue catalogue);

  /// Reads a sweep from text. `file` is the name in messages; relative paths refer to its folder.
  static Sweep parse(std::string_view text, const std::filesystem::path& file,
                     std::span<const std::string> overrides, ProblemCatalogue catalogue);

  /// Reads the sweep from the text in a results file, which may have been written by an older version.
  static Sweep parse_stored(std::string_view text, const std::filesystem::path& file,
                            std::span<const std::string> overrides, ProblemCatalogue catalogue);

  const std::string& title() const& { return title_; }
  std::string title() && { return std::move(title_); }
  const Grid& grid() const& { return grid_; }
  Grid grid() && { return std::move(grid_); }
  const StepsizeRule& stepsize() const& { return stepsize_; }
  StepsizeRule stepsize() && { return std::move(stepsize_); }
  /// The place of grid.stepsize, "FILE:LINE", for errors that are found after the sweep file is read.
  const std::string& stepsize_where() const& { return stepsize_where_; }
  std::string stepsize_where() && { return std::move(stepsize_where_); }
  /// The section [search]; nullopt if the sweep file has no such section.
  const std::optional<SearchSettings>& search() const& { return search_; }
  std::optional<SearchSettings> search() && { return std::move(search_); }
  /// The place of search.metric, "FILE:LINE".
  const std::string& metric_where() const& { return metric_where_; }
  std::string metric_where() && { return std::move(metric_where_); }
  /// The section [stop_when]; nullopt without it.
  const std::optional<StopWhen>& stop_when() const& { return stop_when_; }
  std::optional<StopWhen> stop_when() && { return std::move(stop_when_); }
  /// The place of stop_when.metric, or of the section without it, "FILE:LINE".
  const std::string& stop_when_where() const& { return stop_when_where_; }
  std::string stop_when_where() && { return std::move(stop_when_where_); }
  const OutputSettings& output() const& { return output_; }
  OutputSettings output() && { return output_; }
  /// Folder of the sweep file.
  const std::filesystem::path& folder() const& { return folder_; }
  std::filesystem::path folder() && { return std::move(folder_); }

  /// The problem at an axes point.
  ProblemSettings problem(core::PointIndex point) const;
  /// The optimiser at an axes point.
  SgdSettings sgd(core::PointIndex point) const;

  /// Returns the effective sweep in TOML, with overrides and defaults. The text has the title, but neither
  /// [output] nor other keys that are not part of the sweep's identity. Sweep files that differ only in order
  /// and spacing, or in lists instead of ranges, give the same text, and reading the text again gives the
  /// same sweep.
  std::string to_toml() const;
  /// Returns the effective sections [problem] and [sgd] at an axes point in canonical TOML. The text is the
  /// same whether a value comes from its section or from an axis.
  /// @param point axes point
  /// @param left_out keys of [problem] that are left out, by their stored names
  std::string settings_toml(core::PointIndex point, std::span<const std::string> left_out) const;
  /// Returns the section [output] in TOML, which to_toml() leaves out.
  std::string output_toml() const;
  /// Returns the keys of [problem] that to_toml() leaves out, as overrides `KEY=VALUE`.
  std::vector<std::string> run_overrides() const;

  /// Identity of the sweep: sweep_hash() of to_toml().
  std::uint64_t hash() const;

 private:
  friend class SweepReader;
  Sweep() = default;

  /// Returns the values of [problem] or [sgd] at an axes point, by their stored names.
  std::map<std::string, Value> section(std::string_view name, core::PointIndex point) const;

  std::string title_;
  std::string kind_;
  /// Maps the former names of keys of [problem] (KeySpec::former_name) to their present names. All other
  /// members use the former name of a key that has a former name.
  std::map<std::string, std::string> present_names_;
  /// Values of the sections [problem] and [sgd], without the keys that axes vary.
  KeyValues problem_;
  KeyValues sgd_;
  std::map<std::string, KeyValues> sgd_of_;    ///< values of [sgd] by optimizer, if sgd.optimizer is an axis
  std::map<std::string, KeySpec> axis_specs_;  ///< the keys that axes vary, by their stored names
  KeyValues run_;                              ///< values of [problem] that are not part of the identity
  Grid grid_;
  StepsizeRule stepsize_;
  std::string stepsize_where_;
  std::optional<SearchSettings> search_;
  std::string metric_where_;
  std::optional<StopWhen> stop_when_;
  std::string stop_when_where_;
  OutputSettings output_;
  std::filesystem::path folder_;
  /// The values of each axis as canonical TOML, where ranges are kept as ranges.
  std::vector<std::string> axes_toml_;
  std::string exclude_toml_;
  std::string seed_toml_;
  std::string rho_toml_;
  std::string rho_every_toml_;  ///< grid.rho_every; empty if all schedules visit all ρ
};

/// Returns the identity of the sweep that the text of Sweep::to_toml() describes: a hash of the meaning of
/// its keys. The title and the spelling of schedules do not affect the hash. Throws core::InputError if the
/// text is not valid TOML.
std::uint64_t sweep_hash(std::string_view toml);

/// Reads the section [sgd] at every axes point from the text of Sweep::to_toml(). Needs no problem catalogue.
/// Throws core::InputError if this version does not know the value of a key of [sgd]. Returns the settings,
/// shape (axes points).
std::vector<SgdSettings> read_sgd_settings(std::string_view toml, const Grid& grid);

/// Reads the section [search] from the text of Sweep::to_toml(); returns nullopt if the text has no such
/// section. Needs no problem catalogue. Throws core::InputError if this version does not know a key or its
/// value.
std::optional<SearchSettings> read_search_settings(std::string_view toml, const Grid& grid);

/// Reads the section [stop_when] from the text of Sweep::to_toml(); returns nullopt if the text has no such
/// section. Needs no problem catalogue. Throws core::InputError if this version does not know a key or its
/// value.
std::optional<StopWhen> read_stop_when(std::string_view toml);

/// Reads [[exclude]] from the text of Sweep::to_toml() and returns it in the form of Grid::excluded. Needs no
/// problem catalogue. Throws core::InputError if the tables do not fit the axes.
std::vector<bool> read_excluded(std::string_view toml, const Grid& grid);

/// Reads grid.rho_every from the text of Sweep::to_toml() and returns it in the form of
/// Grid::excluded_trials. Needs no problem catalogue. Throws core::InputError if the table does not fit the
/// grid.
std::vector<bool> read_excluded_trials(std::string_view toml, const Grid& grid);

/// Describes the first key whose meaning differs between two texts of Sweep::to_toml(): "sgd.steps is 100 in
/// the file, 200 in the sweep". Returns an empty text if the two texts describe the same sweep. Throws
/// core::InputError if a text is not valid TOML.
/// @param sections prefixes of the keys that are compared, e.g. "sgd."; empty: all keys are compared
std::string first_difference(std::string_view there, std::string_view here,
                             std::span<const std::string> sections = {});

}  // namespace rhosweep::model
