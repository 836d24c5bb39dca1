#include "support/rows_of.hpp"
#include "tile.hpp"
#include "vector_code.hpp"

#include "rhosweep/core/random.hpp"
#include "rhosweep/core/vector_unit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::sgd;
using core::VectorUnit;

namespace {

/// Returns numbers of both signs and of many magnitudes, like those of iterates and samples.
template <class Real>
std::vector<Real> random_numbers(std::int64_t count, std::int64_t seed, double scale = 1.0) {
  const core::RandomStream stream(seed, core::Purpose::features);
  std::vector<Real> list(count);
  for (std::int64_t i = 0; i < count; ++i)
    list[i] = static_cast<Real>(scale * stream.normal_pair(i, 0).first);
  return list;
}

template <class Real>
std::vector<Real> random_signs(std::int64_t count) {
  std::vector<Real> list = random_numbers<Real>(count, 77);
  for (Real& y : list) y = y > 0 ? Real(1) : Real(-1);
  return list;
}

std::vector<VectorUnit> supported_units() {
  std::vector<VectorUnit> units;
  for (const auto unit : {VectorUnit::portable, VectorUnit::neon, VectorUnit::avx2, VectorUnit::avx512})
    if (is_supported(unit)) units.push_back(unit);
  return units;
}

constexpr std::int64_t dimension = 37;
constexpr std::int64_t steps_count = 9;

/// The inputs of a chunk of steps. Some lanes have huge or tiny stepsizes, some start at NaN or infinity.
template <class Real>
struct Chunk {
  std::vector<Real> iterates = random_numbers<Real>(dimension * lanes, 1, 0.3);
  std::vector<Real> samples = random_numbers<Real>(steps_count * dimension, 2);
  std::vector<const Real*> rows = rows_of(samples, dimension);
  std::vector<Real> labels = random_signs<Real>(steps_count);
  std::vector<Real> stepsizes = random_numbers<Real>(steps_count * lanes, 3);
  std::vector<std::int32_t> columns{0, 3, 4, 17, 36};
  std::vector<SparseSample<Real>> sparse;

  Chunk() {
    for (std::int64_t i = 0; i < std::ssize(stepsizes); ++i) {
      const std::int64_t lane = i % lanes;
      stepsizes[i] = std::abs(stepsizes[i]) * (lane == 5 ? Real(1e30) : lane == 6 ? Real(1e-30) : Real(0.2));
    }
    iterates[11] = std::numeric_limits<Real>::quiet_NaN();
    iterates[12] = std::numeric_limits<Real>::infinity();
    for (std::int64_t k = 0; k < steps_count; ++k)
      sparse.push_back({columns.data(), samples.data() + k * dimension, std::ssize(columns) - k % 2});
  }

  Steps<Real> steps() const { return {.first = 0, .count = steps_count, .stepsizes = stepsizes.data()}; }
};

/// Returns whether all lanes have the same bits, except the two that start at NaN and infinity.
template <class Real>
bool same_bits(const std::vector<Real>& a, const std::vector<Real>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i % lanes == 11 || i % lanes == 12) continue;
    const bool both_nan = std::isnan(a[i]) && std::isnan(b[i]);
    if (!both_nan && (a[i] != b[i] || std::signbit(a[i]) != std::signbit(b[i]))) return false;
  }
  return true;
}

