#include "rhosweep/model/sgd_settings.hpp"

#include "rhosweep/core/elementary.hpp"
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

// Names of the enumerators in a sweep file, in the order of the enumerators.
constexpr std::array optimizer_words{"sgd", "adamw", "sign_momentum", "dog", "prodigy", "schedule_free"};
constexpr std::array optimizer_summaries{
    "w <- w - eta*h_t*g, or heavy ball or Nesterov in PyTorch's form",
    "AdamW (Loshchilov & Hutter, arXiv 1711.05101), as in PyTorch",
    "Lion (Chen et al., arXiv 2302.06675, algorithm 2)",
    "DoG (Ivgi, Hinder & Carmon, arXiv 2302.12022): sgd with the stepsize eta*h_t*r_t/sqrt(sum of |g_i|^2 up to now), r_t "
    "the largest distance from w_0 so far. It needs no tuning: eta is nominally 1",
    "Prodigy (Mishchenko & Defazio, arXiv 2306.06101, the Adam version, algorithm 4): Adam with the stepsize eta*h_t*d_t, "
    "d_t an estimate of the distance from w_0 to the minimiser that only grows. It needs no tuning: eta is nominally 1",
    "Schedule-free SGD (Defazio et al., arXiv 2405.15682): z <- z - eta*h_t*g, g taken at y = (1 - beta)*z + beta*x, x the "
    "average of z with the weights (eta*h_t)^2. Metrics are of x; with a radius z is projected. Made for the schedules "
    "constant and warmup(share, constant)"};
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

/// Defaults that differ between the optimizers that keep moments of the gradient.
struct Moments {
  double beta2;
  std::optional<double> epsilon = {};
  double weight_decay;
};

KeySpec beta1_key() {
  return {.name = "beta1",
          .type = ValueType::real,
          .fallback = 0.9,
          .range = below_one,
          .help = "weight of the past in the mean gradient that a step follows"};
}

KeySpec epsilon_key(double fallback) {
  return {.name = "epsilon",
          .type = ValueType::real,
          .fallback = fallback,
          .range = {.lower = 1e-30},  // a normal number in float32, too
          .help = "added to the root of the mean squared gradient"};
}

std::vector<KeySpec> moment_keys(const Moments& defaults) {
  using T = ValueType;
  std::vector<KeySpec> keys{
      beta1_key(),
      {.name = "beta2",
       .type = T::real,
       .fallback = defaults.beta2,
       .range = below_one,
       .help = "weight of the past in the mean squared gradient (adamw), in the mean gradient that is kept "
               "(sign_momentum)"},
  };
  if (defaults.epsilon) keys.push_back(epsilon_key(*defaults.epsilon));
  keys.push_back(
      {.name = "weight_decay",
       .type = T::real,
       .fallback = defaults.weight_decay,
       .range = not_negative,
       .help =
           "lambda of w <- (1 - eta*h_t*lambda)*w, applied before the step and decoupled from the gradient"});
  return keys;
}

std::vector<KeySpec> dog_keys() {
  return {{.name = "r_epsilon",
           .type = ValueType::real,
           .fallback = 1e-6,
           .range = {.lower = 1e-30},
           .help = "the first distance r_0 is r_epsilon*(1 + |w_0|)"}};
}

std::vector<KeySpec> prodigy_keys() {
  return {beta1_key(),
          {.name = "beta2",
           .type = ValueType::real,
           .fallback = 0.999,
           .range = below_one,
           .help = "weight of the past in the mean squared gradient; in the estimate d its square root"},
          epsilon_key(1e-8),
          {.name = "d0",
           .type = ValueType::real,
           .fallback = 1e-6,
           .range = {.lower = 1e-12},  // the square of d must be a normal number in float32
           .help = "the first estimate d of the distance from w_0 to the minimiser"}};
}

std::vector<KeySpec> schedule_free_keys() {
  return {{.name = "beta",
           .type = ValueType::real,
           .fallback = 0.9,
           .range = {.lower = 0.0, .upper = 1.0},
           .help = "gradients are taken at y = (1 - beta)*z + beta*x"}};
}

enum class Averaging { optional, built_in };

/// Returns the keys of an optimizer: the common keys and its own. An optimizer with built-in averaging has no
/// key `iterate`.
std::vector<KeySpec> keys_with(std::vector<KeySpec> own, Averaging averaging = Averaging::optional) {
  using T = ValueType;
  std::vector<KeySpec> keys{
      {.name = "steps",
       .type = T::integer,
       .required = true,
       .range = {.lower = 1.0, .upper = 1e15},  // t and T are exact as doubles; sums of steps cannot overflow
       .help = "number T of updates"},
      {.name = "batch_size",
       .type = T::integer,
       .fallback = std::int64_t{1},
       .range = {.lower = 1.0, .upper = 1e15},
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
       .help = "how a step follows from the gradient; sign_momentum is Lion; dog, prodigy and schedule_free "
               "are baselines that need little or no tuning"},
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
      },
      std::back_inserter(keys));
  if (averaging == Averaging::optional)
    keys.push_back(
        {.name = "iterate",
         .type = T::text,
         .fallback = std::string("last"),
         .choices = {iterates.begin(), iterates.end()},
         .help = "where metrics are evaluated: at the last iterate or at the average of all iterates"});
  return keys;
}

}  // namespace

