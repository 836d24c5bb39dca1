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
/// and few enough for 16 registers. An Arm core that starts four per cycle, each taking four cycles, would
/// need 16 chains: there the figure is 3/4 of the peak.
constexpr int chains = 12;
constexpr std::int64_t rounds = 1 << 20;

/// Runs `count` multiply-adds in every chain. On x86-64 and Arm these are asm statements; elsewhere the
/// compiler chooses the instructions, which may round between multiplication and addition.
/// Each chain is a separate variable, so that it stays in a register.
template <class Real, class Vector>
[[gnu::always_inline]] inline void multiply_add(std::int64_t count) {
  const Vector factor = Vector{} + Real(0.5);
  Vector a = Vector{} + Real(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
  const auto step = [&](Vector& sum) {
    [[maybe_unused]] constexpr bool is_double = sizeof(Real) == sizeof(double);
#if defined(__x86_64__)
    if constexpr (is_double)
      asm volatile("vfmadd213pd %1, %1, %0" : "+v"(sum) : "v"(factor));
    else
      asm volatile("vfmadd213ps %1, %1, %0" : "+v"(sum) : "v"(factor));
#elif defined(__aarch64__)
    if constexpr (is_double)
      asm volatile("fmla %0.2d, %1.2d, %1.2d" : "+w"(sum) : "w"(factor));
    else
      asm volatile("fmla %0.4s, %1.4s, %1.4s" : "+w"(sum) : "w"(factor));
#else
    sum = factor * sum + factor;
#endif
  };
  for (std::int64_t round = 0; round < count; ++round) {
    step(a), step(b), step(c), step(d), step(e), step(f);
    step(g), step(h), step(i), step(j), step(k), step(l);
  }
  const Vector all = a + b + c + d + e + f + g + h + i + j + k + l;
  asm volatile("" : : "m"(all));  // the compiler cannot optimise the chains away
}

template <class Real, int bytes>
struct Wide {
  typedef Real Vector
      [[gnu::vector_size(bytes)]];  // NOLINT(modernize-use-using): an alias drops the attribute
};

struct Peak {
  void (*run)(std::int64_t count);
  double bytes;  ///< width of its vectors
};

#if defined(__x86_64__)
template <class Real>
[[gnu::target("avx512f")]] void multiply_add_512(std::int64_t count) {
  multiply_add<Real, typename Wide<Real, 64>::Vector>(count);
}
template <class Real>
[[gnu::target("avx2,fma")]] void multiply_add_256(std::int64_t count) {
  multiply_add<Real, typename Wide<Real, 32>::Vector>(count);
}

template <class Real>
Peak widest() {
  if (core::vector_unit() == core::VectorUnit::avx512) return {multiply_add_512<Real>, 64.0};
  return {multiply_add_256<Real>, 32.0};
}
#else
template <class Real>
Peak widest() {
  return {multiply_add<Real, typename Wide<Real, 16>::Vector>, 16.0};
}
#endif

}  // namespace

template <class Real>
double fma_peak() {
  const Peak peak = widest<Real>();
  const double lanes = peak.bytes / sizeof(Real);
  const double start = thread_seconds();
  peak.run(rounds);
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
