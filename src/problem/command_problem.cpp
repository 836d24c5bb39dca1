#include "rhosweep/problem/command_problem.hpp"

#include "kinds.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

using model::KeyError;
using model::ProblemSettings;

/// Placeholders that are no keys of the sweep file.
constexpr std::array of_the_trial{"stepsize", "rho",         "schedule",        "seed", "scratch", "attempt",
                                  "device",   "multipliers", "evaluation_steps"};

/// Variables that every results file has.
constexpr std::array of_the_file{
    "seed",     "schedule",      "rho",    "evaluation", "stepsize", "step",           "status",
    "checksum", "diverged_step", "f_star", "diameter",   "run",      "gradient_bound", "point_key"};

template <class Words>
bool is_among(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  return !text.empty() && letters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
             std::string_view::npos;
}

std::vector<std::string> sgd_names() {
  std::set<std::string> names;
  for (const model::Optimizer optimizer : model::optimizers())
    for (const model::KeySpec& key : model::sgd_keys(optimizer)) names.insert(key.name);
  return {names.begin(), names.end()};
}

const std::vector<model::KeySpec>& command_keys() {
  using T = model::ValueType;
  static const std::vector<model::KeySpec> list{
      {.name = "command",
       .type = T::texts,
       .required = true,
       .help = "the program and its arguments, handed over as they are, without a shell; {name} stands for a "
               "value, {{ for a brace"},
      {.name = "metrics",
       .type = T::texts,
       .fallback = std::vector<std::string>{"train_loss"},
       .help = "what the program reports; train_loss is the first"},
      {.name = "timeout",
       .type = T::real,
       .fallback = 600.0,
       .range = model::positive,
       .in_identity = false,
       .unit = "s",
       .help = "a program that writes nothing for so long has failed"},
      {.name = "attempts",
       .type = T::integer,
       .fallback = std::int64_t{1},
       .range = {.lower = 1.0, .upper = 1000.0},
       .in_identity = false,
       .help = "how often a trial is started, at most, as long as it fails"},
      {.name = "devices_per_node",
       .type = T::integer,
       .range = {.lower = 1.0, .upper = 1e6},
       .in_identity = false,
       .help = "{device} is the rank's number on its node modulo this"}};
  return list;
}

/// The keys of the user's own.
std::vector<std::string> parameters(const ProblemSettings& settings) {
  std::vector<std::string> names;
  for (const auto& [name, value] : settings.values()) {
    const auto is_it = [&name = name](const model::KeySpec& key) { return key.name == name; };
    if (std::none_of(command_keys().begin(), command_keys().end(), is_it)) names.push_back(name);
  }
  return names;
}

/// The pieces of a text: what stands as it is, and names of placeholders.
template <class AddText, class AddName>
void split_template(std::string_view text, AddText&& add_text, AddName&& add_name) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_doubled = i + 1 < text.size() && text[i + 1] == c;
    if (c != '{' && c != '}') {
      add_text(c);
    } else if (is_doubled) {
      add_text(c);
      ++i;
    } else {
      const std::size_t end = text.find('}', i);
      if (c == '}' || end == std::string_view::npos)
        throw core::InputError(
            fmt::format("a single {} in \"{}\"; allowed: {{name}}, or {{{{ and }}}} for braces", c, text));
      add_name(std::string(text.substr(i + 1, end - i - 1)));
      i = end;
    }
  }
}

void check_command(const ProblemSettings& settings) {
  const std::string key = "problem.command";
  std::vector<std::string> allowed(of_the_trial.begin(), of_the_trial.end());
  for (const auto& names : {sgd_names(), parameters(settings)})
    allowed.insert(allowed.end(), names.begin(), names.end());
  std::set<std::string> used;
  const auto& command = settings.texts("command");
  for (std::size_t i = 0; i < command.size(); ++i) {
    const auto use = [&](const std::string& name) {
      if (i == 0) throw KeyError(key, "found a placeholder in the program's name; allowed: in its arguments");
      if (!is_among(name, allowed))
        throw KeyError(key,
                       fmt::format("found the placeholder {{{}}}{}; allowed: {}", core::one_line(name, 80),
                                   core::hint(name, allowed), fmt::join(allowed, ", ")));
      used.insert(name);
    };
    try {
      split_template(
          command[i], [](char) {}, use);
    } catch (const core::InputError& error) {
      throw KeyError(key, std::string("found ") + core::one_line(error.what(), 200));
    }
  }
  if (command.front().empty()) throw KeyError(key, "found \"\"; allowed: a program and its arguments");
  if (used.contains("device") && !settings.has("devices_per_node"))
    throw KeyError(key, "found the placeholder {device}; allowed: beside problem.devices_per_node");
  for (const std::string& name : parameters(settings)) {
    std::vector<std::string> known;
    for (const model::KeySpec& spec : command_keys()) known.push_back(spec.name);
    if (!used.contains(name))
      throw KeyError(
          "problem." + name,
          fmt::format("unknown key{}; allowed: {}, or a parameter that the command takes as {{{}}}",
                      core::hint(name, known), fmt::join(known, ", "), name));
    if (is_among(name, of_the_trial) || is_among(name, sgd_names()))
      throw KeyError("problem." + name,
                     fmt::format("found a parameter of that name; allowed: any but {}, {}",
                                 fmt::join(of_the_trial, ", "), fmt::join(sgd_names(), ", ")));
  }
}

