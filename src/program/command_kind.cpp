#include "rhosweep/program/command_kind.hpp"

#include "living_program.hpp"
#include "program.hpp"
#include "program_runner.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::program {

namespace {

using model::KeyError;
using model::ProblemSettings;

/// Placeholders that are not keys of the sweep file.
constexpr std::array of_the_trial{"stepsize", "rho",         "schedule",        "seed", "scratch", "attempt",
                                  "device",   "multipliers", "evaluation_steps"};

/// Variables of every results file, and members of a report that are not metrics. Metrics must not have these
/// names.
constexpr std::array of_the_file{"seed",     "schedule", "rho",       "evaluation",     "stepsize",
                                 "step",     "status",   "checksum",  "diverged_step",  "f_star",
                                 "diameter", "run",      "point_key", "gradient_bound", "diverged",
                                 "trial",    "done",     "failed"};

/// Maximum number of bytes of a name. Readers of netCDF accept at most 255; the results file adds "initial_"
/// or "problem." in front of names.
constexpr std::size_t longest_name = 255 - std::string_view("initial_").size();

void require_short(const std::string& key, const std::string& name) {
  if (name.size() > longest_name)
    throw KeyError(key, fmt::format("a name of {} bytes, {}", name.size(), core::one_line(name, 40)),
                   fmt::format("names of at most {} bytes", longest_name));
}

template <class Words>
bool is_among(const std::string& word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
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
       .help =
           "the program and its arguments, passed without a shell; {name} is replaced by a value, {{ by a "
           "brace"},
      {.name = "metrics",
       .type = T::metrics,
       .fallback = std::vector<model::DeclaredMetric>{{"train_loss"}},
       .help =
           "metrics that the program reports, train_loss first. rhosweep list metrics names the measures whose "
           "direction is known; of others, best says whether less (\"min\") or more (\"max\") is better. at_most is "
           "the greatest possible value of a metric of which more is better"},
      {.name = "timeout",
       .type = T::real,
       .fallback = 600.0,
       .range = model::positive,
       .in_identity = false,
       .unit = "s",
       .help = "a program that writes nothing for this long has failed"},
      {.name = "attempts",
       .type = T::integer,
       .fallback = std::int64_t{1},
       .range = {.lower = 1.0, .upper = 1000.0},
       .in_identity = false,
       .help = "maximum number of times that a trial is started if it fails"},
      {.name = "devices_per_node",
       .type = T::integer,
       .range = {.lower = 1.0, .upper = 1e6},
       .in_identity = false,
       .help = "{device} is the rank's number on its node modulo this"},
      {.name = "devices_per_trial",
       .type = T::integer,
       .range = {.lower = 1.0, .upper = 1e6},
       .in_identity = false,
       .help =
           "number of devices, out of devices_per_node, that each trial sees in CUDA_VISIBLE_DEVICES; {device} is "
           "the first of them. Ranks beyond the devices share them"},
      {.name = "keep",
       .type = T::texts,
       .in_identity = false,
       .help =
           "files or folders that trials write in {scratch}, to be kept: in NUMBER in a folder beside the results "
           "file, with the extension .kept"},
      {.name = "keep_best",
       .type = T::text,
       .in_identity = false,
       .help =
           "a metric: at the end of a run, what keep names is left only of the trial of each schedule and axes point "
           "where the metric is best"},
      {.name = "logs",
       .type = T::boolean,
       .fallback = false,
       .absent_at_fallback = true,
       .in_identity = false,
       .help =
           "whether the output of every trial is kept: in NUMBER.txt in a folder beside the results file, with the "
           "extension .logs"},
      {.name = "mode",
       .type = T::text,
       .fallback = std::string("once"),
       .choices = {"once", "serve"},
       .absent_at_fallback = true,
       .in_identity = false,
       .help =
           "once: the program is started for each trial. serve: it is started once per rank and gets trials as "
           "lines of JSON on standard input"},
      {.name = "trials_at_once",
       .type = T::integer,
       .fallback = std::int64_t{1},
       .range = {.lower = 1.0, .upper = 1e6},
       .absent_at_fallback = true,
       .in_identity = false,
       .help = "with mode = \"serve\": most trials of one message; they have the same axes point and seed"},
      {.name = "trials_per_process",
       .type = T::integer,
       .range = model::at_least_one,
       .in_identity = false,
       .help = "with mode = \"serve\": number of trials after which a program is replaced by a fresh one"}};
  return list;
}

/// Returns the keys that the user has added to [problem].
std::vector<std::string> parameters(const ProblemSettings& settings) {
  std::vector<std::string> names;
  for (const auto& [name, value] : settings.values()) {
    const auto is_it = [&name = name](const model::KeySpec& key) { return key.name == name; };
    if (std::none_of(command_keys().begin(), command_keys().end(), is_it)) names.push_back(name);
  }
  return names;
}