/// Runs the functions that depend on the loss, for all losses but the logistic one.
template <class Real>
void add_outcomes_of_losses(const VectorCode<Real>& code, const Chunk<Real>& chunk,
                            const std::vector<Real>& start, std::map<std::string, std::vector<Real>>& out) {
  using problem::Loss;
  std::vector<Real> all_scores(steps_count * lanes);
  code.score(dimension, steps_count, {.rows = chunk.rows.data()}, start.data(), all_scores.data());
  std::vector<Real> scratch(3 * lanes);
  const auto add_sums = [&](const std::string& name, const LossSums<Real>& sums) {
    out[name + " sum"].assign(sums.sum, sums.sum + lanes);
    out[name + " product"].assign(sums.product, sums.product + lanes);
    out[name + " right"].assign(sums.right, sums.right + lanes);
  };
  for (const Loss loss :
       {Loss::least_squares, Loss::hinge, Loss::squared_hinge, Loss::absolute, Loss::huber}) {
    const std::string name = "loss " + std::to_string(static_cast<int>(loss));
    LinearFamily<Real> family{.dimension = dimension,
                              .batch_size = 1,
                              .l2 = Real(0.1),
                              .radius = Real(2),
                              .loss = {.kind = loss, .threshold = Real(0.7)}};
    auto& by_samples = out[name + " by samples"] = start;
    std::vector<Real> squares(steps_count);
    code.measure_samples(dimension, steps_count, chunk.rows.data(), squares.data());
    code.descend_by_samples(family, chunk.steps(), {{.rows = chunk.rows.data()}, squares.data()},
                            chunk.labels.data(), by_samples.data());
    family.batch_size = 3;
    Steps<Real> fewer = chunk.steps();
    fewer.count = steps_count / 3;
    auto& by_sparse = out[name + " by sparse samples"] = start;
    code.descend_by_sparse_samples(family, fewer, chunk.sparse.data(), chunk.labels.data(),
                                   {.slopes = scratch.data(), .group = nullptr}, by_sparse.data());
    auto& slopes = out[name + " slopes"] = all_scores;
    code.replace_by_slopes(family.loss, steps_count, chunk.labels.data(), chunk.stepsizes.data(),
                           slopes.data());
    LossSums<Real> sums{};
    code.add_losses(family.loss, steps_count, chunk.labels.data(), all_scores.data(), sums);
    add_sums(name, sums);
  }
  const std::vector<Real> classes{0, 2, 1};
  const ClassScores<Real> of{.classes = 3, .count = 3, .labels = classes.data()};
  LossSums<Real> sums{};
  code.add_softmax_losses(of, 1, 2, all_scores.data(), sums);
  add_sums("softmax", sums);
  auto& slopes = out["softmax slopes"] = all_scores;
  code.replace_by_softmax_slopes(of, chunk.stepsizes.data(), slopes.data());
}

/// Runs the functions that only dog, prodigy and schedule_free need.
template <class Real>
void add_outcomes_of_tuning_free(const VectorCode<Real>& code, const Chunk<Real>& chunk,
                                 const std::vector<Real>& start,
                                 std::map<std::string, std::vector<Real>>& out) {
  const auto gradients = random_numbers<Real>(dimension * lanes, 21);
  const auto origin = random_numbers<Real>(dimension * lanes, 22);
  for (const std::int64_t d : {std::int64_t{1}, dimension}) {
    auto& norms = out["square norms " + std::to_string(d)] = std::vector<Real>(lanes);
    code.square_norms(d, start.data(), norms.data());
    auto& distances = out["square distances " + std::to_string(d)] = std::vector<Real>(lanes);
    code.square_distances(d, start.data(), origin.data(), distances.data());
  }
  auto& iterates = out["prodigy"] = start;
  auto& mean = out["mean of prodigy"] = random_numbers<Real>(dimension * lanes, 23, 0.1);
  auto& sum = out["sum of prodigy"] = random_numbers<Real>(dimension * lanes, 24, 0.1);
  auto& square = out["square of prodigy"] = std::vector<Real>(dimension * lanes, Real(0.01));
  auto& inner = out["inner product of prodigy"] = std::vector<Real>(lanes);
  auto& norm = out["norm of prodigy"] = std::vector<Real>(lanes);
  const Real* const per_lane = chunk.stepsizes.data();
  code.descend_by_prodigy({.mean = {Real(0.9), Real(0.1)},
                           .square = {Real(0.99), Real(0.01)},
                           .past = Real(0.995),
                           .epsilon = Real(1e-8),
                           .distance = per_lane + lanes,
                           .weight = per_lane + 2 * lanes},
                          dimension, per_lane, gradients.data(),
                          {.mean = mean.data(),
                           .square = square.data(),
                           .sum = sum.data(),
                           .start = origin.data(),
                           .inner = inner.data(),
                           .norm = norm.data()},
                          iterates.data());
  auto& average = out["followed average"] = origin;
  auto& between = out["between"] = std::vector<Real>(dimension * lanes);
  code.follow_average(Real(0.1), dimension, per_lane, start.data(), average.data(), between.data());
}

