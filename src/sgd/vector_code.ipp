// The vector code for one instruction set. Each vector_code_<set>.cpp defines RHOSWEEP_VECTOR_UNIT,
// includes this file and is compiled with the set's options. pack.hpp explains why it must not include
// anything else.
#include "pack.hpp"
#include "vector_code.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

template <class Real>
constexpr int packs_per_tile = lanes / Pack<Real>::width;

/// Passes a number as a type.
template <int number>
struct Count {
  static constexpr int value = number;
};

/// A column of a tile in registers.
template <class Real>
using Column = Pack<Real>[packs_per_tile<Real>];

/// Multiplies the stepsizes of one pack by h. Its lanes belong to `rows` schedules; masked[r] has the
/// stepsizes of schedule r and zeros in other lanes, so the sum of the products is exact.
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
      for (int r = rows; r < width; ++r) h[r] = h[0];  // multiplied by stepsizes of zero
      multiply_pack<width>(masked, h, count, out + lane);
    }
  }
}

/// The step x − η (λ x + noise).
template <class Real>
struct ProportionalStep {
  Pack<Real> coefficient;
  Pack<Real> opposite_noise;

  ProportionalStep(Real coefficient, Real noise)
      : coefficient(broadcast(coefficient)), opposite_noise(broadcast(-noise)) {}

  Pack<Real> operator()(Pack<Real> eta, Pack<Real> x) const {
    return fma(negated_fma(eta, coefficient, broadcast(Real(1))), x, eta * opposite_noise);
  }
};

/// The step x − η (λ sign(x) + noise).
template <class Real>
struct SignStep {
  Pack<Real> above;   ///< the gradient where x > 0
  Pack<Real> below;   ///< where x < 0
  Pack<Real> centre;  ///< where x = 0

  SignStep(Real coefficient, Real noise)
      : above(broadcast(coefficient + noise)),
        below(broadcast(noise - coefficient)),
        centre(broadcast(noise)) {}

  Pack<Real> operator()(Pack<Real> eta, Pack<Real> x) const {
    const auto zero = broadcast(Real(0));
    // NaN is neither above nor below 0, so it falls through to fma and stays NaN.
    const auto g = choose_above(x, zero, above, choose_above(zero, x, below, fma(x, zero, centre)));
    return negated_fma(eta, g, x);
  }
};

/// Runs a whole chunk in registers; in one dimension the ball is an interval. If a square overflows, the lane
/// becomes NaN at the end of the chunk, as it does in more dimensions when the norm overflows.
template <template <class> class Step, class Real>
void descend_on_interval(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                         Real* iterates) {
  constexpr int width = Pack<Real>::width;
  const auto upper = broadcast(family.radius);
  const auto lower = broadcast(-family.radius);
  const auto zero = broadcast(Real(0));
  Column<Real> x;
  Column<Real> overflow;  // 0, or NaN after an overflow
  for (int p = 0; p < packs_per_tile<Real>; ++p) {
    x[p] = load(iterates + p * width);
    overflow[p] = zero;
  }
  const Real* stepsizes = steps.stepsizes;
  for (std::int64_t k = 0; k < steps.count; ++k, stepsizes += lanes) {
    const Step<Real> step(family.coefficient, noise[k]);
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      const auto moved = step(load(stepsizes + p * width), x[p]);
      overflow[p] = fma(moved * moved, zero, overflow[p]);
      x[p] = min(upper, max(lower, moved));
    }
  }
  for (int p = 0; p < packs_per_tile<Real>; ++p) store(iterates + p * width, x[p] + overflow[p]);
}

/// Returns the factor that scales each lane back onto the ball, 1 if its squared norm is within the squared
/// radius. If the norm overflows, the factor is NaN and the trial diverges.
template <class Real>
Pack<Real> scale_onto_ball(Pack<Real> squares, Pack<Real> radius) {
  const auto largest = broadcast(sizeof(Real) == sizeof(double) ? Real(__DBL_MAX__) : Real(__FLT_MAX__));
  const auto scale = choose_above(squares, radius * radius, radius / root(squares), broadcast(Real(1)));
  return choose_above(squares, largest, broadcast(Real(__builtin_nan(""))), scale);
}

template <template <class> class Step, class Real>
void descend_on_ball(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                     Real* iterates) {
  if (family.dimension == 1) return descend_on_interval<Step>(family, steps, noise, iterates);
  const auto radius = broadcast(family.radius);
  const std::int64_t end = family.dimension * lanes;
  for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
    for (std::int64_t k = 0; k < steps.count; ++k) {
      const auto eta = load(steps.stepsizes + k * lanes + lane);
      auto squares = broadcast(Real(0));
      const Real* own_noise = noise + k * family.dimension;
      for (std::int64_t j = lane; j < end; j += lanes) {
        const auto x = Step<Real>(family.coefficient, *own_noise++)(eta, load(iterates + j));
        squares = fma(x, x, squares);
        store(iterates + j, x);
      }
      if (!any_above(squares, radius * radius)) continue;
      const auto scale = scale_onto_ball(squares, radius);
      for (std::int64_t j = lane; j < end; j += lanes) store(iterates + j, scale * load(iterates + j));
    }
  }
}

template <class Real>
void descend_on_ball(const BallFamily<Real>& family, const Steps<Real>& steps, const Real* noise,
                     Real* iterates) {
  if (family.shape == problem::SlopeShape::proportional)
    return descend_on_ball<ProportionalStep>(family, steps, noise, iterates);
  descend_on_ball<SignStep>(family, steps, noise, iterates);
}

/// Calls visit(offset, index of the pack in its column) for all packs of a tile.
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

/// Computes 1 − η λ of the lanes.
template <class Real>
void load_decay(Real weight_decay, const Column<Real>& eta, Column<Real>& decay) {
  for (int p = 0; p < packs_per_tile<Real>; ++p)
    decay[p] = negated_fma(eta[p], broadcast(weight_decay), broadcast(Real(1)));
}

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
    const auto ratio = fma(v, zero, m / fma(root(v), root_weight, epsilon));
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

