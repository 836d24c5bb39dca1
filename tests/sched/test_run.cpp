#include "sched/envelopes.hpp"
#include "support/blocks.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"
#include "rhosweep/sched/stop.hpp"
#include "rhosweep/sched/transport.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::sched;
using core::BlockIndex;
using core::Rank;

namespace {

/// Records sent messages. The test puts messages to be received into `inbox`.
class RecordingTransport : public Transport {
 public:
  void send(Rank to, const Message& message) override { sent.push_back({to, message}); }
  /// Throws after 1000 polls of an empty inbox, so that a test cannot wait forever.
  std::optional<Envelope> poll() override {
    if (inbox.empty()) {
      if (++empty_polls > 1000) throw std::runtime_error("waits for ever");
      return std::nullopt;
    }
    const Envelope envelope = inbox.front();
    inbox.pop_front();
    return envelope;
  }

  std::deque<Envelope> inbox;
  Envelopes sent;
  int empty_polls = 0;
};

/// A stop switch that the test sets, or the tested rank when another rank asks it to stop.
class TestStop : public Stop {
 public:
  bool requested() override { return asked; }
  void request() override { asked = true; }
  bool overdue() override { return asked && late; }

  bool asked = false;
  bool late = false;
};

/// Records what a rank did, in order.
struct Journal {
  RunBlock run = [this](BlockIndex block, const model::Yield& yield) {
    runs.push_back(block.value);
    yield();
    return done_result();
  };
  WriteBlock write = [this](BlockIndex block, const model::BlockResult&) { writes.push_back(block.value); };

  std::vector<std::int64_t> runs;
  std::vector<std::int64_t> writes;
};

/// Connects ranks that are threads: one queue per rank.
class Mailboxes {
 public:
  explicit Mailboxes(std::int64_t ranks) : boxes_(ranks) {}

  void put(Rank to, const Envelope& envelope) {
    const std::lock_guard lock(mutex_);
    boxes_[to.value].push_back(envelope);
  }
  std::optional<Envelope> poll(Rank rank) {
    const std::lock_guard lock(mutex_);
    if (boxes_[rank.value].empty()) return std::nullopt;
    const Envelope envelope = boxes_[rank.value].front();
    boxes_[rank.value].pop_front();
    return envelope;
  }

 private:
  std::mutex mutex_;
  std::vector<std::deque<Envelope>> boxes_;
};

class ThreadTransport : public Transport {
 public:
  ThreadTransport(Mailboxes& boxes, Rank rank) : boxes_(boxes), rank_(rank) {}

  void send(Rank to, const Message& message) override { boxes_.put(to, {rank_, message}); }
  std::optional<Envelope> poll() override { return boxes_.poll(rank_); }

 private:
  Mailboxes& boxes_;
  Rank rank_;
};

const Master::Observer nobody = [](const Progress&, BlockIndex) {};

}  // namespace

TEST_CASE("a worker runs, writes and reports its blocks in order until Finish") {
  RecordingTransport transport;
  const auto order = [](Message message) { return Envelope{master_rank, message}; };
  transport.inbox = {order(Run{BlockIndex{4}}), order(Run{BlockIndex{2}}), order(Finish{})};
  std::vector<std::string> events;
  TestStop stop;
  run_worker(
      transport,
      [&](BlockIndex block, const model::Yield& yield) {
        events.push_back("run " + std::to_string(block.value));
        CHECK(yield());
        model::BlockResult result(2, 1, 1);
        result.status = {model::CellStatus::done, model::CellStatus::diverged};
        result.seconds = 0.5;
        return result;
      },
      [&](BlockIndex block, const model::BlockResult& result) {
        CHECK(std::ssize(transport.sent) == std::ssize(events) / 2);  // this block is not reported yet
        CHECK(result.trials() == 2);
        events.push_back("write " + std::to_string(block.value));
      },
      stop);
  CHECK(events == std::vector<std::string>{"run 4", "write 4", "run 2", "write 2"});
  const Tally tally{.done = 1, .diverged = 1, .seconds = 0.5};
  CHECK(transport.sent == Envelopes{{master_rank, Done{BlockIndex{4}, tally}},
                                    {master_rank, Done{BlockIndex{2}, tally}},
                                    {master_rank, Bye{}}});
}

