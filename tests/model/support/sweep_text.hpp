#pragma once

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/sweep.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

/// Returns two kinds of problem: `samples` has a data set, `noise` has random gradient noise. A made-up
/// theory of `noise` allows any grid ratio for cosine, at most r for constant, and at most r² for other
/// schedules. Here r is 1 + 10·regret if there are at most 100 steps, and 1 + 5·regret if there are more.
inline const std::vector<rhosweep::model::ProblemSchema>& small_catalogue() {
  using namespace rhosweep::model;
  using T = ValueType;
  static const std::vector<ProblemSchema> catalogue{
      {.kind = "samples",
       .summary = "samples, made or from a file",
       .keys =
           {{.name = "data", .type = T::path},
            {.name = "samples",
             .type = T::integer,
             .fallback = std::int64_t{100},
             .range = at_least_one,
             .excluded_by = "data"},
            {.name = "radius", .type = T::real, .fallback = 1.0, .range = not_negative},
            {.name = "diameter", .type = T::real, .range = positive},
            {.name = "loss", .type = T::text, .fallback = std::string("log"), .choices = {"log", "hinge"}},
            {.name = "intercept", .type = T::boolean, .fallback = false}},
       .samplings = {"with_replacement", "shuffle", "full_batch"},
       .check =
           [](const ProblemSettings& settings) {
             if (settings.real("radius") > 8.0)
               throw KeyError("problem.radius", "found more than 8; allowed: at most 8");
             if (settings.has("diameter") && settings.real("diameter") < settings.real("radius"))
               throw KeyError("problem.diameter", "found less than the radius; allowed: at least the radius");
             if (settings.has("samples") && settings.integer("samples") == 13 && !settings.has("diameter"))
               throw KeyError("problem.diameter", "found nothing; allowed: a number, with 13 samples");
           },
       .read_multipliers = [](const std::filesystem::path& file) -> std::vector<double> {
         if (file == "runs/four.txt") return {1, 0.5, 0.25, 0.125};
         throw rhosweep::core::InputError(file.string() + ": no such file");
       }},
      {.kind = "noise",
       .summary = "gradient noise",
       .keys = {{.name = "curvature", .type = T::real, .required = true, .range = positive}},
       .samplings = {"with_replacement"},
       .check = {},
       .grid_ratio =
           [](const Schedule& schedule, std::int64_t steps, double regret) {
             if (schedule.spec() == "cosine") return std::numeric_limits<double>::infinity();
             const double ratio = steps > 100 ? 1.0 + 5.0 * regret : 1.0 + 10.0 * regret;
             return schedule.spec() == "constant" ? ratio : ratio * ratio;
           }},
  };
  return catalogue;
}

/// Reads a sweep from a text as if it were the file runs/sweep.toml.
inline rhosweep::model::Sweep parse_sweep(const std::string& text,
                                          const std::vector<std::string>& overrides = {}) {
  return rhosweep::model::Sweep::parse(text, "runs/sweep.toml", overrides, small_catalogue());
}

/// Returns the message of the InputError that reading throws, or an empty text if reading succeeds.
inline std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    parse_sweep(text, overrides);
  } catch (const rhosweep::core::InputError& error) {
    return error.what();
  }
  return "";
}

/// The parts of a small sweep file, which a test can replace or extend. Line 1 of the file is [problem].
struct SweepText {
  std::string problem = "kind = 'samples'";
  std::string sgd = "steps = 100";
  std::string stepsize = "'theory'";
  std::string schedule = "['constant', 'linear']";
  std::string rho = "[0.5, 1, 2]";
  std::string seed = "[0, 1]";
  std::string more = "";

  operator std::string() const {
    return fmt::format(
        "[problem]\n{}\n[sgd]\n{}\n[grid]\nstepsize = {}\nschedule = {}\nrho = {}\nseed = {}\n{}\n", problem,
        sgd, stepsize, schedule, rho, seed, more);
  }
};
