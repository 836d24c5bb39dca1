#pragma once

#include "measured_curve.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// Returns what a reader must know before trusting a schedule's numbers, one warning a line.
/// @param left_out number of ρ in the exponent's window where seeds have diverged
/// @param worst_over the axis that the worst is taken over; nullptr if there is none
std::vector<std::string> warnings_about(const ScheduleAnalysis& schedule, const MeasuredCurve& measured,
                                        const Selection& selection, const Options& options,
                                        std::int64_t left_out, const model::Axis* worst_over);

/// Returns a warning that names the schedules whose interval of the best value reaches farther from it,
/// relative to its error, than the least tolerance; empty if there is no such schedule.
/// @param error_name Group::error_name
std::string noise_warning(const std::vector<ScheduleAnalysis>& schedules, const Selection& selection,
                          const Options& options, const std::string& error_name);

/// Returns a warning that names the schedules without a single best stepsize, because members of the family
/// differ in η at the same ρ. Empty if there is no such schedule.
/// @param axis the axis that the worst is taken over
std::string stepsize_warning(const std::vector<ScheduleAnalysis>& schedules, const model::Axis& axis);

/// Returns a warning that names the seeds whose failed trials leave out ρ for all seeds, and says what to do;
/// empty if no trial has failed.
std::string failure_warning(const Coverage& coverage);

/// Returns a warning if a metric exceeds its upper bound (Cost::at_most), so that its distance from the bound
/// is negative; otherwise "".
std::string bound_warning(const Selection& selection, const Errors& errors);

}  // namespace rhosweep::analysis
