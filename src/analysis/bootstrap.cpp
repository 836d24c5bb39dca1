#include "rhosweep/analysis/bootstrap.hpp"

#include "rhosweep/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rhosweep::analysis {

namespace {

constexpr std::int64_t batch_bytes = std::int64_t{16} << 20;
constexpr std::int64_t stream_seed = 0;

}  // namespace

Bootstrap::Bootstrap(std::span<const std::int64_t> seeds, std::int64_t resamples)
    : by_value_(seeds.size()), resamples_(Bootstrap::resamples(std::ssize(seeds), resamples)) {
  std::iota(by_value_.begin(), by_value_.end(), std::int64_t{0});
  std::sort(by_value_.begin(), by_value_.end(),
            [&](std::int64_t a, std::int64_t b) { return seeds[a] < seeds[b]; });
  if (resamples_ > 0 && batch() == resamples_) all_ = draw(0, resamples_);
}

std::vector<std::uint8_t> Bootstrap::draw(std::int64_t first, std::int64_t count) const {
  const core::RandomStream stream(stream_seed, core::Purpose::bootstrap);
  const std::int64_t seeds = std::ssize(by_value_);
  // 8-bit counts suffice: n draws among n seeds give a certain seed 256 times or more with a probability
  // below 1/256!.
  std::vector<std::uint8_t> counts(count * seeds, 0);
  for (std::int64_t b = 0; b < count; ++b) {
    const auto lane = static_cast<std::uint32_t>(first + b);
    for (std::int64_t j = 0; j < seeds; ++j) ++counts[b * seeds + by_value_[stream.below(seeds, j, lane)]];
  }
  return counts;
}

std::int64_t Bootstrap::batch() const {
  return std::clamp<std::int64_t>(batch_bytes / std::ssize(by_value_), 1,
                                  std::max<std::int64_t>(1, resamples_));
}

Interval percentile_interval(std::vector<double> values) {
  const std::int64_t rank = (std::ssize(values) + 1) / 40;
  if (rank < 1 || std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); }))
    return {};
  const auto low = values.begin() + (rank - 1);
  const auto high = values.end() - rank;
  std::nth_element(values.begin(), low, values.end());
  std::nth_element(low + 1, high, values.end());
  return {.low = *low, .high = *high};
}

}  // namespace rhosweep::analysis
