// Measures which share of this core's peak the inner loops reach. Every case measures the peak of fused
// multiply-adds in the same run. It reports the loop's share of this peak (%_of_peak) and the time per trial
// and sample (ns). With d features, a training sample counts as 4·d operations per trial, and an evaluated
// sample as 2·d. Whole blocks run through run_block with projection.
#include "roof.hpp"
#include "support/problem_settings.hpp"
#include "support/rows_of.hpp"
#include "tile.hpp"
#include "vector_code.hpp"

#include "rhosweep/core/random.hpp"
#include "rhosweep/sgd/run_block.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace rhosweep;
using benchmark::State;

template <class Real>
constexpr auto precision = sizeof(Real) == sizeof(double) ? model::Precision::float64
                                                          : model::Precision::float32;

/// Reports the time per unit of work, and the operations per second as a share of the peak.
void report(State& state, double operations, double units, double peak) {
  using benchmark::Counter;
  const auto iterations = static_cast<double>(state.iterations());
  if (operations > 0)
    state.counters["%_of_peak"] = Counter(100 * operations * iterations / peak, Counter::kIsRate);
  state.counters["ns"] = Counter(units * iterations * 1e-9, Counter::kIsRate | Counter::kInvert);
}

/// A block of `width` trials of four schedules, with stepsizes from far too small to far too large.
struct Trials {
  std::vector<model::Schedule> schedules;
  std::vector<sgd::Trial> list;

  explicit Trials(std::int64_t width) {
    for (const char* spec : {"constant", "inverse_sqrt", "linear", "cosine"})
      schedules.push_back(model::Schedule::parse(spec));
    for (std::int64_t i = 0; i < width; ++i) {
      const double rho = std::pow(10.0, 4.0 * static_cast<double>(i % 32) / 31 - 2);
      list.push_back({&schedules[i * 4 / width], 0.005 * rho});
    }
  }
};

template <class Real>
std::shared_ptr<const problem::Problem> logistic(std::int64_t samples, std::int64_t dimension) {
  return make_problem("logistic_regression",
                      {{"samples", samples}, {"dimension", dimension}, {"radius", 5.0}}, precision<Real>);
}

void run_blocks(State& state, const problem::Problem& problem, const model::SgdSettings& sgd,
                std::int64_t width) {
  const Trials trials(width);
  sgd::Multipliers multipliers;
  for (auto _ : state)
    benchmark::DoNotOptimize(run_block(problem, sgd, 0, trials.list, multipliers, [] { return true; }));
}

/// Runs whole blocks. Arguments: dimension, batch size, width of the block.
template <class Real>
void whole_block(State& state) {
  const std::int64_t dimension = state.range(0);
  const std::int64_t batch_size = state.range(1);
  const std::int64_t width = state.range(2);
  constexpr std::int64_t samples = 10000;
  // The number of samples per trial is as in a real sweep: evaluations take at most a twentieth of the time.
  const std::int64_t steps =
      std::max<std::int64_t>(8, 10000 * 32 / batch_size * 100 / dimension * 128 / width / 8);
  const model::SgdSettings sgd{
      .steps = steps, .batch_size = batch_size, .precision = precision<Real>, .evaluations = 1};
  const double peak = bench::fma_peak<Real>();
  run_blocks(state, *logistic<Real>(samples, dimension), sgd, width);
  const double trained = static_cast<double>(steps * batch_size * width);
  const double evaluated = static_cast<double>(samples * width);
  const auto d = static_cast<double>(dimension);
  report(state, 4 * d * trained + 2 * d * evaluated, trained, peak);
}

/// Measures one evaluation of a block. Arguments: dimension, width.
template <class Real>
void evaluation(State& state) {
  const std::int64_t dimension = state.range(0);
  const std::int64_t width = state.range(1);
  constexpr std::int64_t samples = 10000;
  const model::SgdSettings sgd{.steps = 1, .precision = precision<Real>, .evaluations = 1};
  const double peak = bench::fma_peak<Real>();
  run_blocks(state, *logistic<Real>(samples, dimension), sgd, width);
  const double evaluated = static_cast<double>(samples * width);
  report(state, 2 * static_cast<double>(dimension) * evaluated, evaluated, peak);
}

/// Measures blocks of the problem "quadratic", the theory's worst case; ns is per step and trial. Arguments:
/// dimension, width of the block.
template <class Real>
void quadratic(State& state) {
  const auto problem =
      make_problem("quadratic", {{"dimension", state.range(0)}, {"curvature", 0.1}}, precision<Real>);
  const model::SgdSettings sgd{.steps = 4096, .precision = precision<Real>};
  run_blocks(state, *problem, sgd, state.range(1));
  report(state, 0, static_cast<double>(sgd.steps * state.range(1)), 1);
}

/// Measures blocks of the problem "absolute_value", the worst case of the theory without smoothness, in the
/// same way as quadratic().
template <class Real>
void absolute_value(State& state) {
  const auto problem =
      make_problem("absolute_value", {{"dimension", state.range(0)}, {"slope", 0.1}}, precision<Real>);
  const model::SgdSettings sgd{.steps = 4096, .precision = precision<Real>};
  run_blocks(state, *problem, sgd, state.range(1));
  report(state, 0, static_cast<double>(sgd.steps * state.range(1)), 1);
}

template <class Real>
std::vector<Real> numbers(std::int64_t count) {
  const core::RandomStream stream(1, core::Purpose::features);
  std::vector<Real> list(count);
  for (std::int64_t i = 0; i < count; ++i) list[i] = static_cast<Real>(0.1 * stream.normal_pair(i, 0).first);
  return list;
}

