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

/// Maximum size of one MPI broadcast in bytes. This size must fit into an int, the type of MPI's counts.
inline constexpr std::int64_t broadcast_chunk_bytes = std::int64_t{1} << 30;

/// The ranks of this run and their collective operations. Every MPI error is thrown as core::Error.
class World {
 public:
  /// @param comm the communicator of the run, which must outlive the World
  explicit World(MPI_Comm comm = MPI_COMM_WORLD);

  /// This rank's number, starting at 0.
  core::Rank rank() const { return rank_; }
  /// Number of ranks.
  std::int64_t size() const { return size_; }
  /// Whether this is rank 0.
  bool is_root() const { return rank_ == core::Rank{0}; }
  MPI_Comm comm() const { return comm_; }
  /// Name of the node that this rank runs on.
  const std::string& host() const& { return host_; }
  std::string host() && { return std::move(host_); }

  /// Replaces every rank's text by rank 0's text. **Collective.**
  void broadcast(std::string& text) const;
  /// Replaces every rank's list of numbers by rank 0's list. **Collective.**
  void broadcast(std::vector<double>& numbers) const;
  /// Replaces every rank's list of words by rank 0's list. **Collective.**
  void broadcast(std::vector<std::uint64_t>& words) const;

  /// This rank's number among the ranks of its node, starting at 0. **Collective.**
  std::int64_t node_rank() const;

  /// Returns the texts of this node's ranks, in rank order, on each of these ranks. Texts must not contain
  /// zero bytes. **Collective.**
  std::vector<std::string> gather_on_node(const std::string& mine) const;

  /// Returns, on rank 0, the texts of all ranks in rank order; on the other ranks an empty list. Texts must
  /// not contain zero bytes. **Collective.**
  std::vector<std::string> gather(const std::string& mine) const;

  /// Returns, on rank 0, the numbers of all ranks in rank order; on the other ranks an empty list.
  /// **Collective.**
  std::vector<double> gather(double mine) const;

  /// Returns, on rank 0, the sum of the numbers of all ranks; on the other ranks 0. **Collective.**
  double sum(double number) const;

  /// Runs the action on rank 0. If the action throws, all ranks throw FailedTogether with that error's exit
  /// code; only rank 0's exception has the message of the error. **Collective.**
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
