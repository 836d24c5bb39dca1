// Ends as a run does when rank 0 finds bad input while node data exists (data that the ranks of a node
// share).
#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/environment.hpp"
#include "rhosweep/mpi/failed_together.hpp"
#include "rhosweep/mpi/node_data.hpp"
#include "rhosweep/mpi/world.hpp"

#include <cstddef>
#include <iostream>
#include <memory>

using namespace rhosweep;

int main(int argc, char** argv) {
  const mpi::Environment environment(argc, argv);
  const mpi::World world;
  try {
    mpi::NodeData data(world);
    const auto shared = data.share({std::make_shared<const std::byte>(), 1});
    world.on_root([] { throw core::InputError("bad sweep file"); });
    data.release();
  } catch (const mpi::FailedTogether& failure) {
    if (world.is_root()) std::cerr << failure.what() << '\n';
    return static_cast<int>(failure.code());
  }
  return 0;
}
