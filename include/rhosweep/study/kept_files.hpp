#pragma once

#include "rhosweep/study/study.hpp"

#include <filesystem>

namespace rhosweep::study {

/// Removes the kept files (problem.keep) of trials that have diverged, failed or been stopped. Such a trial
/// has kept files if it was done before: in a file that was overwritten, or until [stop_when] stopped it. So
/// there is nothing to remove beside a results file that is new. Throws core::FileError if the results file
/// is damaged.
void keep_done(const Study& study, const std::filesystem::path& results);

/// If problem.keep_best names a metric, removes the kept files (problem.keep) of all trials except the best
/// one of each schedule at each axes point. If several trials are equally good, the first counts as the best.
/// Logs a warning if the files of a best trial are missing. Throws core::FileError if the results file is
/// damaged.
void keep_best(const Study& study, const std::filesystem::path& results);

}  // namespace rhosweep::study
