#include "rhosweep/study/materials.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace rhosweep::study {

namespace {

/// Returns rank 0's minimiser on every rank. Collective.
std::optional<optimum::Minimiser> broadcast(const std::optional<optimum::Minimiser>& on_root,
                                            const mpi::World& world) {
  std::vector<double> numbers;  // value at the minimiser, then the minimiser; empty: none
  if (on_root) {
    numbers.push_back(on_root->value);
    numbers.insert(numbers.end(), on_root->w.begin(), on_root->w.end());
  }
  world.broadcast(numbers);
  if (numbers.empty()) return std::nullopt;
  return optimum::Minimiser{numbers.front(), {numbers.begin() + 1, numbers.end()}};
}

}  // namespace

problem::Materials share(problem::Materials made, const std::vector<problem::Needs>& needs,
                         const mpi::World& world, mpi::NodeData& node_data) {
  std::set<std::string> data_sets;
  std::set<std::string> minimisers;
  for (const problem::Needs& need : needs) {
    for (const data::DataSource& source : need.data_sets) data_sets.insert(source.name);
    if (need.minimiser) minimisers.insert(need.minimiser->name);
  }
  problem::Materials shared;
  for (const std::string& name : minimisers) {
    std::optional<optimum::Minimiser> on_root;
    if (world.is_root()) on_root = made.minimiser(name);
    shared.add(name, broadcast(on_root, world));
  }
  auto handed_over = std::move(made).data_sets();
  for (const std::string& name : data_sets) {
    mpi::NodeData::Bytes on_root;
    if (world.is_root()) on_root = handed_over.extract(name).mapped()->owned_bytes();
    const auto [bytes, size] = node_data.share(std::move(on_root));
    shared.add(name, std::make_shared<const data::Dataset>(data::Dataset::from_bytes(bytes, size)));
  }
  return shared;
}

}  // namespace rhosweep::study
