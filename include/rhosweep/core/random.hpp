#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace rhosweep::core {

/// The purpose of a stream of random numbers. Streams with different purposes are independent. Never renumber
/// the purposes: their values determine the random numbers and so the results of trials.
enum class Purpose : std::uint32_t {
  sample = 1,         ///< the samples of a mini-batch
  shuffle = 2,        ///< the permutation of an epoch
  noise = 3,          ///< gradient noise
  initial_point = 4,  ///< random initial points
  features = 5,       ///< synthetic features
  labels = 6,         ///< synthetic labels
  model = 7,          ///< the model that generates synthetic labels
  bootstrap = 8,      ///< resampling of seeds in the analysis
  split = 9,          ///< which samples of a file are held out for testing
  replay = 10         ///< the random ρ with which successive halving begins, a search to compare with
};

/// Counter-based random numbers (Philox4x32-10, Salmon et al. 2011). Every number is a pure function of
/// (seed, purpose, step, lane), so it is the same on any rank, in any order and after a restart.
class RandomStream {
 public:
  /// Streams of different seeds or purposes are independent of each other.
  RandomStream(std::int64_t seed, Purpose purpose);

  /// Returns 128 random bits.
  std::array<std::uint32_t, 4> bits(std::int64_t step, std::uint32_t lane) const;

  /// Returns a uniform integer in {0, …, n−1}, n ≥ 1, made from 64 bits (the bias is below n·2⁻⁶⁴).
  std::int64_t below(std::int64_t n, std::int64_t step, std::uint32_t lane) const;

  /// Returns a uniform number in the open interval (0, 1), made from 52 bits.
  double uniform(std::int64_t step, std::uint32_t lane) const;

  /// Returns two independent standard normal numbers (Box–Muller).
  std::pair<double, double> normal_pair(std::int64_t step, std::uint32_t lane) const;

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t purpose_;
};

}  // namespace rhosweep::core
