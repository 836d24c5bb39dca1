#include "rhosweep/theory/bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using model::Schedule;

TEST_CASE("a constant schedule gives S = T and the harmonic number") {
  // S_t is the sum of h over the steps from t on, and Q_k the sum of h_t²/S_t over the steps from k on. For
  // h = 1, S_t = T - t, so Q_0 = 1 + 1/2 + … + 1/T.
  const std::int64_t steps = 1000;
  const auto sums = theory::schedule_sums(Schedule::parse("constant"), steps);
  long double harmonic = 0;
  for (std::int64_t t = steps; t >= 1; --t) harmonic += 1.0L / static_cast<long double>(t);
  CHECK(sums.s == 1000.0);
  CHECK(sums.q == Approx(static_cast<double>(harmonic)).epsilon(1e-15));
}

TEST_CASE("linear decay gives S = (T+1)/2 and Q = 2 (T - H_T-like sum), by its closed form") {
  // With m = T - t, h_t = m/T, S_t = m(m+1)/(2T) and h_t²/S_t = 2m/(T(m+1)), so Q_0 = 2 - 2 (H_{T+1} - 1)/T.
  const std::int64_t steps = 500;
  const auto sums = theory::schedule_sums(Schedule::parse("linear"), steps);
  long double harmonic = 0;
  for (std::int64_t m = steps + 1; m >= 1; --m) harmonic += 1.0L / static_cast<long double>(m);
  CHECK(sums.s == Approx(250.5).epsilon(1e-14));
  CHECK(sums.q == Approx(static_cast<double>(2 - 2 * (harmonic - 1) / steps)).epsilon(1e-14));
}

TEST_CASE("multipliers whose squares are too small for a double count in the sums") {
  // The only term of S_99 is h_99 = (1/100)^100 = 1e-200, so Q_99 = h²/S = h.
  const auto last =
      theory::schedule_sums(Schedule::parse("polynomial(100)"), 100, theory::Form::last_iterate, 99);
  CHECK(last.s == Approx(1e-200));
  CHECK(last.q == Approx(1e-200));
  // With the polynomial decay (1-u)^p the bound's minimum over k is at k = 0, where S = T/(p+1) and
  // Q = (p+1)/p as T grows.
  const auto tuned = theory::tuned_sums(Schedule::parse("polynomial(100)"), 1'000'000);
  CHECK(tuned.restart == 0);
  CHECK(tuned.s == Approx(1e6 / 101).epsilon(1e-3));
  CHECK(tuned.q == Approx(1.01).epsilon(1e-3));
}

TEST_CASE("no digits are lost at ten million steps") {
  const std::int64_t steps = 10'000'000;
  const auto sums = theory::schedule_sums(Schedule::parse("linear"), steps);
  // The harmonic number is H_n = ln n + gamma + 1/(2n) - …; Q_0 = 2 - 2 (H_{T+1} - 1)/T.
  const double n = 1e7 + 1;
  const double harmonic = std::log(n) + 0.57721566490153286 + 1 / (2 * n);
  CHECK(sums.s == Approx((1e7 + 1) / 2).epsilon(1e-14));
  CHECK(sums.q == Approx(2 - 2 * (harmonic - 1) / 1e7).epsilon(1e-14));
}

TEST_CASE("the tuned stepsize minimises the bound") {
  const auto schedule = Schedule::parse("cosine");
  const auto sums = theory::schedule_sums(schedule, 100);
  const theory::Constants constants{.diameter = 3.0, .gradient_bound = 0.7};
  const auto bound = [&](double eta) {
    return 3.0 * 3.0 / (2 * eta * sums.s) + eta * 0.7 * 0.7 / 2 * sums.q;
  };
  const double tuned = theory::tuned_stepsize(sums, constants);
  CHECK(theory::tuned_bound(schedule, 100, constants).value == Approx(bound(tuned)).epsilon(1e-14));
  CHECK(theory::tuned_bound(schedule, 100, constants).stepsize == Approx(tuned).epsilon(1e-14));
  CHECK(bound(tuned * 1.01) > bound(tuned));
  CHECK(bound(tuned / 1.01) > bound(tuned));
}

