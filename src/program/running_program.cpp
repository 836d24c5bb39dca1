#include "running_program.hpp"

#include "environment.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/text.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <sys/stat.h>

namespace rhosweep::program {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int poll_milliseconds = 5;

}  // namespace

std::string describe_command(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  // Quotes as JSON, so that an argument with spaces or line breaks is recognisable as one argument.
  std::vector<std::string> quoted;
  quoted.reserve(arguments.size());
  for (const std::string& argument : arguments) quoted.push_back(in_quotes(argument));
  return fmt::format("[{}] in {}", fmt::join(quoted, ", "), core::one_line(folder.string()));
}

std::filesystem::path working_folder(const Program& program) {
  return std::filesystem::absolute(program.folder.empty() ? "." : program.folder);
}

bool write_due(std::span<MultipliersFile> files) {
  const auto due = std::ranges::find_if(files, &MultipliersFile::is_due);
  if (due == files.end()) return false;
  due->write();
  return true;
}

RunningProgram::RunningProgram(const Program& program)
    : timeout_(program.timeout),
      keeps_files_(program.kept.has_value()),
      names_files_(!program.keep.empty()),
      working_folder_(working_folder(program)) {}

void RunningProgram::start(const std::vector<std::string>& arguments, const Placeholders& values,
                           process::Input input, const Run& run) {
  if (run.observer != nullptr) run.observer->started(describe_command(arguments, working_folder_));
  Placeholders all = values;
  std::filesystem::path report = folder() / "report";
  // Without support for named pipes, the program reports on standard output.
  if (::mkfifo(report.c_str(), 0600) == 0)
    all["report"] = report.string();
  else
    report.clear();
  child_.emplace(
      process::LaunchSpec{.arguments = arguments,
                          .environment = environment_with(all, run.place.sharing, run.devices),
                          .folder = working_folder_,
                          .scratch = folder(),
                          .leaves_scratch = keeps_files_ || (names_files_ && run.observer != nullptr),
                          .input = input,
                          .report = report});
}

RunningProgram::Heard RunningProgram::listen(const Listener& listener, const model::Yield& yield) {
  auto last_word = Clock::now();
  for (bool is_waiting = false;
       child_->read(is_waiting ? 0 : poll_milliseconds, output_.text(), error_, report_.text());) {
    // Polls without waiting while numbers are written, because the program waits for them.
    is_waiting = write_due(listener.multipliers);
    if (take_output(listener) || is_waiting) last_word = Clock::now();
    if (listener.is_satisfied()) return Heard::enough;
    if (!yield()) return Heard::drain;
    if (std::chrono::duration<double>(Clock::now() - last_word).count() > timeout_)
      throw core::Error(fmt::format("no output for {}", core::to_duration_text(timeout_)));
  }
  take_output(listener);
  lines_of_reports().take_rest(listener.take_line);
  if (listener.is_satisfied()) return Heard::enough;
  return is_drain(yield) ? Heard::drain : Heard::all;
}

bool RunningProgram::take_output(const Listener& listener) {
  // Number of bytes of standard error kept for messages. The last lines usually name the error.
  constexpr std::size_t kept_of_error = 500;
  const bool is_any = !output_.fresh().empty() || !report_.fresh().empty() || error_.size() > told_;
  if (listener.observer != nullptr) {
    listener.observer->output(output_.fresh());
    listener.observer->report(report_.fresh());
    listener.observer->error(std::string_view(error_).substr(told_));
  }
  if (log_.is_open() && is_any)
    log_ << output_.fresh() << report_.fresh() << std::string_view(error_).substr(told_) << std::flush;
  if (report_.has_begun())
    output_.discard();
  else
    output_.take(listener.take_line);
  report_.take(listener.take_line);
  if (error_.size() > kept_of_error) error_.erase(0, error_.size() - kept_of_error);
  told_ = error_.size();
  return is_any;
}

/// Returns whether the program was killed by a signal that stops the whole job. Some batch systems send the
/// signal to every process, so this function waits a moment for it to reach this rank.
bool RunningProgram::is_drain(const model::Yield& yield) const {
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

bool RunningProgram::has_ended() {
  return !child_->read(0, output_.text(), error_, report_.text());
}

std::string RunningProgram::with_error(const std::string& reason) const {
  const std::string words = core::one_line(core::trim(error_));
  return words.empty() ? reason : fmt::format("{}; standard error ends: {}", reason, words);
}

void RunningProgram::end() {
  child_->end();
}

bool RunningProgram::close(const model::Yield& yield) {
  constexpr std::chrono::seconds longest{2};
  child_->close_input();
  std::string ignored;
  bool goes_on = true;
  for (const auto begin = Clock::now(); goes_on && Clock::now() - begin < longest; ignored.clear()) {
    if (!child_->read(poll_milliseconds, ignored, ignored, ignored)) return true;
    goes_on = yield();
  }
  child_->end();
  return goes_on;
}

}  // namespace rhosweep::program
