#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/model/grid.hpp"
#include "rhosweep/model/problem_settings.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rhosweep::model {

/// η_ref is the stepsize that theory tunes for the schedule (theory::tuned_stepsize).
struct TheoryStepsize {
  bool operator==(const TheoryStepsize&) const = default;
};

/// How η_ref of a schedule is found: by theory, one number for all, or one per schedule (in the grid's
/// order).
using StepsizeRule = std::variant<TheoryStepsize, double, std::vector<double>>;

/// The section [output]: no part of the sweep's identity.
struct OutputSettings {
  double sync_seconds = 30.0;  ///< how often finished blocks are made durable on disk
};

/// The validated description of a sweep: everything that determines its results. Knows no MPI, no HDF5, no
/// clock.
class Sweep {
 public:
  /// Reads a sweep file. `overrides` are `KEY=VALUE` texts with VALUE in TOML, applied in order.
  /// Throws core::InputError with one line: file, line, key, what was found, what is allowed.
  static Sweep load(const std::filesystem::path& file, std::span<const std::string> overrides,
                    ProblemCatalogue catalogue);

  /// The same from text. `file` is the name for messages, and its folder is what relative paths are relative
  /// to.
  static Sweep parse(std::string_view text, const std::filesystem::path& file,
                     std::span<const std::string> overrides, ProblemCatalogue catalogue);

  const std::string& title() const& { return title_; }
  std::string title() && { return std::move(title_); }
  const Grid& grid() const& { return grid_; }
  Grid grid() && { return std::move(grid_); }
  const StepsizeRule& stepsize() const& { return stepsize_; }
  StepsizeRule stepsize() && { return std::move(stepsize_); }
  /// Place of grid.stepsize, "FILE:LINE": for an error that only the problem can find.
  const std::string& stepsize_where() const& { return stepsize_where_; }
  std::string stepsize_where() && { return std::move(stepsize_where_); }
  const OutputSettings& output() const& { return output_; }
  OutputSettings output() && { return output_; }
  /// Folder of the sweep file.
  const std::filesystem::path& folder() const& { return folder_; }
  std::filesystem::path folder() && { return std::move(folder_); }

  /// The problem at an axes point.
  ProblemSettings problem(core::PointIndex point) const;
  /// The optimiser at an axes point.
  SgdSettings sgd(core::PointIndex point) const;

  /// The effective sweep in TOML: overrides applied, defaults filled in, without [output] and the keys that
  /// are no part of its identity. Reading it again gives the same sweep and the same text, however the
  /// original was ordered and spaced.
  std::string to_toml() const;
  /// The effective sections [problem] and [sgd] at an axes point in canonical TOML: the same text whether a
  /// value stands in its section or on an axis.
  /// @param point whose values stand for those of the axes
  /// @param left_out keys of [problem] that are not part of it
  std::string settings_toml(core::PointIndex point, std::span<const std::string> left_out) const;
  /// The section [output] in TOML, beside to_toml().
  std::string output_toml() const;
  /// The keys of [problem] that are no part of its identity, as overrides for to_toml().
  std::vector<std::string> run_overrides() const;

  /// Identity of the sweep: a hash of to_toml().
  std::uint64_t hash() const;

 private:
  friend class SweepReader;
  Sweep() = default;

  /// The values of a section at an axes point.
  std::map<std::string, Value> section(std::string_view name, const KeyValues& values,
                                       core::PointIndex point) const;

  std::string title_;
  std::string kind_;
  /// Values of the sections, without the keys that are axes.
  KeyValues problem_;
  KeyValues sgd_;
  KeyValues run_;  ///< of [problem], those that are no part of the identity
  Grid grid_;
  StepsizeRule stepsize_;
  std::string stepsize_where_;
  OutputSettings output_;
  std::filesystem::path folder_;
  /// Right-hand sides in canonical TOML, where a range stays a range.
  std::vector<std::string> axes_toml_;
  std::string seed_toml_;
  std::string rho_toml_;
};

/// (points): the optimiser at every axes point of a sweep in the form of Sweep::to_toml(), read without the
/// problem's catalogue. Throws core::InputError if a key of [sgd] has a value that this version does not
/// know.
std::vector<SgdSettings> read_sgd_settings(std::string_view toml, const Grid& grid);

/// The first key in which two sweeps differ, both in the form of Sweep::to_toml():
/// "sgd.steps is 100 there, 200 here". Empty if they are the same. Throws core::InputError if one is no TOML.
/// @param sections only keys that begin like one of these count, e.g. "sgd."; empty: every key
std::string first_difference(std::string_view there, std::string_view here,
                             std::span<const std::string> sections = {});

}  // namespace rhosweep::model
