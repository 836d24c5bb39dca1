#pragma once

#include "rhosweep/model/key_spec.hpp"
#include "rhosweep/problem/problem.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::problem {

/// What {name} stands for, by name.
using Placeholders = std::map<std::string, std::string>;

/// A value of a key as a program reads it: numbers read back as the same bits, truth values are true or
/// false.
std::string to_word(const model::Value& value);

/// A text with every {name} replaced by its value, {{ and }} by single braces. Throws core::InputError for a
/// name without a value and for a brace alone.
std::string expand(std::string_view text, const Placeholders& values);

/// A trial is the run of a program, of which nothing is known but how it is started and what it reports. The
/// room command runs it.
class CommandProblem final : public Problem {
 public:
  /// What is started, and how it is watched.
  struct Settings {
    /// The argument vector, program first, with placeholders: every key of [sgd], every parameter, and
    /// stepsize, rho, schedule, seed, multipliers, evaluation_steps, scratch, attempt, device.
    std::vector<std::string> command;
    std::vector<std::string> metrics;  ///< what the program reports, train_loss first
    Placeholders parameters;           ///< the user's own keys
    double timeout = 0.0;              ///< longest silence, in seconds
    std::int64_t attempts = 1;         ///< how often a trial that fails is started, at most
    std::optional<std::int64_t> devices_per_node;
    std::filesystem::path folder;  ///< where the program starts
  };

  explicit CommandProblem(Settings settings);

  const Settings& settings() const { return settings_; }

  std::int64_t dimension() const override { return 0; }
  std::int64_t samples() const override { return 0; }
  double radius() const override { return 0.0; }
  const std::vector<model::Metric>& metrics() const override { return metrics_; }
  const optimum::Minimiser* minimiser() const override { return nullptr; }
  std::optional<double> diameter() const override { return std::nullopt; }
  std::optional<double> gradient_bound() const override { return std::nullopt; }
  /// Steps are all that a trial's time is known to grow with.
  double step_work(const model::SgdSettings&) const override { return 1.0; }
  double evaluation_work() const override { return 0.0; }

 private:
  Settings settings_;
  std::vector<model::Metric> metrics_;
};

}  // namespace rhosweep::problem
