#pragma once

#include "rhosweep/model/schedule.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

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

/// What the bound knows of a problem.
struct Constants {
  double diameter = 1.0;        ///< D > 0: of the domain, or a bound on the distance to the minimiser
  double gradient_bound = 1.0;  ///< G > 0: E‖g‖² ≤ G²
  double largest_stepsize = std::numeric_limits<double>::infinity();  ///< the bound holds for η h_t up to it
};

/// The constants that make the same bound hold for a β-smooth convex objective whose stochastic gradients
/// have a variance of at most σ²: G² becomes 2σ², and η ≤ 1/(2β). @pre smoothness > 0, noise > 0
///
/// Derivation. Let x⁺ = Π(x − η g), g = ∇f(x) + n, z any point of the domain. The projection gives
///   ‖x⁺ − z‖² ≤ ‖x − z‖² − ‖x⁺ − x‖² − 2η g·(x⁺ − z),
/// smoothness and convexity give ∇f(x)·(x⁺ − z) ≥ f(x⁺) − f(z) − (β/2)‖x⁺ − x‖², and Young's inequality
/// −2η n·(x⁺ − x) ≤ (1 − βη)‖x⁺ − x‖² + η²‖n‖²/(1 − βη). So for βη ≤ 1/2, in expectation,
///   2η (f(x⁺) − f(z)) ≤ ‖x − z‖² − ‖x⁺ − z‖² + 2η²σ².                                              (1)
/// Write η_t = η h_t, q_t = f(x_{t+1}) − f*, A_t = Σ_{s≥t} η_s and V_t = Σ_{s≥t} η_s q_s / A_t. The mean over
/// the rest of the run changes with its start by V_{t+1} − V_t = η_t (V_t − q_t)/A_{t+1}, and (1) with
/// z = x_{t+1}, summed over the steps after t, gives A_t (V_t − q_t) ≤ σ² Σ_{s>t} η_s². Since
/// η_t/(A_t A_{t+1}) = 1/A_{t+1} − 1/A_t, the sum over t telescopes; with (1) at z = x*,
///   f(x_T) − f* = V_{T−1} ≤ D²/(2A_0) + σ² Σ_t η_t²/A_t = D²/(2 η S_0) + η σ² Q_0.
/// Restarted at step k it is the same with S_k and Q_k. (The same argument without smoothness bounds the last
/// point at which a gradient is taken.)
Constants smooth_constants(double diameter, double noise, double smoothness);

/// The stepsize that minimises D²/(2 η S_0) + (η G²/2) Q_0 where the bound holds: D/(G √(S_0 Q_0)), at most
/// the largest one.
double tuned_stepsize(const ScheduleSums& sums, const Constants& constants);

/// D²/(2 η S_0) + (η G²/2) Q_0 at that stepsize: D G √(Q_0/S_0) if the largest one does not cap it.
double tuned_bound(const ScheduleSums& sums, const Constants& constants);

/// The bound at η = ρ D/(G √(S_0 Q_0)), over its value D G √(Q_0/S_0) at ρ = 1 with k = 0: what theory says
/// that a misspecified stepsize costs. The bounded domain allows to restart the argument at any step k, so
///   ratio = min_k ½ [ S_0/(ρ S_k) + ρ Q_k/Q_0 ],   Q_k = Σ_{t≥k} h_t²/S_t
/// (Attia & Koren, arXiv 2503.09411: all robustness to overestimates comes from the minimum over k).
struct BoundRatio {
  double ratio = 0.0;
  std::int64_t restart = 0;  ///< the minimising k, the last one if there are several
  double slope = 0.0;        ///< d log ratio / d log ρ at that k
};

/// For every ρ. O(T) time for each ρ and O(1) memory; as accurate as schedule_sums. The ratios are
/// +∞ if h is 0 at every step. @pre steps ≥ 1, ρ > 0
std::vector<BoundRatio> bound_ratios(const model::Schedule& schedule, std::int64_t steps,
                                     std::span<const double> rhos);

}  // namespace rhosweep::theory