/// Calls visit(offset, sum) for all packs of a tile and sums over columns. Even and odd columns have separate
/// sums, which halves the chain of additions.
template <class Real, class Visit>
void sum_over_columns(std::int64_t dimension, Column<Real>& sums, Visit visit) {
  Column<Real> odd;
  for (int p = 0; p < packs_per_tile<Real>; ++p) sums[p] = odd[p] = broadcast(Real(0));
  const auto add = [&](std::int64_t column, Column<Real>& own) {
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) visit(column * lanes + p * Pack<Real>::width, own[p]);
  };
  std::int64_t j = 0;
  for (; j + 1 < dimension; j += 2) {
    add(j, sums);
    add(j + 1, odd);
  }
  if (j < dimension) add(j, sums);
  for (int p = 0; p < packs_per_tile<Real>; ++p) sums[p] = sums[p] + odd[p];
}

template <class Real>
void add_squares(std::int64_t dimension, const Real* iterates, Column<Real>& squares) {
  sum_over_columns<Real>(dimension, squares, [&](std::int64_t at, Pack<Real>& sum) {
    const auto w = load(iterates + at);
    sum = fma(w, w, sum);
  });
}

template <class Real>
void store_column(const Column<Real>& column, Real* numbers) {
  for (int p = 0; p < packs_per_tile<Real>; ++p) store(numbers + p * Pack<Real>::width, column[p]);
}

template <class Real>
void square_norms(std::int64_t dimension, const Real* a, Real* squares) {
  Column<Real> sums;
  add_squares(dimension, a, sums);
  store_column<Real>(sums, squares);
}

template <class Real>
void square_distances(std::int64_t dimension, const Real* a, const Real* b, Real* squares) {
  Column<Real> sums;
  sum_over_columns<Real>(dimension, sums, [&](std::int64_t at, Pack<Real>& sum) {
    const auto difference = load(a + at) - load(b + at);
    sum = fma(difference, difference, sum);
  });
  store_column<Real>(sums, squares);
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
    const auto ratio = fma(v, zero, m / fma(distance[p], epsilon, root(v)));
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

}  // namespace

/// exp(x) to about one unit in the last place: 2ⁿ (1 + r + r² q(r)) with x = n log 2 + r, |r| ≤ (log 2)/2. q
/// interpolates at Chebyshev nodes. Arguments are clamped to those whose results are finite normal numbers.
template <class Real>
struct Exponential;

template <>
struct Exponential<double> {
  static constexpr double least = -708.0;
  static constexpr double most = 709.0;
  static constexpr double log2_head = 0x1.62e42fecp-1;  // 31 bits, so its product with n is exact
  static constexpr double log2_tail = 0x1.d1cf79abc9e3bp-32;
  static constexpr double rounder = 0x1.8p52;  // x + rounder has the integer nearest to x in its low bits
  static constexpr double q[] = {0x1.0000000000001p-1,  0x1.5555555555556p-3,  0x1.5555555553d68p-5,
                                 0x1.11111111109b5p-7,  0x1.6c16c17889ef1p-10, 0x1.a01a01a7c2efep-13,
                                 0x1.a019b9149a41cp-16, 0x1.71de0db2f6b19p-19, 0x1.28917c89a43a7p-22,
                                 0x1.af389ecfc4b9cp-26};
};

template <>
struct Exponential<float> {
  static constexpr float least = -87.0F;
  static constexpr float most = 88.0F;
  static constexpr float log2_head = 0x1.62cp-1F;
  static constexpr float log2_tail = 0x1.217f7ep-12F;
  static constexpr float rounder = 0x1.8p23F;
  static constexpr float q[] = {0x1.0p-1F, 0x1.5554dep-3F, 0x1.55551ap-5F, 0x1.120b62p-7F, 0x1.6d10fcp-10F};
};

/// exp(x) of every lane; NaN gives NaN.
template <class Real>
Pack<Real> exponential(Pack<Real> x) {
  using E = Exponential<Real>;
  constexpr int terms = sizeof(E::q) / sizeof(Real);
  x = min(broadcast(E::most), max(broadcast(E::least), x));
  const auto shifted = fma(x, broadcast(Real(0x1.71547652b82fep0)), broadcast(E::rounder));
  const auto n = shifted - broadcast(E::rounder);
  const auto r = negated_fma(n, broadcast(E::log2_tail), negated_fma(n, broadcast(E::log2_head), x));
  auto p = broadcast(E::q[terms - 1]);
#pragma GCC unroll 16
  for (int i = terms - 2; i >= 0; --i) p = fma(p, r, broadcast(E::q[i]));
  const auto one = broadcast(Real(1));
  return add_to_exponent(fma(fma(p, r, one), r, one), shifted);
}

namespace {

/// Calls visit with the loss of this rule, on packs.
template <class Real, class Visit>
void with_loss(const LossRule<Real>& rule, Visit visit) {
  problem::with_loss(rule.kind, broadcast(rule.threshold), visit);
}

template <class Real>
void replace_by_slopes(const LossRule<Real>& rule, std::int64_t count, const Real* labels, const Real* scale,
                       Real* scores) {
  Column<Real> factor;
  load_column(scale, factor);
  with_loss(rule, [&](auto loss) {
    for (std::int64_t b = 0; b < count; ++b) {
      const auto y = broadcast(labels[b]);
#pragma GCC unroll 8
      for (int p = 0; p < packs_per_tile<Real>; ++p) {
        Real* const z = scores + b * lanes + p * Pack<Real>::width;
        store(z, loss.slope(factor[p], y, load(z)));
      }
    }
  });
}

/// LossSums in registers.
template <class Real>
struct LossColumns {
  Column<Real> sum;
  Column<Real> product;
  Column<Real> right;

