#include "optimizer.hpp"

#include "rhosweep/core/elementary.hpp"
#include "rhosweep/core/error.hpp"

#include <algorithm>
#include <cmath>

namespace rhosweep::sgd {

using Kind = model::Optimizer;

namespace {

/// Returns the weights of a running mean with decay rate `beta`.
template <class Real>
Share<Real> share(double beta) {
  return {static_cast<Real>(beta), static_cast<Real>(1.0 - beta)};
}

template <class Real>
Tile<Real> copy(const Tile<Real>& tile) {
  Tile<Real> other(tile.columns());
  other.array() = tile.array();
  return other;
}

/// Returns ‖w‖ of the first lane.
template <class Real>
double norm(const Tile<Real>& tile) {
  double squares = 0.0;
  for (std::int64_t j = 0; j < tile.columns(); ++j) {
    const auto w = static_cast<double>(tile.array()(0, j));
    squares += w * w;
  }
  return std::sqrt(squares);
}

}  // namespace

template <class Real>
Optimizer<Real>::Optimizer(const model::SgdSettings& sgd)
    : code_(vector_code<Real>()),
      sgd_(sgd),
      adamw_{.mean = share<Real>(sgd.beta1),
             .square = share<Real>(sgd.beta2),
             .mean_weight = Real(1),
             .inverse_root_weight = Real(1),
             .epsilon = static_cast<Real>(sgd.epsilon),
             .weight_decay = static_cast<Real>(sgd.weight_decay)},
      sign_momentum_{.step = share<Real>(sgd.beta1),
                     .mean = share<Real>(sgd.beta2),
                     .weight_decay = static_cast<Real>(sgd.weight_decay)} {}

template <class Real>
void Optimizer<Real>::prepare(TileState<Real>& tile) const {
  const std::int64_t dimension = tile.iterates.columns();
  switch (sgd_.optimizer) {
    case Kind::sgd:
    case Kind::sign_momentum:
      if (!is_plain()) tile.mean = Tile<Real>(dimension);
      break;
    case Kind::adamw:
      tile.mean = Tile<Real>(dimension);
      tile.mean_square = Tile<Real>(dimension);
      break;
    case Kind::dog:
      tile.start = copy(tile.iterates);
      tile.reach.setConstant(sgd_.r_epsilon * (1.0 + norm(tile.iterates)));
      break;
    case Kind::prodigy:
      tile.mean = Tile<Real>(dimension);
      tile.mean_square = Tile<Real>(dimension);
      tile.sum = Tile<Real>(dimension);
      tile.start = copy(tile.iterates);
      tile.reach.setConstant(sgd_.d0);
      break;
    case Kind::schedule_free:
      tile.base = copy(tile.iterates);
      tile.average = copy(tile.iterates);
      break;
  }
}

template <class Real>
bool Optimizer<Real>::is_plain() const {
  return sgd_.optimizer == Kind::sgd && sgd_.momentum == 0.0;
}

template <class Real>
bool Optimizer<Real>::needs_whole_gradient() const {
  return sgd_.optimizer == Kind::dog || sgd_.optimizer == Kind::prodigy ||
         sgd_.optimizer == Kind::schedule_free;
}

template <class Real>
void Optimizer<Real>::begin_step(std::int64_t t) {
  if (sgd_.optimizer != Kind::adamw) return;
  // The running means start at zero, so after step t the weights of the gradients in a mean sum to 1 − βᵗ⁺¹,
  // by which the mean must be divided.
  const auto seen = static_cast<double>(t + 1);
  adamw_.mean_weight = static_cast<Real>(1.0 - core::elementary::pow(sgd_.beta1, seen));
  adamw_.inverse_root_weight =
      static_cast<Real>(1.0 / std::sqrt(1.0 - core::elementary::pow(sgd_.beta2, seen)));
}

template <class Real>
void Optimizer<Real>::update(const Real* stepsizes, std::int64_t first, std::int64_t count,
                             const Real* gradients, TileState<Real>& tile) const {
  const std::int64_t at = first * lanes;
  Real* const iterates = tile.iterates.data() + at;
  switch (sgd_.optimizer) {
    case Kind::sgd:
      if (is_plain()) return code_.descend(count, stepsizes, gradients, iterates);
      return code_.descend_with_momentum({static_cast<Real>(sgd_.momentum), sgd_.nesterov}, count, stepsizes,
                                         gradients, tile.mean.data() + at, iterates);
    case Kind::adamw:
      return code_.descend_by_adamw(adamw_, count, stepsizes, gradients,
                                    {tile.mean.data() + at, tile.mean_square.data() + at}, iterates);
    case Kind::sign_momentum:
      return code_.descend_by_sign(sign_momentum_, count, stepsizes, gradients, tile.mean.data() + at,
                                   iterates);
    default:
      throw core::InternalError("a step of this optimizer takes the whole gradient");
  }
}

template <class Real>
void Optimizer<Real>::take_step(std::int64_t t, const Real* stepsizes, const Real* gradients, Real radius,
                                TileState<Real>& tile) {
  const std::int64_t dimension = tile.iterates.columns();
  switch (sgd_.optimizer) {
    case Kind::dog:
      take_dog_step(stepsizes, gradients, tile);
      break;
    case Kind::prodigy:
      take_prodigy_step(stepsizes, gradients, tile);
      break;
    case Kind::schedule_free:
      return take_schedule_free_step(stepsizes, gradients, radius, tile);
    default:
      begin_step(t);
      update(stepsizes, 0, dimension, gradients, tile);
  }
  if (radius > Real(0)) code_.project(radius, dimension, tile.iterates.data());
}

// The state per lane is in double, because it includes sums of very many squares and estimates that grow in
// small steps.

template <class Real>
void Optimizer<Real>::take_dog_step(const Real* stepsizes, const Real* gradients,
                                    TileState<Real>& tile) const {
  const std::int64_t dimension = tile.iterates.columns();
  Lanes<Real> squares;
  Lanes<Real> distances;
  code_.square_norms(dimension, gradients, squares.data());
  code_.square_distances(dimension, tile.iterates.data(), tile.start.data(), distances.data());
  Lanes<Real> own;
  for (int lane = 0; lane < lanes; ++lane) {
    double& reach = tile.reach[lane];
    double& total = tile.total[lane];
    reach = std::max(reach, std::sqrt(static_cast<double>(distances[lane])));
    total += static_cast<double>(squares[lane]);
    // The ratio is 0 as long as all gradients are zero. If `total` overflows, the ratio is NaN, so the trial
    // diverges.
    const double ratio = total > 0.0 ? reach / std::sqrt(total) + 0.0 * total : 0.0;
    own[lane] = static_cast<Real>(static_cast<double>(stepsizes[lane]) * ratio);
  }
  code_.descend(dimension, own.data(), gradients, tile.iterates.data());
}

template <class Real>
void Optimizer<Real>::take_prodigy_step(const Real* stepsizes, const Real* gradients,
                                        TileState<Real>& tile) const {
  const double past = std::sqrt(sgd_.beta2);  // β₃
  Lanes<Real> distance;
  Lanes<Real> weight;
  Lanes<Real> inner;
  Lanes<Real> norm;
  Lanes<double> exact_weight;
  for (int lane = 0; lane < lanes; ++lane) {
    const double d = tile.reach[lane];
    exact_weight[lane] = (1.0 - past) * static_cast<double>(stepsizes[lane]) * d * d;
    distance[lane] = static_cast<Real>(d);
    weight[lane] = static_cast<Real>(exact_weight[lane]);
  }
  code_.descend_by_prodigy({.mean = share<Real>(sgd_.beta1),
                            .square = share<Real>(sgd_.beta2),
                            .past = static_cast<Real>(past),
                            .epsilon = static_cast<Real>(sgd_.epsilon),
                            .distance = distance.data(),
                            .weight = weight.data()},
                           tile.iterates.columns(), stepsizes, gradients,
                           {.mean = tile.mean.data(),
                            .square = tile.mean_square.data(),
                            .sum = tile.sum.data(),
                            .start = tile.start.data(),
                            .inner = inner.data(),
                            .norm = norm.data()},
                           tile.iterates.data());
  for (int lane = 0; lane < lanes; ++lane) {
    double& total = tile.total[lane];
    total = past * total + exact_weight[lane] * static_cast<double>(inner[lane]);
    if (norm[lane] > Real(0))
      tile.reach[lane] = std::max(tile.reach[lane], total / static_cast<double>(norm[lane]));
  }
}

template <class Real>
void Optimizer<Real>::take_schedule_free_step(const Real* stepsizes, const Real* gradients, Real radius,
                                              TileState<Real>& tile) const {
  const std::int64_t dimension = tile.iterates.columns();
  code_.descend(dimension, stepsizes, gradients, tile.base.data());
  if (radius > Real(0)) code_.project(radius, dimension, tile.base.data());
  Lanes<Real> weight;
  for (int lane = 0; lane < lanes; ++lane) {
    const double square = static_cast<double>(stepsizes[lane]) * static_cast<double>(stepsizes[lane]);
    double& total = tile.total[lane];
    total += square;
    weight[lane] = static_cast<Real>(total > 0.0 ? square / total : 0.0);
  }
  code_.follow_average(static_cast<Real>(1.0 - sgd_.beta), dimension, weight.data(), tile.base.data(),
                       tile.average.data(), tile.iterates.data());
}

template class Optimizer<double>;
template class Optimizer<float>;

}  // namespace rhosweep::sgd
