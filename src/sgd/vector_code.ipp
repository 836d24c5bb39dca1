// The vector code of one instruction set. Every vector_code_<set>.cpp defines RHOSWEEP_INSTRUCTION_SET,
// includes this file and is compiled with the set's options; see pack.hpp for why nothing else may be
// included.
#include "pack.hpp"
#include "vector_code.hpp"

namespace rhosweep::sgd::RHOSWEEP_INSTRUCTION_SET {

namespace {

template <class Real>
constexpr int packs_per_tile = lanes / Pack<Real>::width;

/// A column of a tile in registers.
template <class Real>
using Column = Pack<Real>[packs_per_tile<Real>];

/// Stepsizes of the lanes of one pack, which belong to `rows` schedules. Their products are summed with the
/// other schedules' lanes set to zero, which is exact.
template <int rows, class Real>
void multiply_pack(const double (*masked)[Pack<double>::width], const double* const* h, std::int64_t count,
                   Real* out) {
  Pack<double> stepsizes[rows];
  for (int r = 0; r < rows; ++r) stepsizes[r] = load(masked[r]);
  for (std::int64_t k = 0; k < count; ++k) {
    Pack<double> product = stepsizes[0] * broadcast(h[0][k]);
    for (int r = 1; r < rows; ++r) product = fma(stepsizes[r], broadcast(h[r][k]), product);
    store_rounded(out + k * lanes, product);
  }
}

template <class Real>
void multiply_stepsizes(const StepsizeRule& rule, std::int64_t count, Real* out) {
  constexpr int width = Pack<double>::width;
  for (int lane = 0; lane < lanes; lane += width) {
    double masked[width][width] = {};
    const double* h[width];
    int rows = 0;
    for (int i = 0; i < width; ++i) {
      const double* const own = rule.h + rule.row[lane + i] * count;
      int r = 0;
      while (r < rows && h[r] != own) ++r;
      if (r == rows) h[rows++] = own;
      masked[r][i] = rule.stepsize[lane + i];
    }
    if (rows == 1) {
      multiply_pack<1>(masked, h, count, out + lane);
    } else if (rows == 2) {
      multiply_pack<2 < width ? 2 : width>(masked, h, count, out + lane);
    } else {
      for (int r = rows; r < width; ++r) h[r] = h[0];  // times a stepsize of zero
      multiply_pack<width>(masked, h, count, out + lane);
    }
  }
}

/// The interval: a whole chunk in registers. A square that overflows makes the lane NaN at the end of the
/// chunk, as the norm does in more dimensions.
template <class Real>
void descend_on_interval(const QuadraticFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                         Real* iterates) {
  constexpr int width = Pack<Real>::width;
  const auto curvature = broadcast(family.curvature);
  const auto upper = broadcast(family.radius);
  const auto lower = broadcast(-family.radius);
  const auto one = broadcast(Real(1));
  const auto zero = broadcast(Real(0));
  Column<Real> x;
  Column<Real> overflow;  // 0, or NaN
  for (int p = 0; p < packs_per_tile<Real>; ++p) {
    x[p] = load(iterates + p * width);
    overflow[p] = zero;
  }
  const Real* stepsizes = steps.stepsizes;
  for (std::int64_t k = 0; k < steps.count; ++k, stepsizes += lanes) {
    const auto opposite_noise = broadcast(-noise[k]);
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      const auto eta = load(stepsizes + p * width);
      const auto moved = fma(negated_fma(eta, curvature, one), x[p], eta * opposite_noise);
      overflow[p] = fma(moved * moved, zero, overflow[p]);
      x[p] = min(upper, max(lower, moved));
    }
  }
  for (int p = 0; p < packs_per_tile<Real>; ++p) store(iterates + p * width, x[p] + overflow[p]);
}

/// Lanes whose squared norm exceeds the squared radius are scaled back onto the ball. One whose norm
/// overflows becomes NaN, hence diverged.
template <class Real>
Pack<Real> scale_onto_ball(Pack<Real> squares, Pack<Real> radius) {
  const auto largest = broadcast(sizeof(Real) == sizeof(double) ? Real(__DBL_MAX__) : Real(__FLT_MAX__));
  const auto scale = choose_above(squares, radius * radius, radius / root(squares), broadcast(Real(1)));
  return choose_above(squares, largest, broadcast(Real(__builtin_nan(""))), scale);
}

template <class Real>
void descend_quadratic(const QuadraticFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                       Real* iterates) {
  if (family.dimension == 1) return descend_on_interval(family, steps, noise, iterates);
  const auto curvature = broadcast(family.curvature);
  const auto radius = broadcast(family.radius);
  const std::int64_t end = family.dimension * lanes;
  for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
    for (std::int64_t k = 0; k < steps.count; ++k) {
      const auto eta = load(steps.stepsizes + k * lanes + lane);
      const auto contraction = negated_fma(eta, curvature, broadcast(Real(1)));
      auto squares = broadcast(Real(0));
      const Real* own_noise = noise + k * family.dimension;
      for (std::int64_t j = lane; j < end; j += lanes) {
        const auto x = fma(contraction, load(iterates + j), eta * broadcast(-*own_noise++));
        squares = fma(x, x, squares);
        store(iterates + j, x);
      }
      if (!any_above(squares, radius * radius)) continue;
      const auto scale = scale_onto_ball(squares, radius);
      for (std::int64_t j = lane; j < end; j += lanes) store(iterates + j, scale * load(iterates + j));
    }
  }
}