  explicit LossColumns(const LossSums<Real>& sums) {
    load_column(sums.sum, sum);
    load_column(sums.product, product);
    load_column(sums.right, right);
  }

  void put(LossSums<Real>& sums) const {
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      store(sums.sum + p * Pack<Real>::width, sum[p]);
      store(sums.product + p * Pack<Real>::width, product[p]);
      store(sums.right + p * Pack<Real>::width, right[p]);
    }
  }

  /// product ← (1 + product)(1 + e) − 1
  void multiply(int p, Pack<Real> e) { product[p] = fma(product[p], e, product[p] + e); }

  void add(const problem::losses::Logistic<Pack<Real>>& /*loss*/, int p, Pack<Real> y, Pack<Real> z) {
    const auto margin = y * z;
    const auto opposite = broadcast(Real(0)) - margin;
    sum[p] = sum[p] + max(0, opposite);
    multiply(p, exponential(min(margin, opposite)));
    right[p] = right[p] + positive(margin);
  }
  template <class Loss>
  void add(const Loss& loss, int p, Pack<Real> y, Pack<Real> z) {
    sum[p] = sum[p] + loss.value(y, z);
    if constexpr (Loss::is_classifier) right[p] = right[p] + positive(y * z);
  }
};

template <class Real>
void add_losses(const LossRule<Real>& rule, std::int64_t count, const Real* labels, const Real* scores,
                LossSums<Real>& sums) {
  LossColumns<Real> columns(sums);
  with_loss(rule, [&](auto loss) {
    for (std::int64_t b = 0; b < count; ++b) {
      const auto y = broadcast(labels[b]);
#pragma GCC unroll 8
      for (int p = 0; p < packs_per_tile<Real>; ++p)
        columns.add(loss, p, y, load(scores + b * lanes + p * Pack<Real>::width));
    }
  });
  columns.put(sums);
}

template <class Real>
void replace_by_softmax_slopes(const ClassScores<Real>& of, const Real* scale, Real* scores) {
  const std::int64_t stride = of.count * lanes;  // from one class to the next
  for (std::int64_t b = 0; b < of.count; ++b) {
    const auto label = static_cast<std::int64_t>(of.labels[b]);
    for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
      Real* const first = scores + b * lanes + lane;
      auto largest = load(first);
      for (std::int64_t c = 1; c < of.classes; ++c) largest = max(largest, load(first + c * stride));
      auto total = broadcast(Real(0));
      for (std::int64_t c = 0; c < of.classes; ++c) {
        const auto e = exponential(load(first + c * stride) - largest);
        total = total + e;
        store(first + c * stride, e);
      }
      const auto factor = load(scale + lane);
      const auto share = factor / total;
      for (std::int64_t c = 0; c < of.classes; ++c) {
        const auto right = c == label ? factor : broadcast(Real(0));
        store(first + c * stride, negated_fma(share, load(first + c * stride), right));
      }
    }
  }
}

/// The loss is log Σ exp(z) − z_label = (largest − z_label) + log(1 + e), where e is the sum of exp(z −
/// largest) over all classes except one with the largest score.
template <class Real>
void add_softmax_losses(const ClassScores<Real>& of, std::int64_t first, std::int64_t count,
                        const Real* scores, LossSums<Real>& sums) {
  const std::int64_t stride = of.count * lanes;
  const auto one = broadcast(Real(1));
  LossColumns<Real> columns(sums);
  for (std::int64_t b = first; b < first + count; ++b) {
    const auto label = static_cast<std::int64_t>(of.labels[b]);
#pragma GCC unroll 8
    for (int p = 0; p < packs_per_tile<Real>; ++p) {
      const Real* const own = scores + b * lanes + p * Pack<Real>::width;
      const auto right = load(own + label * stride);
      auto largest = load(own);
      auto rival = broadcast(Real(-__builtin_inf()));  // the largest score of the other classes
      auto e = broadcast(Real(0));
      for (std::int64_t c = 0; c < of.classes; ++c) {
        const auto z = load(own + c * stride);
        if (c != label) rival = max(rival, z);
        if (c == 0) continue;
        const auto above = z - largest;
        const auto rest = exponential(min(above, broadcast(Real(0)) - above));
        e = choose_above(z, largest, fma(e, rest, rest), e + rest);
        largest = max(largest, z);
      }
      columns.sum[p] = columns.sum[p] + (largest - right);
      columns.multiply(p, e);
      columns.right[p] = columns.right[p] + choose_above(right, rival, one, broadcast(Real(0)));
    }
  }
  columns.put(sums);
}

/// Number of sums that a product keeps in registers, besides its operands: enough to hide the latency of
/// fused multiply-adds.
#if defined(__AVX512F__)
constexpr int sums_at_once = 24;
#else
constexpr int sums_at_once = 12;
#endif

/// Packs of a tile that a product processes together: few, so that each column read serves many samples.
constexpr int packs_at_once = 2;
/// Samples, or columns, whose sums are in registers together.
constexpr int block_size = sums_at_once / packs_at_once;

/// Calls visit(first, Count<n>) for blocks that cover first … end − 1, with n = size as often as possible.
template <int size, class Visit>
void for_each_block(std::int64_t first, std::int64_t end, const Visit& visit) {
  for (; first + size <= end; first += size) visit(first, Count<size>{});
  if constexpr (size > 1) for_each_block<size - 1>(first, end, visit);
}

/// `size` sums of columns times numbers, for the lanes that are processed together.
template <int size, class Real>
struct SumBlock {
  Pack<Real> sums[size][packs_at_once];

  /// Calls visit(i, p) for all sums, unrolled so that they stay in registers.
  template <class Visit>
  static void for_each(const Visit& visit) {
#pragma GCC unroll 12
    for (int i = 0; i < size; ++i) {
#pragma GCC unroll 2
      for (int p = 0; p < packs_at_once; ++p) visit(i, p);
    }
  }

