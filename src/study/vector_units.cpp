#include "rhosweep/study/vector_units.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/vector_unit.hpp"

#include <string>

#include <fmt/format.h>

namespace rhosweep::study {

namespace {

/// Returns what is wrong with this rank's choice of a vector unit, or "" if nothing is wrong.
std::string complaint(const mpi::World& world) {
  try {
    core::vector_unit();
    return {};
  } catch (const core::InputError& error) {
    if (world.size() == 1) return error.what();
    return fmt::format("rank {} on {}: {}", world.rank().value, world.host(), error.what());
  }
}

}  // namespace

void require_vector_units(const mpi::World& world) {
  const auto complaints = world.gather(complaint(world));
  world.on_root([&] {
    for (const std::string& each : complaints)
      if (!each.empty()) throw core::InputError(each);
  });
}

}  // namespace rhosweep::study
