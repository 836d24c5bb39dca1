#pragma once

#include "exchange.hpp"
#include "program.hpp"
#include "run.hpp"
#include "running_program.hpp"

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/yield.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::program {

/// The process of a program that serves (Mode::serve). A rank has at most one. It is started for the first
/// trials, and replaced after Program::trials_per_process trials, after a failure, when a trial is tried
/// again, and when trials need other arguments.
class LivingProgram {
 public:
  LivingProgram() = default;
  /// Closes the process's input, and kills the process if it does not exit.
  ~LivingProgram();
  LivingProgram(const LivingProgram&) = delete;
  LivingProgram& operator=(const LivingProgram&) = delete;

  /// Runs trials, program.trials_at_once at a time, each up to program.attempts times while it fails.
  ///
  /// The process gets a message with the trials (message()) on standard input. It reports each trial in lines
  /// as for run_trial(), with an additional member "trial", the trial's number. It ends the trial with
  /// {"trial": 17, "done": true} or {"trial": 17, "failed": "why"}. A line for several trials has a list of
  /// numbers for "trial", or omits "trial" to mean all trials of the message; for each metric it has a list
  /// with one value per trial. The message's trials fail if the process ends, is silent for program.timeout
  /// seconds, or names a trial that is not in the message; a single trial fails if a value is missing or not
  /// allowed. Trials that have already ended keep their results.
  /// @param yield called some hundred times per second
  /// @return the results of all trials; nullopt if `yield` returned false, and then the process has ended
  std::optional<model::BlockResult> run(const Program& program, const Run& run, const model::Yield& yield);

 private:
  using Outcomes = std::vector<Exchange::Outcome>;

  /// Sends some of the trials to the process, as one message.
  /// @param lanes indices in run.trials
  /// @return nullopt if `yield` returned false
  std::optional<Outcomes> run_once(const Program& program, const Run& run,
                                   const std::vector<std::int64_t>& lanes, std::int64_t attempt,
                                   const model::Yield& yield);
  /// Keeps the files of trials that are done. A trial fails if its files cannot be kept.
  void keep(const Program& program, const Run& run, Outcomes& outcomes) const;
  /// Sends the message and listens until it is answered. An error that affects the whole message abandons it
  /// and ends the process.
  /// @return the outcomes of all trials, after their files were kept; nullopt if `yield` returned false
  std::optional<Outcomes> converse(const Program& program, Exchange& exchange, const Run& run,
                                   const model::Yield& yield);
  /// Sets common_ and arguments_ for a run, and ends the process if the run needs other arguments.
  /// @return false if `yield` returned false
  bool use(const Program& program, const Run& run, const model::Yield& yield);
  /// Starts a process, unless the running one may get `count` more trials of this run.
  /// @return false if `yield` returned false
  bool provide(const Program& program, const Run& run, std::int64_t count, const model::Yield& yield);
  /// Ends the process, if there is one, by closing its input.
  /// @return false if `yield` returned false
  bool close(const model::Yield& yield);

  std::optional<RunningProgram> process_;
  std::optional<TrialFiles> files_;  ///< files of the process
  std::vector<std::string> arguments_;
  bool has_left_ = false;              ///< whether the process exited successfully during the last message
  std::int64_t given_ = 0;             ///< number of trials sent to the process
  std::vector<std::int64_t> earlier_;  ///< numbers of the trials of the process's last message
  std::optional<Common> common_;  ///< common values of the last run; they hold for runs with the told_… below
  model::SgdSettings told_sgd_;
  std::map<std::string, model::Value> told_parameters_;
  std::vector<std::string> told_command_;
};

}  // namespace rhosweep::program