  void clear() {
    for_each([&](int i, int p) { sums[i][p] = broadcast(Real(0)); });
  }
  template <class Place>
  void load_from(const Place& place) {
    for_each([&](int i, int p) { sums[i][p] = load(place(i) + p * Pack<Real>::width); });
  }
  template <class Place>
  void store_to(const Place& place) const {
    for_each([&](int i, int p) { store(place(i) + p * Pack<Real>::width, sums[i][p]); });
  }

  template <class Number>
  void add(const Real* column, const Number& number) {
    Pack<Real> own[packs_at_once];
    for (int p = 0; p < packs_at_once; ++p) own[p] = load(column + p * Pack<Real>::width);
#pragma GCC unroll 12
    for (int i = 0; i < size; ++i) {
      const auto x = broadcast(number(i));
#pragma GCC unroll 2
      for (int p = 0; p < packs_at_once; ++p) sums[i][p] = fma(own[p], x, sums[i][p]);
    }
  }
};

/// Prefetches into the second-level cache: the numbers are needed too late for the first-level cache to keep
/// them.
template <class Number>
void fetch_ahead(const Number* numbers, std::int64_t size) {
  constexpr std::int64_t line = 64 / sizeof(Number);
  for (std::int64_t i = 0; i < size; i += line) __builtin_prefetch(numbers + i, 0, 2);
}

template <int samples, bool fetches, class Real>
void score_block(std::int64_t dimension, const DenseRows<Real>& of, const Real* iterates, Real* scores) {
  constexpr std::int64_t line = 64 / sizeof(Real);
  const Real* rows[samples];
  for (int i = 0; i < samples; ++i) rows[i] = of.rows[i];
  SumBlock<samples, Real> block;
  block.clear();
  for (std::int64_t j = 0; j < dimension; ++j) {
    if constexpr (fetches) {
      if (j % line == 0)
        for (int i = 0; i < samples; ++i) fetch_ahead(of.next[i] + j, 1);
    }
    block.add(iterates + j * lanes, [&](int i) { return rows[i][j]; });
  }
  block.store_to([&](int i) { return scores + i * lanes; });
}

template <bool fetches, class Real>
void score_rows(std::int64_t dimension, std::int64_t count, const DenseRows<Real>& samples,
                const Real* iterates, Real* scores) {
  constexpr int width = packs_at_once * Pack<Real>::width;
  for_each_block<block_size>(0, count, [&](std::int64_t first, auto size) {
    DenseRows<Real> block{.rows = samples.rows + first};
    if constexpr (fetches) block.next = samples.next + first;
    score_block<decltype(size)::value, fetches>(dimension, block, iterates, scores + first * lanes);
    for (int lane = width; lane < lanes; lane += width)
      score_block<decltype(size)::value, false>(dimension, block, iterates + lane,
                                                scores + first * lanes + lane);
  });
}

template <class Real>
void score(std::int64_t dimension, std::int64_t count, const DenseRows<Real>& samples, const Real* iterates,
           Real* scores) {
  const auto run = samples.next == nullptr ? score_rows<false, Real> : score_rows<true, Real>;
  run(dimension, count, samples, iterates, scores);
}

template <class Real>
void add_outer(std::int64_t dimension, std::int64_t count, const Real* const* rows, const Real* factors,
               Real* target) {
  constexpr int width = packs_at_once * Pack<Real>::width;
  for_each_block<block_size>(0, dimension, [&](std::int64_t first, auto size) {
    for (int lane = 0; lane < lanes; lane += width) {
      const auto place = [&](int i) { return target + (first + i) * lanes + lane; };
      SumBlock<decltype(size)::value, Real> block;
      block.load_from(place);
      for (std::int64_t b = 0; b < count; ++b) {
        const Real* const row = rows[b] + first;
        block.add(factors + b * lanes + lane, [&](int i) { return row[i]; });
      }
      block.store_to(place);
    }
  });
}

/// Calls visit(offset, value, pack, half) for the first `packs` packs of each column where a sparse sample
/// has a non-zero. A column has `stride` numbers. half alternates between 0 and 1, for two separate sums
/// instead of one long chain of additions.
template <int packs, int stride, class Real, class Visit>
void for_each_nonzero(SparseSample<Real> sample, Visit visit) {
  const auto visit_column = [&](std::int64_t i, int half) {
    const std::int64_t column = std::int64_t{sample.columns[i]} * stride;
    const auto value = broadcast(sample.values[i]);
#pragma GCC unroll 8
    for (int p = 0; p < packs; ++p) visit(column + p * Pack<Real>::width, value, p, half);
  };
  std::int64_t i = 0;
  for (; i + 1 < sample.size; i += 2) {
    visit_column(i, 0);
    visit_column(i + 1, 1);
  }
  if (i < sample.size) visit_column(i, 0);
}

template <int packs, int stride, class Real>
void score_one(const SparseSample<Real>& sample, const Real* iterates, Pack<Real> (&scores)[packs]) {
  Pack<Real> sums[2][packs];
  for (auto& half : sums)
    for (auto& sum : half) sum = broadcast(Real(0));
  for_each_nonzero<packs, stride>(sample, [&](std::int64_t at, Pack<Real> value, int p, int half) {
    sums[half][p] = fma(load(iterates + at), value, sums[half][p]);
  });
  for (int p = 0; p < packs; ++p) scores[p] = sums[0][p] + sums[1][p];
}

template <class Real>
void score_sparse(std::int64_t count, const SparseSample<Real>* samples, const Real* iterates, Real* scores) {
  for (std::int64_t b = 0; b < count; ++b, scores += lanes) {
    Column<Real> sums;
    score_one<packs_per_tile<Real>, lanes>(samples[b], iterates, sums);
    for (int p = 0; p < packs_per_tile<Real>; ++p) store(scores + p * Pack<Real>::width, sums[p]);
  }
}

