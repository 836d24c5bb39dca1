#pragma once

#include "rhosweep/model/schedule.hpp"

#include <cstdint>

namespace rhosweep::theory {

/// The sums of a schedule over T steps that the last-iterate bound stands on, from step 0 on:
///   S_0 = Σ_t h_t,   Q_0 = Σ_t h_t²/S_t,   S_t = Σ_{s≥t} h_s.
/// The discrete form of Zamani & Glineur (arXiv 2307.11134) and Defazio et al. (arXiv 2310.07831):
///   E f(x_T) − f* ≤ D²/(2 η S_0) + (η G²/2) Q_0
/// for the domain's diameter D and E‖g‖² ≤ G².
struct ScheduleSums {
  double s0 = 0.0;
  double q0 = 0.0;
};

/// O(T) time and O(1) memory; compensated summation, so that T = 10⁷ loses no digits. @pre steps ≥ 1
ScheduleSums schedule_sums(const model::Schedule& schedule, std::int64_t steps);

/// The stepsize that minimises the bound: D/(G √(S_0 Q_0)). @pre diameter > 0, gradient_bound > 0
double tuned_stepsize(const ScheduleSums& sums, double diameter, double gradient_bound);

/// The bound at that stepsize: D G √(Q_0/S_0).
double tuned_bound(const ScheduleSums& sums, double diameter, double gradient_bound);

}  // namespace rhosweep::theory