/// Measures only the two matrix products of a step: the scores of the samples, and the update of the weights.
/// Each step takes the next of four tiles of weights. Arguments: dimension, batch size.
template <class Real>
void products(State& state) {
  const std::int64_t dimension = state.range(0);
  const std::int64_t batch_size = state.range(1);
  std::vector<sgd::Tile<Real>> tiles;
  for (int i = 0; i < 4; ++i) tiles.emplace_back(dimension);
  const auto samples = numbers<Real>(dimension * batch_size);
  sgd::Tile<Real> scores(batch_size);
  const auto rows = rows_of(samples, dimension);
  const auto& code = sgd::vector_code<Real>();
  const double peak = bench::fma_peak<Real>();
  std::size_t turn = 0;
  for (auto _ : state) {
    Real* const w = tiles[turn++ % tiles.size()].data();
    code.score(dimension, batch_size, {.rows = rows.data()}, w, scores.data());
    code.add_outer(dimension, batch_size, rows.data(), scores.data(), w);
  }
  const double trained = static_cast<double>(batch_size * sgd::lanes);
  report(state, 4 * static_cast<double>(dimension) * trained, trained, peak);
}

/// Measures only the code for mini-batches of one sample: its share of the peak, and the share of the
/// first-level cache's bandwidth that loading and storing all weights once per step takes (%_of_cache).
/// Argument: dimension.
template <class Real>
void single_samples(State& state) {
  const std::int64_t dimension = state.range(0);
  constexpr std::int64_t count = 64;
  const auto samples = numbers<Real>(count * dimension);
  const auto rows = rows_of(samples, dimension);
  const std::vector<Real> squares(count, Real(0.01) * static_cast<Real>(dimension));
  const std::vector<Real> labels(count, Real(1));
  const std::vector<Real> stepsizes(count * sgd::lanes, Real(1e-3));
  sgd::Tile<Real> iterates(dimension);
  const sgd::LinearFamily<Real> family{.dimension = dimension, .batch_size = 1, .l2 = 0, .radius = 5};
  const double peak = bench::fma_peak<Real>();
  const double bandwidth = bench::update_bandwidth<Real>();
  for (auto _ : state) {
    sgd::vector_code<Real>().descend_by_samples(
        family, {.first = 0, .count = count, .stepsizes = stepsizes.data()},
        {{.rows = rows.data()}, squares.data()}, labels.data(), iterates.data());
  }
  const double trained = static_cast<double>(count * sgd::lanes);
  report(state, 4 * static_cast<double>(dimension) * trained, trained, peak);
  state.counters["%_of_cache"] =
      benchmark::Counter(200.0 * sizeof(Real) * static_cast<double>(dimension) * trained *
                             static_cast<double>(state.iterations()) / bandwidth,
                         benchmark::Counter::kIsRate);
}

/// Measures the derivatives of the loss with respect to the scores; ns is per score. Argument: samples.
template <class Real>
void slopes(State& state) {
  const std::int64_t count = state.range(0);
  const auto labels = std::vector<Real>(count, Real(1));
  const auto scale = std::vector<Real>(sgd::lanes, Real(0.1));
  sgd::Tile<Real> scores(count);
  for (auto _ : state)
    sgd::vector_code<Real>().replace_by_slopes({}, count, labels.data(), scale.data(), scores.data());
  report(state, 0, static_cast<double>(count * sgd::lanes), 1);
}

template <class Real>
void losses(State& state) {
  const std::int64_t count = state.range(0);
  const auto labels = std::vector<Real>(count, Real(1));
  const sgd::Tile<Real> scores(count);
  for (auto _ : state) {
    sgd::LossSums<Real> sums{};
    sgd::vector_code<Real>().add_losses({}, count, labels.data(), scores.data(), sums);
    benchmark::DoNotOptimize(sums);
  }
  report(state, 0, static_cast<double>(count * sgd::lanes), 1);
}

/// Adds a benchmark with five repetitions; the median and the spread are shown.
template <class Function>
benchmark::internal::Benchmark* add(const std::string& name, Function function) {
  return benchmark::RegisterBenchmark(name.c_str(), function)
      ->Repetitions(5)
      ->DisplayAggregatesOnly(true)
      ->MinTime(0.05)
      ->Unit(benchmark::kMicrosecond);
}

template <class Real>
void add_all(const std::string& name) {
  for (const std::int64_t d : {30, 100, 784})
    for (const std::int64_t batch_size : {1, 32})
      add("block/" + name, whole_block<Real>)->Args({d, batch_size, 128});
  for (const std::int64_t batch_size : {2, 8, 128})
    add("block/" + name, whole_block<Real>)->Args({100, batch_size, 128});
  for (const std::int64_t width : {8, 32, 512})
    add("block/" + name, whole_block<Real>)->Args({100, 32, width});
  add("evaluation/" + name, evaluation<Real>)->Args({100, 128});
  add("products/" + name, products<Real>)->Args({100, 32});
  for (const std::int64_t d : {30, 100}) add("single_samples/" + name, single_samples<Real>)->Arg(d);
  add("slopes/" + name, slopes<Real>)->Arg(32);
  add("losses/" + name, losses<Real>)->Arg(32);
  for (const std::int64_t d : {1, 10}) {
    add("quadratic/" + name, quadratic<Real>)->Args({d, 147});
    add("absolute_value/" + name, absolute_value<Real>)->Args({d, 147});
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("FMA peak of this core, float64",
                              std::to_string(bench::fma_peak<double>() / 1e9) + " GF/s");
  benchmark::AddCustomContext("FMA peak of this core, float32",
                              std::to_string(bench::fma_peak<float>() / 1e9) + " GF/s");
  add_all<double>("float64");
  add_all<float>("float32");
  benchmark::RunSpecifiedBenchmarks();
}