/// Returns what every function of the code for an instruction set computes from the chunk, by the function's
/// name.
template <class Real>
std::map<std::string, std::vector<Real>> outcomes(const VectorCode<Real>& code, Chunk<Real> chunk) {
  std::map<std::string, std::vector<Real>> out;
  const auto start = chunk.iterates;
  const auto of_iterates = [&](const std::string& name, auto&& change) {
    out[name] = start;
    change(out[name].data());
  };
  std::vector<Real> slopes(3 * lanes);
  std::vector<Real> together(dimension * sparse_group_bytes / sizeof(Real));
  std::vector<Real> squares(steps_count);
  code.measure_samples(dimension, steps_count, chunk.rows.data(), squares.data());
  out["squares"] = squares;
  for (const Real radius : {Real(0), Real(2)}) {
    for (const Real l2 : {Real(0), Real(0.1)}) {
      const LinearFamily<Real> family{.dimension = dimension, .batch_size = 1, .l2 = l2, .radius = radius};
      const std::string options = " l2 " + std::to_string(l2) + " radius " + std::to_string(radius);
      of_iterates("by samples" + options, [&](Real* w) {
        code.descend_by_samples(family, chunk.steps(), {{.rows = chunk.rows.data()}, squares.data()},
                                chunk.labels.data(), w);
      });
      LinearFamily<Real> batches = family;
      batches.batch_size = 3;
      Steps<Real> fewer = chunk.steps();
      fewer.count = steps_count / 3;
      for (Real* const group : {static_cast<Real*>(nullptr), together.data()}) {
        of_iterates("by sparse samples" + options + (group == nullptr ? "" : " together"), [&](Real* w) {
          code.descend_by_sparse_samples(batches, fewer, chunk.sparse.data(), chunk.labels.data(),
                                         {.slopes = slopes.data(), .group = group}, w);
        });
      }
      CHECK(same_bits(out["by sparse samples" + options], out["by sparse samples" + options + " together"]));
    }
  }
  of_iterates("project", [&](Real* w) { code.project(Real(1.5), dimension, w); });
  of_iterates("decay", [&](Real* w) { code.decay(Real(0.1), dimension, chunk.stepsizes.data(), w); });
  of_iterates("descend", [&](Real* w) { code.descend(dimension, chunk.stepsizes.data(), start.data(), w); });
  of_iterates("average", [&](Real* w) {
    code.average(Real(0.3), dimension, random_numbers<Real>(dimension * lanes, 5).data(), w);
  });
  for (const bool nesterov : {false, true}) {
    auto velocity = random_numbers<Real>(dimension * lanes, 6);
    of_iterates(nesterov ? "nesterov" : "heavy ball", [&](Real* w) {
      code.descend_with_momentum({Real(0.9), nesterov}, dimension, chunk.stepsizes.data(), start.data(),
                                 velocity.data(), w);
    });
    out["velocity"] = velocity;
  }
  auto mean = random_numbers<Real>(dimension * lanes, 6);
  auto square = random_numbers<Real>(dimension * lanes, 7);
  for (Real& each : square) each *= each;
  const AdamW<Real> adamw{.mean = {Real(0.9), Real(0.1)},
                          .square = {Real(0.99), Real(0.01)},
                          .mean_weight = Real(0.5),
                          .inverse_root_weight = Real(1.7),
                          .epsilon = Real(1e-8),
                          .weight_decay = Real(0.01)};
  of_iterates("adamw", [&](Real* w) {
    code.descend_by_adamw(adamw, dimension, chunk.stepsizes.data(), start.data(),
                          {mean.data(), square.data()}, w);
  });
  out["mean"] = mean;
  out["mean square"] = square;
  const SignMomentum<Real> sign{.step = adamw.mean, .mean = adamw.square, .weight_decay = Real(0.01)};
  of_iterates("sign momentum", [&](Real* w) {
    code.descend_by_sign(sign, dimension, chunk.stepsizes.data(), start.data(), mean.data(), w);
  });
  out["mean of sign momentum"] = mean;
  add_outcomes_of_tuning_free(code, chunk, start, out);
  for (const std::int64_t d : {std::int64_t{1}, dimension}) {
    for (const auto shape : {problem::SlopeShape::proportional, problem::SlopeShape::sign}) {
      const BallFamily<Real> family{
          .dimension = d, .shape = shape, .coefficient = Real(0.4), .radius = Real(1.2)};
      of_iterates("ball " + std::to_string(d) + " " + std::to_string(static_cast<int>(shape)),
                  [&](Real* w) { code.descend_on_ball(family, chunk.steps(), chunk.samples.data(), w); });
    }
  }
  std::vector<Real> scores(steps_count * lanes);
  code.score_sparse(steps_count, chunk.sparse.data(), start.data(), scores.data());
  out["sparse scores"] = scores;
  of_iterates("sparse outer",
              [&](Real* w) { code.add_outer_sparse(steps_count, chunk.sparse.data(), scores.data(), w); });
  code.score(dimension, steps_count, {.rows = chunk.rows.data()}, start.data(), scores.data());
  out["scores"] = scores;
  of_iterates("outer",
              [&](Real* w) { code.add_outer(dimension, steps_count, chunk.rows.data(), scores.data(), w); });
  // The chunk's numbers serve as weights of 5 units with 7 inputs, at 3 samples.
  const LaneMatrix<Real> matrix{
      .numbers = start.data(), .rows = 5, .depth = 7, .row_stride = 7, .depth_stride = 1};
  const auto inputs = random_numbers<Real>(7 * 3 * lanes, 10);
  std::vector<Real> products(5 * 3 * lanes);
  code.multiply_lanes(matrix, 3, inputs.data(), products.data());
  out["lane products"] = products;
  std::vector<Real> back(7 * 3 * lanes);
  code.multiply_lanes({.numbers = start.data(), .rows = 7, .depth = 5, .row_stride = 1, .depth_stride = 7}, 3,
                      products.data(), back.data());
  out["transposed lane products"] = back;
  std::vector<Real> outer(7 * lanes, Real(0.5));
  code.add_lane_outer(7, 3, inputs.data(), products.data(), outer.data());
  out["lane outer"] = outer;
  code.add_lane_sum(3, products.data(), outer.data());
  out["lane sum"] = outer;
  for (const Transfer f : {Transfer::identity, Transfer::relu, Transfer::tanh}) {
    auto outputs = inputs;
    code.transfer(f, 7 * 3, start.data(), outputs.data());
    auto slopes = back;
    code.multiply_by_transfer_slopes(f, 7 * 3, outputs.data(), slopes.data());
    out["transfer " + std::to_string(static_cast<int>(f))] = outputs;
    out["transfer slopes " + std::to_string(static_cast<int>(f))] = slopes;
  }
  LossSums<Real> sums{};
  code.add_losses({}, steps_count, chunk.labels.data(), scores.data(), sums);
  out["loss sum"].assign(sums.sum, sums.sum + lanes);
  out["product"].assign(sums.product, sums.product + lanes);
  out["right"].assign(sums.right, sums.right + lanes);
  code.replace_by_slopes({}, steps_count, chunk.labels.data(), chunk.stepsizes.data(), scores.data());
  out["slopes"] = scores;
  add_outcomes_of_losses(code, chunk, start, out);

  std::vector<double> stepsize(lanes);
  std::vector<std::int64_t> row(lanes);
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    stepsize[lane] = 0.1 * static_cast<double>(lane + 1);
    row[lane] = lane < 9 ? 0 : lane < 12 ? 1 : lane % 5;
  }
  const auto h = random_numbers<double>(5 * steps_count, 8);
  out["stepsizes"].resize(steps_count * lanes);
  code.multiply_stepsizes({.stepsize = stepsize.data(), .row = row.data(), .h = h.data()}, steps_count,
                          out["stepsizes"].data());
  for (std::int64_t i = 0; i < steps_count * lanes; ++i) {
    const std::int64_t lane = i % lanes;
    CHECK(out["stepsizes"][i] == static_cast<Real>(stepsize[lane] * h[row[lane] * steps_count + i / lanes]));
  }
  return out;
}

}  // namespace

