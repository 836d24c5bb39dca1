#pragma once

#include "rhosweep/model/block.hpp"
#include "rhosweep/model/sweep.hpp"
#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/model/yield.hpp"
#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/problem/materials.hpp"
#include "rhosweep/program/node_place.hpp"
#include "rhosweep/store/description.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/sweep_options.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::study {

/// A sweep with all that its trials need: data, problems, minimisers and stepsizes. It is the same on every
/// rank.
class Study {
 public:
  /// Reads the sweep file and its data and computes the minimisers in this process.
  static Study prepare(const SweepOptions& options);

  /// Makes the study of a results file. Relative paths refer to the same folder as when the file was made.
  static Study prepare(const store::ResultsReader& file);

  /// Makes the same study on all ranks. Only rank 0 reads the files and computes the minimisers. It sends the
  /// data and the minimisers to the other ranks, and the ranks of a node share one copy of the data. An error
  /// is thrown on all ranks. **Collective.**
  static Study prepare(const SweepOptions& options, const mpi::World& world, mpi::NodeData& node_data);

  /// Throws core::InputError or core::MemoryError, with the file's name, if trials cannot be started on this
  /// machine or the smallest block does not fit into its memory.
  void require_runnable(const std::filesystem::path& file) const;

  const model::Sweep& sweep() const& { return sweep_; }
  model::Sweep sweep() && { return std::move(sweep_); }
  const model::Grid& grid() const& { return sweep_.grid(); }
  model::Grid grid() && { return std::move(sweep_).grid(); }
  /// Returns the runner of an axes point's trials. @pre the sweep does not leave the point out
  const model::TrialRunner& runner(core::PointIndex point) const {
    return *runners_[problem_of_point_[point.value]];
  }
  /// Size of all data sets in bytes.
  std::int64_t data_bytes() const;

  /// Returns the schedule and the stepsize of a trial.
  /// @param point axes point
  /// @param seed index into Grid::seeds
  /// @param trial index into the (schedule, ρ) plane
  model::Trial trial(core::PointIndex point, std::int64_t seed, std::int64_t trial) const;
  /// Returns the schedules and the stepsizes of all trials of a block.
  std::vector<model::Trial> trials(const model::Block& block) const;
  /// Runs the given trials of one seed.
  /// @param point axes point
  /// @param seed index into Grid::seeds
  /// @param trials indices into the (schedule, ρ) plane
  /// @param stops when trials are stopped early; nullptr: never. @pre it knows the rows of the trials
  /// @param yield as for model::TrialRunner::run()
  /// @return nullopt if `yield` returned false
  std::optional<model::BlockResult> run(core::PointIndex point, std::int64_t seed,
                                        const std::vector<std::int64_t>& trials,
                                        const model::StopTable* stops, const model::Yield& yield) const;

  /// Returns the rule of [stop_when]. @pre the sweep has the section
  model::StopRule stop_rule() const;

  /// Predicted cost of one trial at each axes point (model::TrialCost::work); 0 at points that the sweep
  /// leaves out.
  std::vector<double> trial_costs() const;

  /// Returns the description from which the results file is created.
  store::FileDescription describe_file() const;

 private:
  explicit Study(model::Sweep sweep);
  /// @param file named in error messages
  static Study prepare(model::Sweep sweep, const std::filesystem::path& file);
  void make_materials(const std::filesystem::path& file);
  void make_runners(const std::filesystem::path& file, const program::NodePlace& place,
                    const std::filesystem::path& results);
  void require_metric(const std::string& where, const std::string& key, const std::string& metric) const;
  void require_stoppable() const;
  void tune_stepsizes();
  /// Returns each metric at the initial point, shape (metrics, axes points, seeds).
  std::vector<double> initial_metrics() const;
  /// Sets f_star, diameter and gradient_bound of the description.
  void describe_constants(store::FileDescription& file) const;
  /// Returns store::FileDescription::point_keys. @param data_hashes the hashes of all data sets, by name
  std::vector<std::uint64_t> point_keys(const std::map<std::string, std::string>& data_hashes) const;
  void require_normal(double reference, model::Precision precision) const;
  void require_room(const std::filesystem::path& file) const;
  double stepsize(core::PointIndex point, std::int64_t schedule, std::int64_t rho) const;

  model::Sweep sweep_;
  /// For each axes point, the index of its problem among the distinct problems; −1 if the point is left out.
  std::vector<std::int64_t> problem_of_point_;
  std::vector<core::PointIndex> first_points_;  ///< the first axes point of each distinct problem
  std::vector<problem::Needs> needs_;           ///< the materials of each distinct problem
  problem::Materials materials_;                ///< the materials that needs_ lists
  std::vector<std::shared_ptr<const model::TrialRunner>> runners_;  ///< the runner of each distinct problem
  std::vector<double> reference_stepsizes_;  ///< η_ref, shape (axes points, schedules)
};

}  // namespace rhosweep::study
