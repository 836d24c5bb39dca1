#pragma once

#include "rhosweep/model/metric.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace rhosweep::model {

/// A metric of a program, as a sweep file declares it: `"auc"`, or
/// `{ name = "auc", best = "max", at_most = 1.0 }`.
struct DeclaredMetric {
  std::string name;
  /// The greatest possible value if more is better; empty if less is better.
  std::optional<double> at_most = {};

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy takes the 0 of the comparison for a pointer
  auto operator<=>(const DeclaredMetric&) const = default;
};

/// Whether larger values of a measure are better, and the bounds of its values.
struct Measure {
  bool more_is_better = false;
  /// The greatest possible value if more is better; empty if less is better, or if implementations have
  /// different greatest values or none.
  std::optional<double> at_most = {};
  double worst = 0.0;  ///< the worst possible value: infinite if there is no bound
};

/// Returns what is known about a metric by its name; nullopt if the name is unknown. Ignores letter case. A
/// known name ends with a common measure, or with a measure and certain further words (`f1_macro`,
/// `recall_at_5`); `_` separates words. Words in front of the measure (`val_`, `test_`, `macro_`) do not
/// change its meaning, except `neg_`.
std::optional<Measure> known_measure(std::string_view name);

/// Returns `at_most` of a metric that is declared by its name only, in a results file or in a sweep file from
/// before `best` existed: 1 for an accuracy; empty for every other name, since less was then better.
std::optional<double> former_at_most(std::string_view name);

/// Returns the names of the common measures, for the reference documentation: the measures to maximise if
/// `more_is_better`, else the measures to minimise.
std::string known_measures(bool more_is_better);

/// Returns the metric of the given declaration: a metric of rhosweep, or one that only the program has.
Metric to_metric(const DeclaredMetric& declared);

/// Returns a declaration as TOML text. If older versions gave the name alone the same meaning, writes only
/// the name, so that the hashes of existing sweeps do not change.
std::string to_toml(const DeclaredMetric& declared);

}  // namespace rhosweep::model
