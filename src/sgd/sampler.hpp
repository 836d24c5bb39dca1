#pragma once

#include "rhosweep/core/random.hpp"
#include "rhosweep/model/sgd_settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rhosweep::sgd {

/// Chooses the samples of a seed's mini-batches. Every choice is a pure function of (seed, step, place in the
/// batch). Shuffled sampling uses a new permutation of the data for each epoch. A batch may start in one
/// epoch and end in the next.
class Sampler {
 public:
  /// @pre sampling is not full_batch
  Sampler(model::Sampling sampling, std::int64_t samples, std::int64_t batch_size, std::int64_t seed);

  /// Writes the sample indices of steps first_step, first_step + 1, …: (steps × batch_size), batch by batch.
  void draw(std::int64_t first_step, std::span<std::int64_t> indices);

 private:
  void permute(std::int64_t epoch);

  model::Sampling sampling_;
  std::int64_t samples_;
  std::int64_t batch_size_;
  core::RandomStream stream_;
  std::int64_t epoch_ = -1;  ///< epoch of permutation_; −1 before the first one
  std::vector<std::int64_t> permutation_;
};

}  // namespace rhosweep::sgd
