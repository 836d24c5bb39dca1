#include "rhosweep/sched/run_worker.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sched/transport.hpp"

#include <variant>

namespace rhosweep::sched {

void run_worker(Transport& transport, const RunBlock& run, const WriteBlock& write) {
  const Pulse go_on = [] { return true; };
  while (true) {
    const Message message = transport.receive().message;
    if (std::holds_alternative<Finish>(message)) return;
    const auto* order = std::get_if<Run>(&message);
    core::require(order != nullptr, "the master says nothing but Run and Finish");
    const model::BlockResult result = run(order->block, go_on);
    write(order->block, result);
    transport.send(master_rank, Done{order->block, tally(result)});
  }
}

}  // namespace rhosweep::sched
