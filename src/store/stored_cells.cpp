#include "rhosweep/store/stored_cells.hpp"

namespace rhosweep::store {

CellHistory CellHistory::part(std::int64_t first, std::int64_t count) const {
  const auto cut = [&](const auto& all) {
    return std::vector(all.begin() + first, all.begin() + first + count);
  };
  return {.seconds = cut(seconds), .ranks = cut(ranks), .attempts = cut(attempts)};
}

}  // namespace rhosweep::store
