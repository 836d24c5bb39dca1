#include "rhosweep/model/sweep_keys.hpp"

#include "rhosweep/model/sweep.hpp"

#include <algorithm>
#include <vector>

namespace rhosweep::model {

const KeySpec& title_key() {
  static const KeySpec key{.name = "title",
                           .type = ValueType::text,
                           .in_identity = false,
                           .help = "what the sweep is about, for people; without it the name of the file"};
  return key;
}

std::span<const KeySpec> grid_keys() {
  static const std::vector<KeySpec> keys{
      {.name = "stepsize",
       .required = true,
       .range = positive,
       .help =
           "eta_ref, the stepsize at rho = 1, one number or one for each schedule; \"theory\" minimises the bound "
           "on the last iterate for that schedule, problem and number of steps (optimizer \"sgd\" only; needs "
           "problem.radius or problem.diameter, or the kind quadratic or absolute_value)",
       .forms = "a number > 0, \"theory\" or {SCHEDULE = number, ...}"},
      {.name = "schedule",
       .type = ValueType::texts,
       .required = true,
       .help = "rhosweep list schedules documents them",
       .forms = "a list of schedules"},
      {.name = "rho",
       .required = true,
       .range = positive,
       .help =
           "how many times the stepsize at rho = 1 is too large; a range is geometric, with a number of points, "
           "a ratio of neighbours, points per decade, or as many per decade as keep the cost of the grid below "
           "the regret, by the theory of every schedule (then rho_every is set, too)",
       .forms =
           "numbers > 0 as a list or as {from, to, points}, {from, to, ratio}, {from, to, per_decade} or {from, "
           "to, regret}"},
      {.name = "rho_every",
       .type = ValueType::integer,
       .range = at_least_one,
       .help =
           "a schedule visits only every so many-th rho, from the least one on, and the largest rho; a schedule "
           "without an entry visits all; grid.rho with a regret sets the numbers by theory; not together with "
           "[stop_when]",
       .forms = "{SCHEDULE = integer >= 1, ...}"},
      {.name = "seed",
       .type = ValueType::integer,
       .required = true,
       .range = not_negative,
       .help = "fixes the samples, the noise and the random initial point of a trial",
       .forms = "integers >= 0 as a list or as {from, count}"}};
  return keys;
}

const KeySpec& axis_key() {
  static const KeySpec key{
      .name = "\"SECTION.KEY\"",
      .help =
          "a further dimension of the grid: a key of [problem] or [sgd] with numbers, texts or truth values; not "
          "sgd.evaluations, and no key that changes no result; several keys with commas between them are one "
          "dimension with paired values",
      .forms =
          "values that the key allows, as a list or, of numbers, as a range like those of the grid; of several "
          "keys a list of lists"};
  return key;
}

const KeySpec& exclude_key() {
  static const KeySpec key{
      .name = "\"SECTION.KEY\"",
      .help =
          "a table [[exclude]] leaves out the points of the axes at which each of its keys has one of these values",
      .forms = "a value of an axis or a list of some"};
  return key;
}

std::span<const KeySpec> search_keys() {
  static const SearchSettings by_default;
  static const std::vector<KeySpec> keys{
      {.name = "metric",
       .type = ValueType::text,
       .help =
           "what the best stepsize makes best; without it excess_loss where f_star is known, else train_loss",
       .forms = "a metric"},
      {.name = "tolerance",
       .fallback = by_default.tolerance,
       .range = positive,
       .help =
           "how much larger than the least error of the grid that of the stepsize found may be; 0.05 means "
           "5 %"},
      {.name = "confidence",
       .fallback = by_default.confidence,
       .range = {.lower = 0.5, .upper = 1.0, .upper_open = true},
       .help = "with which no other stepsize that was visited is better by more than the tolerance"},
      {.name = "first_seeds",
       .type = ValueType::integer,
       .fallback = by_default.first_seeds,
       .range = at_least_one,
       .help =
           "how many seeds a stepsize is first run with; at most all, which is the default of fewer seeds"},
      {.name = "first_ratio",
       .range = {.lower = 1.0, .lower_open = true},
       .help =
           "ratio of neighbouring stepsizes in the first round; without it the one at which, by the theory "
           "of the schedule, a grid costs at most 25 %"}};
  return keys;
}

std::span<const KeySpec> stop_when_keys() {
  static const StopWhen by_default;
  static const std::vector<KeySpec> keys{
      {.name = "metric",
       .type = ValueType::text,
       .help = "what is compared; without it excess_loss where f_star is known, else train_loss; a metric of "
               "which more is better counts by its distance from at_most",
       .forms = "a metric"},
      {.name = "factor",
       .fallback = by_default.factor,
       .range = {.lower = 1.0, .lower_open = true},
       .help =
           "a trial is stopped at an evaluation where it is worse than this factor times the best first trial of "
           "its seed and schedule"},
      {.name = "from",
       .fallback = by_default.from,
       .range = {.lower = 0.0, .upper = 1.0, .upper_open = true},
       .help =
           "share of the steps before which no trial is stopped; the default is less if the last evaluation before "
           "the end comes earlier"},
      {.name = "first_every",
       .type = ValueType::integer,
       .fallback = by_default.first_every,
       .range = {.lower = 2.0, .upper = 1e6},
       .help =
           "every how many-th rho, counted from the middle one, is a first trial: it runs whole, before the "
           "others of its seed and schedule"}};
  return keys;
}

std::span<const KeySpec> output_keys() {
  static const std::vector<KeySpec> keys{
      {.name = "sync_seconds",
       .fallback = OutputSettings{}.sync_seconds,
       .range = positive,
       .in_identity = false,
       .unit = "s",
       .help = "how often finished blocks are made durable on disk; not part of the sweep's identity"}};
  return keys;
}

const KeySpec& key_named(std::span<const KeySpec> keys, const char* name) {
  return *std::ranges::find(keys, name, &KeySpec::name);
}

}  // namespace rhosweep::model