TEST_CASE("linear decay is tuned by D/(G sqrt(T)) as T grows") {
  // Defazio et al., arXiv 2310.07831: eta_t = D/(G sqrt(T)) (1 - t/T).
  const std::int64_t steps = 1'000'000;
  const auto sums = theory::schedule_sums(Schedule::parse("linear"), steps);
  CHECK(theory::tuned_stepsize(sums, {.diameter = 5.0, .gradient_bound = 2.0}) ==
        Approx(5.0 / (2.0 * std::sqrt(1e6))).epsilon(1e-4));
}

TEST_CASE("the ratio is the least over every restart, for the stepsize that is tuned over them, and capped") {
  const char* spec =
      GENERATE("constant", "inverse_sqrt", "linear", "polynomial(2.5)", "cosine(floor=0.1)",
               "wsd(cooldown=0.2, shape=sqrt)", "exponential(final=0.01)", "step(factor=0.1, at=[0.5, 0.75])",
               "cosine_restarts(cycles=3)", "one_cycle(peak=0.3, initial=0.1)", "warmup(0.1, cosine)",
               "warmup(0.5, wsd(cooldown=0.5))");
  const std::int64_t steps = GENERATE(1, 2, 97);
  const auto schedule = Schedule::parse(spec);
  const std::vector<double> rhos{0.01, 0.5, 1.0, 2.0, 10.0, 1000.0};
  const auto ratios = theory::bound_ratios(schedule, steps, rhos);

  // Computes the sums by their definition, each one separately and in extended precision.
  const auto s = [&](std::int64_t k) {
    long double sum = 0;
    for (std::int64_t t = k; t < steps; ++t) sum += schedule(t, steps);
    return sum;
  };
  const auto q = [&](std::int64_t k) {
    long double sum = 0;
    for (std::int64_t t = k; t < steps; ++t) {
      const long double h = schedule(t, steps);
      if (h > 0) sum += h * h / s(t);
    }
    return sum;
  };
  std::int64_t tuned = 0;
  for (std::int64_t k = 0; k < steps && s(k) > 0; ++k)
    if (q(k) / s(k) <= q(tuned) / s(tuned)) tuned = k;
  const auto cap = static_cast<double>(std::sqrt(s(tuned) / q(tuned)));
  for (std::size_t i = 0; i < rhos.size(); ++i) {
    INFO(spec << " over " << steps << " steps at rho = " << rhos[i]);
    const auto at = [&](std::int64_t k) {
      return static_cast<double>((s(tuned) / (rhos[i] * s(k)) + rhos[i] * q(k) / q(tuned)) / 2);
    };
    double least = at(0);
    for (std::int64_t k = 1; k < steps; ++k) least = std::min(least, at(k));
    CHECK(ratios[i].ratio == Approx(std::min(least, cap)).epsilon(1e-14));
    CHECK(at(ratios[i].restart) == Approx(least).epsilon(1e-14));
  }
}

