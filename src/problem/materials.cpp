#include "rhosweep/problem/materials.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/memory.hpp"

#include <new>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

std::shared_ptr<const data::Dataset> make_data_set(const data::DataSource& source) {
  try {
    return std::make_shared<const data::Dataset>(source.make());
  } catch (const core::MemoryError& error) {
    throw core::MemoryError(fmt::format("{}: {}", source.name, error.what()));
  } catch (const std::bad_alloc&) {
    throw core::MemoryError(source.name + ": out of memory");
  }
}

template <class Map>
const typename Map::mapped_type& find(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) throw core::InternalError("a problem did not say that it needs: " + name);
  return found->second;
}

}  // namespace

void Materials::make(const Needs& needs) {
  for (const data::DataSource& source : needs.data_sets)
    if (!data_sets_.contains(source.name)) add(source.name, make_data_set(source));
  if (needs.minimiser && !minimisers_.contains(needs.minimiser->name))
    add(needs.minimiser->name, needs.minimiser->solve(*this));
}

std::shared_ptr<const data::Dataset> Materials::data_set(const std::string& name) const {
  return find(data_sets_, name);
}

const std::optional<optimum::Minimiser>& Materials::minimiser(const std::string& name) const {
  return find(minimisers_, name);
}

}  // namespace rhosweep::problem
