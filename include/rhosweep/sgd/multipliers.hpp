#pragma once

#include "rhosweep/model/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rhosweep::sgd {

/// Tables of h_t. They are kept between blocks, because evaluating a power or a cosine takes as long as a
/// step of many trials.
class Multipliers {
 public:
  /// @param most_bytes limit on the total size of the tables; a table that would exceed it is computed again
  /// at each call
  explicit Multipliers(std::size_t most_bytes = std::size_t{64} << 20) : free_bytes_(most_bytes) {}

  /// Writes h_t for t = first … first + out.size() − 1 of a run of `steps` steps.
  void fill(const model::Schedule& schedule, std::int64_t steps, std::int64_t first, std::span<double> out);

 private:
  std::size_t free_bytes_;
  std::map<std::pair<std::string, std::int64_t>, std::vector<double>> tables_;
};

}  // namespace rhosweep::sgd
