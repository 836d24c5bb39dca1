#include "rhosweep/study/run_use.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rhosweep::study {

RunUse gather_use(const RankUse& mine, double seconds, const mpi::World& world) {
  const std::vector<double> busy = world.gather(mine.busy);
  const std::vector<double> processor = world.gather(mine.processor);
  const std::vector<double> writing = world.gather(mine.writing);
  RunUse use;
  use.ranks = world.size();
  use.seconds = seconds;
  bool is_first = true;
  for (std::size_t rank = 0; rank < busy.size(); ++rank) {
    use.sum.busy += busy[rank];
    use.sum.processor += processor[rank];
    use.sum.writing += writing[rank];
    if (busy[rank] == 0.0) continue;
    const double share = processor[rank] / busy[rank];
    if (!is_first && share >= use.least_processor_share) continue;
    is_first = false;
    use.least_used.value = static_cast<std::int64_t>(rank);
    use.least_processor_share = share;
  }
  return use;
}

}  // namespace rhosweep::study