template <class Real>
void add_outer_sparse(std::int64_t count, const SparseSample<Real>* samples, const Real* factors,
                      Real* target) {
  for (std::int64_t b = 0; b < count; ++b, factors += lanes) {
    Column<Real> own;
    load_column(factors, own);
    for_each_nonzero<packs_per_tile<Real>, lanes>(samples[b],
                                                  [&](std::int64_t at, Pack<Real> value, int p, int) {
                                                    store(target + at, fma(own[p], value, load(target + at)));
                                                  });
  }
}

template <class Real>
void decay(Real l2, std::int64_t dimension, const Real* stepsizes, Real* iterates) {
  Column<Real> factor;
  load_column(stepsizes, factor);
  for (auto& each : factor) each = negated_fma(each, broadcast(l2), broadcast(Real(1)));
  for_each_pack<Real>(dimension,
                      [&](std::int64_t at, int p) { store(iterates + at, factor[p] * load(iterates + at)); });
}

/// A scale below this, or above its inverse, is merged into the vector before it can leave the range of Real.
template <class Real>
constexpr Real least_scale = sizeof(Real) == sizeof(double) ? Real(0x1p-300) : Real(0x1p-50);

/// The iterate w of some lanes, kept as a scale times a stored vector during a chunk. The regulariser and the
/// projection then cost one number per trial, and a step touches the vector only once.
template <int packs, class Real>
struct Scaled {
  Pack<Real> scale[packs];    ///< w = scale · stored vector
  Pack<Real> squares[packs];  ///< ‖w‖²

  Scaled() {
    for (auto& each : scale) each = broadcast(Real(1));
    for (auto& each : squares) each = broadcast(Real(0));
  }

  /// Recomputes ‖w‖² from the stored vector, whose columns are `stride` numbers apart. @pre all scales are 1
  void measure(std::int64_t dimension, int stride, const Real* iterates) {
    for (auto& each : squares) each = broadcast(Real(0));
    for (std::int64_t j = 0; j < dimension; ++j, iterates += stride) {
      for (int p = 0; p < packs; ++p) {
        const auto w = load(iterates + p * Pack<Real>::width);
        squares[p] = fma(w, w, squares[p]);
      }
    }
  }

  /// w ← factor · w
  void shrink(int p, Pack<Real> factor) {
    scale[p] = scale[p] * factor;
    squares[p] = squares[p] * (factor * factor);
  }

  /// w ← Π(w)
  void project(Pack<Real> radius) {
    for (int p = 0; p < packs; ++p) shrink(p, scale_onto_ball(squares[p], radius));
  }

  /// Merges scales that are close to the limits of the range.
  void merge(std::int64_t dimension, int stride, Real* iterates) {
    const auto one = broadcast(Real(1));
    const auto zero = broadcast(Real(0));
    const auto least = broadcast(least_scale<Real>);
    const auto most = broadcast(Real(1) / least_scale<Real>);
    Pack<Real> factor[packs];
    bool any = false;
    for (int p = 0; p < packs; ++p) {
      const auto size = max(scale[p], zero - scale[p]);
      const auto room = min(size - least, most - size);  // negative where a scale must be merged
      factor[p] = choose_above(zero, room, scale[p], one);
      scale[p] = choose_above(zero, room, one, scale[p]);
      any = any || any_above(zero, room);
    }
    if (!any) return;
    for (std::int64_t j = 0; j < dimension; ++j, iterates += stride) {
      for (int p = 0; p < packs; ++p) {
        Real* const at = iterates + p * Pack<Real>::width;
        store(at, factor[p] * load(at));
      }
    }
  }
};

/// Packs of lanes that go through a pass together: few enough that their sums stay in registers, and at most
/// half of a tile, so that the slopes of one pass are computed while another pass runs.
template <class Real>
constexpr int packs_per_pass = packs_per_tile<Real> < 4 ? 1 : 2;

/// w ← w + factor · x, score ← w · next. Even and odd columns have separate sums, which halves the chain of
/// additions.
template <int packs, class Real>
void run_pass(std::int64_t dimension, const Real* sample, const Real* next, const Pack<Real> (&factor)[packs],
              Real* iterates, Pack<Real> (&score)[packs]) {
  Pack<Real> sums[2][packs];
  for (auto& half : sums)
    for (auto& sum : half) sum = broadcast(Real(0));
  const auto column = [&](std::int64_t j, int half) {
    const auto x = broadcast(sample[j]);
    const auto x_next = broadcast(next[j]);
#pragma GCC unroll 2
    for (int p = 0; p < packs; ++p) {
      Real* const at = iterates + j * lanes + p * Pack<Real>::width;
      const auto w = fma(factor[p], x, load(at));
      store(at, w);
      sums[half][p] = fma(w, x_next, sums[half][p]);
    }
  };
  std::int64_t j = 0;
  for (; j + 1 < dimension; j += 2) {
    column(j, 0);
    column(j + 1, 1);
  }
  if (j < dimension) column(j, 0);
  for (int p = 0; p < packs; ++p) score[p] = sums[0][p] + sums[1][p];
}

