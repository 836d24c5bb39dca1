#pragma once

#include "rhosweep/model/schedule.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rhosweep::theory {

/// Which point the bound is about, and so which sum divides h_t² in Q_k. S_t = Σ_{s≥t} h_s.
enum class Form {
  /// The last iterate w_T, with S_t: a theorem for smooth functions (smooth_constants has its derivation).
  /// For
  /// non-smooth ones it holds up to a term that vanishes as T grows.
  last_iterate,
  /// The last point at which a gradient is taken, w_{T−1}, with S_{t+1}, and S_t at the last step: a theorem
  /// for non-smooth functions (Zamani & Glineur, arXiv 2307.11134).
  last_gradient,
};

/// The sums of a schedule over its steps k … T−1 that the bound stands on:
///   S_k = Σ_{t≥k} h_t,   Q_k = Σ_{t≥k} h_t²/S_t   (Form::last_gradient: h_t²/S_{t+1}).
struct ScheduleSums {
  double s = 0.0;
  double q = 0.0;
  std::int64_t restart = 0;  ///< k
};

/// What the bound knows of a problem.
struct Constants {
  double diameter = 1.0;        ///< D > 0: of the domain, or a bound on the distance to the minimiser
  double gradient_bound = 1.0;  ///< G > 0: E‖g‖² ≤ G²
  /// From step k on, η h_t has to be at most this for the bound that starts at k. Infinite without
  /// smoothness.
  double largest_stepsize = std::numeric_limits<double>::infinity();

  /// No excess loss is larger than this: G·D, as a convex function's slope is at most E‖g‖. Infinite with
  /// smoothness, where gradient_bound is about the noise only.
  double trivial_bound() const;
};

/// The constants that make the same bound hold for a β-smooth convex objective whose stochastic gradients
/// have a variance of at most σ²: G² becomes 2σ², and η h_t ≤ 1/(2β) for t ≥ k. Form::last_iterate only.
/// @pre smoothness > 0, noise > 0
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
/// Started at step k instead it is the same with S_k and Q_k, as ‖x_k − x*‖ ≤ D, and needs (1) at the steps
/// t ≥ k only. So an annealed schedule keeps a bound where its first steps are unstable.
///
/// Without smoothness 2η (f(x) − f(z)) ≤ ‖x − z‖² − ‖x⁺ − z‖² + η² G² takes the place of (1). It is about the
/// point x where the gradient is taken. The same steps with q_t = f(x_t) − f* and z = x_t, whose sum
/// includes step t itself, give the bound of Form::last_gradient.
Constants smooth_constants(double diameter, double noise, double smoothness);

/// The sums from step k on. O(T) time and O(1) memory; compensated summation, so that T = 10⁷ loses no
/// digits. @pre steps ≥ 1, 0 ≤ k < steps
ScheduleSums schedule_sums(const model::Schedule& schedule, std::int64_t steps,
                           Form form = Form::last_iterate, std::int64_t k = 0);

/// The sums at the k with the least Q_k/S_k, the last one if there are several: those that η_tuned without
/// smoothness stands on. k = 0 for most schedules; inverse_sqrt has a k > 0 as its first steps are large. All
/// zero if h is 0 at every step. Costs as schedule_sums do. @pre steps ≥ 1
ScheduleSums tuned_sums(const model::Schedule& schedule, std::int64_t steps, Form form = Form::last_iterate);

/// η_tuned = D/(G √(S_k Q_k)) for the sums of tuned_sums, without smoothness: it minimises
///   bound(η) = min( G·D, min_k [ D²/(2 η S_k) + (η G²/2) Q_k ] ).
/// The bounded domain allows to start the argument at any step k.
/// The discrete form of Zamani & Glineur (arXiv 2307.11134) and Defazio et al. (arXiv 2310.07831).
double tuned_stepsize(const ScheduleSums& tuned, const Constants& constants);

/// A stepsize and the bound that it has.
struct Bound {
  double stepsize = 0.0;                                   ///< η
  double value = std::numeric_limits<double>::infinity();  ///< bound(η); +∞ if no k satisfies the constants
  /// The minimising k, the last one if there are several; −1 if there is none. Where bound(η) is G·D it is
  /// the k of the bound without that cap.
  std::int64_t restart = -1;
  double slope = 0.0;  ///< d log bound / d log η at that k; 0 where bound(η) is G·D
};

/// η_tuned and bound(η_tuned), with smoothness, too. The stepsize is 0 if h is 0 at every step.
/// O(T) time and O(1) memory. @pre steps ≥ 1
Bound tuned_bound(const model::Schedule& schedule, std::int64_t steps, const Constants& constants,
                  Form form = Form::last_iterate);

/// bound(η) of every stepsize. O(T) time for each and O(1) memory. @pre steps ≥ 1, stepsizes > 0
std::vector<Bound> bounds(const model::Schedule& schedule, std::int64_t steps, const Constants& constants,
                          std::span<const double> stepsizes, Form form = Form::last_iterate);

/// bound(ρ η_tuned)/bound(η_tuned): what theory says that a misspecified stepsize costs. Without smoothness
/// it is the same for all D and G, with S and Q at the k of tuned_sums:
///   ratio = min( √(S/Q), min_k ½ [ S/(ρ S_k) + ρ Q_k/Q ] )
/// (Attia & Koren, arXiv 2503.09411: all robustness to overestimates comes from the minimum over k). Where
/// that k is 0, as it is for schedules without a fast early decay, the ratio is (ρ + 1/ρ)/2 for ρ ≤ 1 until
/// the cap.
struct BoundRatio {
  double ratio = 0.0;
  std::int64_t restart = 0;  ///< as of Bound
  double slope = 0.0;        ///< d log ratio / d log ρ, as of Bound
};

/// For every ρ, without smoothness. O(T) time for each ρ and O(1) memory; as accurate as schedule_sums. For
/// many ρ there is BoundCurve. The ratios are +∞ if h is 0 at every step. @pre steps ≥ 1, ρ > 0
std::vector<BoundRatio> bound_ratios(const model::Schedule& schedule, std::int64_t steps,
                                     std::span<const double> rhos, Form form = Form::last_iterate);

}  // namespace rhosweep::theory