TEST_CASE(
    "a worker sends why trials failed to the master, after it has written them, before it reports them") {
  RecordingTransport transport;
  transport.inbox = {{master_rank, Run{BlockIndex{4}}}, {master_rank, Finish{}}};
  const std::string reason = GENERATE(std::string("out of luck\n"), std::string(1000, 'x'));
  TestStop stop;
  run_worker(
      transport,
      [&](BlockIndex, const model::Yield&) {
        model::BlockResult result(1, 1, 1);
        result.status = {model::CellStatus::failed};
        result.failure = reason;
        return result;
      },
      [&](BlockIndex, const model::BlockResult&) { CHECK(transport.sent.empty()); }, stop);
  const Failed failed(BlockIndex{4}, reason);
  CHECK(failed.reason() == (reason.size() > 200 ? std::string(156, 'x') + "..." : "out of luck "));
  CHECK(transport.sent == Envelopes{{master_rank, failed},
                                    {master_rank, Done{BlockIndex{4}, {.failed = 1}}},
                                    {master_rank, Bye{}}});
}

TEST_CASE("the master writes the failures of its workers, and answers them no more than it must") {
  RecordingTransport transport;
  Master master(equal_blocks(1), 1, MasterMode::dedicated, nobody);
  transport.inbox = {{Rank{1}, Failed{BlockIndex{0}, "out of luck"}}, done_report(1, 0), bye(1)};
  TestStop stop;
  Journal journal;
  std::vector<std::pair<std::int64_t, std::string>> written;
  run_master(transport, master, journal.run, journal.write, stop,
             [&](BlockIndex block, std::string_view reason) { written.emplace_back(block.value, reason); });
  CHECK(written == std::vector<std::pair<std::int64_t, std::string>>{{0, "out of luck"}});
  CHECK(transport.sent == Envelopes{run_order(1, 0), finish_order(1)});
}

TEST_CASE("a worker that the master tells to drain ends its block and drops what it has not begun") {
  RecordingTransport transport;
  const auto order = [](Message message) { return Envelope{master_rank, message}; };
  transport.inbox = {order(Run{BlockIndex{4}}), order(Run{BlockIndex{2}})};
  TestStop stop;
  stop.late = GENERATE(false, true);
  Journal journal;
  const RunBlock run = [&](BlockIndex block, const model::Yield& yield) -> std::optional<model::BlockResult> {
    transport.inbox = {order(Drain{}), order(Finish{})};
    if (!yield()) return std::nullopt;
    return journal.run(block, yield);
  };
  run_worker(transport, run, journal.write, stop);
  const Message end = stop.late ? Message{Dropped{BlockIndex{4}}} : Message{Done{BlockIndex{4}, {.done = 1}}};
  CHECK(transport.sent ==
        Envelopes{order(end), order(Dropped{BlockIndex{2}}), order(Bye{})});  // to the master
  CHECK(journal.writes == journal.runs);
  CHECK(stop.asked);
}

TEST_CASE("a worker that is asked to stop from outside says so before it drops anything") {
  RecordingTransport transport;
  const auto to_or_from_master = [](Message message) { return Envelope{master_rank, message}; };
  transport.inbox = {to_or_from_master(Run{BlockIndex{0}})};
  TestStop stop;
  stop.late = true;
  stop.asked = GENERATE(false, true);  // true: before any block arrives
  if (stop.asked) transport.inbox.push_back(to_or_from_master(Finish{}));
  const RunBlock run = [&](BlockIndex, const model::Yield&) {
    stop.asked = true;  // the request comes after the block's last yield
    transport.inbox = {to_or_from_master(Drain{}), to_or_from_master(Finish{})};
    return std::optional<model::BlockResult>();
  };
  Journal journal;
  run_worker(transport, run, journal.write, stop);
  Envelopes expected{to_or_from_master(Dropped{BlockIndex{0}}), to_or_from_master(Bye{})};
  if (transport.sent.size() == 3) expected.insert(expected.begin(), to_or_from_master(Drain{}));
  CHECK(transport.sent == expected);
  CHECK(journal.writes.empty());
}

TEST_CASE("the master serves its workers while its own block runs") {
  RecordingTransport transport;
  Master master(equal_blocks(6), 1, MasterMode::working, nobody);
  bool first = true;
  TestStop stop;
  Journal journal;
  run_master(
      transport, master,
      [&](BlockIndex block, const model::Yield& yield) {
        if (std::exchange(first, false)) {
          CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2)});
          transport.inbox = {done_report(1, 1), done_report(1, 2)};
          CHECK(yield());
          CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2), run_order(1, 3)});
          transport.inbox = {done_report(1, 3), done_report(1, 4), done_report(1, 5), bye(1)};
        }
        return journal.run(block, yield);
      },
      journal.write, stop);
  CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2), run_order(1, 3), run_order(1, 4),
                                    run_order(1, 5), finish_order(1)});
  CHECK(journal.runs == std::vector<std::int64_t>{0});
}

