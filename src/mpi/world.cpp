#include "rhosweep/mpi/world.hpp"

#include "broadcast.hpp"
#include "check.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/mpi/failed_together.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>

namespace rhosweep::mpi {

namespace {

template <class Container>
void broadcast_container(Container& values, MPI_Comm comm) {
  values.resize(broadcast_size(std::ssize(values), comm));
  broadcast_bytes(std::as_writable_bytes(std::span(values)), broadcast_chunk_bytes, comm);
}

/// Returns the communicator of the ranks that share the memory of this rank's node. Collective.
MPI_Comm node_of(MPI_Comm comm, core::Rank rank) {
  MPI_Comm node = MPI_COMM_NULL;
  check(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, static_cast<int>(rank.value), MPI_INFO_NULL, &node),
        "MPI_Comm_split_type");
  return node;
}

/// Pads a text with zero bytes, at least one, so that the texts of all ranks have the same length.
/// Collective.
std::string pad(std::string text, MPI_Comm comm) {
  auto width = static_cast<int>(text.size() + 1);
  check(MPI_Allreduce(MPI_IN_PLACE, &width, 1, MPI_INT, MPI_MAX, comm), "MPI_Allreduce");
  text.resize(width);
  return text;
}

/// Splits joined texts of `width` bytes each, and drops the zero bytes that pad them.
std::vector<std::string> split(const std::string& all, std::size_t width) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < all.size(); i += width) texts.emplace_back(all.c_str() + i);
  return texts;
}

}  // namespace

World::World(MPI_Comm comm) : comm_(comm) {
  int rank = 0;
  int size = 0;
  char host[MPI_MAX_PROCESSOR_NAME];
  int length = 0;
  check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  check(MPI_Comm_size(comm, &size), "MPI_Comm_size");
  check(MPI_Get_processor_name(host, &length), "MPI_Get_processor_name");
  rank_.value = rank;
  size_ = size;
  host_.assign(host, length);
}

void World::broadcast(std::string& text) const {
  broadcast_container(text, comm_);
}

void World::broadcast(std::vector<double>& numbers) const {
  broadcast_container(numbers, comm_);
}

void World::broadcast(std::vector<std::uint64_t>& words) const {
  broadcast_container(words, comm_);
}

double World::sum(double number) const {
  double total = 0.0;
  check(MPI_Reduce(&number, &total, 1, MPI_DOUBLE, MPI_SUM, 0, comm_), "MPI_Reduce");
  return total;
}

std::int64_t World::node_rank() const {
  MPI_Comm node = node_of(comm_, rank_);
  int rank = 0;
  check(MPI_Comm_rank(node, &rank), "MPI_Comm_rank");
  check(MPI_Comm_free(&node), "MPI_Comm_free");
  return rank;
}

std::vector<std::string> World::gather_on_node(const std::string& mine) const {
  MPI_Comm node = node_of(comm_, rank_);
  int size = 0;
  check(MPI_Comm_size(node, &size), "MPI_Comm_size");
  const std::string padded = pad(mine, node);
  const auto width = static_cast<int>(padded.size());
  std::string all(padded.size() * static_cast<std::size_t>(size), '\0');
  check(MPI_Allgather(padded.data(), width, MPI_CHAR, all.data(), width, MPI_CHAR, node), "MPI_Allgather");
  check(MPI_Comm_free(&node), "MPI_Comm_free");
  return split(all, padded.size());
}

std::vector<std::string> World::gather(const std::string& mine) const {
  const std::string padded = pad(mine, comm_);
  const auto width = static_cast<int>(padded.size());
  std::string all;
  if (is_root()) all.resize(padded.size() * static_cast<std::size_t>(size_));
  check(MPI_Gather(padded.data(), width, MPI_CHAR, all.data(), width, MPI_CHAR, 0, comm_), "MPI_Gather");
  return split(all, padded.size());
}

std::vector<double> World::gather(double mine) const {
  std::vector<double> all(is_root() ? size_ : 0);
  check(MPI_Gather(&mine, 1, MPI_DOUBLE, all.data(), 1, MPI_DOUBLE, 0, comm_), "MPI_Gather");
  return all;
}

void World::on_root(const std::function<void()>& action) const {
  auto code = core::ExitCode::success;
  std::string message;
  if (is_root()) {
    try {
      action();
    } catch (const core::Error& error) {
      code = error.code();
      message = error.what();
    } catch (const std::exception& error) {
      code = core::ExitCode::failure;
      message = core::message_of(error);
    }
  }
  check(MPI_Bcast(&code, sizeof code, MPI_BYTE, 0, comm_), "MPI_Bcast");
  if (code != core::ExitCode::success) throw FailedTogether(message, code);
}

void World::abort(core::ExitCode code) const {
  if (size_ == 1) {  // no other rank to end, so MPI's abort message is avoided
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(code));
  }
  MPI_Abort(comm_, static_cast<int>(code));
  std::abort();  // not reached: MPI_Abort does not return
}

}  // namespace rhosweep::mpi