/// ‖w‖² is recomputed once per chunk. Each step updates it from the score.
template <bool is_scaled, bool has_norm, class Loss, class Real>
void descend_by_samples(const Loss& loss, const LinearFamily<Real>& family, const Steps<Real>& steps,
                        const DenseSamples<Real>& samples, const Real* labels, Real* iterates) {
  constexpr int width = Pack<Real>::width;
  constexpr int packs = packs_per_pass<Real>;
  constexpr int passes = packs_per_tile<Real> / packs;
  const auto one = broadcast(Real(1));
  const auto two = broadcast(Real(2));
  const auto radius = broadcast(family.radius);
  const auto l2 = broadcast(family.l2);
  const std::int64_t dimension = family.dimension;
  alignas(64) Real first_scores[lanes];
  score(dimension, 1, {.rows = samples.of.rows}, iterates, first_scores);
  Pack<Real> scores[passes][packs];  // of the stored vectors
  Scaled<packs, Real> scaled[passes];
  for (int pass = 0; pass < passes; ++pass) {
    for (int p = 0; p < packs; ++p) scores[pass][p] = load(first_scores + (pass * packs + p) * width);
    if constexpr (has_norm) scaled[pass].measure(dimension, lanes, iterates + pass * packs * width);
  }
  for (std::int64_t k = 0; k < steps.count; ++k) {
    const Real* const sample = samples.of.rows[k];
    const Real* const next = samples.of.rows[k + 1 < steps.count ? k + 1 : k];
    if (samples.of.next != nullptr) fetch_ahead(samples.of.next[k], dimension);
    const auto y = broadcast(labels[k]);
    for (int pass = 0; pass < passes; ++pass) {
      const Real* const stepsizes = steps.stepsizes + k * lanes + pass * packs * width;
      Real* const own = iterates + pass * packs * width;
      Pack<Real> factor[packs];
      for (int p = 0; p < packs; ++p) {
        const auto eta = load(stepsizes + p * width);
        if constexpr (!is_scaled) {
          factor[p] = loss.slope(eta, y, scores[pass][p]);
          continue;
        }
        const auto z = scaled[pass].scale[p] * scores[pass][p];
        const auto shrink = negated_fma(eta, l2, one);
        factor[p] = loss.slope(eta, y, z);
        scaled[pass].shrink(p, shrink);
        if constexpr (has_norm) {
          const auto change = fma(factor[p], broadcast(samples.squares[k]), two * (shrink * z));
          scaled[pass].squares[p] = fma(factor[p], change, scaled[pass].squares[p]);
        }
      }
      if constexpr (is_scaled) {
        scaled[pass].merge(dimension, lanes, own);
        for (int p = 0; p < packs; ++p) factor[p] = factor[p] / scaled[pass].scale[p];
        if constexpr (has_norm) scaled[pass].project(radius);
      }
      run_pass(dimension, sample, next, factor, own, scores[pass]);
    }
  }
  if constexpr (is_scaled) {
    for (std::int64_t column = 0; column < dimension * lanes; column += lanes) {
#pragma GCC unroll 8
      for (int p = 0; p < packs_per_tile<Real>; ++p) {
        Real* const at = iterates + column + p * width;
        store(at, scaled[p / packs].scale[p % packs] * load(at));
      }
    }
  }
}

template <class Real>
void descend_by_dense_samples(const LinearFamily<Real>& family, const Steps<Real>& steps,
                              const DenseSamples<Real>& samples, const Real* labels, Real* iterates) {
  with_loss(family.loss, [&](auto loss) {
    using Loss = decltype(loss);
    const auto run = family.radius > Real(0) ? descend_by_samples<true, true, Loss, Real>
                     : family.l2 != Real(0)  ? descend_by_samples<true, false, Loss, Real>
                                             : descend_by_samples<false, false, Loss, Real>;
    run(loss, family, steps, samples, labels, iterates);
  });
}

/// Uses 32 partial sums whatever the width of the packs, so that all instruction sets give the same bits.
template <class Real>
void measure_samples(std::int64_t dimension, std::int64_t count, const Real* const* rows, Real* squares) {
  for (std::int64_t k = 0; k < count; ++k) {
    const Real* const sample = rows[k];
    Column<Real> sums;
    for (auto& sum : sums) sum = broadcast(Real(0));
    const auto add = [&](const Real* numbers) {
      for (int p = 0; p < packs_per_tile<Real>; ++p) {
        const auto x = load(numbers + p * Pack<Real>::width);
        sums[p] = fma(x, x, sums[p]);
      }
    };
    std::int64_t j = 0;
    for (; j + lanes <= dimension; j += lanes) add(sample + j);
    alignas(64) Real rest[lanes] = {};
    for (int i = 0; j + i < dimension; ++i) rest[i] = sample[j + i];
    add(rest);
    for (int p = 0; p < packs_per_tile<Real>; ++p) store(rest + p * Pack<Real>::width, sums[p]);
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) rest[i] += rest[i + half];
    squares[k] = rest[0];
  }
}

/// Sparse trials run a whole chunk in groups whose lanes fill two cache lines of a column. The columns of a
/// sample then stay in the first-level cache between its score and its update.
template <class Real>
constexpr int sparse_packs = sparse_group_bytes / (Pack<Real>::width * static_cast<int>(sizeof(Real)));

/// w ← w + slope x. ‖w‖² changes by slope · x·(w + w′), a form without cancellation or premature overflow.
template <bool has_norm, int stride, class Real>
void add_sparse(const SparseSample<Real>& sample, const Real* slopes, Scaled<sparse_packs<Real>, Real>& group,
                Real* iterates) {
  constexpr int packs = sparse_packs<Real>;
  Pack<Real> factor[packs];
  Pack<Real> change[2][packs];
  for (int p = 0; p < packs; ++p) {
    factor[p] = load(slopes + p * Pack<Real>::width) / group.scale[p];
    change[0][p] = change[1][p] = broadcast(Real(0));
  }
  for_each_nonzero<packs, stride>(sample, [&](std::int64_t at, Pack<Real> value, int p, int half) {
    const auto old = load(iterates + at);
    const auto moved = fma(factor[p], value, old);
    if constexpr (has_norm) change[half][p] = fma(value, old + moved, change[half][p]);
    store(iterates + at, moved);
  });
  if constexpr (has_norm) {
    for (int p = 0; p < packs; ++p)
      group.squares[p] = fma(load(slopes + p * Pack<Real>::width),
                             group.scale[p] * (change[0][p] + change[1][p]), group.squares[p]);
  }
}

