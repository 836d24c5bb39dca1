#include "rhosweep/sgd/multipliers.hpp"

#include <algorithm>

namespace rhosweep::sgd {

void Multipliers::fill(const model::Schedule& schedule, std::int64_t steps, std::int64_t first,
                       std::span<double> out) {
  const auto compute = [&](std::int64_t from, std::span<double> values) {
    for (double& h : values) h = schedule(from++, steps);
  };
  auto table = tables_.find({schedule.spec(), steps});
  if (table == tables_.end()) {
    if (static_cast<std::size_t>(steps) > free_bytes_ / sizeof(double)) return compute(first, out);
    free_bytes_ -= static_cast<std::size_t>(steps) * sizeof(double);
    table = tables_.emplace(std::pair(schedule.spec(), steps), std::vector<double>(steps)).first;
    compute(0, table->second);
  }
  std::copy_n(table->second.begin() + first, out.size(), out.begin());
}

}  // namespace rhosweep::sgd
