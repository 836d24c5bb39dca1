#pragma once

#include "rhosweep/model/schedule.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rhosweep::theory {

/// Which iterate the bound is for, and therefore which sum divides h_t² in Q_k. S_t = Σ_{s≥t} h_s.
enum class Form {
  /// The last iterate w_T; h_t² is divided by S_t. The bound is a theorem for smooth functions
  /// (smooth_constants() has the derivation). For non-smooth functions, it holds up to a term that vanishes
  /// as T grows.
  last_iterate,
  /// The last iterate at which a gradient is evaluated, w_{T−1}; h_t² is divided by S_{t+1}, at the last step
  /// by S_t. The bound is a theorem for non-smooth functions (Zamani & Glineur, arXiv 2307.11134).
  last_gradient,
};

/// The sums of a schedule over its steps k … T−1 from which the bound is computed:
///   S_k = Σ_{t≥k} h_t,   Q_k = Σ_{t≥k} h_t²/S_t   (Form::last_gradient: h_t²/S_{t+1}).
struct ScheduleSums {
  double s = 0.0;
  double q = 0.0;
  std::int64_t restart = 0;  ///< the step k
};

/// The constants of a problem that the bound needs.
struct Constants {
  double diameter = 1.0;  ///< D > 0: diameter of the domain, or a bound on the distance to the minimiser
  double gradient_bound = 1.0;  ///< G > 0: E‖g‖² ≤ G²
  /// The bound that starts at step k holds only if η h_t is at most this number at every step t ≥ k. Infinite
  /// without smoothness.
  double largest_stepsize = std::numeric_limits<double>::infinity();

  /// Returns G·D, an upper bound on any excess loss, because the slope of a convex function is at most E‖g‖.
  /// Infinite with smoothness, where gradient_bound is a bound on the noise only.
  double trivial_bound() const;
};

/// Returns the constants that make the same bound hold for a β-smooth convex objective whose stochastic
/// gradients have a variance of at most σ² (`noise` is σ): G² becomes 2σ², and the bound that starts at step
/// k requires η h_t ≤ 1/(2β) for t ≥ k. For Form::last_iterate only. @pre smoothness > 0, noise > 0
///
/// Derivation. Let x⁺ = Π(x − η g) with g = ∇f(x) + n, and let z be any point of the domain. The projection
/// gives
///   ‖x⁺ − z‖² ≤ ‖x − z‖² − ‖x⁺ − x‖² − 2η g·(x⁺ − z).
/// Smoothness and convexity give ∇f(x)·(x⁺ − z) ≥ f(x⁺) − f(z) − (β/2)‖x⁺ − x‖², and Young's inequality gives
/// −2η n·(x⁺ − x) ≤ (1 − βη)‖x⁺ − x‖² + η²‖n‖²/(1 − βη). So for βη ≤ 1/2, in expectation,
///   2η (f(x⁺) − f(z)) ≤ ‖x − z‖² − ‖x⁺ − z‖² + 2η²σ².                                              (1)
/// Write η_t = η h_t, q_t = f(x_{t+1}) − f* and A_t = Σ_{s≥t} η_s. Let V_t = Σ_{s≥t} η_s q_s / A_t, the mean
/// of q_s over the rest of the run, weighted by η_s. From t to t+1, it changes by
/// V_{t+1} − V_t = η_t (V_t − q_t)/A_{t+1}. (1) at z = x_{t+1}, summed over the steps after t, gives
/// A_t (V_t − q_t) ≤ σ² Σ_{s>t} η_s². Because η_t/(A_t A_{t+1}) = 1/A_{t+1} − 1/A_t, the sum over t
/// telescopes. With (1) at z = x* this gives
///   f(x_T) − f* = V_{T−1} ≤ D²/(2A_0) + σ² Σ_t η_t²/A_t = D²/(2 η S_0) + η σ² Q_0.
/// An argument that starts at step k gives the same bound with S_k and Q_k, because ‖x_k − x*‖ ≤ D. It needs
/// (1) only at steps t ≥ k, so an annealed schedule keeps a bound even if its first steps are unstable.
///
/// Without smoothness, 2η (f(x) − f(z)) ≤ ‖x − z‖² − ‖x⁺ − z‖² + η² G² replaces (1); here f is evaluated at
/// x, where the gradient is taken. The same derivation with q_t = f(x_t) − f* and z = x_t, where the sum over
/// the steps includes step t itself, gives the bound of Form::last_gradient.
Constants smooth_constants(double diameter, double noise, double smoothness);

