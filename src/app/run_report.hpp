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

/// Whether a run was long enough for a meaningful report on the use of its ranks: ten seconds, or one second
/// with --progress log.
bool reports_use(const RunOptions& options, const Times& times);

/// Returns the report on the use of a run's ranks: how busy they were, up to how many ranks would have been
/// busy, and what to request from Slurm next time. If the run ended early, the request is for the cells that
/// are left. For a search, the report says only how busy the ranks were. It has at most four lines of at most
/// 80 columns, including the program's name.
/// @param to_run the cells that the run had to compute
std::vector<std::string> run_report(const study::Study& study, const model::CellSet& to_run,
                                    const study::BlocksOutcome& outcome, const study::RunUse& use,
                                    const Times& times);

}  // namespace rhosweep::app
