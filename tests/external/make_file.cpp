// Makes the results file of an example: make_file two_axes|ones|no_axes FILE. The last seed at the last axes
// point stays pending unless it is the only seed. store/example.hpp describes the contents; read_file.py
// computes them independently.
#include "store/example.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/store/communicator.hpp"
#include "rhosweep/store/results_file.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>

#include <mpi.h>

using namespace rhosweep;

namespace {

store::FileDescription describe(std::string_view name) {
  if (name == "two_axes") return example::two_axes();
  if (name == "ones") return example::ones();
  if (name == "no_axes") return example::no_axes();
  throw core::InputError("usage: make_file two_axes|ones|no_axes FILE");
}

void make_file(std::string_view name, const char* path) {
  const store::FileDescription description = describe(name);
  store::ResultsFile::create(path, description, example::provenance(), store::Existing::overwrite);
  store::ResultsFile file = store::ResultsFile::open(path, {MPI_COMM_SELF});
  const std::vector<double> costs(description.grid.axes_points(), 1.0);
  const model::Partition blocks(description.grid, description.grid.trials_per_seed(), costs);
  const std::int64_t written = std::max<std::int64_t>(1, blocks.blocks() - 1);
  for (core::BlockIndex i; i.value < written; ++i) {
    model::BlockResult result = example::run(description, blocks[i]);
    if (i.value == 0) result.failure = "ρ is to blame";
    file.write(blocks[i], result, core::Rank{0});
  }
  file.close();
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int outcome = 0;
  try {
    make_file(argc == 3 ? argv[1] : "", argv[argc - 1]);
  } catch (const std::exception& error) {
    std::cerr << "make_file: " << error.what() << '\n';
    outcome = 1;
  }
  MPI_Finalize();
  return outcome;
}