Mode mode_of(const ProblemSettings& settings) {
  return settings.has("mode") && settings.text("mode") == "serve" ? Mode::serve : Mode::once;
}

void check_mode(const ProblemSettings& settings) {
  if (mode_of(settings) == Mode::serve) return;
  for (const std::string name : {"trials_at_once", "trials_per_process"})
    if (settings.has(name) && settings.integer(name) != 1)
      throw KeyError("problem." + name, fmt::format("{}", settings.integer(name)),
                     "only with problem.mode = \"serve\"");
}

/// Returns the placeholders that a command may contain.
std::vector<std::string> placeholders_of(const ProblemSettings& settings) {
  std::vector<std::string> allowed{"device"};
  if (mode_of(settings) == Mode::once) allowed.assign(of_the_trial.begin(), of_the_trial.end());
  for (const auto& names : {sgd_names(), parameters(settings)})
    allowed.insert(allowed.end(), names.begin(), names.end());
  return allowed;
}

void check_command(const ProblemSettings& settings) {
  const std::string key = "problem.command";
  const std::vector<std::string> allowed = placeholders_of(settings);
  std::set<std::string> used;
  const auto& command = settings.texts("command");
  for (std::size_t i = 0; i < command.size(); ++i) {
    std::vector<std::string> names;
    try {
      names = placeholders_in(command[i]);
    } catch (const core::InputError& error) {
      throw KeyError(key, std::string("found ") + core::one_line(error.what(), 200));
    }
    if (i == 0 && !names.empty())
      throw KeyError(key, "a placeholder in the program's name", "in its arguments");
    for (const std::string& name : names)
      if (!is_among(name, allowed))
        throw KeyError(key,
                       fmt::format("the placeholder {{{}}}{}", core::one_line(name, 80),
                                   is_among(name, of_the_trial) ? " with problem.mode = \"serve\""
                                                                : core::hint(name, allowed)),
                       fmt::format("{}", fmt::join(allowed, ", ")));
    used.insert(names.begin(), names.end());
  }
  if (command.front().empty()) throw KeyError(key, "\"\"", "a program and its arguments");
  if (used.contains("device") && !settings.has("devices_per_node"))
    throw KeyError(key, "the placeholder {device}", "only with problem.devices_per_node");
  for (const std::string& name : parameters(settings)) {
    require_short("problem." + core::one_line(name, 40), name);
    std::vector<std::string> known;
    for (const model::KeySpec& spec : command_keys()) known.push_back(spec.name);
    if (!used.contains(name))
      throw KeyError(
          "problem." + name,
          fmt::format("unknown key{}; allowed: {}, or a parameter that the command takes as {{{}}}",
                      core::hint(name, known), fmt::join(known, ", "), name));
    if (is_among(name, of_the_trial) || is_among(name, sgd_names()))
      throw KeyError(
          "problem." + name, "a parameter of that name",
          fmt::format("any but {}, {}", fmt::join(of_the_trial, ", "), fmt::join(sgd_names(), ", ")));
  }
}

void check_metrics(const ProblemSettings& settings) {
  const std::string key = "problem.metrics";
  const auto& metrics = settings.metrics("metrics");
  std::set<std::string> seen;
  for (const model::DeclaredMetric& metric : metrics) {
    const std::string& name = metric.name;
    require_short(key, name);
    if (is_among(name, of_the_file) || name.starts_with("final_") || name.starts_with("initial_"))
      throw KeyError(key, fmt::format("\"{}\"", core::one_line(name, 80)),
                     "names that the results file has no other use for");
    if (!seen.insert(name).second) throw KeyError(key, fmt::format("\"{}\" twice", name), "each name once");
  }
  if (metrics.front().name != model::metrics::train_loss.name)
    throw KeyError(key, fmt::format("\"{}\" as the first", metrics.front().name),
                   "train_loss, the loss that decides whether a trial has diverged");
  if (metrics.front().at_most)
    throw KeyError(key, "train_loss with best = \"max\"", "best = \"min\": it is the loss to minimise");
}

void check_kept(const ProblemSettings& settings) {
  const std::string key = "problem.keep";
  if (settings.has("keep")) {
    std::set<std::string> seen;
    for (const std::string& name : settings.texts("keep")) {
      if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
        throw KeyError(key, fmt::format("\"{}\"", core::one_line(name, 80)),
                       "names of files or folders that a trial writes directly in {scratch}");
      if (!seen.insert(name).second)
        throw KeyError(key, fmt::format("\"{}\" twice", core::one_line(name, 80)), "each name once");
    }
  }
  if (!settings.has("keep_best")) return;
  if (!settings.has("keep")) throw KeyError("problem.keep_best", "no problem.keep", "only with problem.keep");
  std::vector<std::string> names;
  for (const model::DeclaredMetric& metric : settings.metrics("metrics")) names.push_back(metric.name);
  if (!is_among(settings.text("keep_best"), names))
    throw KeyError("problem.keep_best", fmt::format("\"{}\"", core::one_line(settings.text("keep_best"), 80)),
                   core::either(names));
}