TEMPLATE_TEST_CASE("every vector unit gives the same bits", "", double, float) {
  const Chunk<TestType> chunk;
  const auto expected = outcomes(vector_code<TestType>(VectorUnit::portable), chunk);
  for (const VectorUnit unit : supported_units()) {
    const auto found = outcomes(vector_code<TestType>(unit), chunk);
    for (const auto& [name, values] : expected) {
      CAPTURE(to_text(unit), name);
      CHECK(same_bits(values, found.at(name)));
    }
  }
}

TEMPLATE_TEST_CASE("a lane's bits do not depend on its neighbours, whatever they hold", "", double, float) {
  const auto& code = vector_code<TestType>();
  const Chunk<TestType> wild;
  Chunk<TestType> calm = wild;
  // Lanes 5, 6, 11 and 12, whose numbers are extreme, become copies of lane 0. The results of all other lanes
  // must stay the same.
  for (const int lane : {5, 6, 11, 12}) {
    for (std::int64_t j = 0; j < dimension; ++j) calm.iterates[j * lanes + lane] = calm.iterates[j * lanes];
    for (std::int64_t k = 0; k < steps_count; ++k)
      calm.stepsizes[k * lanes + lane] = calm.stepsizes[k * lanes];
  }
  const auto expected = outcomes(code, calm);
  const auto found = outcomes(code, wild);
  for (const auto& [name, values] : expected) {
    CAPTURE(name);
    bool same = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t lane = i % lanes;
      if (lane == 5 || lane == 6 || lane == 11 || lane == 12) continue;
      same = same && values[i] == found.at(name)[i];
    }
    CHECK(same);
  }
}

