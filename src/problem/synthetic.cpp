#include "rhosweep/problem/synthetic.hpp"

#include "rhosweep/core/memory.hpp"
#include "rhosweep/core/random.hpp"

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace rhosweep::problem {

namespace {

/// Held-out samples are numbered from here, out of reach of any training set.
constexpr std::int64_t first_held_out = std::int64_t{1} << 40;

/// Independent standard normal numbers, two per lane.
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

}  // namespace

Dataset synthetic_logistic(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                           model::Precision precision) {
  const core::RandomStream features(population.data_seed, core::Purpose::features);
  const core::RandomStream flips(population.data_seed, core::Purpose::labels);
  const std::int64_t dimension = population.dimension;

  // Labels depend on the direction of w* alone, so its length is left as it is drawn.
  std::vector<double> model(dimension);
  fill_normal(core::RandomStream(population.data_seed, core::Purpose::model), 0, model);

  core::require_memory(samples * (dimension + 1) * static_cast<std::int64_t>(sizeof(double)),
                       "drawing samples");
  std::vector<double> values(samples * dimension);
  std::vector<double> labels(samples);
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t number = set == SampleSet::training ? i : first_held_out + i;
    const std::span row = std::span(values).subspan(i * dimension, dimension);
    fill_normal(features, number, row);
    const double label = dot(row, model) < 0 ? -1.0 : 1.0;
    labels[i] = flips.uniform(number, 0) < population.flip_probability ? -label : label;
  }
  return Dataset::from_dense(values, dimension, labels, precision);
}

}  // namespace rhosweep::problem