void check_devices(const ProblemSettings& settings) {
  if (!settings.has("devices_per_trial")) return;
  const std::string key = "problem.devices_per_trial";
  const std::int64_t devices = settings.integer("devices_per_trial");
  if (!settings.has("devices_per_node"))
    throw KeyError(key, fmt::format("{}", devices), "only with problem.devices_per_node");
  if (devices > settings.integer("devices_per_node"))
    throw KeyError(key, fmt::format("{}", devices),
                   fmt::format("at most problem.devices_per_node, {}", settings.integer("devices_per_node")));
}

Program program_of(const ProblemSettings& settings) {
  Program program{.command = settings.texts("command"),
                  .metrics = {},
                  .parameters = {},
                  .timeout = settings.real("timeout"),
                  .attempts = settings.integer("attempts"),
                  .devices_per_node = settings.has("devices_per_node")
                                          ? std::optional(settings.integer("devices_per_node"))
                                          : std::nullopt,
                  .devices_per_trial = settings.has("devices_per_trial")
                                           ? std::optional(settings.integer("devices_per_trial"))
                                           : std::nullopt,
                  .mode = mode_of(settings),
                  .trials_at_once = settings.has("trials_at_once") ? settings.integer("trials_at_once") : 1,
                  .trials_per_process = settings.has("trials_per_process")
                                            ? std::optional(settings.integer("trials_per_process"))
                                            : std::nullopt,
                  .logs = std::nullopt,
                  .keep = settings.has("keep") ? settings.texts("keep") : std::vector<std::string>(),
                  .kept = std::nullopt,
                  .folder = settings.folder()};
  for (const model::DeclaredMetric& metric : settings.metrics("metrics"))
    program.metrics.push_back(model::to_metric(metric));
  for (const std::string& name : parameters(settings))
    program.parameters.emplace(name, settings.values().at(name));
  return program;
}

/// Returns the path of folder_beside(). Throws core::InputError if a link or a file exists there.
/// @param key the key of the sweep file that requests the folder
std::filesystem::path require_folder(const std::filesystem::path& results, std::string_view extension,
                                     const std::string& key) {
  auto folder = folder_beside(results, extension);
  const auto there = std::filesystem::symlink_status(folder);
  if (std::filesystem::exists(there) && !std::filesystem::is_directory(there))
    core::refuse(key, folder.string() + ", which is a link or no folder",
                 "a folder, or nothing of this name");
  return folder;
}

}  // namespace

model::KindDocumentation command_kind() {
  std::vector<std::string> names(of_the_trial.begin(), of_the_trial.end());
  return {
      .schema = {.kind = std::string(command_name),
                 .summary = "any training program: a trial is one run of it",
                 .keys = command_keys(),
                 .samplings = {"with_replacement", "shuffle"},
                 .check =
                     [](const ProblemSettings& settings) {
                       check_mode(settings);
                       check_command(settings);
                       check_metrics(settings);
                       check_kept(settings);
                       check_devices(settings);
                     },
                 .open = true},
      .objective = fmt::format(
          "what the program trains. It takes every key of [sgd], every further key of [problem] (a number, "
          "a text or a truth value) and {} as {{name}} in its arguments and as RHOSWEEP_NAME in its "
          "environment, and reports lines such as {{\"step\": 100, \"train_loss\": 0.5}}",
          fmt::join(names, ", ")),
      .metrics = "those that the key metrics lists; the program must report all of them at the last step",
      .constants = "none: grid.stepsize is a number, or one for each schedule"};
}

std::filesystem::path folder_beside(const std::filesystem::path& results, std::string_view extension) {
  std::filesystem::path folder = std::filesystem::absolute(results);
  if (folder.extension() == ".h5" || folder.extension() == ".nc") return folder.replace_extension(extension);
  return folder += extension;
}

std::shared_ptr<LivingProgram> make_living_program() {
  return std::make_shared<LivingProgram>();
}

std::shared_ptr<const model::TrialRunner> make_runner(const ProblemSettings& settings, const NodePlace& place,
                                                      std::shared_ptr<LivingProgram> living,
                                                      const std::filesystem::path& results) {
  Program program = program_of(settings);
  if (settings.flag("logs") && !results.empty())
    program.logs = require_folder(results, ".logs", "problem.logs");
  if (settings.has("keep") && !results.empty())
    program.kept = require_folder(results, kept_extension, "problem.keep");
  return std::make_shared<ProgramRunner>(std::move(program), place, std::move(living));
}

}  // namespace rhosweep::program
