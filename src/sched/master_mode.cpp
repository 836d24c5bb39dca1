#include "rhosweep/sched/master_mode.hpp"

namespace rhosweep::sched {

MasterMode choose_master_mode(std::optional<MasterMode> asked, std::int64_t ranks) {
  if (ranks == 1) return MasterMode::working;
  return asked.value_or(ranks <= most_ranks_with_working_master ? MasterMode::working
                                                                : MasterMode::dedicated);
}

}  // namespace rhosweep::sched