TEMPLATE_TEST_CASE("products add their terms in order by fused multiply-adds, for any number of samples", "",
                   double, float) {
  for (const std::int64_t count : {1, 2, 5, 11, 12, 13, 32, 33}) {
    const auto samples = random_numbers<TestType>(count * dimension, 2);
    const auto rows = rows_of(samples, dimension);
    const auto iterates = random_numbers<TestType>(dimension * lanes, 1);
    std::vector<TestType> expected(count * lanes, TestType(0));
    for (std::int64_t b = 0; b < count; ++b)
      for (std::int64_t lane = 0; lane < lanes; ++lane)
        for (std::int64_t j = 0; j < dimension; ++j)
          expected[b * lanes + lane] =
              std::fma(iterates[j * lanes + lane], samples[b * dimension + j], expected[b * lanes + lane]);
    auto expected_target = iterates;
    for (std::int64_t j = 0; j < dimension; ++j)
      for (std::int64_t lane = 0; lane < lanes; ++lane)
        for (std::int64_t b = 0; b < count; ++b)
          expected_target[j * lanes + lane] = std::fma(expected[b * lanes + lane], samples[b * dimension + j],
                                                       expected_target[j * lanes + lane]);
    for (const VectorUnit unit : supported_units()) {
      CAPTURE(count, to_text(unit));
      const auto& code = vector_code<TestType>(unit);
      for (const bool fetches : {false, true}) {
        std::vector<TestType> found(count * lanes);
        code.score(dimension, count, {.rows = rows.data(), .next = fetches ? rows.data() : nullptr},
                   iterates.data(), found.data());
        CHECK(found == expected);
      }
      auto found_target = iterates;
      code.add_outer(dimension, count, rows.data(), expected.data(), found_target.data());
      CHECK(found_target == expected_target);
    }
  }
}

TEMPLATE_TEST_CASE("slopes and losses are those of the formulas, also at extreme scores", "", double, float) {
  const auto& code = vector_code<TestType>();
  const std::vector<double> tried{0,   1e-6,  -1e-6, 0.3,  -0.7, 2,    -5,  15,   -15,    40, -40, 80,
                                  -80, 1e-30, 300,   -300, 700,  -700, 1e4, -1e4, 0.1733, 86, -86, 24.3};
  std::vector<TestType> scores(lanes, TestType(0));
  for (std::size_t i = 0; i < tried.size(); ++i) scores[i] = static_cast<TestType>(tried[i]);
  const double precision = 8 * static_cast<double>(std::numeric_limits<TestType>::epsilon());
  const double smallest = static_cast<double>(std::numeric_limits<TestType>::min());
  for (const TestType y : {TestType(-1), TestType(1)}) {
    auto slopes = scores;
    const std::vector<TestType> scale(lanes, TestType(0.5));
    code.replace_by_slopes({}, 1, &y, scale.data(), slopes.data());
    LossSums<TestType> sums{};
    code.add_losses({}, 1, &y, scores.data(), sums);
    for (std::size_t i = 0; i < tried.size(); ++i) {
      CAPTURE(y, scores[i]);
      const long double margin = static_cast<long double>(y) * static_cast<long double>(scores[i]);
      const long double slope = 0.5L * static_cast<long double>(y) / (1.0L + expl(margin));
      // The code limits exp to normal numbers. So a slope may be wrong by about the smallest normal number.
      CHECK(slopes[i] == Approx(static_cast<double>(slope)).epsilon(precision).margin(2 * smallest));
      const double loss = static_cast<double>(sums.sum[i]) + std::log1p(static_cast<double>(sums.product[i]));
      CHECK(loss ==
            Approx(static_cast<double>(log1pl(expl(-margin)))).epsilon(precision).margin(2 * smallest));
      CHECK(sums.right[i] == (margin > 0 ? 1 : 0));
    }
  }
}

