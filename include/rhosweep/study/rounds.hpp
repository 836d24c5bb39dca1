#pragma once

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/mpi/world.hpp"
#include "rhosweep/sched/messages.hpp"
#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/begin_file.hpp"
#include "rhosweep/study/study.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::study {

/// Returns the cells that the searches of a sweep must run next; no cells if all searches have ended. Each
/// schedule at each axes point has its own search (analysis::follow_search), which asks for cells. The answer
/// depends on the finished cells only.
/// @param file results file of a sweep with [search]
/// @param unfinished cells without a result; a failed cell outside this set counts as diverged
model::CellSet next_cells(const store::ResultsReader& file, const model::CellSet& unfinished);

/// Returns the cells that are marked as not needed although a search asks for them. Empty while cells are
/// pending, because then the search has not ended. As in the search, a failed cell counts as diverged.
/// @param unfinished cells without a result, failed ones or not
std::vector<store::Misfit> needed_cells_left_out(const store::ResultsReader& file,
                                                 const model::CellSet& unfinished);

/// Returns the cells of a search's first round, which does not depend on results. @pre the sweep has [search]
model::CellSet first_cells(const Study& study);

/// Returns the first trials of [stop_when], which run whole and before all others.
model::CellSet first_trials(const model::Grid& grid, const model::StopRule& rule);

/// The rounds in which a run processes its cells. A sweep without [search] and [stop_when] has a single round
/// with all cells that are left. With [stop_when], the first trials have a round before all others. All ranks
/// have the same rounds.
class Rounds {
 public:
  /// Makes or continues the results file with begin_file(). All arguments must outlive this object.
  /// **Collective.**
  Rounds(const Study& study, const FileOptions& options, const mpi::World& world);

  /// Returns the cells of the next round, or an empty set if there is none. At the end of a search, marks the
  /// cells that are still pending as not needed. **Collective.**
  model::CellSet next();

  /// Ends a round.
  /// @param ran the cells of the round
  /// @param tally outcomes of the round's trials, on rank 0
  void end(const model::CellSet& ran, const sched::Tally& tally);

  /// Returns the limits at which the trials of the current round are stopped early; nullptr if they are not.
  const model::StopTable* stops() const { return stops_ ? &*stops_ : nullptr; }

  /// Returns the start of progress lines, such as "round 2: ", or an empty text if there is only one round.
  std::string label() const;

 private:
  bool is_search() const { return study_.sweep().search().has_value(); }
  bool stops_trials() const { return study_.sweep().stop_when().has_value(); }
  model::CellSet next_of_search();
  model::CellSet next_with_stops();
  std::vector<double> judge_stops();

  const Study& study_;
  const FileOptions& options_;
  const mpi::World& world_;
  model::CellSet left_;                    ///< cells without a result
  std::optional<model::StopTable> stops_;  ///< once the first trials have run
  bool is_stopped_ = false;
  std::int64_t count_ = 0;
};

}  // namespace rhosweep::study
