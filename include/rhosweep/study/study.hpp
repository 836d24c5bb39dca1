#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/pulse.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/problem/materials.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/sweep_options.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::study {

/// A sweep with everything that its trials need: data, problems with their minimisers, stepsizes. The same on
/// every rank.
class Study {
 public:
  /// Reads the sweep file and its data and solves for the minimisers. On one process.
  static Study prepare(const SweepOptions& options);

  /// The study that a results file is of: its sweep, with the data where it was when the file was made.
  static Study prepare(const store::ResultsReader& file);

  /// The same on all ranks: rank 0 alone reads, makes and solves; the others take its results, and the ranks
  /// of a node share one copy of the data. An error of rank 0 ends all ranks alike. Collective.
  static Study prepare(const SweepOptions& options, const mpi::World& world, mpi::NodeData& node_data);

  /// Throws core::InputError, with the file's name, if trials cannot be started on this machine.
  void require_runnable(const std::filesystem::path& file) const;

  const model::Sweep& sweep() const& { return sweep_; }
  model::Sweep sweep() && { return std::move(sweep_); }
  const model::Grid& grid() const& { return sweep_.grid(); }
  model::Grid grid() && { return std::move(sweep_).grid(); }
  /// What runs the trials of an axes point.
  const model::TrialRunner& runner(core::PointIndex point) const {
    return *runners_[problem_of_point_[point.value]];
  }
  /// Bytes of all data sets.
  std::int64_t data_bytes() const;

  /// Schedule and stepsize of a trial of the (schedule, ρ) plane.
  model::Trial trial(core::PointIndex point, std::int64_t trial) const;
  /// Those of every trial of a block.
  std::vector<model::Trial> trials(const model::Block& block) const;
  /// Runs some trials of one seed.
  /// @param point axes point
  /// @param seed index into Grid::seeds
  /// @param trials of the (schedule, ρ) plane
  /// @param pulse as for model::TrialRunner::run()
  /// @return nothing if the pulse gave them up
  std::optional<model::BlockResult> run(core::PointIndex point, std::int64_t seed,
                                        const std::vector<std::int64_t>& trials,
                                        const model::Pulse& pulse) const;

  /// Predicted cost of one trial at every axes point (model::TrialCost).
  std::vector<double> trial_costs() const;

  /// What the results file holds before the first trial.
  store::FileDescription describe_file() const;

 private:
  explicit Study(model::Sweep sweep);
  /// @param file for messages
  static Study prepare(model::Sweep sweep, const std::filesystem::path& file);
  void make_materials(const std::filesystem::path& file);
  void make_runners(const std::filesystem::path& file, std::int64_t node_rank);
  void tune_stepsizes();
  /// (metrics, points, seeds): each metric at the initial point.
  std::vector<double> describe_initial_points() const;
  /// store::FileDescription::f_star, diameter and gradient_bound.
  void describe_constants(store::FileDescription& file) const;
  /// store::FileDescription::point_keys. @param data_hashes of all data sets, by name
  std::vector<std::uint64_t> point_keys(const std::map<std::string, std::string>& data_hashes) const;
  void require_normal(double reference) const;
  double stepsize(core::PointIndex point, std::int64_t schedule, std::int64_t rho) const;

  model::Sweep sweep_;
  std::vector<std::int64_t> problem_of_point_;  ///< index of its section [problem] among the distinct ones
  std::vector<core::PointIndex> first_points_;  ///< of each: the first that has it
  std::vector<problem::Needs> needs_;           ///< of each
  problem::Materials materials_;                ///< what they need, made
  std::vector<std::shared_ptr<const model::TrialRunner>> runners_;  ///< of each
  std::vector<double> reference_stepsizes_;                         ///< η_ref: (points, schedules)
};

}  // namespace rhosweep::study
