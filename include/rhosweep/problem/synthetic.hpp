#pragma once

#include "rhosweep/problem/dataset.hpp"

#include <cstdint>

namespace rhosweep::problem {

/// Samples of a noisy linear classifier: features x ~ N(0, I), label sign(x·w*) flipped with a probability,
/// w* uniform on the unit sphere.
struct SyntheticPopulation {
  std::int64_t dimension = 1;
  std::int64_t data_seed = 1;
  double flip_probability = 0.0;  ///< in [0, 1/2)
};

/// Which samples of the population: the sets are disjoint.
enum class SampleSet { training, held_out };

/// The first samples of a set, dense. Sample i is a pure function of the population, the set and i: a larger
/// set begins with the smaller one, and neither set depends on the size of the other.
Dataset synthetic_logistic(const SyntheticPopulation& population, SampleSet set, std::int64_t samples,
                           model::Precision precision);

}  // namespace rhosweep::problem