TEST_CASE(
    "an error of the protocol that occurs while a block yields is thrown, not recorded as a failure of the block") {
  RecordingTransport transport;
  Master master(equal_blocks(3), 1, MasterMode::working, nobody);
  const RunBlock run = [&](BlockIndex, const model::Yield& yield) {
    transport.inbox = {done_report(1, 2)};  // an error, since the worker holds block 1
    try {
      CHECK_FALSE(yield());
    } catch (const std::exception&) {  // a run records a problem's exceptions as failed trials
    }
    return done_result();
  };
  TestStop stop;
  Journal journal;
  CHECK_THROWS_AS(run_master(transport, master, run, journal.write, stop), core::InternalError);
  CHECK(journal.writes.empty());
}

TEST_CASE("a single rank runs and writes every block and says nothing") {
  RecordingTransport transport;
  Master master(equal_blocks(3), 0, MasterMode::working, nobody);
  TestStop stop;
  Journal journal;
  run_master(transport, master, journal.run, journal.write, stop);
  CHECK(transport.sent.empty());
  CHECK(journal.runs == std::vector<std::int64_t>{0, 1, 2});
  CHECK(journal.writes == journal.runs);
}

TEST_CASE("a master that is asked to stop drains its workers and its own block") {
  RecordingTransport transport;
  Master master(equal_blocks(9), 1, MasterMode::working, nobody);
  TestStop stop;
  stop.late = GENERATE(false, true);
  const auto asked_by_worker = GENERATE(false, true);
  Journal journal;
  const RunBlock run = [&](BlockIndex block, const model::Yield& yield) -> std::optional<model::BlockResult> {
    stop.asked = !asked_by_worker;
    if (asked_by_worker) transport.inbox = {{Rank{1}, Drain{}}};
    const bool go_on = yield();
    CHECK(go_on != stop.late);
    transport.inbox = {done_report(1, 1), dropped_report(1, 2), bye(1)};
    if (!go_on) return std::nullopt;
    return journal.run(block, yield);
  };
  run_master(transport, master, run, journal.write, stop);
  CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2), drain_order(1), finish_order(1)});
  CHECK(std::ssize(journal.writes) == (stop.late ? 0 : 1));
  CHECK(stop.asked);
}

TEST_CASE("a master that was asked to stop before it begins starts no block") {
  RecordingTransport transport;
  transport.inbox = {bye(1)};
  Master master(equal_blocks(9), 1, MasterMode::working, nobody);
  TestStop stop;
  stop.asked = true;
  Journal journal;
  run_master(transport, master, journal.run, journal.write, stop);
  CHECK(transport.sent == Envelopes{drain_order(1), finish_order(1)});
  CHECK(journal.runs.empty());
}

TEST_CASE("a dedicated master runs nothing and returns once its workers have finished") {
  RecordingTransport transport;
  transport.inbox = {done_report(2, 1), done_report(1, 0), bye(1), done_report(2, 2), bye(2)};
  Master master(equal_blocks(3), 2, MasterMode::dedicated, nobody);
  TestStop stop;
  Journal journal;
  run_master(transport, master, journal.run, journal.write, stop);
  CHECK(transport.sent ==
        Envelopes{run_order(1, 0), run_order(2, 1), run_order(2, 2), finish_order(1), finish_order(2)});
  CHECK(journal.runs.empty());
}

TEST_CASE("ranks as threads run every block of a sweep exactly once") {
  const auto mode = GENERATE(MasterMode::working, MasterMode::dedicated);
  const auto workers = GENERATE(1, 3, 6);
  const auto blocks = GENERATE(0, 2, 200);
  Mailboxes boxes(workers + 1);
  std::vector<Journal> journals(workers + 1);
  std::vector<std::thread> threads;
  for (std::int64_t rank = 1; rank <= workers; ++rank)
    threads.emplace_back([&boxes, rank, &journal = journals[rank]] {
      ThreadTransport transport(boxes, Rank{rank});
      TestStop stop;
      run_worker(transport, journal.run, journal.write, stop);
    });
  Master master(equal_blocks(blocks), workers, mode, nobody);
  ThreadTransport transport(boxes, master_rank);
  TestStop stop;
  run_master(transport, master, journals[0].run, journals[0].write, stop);
  for (auto& thread : threads) thread.join();

  std::vector<int> times_run(blocks, 0);
  std::vector<int> times_written(blocks, 0);
  for (const auto& journal : journals) {
    for (const auto block : journal.runs) ++times_run[block];
    for (const auto block : journal.writes) ++times_written[block];
  }
  CHECK(times_run == std::vector<int>(blocks, 1));
  CHECK(times_written == std::vector<int>(blocks, 1));
  if (mode == MasterMode::dedicated) CHECK(journals[0].runs.empty());
  for (std::int64_t rank = 0; rank <= workers; ++rank) CHECK(!boxes.poll(Rank{rank}));
}
