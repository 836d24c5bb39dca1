#include "roof.hpp"

#include "tile.hpp"
#include "vector_code.hpp"

#include "rhosweep/core/vector_unit.hpp"

#include <cstdint>
#include <ctime>
#include <vector>

namespace rhosweep::bench {

namespace {

/// Returns the CPU time of this thread in seconds, which excludes other processes on a busy machine.
double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Number of independent chains of multiply-adds: enough to hide the latency at two multiply-adds per cycle,
/// and few enough for 16 registers.
constexpr int chains = 12;
constexpr std::int64_t rounds = 1 << 20;

/// Runs `count` multiply-adds in every chain, by asm statements, which the compiler cannot optimise away.
/// Each chain is a separate variable, so that it stays in a register.
template <class Real, class Vector>
[[gnu::always_inline]] inline void multiply_add(std::int64_t count) {
  const Vector factor = Vector{} + Real(0.5);
  Vector a = Vector{} + Real(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
  const auto step = [&](Vector& sum) {
    if constexpr (sizeof(Real) == sizeof(double)) {
      asm volatile("vfmadd213pd %1, %1, %0" : "+v"(sum) : "v"(factor));
    } else {
      asm volatile("vfmadd213ps %1, %1, %0" : "+v"(sum) : "v"(factor));
    }
  };
  for (std::int64_t round = 0; round < count; ++round) {
    step(a), step(b), step(c), step(d), step(e), step(f);
    step(g), step(h), step(i), step(j), step(k), step(l);
  }
}

template <class Real, int bytes>
struct Wide {
  typedef Real Vector
      [[gnu::vector_size(bytes)]];  // NOLINT(modernize-use-using): an alias drops the attribute
};

template <class Real>
[[gnu::target("avx512f")]] void multiply_add_512(std::int64_t count) {
  multiply_add<Real, typename Wide<Real, 64>::Vector>(count);
}
template <class Real>
[[gnu::target("avx2,fma")]] void multiply_add_256(std::int64_t count) {
  multiply_add<Real, typename Wide<Real, 32>::Vector>(count);
}

}  // namespace

template <class Real>
double fma_peak() {
  const bool is_wide = core::vector_unit() == core::VectorUnit::avx512;
  const auto run = is_wide ? multiply_add_512<Real> : multiply_add_256<Real>;
  const double lanes = (is_wide ? 64.0 : 32.0) / sizeof(Real);
  const double start = thread_seconds();
  run(rounds);
  return 2 * lanes * chains * static_cast<double>(rounds) / (thread_seconds() - start);
}

template <class Real>
double update_bandwidth() {
  constexpr std::int64_t columns = 16384 / (sgd::lanes * static_cast<std::int64_t>(sizeof(Real)));
  constexpr int repeats = 4096;
  sgd::Tile<Real> target(columns);
  const std::vector<Real> sample(columns, Real(1));
  const std::vector<Real> factors(sgd::lanes, Real(1e-3));
  const Real* const row = sample.data();
  const auto& code = sgd::vector_code<Real>();
  const double start = thread_seconds();
  for (int i = 0; i < repeats; ++i) code.add_outer(columns, 1, &row, factors.data(), target.data());
  return 2.0 * 16384 * repeats / (thread_seconds() - start);
}

template double fma_peak<double>();
template double fma_peak<float>();
template double update_bandwidth<double>();
template double update_bandwidth<float>();

}  // namespace rhosweep::bench
