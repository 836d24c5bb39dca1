#include "commands.hpp"

#include "rhosweep/core/print.hpp"
#include "rhosweep/core/text.hpp"
#include "rhosweep/study/kinds.hpp"

namespace rhosweep::app {

core::ExitCode print_schedule(const std::string& spec, std::int64_t steps) {
  const auto h = study::parse_schedule(spec, steps);
  core::print("# h_t of {} over {}, u = t/T\n# t u h\n", h.name(), core::counted(steps, "step"));
  for (std::int64_t t = 0; t < steps; ++t)
    core::print("{} {} {}\n", t, static_cast<double>(t) / static_cast<double>(steps), h(t, steps));
  return core::ExitCode::success;
}

}  // namespace rhosweep::app
