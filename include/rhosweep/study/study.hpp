#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/problem/command_problem.hpp"
#include "rhosweep/problem/registry.hpp"
#include "rhosweep/program/run_trial.hpp"
#include "rhosweep/sgd/run_block.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/sweep_options.hpp"

#include <cstdint>
#include <map>
#include <memory>
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

  const model::Sweep& sweep() const& { return sweep_; }
  model::Sweep sweep() && { return std::move(sweep_); }
  const model::Grid& grid() const& { return sweep_.grid(); }
  model::Grid grid() && { return std::move(sweep_).grid(); }
  const problem::Problem& problem(core::PointIndex point) const {
    return *problems_[problem_of_point_[point.value]];
  }
  /// The problem as a program to be run, nullptr if it is another kind.
  const problem::CommandProblem* command(core::PointIndex point) const {
    return dynamic_cast<const problem::CommandProblem*>(&problem(point));
  }
  /// Bytes of all data sets.
  std::int64_t data_bytes() const;

  /// Schedule and stepsize of a trial of the (schedule, ρ) plane.
  sgd::Trial trial(core::PointIndex point, std::int64_t trial) const;
  /// Those of every trial of a block.
  std::vector<sgd::Trial> trials(const model::Block& block) const;
  /// The same trial as a run of a program.
  /// @param point axes point
  /// @param seed index into Grid::seeds
  /// @param trial of the (schedule, ρ) plane
  program::Trial command_trial(core::PointIndex point, std::int64_t seed, std::int64_t trial) const;

  /// Predicted cost of one trial at every axes point, in floating-point operations.
  std::vector<double> trial_costs() const;

  /// What the results file holds before the first trial.
  store::FileDescription describe_file() const;

 private:
  explicit Study(model::Sweep sweep);
  /// @param file for messages
  static Study prepare(model::Sweep sweep, const std::filesystem::path& file);
  void make_problems();
  void tune_stepsizes();
  /// (metrics, points, seeds): each metric at the initial point.
  std::vector<double> describe_initial_points() const;
  /// store::FileDescription::diameter and gradient_bound.
  void describe_constants(store::FileDescription& file) const;
  /// store::FileDescription::point_keys. @param data_hashes of all data sets, by name
  std::vector<std::uint64_t> point_keys(const std::map<std::string, std::string>& data_hashes) const;
  void require_normal(double reference) const;
  void require_runnable(const std::filesystem::path& file) const;
  double stepsize(core::PointIndex point, std::int64_t schedule, std::int64_t rho) const;

  model::Sweep sweep_;
  problem::Materials materials_;
  std::vector<std::shared_ptr<const problem::Problem>> problems_;  ///< the distinct ones
  std::vector<std::int64_t> problem_of_point_;
  std::vector<std::vector<std::string>> data_of_problem_;  ///< names of the data sets that it stands on
  std::vector<double> reference_stepsizes_;                ///< η_ref: (points, schedules)
};

}  // namespace rhosweep::study
