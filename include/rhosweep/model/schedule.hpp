#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhosweep::model {

/// Returns the multipliers h_t in the file of `table(FILE)`. Throws core::InputError if the multipliers
/// cannot be read.
using MultipliersReader = std::function<std::vector<double>(const std::string& file)>;

/// Reads the files that specifications name. Each file is read once, because Schedule::spec() then contains
/// its values.
struct ScheduleFiles {
  MultipliersReader read;        ///< empty: no file may be named
  std::int64_t least_steps = 0;  ///< fewest steps of the runs that follow the schedule
  std::int64_t most_steps = 0;   ///< 0: unknown, so that tables of any length are taken
};

/// A learning-rate schedule h: the stepsize of step t of T is η·h(t, T), t = 0 … T−1. A pure function in
/// closed form; copies are cheap.
class Schedule {
 public:
  /// Reads a specification such as `cosine(floor=0.1)` or `warmup(0.05, polynomial(2))`. Arguments go by
  /// position or by name. Throws core::InputError that names what was found and what is allowed. A
  /// specification may name a file only if `files` can read it.
  static Schedule parse(std::string_view spec, const ScheduleFiles& files = {});

  /// h_t in [0, 1]. @pre 0 ≤ t < steps
  double operator()(std::int64_t t, std::int64_t steps) const;

  /// The specification as written, trimmed; the canonical text if it needs a file or the number of steps.
  const std::string& spec() const& { return spec_; }
  std::string spec() && { return std::move(spec_); }
  /// The specification for tables and messages: shortened in the middle if it is long.
  std::string name() const;

  /// Returns a text that is the same for all spellings of a schedule, such as `linear` and `polynomial(p=1)`.
  const std::string& canonical() const;

  /// The order p at which h vanishes at the end of the run: h is about a multiple of (1−u)^p as u = t/T → 1.
  /// Returns nullopt if h does not vanish at the end.
  std::optional<double> tail_order() const;

  /// Asymptotic exponent of the cost in ρ: 1/(2p+1) if h vanishes like (1−u)^p, 1 if h does not decay to zero
  /// (Attia & Koren, arXiv 2503.09411).
  double cost_exponent() const;

  class Shape;

 private:
  Schedule(std::string spec, std::shared_ptr<const Shape> shape);

  std::string spec_;
  std::shared_ptr<const Shape> shape_;
};

/// Documentation of one kind of schedule.
struct ScheduleDoc {
  std::string name;
  std::string usage;     ///< "cosine(floor=f)"
  std::string formula;   ///< formula of h_t, with u = t/T
  std::string range;     ///< allowed values of the parameters; empty if the schedule has no parameters
  std::string exponent;  ///< asymptotic cost exponent in ρ
};

/// Returns a specification, shortened in the middle if it is long, as Schedule::name() does.
std::string schedule_name(std::string_view spec);

/// All kinds of schedules, in the order of the documentation.
std::span<const ScheduleDoc> schedule_catalogue();

}  // namespace rhosweep::model
