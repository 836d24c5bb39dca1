#pragma once

// The steps of the optimizers: what they do to iterates, given the gradients.

#include "columns.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

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

/// decay ← 1 − η λ
template <class Real>
void load_decay(Real weight_decay, const Column<Real>& eta, Column<Real>& decay) {
  for (int p = 0; p < packs_per_tile<Real>; ++p)
    decay[p] = negated_fma(eta[p], broadcast(weight_decay), broadcast(Real(1)));
}

template <class Real>
void decay(Real l2, std::int64_t dimension, const Real* stepsizes, Real* iterates) {
  Column<Real> eta;
  Column<Real> factor;
  load_column(stepsizes, eta);
  load_decay(l2, eta, factor);
  for_each_pack<Real>(dimension,
                      [&](std::int64_t at, int p) { store(iterates + at, factor[p] * load(iterates + at)); });
}

/// Returns the running mean after one more number.
template <class Real>
Pack<Real> advance_mean(const Share<Real>& share, Pack<Real> mean, Pack<Real> now) {
  return fma(broadcast(share.past), mean, broadcast(share.now) * now);
}

template <class Real>
void descend_by_adamw(const AdamW<Real>& rule, std::int64_t dimension, const Real* stepsizes,
                      const Real* gradients, Moments<Real> moments, Real* iterates) {
  const auto zero = broadcast(Real(0));
  const auto root_weight = broadcast(rule.inverse_root_weight);
  const auto epsilon = broadcast(rule.epsilon);
  Column<Real> eta;
  Column<Real> decay;
  load_column(stepsizes, eta);
  load_decay(rule.weight_decay, eta, decay);
  for (auto& each : eta) each = each / broadcast(rule.mean_weight);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
    const auto g = load(gradients + at);
    const auto m = advance_mean(rule.mean, load(moments.mean + at), g);
    const auto v =
        fma(broadcast(rule.square.now) * g, g, broadcast(rule.square.past) * load(moments.square + at));
    store(moments.mean + at, m);
    store(moments.square + at, v);
    const auto ratio = fma(v, zero, m / fma(root(v), root_weight, epsilon));  // NaN if v is infinite
    store(iterates + at, negated_fma(eta[p], ratio, decay[p] * load(iterates + at)));
  });
}

template <class Real>
void descend_by_sign(const SignMomentum<Real>& rule, std::int64_t dimension, const Real* stepsizes,
                     const Real* gradients, Real* mean, Real* iterates) {
  const auto zero = broadcast(Real(0));
  const auto one = broadcast(Real(1));
  Column<Real> eta;
  Column<Real> decay;
  load_column(stepsizes, eta);
  load_decay(rule.weight_decay, eta, decay);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
    const auto g = load(gradients + at);
    const auto m = load(mean + at);
    const auto followed = advance_mean(rule.step, m, g);
    const auto sign = choose_above(followed, zero, one, choose_above(zero, followed, zero - one, followed));
    store(mean + at, advance_mean(rule.mean, m, g));
    store(iterates + at, negated_fma(eta[p], sign, decay[p] * load(iterates + at)));
  });
}

template <class Real>
void descend_by_prodigy(const Prodigy<Real>& rule, std::int64_t dimension, const Real* stepsizes,
                        const Real* gradients, const ProdigyMemory<Real>& memory, Real* iterates) {
  const auto zero = broadcast(Real(0));
  const auto past = broadcast(rule.past);
  const auto epsilon = broadcast(rule.epsilon);
  Column<Real> distance;
  Column<Real> weight;
  Column<Real> eta;  // η d
  load_column(rule.distance, distance);
  load_column(rule.weight, weight);
  load_column(stepsizes, eta);
  Column<Real> inner;
  Column<Real> norm;
  for (int p = 0; p < packs_per_tile<Real>; ++p) {
    eta[p] = eta[p] * distance[p];
    inner[p] = norm[p] = zero;
  }
  for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
    const auto g = load(gradients + at);
    const auto w = load(iterates + at);
    const auto scaled = distance[p] * g;
    const auto m = advance_mean(rule.mean, load(memory.mean + at), scaled);
    const auto v = fma(broadcast(rule.square.now) * scaled, scaled,
                       broadcast(rule.square.past) * load(memory.square + at));
    const auto s = fma(past, load(memory.sum + at), weight[p] * g);
    store(memory.mean + at, m);
    store(memory.square + at, v);
    store(memory.sum + at, s);
    inner[p] = fma(g, load(memory.start + at) - w, inner[p]);
    norm[p] = norm[p] + max(s, zero - s);
    const auto ratio = fma(v, zero, m / fma(distance[p], epsilon, root(v)));  // NaN if v is infinite
    store(iterates + at, negated_fma(eta[p], ratio, w));
  });
  store_column<Real>(inner, memory.inner);
  store_column<Real>(norm, memory.norm);
}

template <class Real>
void follow_average(Real share, std::int64_t dimension, const Real* weights, const Real* z, Real* x,
                    Real* y) {
  const auto own_share = broadcast(share);
  Column<Real> weight;
  load_column(weights, weight);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int p) {
    const auto base = load(z + at);
    const auto old = load(x + at);
    const auto mean = fma(weight[p], base - old, old);
    store(x + at, mean);
    store(y + at, fma(own_share, base - mean, mean));
  });
}

template <class Real>
void average(Real weight, std::int64_t dimension, const Real* iterates, Real* average) {
  const auto share = broadcast(weight);
  for_each_pack<Real>(dimension, [&](std::int64_t at, int) {
    const auto old = load(average + at);
    store(average + at, fma(share, load(iterates + at) - old, old));
  });
}

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
