#include "sampler.hpp"

#include "rhosweep/core/error.hpp"

#include <iterator>
#include <numeric>
#include <utility>

namespace rhosweep::sgd {

using model::Sampling;

Sampler::Sampler(Sampling sampling, std::int64_t samples, std::int64_t batch_size, std::int64_t seed)
    : sampling_(sampling),
      samples_(samples),
      batch_size_(batch_size),
      stream_(seed, sampling == Sampling::shuffle ? core::Purpose::shuffle : core::Purpose::sample) {
  core::require(sampling != Sampling::full_batch, "the full batch draws no samples");
}

void Sampler::draw(std::int64_t first_step, std::span<std::int64_t> indices) {
  if (sampling_ == Sampling::with_replacement) {
    for (std::int64_t i = 0; i < std::ssize(indices); ++i) {
      indices[i] =
          stream_.below(samples_, first_step + i / batch_size_, static_cast<std::uint32_t>(i % batch_size_));
    }
    return;
  }
  std::int64_t position = first_step * batch_size_;
  for (std::int64_t& index : indices) {
    permute(position / samples_);
    index = permutation_[position % samples_];
    ++position;
  }
}

/// Makes the permutation of an epoch by Fisher–Yates shuffling, with a random number per (epoch, place).
void Sampler::permute(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  permutation_.resize(samples_);
  std::iota(permutation_.begin(), permutation_.end(), std::int64_t{0});
  for (std::int64_t last = samples_ - 1; last > 0; --last) {
    std::swap(permutation_[last],
              permutation_[stream_.below(last + 1, epoch, static_cast<std::uint32_t>(last))]);
  }
}

}  // namespace rhosweep::sgd
