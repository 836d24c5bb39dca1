#pragma once

#include "commands.hpp"
#include "conclusion.hpp"

#include "rhosweep/model/cell_set.hpp"
#include "rhosweep/study/run_blocks.hpp"
#include "rhosweep/study/run_use.hpp"
#include "rhosweep/study/study.hpp"

#include <string>
#include <vector>

namespace rhosweep::app {

/// Whether a run was long enough for a report on how it used its ranks to say something: ten seconds, or one
/// second with --progress log.
bool reports_use(const RunOptions& options, const Times& times);

/// Returns the report on how a run used its ranks, at most four lines of at most 80 columns with the name of
/// the program: their use, how many would have been busy, and what to ask Slurm for the next time, which is
/// for the cells that are left if the run ended early. For a search, only their use.
/// @param to_run the cells that the run had to do
std::vector<std::string> run_report(const study::Study& study, const model::CellSet& to_run,
                                    const study::BlocksOutcome& outcome, const study::RunUse& use,
                                    const Times& times);

}  // namespace rhosweep::app
