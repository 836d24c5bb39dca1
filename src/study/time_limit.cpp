#include "rhosweep/study/time_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace rhosweep::study {

namespace {

/// Returns the seconds until the end of the Slurm job of this process; nullopt outside a Slurm job.
std::optional<double> slurm_time_left() {
  const char* end = std::getenv("SLURM_JOB_END_TIME");
  if (end == nullptr) return std::nullopt;
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
  return std::strtod(end, nullptr) - now.count();
}

}  // namespace

void set_deadline(StopSwitch& stop, std::optional<double> limit) {
  constexpr double most_reserved = 10.0;
  constexpr double reserved_share = 0.1;
  if (const auto left = slurm_time_left(); left && *left > 0.0)
    limit = std::min(*left, limit.value_or(*left));
  if (limit) stop.set_deadline(*limit - std::min(most_reserved, reserved_share * *limit));
}

}  // namespace rhosweep::study