template <class Number>
void fetch(const Number* numbers, std::int64_t size) {
  constexpr std::int64_t line = 64 / sizeof(Number);
  for (std::int64_t i = 0; i < size; i += line) __builtin_prefetch(numbers + i);
}

/// ‖w‖² is recomputed once per chunk and updated at each step.
/// @param out where the final iterates are written, with columns `lanes` numbers apart
template <bool has_norm, int stride, class Loss, class Real>
void descend_sparse_group(const Loss& loss, const LinearFamily<Real>& family, const Steps<Real>& steps,
                          const SparseSample<Real>* samples, const Real* labels, Real* scratch,
                          Real* iterates, Real* out) {
  constexpr int width = Pack<Real>::width;
  constexpr int packs = sparse_packs<Real>;
  const auto one = broadcast(Real(1));
  const auto batch = broadcast(static_cast<Real>(family.batch_size));
  Scaled<packs, Real> group;
  if constexpr (has_norm) group.measure(family.dimension, stride, iterates);
  for (std::int64_t k = 0; k < steps.count; ++k, samples += family.batch_size, labels += family.batch_size) {
    const Real* const stepsizes = steps.stepsizes + k * lanes;
    for (std::int64_t b = 0; b < family.batch_size; ++b) {
      Pack<Real> sums[packs];
      score_one<packs, stride>(samples[b], iterates, sums);
      for (int p = 0; p < packs; ++p) {
        const auto eta = load(stepsizes + p * width) / batch;
        store(scratch + b * lanes + p * width,
              loss.slope(eta, broadcast(labels[b]), group.scale[p] * sums[p]));
      }
    }
    for (int p = 0; p < packs; ++p)
      group.shrink(p, negated_fma(load(stepsizes + p * width), broadcast(family.l2), one));
    group.merge(family.dimension, stride, iterates);
    if (k + 1 < steps.count) {
      // Prefetches the next samples: they are scattered and too short for the hardware prefetcher.
      for (std::int64_t b = family.batch_size; b < 2 * family.batch_size; ++b) {
        fetch(samples[b].columns, samples[b].size);
        fetch(samples[b].values, samples[b].size);
      }
    }
    for (std::int64_t b = 0; b < family.batch_size; ++b)
      add_sparse<has_norm, stride>(samples[b], scratch + b * lanes, group, iterates);
    if constexpr (has_norm) group.project(broadcast(family.radius));
  }
  for (std::int64_t j = 0; j < family.dimension; ++j) {
    for (int p = 0; p < packs; ++p)
      store(out + j * lanes + p * width, group.scale[p] * load(iterates + j * stride + p * width));
  }
}

template <bool has_norm, class Loss, class Real>
void descend_sparse_groups(const Loss& loss, const LinearFamily<Real>& family, const Steps<Real>& steps,
                           const SparseSample<Real>* samples, const Real* labels,
                           const SparseRoom<Real>& room, Real* iterates) {
  constexpr int width = Pack<Real>::width;
  constexpr int group = sparse_packs<Real> * width;
  for (int lane = 0; lane < lanes; lane += group) {
    Real* const own = iterates + lane;
    const Steps<Real> rest{.first = steps.first, .count = steps.count, .stepsizes = steps.stepsizes + lane};
    if (group == lanes || room.group == nullptr) {
      descend_sparse_group<has_norm, lanes>(loss, family, rest, samples, labels, room.slopes, own, own);
      continue;
    }
    for (std::int64_t j = 0; j < family.dimension; ++j) {
      for (int at = 0; at < group; at += width)
        store(room.group + j * group + at, load(own + j * lanes + at));
    }
    descend_sparse_group<has_norm, group>(loss, family, rest, samples, labels, room.slopes, room.group, own);
  }
}

template <class Real>
void descend_by_sparse_samples(const LinearFamily<Real>& family, const Steps<Real>& steps,
                               const SparseSample<Real>* samples, const Real* labels,
                               const SparseRoom<Real>& room, Real* iterates) {
  with_loss(family.loss, [&](auto loss) {
    const auto run = family.radius > Real(0) ? descend_sparse_groups<true, decltype(loss), Real>
                                             : descend_sparse_groups<false, decltype(loss), Real>;
    run(loss, family, steps, samples, labels, room, iterates);
  });
}

/// Samples whose sums stay in registers together, for two rows.
#if defined(__AVX512F__)
constexpr int samples_at_once = 8;
#else
constexpr int samples_at_once = 4;
#endif

/// For one pack of lanes, computes `rows` rows of the product for `samples` samples.
template <int rows, int samples, class Real>
void multiply_block(const LaneMatrix<Real>& matrix, std::int64_t count, const Real* first, const Real* in,
                    Real* out) {
  Pack<Real> sums[rows][samples];
  for (auto& row : sums)
    for (auto& sum : row) sum = broadcast(Real(0));
  for (std::int64_t k = 0; k < matrix.depth; ++k) {
    Pack<Real> w[rows];
    for (int i = 0; i < rows; ++i)
      w[i] = load(first + (i * matrix.row_stride + k * matrix.depth_stride) * lanes);
#pragma GCC unroll 8
    for (int j = 0; j < samples; ++j) {
      const auto a = load(in + (k * count + j) * lanes);
      for (int i = 0; i < rows; ++i) sums[i][j] = fma(w[i], a, sums[i][j]);
    }
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < samples; ++j) store(out + (i * count + j) * lanes, sums[i][j]);
}

template <int rows, class Real>
void multiply_rows(const LaneMatrix<Real>& matrix, std::int64_t count, const Real* first, const Real* in,
                   Real* out) {
  std::int64_t b = 0;
  for (; b + samples_at_once <= count; b += samples_at_once)
    multiply_block<rows, samples_at_once>(matrix, count, first, in + b * lanes, out + b * lanes);
  for (; b < count; ++b) multiply_block<rows, 1>(matrix, count, first, in + b * lanes, out + b * lanes);
}

