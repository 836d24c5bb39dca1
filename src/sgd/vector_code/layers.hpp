#pragma once

// Layers of a perceptron beyond the first. Every lane has its own weights and inputs.

#include "columns.hpp"
#include "exponential.hpp"

namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT {

namespace {

/// Number of samples whose sums stay in registers together. When multiply_block() computes two rows, the sums
/// take half of the registers.
constexpr int samples_at_once = register_count / 4;

/// Computes `rows` rows of the product in multiply_lanes() for `samples` samples and one pack of lanes.
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

/// Computes `rows` rows of the product in multiply_lanes() for all samples and one pack of lanes.
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
  store_column<Real>(sum, target);
}

/// Returns tanh(x) = sign(x) (1 − e)/(1 + e) with e = exp(−2|x|).
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

}  // namespace

}  // namespace rhosweep::sgd::RHOSWEEP_VECTOR_UNIT
