#pragma once

#include "rhosweep/core/hash.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sgd_settings.hpp"
#include "rhosweep/model/stop_when.hpp"
#include "rhosweep/model/yield.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::model {

/// One trial of a block.
struct Trial {
  const Schedule* schedule;  ///< h; must outlive the call
  double stepsize;           ///< η ≥ 0; if η is 0, the trial stays at the initial point
  double rho = 1.0;          ///< η / η_ref
  std::int64_t number = 0;   ///< index of the trial's cell in the grid
  /// The trial's values of the axes, for messages; empty if there are no axes. Must outlive the call.
  std::string_view where = {};
  StopLimits stop = {};  ///< when the trial is stopped early
};

/// The preferred widths of blocks, in trials: multiples of `step`, at most `most`.
struct BlockWidths {
  std::int64_t step = 1;  ///< ≥ 1
  std::int64_t most = 1;  ///< ≥ step
  /// Shards begin at multiples of this number of trials, ≥ 1. It must not depend on settings that may differ
  /// between the shards of a sweep.
  std::int64_t of_shards = step;
};

/// The predicted work and memory of one trial.
struct TrialCost {
  /// Number of floating-point operations, or of steps if the operations cannot be counted. All axes points of
  /// a sweep count the same thing, so their numbers can be compared.
  double work = 0.0;
  bool counts_operations = false;  ///< whether `work` counts operations, not steps
  /// Bytes in this process for the iterate and the optimizer's state; nullopt if another process runs the
  /// trial.
  std::optional<std::int64_t> bytes = {};
  /// Bytes in this process for the mini-batches, which the trials of a block share.
  std::int64_t batch_bytes = 0;
};

/// Known constants of the objective. A field is unset if its value is unknown.
struct ObjectiveConstants {
  std::optional<double> f_star = {};          ///< the minimum over the domain
  std::optional<double> diameter = {};        ///< D of the theory
  std::optional<double> gradient_bound = {};  ///< G of the theory
  /// Whether the theory's bound applies: the objective is convex and iterates are projected.
  bool is_bounded_by_theory = false;
  /// For messages: what tuning by theory needs and no key can provide; empty if keys can provide everything.
  std::string missing = {};
};

/// Receives the output of a program while it runs one trial.
struct TrialObserver {
  std::function<void(const std::string& command)> started;  ///< gets the program's arguments and its folder
  std::function<void(std::string_view text)> output;        ///< standard output in pieces, not whole lines
  std::function<void(std::string_view text)> error;         ///< standard error
  std::function<void(std::string_view text)> report;        ///< text written to the report file
};

/// Runs the trials of blocks, either as SGD in lockstep or as runs of a program. All axes points with the
/// same section [problem] share one runner. Results are a pure function of the arguments, unless the program
/// itself is not deterministic.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  /// The metrics of each evaluation, train_loss first.
  virtual const std::vector<Metric>& metrics() const = 0;
  /// Returns the widths of blocks that suit this machine. Results do not depend on the width.
  virtual BlockWidths widths(const SgdSettings& sgd) const = 0;
  /// Predicts the work and the memory of one trial.
  virtual TrialCost cost(const SgdSettings& sgd) const = 0;
  /// Returns the known constants of the objective. By default, no constant is known.
  virtual ObjectiveConstants constants() const { return {}; }
  /// Returns whether the same trial always gives the same bits.
  virtual bool repeats_itself() const = 0;
  /// Returns the setting that keeps this runner from stopping trials early (Trial::stop); empty if it can.
  virtual std::string unstoppable_by() const { return {}; }
  /// Describes the program that a trial starts, for people: its arguments and its folder. Nullopt if trials
  /// run in this process.
  virtual std::optional<std::string> program() const { return {}; }
  /// Returns every metric at the initial point, shape (metrics, seeds); NaN if unknown.
  virtual std::vector<double> initial_metrics(const SgdSettings& sgd,
                                              std::span<const std::int64_t> seeds) const = 0;
  /// Adds to the hash what determines the metrics besides settings, data and optimizer.
  virtual void add_identity(core::Hash&) const {}
  /// Throws core::InputError if a trial cannot be started on this machine.
  virtual void require_runnable(const SgdSettings&, const Trial&) const {}

  /// Runs trials of one seed, which share one sample stream.
  /// @param sgd the section [sgd] at the trials' axes point
  /// @param seed fixes the sample stream
  /// @param trials the trials to run
  /// @param yield called at least a few hundred times per second, but not after it has returned false
  /// @return nullopt if `yield` returned false
  virtual std::optional<BlockResult> run(const SgdSettings& sgd, std::int64_t seed,
                                         std::span<const Trial> trials, const Yield& yield) const = 0;

  /// Runs each trial once and passes the output of its program to the observer, which is not called if trials
  /// run in this process. The other arguments and the result are those of run().
  virtual std::optional<BlockResult> run_observed(const SgdSettings& sgd, std::int64_t seed,
                                                  std::span<const Trial> trials,
                                                  const TrialObserver& observer, const Yield& yield) const {
    (void)observer;
    return run(sgd, seed, trials, yield);
  }
};

}  // namespace rhosweep::model
