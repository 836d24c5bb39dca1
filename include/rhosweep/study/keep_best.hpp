#pragma once

#include "rhosweep/study/study.hpp"

#include <filesystem>

namespace rhosweep::study {

/// Removes the kept files (problem.keep) of all trials but the best of each schedule at each axes point,
/// where problem.keep_best names a metric. The first of several equal trials counts as the best. Logs a
/// warning if the best trial's files are missing. Throws core::FileError if the results file is damaged.
void keep_best(const Study& study, const std::filesystem::path& results);

}  // namespace rhosweep::study
