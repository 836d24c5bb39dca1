#include "rhosweep/sched/run_worker.hpp"

#include "service.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sched/stop.hpp"
#include "rhosweep/sched/transport.hpp"

#include <deque>
#include <utility>
#include <variant>

namespace rhosweep::sched {

void run_worker(Transport& transport, const RunBlock& run, const WriteBlock& write, Stop& stop) {
  std::deque<Message> orders;
  bool master_knows = false;  // whether the master knows that this rank stops
  const auto serve = [&] {
    while (const auto envelope = transport.poll()) {
      if (std::holds_alternative<Drain>(envelope->message)) {
        stop.request();
        master_knows = true;
      } else {
        orders.push_back(envelope->message);
      }
    }
    if (stop.requested() && !std::exchange(master_knows, true)) transport.send(master_rank, Drain{});
  };

  while (true) {
    serve();
    if (orders.empty()) continue;
    const Message message = orders.front();
    orders.pop_front();
    if (std::holds_alternative<Finish>(message)) break;
    const auto* order = std::get_if<Run>(&message);
    core::require(order != nullptr, "the master sends only Run, Drain and Finish");
    const auto result = master_knows ? std::nullopt : run_serving(order->block, run, serve, stop);
    if (result) {
      write(order->block, *result);
      if (!result->failure.empty()) transport.send(master_rank, Failed{order->block, result->failure});
      transport.send(master_rank, Done{order->block, tally(*result)});
    } else {
      serve();  // sends Drain before Dropped
      transport.send(master_rank, Dropped{order->block});
    }
  }
  transport.send(master_rank, Bye{});
}

}  // namespace rhosweep::sched
