#include "optimizer.hpp"

#include <cmath>

namespace rhosweep::sgd {

using Kind = model::Optimizer;

namespace {

/// Weights of a running mean.
template <class Real>
Share<Real> share(double beta) {
  return {static_cast<Real>(beta), static_cast<Real>(1.0 - beta)};
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
  if (!is_plain()) tile.mean = Tile<Real>(dimension);
  if (sgd_.optimizer == Kind::adamw) tile.mean_square = Tile<Real>(dimension);
}

template <class Real>
bool Optimizer<Real>::is_plain() const {
  return sgd_.optimizer == Kind::sgd && sgd_.momentum == 0.0;
}

template <class Real>
void Optimizer<Real>::begin_step(std::int64_t t) {
  if (sgd_.optimizer != Kind::adamw) return;
  // Means that start at zero weigh what they have seen by 1 − βᵗ⁺¹ in all.
  const auto seen = static_cast<double>(t + 1);
  adamw_.mean_weight = static_cast<Real>(1.0 - std::pow(sgd_.beta1, seen));
  adamw_.inverse_root_weight = static_cast<Real>(1.0 / std::sqrt(1.0 - std::pow(sgd_.beta2, seen)));
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
  }
}

template class Optimizer<double>;
template class Optimizer<float>;

}  // namespace rhosweep::sgd
