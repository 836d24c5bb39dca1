#include "rhosweep/sched/run_master.hpp"

#include "service.hpp"

#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/stop.hpp"
#include "rhosweep/sched/transport.hpp"

#include <variant>

namespace rhosweep::sched {

void run_master(Transport& transport, Master& master, const RunBlock& run, const WriteBlock& write,
                Stop& stop, const WriteFailure& write_failure) {
  const auto send = [&](const std::vector<Envelope>& out) {
    for (const auto& [to, message] : out) transport.send(to, message);
  };
  const auto serve = [&] {
    while (const auto envelope = transport.poll()) {
      if (const auto* failed = std::get_if<Failed>(&envelope->message))
        write_failure(failed->block, failed->reason());
      else
        send(master.receive(*envelope));
    }
    if (master.draining()) stop.request();
    if (stop.requested()) send(master.drain());
  };

  if (stop.requested()) send(master.drain());
  // Rank 0 takes its own block before the workers get their second blocks.
  auto own = master.take_own();
  send(master.start());
  while (own) {
    if (const auto result = run_serving(*own, run, serve, stop)) {
      write(*own, *result);
      master.own_done(tally(*result));
    } else {
      serve();
      master.own_dropped();
    }
    serve();
    own = master.take_own();
  }
  while (!master.finished()) serve();
}

}  // namespace rhosweep::sched
