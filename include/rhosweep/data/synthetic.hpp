#pragma once

#include "rhosweep/data/dataset.hpp"

#include <cstdint>

namespace rhosweep::data {

/// A population of samples of a noisy linear model: features x ~ N(0, I), weights w* uniform on the unit
/// sphere.
struct SyntheticPopulation {
  std::int64_t dimension = 1;
  std::int64_t data_seed = 1;
  double flip_probability = 0.0;  ///< in [0, 1): probability that a class label is replaced by a wrong one
  double noise = 0.0;             ///< ≥ 0: standard deviation of the noise on labels that are numbers
  std::int64_t classes = 2;       ///< number of classes of synthetic_classes()
};

/// Two disjoint sets of samples of the population.
enum class SampleSet { training, held_out };

/// Returns the first `samples` samples of a set as a dense data set, with labels sign(x·w*), each flipped
/// with probability flip_probability. Sample i depends on the population, the set and i only: a larger set
/// begins with the samples of a smaller one, and neither set depends on the size of the other.
Dataset synthetic_logistic(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                           model::Precision precision);
/// Returns the features of synthetic_logistic() with labels x·w* + noise · N(0, 1).
Dataset synthetic_regression(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                             model::Precision precision);
/// Returns the features of synthetic_logistic() with labels 0 … classes − 1. The label is the class c with
/// the largest x·w*_c, where the weights of the classes are independent. With probability flip_probability,
/// it is replaced by one of the other classes, all equally likely.
Dataset synthetic_classes(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                          model::Precision precision);

}  // namespace rhosweep::data
