#include "rhosweep/sched/run_master.hpp"

#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/transport.hpp"

namespace rhosweep::sched {

void run_master(Transport& transport, Master& master, const RunBlock& run, const WriteBlock& write) {
  const auto send = [&](const std::vector<Envelope>& out) {
    for (const auto& [to, message] : out) transport.send(to, message);
  };
  const auto serve = [&] {
    while (const auto envelope = transport.poll()) send(master.receive(*envelope));
    return true;
  };

  // Rank 0 takes its block before the workers' second ones are handed out.
  auto own = master.take_own();
  send(master.start());
  while (own) {
    const model::BlockResult result = run(*own, serve);
    write(*own, result);
    master.own_done(tally(result));
    serve();
    own = master.take_own();
  }
  while (!master.finished()) send(master.receive(transport.receive()));
}

}  // namespace rhosweep::sched
