#pragma once

#include "rhosweep/data/dataset.hpp"

#include <cstdint>

namespace rhosweep::data {

/// Samples of noisy linear models: features x ~ N(0, I), weights w* uniform on the unit sphere.
struct SyntheticPopulation {
  std::int64_t dimension = 1;
  std::int64_t data_seed = 1;
  double flip_probability = 0.0;  ///< of labels that are classes: in [0, 1)
  double noise = 0.0;             ///< standard deviation of labels that are numbers, ≥ 0
  std::int64_t classes = 2;       ///< of softmax
};

/// Which samples of the population: the sets are disjoint.
enum class SampleSet { training, held_out };

/// The first samples of a set, dense. Sample i is a pure function of the population, the set and i: a larger
/// set begins with the smaller one, and neither set depends on the size of the other.
/// Labels are sign(x·w*), flipped with the probability.
Dataset synthetic_logistic(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                           model::Precision precision);
/// The same features with labels x·w* + noise · N(0, 1).
Dataset synthetic_regression(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                             model::Precision precision);
/// The same features with labels 0 … classes − 1: the class c of the largest x·w*_c, the weights of the
/// classes being independent; with the probability one of the others instead, each as likely.
Dataset synthetic_classes(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                          model::Precision precision);

}  // namespace rhosweep::data
