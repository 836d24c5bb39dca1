#include "rhosweep/data/synthetic.hpp"

#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace rhosweep::data {

namespace {

/// Number of the first held-out sample, larger than the number of any training sample.
constexpr std::int64_t first_held_out = std::int64_t{1} << 40;

/// Fills `out` with independent standard normal numbers. Each lane of the random stream gives two of these
/// numbers.
void fill_normal(const core::RandomStream& stream, std::int64_t step, std::span<double> out) {
  for (std::size_t j = 0; j < out.size(); j += 2) {
    const auto [first, second] = stream.normal_pair(step, static_cast<std::uint32_t>(j / 2));
    out[j] = first;
    if (j + 1 < out.size()) out[j + 1] = second;
  }
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Draws the weights w* of class c. The weights are not normalised.
std::vector<double> draw_weights(const SyntheticPopulation& population, std::int64_t c) {
  std::vector<double> weights(population.dimension);
  fill_normal(core::RandomStream(population.data_seed, core::Purpose::model), c, weights);
  return weights;
}

std::vector<double> draw_unit_weights(const SyntheticPopulation& population, std::int64_t c) {
  std::vector<double> weights = draw_weights(population, c);
  const double norm = std::sqrt(dot(weights, weights));
  for (double& w : weights) w /= norm;
  return weights;
}

/// Draws a data set. @param label_of returns the label for (number of the sample, its features)
template <class LabelOf>
Dataset draw(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
             model::Precision precision, const LabelOf& label_of) {
  const core::RandomStream features(population.data_seed, core::Purpose::features);
  const std::int64_t dimension = population.dimension;
  return Dataset::from_draws(samples, dimension, precision, [&](std::int64_t i, std::span<double> row) {
    const std::int64_t number = set == SampleSet::training ? i : first_held_out + i;
    fill_normal(features, number, row);
    return label_of(number, row);
  });
}

}  // namespace

Dataset synthetic_logistic(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                           model::Precision precision) {
  const core::RandomStream flips(population.data_seed, core::Purpose::labels);
  // Labels depend only on the direction of w*, so w* is not normalised.
  const std::vector<double> weights = draw_weights(population, 0);
  return draw(population, set, samples, precision, [&](std::int64_t number, std::span<const double> row) {
    const double label = dot(row, weights) < 0 ? -1.0 : 1.0;
    return flips.uniform(number, 0) < population.flip_probability ? -label : label;
  });
}

Dataset synthetic_regression(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                             model::Precision precision) {
  const core::RandomStream noise(population.data_seed, core::Purpose::labels);
  const std::vector<double> weights = draw_unit_weights(population, 0);
  return draw(population, set, samples, precision, [&](std::int64_t number, std::span<const double> row) {
    return dot(row, weights) + population.noise * noise.normal_pair(number, 0).first;
  });
}

Dataset synthetic_classes(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                          model::Precision precision) {
  const core::RandomStream flips(population.data_seed, core::Purpose::labels);
  std::vector<std::vector<double>> weights;
  for (std::int64_t c = 0; c < population.classes; ++c) weights.push_back(draw_unit_weights(population, c));
  return draw(population, set, samples, precision, [&](std::int64_t number, std::span<const double> row) {
    std::vector<double> scores(weights.size());
    std::ranges::transform(weights, scores.begin(), [&](const auto& of_class) { return dot(row, of_class); });
    const std::int64_t best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    const bool is_flipped = flips.uniform(number, 0) < population.flip_probability;
    const std::int64_t shift = is_flipped ? 1 + flips.below(population.classes - 1, number, 1) : 0;
    return static_cast<double>((best + shift) % population.classes);
  });
}

}  // namespace rhosweep::data
