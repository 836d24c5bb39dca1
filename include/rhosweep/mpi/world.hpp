#pragma once

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/ids.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

namespace rhosweep::mpi {

/// Maximum size of one MPI broadcast in bytes; MPI counts with int.
inline constexpr std::int64_t broadcast_chunk_bytes = std::int64_t{1} << 30;

/// The ranks of this run and their collective operations. Every MPI error is thrown as core::Error.
class World {
 public:
  /// @param comm must outlive the World
  explicit World(MPI_Comm comm = MPI_COMM_WORLD);

  /// This rank's number, from 0 on.
  core::Rank rank() const { return rank_; }
  /// Number of ranks.
  std::int64_t size() const { return size_; }
  /// Whether this is rank 0.
  bool is_root() const { return rank_ == core::Rank{0}; }
  MPI_Comm comm() const { return comm_; }
  /// Name of the node that this rank runs on.
  const std::string& host() const& { return host_; }
  std::string host() && { return std::move(host_); }

  /// Replaces every rank's value by that of rank 0. **Collective.**
  void broadcast(std::string& text) const;
  /// Replaces every rank's numbers, and how many there are, by those of rank 0. **Collective.**
  void broadcast(std::vector<double>& numbers) const;
  /// Replaces every rank's words, and how many there are, by those of rank 0. **Collective.**
  void broadcast(std::vector<std::uint64_t>& words) const;

  /// This rank's number among the ranks of its node, starting at 0. **Collective.**
  std::int64_t node_rank() const;

  /// Returns the texts of this node's ranks, in rank order, on each of these ranks. Texts must not contain
  /// zero bytes. **Collective.**
  std::vector<std::string> gather_on_node(const std::string& mine) const;

  /// Returns the texts of all ranks, in rank order, on rank 0 and nothing on the others. Texts must not
  /// contain zero bytes. **Collective.**
  std::vector<std::string> gather(const std::string& mine) const;

  /// Returns the numbers of all ranks, in rank order, on rank 0 and nothing on the others. **Collective.**
  std::vector<double> gather(double mine) const;

  /// Returns the sum over all ranks on rank 0. **Collective.**
  double sum(double number) const;

  /// Runs the action on rank 0. If the action throws, all ranks throw FailedTogether with that error's exit
  /// code; only rank 0's has the error's message. **Collective.**
  void on_root(const std::function<void()>& action) const;

  /// Ends all ranks at once, without MPI_Finalize and without waiting for them. Meant for an error on one
  /// rank in the middle of a run.
  [[noreturn]] void abort(core::ExitCode code) const;

 private:
  MPI_Comm comm_;
  core::Rank rank_;
  std::int64_t size_;
  std::string host_;
};

}  // namespace rhosweep::mpi
