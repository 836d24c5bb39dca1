#include "rhosweep/core/processors.hpp"

#include <cstddef>

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

namespace rhosweep::core {

namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

std::vector<std::int64_t> usable_processors() {
  constexpr std::size_t most = std::size_t{1} << 16;
  std::vector<cpu_set_t> mask(most / (8 * sizeof(cpu_set_t)));
  const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
  std::vector<std::int64_t> numbers;
  if (::sched_getaffinity(0, bytes, mask.data()) != 0) return numbers;
  for (std::size_t i = 0; i < most; ++i)
    if (CPU_ISSET_S(i, bytes, mask.data())) numbers.push_back(static_cast<std::int64_t>(i));
  return numbers;
}

std::string to_list_text(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (std::size_t first = 0; first < numbers.size();) {
    std::size_t last = first;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[first]);
    if (last > first) text += fmt::format("-{}", numbers[last]);
    first = last + 1;
  }
  return text;
}

double processor_seconds() {
  double sum = 0.0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    if (::getrusage(who, &usage) == 0) sum += seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  }
  return sum;
}

}  // namespace rhosweep::core
