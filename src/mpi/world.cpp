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
  MPI_Comm node = MPI_COMM_NULL;
  check(MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, static_cast<int>(rank_.value), MPI_INFO_NULL, &node),
        "MPI_Comm_split_type");
  int rank = 0;
  check(MPI_Comm_rank(node, &rank), "MPI_Comm_rank");
  check(MPI_Comm_free(&node), "MPI_Comm_free");
  return rank;
}

std::vector<std::string> World::gather(const std::string& mine) const {
  auto width = static_cast<int>(mine.size() + 1);
  check(MPI_Allreduce(MPI_IN_PLACE, &width, 1, MPI_INT, MPI_MAX, comm_), "MPI_Allreduce");
  std::string padded = mine;
  padded.resize(width);
  std::string all;
  if (is_root()) all.resize(width * size_);
  check(MPI_Gather(padded.data(), width, MPI_CHAR, all.data(), width, MPI_CHAR, 0, comm_), "MPI_Gather");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < all.size(); i += width) texts.emplace_back(all.c_str() + i);
  return texts;
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
