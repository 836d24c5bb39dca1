#include "run_trial.hpp"

#include "environment.hpp"
#include "multipliers_file.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/process/scratch.hpp"
#include "rhosweep/program/report.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace rhosweep::program {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int poll_milliseconds = 5;
constexpr std::size_t longest_line = std::size_t{1} << 20;
/// Number of bytes of standard error that are kept for messages. The last lines usually name the error.
constexpr std::size_t kept_of_error = 500;

std::vector<std::int64_t> curve_steps(const Run& run) {
  return model::evaluation_steps(run.sgd.steps, run.sgd.evaluations);
}

Placeholders placeholders(const Program& program, const Run& run, const std::filesystem::path& scratch,
                          std::int64_t attempt) {
  Placeholders values = program.parameters;
  for (const auto& [key, value] : model::to_values(run.sgd)) values[key] = to_word(value);
  values["stepsize"] = core::to_text(run.trial.stepsize);
  values["rho"] = core::to_text(run.trial.rho);
  values["schedule"] = run.trial.schedule->spec();
  values["seed"] = fmt::format("{}", run.seed);
  values["evaluation_steps"] = fmt::format("{}", fmt::join(curve_steps(run), ","));
  values["scratch"] = scratch.string();
  values["multipliers"] = (scratch / "multipliers.txt").string();
  values["attempt"] = fmt::format("{}", attempt);
  if (const auto devices = program.devices_per_node)
    values["device"] = fmt::format("{}", run.place.rank % *devices);
  return values;
}

std::vector<std::string> arguments(const Program& program, const Placeholders& values) {
  std::vector<std::string> list;
  for (const std::string& word : program.command) list.push_back(expand(word, values));
  return list;
}

/// Shortens a message so that it fits into the results file. Keeps the reason and the end of standard error.
std::string shortened(const std::string& message) {
  constexpr std::size_t longest = 150;
  constexpr std::size_t beginning = 60;
  if (message.size() <= longest) return message;
  std::size_t tail = message.size() - (longest - beginning);
  // A character of UTF-8 is kept or left out as a whole: its later bytes are 10xxxxxx.
  while (tail < message.size() && (static_cast<unsigned char>(message[tail]) & 0xC0) == 0x80) ++tail;
  return core::one_line(message, beginning) + " " + message.substr(tail);
}

/// One attempt at a trial: one run of the program.
class Attempt {
 public:
  Attempt(const Program& program, const Run& run, std::int64_t number)
      : timeout_(program.timeout),
        observer_(run.observer),
        report_(program.metrics, curve_steps(run)),
        values_(placeholders(program, run, scratch_.folder(), number)),
        sharing_ranks_(run.place.sharing),
        multipliers_(values_.at("multipliers"), *run.trial.schedule, run.sgd.steps) {}

  /// Runs the program to its end. Throws core::Error with the reason if it fails.
  std::optional<model::BlockResult> run(const Program& program, const model::Yield& yield) {
    while (multipliers_.is_due()) {
      multipliers_.write();
      if (!yield()) return std::nullopt;
    }
    start(program);
    auto last_word = Clock::now();
    for (bool is_waiting = false; child_->read(is_waiting ? 0 : poll_milliseconds, output_, error_);) {
      // The program waits for the multipliers, not they for the program.
      is_waiting = multipliers_.is_due();
      if (is_waiting) multipliers_.write();
      if (take_lines() || is_waiting) last_word = Clock::now();
      if (report_.has_diverged()) return report_.result();
      if (!yield()) return std::nullopt;
      if (std::chrono::duration<double>(Clock::now() - last_word).count() > timeout_)
        fail(fmt::format("no output for {}", core::to_duration_text(timeout_)));
    }
    take_lines();
    read_line(output_);
    if (report_.has_diverged()) return report_.result();
    if (is_drain(yield)) return std::nullopt;
    if (!child_->outcome().succeeded()) fail(child_->outcome().text());
    try {
      return report_.result();
    } catch (const core::Error& error) {
      fail(error.what());
    }
  }

 private:
  /// Returns whether the program was killed by a signal that stops the whole job. Some batch systems send it
  /// to every process, so this waits a moment for the signal to reach this rank.
  bool is_drain(const model::Yield& yield) const {
    constexpr std::chrono::seconds longest{3};
    const process::Outcome outcome = child_->outcome();
    const bool is_asked = outcome.how == process::Outcome::How::killed &&
                          (outcome.value == SIGUSR1 || outcome.value == SIGTERM || outcome.value == SIGINT);
    for (const auto begin = Clock::now(); is_asked && Clock::now() - begin < longest;) {
      if (!yield()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(poll_milliseconds));
    }
    return false;
  }

