#include "living_program.hpp"

#include "kept_files.hpp"

#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

namespace rhosweep::program {

namespace {

/// Logs the failures of one attempt, once for neighbouring trials with the same reason.
void warn_of(const Program& program, const Run& run, std::span<const Exchange::Outcome> outcomes,
             std::int64_t attempt) {
  std::vector<const Exchange::Outcome*> failed;
  for (const Exchange::Outcome& outcome : outcomes)
    if (!outcome.result) failed.push_back(&outcome);
  for (auto first = failed.begin(); first != failed.end();) {
    const auto next = std::find_if(first, failed.end(), [first](const Exchange::Outcome* outcome) {
      return outcome->failure != (*first)->failure;
    });
    warn(program, run, run.trials[(*first)->trial], next - first, attempt, (*first)->failure);
    first = next;
  }
}

}  // namespace

LivingProgram::~LivingProgram() {
  close([] { return true; });
}

bool LivingProgram::close(const model::Yield& yield) {
  const bool goes_on = !process_ || process_->close(yield);
  process_.reset();
  return goes_on;
}

bool LivingProgram::use(const Program& program, const Run& run, const model::Yield& yield) {
  const bool is_known = common_ && told_sgd_ == run.sgd && told_parameters_ == program.parameters &&
                        told_command_ == program.command;
  if (is_known) return true;
  common_ = common_of(program, run);
  told_sgd_ = run.sgd;
  told_parameters_ = program.parameters;
  told_command_ = program.command;
  std::vector<std::string> words = arguments(program, common_->values);
  if (words != arguments_ && !close(yield)) return false;
  arguments_ = std::move(words);
  return true;
}

bool LivingProgram::provide(const Program& program, const Run& run, std::int64_t count,
                            const model::Yield& yield) {
  if (!use(program, run, yield)) return false;
  // The first message to a process may have more trials than trials_per_process.
  const bool is_worn =
      given_ > 0 && program.trials_per_process && given_ + count > *program.trials_per_process;
  if (process_ && (is_worn || process_->has_ended()) && !close(yield)) return false;
  if (process_) return true;
  given_ = 0;
  earlier_.clear();
  process_.emplace(program);
  files_.emplace(process_->folder());
  Placeholders values;
  if (const auto device = common_->values.find("device"); device != common_->values.end())
    values.insert(*device);
  values["scratch"] = process_->folder().string();
  values["mode"] = "serve";
  process_->start(arguments_, values, process::Input::pipe, run);
  return true;
}

std::optional<LivingProgram::Outcomes> LivingProgram::converse(const Program& program, Exchange& exchange,
                                                               const Run& run, const model::Yield& yield) {
  using Heard = RunningProgram::Heard;
  has_left_ = false;
  bool is_dead = false;
  try {
    process_->write(exchange.line());
    const Heard heard = process_->listen(
        {.take_line = [&](std::string_view line,
                          Report::Start start) { exchange.read(report_in(line, start), earlier_); },
         .is_satisfied = [&] { return exchange.is_over(); },
         .multipliers = files_->files(),
         .observer = run.observer},
        yield);
    if (heard == Heard::drain) {
      process_.reset();
      return std::nullopt;
    }
    is_dead = heard == Heard::all;
    if (is_dead) {
      has_left_ = process_->outcome().succeeded();
      exchange.abandon(process_->with_error(process_->outcome().text()));
    }
  } catch (const core::Error& error) {
    is_dead = true;
    exchange.abandon(process_->with_error(error.what()));
  }
  Outcomes outcomes = exchange.outcomes();
  keep(program, run, outcomes);
  if (is_dead) process_.reset();  // also removes the files
  return outcomes;
}

void LivingProgram::keep(const Program& program, const Run& run, Outcomes& outcomes) const {
  for (std::size_t lane = 0; lane < outcomes.size(); ++lane) {
    Exchange::Outcome& outcome = outcomes[lane];
    if (!outcome.result || outcome.result->status[0] != model::CellStatus::done) continue;
    try {
      keep_files(program, run, run.trials[outcome.trial], files_->scratch(lane));
    } catch (const core::Error& error) {
      outcome.result.reset();
      outcome.failure = error.what();
    }
  }
}

std::optional<LivingProgram::Outcomes> LivingProgram::run_once(const Program& program, const Run& run,
                                                               const std::vector<std::int64_t>& lanes,
                                                               std::int64_t attempt,
                                                               const model::Yield& yield) {
  const std::int64_t count = std::ssize(lanes);
  while (true) {
    if (!provide(program, run, count, yield)) return std::nullopt;
    const bool is_fresh = given_ == 0;
    if (program.logs) process_->log_to(log_of(program, run, run.trials[lanes.front()], count, attempt));
    std::vector<const model::Schedule*> schedules;
    schedules.reserve(lanes.size());
    for (const std::int64_t lane : lanes) schedules.push_back(run.trials[lane].schedule);
    try {
      files_->prepare(schedules, run.sgd.steps, program.trials_at_once > 1);
    } catch (const core::FileError&) {
      // The folder is removed when the process ends. A new process has a new one.
      if (!is_fresh) {
        if (!close(yield)) return std::nullopt;
        continue;
      }
      if (std::filesystem::exists(process_->folder())) throw;
      files_.emplace(process_->folder());  // without files: converse() finds out why the process has ended
    }
    while (write_due(files_->files()))
      if (!yield()) return std::nullopt;
    Exchange exchange(program, run, *common_, lanes, attempt, *files_);
    given_ += count;
    auto outcomes = converse(program, exchange, run, yield);
    if (!outcomes) return std::nullopt;
    // A process may exit successfully after some messages. If it has reported nothing about this message, and
    // this is not its first one, the trials have not failed: they are sent to a new process.
    if (has_left_ && !is_fresh && !exchange.has_begun()) continue;
    earlier_ = exchange.numbers();
    if (process_) files_->clear();
    if (exchange.is_spoilt() && !close(yield)) return std::nullopt;
    return outcomes;
  }
}

std::optional<model::BlockResult> LivingProgram::run(const Program& program, const Run& run,
                                                     const model::Yield& yield) {
  std::vector<model::BlockResult> results(run.trials.size());
  std::vector<std::int64_t> left(run.trials.size());
  std::iota(left.begin(), left.end(), std::int64_t{0});
  for (std::int64_t attempt = 1; !left.empty(); ++attempt) {
    if (attempt > 1 && !close(yield)) return std::nullopt;
    std::vector<std::int64_t> failed;
    for (std::size_t begin = 0; begin < left.size(); begin += program.trials_at_once) {
      const auto end = std::min(left.size(), begin + program.trials_at_once);
      const auto outcomes =
          run_once(program, run, {left.begin() + begin, left.begin() + end}, attempt, yield);
      if (!outcomes) {
        process_.reset();
        return std::nullopt;
      }
      warn_of(program, run, *outcomes, attempt);
      for (const Exchange::Outcome& outcome : *outcomes) {
        if (!outcome.result && attempt < program.attempts) failed.push_back(outcome.trial);
        results[outcome.trial] =
            outcome.result ? *outcome.result : failed_result(program, run, outcome.failure);
        results[outcome.trial].attempts = static_cast<std::int32_t>(attempt);
      }
    }
    left = std::move(failed);
  }
  return model::joined(results);
}

}  // namespace rhosweep::program
