#include "sched/envelopes.hpp"
#include "support/blocks.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/sched/master.hpp"
#include "rhosweep/sched/run_master.hpp"
#include "rhosweep/sched/run_worker.hpp"
#include "rhosweep/sched/transport.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
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

/// Records what is sent; what is received is laid into its inbox beforehand.
class RecordingTransport : public Transport {
 public:
  void send(Rank to, const Message& message) override { sent.push_back({to, message}); }
  Envelope receive() override {
    auto envelope = poll();
    if (!envelope) throw std::runtime_error("waits for ever");
    return *envelope;
  }
  std::optional<Envelope> poll() override {
    if (inbox.empty()) return std::nullopt;
    const Envelope envelope = inbox.front();
    inbox.pop_front();
    return envelope;
  }

  std::deque<Envelope> inbox;
  Envelopes sent;
};

/// What a rank did, in order.
struct Journal {
  RunBlock run = [this](BlockIndex block, const Pulse& pulse) {
    runs.push_back(block.value);
    pulse();
    return done_result();
  };
  WriteBlock write = [this](BlockIndex block, const model::BlockResult&) { writes.push_back(block.value); };

  std::vector<std::int64_t> runs;
  std::vector<std::int64_t> writes;
};

/// Ranks as threads: one queue per rank.
class Mailboxes {
 public:
  explicit Mailboxes(std::int64_t ranks) : boxes_(ranks) {}

  void put(Rank to, const Envelope& envelope) {
    const std::lock_guard lock(mutex_);
    boxes_[to.value].push_back(envelope);
    filled_.notify_all();
  }
  Envelope wait(Rank rank) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !boxes_[rank.value].empty(); });
    return take(rank);
  }
  std::optional<Envelope> poll(Rank rank) {
    const std::lock_guard lock(mutex_);
    if (boxes_[rank.value].empty()) return std::nullopt;
    return take(rank);
  }

 private:
  Envelope take(Rank rank) {
    const Envelope envelope = boxes_[rank.value].front();
    boxes_[rank.value].pop_front();
    return envelope;
  }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<std::deque<Envelope>> boxes_;
};

class ThreadTransport : public Transport {
 public:
  ThreadTransport(Mailboxes& boxes, Rank rank) : boxes_(boxes), rank_(rank) {}

  void send(Rank to, const Message& message) override { boxes_.put(to, {rank_, message}); }
  Envelope receive() override { return boxes_.wait(rank_); }
  std::optional<Envelope> poll() override { return boxes_.poll(rank_); }

 private:
  Mailboxes& boxes_;
  Rank rank_;
};

const Master::Observer nobody = [](const Progress&) {};

}  // namespace

TEST_CASE("a worker runs, writes and reports its blocks in order until Finish") {
  RecordingTransport transport;
  const auto order = [](Message message) { return Envelope{master_rank, message}; };
  transport.inbox = {order(Run{BlockIndex{4}}), order(Run{BlockIndex{2}}), order(Finish{})};
  std::vector<std::string> events;
  run_worker(
      transport,
      [&](BlockIndex block, const Pulse& pulse) {
        events.push_back("run " + std::to_string(block.value));
        CHECK(pulse());
        model::BlockResult result(2, 1, 1);
        result.status = {model::CellStatus::done, model::CellStatus::diverged};
        result.seconds = 0.5;
        return result;
      },
      [&](BlockIndex block, const model::BlockResult& result) {
        CHECK(std::ssize(transport.sent) == std::ssize(events) / 2);  // not reported before it is written
        CHECK(result.trials() == 2);
        events.push_back("write " + std::to_string(block.value));
      });
  CHECK(events == std::vector<std::string>{"run 4", "write 4", "run 2", "write 2"});
  const Tally tally{.done = 1, .diverged = 1, .seconds = 0.5};
  CHECK(transport.sent ==
        Envelopes{{master_rank, Done{BlockIndex{4}, tally}}, {master_rank, Done{BlockIndex{2}, tally}}});
}

TEST_CASE("the master serves its workers while its own block runs") {
  RecordingTransport transport;
  Master master(equal_blocks(6), 1, MasterMode::working, nobody);
  bool first = true;
  Journal journal;
  run_master(
      transport, master,
      [&](BlockIndex block, const Pulse& pulse) {
        if (std::exchange(first, false)) {
          CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2)});
          transport.inbox = {done_report(1, 1), done_report(1, 2)};
          CHECK(pulse());
          CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2), run_order(1, 3)});
          transport.inbox = {done_report(1, 3), done_report(1, 4), done_report(1, 5)};
        }
        return journal.run(block, pulse);
      },
      journal.write);
  CHECK(transport.sent == Envelopes{run_order(1, 1), run_order(1, 2), run_order(1, 3), run_order(1, 4),
                                    run_order(1, 5), finish_order(1)});
  CHECK(journal.runs == std::vector<std::int64_t>{0});
}

TEST_CASE("a broken protocol that a pulse meets is thrown, not taken for a failure of the block that runs") {
  RecordingTransport transport;
  Master master(equal_blocks(3), 1, MasterMode::working, nobody);
  const RunBlock run = [&](BlockIndex, const Pulse& pulse) {
    transport.inbox = {done_report(1, 2)};  // the worker holds block 1
    try {
      CHECK_FALSE(pulse());
    } catch (const std::exception&) {  // as a run makes failed trials of a problem's exceptions
    }
    return done_result();
  };
  Journal journal;
  CHECK_THROWS_AS(run_master(transport, master, run, journal.write), core::InternalError);
  CHECK(journal.writes.empty());
}

TEST_CASE("a single rank runs and writes every block and says nothing") {
  RecordingTransport transport;
  Master master(equal_blocks(3), 0, MasterMode::working, nobody);
  Journal journal;
  run_master(transport, master, journal.run, journal.write);
  CHECK(transport.sent.empty());
  CHECK(journal.runs == std::vector<std::int64_t>{0, 1, 2});
  CHECK(journal.writes == journal.runs);
}

TEST_CASE("a dedicated master runs nothing and returns once its workers have finished") {
  RecordingTransport transport;
  transport.inbox = {done_report(2, 1), done_report(1, 0), done_report(2, 2)};
  Master master(equal_blocks(3), 2, MasterMode::dedicated, nobody);
  Journal journal;
  run_master(transport, master, journal.run, journal.write);
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
      run_worker(transport, journal.run, journal.write);
    });
  Master master(equal_blocks(blocks), workers, mode, nobody);
  ThreadTransport transport(boxes, master_rank);
  run_master(transport, master, journals[0].run, journals[0].write);
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
