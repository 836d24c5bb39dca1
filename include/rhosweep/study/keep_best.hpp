#pragma once

#include "rhosweep/study/study.hpp"

#include <filesystem>

namespace rhosweep::study {

/// Removes the kept files (problem.keep) of all trials but the best of each schedule at each axes point,
/// where problem.keep_best names a metric. Of equal ones the first is the best.
/// Logs a warning if the best trial's files are not there. Throws core::FileError if the results file is
/// damaged.
void keep_best(const Study& study, const std::filesystem::path& results);

}  // namespace rhosweep::study