TEST_CASE("below the tuned stepsize a schedule without an early decay pays (rho + 1/rho)/2") {
  for (const char* spec : {"constant", "linear", "cosine", "wsd(cooldown=0.2)"}) {
    const auto ratios =
        theory::bound_ratios(Schedule::parse(spec), 100'000, std::vector<double>{0.01, 0.1, 0.5, 1.0});
    CHECK(ratios[0].ratio == Approx(50.005).epsilon(1e-13));
    CHECK(ratios[1].ratio == Approx(5.05).epsilon(1e-13));
    CHECK(ratios[2].ratio == Approx(1.25).epsilon(1e-13));
    CHECK(ratios[3].ratio == Approx(1.0).epsilon(1e-13));
    for (const auto& ratio : ratios) CHECK(ratio.restart == 0);
  }
}

TEST_CASE("a polynomial's ratio tends to its closed form") {
  // As T grows, S_k/S_0 tends to x^(p+1) and Q_k/Q_0 to x^p, where x is the fraction of the run that is left.
  // The best x solves x^(2p+1) = (p+1)/(p rho^2) (Attia & Koren, arXiv 2503.09411, with these constants).
  const double p = GENERATE(1.0, 2.0, 3.0);
  const auto schedule = Schedule::parse("polynomial(" + std::to_string(p) + ")");
  const std::vector<double> rhos{4.0, 16.0, 64.0};
  const auto ratios = theory::bound_ratios(schedule, 4'000'000, rhos);
  for (std::size_t i = 0; i < rhos.size(); ++i) {
    const double limit = (2 * p + 1) / (2 * (p + 1)) * std::pow((p + 1) / p, p / (2 * p + 1)) *
                         std::pow(rhos[i], 1 / (2 * p + 1));
    CHECK(ratios[i].ratio == Approx(limit).epsilon(2e-3));
    CHECK(ratios[i].slope == Approx(schedule.cost_exponent()).epsilon(2e-2));
  }
}

TEST_CASE("the slope is the derivative of the ratio") {
  const auto schedule = Schedule::parse("cosine");
  const double step = 1e-4;
  for (const double rho : {0.3, 3.0, 30.0}) {
    const auto ratios = theory::bound_ratios(
        schedule, 100'000, std::vector<double>{rho * std::exp(-step), rho, rho * std::exp(step)});
    CHECK(ratios[1].slope == Approx(std::log(ratios[2].ratio / ratios[0].ratio) / (2 * step)).margin(1e-4));
  }
}

TEST_CASE("a constant schedule's ratio at ten million steps keeps its digits") {
  // With m = T - k steps left, S_k = m and Q_k = H_m; H_m = ln m + gamma + 1/(2m) - 1/(12 m^2).
  const std::int64_t steps = 10'000'000;
  const auto harmonic = [](double m) {
    return std::log(m) + 0.57721566490153286 + 1 / (2 * m) - 1 / (12 * m * m);
  };
  const double rho = GENERATE(3.0, 30.0);
  const auto found = theory::bound_ratios(Schedule::parse("constant"), steps, std::vector<double>{rho})[0];
  const auto left = static_cast<double>(steps - found.restart);
  CHECK(found.ratio ==
        Approx((1e7 / (rho * left) + rho * harmonic(left) / harmonic(1e7)) / 2).epsilon(1e-13));
  // The derivative of T/(rho m) + rho ln(m)/H_T is 0 at m = T H_T/rho^2, which is above T if rho^2 < H_T.
  // Then the best m is T.
  const double best = std::min(1.0, harmonic(1e7) / (rho * rho)) * 1e7;
  CHECK(left == Approx(best).margin(1.0));
}

TEST_CASE("with smoothness the stepsize is capped and the noise takes the place of the gradients") {
  const auto schedule = Schedule::parse("constant");
  const auto sums = theory::schedule_sums(schedule, 1000);
  const auto loose = theory::tuned_bound(schedule, 1000, theory::smooth_constants(2.0, 0.5, 1.0));
  CHECK(loose.stepsize == Approx(2.0 / (std::sqrt(2.0) * 0.5 * std::sqrt(sums.s * sums.q))).epsilon(1e-14));
  const auto stiff = theory::tuned_bound(schedule, 1000, theory::smooth_constants(2.0, 0.5, 100.0));
  CHECK(stiff.stepsize == 0.005);
  // The bound over all steps, from k = 0 on, is D^2/(2 eta S_0) + eta sigma^2 Q_0.
  CHECK(stiff.value == Approx(4.0 / (0.01 * sums.s) + 0.005 * 0.25 * sums.q).epsilon(1e-13));
}

TEST_CASE("the smooth bound holds for noisy quadratics, whose excess is known exactly") {
  // The step is x <- x - eta h (lambda x + n) with E n = 0, E n^2 = sigma^2. So E x^2 <- (1 - eta h lambda)^2
  // E x^2 + (eta h sigma)^2.
  const char* spec = GENERATE("constant", "linear", "cosine", "wsd(cooldown=0.2)", "warmup(0.1, linear)");
  const auto schedule = Schedule::parse(spec);
  const double smoothness = 4.0;
  const double sigma = GENERATE(0.01, 0.3, 3.0);
  const std::int64_t steps = 200;
  const auto constants = theory::smooth_constants(1.0, sigma, smoothness);
  const theory::Bound tuned = theory::tuned_bound(schedule, steps, constants);
  for (double lambda = smoothness; lambda > 1e-4; lambda /= 2) {
    double square = 1.0;
    for (std::int64_t t = 0; t < steps; ++t) {
      const double stepsize = tuned.stepsize * schedule(t, steps);
      square = std::pow(1 - stepsize * lambda, 2) * square + std::pow(stepsize * sigma, 2);
    }
    CHECK(lambda / 2 * square <= tuned.value);
  }
}

TEST_CASE(
    "with smoothness annealed schedules keep a bound beyond 1/(2 beta), from where their steps are stable") {
  struct Figures {
    const char* spec;
    double (*h)(double u);
    std::int64_t steps;
    double smoothness;
    double rho;
    double ratio;
    double share;  ///< k/T, where the bound from step k on is least
  };
  const auto linear = [](double u) { return 1 - u; };
  const auto cosine = [](double u) { return (1 + std::cos(std::acos(-1.0) * u)) / 2; };
  const auto square = [](double u) { return (1 - u) * (1 - u); };
  const auto [spec, h, steps, smoothness, rho, ratio, share] =
      GENERATE_COPY(values<Figures>({{"linear", linear, 1000, 10, 10, 2.10, 0.778},
                                     {"linear", linear, 1000, 10, 100, 10.9, 0.978},
                                     {"cosine", cosine, 1000, 1, 100, 2.78, 0.860},
                                     {"polynomial(2)", square, 16384, 1, 1000, 3.90, 0.932}}));
  INFO(spec << " at rho = " << rho);
  const auto schedule = Schedule::parse(spec);
  const auto constants = theory::smooth_constants(1.0, 1.0, smoothness);
  const theory::Bound tuned = theory::tuned_bound(schedule, steps, constants);
  const theory::Bound found =
      theory::bounds(schedule, steps, constants, std::vector{rho * tuned.stepsize})[0];
  CHECK(found.value / tuned.value == Approx(ratio).epsilon(4e-3));  // `ratio` has three digits
  CHECK(static_cast<double>(found.restart) / static_cast<double>(steps) == Approx(share).margin(6e-4));

  // By definition the bound is the least D²/(2 eta S_k) + eta sigma² Q_k over all k such that every step from
  // k on is at most 1/(2 beta).
  std::vector<long double> s(steps + 1), q(steps + 1);
  std::vector<double> largest(steps + 1);
  for (std::int64_t k = steps; k-- > 0;) {
    const double value = h(static_cast<double>(k) / static_cast<double>(steps));
    s[k] = s[k + 1] + value;
    q[k] = q[k + 1] + value * static_cast<long double>(value) / s[k];
    largest[k] = std::max(largest[k + 1], value);
  }
  const double cap = 1 / (2 * smoothness);
  const auto value = [&](double eta, std::int64_t k) {
    return static_cast<double>(1 / (2 * eta * s[k]) + eta * q[k]);
  };
  double best = 1e300, best_eta = 0;
  for (std::int64_t k = 0; k < steps; ++k) {
    const double eta = std::min(static_cast<double>(1 / std::sqrt(2 * s[k] * q[k])), cap / largest[k]);
    if (value(eta, k) < best) best = value(eta, k), best_eta = eta;
  }
  double beyond = 1e300;
  for (std::int64_t k = 0; k < steps; ++k)
    if (rho * best_eta * largest[k] <= cap) beyond = std::min(beyond, value(rho * best_eta, k));
  CHECK(tuned.value == Approx(best).epsilon(1e-12));
  CHECK(tuned.stepsize == Approx(best_eta).epsilon(1e-12));
  CHECK(found.value == Approx(beyond).epsilon(1e-12));
}

TEST_CASE("with smoothness a constant schedule has no bound beyond 1/(2 beta)") {
  const auto schedule = Schedule::parse("constant");
  const auto found =
      theory::bounds(schedule, 100, theory::smooth_constants(1.0, 1.0, 2.0), std::vector{0.25, 0.26});
  CHECK(std::isfinite(found[0].value));
  CHECK(found[1].restart == -1);
  CHECK(found[1].value == std::numeric_limits<double>::infinity());
}

TEST_CASE("the smooth bound beyond 1/(2 beta) holds for noisy quadratics, whose excess is known exactly") {
  // E x^2 has the same recursion as in the test of the smooth bound for stepsizes below 1/(2 beta). The
  // iterates stay within the diameter, so projection would change nothing.
  const auto schedule = Schedule::parse(GENERATE("linear", "polynomial(2)", "cosine"));
  const double smoothness = 4.0;
  const double sigma = 0.05;
  const std::int64_t steps = 200;
  const auto constants = theory::smooth_constants(1.0, sigma, smoothness);
  // The stepsizes are above 1/(2 beta) = 1/8 and below 2/beta = 0.5, where the iterates would begin to
  // diverge.
  const double eta = GENERATE(0.15, 0.2, 0.25);
  const theory::Bound bound = theory::bounds(schedule, steps, constants, std::vector{eta})[0];
  REQUIRE(bound.restart > 0);
  for (double lambda = smoothness; lambda > 1e-4; lambda /= 2) {
    double square = 0.25;
    for (std::int64_t t = 0; t < steps; ++t) {
      const double stepsize = eta * schedule(t, steps);
      square = std::pow(1 - stepsize * lambda, 2) * square + std::pow(stepsize * sigma, 2);
      REQUIRE(square <= 1.0);
    }
    CHECK(lambda / 2 * square <= bound.value);
  }
}

TEST_CASE("a Lipschitz function is above the S_t bound and below the theorem's, with S_{t+1}") {
  // T = 3 steps of a constant schedule at rho = 2, D = G = 1: eta = 2/sqrt(S_0 Q_0) = 2/sqrt(3 * 11/6). f(x)
  // = max(0, g_0.x, g_1.x, g_2.x) has its minimum 0 at x* = 0 and slopes of at most 1. From x_0, the pieces
  // g_0, g_1 and g_2 are the largest at x_0, x_1 and x_2. The iterates and x* are at most 1 apart, so the
  // domain can be their convex hull, of diameter 1, on which projections change nothing. Of all such
  // functions this one maximises f(x_2) (found by sequential quadratic programming); the maximum is 0.96909.
  using Point = std::array<double, 3>;
  const std::array<Point, 3> g{
      {{0.426403, 0.904528, -3e-06}, {0.116293, -0.456829, 0.881914}, {0.426393, -0.201001, -0.881917}}};
  const auto dot = [](const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; };
  const double eta = 2 / std::sqrt(5.5);
  std::array<Point, 3> x{{{1, 0, 0}, {}, {}}};
  for (int t = 0; t < 2; ++t)
    for (int j = 0; j < 3; ++j) x[t + 1][j] = x[t][j] - eta * g[t][j];
  for (int i = 0; i < 3; ++i) {
    CHECK(dot(g[i], g[i]) <= 1.0);
    CHECK(dot(x[i], x[i]) <= 1.0);
    CHECK(dot(g[i], x[i]) > 0.0);
    for (int j = 0; j < 3; ++j) {
      if (j == i) continue;
      CHECK(dot(g[i], x[i]) > dot(g[j], x[i]));
      const Point apart{x[i][0] - x[j][0], x[i][1] - x[j][1], x[i][2] - x[j][2]};
      CHECK(dot(apart, apart) <= 1.0);
    }
  }
  const double excess = dot(g[2], x[2]);
  CHECK(excess == Approx(0.9691).margin(5e-5));

  const auto schedule = Schedule::parse("constant");
  // With S_{t+1} the bound is above its cap G D = 1. These constants leave out the cap, so that its value
  // shows.
  const theory::Constants uncapped{.largest_stepsize = 1e9};
  const auto bound = [&](const theory::Constants& constants, theory::Form form) {
    return theory::bounds(schedule, 3, constants, std::vector{eta}, form)[0].value;
  };
  CHECK(2 * theory::tuned_stepsize(theory::tuned_sums(schedule, 3), {}) == Approx(eta).epsilon(1e-14));
  // With S_t the bound is least for the steps from k = 1 on, where S_1 = 2 and Q_1 = 1/2 + 1. With S_{t+1} it
  // is least for the steps from k = 2 on, where S_2 = 1 and Q_2 = 1.
  CHECK(bound({}, theory::Form::last_iterate) == Approx(1 / (4 * eta) + eta * 0.75).epsilon(1e-14));
  CHECK(bound({}, theory::Form::last_iterate) == Approx(0.9328).margin(5e-5));
  CHECK(bound(uncapped, theory::Form::last_gradient) == Approx(1 / (2 * eta) + eta / 2).epsilon(1e-14));
  CHECK(bound(uncapped, theory::Form::last_gradient) == Approx(1.013).margin(5e-4));
  CHECK(bound({}, theory::Form::last_gradient) == 1.0);
  CHECK(excess > bound({}, theory::Form::last_iterate));
  CHECK(excess < bound({}, theory::Form::last_gradient));
}

TEST_CASE("both forms agree as T grows") {
  const char* spec = GENERATE("constant", "linear", "cosine");
  double before = 1;
  for (const std::int64_t steps : {100, 1000, 10'000, 100'000}) {
    const auto schedule = Schedule::parse(spec);
    const double iterate = theory::tuned_bound(schedule, steps, {}, theory::Form::last_iterate).value;
    const double gradient = theory::tuned_bound(schedule, steps, {}, theory::Form::last_gradient).value;
    CHECK(gradient > iterate);
    CHECK(gradient / iterate - 1 < before);
    before = gradient / iterate - 1;
  }
  CHECK(before < 0.05);
}

TEST_CASE("the sums with S_{t+1} are those of the definition") {
  const char* spec = GENERATE("constant", "inverse_sqrt", "linear", "warmup(0.2, cosine)");
  const std::int64_t steps = GENERATE(1, 2, 50);
  const auto schedule = Schedule::parse(spec);
  double s = 0, q = 0;
  for (std::int64_t t = 0; t < steps; ++t) {
    double after = 0;
    for (std::int64_t i = t + 1; i < steps; ++i) after += schedule(i, steps);
    s += schedule(t, steps);
    q += std::pow(schedule(t, steps), 2) / (t == steps - 1 ? schedule(t, steps) : after);
  }
  const auto found = theory::schedule_sums(schedule, steps, theory::Form::last_gradient);
  CHECK(found.s == Approx(s).epsilon(1e-13));
  CHECK(found.q == Approx(q).epsilon(1e-13));
}

TEST_CASE("no bound is above G D") {
  const theory::Constants constants{.diameter = 3.0, .gradient_bound = 0.5};
  const auto found =
      theory::bounds(Schedule::parse("constant"), 1000, constants, std::vector{1e-6, 0.1, 1e6});
  CHECK(found[0].value == 1.5);
  CHECK(found[0].slope == 0.0);
  CHECK(found[1].value < 1.5);
  CHECK(found[2].value == 1.5);
  const auto ratios = theory::bound_ratios(Schedule::parse("constant"), 1000, std::vector{1e-6, 1e6});
  // Far from rho = 1 the ratio is at its cap: sqrt(S_0/Q_0) = sqrt(1000/H_1000). The harmonic number H_1000
  // is 7.48547086055034491.
  CHECK(ratios[0].ratio == Approx(std::sqrt(1000 / 7.48547086055034491)).epsilon(1e-13));
  CHECK(ratios[1].ratio == ratios[0].ratio);
}
