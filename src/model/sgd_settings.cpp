#include "rhosweep/model/sgd_settings.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace rhosweep::model {

std::span<const KeySpec> sgd_keys() {
  using T = ValueType;
  static const std::vector<KeySpec> keys{
      {.name = "steps",
       .type = T::integer,
       .required = true,
       .range = at_least_one,
       .help = "number T of updates"},
      {.name = "batch_size",
       .type = T::integer,
       .fallback = std::int64_t{1},
       .range = at_least_one,
       .help = "samples per update"},
      {.name = "sampling",
       .type = T::text,
       .fallback = std::string("with_replacement"),
       .choices = {"with_replacement", "shuffle", "full_batch"},
       .help = "how mini-batches are drawn; shuffle: a fresh permutation per epoch; full_batch: the exact "
               "gradient"},
      {.name = "momentum",
       .type = T::real,
       .fallback = 0.0,
       .range = {.lower = 0.0, .upper = 1.0, .upper_open = true},
       .help = "heavy-ball momentum"},
      {.name = "nesterov", .type = T::boolean, .fallback = false, .help = "Nesterov's form of the momentum"},
      {.name = "precision",
       .type = T::text,
       .fallback = std::string("float64"),
       .choices = {"float64", "float32"},
       .help = "arithmetic of the trials"},
      {.name = "evaluations",
       .type = T::integer,
       .fallback = std::int64_t{8},
       .range = at_least_one,
       .help = "points of the learning curve, geometric in [1, steps]"},
      {.name = "iterate",
       .type = T::text,
       .fallback = std::string("last"),
       .choices = {"last", "average"},
       .help = "what metrics are of: the last iterate or the running average of all"},
  };
  return keys;
}

std::vector<std::int64_t> evaluation_steps(std::int64_t steps, std::int64_t evaluations) {
  core::require(evaluations >= 1 && evaluations <= steps, "1 <= evaluations <= steps");
  std::vector<std::int64_t> at(evaluations, steps);
  for (std::int64_t i = 0; i + 1 < evaluations; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(evaluations - 1);
    at[i] = std::max<std::int64_t>(i + 1, std::llround(std::pow(static_cast<double>(steps), share)));
  }
  return at;
}

}  // namespace rhosweep::model
