#include "rhosweep/model/sgd_settings.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace rhosweep::model {

namespace {

// Words of the enumerators, in their order.
constexpr std::array optimizer_words{"sgd", "adamw", "sign_momentum"};
constexpr std::array samplings{"with_replacement", "shuffle", "full_batch"};
constexpr std::array precisions{"float64", "float32"};
constexpr std::array iterates{"last", "average"};

template <class Enum, std::size_t count>
Enum to_enum(const Value& word, const std::array<const char*, count>& words) {
  return static_cast<Enum>(std::find(words.begin(), words.end(), std::get<std::string>(word)) -
                           words.begin());
}

constexpr Range below_one{.lower = 0.0, .upper = 1.0, .upper_open = true};

std::vector<KeySpec> momentum_keys() {
  using T = ValueType;
  return {
      {.name = "momentum",
       .type = T::real,
       .fallback = 0.0,
       .range = below_one,
       .help = "heavy-ball momentum"},
      {.name = "nesterov", .type = T::boolean, .fallback = false, .help = "Nesterov's form of the momentum"},
  };
}

/// Defaults that differ between the optimizers with moments.
struct Moments {
  double beta2;
  std::optional<double> epsilon = {};
  double weight_decay;
};

std::vector<KeySpec> moment_keys(const Moments& defaults) {
  using T = ValueType;
  std::vector<KeySpec> keys{
      {.name = "beta1",
       .type = T::real,
       .fallback = 0.9,
       .range = below_one,
       .help = "weight of the past in the mean gradient that a step follows"},
      {.name = "beta2",
       .type = T::real,
       .fallback = defaults.beta2,
       .range = below_one,
       .help = "weight of the past in the mean squared gradient (adamw), in the mean gradient that is kept "
               "(sign_momentum)"},
  };
  if (defaults.epsilon)
    keys.push_back({.name = "epsilon",
                    .type = T::real,
                    .fallback = *defaults.epsilon,
                    .range = {.lower = 1e-30},  // a normal number in float32, too
                    .help = "added to the root of the mean squared gradient"});
  keys.push_back(
      {.name = "weight_decay",
       .type = T::real,
       .fallback = defaults.weight_decay,
       .range = not_negative,
       .help = "lambda of w <- (1 - eta*h_t*lambda)*w, before the step and apart from the gradient"});
  return keys;
}

/// The keys that every optimizer has, with its own among them.
std::vector<KeySpec> keys_with(std::vector<KeySpec> own) {
  using T = ValueType;
  std::vector<KeySpec> keys{
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
      {.name = "optimizer",
       .type = T::text,
       .fallback = std::string("sgd"),
       .choices = {optimizer_words.begin(), optimizer_words.end()},
       .absent_at_fallback = true,
       .help = "how a step follows from the gradient; sign_momentum is Lion"},
  };
  std::ranges::move(own, std::back_inserter(keys));
  std::ranges::move(
      std::vector<KeySpec>{
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
      },
      std::back_inserter(keys));
  return keys;
}

}  // namespace

std::span<const Optimizer> optimizers() {
  static constexpr std::array all{Optimizer::sgd, Optimizer::adamw, Optimizer::sign_momentum};
  return all;
}

std::string name_of(Optimizer optimizer) {
  return optimizer_words.at(static_cast<std::size_t>(optimizer));
}

std::string name_of(Precision precision) {
  return precisions.at(static_cast<std::size_t>(precision));
}

std::span<const KeySpec> sgd_keys(Optimizer optimizer) {
  static const std::array lists{
      keys_with(momentum_keys()),
      keys_with(moment_keys({.beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.01})),
      keys_with(moment_keys({.beta2 = 0.99, .weight_decay = 0.0}))};
  return lists.at(static_cast<std::size_t>(optimizer));
}

SgdSettings to_sgd_settings(const std::map<std::string, Value>& values) {
  SgdSettings sgd;
  for (const auto& [key, value] : values) {
    if (key == "steps") sgd.steps = std::get<std::int64_t>(value);
    if (key == "batch_size") sgd.batch_size = std::get<std::int64_t>(value);
    if (key == "sampling") sgd.sampling = to_enum<Sampling>(value, samplings);
    if (key == "optimizer") sgd.optimizer = to_enum<Optimizer>(value, optimizer_words);
    if (key == "momentum") sgd.momentum = std::get<double>(value);
    if (key == "nesterov") sgd.nesterov = std::get<bool>(value);
    if (key == "beta1") sgd.beta1 = std::get<double>(value);
    if (key == "beta2") sgd.beta2 = std::get<double>(value);
    if (key == "epsilon") sgd.epsilon = std::get<double>(value);
    if (key == "weight_decay") sgd.weight_decay = std::get<double>(value);
    if (key == "precision") sgd.precision = to_enum<Precision>(value, precisions);
    if (key == "evaluations") sgd.evaluations = std::get<std::int64_t>(value);
    if (key == "iterate") sgd.iterate = to_enum<Iterate>(value, iterates);
  }
  return sgd;
}

std::int64_t numbers_kept(const SgdSettings& sgd) {
  const bool has_momentum = sgd.optimizer == Optimizer::sign_momentum || sgd.momentum > 0.0;
  const int remembered = sgd.optimizer == Optimizer::adamw ? 2 : has_momentum ? 1 : 0;
  return 1 + remembered + (sgd.iterate == Iterate::average ? 1 : 0);
}

double update_work(const SgdSettings& sgd) {
  const double average = sgd.iterate == Iterate::average ? 3 : 0;
  if (sgd.optimizer == Optimizer::adamw) return 2 + 20 + average;  // a root and a division among them
  if (sgd.optimizer == Optimizer::sign_momentum) return 2 + 8 + average;
  return 2 + (sgd.momentum > 0.0 ? 3 : 0) + average;
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