/// Calls visit(place, pack of the column) for all numbers of a tile.
template <class Real, class Visit>
void for_each_pack(std::int64_t dimension, Visit visit) {
  constexpr int width = Pack<Real>::width;
  for (std::int64_t column = 0; column < dimension * lanes; column += lanes) {
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) visit(column + p * width, p);
  }
}

template <class Real>
void load_column(const Real* numbers, Column<Real>& column) {
  for (int p = 0; p < packs_per_tile<Real>; ++p) column[p] = load(numbers + p * Pack<Real>::width);
}

template <class Real>
void descend(std::int64_t dimension, const Real* stepsizes, const Real* gradients, Real* iterates) {
  Column<Real> eta;
  load_column(stepsizes, eta);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
    store(iterates + at, negated_fma(eta[p], load(gradients + at), load(iterates + at)));
  });
}

template <class Real>
void descend_with_momentum(const Momentum<Real>& momentum, std::int64_t dimension, const Real* stepsizes,
                           const Real* gradients, Real* velocity, Real* iterates) {
  const auto mu = broadcast(momentum.mu);
  Column<Real> eta;
  load_column(stepsizes, eta);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
    const auto g = load(gradients + at);
    const auto m = fma(mu, load(velocity + at), g);
    store(velocity + at, m);
    store(iterates + at, negated_fma(eta[p], momentum.nesterov ? fma(mu, m, g) : m, load(iterates + at)));
  });
}

/// Squared norms, summed over even and odd columns apart to halve the chain of additions.
template <class Real>
void add_squares(std::int64_t dimension, const Real* iterates, Column<Real>& squares) {
  Column<Real> odd;
  for (int p = 0; p < packs_per_tile<Real>; ++p) squares[p] = odd[p] = broadcast(Real(0));
  const auto add = [&](std::int64_t column, Column<Real>& sums) {
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      const auto w = load(iterates + column * lanes + p * Pack<Real>::width);
      sums[p] = fma(w, w, sums[p]);
    }
  };
  std::int64_t j = 0;
  for (; j + 1 < dimension; j += 2) {
    add(j, squares);
    add(j + 1, odd);
  }
  if (j < dimension) add(j, squares);
  for (int p = 0; p < packs_per_tile<Real>; ++p) squares[p] = squares[p] + odd[p];
}

template <class Real>
void project(Real radius, std::int64_t dimension, Real* iterates) {
  const auto limit = broadcast(radius);
  Column<Real> scale;
  add_squares(dimension, iterates, scale);
  bool any = false;
  for (auto& square : scale) any = any_above(square, limit * limit) || any;
  if (!any) return;
  for (auto& square : scale) square = scale_onto_ball(square, limit);
  for_each_pack<Real>(dimension,
                      [&](std::int64_t at, int p) { store(iterates + at, scale[p] * load(iterates + at)); });
}

template <class Real>
void average(Real weight, std::int64_t dimension, const Real* iterates, Real* average) {
  const auto share = broadcast(weight);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int) {
    const auto old = load(average + at);
    store(average + at, fma(share, load(iterates + at) - old, old));
  });
}

template <class Real>
constexpr VectorCode<Real> make() {
  return {.multiply_stepsizes = multiply_stepsizes<Real>,
          .descend_quadratic = descend_quadratic<Real>,
          .descend = descend<Real>,
          .descend_with_momentum = descend_with_momentum<Real>,
          .project = project<Real>,
          .average = average<Real>};
}

}  // namespace

extern const VectorCode<double> code_64;
extern const VectorCode<float> code_32;
const VectorCode<double> code_64 = make<double>();
const VectorCode<float> code_32 = make<float>();

}  // namespace rhosweep::sgd::RHOSWEEP_INSTRUCTION_SET
