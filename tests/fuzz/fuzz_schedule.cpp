// The input is a schedule's specification.
#include "expect.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/model/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

using fuzz::expect;
using rhosweep::model::Schedule;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

std::optional<Schedule> parse(std::string_view text) {
  try {
    return Schedule::parse(text);
  } catch (const rhosweep::core::InputError& error) {
    fuzz::expect_one_line(error);
    return std::nullopt;
  }
}

/// Checks that h is in [0, 1] at step t and the same for `again`, the schedule read from the canonical text.
void check_step(const Schedule& schedule, const Schedule& again, std::int64_t t, std::int64_t steps) {
  const double h = schedule(t, steps);
  expect(h >= 0.0 && h <= 1.0, "h lies in [0, 1]");
  expect(again(t, steps) == h, "the canonical text gives the same h");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto schedule = parse({reinterpret_cast<const char*>(data), size});
  if (!schedule) return 0;
  const auto again = parse(schedule->canonical());
  expect(again.has_value(), "the canonical text is a schedule");
  expect(again->canonical() == schedule->canonical(), "the canonical text is its own");
  const auto written = parse(schedule->spec());
  expect(written && written->canonical() == schedule->canonical(), "the text it keeps is the same schedule");
  const double exponent = schedule->cost_exponent();
  expect(exponent >= 0.0 && exponent <= 1.0, "the exponent lies in [0, 1]");

  for (const std::int64_t steps : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, std::int64_t{10},
                                   std::int64_t{1000}, std::int64_t{1} << 53, largest})
    for (const std::int64_t t :
         {std::int64_t{0}, std::int64_t{1}, steps / 3, steps / 2, steps - 2, steps - 1})
      check_step(*schedule, *again, std::clamp<std::int64_t>(t, 0, steps - 1), steps);
  return 0;
}