template <class Real>
void multiply_lanes(const LaneMatrix<Real>& matrix, std::int64_t count, const Real* in, Real* out) {
  for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
    std::int64_t r = 0;
    const auto run = [&](auto rows) {
      constexpr int at_once = decltype(rows)::value;
      for (; r + at_once <= matrix.rows; r += at_once)
        multiply_rows<at_once>(matrix, count, matrix.numbers + r * matrix.row_stride * lanes + lane,
                               in + lane, out + r * count * lanes + lane);
    };
    run(Count<2>{});
    run(Count<1>{});
  }
}

template <class Real>
void add_lane_outer(std::int64_t depth, std::int64_t count, const Real* in, const Real* factors,
                    Real* target) {
  for (int lane = 0; lane < lanes; lane += Pack<Real>::width) {
    std::int64_t k = 0;
    const auto run = [&](auto columns) {
      constexpr int at_once = decltype(columns)::value;
      for (; k + at_once <= depth; k += at_once) {
        Pack<Real> sums[at_once];
        for (int j = 0; j < at_once; ++j) sums[j] = load(target + (k + j) * lanes + lane);
        for (std::int64_t b = 0; b < count; ++b) {
          const auto factor = load(factors + b * lanes + lane);
#pragma GCC unroll 8
          for (int j = 0; j < at_once; ++j)
            sums[j] = fma(factor, load(in + ((k + j) * count + b) * lanes + lane), sums[j]);
        }
        for (int j = 0; j < at_once; ++j) store(target + (k + j) * lanes + lane, sums[j]);
      }
    };
    run(Count<8>{});
    run(Count<1>{});
  }
}

template <class Real>
void add_lane_sum(std::int64_t count, const Real* factors, Real* target) {
  Column<Real> sum;
  load_column(target, sum);
  for_each_pack<Real>(count, [&](std::int64_t at, int p) { sum[p] = sum[p] + load(factors + at); });
  for (int p = 0; p < packs_per_tile<Real>; ++p) store(target + p * Pack<Real>::width, sum[p]);
}

/// Computes sign(x) (1 − e)/(1 + e) with e = exp(−2|x|).
template <class Real>
Pack<Real> hyperbolic_tangent(Pack<Real> x) {
  const auto zero = broadcast(Real(0));
  const auto one = broadcast(Real(1));
  const auto below = min(x, zero - x);
  const auto e = exponential(below + below);
  const auto size = (one - e) / (one + e);
  return choose_above(zero, x, zero - size, size);
}

template <class Real>
void transfer(Transfer f, std::int64_t count, const Real* bias, Real* scores) {
  Column<Real> own;
  load_column(bias, own);
  const auto run = [&](auto apply) {
    for_each_pack<Real>(
        count, [&](std::int64_t at, int p) { store(scores + at, apply(load(scores + at) + own[p])); });
  };
  if (f == Transfer::relu) return run([](Pack<Real> z) { return max(broadcast(Real(0)), z); });
  if (f == Transfer::tanh) return run([](Pack<Real> z) { return hyperbolic_tangent(z); });
  run([](Pack<Real> z) { return z; });
}

template <class Real>
void multiply_by_transfer_slopes(Transfer f, std::int64_t count, const Real* outputs, Real* slopes) {
  const auto zero = broadcast(Real(0));
  const auto one = broadcast(Real(1));
  const auto run = [&](auto slope) {
    for_each_pack<Real>(count, [&](std::int64_t at, int) {
      store(slopes + at, slope(load(outputs + at), load(slopes + at)));
    });
  };
  if (f == Transfer::relu)
    return run([&](Pack<Real> a, Pack<Real> s) { return choose_above(a, zero, s, zero); });
  if (f == Transfer::tanh) return run([&](Pack<Real> a, Pack<Real> s) { return s * negated_fma(a, a, one); });
}

template <class Real>
constexpr VectorCode<Real> make() {
  return {.multiply_stepsizes = multiply_stepsizes<Real>,
          .descend_on_ball = descend_on_ball<Real>,
          .descend_by_samples = descend_by_dense_samples<Real>,
          .descend_by_sparse_samples = descend_by_sparse_samples<Real>,
          .measure_samples = measure_samples<Real>,
          .score = score<Real>,
          .score_sparse = score_sparse<Real>,
          .add_outer = add_outer<Real>,
          .add_outer_sparse = add_outer_sparse<Real>,
          .replace_by_slopes = replace_by_slopes<Real>,
          .replace_by_softmax_slopes = replace_by_softmax_slopes<Real>,
          .add_losses = add_losses<Real>,
          .add_softmax_losses = add_softmax_losses<Real>,
          .decay = decay<Real>,
          .descend = descend<Real>,
          .descend_with_momentum = descend_with_momentum<Real>,
          .descend_by_adamw = descend_by_adamw<Real>,
          .descend_by_sign = descend_by_sign<Real>,
          .descend_by_prodigy = descend_by_prodigy<Real>,
          .follow_average = follow_average<Real>,
          .square_norms = square_norms<Real>,
          .square_distances = square_distances<Real>,
          .multiply_lanes = multiply_lanes<Real>,
          .add_lane_outer = add_lane_outer<Real>,
          .add_lane_sum = add_lane_sum<Real>,
          .transfer = transfer<Real>,
          .multiply_by_transfer_slopes = multiply_by_transfer_slopes<Real>,
          .project = project<Real>,
          .average = average<Real>};
}

}  // namespace

template <class Real>
const VectorCode<Real>& vector_code() {
  static constexpr VectorCode<Real> code = make<Real>();
  return code;
}
template const VectorCode<double>& vector_code();
template const VectorCode<float>& vector_code();

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
