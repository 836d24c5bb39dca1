#pragma once

// The vector code of every instruction set includes this file, so it includes none with inline functions of
// the rest of the program: those that are compiled for AVX-512 must not reach it.

#include "rhosweep/optimum/saddle_form.hpp"

namespace rhosweep::problem {

/// Losses of a linear model, as functions of a sample's label y and its score z = x·w; softmax has a score
/// for every class.
enum class Loss { logistic, least_squares, hinge, squared_hinge, absolute, huber, softmax };

namespace losses {

// What the formulas need beside arithmetic. Vectors of lanes have operations of the same names, which are
// found by their type.
inline double max(double a, double b) {
  return a > b ? a : b;
}
inline double min(double a, double b) {
  return a < b ? a : b;
}
/// 1 if a > 0, else 0.
inline double positive(double a) {
  return a > 0 ? 1 : 0;
}
inline double exponential(double a) {
  return __builtin_exp(a);
}

inline constexpr double infinity = __builtin_inf();

// Every loss is a small struct of pure functions of numbers N: doubles, or vectors of lanes.
//   value(y, z)
//   slope(scale, y, z)         −scale · (a derivative of the loss by z); 0 is chosen at a kink
//   slope_bound(y, score)      the derivative is at most this for all |z| <= score, which may be infinite
//   is_classifier              labels are −1 and +1, else real numbers
//   smoothness                 bounds the second derivative; infinite with a kink
//   saddle_form()              of all but the logistic loss

/// log(1 + exp(−y z)). It has no value here: its sums share logarithms.
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

/// r²/2 for |r| ≤ threshold, beyond it threshold·(|r| − threshold/2), with r = z − y (Huber 1964).
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

/// Calls visit with the loss of a single score; not for softmax. @param threshold of Huber's loss
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
