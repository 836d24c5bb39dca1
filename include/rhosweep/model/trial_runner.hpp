#pragma once

#include "rhosweep/core/hash.hpp"
#include "rhosweep/model/block.hpp"
#include "rhosweep/model/metric.hpp"
#include "rhosweep/model/pulse.hpp"
#include "rhosweep/model/schedule.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rhosweep::model {

/// One trial of a block.
struct Trial {
  const Schedule* schedule;  ///< h; must outlive the call
  double stepsize;           ///< η ≥ 0; 0 stays at the initial point
  double rho = 1.0;          ///< the stepsize over η_ref
};

/// How wide blocks of trials should be: a multiple of `step`, at most `most`.
struct BlockWidths {
  std::int64_t step = 1;
  std::int64_t most = 1;
};

/// What one trial takes, as far as it can be predicted.
struct TrialCost {
  /// Floating-point operations if they can be counted, else steps: comparable between the points of a sweep.
  double work = 0.0;
  bool counts_operations = false;
  /// Memory of a trial in this process: its iterate and what the optimizer keeps; none if it runs elsewhere.
  std::optional<std::int64_t> bytes = {};
};

/// What is known of the objective. Fields are unset where nothing is known.
struct ObjectiveConstants {
  std::optional<double> f_star = {};          ///< the minimum over the domain
  std::optional<double> diameter = {};        ///< D of the theory
  std::optional<double> gradient_bound = {};  ///< G of the theory
  /// Whether the objective is convex and iterates are projected, as the theory's bound needs it.
  bool is_bounded_by_theory = false;
  /// What tuning by theory would need and no key can give, for messages; empty if keys may give it.
  std::string missing = {};
};

/// Runs the trials of blocks at the axes points that share a section [problem], whatever they are: SGD in
/// lockstep or runs of a program. Results are a pure function of the arguments, except those of a program
/// that does not repeat itself. Shared between blocks.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  /// What an evaluation measures, train_loss first.
  virtual const std::vector<Metric>& metrics() const = 0;
  virtual BlockWidths widths(const SgdSettings& sgd) const = 0;
  virtual TrialCost cost(const SgdSettings& sgd) const = 0;
  virtual ObjectiveConstants constants() const { return {}; }
  /// Whether the same trial always gives the same bits.
  virtual bool repeats_itself() const = 0;
  /// The program that a trial starts, for people: its argument vector and its folder. Nothing if trials run
  /// in this process.
  virtual std::optional<std::string> program() const { return {}; }
  /// (metrics, seeds): every metric at the initial point; NaN where it is not known.
  virtual std::vector<double> initial_metrics(const SgdSettings& sgd,
                                              std::span<const std::int64_t> seeds) const = 0;
  /// Adds what determines the metrics beside settings, data and optimizer.
  virtual void add_identity(core::Hash&) const {}
  /// Throws core::InputError if a trial cannot be started on this machine.
  virtual void require_runnable(const SgdSettings&, const Trial&) const {}

  /// Runs trials of one seed, on one sample stream.
  /// @param sgd the optimiser at their axes point
  /// @param seed fixes the sample stream
  /// @param trials that share it
  /// @param pulse called at least some hundred times a second; after it said no it is not called again
  /// @return nothing if the pulse gave the block up
  virtual std::optional<BlockResult> run(const SgdSettings& sgd, std::int64_t seed,
                                         std::span<const Trial> trials, const Pulse& pulse) const = 0;
};

}  // namespace rhosweep::model
