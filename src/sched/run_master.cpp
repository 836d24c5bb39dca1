#include "rhosweep/sched/run_master.hpp"

#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/transport.hpp"

#include <exception>

namespace rhosweep::sched {

void run_master(Transport& transport, Master& master, const RunBlock& run, const WriteBlock& write) {
  const auto send = [&](const std::vector<Envelope>& out) {
    for (const auto& [to, message] : out) transport.send(to, message);
  };
  const auto serve = [&] {
    while (const auto envelope = transport.poll()) send(master.receive(*envelope));
  };
  // A failure to serve must not pass through `run`, which takes what it catches for its trials' own.
  std::exception_ptr failure;
  const Pulse pulse = [&] {
    try {
      serve();
    } catch (...) {
      failure = std::current_exception();
    }
    return failure == nullptr;
  };

  // Rank 0 takes its block before the workers' second ones are handed out.
  auto own = master.take_own();
  send(master.start());
  while (own) {
    const model::BlockResult result = run(*own, pulse);
    if (failure) std::rethrow_exception(failure);
    write(*own, result);
    master.own_done(tally(result));
    serve();
    own = master.take_own();
  }
  while (!master.finished()) send(master.receive(transport.receive()));
}

}  // namespace rhosweep::sched