std::span<const Optimizer> optimizers() {
  static constexpr std::array all{Optimizer::sgd, Optimizer::adamw,   Optimizer::sign_momentum,
                                  Optimizer::dog, Optimizer::prodigy, Optimizer::schedule_free};
  return all;
}

std::string name_of(Optimizer optimizer) {
  return optimizer_words.at(static_cast<std::size_t>(optimizer));
}

std::string summary_of(Optimizer optimizer) {
  return optimizer_summaries.at(static_cast<std::size_t>(optimizer));
}

std::string name_of(Precision precision) {
  return precisions.at(static_cast<std::size_t>(precision));
}

std::span<const KeySpec> sgd_keys(Optimizer optimizer) {
  static const std::array lists{
      keys_with(momentum_keys()),
      keys_with(moment_keys({.beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.01})),
      keys_with(moment_keys({.beta2 = 0.99, .weight_decay = 0.0})),
      keys_with(dog_keys()),
      keys_with(prodigy_keys()),
      keys_with(schedule_free_keys(), Averaging::built_in)};
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
    if (key == "r_epsilon") sgd.r_epsilon = std::get<double>(value);
    if (key == "d0") sgd.d0 = std::get<double>(value);
    if (key == "beta") sgd.beta = std::get<double>(value);
    if (key == "precision") sgd.precision = to_enum<Precision>(value, precisions);
    if (key == "evaluations") sgd.evaluations = std::get<std::int64_t>(value);
    if (key == "iterate") sgd.iterate = to_enum<Iterate>(value, iterates);
  }
  return sgd;
}

std::map<std::string, Value> to_values(const SgdSettings& sgd) {
  const auto word = [](auto enumerator, const auto& words) {
    return std::string(words.at(static_cast<std::size_t>(enumerator)));
  };
  const std::map<std::string, Value> all{
      {"steps", sgd.steps},
      {"batch_size", sgd.batch_size},
      {"sampling", word(sgd.sampling, samplings)},
      {"optimizer", word(sgd.optimizer, optimizer_words)},
      {"momentum", sgd.momentum},
      {"nesterov", sgd.nesterov},
      {"beta1", sgd.beta1},
      {"beta2", sgd.beta2},
      {"epsilon", sgd.epsilon},
      {"weight_decay", sgd.weight_decay},
      {"r_epsilon", sgd.r_epsilon},
      {"d0", sgd.d0},
      {"beta", sgd.beta},
      {"precision", word(sgd.precision, precisions)},
      {"evaluations", sgd.evaluations},
      {"iterate", word(sgd.iterate, iterates)},
  };
  std::map<std::string, Value> values;
  for (const KeySpec& key : sgd_keys(sgd.optimizer)) values.emplace(key.name, all.at(key.name));
  for (const Optimizer other : optimizers())
    for (const KeySpec& key : sgd_keys(other))
      if (key.fallback) values.emplace(key.name, *key.fallback);
  return values;
}

namespace {

/// Memory and work of an optimizer per parameter.
struct Cost {
  int remembered;  ///< values stored besides the iterate
  double work;     ///< floating-point operations of the update
};

Cost cost_of(const SgdSettings& sgd) {
  constexpr double step = 2;
  switch (sgd.optimizer) {
    case Optimizer::sgd:
      return sgd.momentum > 0.0 ? Cost{.remembered = 1, .work = step + 3}
                                : Cost{.remembered = 0, .work = step};
    case Optimizer::adamw:
      return {.remembered = 2, .work = step + 20};  // includes a square root and a division
    case Optimizer::sign_momentum:
      return {.remembered = 1, .work = step + 8};
    case Optimizer::dog:
      return {.remembered = 1, .work = step + 5};  // includes two norms
    case Optimizer::prodigy:
      return {.remembered = 4, .work = step + 29};
    case Optimizer::schedule_free:
      return {.remembered = 2, .work = step + 5};
  }
  throw core::InternalError("an unknown optimizer");
}

}  // namespace

std::int64_t numbers_kept(const SgdSettings& sgd) {
  return 1 + cost_of(sgd).remembered + (sgd.iterate == Iterate::average ? 1 : 0);
}

double update_work(const SgdSettings& sgd) {
  return cost_of(sgd).work + (sgd.iterate == Iterate::average ? 3 : 0);
}

std::vector<std::int64_t> evaluation_steps(std::int64_t steps, std::int64_t evaluations) {
  core::require(evaluations >= 1 && evaluations <= steps, "1 <= evaluations <= steps");
  std::vector<std::int64_t> at(evaluations, steps);
  for (std::int64_t i = 0; i + 1 < evaluations; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(evaluations - 1);
    at[i] =
        std::max<std::int64_t>(i + 1, std::llround(core::elementary::pow(static_cast<double>(steps), share)));
  }
  return at;
}

}  // namespace rhosweep::model
