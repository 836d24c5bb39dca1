#include "suggest_key.hpp"

#include "rhosweep/core/text.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::model {

namespace {

struct OtherName {
  std::string_view name;  ///< in lower case, without _
  std::string_view key;
};

/// Names that other tools and papers give to keys of a sweep file.
constexpr std::array other_names{
    OtherName{"lr", "grid.stepsize"},
    OtherName{"learningrate", "grid.stepsize"},
    OtherName{"baselr", "grid.stepsize"},
    OtherName{"eta", "grid.stepsize"},
    OtherName{"alpha", "grid.stepsize"},
    OtherName{"stepsize", "grid.stepsize"},
    OtherName{"epochs", "sgd.steps"},
    OtherName{"nepochs", "sgd.steps"},
    OtherName{"iterations", "sgd.steps"},
    OtherName{"niterations", "sgd.steps"},
    OtherName{"iters", "sgd.steps"},
    OtherName{"niter", "sgd.steps"},
    OtherName{"maxiter", "sgd.steps"},
    OtherName{"maxsteps", "sgd.steps"},
    OtherName{"numsteps", "sgd.steps"},
    OtherName{"nsteps", "sgd.steps"},
    OtherName{"t", "sgd.steps"},
    OtherName{"bs", "sgd.batch_size"},
    OtherName{"minibatch", "sgd.batch_size"},
    OtherName{"dtype", "sgd.precision"},
    OtherName{"evals", "sgd.evaluations"},
    OtherName{"averaging", "sgd.iterate"},
    OtherName{"wd", "sgd.weight_decay"},
    OtherName{"weightdecay", "problem.l2"},
    OtherName{"lambda", "problem.l2"},
    OtherName{"regularization", "problem.l2"},
    OtherName{"nsamples", "problem.samples"},
    OtherName{"nfeatures", "problem.dimension"},
    OtherName{"features", "problem.dimension"},
    OtherName{"dataset", "problem.data"},
    OtherName{"file", "problem.data"},
    OtherName{"model", "problem.kind"},
    OtherName{"type", "problem.kind"},
    OtherName{"seeds", "grid.seed"},
    OtherName{"randomstate", "grid.seed"},
    OtherName{"scheduler", "grid.schedule"},
    OtherName{"lrscheduler", "grid.schedule"},
    OtherName{"lrschedule", "grid.schedule"},
    OtherName{"name", "title"},
};

/// Keys that users often write into the wrong section.
constexpr std::array common_keys{
    "problem.kind", "problem.data",   "problem.samples",    "problem.dimension", "problem.data_seed",
    "problem.l2",   "problem.radius", "problem.command",    "grid.stepsize",     "grid.schedule",
    "grid.rho",     "grid.seed",      "output.sync_seconds"};

std::string suggestion(std::string_view name) {
  return fmt::format(", did you mean '{}'?", name);
}

bool is_among(const std::string& name, std::span<const std::string> names) {
  return std::ranges::find(names, name) != names.end();
}

std::string in_other_names(const std::string& key) {
  std::string plain;
  for (const char c : key)
    if (c != '_' && c != '-') plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return plain;
}

std::optional<std::string> find_other_name(const std::string& key) {
  const std::string plain = in_other_names(key);
  const auto found = std::ranges::find(other_names, plain, &OtherName::name);
  return found == other_names.end() ? std::nullopt : std::optional<std::string>(found->key);
}

/// Returns "section.key" for the key that has this name in any section; nullopt if no section has such a key.
std::optional<std::string> find_elsewhere(const std::string& key) {
  for (const std::string_view full : common_keys)
    if (full.substr(full.find('.') + 1) == key) return std::string(full);
  for (const Optimizer optimizer : optimizers())
    for (const KeySpec& spec : sgd_keys(optimizer))
      if (spec.name == key) return "sgd." + key;
  return std::nullopt;
}

}  // namespace

std::string suggest_key(const std::string& section, const std::string& key,
                        std::span<const std::string> keys) {
  const bool is_section = section == "problem" || section == "sgd" || section == "grid" || section.empty();
  if (!is_section) return core::hint(key, keys);
  const std::string prefix = section.empty() ? "" : section + ".";
  if (const auto full = find_other_name(key)) {
    const bool is_here = !prefix.empty() && full->starts_with(prefix);
    const std::string name = is_here ? full->substr(prefix.size()) : *full;
    if (!is_here || is_among(name, keys)) return suggestion(name);
  }
  if (std::string hint = core::hint(key, keys); !hint.empty()) return hint;
  const auto full = find_elsewhere(key);
  return full && *full != prefix + key ? suggestion(*full) : "";
}

std::string suggest_axis(const std::string& key, std::span<const std::string> allowed) {
  const std::string name = key.substr(key.find('.') + 1);
  if (const auto full = find_other_name(name); full && is_among(*full, allowed)) return suggestion(*full);
  if (std::string hint = core::hint(key, allowed); !hint.empty()) return hint;
  for (const std::string& candidate : allowed)
    if (candidate.ends_with("." + name)) return suggestion(candidate);
  return {};
}

}  // namespace rhosweep::model
