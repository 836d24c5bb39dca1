#include "rhosweep/mpi/mpi_transport.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/world.hpp"

#include <array>
#include <cstdint>
#include <variant>

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/datatype.hpp>
#include <boost/serialization/array.hpp>

namespace rhosweep::mpi {

namespace {

/// Holds any message except Failed as one fixed-size MPI datatype, which is so small that sending it never
/// waits for the receiver.
struct Wire {
  std::int64_t block = 0;
  std::int64_t done = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  std::int64_t stopped = 0;
  double seconds = 0.0;

  template <class Archive>
  void serialize(Archive& archive, unsigned /*version*/) {
    archive& block& done& diverged& failed& stopped& seconds;
  }
};

/// Holds a message Failed as one MPI datatype, which is also so small that sending it never waits.
struct FailureWire {
  std::int64_t block = 0;
  std::array<char, model::failure_characters> text{};

  template <class Archive>
  void serialize(Archive& archive, unsigned /*version*/) {
    archive& block& text;
  }
};

}  // namespace
}  // namespace rhosweep::mpi

BOOST_IS_MPI_DATATYPE(rhosweep::mpi::Wire)
BOOST_IS_MPI_DATATYPE(rhosweep::mpi::FailureWire)

namespace rhosweep::mpi {

namespace {

/// Tells which message a Wire holds.
enum class Tag : int { run = 1, drain, finish, failed, done, dropped, bye };

/// Writes a message into the wire and returns the tag of the message.
struct Encode {
  Wire& wire;

  Tag operator()(const sched::Run& run) const {
    wire.block = run.block.value;
    return Tag::run;
  }
  Tag operator()(const sched::Drain&) const { return Tag::drain; }
  Tag operator()(const sched::Finish&) const { return Tag::finish; }
  Tag operator()(const sched::Failed&) const { return Tag::failed; }
  Tag operator()(const sched::Done& done) const {
    wire = {.block = done.block.value,
            .done = done.tally.done,
            .diverged = done.tally.diverged,
            .failed = done.tally.failed,
            .stopped = done.tally.stopped,
            .seconds = done.tally.seconds};
    return Tag::done;
  }
  Tag operator()(const sched::Dropped& dropped) const {
    wire.block = dropped.block.value;
    return Tag::dropped;
  }
  Tag operator()(const sched::Bye&) const { return Tag::bye; }
};

sched::Message decode(Tag tag, const Wire& wire) {
  const core::BlockIndex block{wire.block};
  switch (tag) {
    case Tag::run:
      return sched::Run{block};
    case Tag::drain:
      return sched::Drain{};
    case Tag::finish:
      return sched::Finish{};
    case Tag::done:
      return sched::Done{block, {wire.done, wire.diverged, wire.failed, wire.stopped, wire.seconds}};
    case Tag::failed:
      break;
    case Tag::dropped:
      return sched::Dropped{block};
    case Tag::bye:
      return sched::Bye{};
  }
  throw core::InternalError("a message with an unknown tag");
}

}  // namespace

// The destructor frees the communicator although MPI_Comm_free is collective: the MPI standard expects
// implementations to make it local, and in Open MPI it is.
MpiTransport::MpiTransport(const World& world)
    : comm_(std::make_unique<boost::mpi::communicator>(world.comm(), boost::mpi::comm_duplicate)) {}

MpiTransport::~MpiTransport() = default;

void MpiTransport::send(core::Rank to, const sched::Message& message) {
  if (const auto* failed = std::get_if<sched::Failed>(&message)) {
    const FailureWire wire{.block = failed->block.value, .text = failed->text};
    comm_->send(static_cast<int>(to.value), static_cast<int>(Tag::failed), wire);
    return;
  }
  Wire wire;
  const Tag tag = std::visit(Encode{wire}, message);
  comm_->send(static_cast<int>(to.value), static_cast<int>(tag), wire);
}

std::optional<sched::Envelope> MpiTransport::poll() {
  const auto arrived = comm_->iprobe();
  if (!arrived) return std::nullopt;
  if (Tag{arrived->tag()} == Tag::failed) {
    FailureWire wire;
    comm_->recv(arrived->source(), arrived->tag(), wire);
    sched::Failed failed(core::BlockIndex{wire.block}, {});
    failed.text = wire.text;
    return sched::Envelope{core::Rank{arrived->source()}, failed};
  }
  Wire wire;
  const boost::mpi::status status = comm_->recv(arrived->source(), arrived->tag(), wire);
  return sched::Envelope{core::Rank{status.source()}, decode(Tag{status.tag()}, wire)};
}

}  // namespace rhosweep::mpi
