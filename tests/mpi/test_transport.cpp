#include "support/mpi_check.hpp"

#include "rhosweep/mpi/mpi_transport.hpp"
#include "rhosweep/mpi/world.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using namespace rhosweep::mpi;
using namespace rhosweep::sched;
using core::BlockIndex;
using core::Rank;

namespace {

/// Returns a message whose fields all differ from each other and between ranks. The block index needs 64
/// bits.
Done report_of(Rank rank, std::int64_t count) {
  return {BlockIndex{(std::int64_t{1} << 40) + rank.value},
          {.done = count,
           .diverged = count + 1,
           .failed = count + 2,
           .seconds = 0.25 + static_cast<double>(count)}};
}

/// Polls until a message arrives.
Envelope await(MpiTransport& transport) {
  while (true)
    if (const auto envelope = transport.poll()) return *envelope;
}

}  // namespace

TEST_CASE("every kind of message arrives as it was sent, from its sender", "[np1][np2][np4]") {
  const World world;
  MpiTransport transport(world);
  // Rank 0 sends to every rank, including itself, and every rank answers.
  const BlockIndex block{(std::int64_t{1} << 50) + 7};
  const std::vector<Message> orders{Run{block}, Drain{}, Finish{}};
  const auto answers = [&](Rank rank) {
    return std::vector<Message>{Failed{block, "rank " + std::to_string(rank.value)}, report_of(rank, 3),
                                Dropped{block}, Drain{}, Bye{}};
  };
  if (world.is_root())
    for (Rank to; to.value < world.size(); ++to)
      for (const Message& order : orders) transport.send(to, order);
  bool all_as_sent = true;
  for (const Message& order : orders)
    all_as_sent = await(transport) == Envelope{master_rank, order} && all_as_sent;
  for (const Message& answer : answers(world.rank())) transport.send(master_rank, answer);
  REQUIRE_ALL(world.comm(), all_as_sent);

  if (world.is_root()) {
    std::vector<std::vector<Message>> received(world.size());
    for (std::int64_t i = 0; i < 5 * world.size(); ++i) {
      const Envelope answer = await(transport);
      received[answer.peer.value].push_back(answer.message);
    }
    for (Rank from; from.value < world.size(); ++from) CHECK(received[from.value] == answers(from));
  }
}

TEST_CASE("the messages of one rank arrive in the order sent", "[np2][np4]") {
  const World world;
  MpiTransport transport(world);
  constexpr std::int64_t count = 200;
  if (world.is_root()) {
    std::vector<std::int64_t> next(world.size(), 0);
    for (std::int64_t received = 0; received < count * (world.size() - 1);) {
      const auto envelope = transport.poll();
      if (!envelope) continue;
      ++received;
      CHECK(envelope->message == Message{report_of(envelope->peer, next[envelope->peer.value]++)});
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i) transport.send(master_rank, report_of(world.rank(), i));
  }
  REQUIRE_ALL(world.comm(), !transport.poll());
}

TEST_CASE("a poll without messages returns nothing at once", "[np2]") {
  const World world;
  MpiTransport transport(world);
  REQUIRE_ALL(world.comm(), !transport.poll());
}

TEST_CASE("a transport receives only its own messages", "[np2]") {
  const World world;
  MpiTransport one(world);
  MpiTransport other(world);
  if (world.is_root()) one.send(Rank{1}, Finish{});
  MPI_Barrier(world.comm());
  REQUIRE_ALL(world.comm(), !other.poll());
  if (!world.is_root()) CHECK(await(one) == Envelope{master_rank, Finish{}});
}
