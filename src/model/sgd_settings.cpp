#include "rhosweep/model/sgd_settings.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace rhosweep::model {

namespace {

// Words of the enumerators, in their order.
constexpr std::array samplings{"with_replacement", "shuffle", "full_batch"};
constexpr std::array precisions{"float64", "float32"};
constexpr std::array iterates{"last", "average"};

template <class Enum, std::size_t count>
Enum to_enum(const Value& word, const std::array<const char*, count>& words) {
  return static_cast<Enum>(std::find(words.begin(), words.end(), std::get<std::string>(word)) -
                           words.begin());
}

}  // namespace

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
       .choices = {samplings.begin(), samplings.end()},
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
       .choices = {precisions.begin(), precisions.end()},
       .help = "arithmetic of the trials"},
      {.name = "evaluations",
       .type = T::integer,
       .fallback = std::int64_t{8},
       .range = {.lower = 1.0, .upper = 1e7},
       .help = "points of the learning curve, geometric in [1, steps]"},
      {.name = "iterate",
       .type = T::text,
       .fallback = std::string("last"),
       .choices = {iterates.begin(), iterates.end()},
       .help = "what metrics are of: the last iterate or the running average of all"},
  };
  return keys;
}

SgdSettings to_sgd_settings(const std::map<std::string, Value>& values) {
  SgdSettings sgd;
  for (const auto& [key, value] : values) {
    if (key == "steps") sgd.steps = std::get<std::int64_t>(value);
    if (key == "batch_size") sgd.batch_size = std::get<std::int64_t>(value);
    if (key == "sampling") sgd.sampling = to_enum<Sampling>(value, samplings);
    if (key == "momentum") sgd.momentum = std::get<double>(value);
    if (key == "nesterov") sgd.nesterov = std::get<bool>(value);
    if (key == "precision") sgd.precision = to_enum<Precision>(value, precisions);
    if (key == "evaluations") sgd.evaluations = std::get<std::int64_t>(value);
    if (key == "iterate") sgd.iterate = to_enum<Iterate>(value, iterates);
  }
  return sgd;
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