  void start(const Program& program) {
    const std::vector<std::string> list = arguments(program, values_);
    if (observer_ != nullptr) observer_->started(describe_command(list, working_folder(program)));
    child_.emplace(process::LaunchSpec{.arguments = list,
                                       .environment = environment_with(values_, sharing_ranks_),
                                       .folder = working_folder(program),
                                       .scratch = scratch_.folder()});
  }

  /// Reads the complete lines of output and discards them, and all but the end of standard error. @return
  /// whether there was new output
  bool take_lines() {
    const bool is_any = output_.size() > unread_ || error_.size() > told_;
    if (observer_ != nullptr) {
      observer_->output(std::string_view(output_).substr(unread_));
      observer_->error(std::string_view(error_).substr(told_));
    }
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = output_.find_first_of("\r\n", begin)) != std::string::npos;
         begin = end + 1) {
      read_line(std::string_view(output_).substr(begin, end - begin));
      line_start_ = output_[end] == '\r' ? Report::Start::redrawn : Report::Start::fresh;
    }
    output_.erase(0, begin);
    if (output_.size() > longest_line) fail("a line of more than 1 MiB");
    if (error_.size() > kept_of_error) error_.erase(0, error_.size() - kept_of_error);
    unread_ = output_.size();
    told_ = error_.size();
    return is_any;
  }

  void read_line(std::string_view line) {
    try {
      report_.read(line, line_start_);
    } catch (const core::Error& error) {
      fail(error.what());
    }
  }

  [[noreturn]] void fail(const std::string& reason) {
    child_->end();
    const std::string words = core::one_line(core::trim(error_));
    throw core::Error(words.empty() ? reason : fmt::format("{}; standard error ends: {}", reason, words));
  }

  double timeout_;
  const model::TrialObserver* observer_;
  process::Scratch scratch_;
  Report report_;
  Placeholders values_;
  std::int64_t sharing_ranks_;
  MultipliersFile multipliers_;
  std::optional<process::Child> child_;
  std::string output_;
  std::string error_;
  Report::Start line_start_ = Report::Start::fresh;  ///< of the first line in output_
  std::size_t unread_ = 0;                           ///< size of output_ at the last check
  std::size_t told_ = 0;                             ///< size of error_ at the last check
};

}  // namespace

std::string describe_command(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  return fmt::format("[\"{}\"] in {}", fmt::join(arguments, "\", \""), folder.string());
}

std::filesystem::path working_folder(const Program& program) {
  return std::filesystem::absolute(program.folder.empty() ? "." : program.folder);
}

void require_runnable(const Program& program, const Run& run) {
  const auto fail = [](const std::string& what, const char* allowed) {
    core::refuse("problem.command", what, allowed);
  };
  const std::string& name = program.command.front();
  if (!process::find_program(name, working_folder(program)))
    fail(fmt::format("\"{}\", which is not a program on this machine", name),
         "a program on PATH, or one with a slash, relative to the sweep file");
  try {
    arguments(program, placeholders(program, run, "", 1));
  } catch (const core::InputError& error) {
    fail(error.what(), "placeholders of keys that have a value");
  }
}

std::optional<model::BlockResult> run_trial(const Program& program, const Run& run,
                                            const model::Yield& yield) {
  const std::int64_t attempts = program.attempts;
  for (std::int64_t attempt = 1;; ++attempt) {
    std::optional<model::BlockResult> result;
    try {
      result = Attempt(program, run, attempt).run(program, yield);
    } catch (const core::Error& error) {
      core::log::warning("attempt {} of {} at schedule {}, rho {}, seed {} failed: {}", attempt, attempts,
                         run.trial.schedule->spec(), run.trial.rho, run.seed, core::one_line(error.what()));
      if (attempt < attempts) continue;
      result.emplace(1, std::ssize(program.metrics), run.sgd.evaluations);
      result->status[0] = model::CellStatus::failed;
      result->failure = shortened(error.what());
    }
    if (result) result->attempts = static_cast<std::int32_t>(attempt);
    return result;
  }
}

}  // namespace rhosweep::program
