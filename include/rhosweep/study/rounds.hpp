#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/messages.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/study/begin_file.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <string>

namespace rhosweep::study {

/// Returns the cells that a search needs next: those without a result that the searches of all axes points
/// and schedules have asked for (analysis::follow_search). Empty if the search has ended. The result depends
/// on the finished cells only.
/// @param file results file of a sweep with [search]
/// @param unfinished cells without a result; a failed cell that is not among them counts as diverged
model::CellSet next_cells(const store::ResultsReader& file, const model::CellSet& unfinished);

/// Returns the cells of a search's first round, which does not depend on results. @pre the sweep has [search]
model::CellSet first_cells(const Study& study);

/// The rounds of a run, each over a set of cells: one round over all cells that are left, or the rounds of a
/// search. The same on all ranks.
class Rounds {
 public:
  /// Makes or continues the results file, as begin_file() does. All parameters must outlive this object.
  /// **Collective.**
  Rounds(const Study& study, const FileOptions& options, const mpi::World& world);

  /// Returns the cells of the next round; empty if there is none. At the end of a search, marks the cells
  /// that it did not need. **Collective.**
  model::CellSet next();

  /// Ends a round.
  /// @param ran the cells of the round
  /// @param tally outcomes of its trials, on rank 0
  void end(const model::CellSet& ran, const sched::Tally& tally);

  /// Returns the label for the progress of a search's round, "round 2: "; empty without a search.
  std::string label() const;

 private:
  bool is_search() const { return study_.sweep().search().has_value(); }
  model::CellSet next_of_search();

  const Study& study_;
  const FileOptions& options_;
  const mpi::World& world_;
  model::CellSet left_;  ///< cells without a result
  bool is_stopped_ = false;
  std::int64_t count_ = 0;
};

}  // namespace rhosweep::study
