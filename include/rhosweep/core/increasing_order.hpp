#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace rhosweep::core {

/// Returns the indices that sort the numbers in increasing order. @param numbers the numbers, all distinct
template <class Number>
std::vector<std::int64_t> increasing_order(const std::vector<Number>& numbers) {
  std::vector<std::int64_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::ranges::sort(order, {}, [&](std::int64_t i) { return numbers[i]; });
  return order;
}

}  // namespace rhosweep::core
