#pragma once

#include "measured_curve.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rhosweep::analysis {

/// What a reader must know before trusting a schedule's numbers, one line each.
/// @param left_out ρ of the exponent's window where seeds have diverged
/// @param worst_over the axis that the worst is taken over; nullptr if there is none
std::vector<std::string> warnings_about(const ScheduleAnalysis& schedule, const MeasuredCurve& measured,
                                        const Selection& selection, const Options& options,
                                        std::int64_t left_out, const model::Axis* worst_over);

/// Names the schedules whose best is known less well than the least tolerance asks; empty if there is none.
/// @param error_name Group::error_name
std::string noise_warning(const std::vector<ScheduleAnalysis>& schedules, const Selection& selection,
                          const Options& options, const std::string& error_name);

/// Names the schedules without one best stepsize: members of the family have other stepsizes at the same ρ.
/// Empty if there is none.
/// @param axis that the worst is taken over
std::string stepsize_warning(const std::vector<ScheduleAnalysis>& schedules, const model::Axis& axis);

/// Names the seeds whose failed trials leave out ρ for all seeds, and says what to do; empty if none has
/// failed.
std::string failure_warning(const Coverage& coverage);

/// Says that a metric is above its bound, so that its distance from the bound is no cost; empty if it is not.
std::string bound_warning(const Selection& selection, const Errors& errors);

}  // namespace rhosweep::analysis
