#include "rhosweep/core/random.hpp"

#include "rhosweep/core/elementary.hpp"

#include <cmath>

#include <Random123/philox.h>

namespace rhosweep::core {

namespace {

std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint64_t>(high) << 32 | low;
}

/// Maps bits to the midpoint of one of 2⁵² equal parts of (0, 1): the result is never 0 or 1.
double open_unit(std::uint64_t bits) {
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

}  // namespace

RandomStream::RandomStream(std::int64_t seed, Purpose purpose)
    : key_{static_cast<std::uint32_t>(seed),
           static_cast<std::uint32_t>(static_cast<std::uint64_t>(seed) >> 32)},
      purpose_(static_cast<std::uint32_t>(purpose)) {}

std::array<std::uint32_t, 4> RandomStream::bits(std::int64_t step, std::uint32_t lane) const {
  const auto counter = static_cast<std::uint64_t>(step);
  const r123::Philox4x32::ctr_type ctr{
      {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), lane, purpose_}};
  const r123::Philox4x32::key_type key{{key_[0], key_[1]}};
  const auto out = r123::Philox4x32{}(ctr, key);
  return {out[0], out[1], out[2], out[3]};
}

std::int64_t RandomStream::below(std::int64_t n, std::int64_t step, std::uint32_t lane) const {
  const auto random = bits(step, lane);
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(join(random[0], random[1])) * static_cast<std::uint64_t>(n);
  return static_cast<std::int64_t>(product >> 64);
}

double RandomStream::uniform(std::int64_t step, std::uint32_t lane) const {
  const auto random = bits(step, lane);
  return open_unit(join(random[0], random[1]));
}

std::pair<double, double> RandomStream::normal_pair(std::int64_t step, std::uint32_t lane) const {
  const auto random = bits(step, lane);
  const double radius = std::sqrt(-2.0 * elementary::log(open_unit(join(random[0], random[1]))));
  const auto [sine, cosine] = elementary::sine_cosine_of_pi(2.0 * open_unit(join(random[2], random[3])));
  return {radius * cosine, radius * sine};
}

}  // namespace rhosweep::core
