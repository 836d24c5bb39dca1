#include "optimizer.hpp"

#include <cmath>

namespace rhosweep::sgd {

using Kind = model::Optimizer;

template <class Real>
Optimizer<Real>::Optimizer(const model::SgdSettings& sgd) : code_(vector_code<Real>()), sgd_(sgd) {}

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
void Optimizer<Real>::update(std::int64_t t, const Real* stepsizes, const Tile<Real>& gradients,
                             TileState<Real>& tile) const {
  const std::int64_t dimension = tile.iterates.columns();
  Real* const iterates = tile.iterates.data();
  const auto real = [](double number) { return static_cast<Real>(number); };
  const auto share = [&](double beta) { return Share<Real>{real(beta), real(1.0 - beta)}; };
  switch (sgd_.optimizer) {
    case Kind::sgd:
      if (is_plain()) return code_.descend(dimension, stepsizes, gradients.data(), iterates);
      return code_.descend_with_momentum({real(sgd_.momentum), sgd_.nesterov}, dimension, stepsizes,
                                         gradients.data(), tile.mean.data(), iterates);
    case Kind::adamw: {
      // Means that start at zero weigh what they have seen by 1 − βᵗ⁺¹ in all.
      const auto seen = static_cast<double>(t + 1);
      const double weight = 1.0 - std::pow(sgd_.beta1, seen);
      const double square_weight = 1.0 - std::pow(sgd_.beta2, seen);
      return code_.descend_by_adamw({.mean = share(sgd_.beta1),
                                     .square = share(sgd_.beta2),
                                     .mean_weight = real(weight),
                                     .inverse_root_weight = real(1.0 / std::sqrt(square_weight)),
                                     .epsilon = real(sgd_.epsilon),
                                     .weight_decay = real(sgd_.weight_decay)},
                                    dimension, stepsizes, gradients.data(),
                                    {tile.mean.data(), tile.mean_square.data()}, iterates);
    }
    case Kind::sign_momentum:
      return code_.descend_by_sign(
          {.step = share(sgd_.beta1), .mean = share(sgd_.beta2), .weight_decay = real(sgd_.weight_decay)},
          dimension, stepsizes, gradients.data(), tile.mean.data(), iterates);
  }
}

template class Optimizer<double>;
template class Optimizer<float>;

}  // namespace rhosweep::sgd