void check_metrics(const ProblemSettings& settings) {
  const std::string key = "problem.metrics";
  std::set<std::string> seen;
  for (const std::string& name : settings.texts("metrics")) {
    const bool is_taken = is_among(name, of_the_file) || name.starts_with("final_") ||
                          name.starts_with("initial_") || name == "diverged";
    if (!is_name(name) || is_taken)
      throw KeyError(key,
                     fmt::format("found \"{}\"; allowed: names of letters, digits and _ that the results "
                                 "file has no other use for",
                                 core::one_line(name, 80)));
    if (!seen.insert(name).second)
      throw KeyError(key, fmt::format("found \"{}\" twice; allowed: each name once", name));
  }
  if (settings.texts("metrics").front() != model::metrics::train_loss.name)
    throw KeyError(key, fmt::format("found \"{}\" as the first; allowed: train_loss, the loss that decides "
                                    "whether a trial has diverged",
                                    settings.texts("metrics").front()));
}

/// A metric of that name: one that rhosweep knows, or the program's own.
model::Metric describe_metric(const std::string& name) {
  for (const model::Metric& known : model::metrics::all())
    if (known.name == name) return known;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {name, name + ", as the program reports it", "1", name.ends_with("accuracy") ? 0.0 : infinity};
}

}  // namespace

std::string to_word(const model::Value& value) {
  struct Writer {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return core::to_text(number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& texts) const {
      return fmt::format("{}", fmt::join(texts, ","));
    }
    std::string operator()(const std::vector<std::int64_t>& numbers) const {
      return fmt::format("{}", fmt::join(numbers, ","));
    }
  };
  return std::visit(Writer{}, value);
}

std::string expand(std::string_view text, const Placeholders& values) {
  std::string expanded;
  split_template(
      text, [&](char c) { expanded += c; },
      [&](const std::string& name) {
        const auto value = values.find(name);
        if (value == values.end())
          throw core::InputError(fmt::format("the placeholder {{{}}} in \"{}\" has no value", name, text));
        expanded += value->second;
      });
  return expanded;
}

CommandProblem::CommandProblem(Settings settings) : settings_(std::move(settings)) {
  for (const std::string& name : settings_.metrics) metrics_.push_back(describe_metric(name));
}

ProblemKind command_kind() {
  std::vector<std::string> names(of_the_trial.begin(), of_the_trial.end());
  return {
      .schema = {.kind = "command",
                 .summary = "any training program: a trial is one run of it",
                 .keys = command_keys(),
                 .samplings = {"with_replacement", "shuffle"},
                 .check =
                     [](const ProblemSettings& settings) {
                       check_command(settings);
                       check_metrics(settings);
                     },
                 .open = true},
      .objective = fmt::format(
          "what the program trains. It takes every key of [sgd], every further key of [problem] (a number, "
          "a text or a truth value) and {} as {{name}} in its arguments and as RHOSWEEP_NAME in its "
          "environment, and reports lines such as {{\"step\": 100, \"train_loss\": 0.5}}",
          fmt::join(names, ", ")),
      .metrics = "those of the key metrics; all of them are due at the last step",
      .constants = "none: grid.stepsize is a number, or one for each schedule",
      .make = [](const ProblemSettings& settings, model::Precision,
                 Materials&) -> std::shared_ptr<const Problem> {
        Placeholders own;
        for (const std::string& name : parameters(settings))
          own.emplace(name, to_word(settings.values().at(name)));
        return std::make_shared<CommandProblem>(CommandProblem::Settings{
            .command = settings.texts("command"),
            .metrics = settings.texts("metrics"),
            .parameters = std::move(own),
            .timeout = settings.real("timeout"),
            .attempts = settings.integer("attempts"),
            .devices_per_node = settings.has("devices_per_node")
                                    ? std::optional(settings.integer("devices_per_node"))
                                    : std::nullopt,
            .folder = settings.folder()});
      }};
}

}  // namespace rhosweep::problem
