#pragma once

// This file is also compiled for AVX-512, as part of the vector code. So it must not include headers with
// inline functions that the rest of the program uses: the linker might choose their AVX-512 version for all
// processors.

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/optimum/saddle_form.hpp"

namespace rhosweep::problem {

/// Losses of a linear model, as functions of a sample's label y and its score z = x·w. Softmax has one score
/// per class.
enum class Loss { logistic, least_squares, hinge, squared_hinge, absolute, huber, softmax };

namespace losses {

// Functions that the formulas of the losses need besides arithmetic. Overloads with the same names exist for
// vectors of lanes.
inline double max(double a, double b) {
  return a > b ? a : b;
}
inline double min(double a, double b) {
  return a < b ? a : b;
}
/// Returns 1 if a > 0, else 0.
inline double positive(double a) {
  return a > 0 ? 1 : 0;
}
inline double exponential(double a) {
  return core::elementary::exp(a);
}

inline constexpr double infinity = __builtin_inf();

// Each loss is a small struct of pure functions of numbers N, which are doubles or vectors of lanes.
//   value(y, z)                the loss
//   slope(scale, y, z)         −scale · (a derivative of the loss with respect to z), which is 0 at a kink
//   slope_bound(y, score)      a bound on the derivative for all |z| <= score; `score` may be infinite
//   is_classifier              whether labels are −1 and +1; else they are real numbers
//   smoothness                 a bound on the second derivative; infinite if there is a kink
//   saddle_form()              for the interior-point method; the logistic loss has none

/// log(1 + exp(−y z)). It has no value(), since sums of logistic losses are computed with shared logarithms.
template <class N>
struct Logistic {
  static constexpr bool is_classifier = true;
  static constexpr double smoothness = 0.25;
  N slope(N scale, N y, N z) const { return scale * y / (1 + exponential(y * z)); }
  double slope_bound(double, double) const { return 1; }
};

/// (z − y)²/2
template <class N>
struct LeastSquares {
  static constexpr bool is_classifier = false;
  static constexpr double smoothness = 1;
  N value(N y, N z) const { return 0.5 * ((z - y) * (z - y)); }
  N slope(N scale, N y, N z) const { return scale * (y - z); }
  double slope_bound(double y, double score) const { return max(y, -y) + score; }
  optimum::SaddleForm saddle_form() const { return {false, -infinity, infinity, 1}; }
};

/// max(0, 1 − y z)
template <class N>
struct Hinge {
  static constexpr bool is_classifier = true;
  static constexpr double smoothness = infinity;
  N value(N y, N z) const { return max(0, 1 - y * z); }
  N slope(N scale, N y, N z) const { return scale * y * positive(1 - y * z); }
  double slope_bound(double, double) const { return 1; }
  optimum::SaddleForm saddle_form() const { return {true, 0, 1, 0}; }
};

/// max(0, 1 − y z)²
template <class N>
struct SquaredHinge {
  static constexpr bool is_classifier = true;
  static constexpr double smoothness = 2;
  N value(N y, N z) const {
    const N gap = max(0, 1 - y * z);
    return gap * gap;
  }
  N slope(N scale, N y, N z) const { return scale * y * (2 * max(0, 1 - y * z)); }
  double slope_bound(double, double score) const { return 2 * (1 + score); }
  optimum::SaddleForm saddle_form() const { return {true, 0, infinity, 0.5}; }
};

/// |z − y|
template <class N>
struct Absolute {
  static constexpr bool is_classifier = false;
  static constexpr double smoothness = infinity;
  N value(N y, N z) const { return max(y - z, z - y); }
  N slope(N scale, N y, N z) const { return scale * (positive(y - z) - positive(z - y)); }
  double slope_bound(double, double) const { return 1; }
  optimum::SaddleForm saddle_form() const { return {false, -1, 1, 0}; }
};

/// r²/2 for |r| ≤ threshold, and threshold·(|r| − threshold/2) for larger |r|, with r = z − y (Huber 1964).
template <class N>
struct Huber {
  static constexpr bool is_classifier = false;
  static constexpr double smoothness = 1;
  N threshold;
  N cut(N r) const { return max(0 - threshold, min(threshold, r)); }
  N value(N y, N z) const {
    const N near = cut(z - y);
    return near * ((z - y) - 0.5 * near);
  }
  N slope(N scale, N y, N z) const { return scale * cut(y - z); }
  double slope_bound(double y, double score) const { return min(threshold, max(y, -y) + score); }
  optimum::SaddleForm saddle_form() const { return {false, -threshold, threshold, 1}; }
};

}  // namespace losses

/// Calls `visit` with the struct of the given loss, which must not be softmax.
/// @param threshold the threshold of Huber's loss
template <class N, class Visit>
auto with_loss(Loss loss, N threshold, Visit visit) {
  switch (loss) {
    case Loss::least_squares:
      return visit(losses::LeastSquares<N>{});
    case Loss::hinge:
      return visit(losses::Hinge<N>{});
    case Loss::squared_hinge:
      return visit(losses::SquaredHinge<N>{});
    case Loss::absolute:
      return visit(losses::Absolute<N>{});
    case Loss::huber:
      return visit(losses::Huber<N>{threshold});
    case Loss::logistic:
    case Loss::softmax:
      break;
  }
  return visit(losses::Logistic<N>{});
}

}  // namespace rhosweep::problem