TEMPLATE_TEST_CASE("softmax's slopes are finite differences of its losses, also at extreme scores", "",
                   double, float) {
  const auto& code = vector_code<TestType>();
  constexpr std::int64_t classes = 4;
  const std::vector<std::vector<double>> tried{{0, 0, 0, 0},       {1, -2, 0.5, 3},  {30, -4, 29, 0},
                                               {-700, 0, 2, -900}, {1e4, 1e4, 0, 1}, {-50, -60, -50.5, -70}};
  const auto loss = [](std::vector<long double> z, std::size_t y) {
    long double sum = 0;
    for (const long double each : z) sum += expl(each - z[y]);
    return logl(sum);
  };
  const double precision = 16 * static_cast<double>(std::numeric_limits<TestType>::epsilon());
  for (std::size_t y = 0; y < classes; ++y) {
    std::vector<TestType> scores(classes * lanes, TestType(0));
    for (std::size_t i = 0; i < tried.size(); ++i)
      for (std::size_t c = 0; c < classes; ++c) scores[c * lanes + i] = static_cast<TestType>(tried[i][c]);
    const auto label = static_cast<TestType>(y);
    const ClassScores<TestType> of{.classes = classes, .count = 1, .labels = &label};
    LossSums<TestType> sums{};
    code.add_softmax_losses(of, 0, 1, scores.data(), sums);
    const auto given = scores;
    const std::vector<TestType> scale(lanes, TestType(-1));
    code.replace_by_softmax_slopes(of, scale.data(), scores.data());
    for (std::size_t i = 0; i < tried.size(); ++i) {
      CAPTURE(y, i);
      std::vector<long double> z;
      for (std::size_t c = 0; c < classes; ++c) z.push_back(given[c * lanes + i]);
      const double value =
          static_cast<double>(sums.sum[i]) + std::log1p(static_cast<double>(sums.product[i]));
      CHECK(value == Approx(static_cast<double>(loss(z, y))).epsilon(precision).margin(1e-30));
      const bool is_right = std::count_if(z.begin(), z.end(), [&](auto s) { return s >= z[y]; }) == 1;
      CHECK(sums.right[i] == (is_right ? 1 : 0));
      for (std::size_t c = 0; c < classes; ++c) {
        constexpr long double h = 1e-5L;
        auto above = z;
        auto below = z;
        above[c] += h;
        below[c] -= h;
        const long double slope = (loss(above, y) - loss(below, y)) / (2 * h);
        // The finite difference has a rounding error of about 1e-12.
        CHECK(
            scores[c * lanes + i] ==
            Approx(static_cast<double>(slope)).epsilon(std::max(1e-6, precision)).margin(1e-11 + precision));
      }
    }
  }
}

TEMPLATE_TEST_CASE("the product of losses keeps the accuracy of tiny and of large ones", "", double, float) {
  const auto& code = vector_code<TestType>();
  const double z = GENERATE(30.0, 3.0, -2.0);
  const std::vector<TestType> labels(64, TestType(1));
  const std::vector<TestType> scores(64 * lanes, static_cast<TestType>(z));
  LossSums<TestType> sums{};
  code.add_losses({}, 64, labels.data(), scores.data(), sums);
  const double expected = 64 * std::log1p(std::exp(-z));
  const double found = static_cast<double>(sums.sum[0]) + std::log1p(static_cast<double>(sums.product[0]));
  CHECK(found ==
        Approx(expected).epsilon(200 * static_cast<double>(std::numeric_limits<TestType>::epsilon())));
}

TEMPLATE_TEST_CASE("the hyperbolic tangent is exact to rounding errors of 1", "", double, float) {
  const std::vector<double> tried{0,  1e-30, 1e-9, -1e-4, 0.01, -0.3, 0.7,  1,
                                  -2, 5,     9,    -20,   50,   400,  -1e4, 1e30};
  std::vector<TestType> scores(lanes, TestType(0));
  for (std::size_t i = 0; i < tried.size(); ++i) scores[i] = static_cast<TestType>(tried[i]);
  const std::vector<TestType> bias(lanes, TestType(0));
  auto outputs = scores;
  vector_code<TestType>().transfer(Transfer::tanh, 1, bias.data(), outputs.data());
  for (std::size_t i = 0; i < tried.size(); ++i) {
    CAPTURE(scores[i]);
    CHECK(std::abs(outputs[i] - std::tanh(scores[i])) <= 2 * std::numeric_limits<TestType>::epsilon());
  }
}