/// Returns the sums from step k on. O(T) time, O(1) memory. Summation is compensated, so no digits are lost
/// even for T = 10⁷. @pre steps ≥ 1, 0 ≤ k < steps
ScheduleSums schedule_sums(const model::Schedule& schedule, std::int64_t steps,
                           Form form = Form::last_iterate, std::int64_t k = 0);

/// Returns the sums at the k with the least Q_k/S_k, the largest such k if there are several. η_tuned without
/// smoothness uses these sums. k = 0 for most schedules; inverse_sqrt has k > 0 because its first steps are
/// large. The sums are 0 if h is 0 at every step. O(T) time, O(1) memory. @pre steps ≥ 1
ScheduleSums tuned_sums(const model::Schedule& schedule, std::int64_t steps, Form form = Form::last_iterate);

/// Returns η_tuned = D/(G √(S_k Q_k)) for the sums from tuned_sums, without smoothness. η_tuned minimises
///   bound(η) = min( G·D, min_k [ D²/(2 η S_k) + (η G²/2) Q_k ] ).
/// The proof may start at any step k because the domain is bounded. This is the discrete form of the bounds
/// of Zamani & Glineur (arXiv 2307.11134) and Defazio et al. (arXiv 2310.07831).
double tuned_stepsize(const ScheduleSums& tuned, const Constants& constants);

/// A stepsize and the value of the bound at this stepsize.
struct Bound {
  double stepsize = 0.0;                                   ///< η
  double value = std::numeric_limits<double>::infinity();  ///< bound(η); +∞ if the bound holds for no k
  /// The k that minimises the bound, the largest such k if there are several; −1 if the bound holds for no k.
  /// Where bound(η) is G·D, it is the k that minimises the bound without the cap G·D.
  std::int64_t restart = -1;
  double slope = 0.0;  ///< d log bound / d log η at k = `restart`; 0 where bound(η) is G·D
};

/// Returns η_tuned and bound(η_tuned), with or without smoothness. The stepsize is 0 if h is 0 at every step.
/// O(T) time, O(1) memory. @pre steps ≥ 1
Bound tuned_bound(const model::Schedule& schedule, std::int64_t steps, const Constants& constants,
                  Form form = Form::last_iterate);

/// Returns bound(η) for every stepsize. O(T) time for each, O(1) memory. @pre steps ≥ 1, stepsizes > 0
std::vector<Bound> bounds(const model::Schedule& schedule, std::int64_t steps, const Constants& constants,
                          std::span<const double> stepsizes, Form form = Form::last_iterate);

/// bound(ρ·η_tuned)/bound(η_tuned): the predicted cost of a misspecified stepsize. Without smoothness it is
/// the same for all D and G. With S and Q at the k of tuned_sums,
///   ratio = min( √(S/Q), min_k ½ [ S/(ρ S_k) + ρ Q_k/Q ] )
/// (Attia & Koren, arXiv 2503.09411: all robustness to overestimates comes from the minimum over k). Where
/// the k of tuned_sums is 0, as for schedules without a fast early decay, the ratio for ρ ≤ 1 is (ρ + 1/ρ)/2,
/// up to the cap.
struct BoundRatio {
  double ratio = 0.0;
  std::int64_t restart = 0;  ///< the minimising k, as in Bound
  double slope = 0.0;        ///< d log ratio / d log ρ, as in Bound
};

/// Returns the bound ratio for every ρ, without smoothness. O(T) time for each ρ, O(1) memory; as accurate as
/// schedule_sums(). Use BoundCurve for many ρ. The ratios are +∞ if h is 0 at every step.
/// @pre steps ≥ 1, ρ > 0
std::vector<BoundRatio> bound_ratios(const model::Schedule& schedule, std::int64_t steps,
                                     std::span<const double> rhos, Form form = Form::last_iterate);

}  // namespace rhosweep::theory
