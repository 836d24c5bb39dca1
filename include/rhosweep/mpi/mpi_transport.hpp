#pragma once

#include "rhosweep/sched/transport.hpp"

#include <memory>
#include <optional>

namespace boost::mpi {
class communicator;
}

namespace rhosweep::mpi {

class World;

/// Sends messages between the ranks of a world, over a separate communicator.
class MpiTransport : public sched::Transport {
 public:
  /// Duplicates the world's communicator. **Collective.**
  explicit MpiTransport(const World& world);
  ~MpiTransport() override;

  void send(core::Rank to, const sched::Message& message) override;
  std::optional<sched::Envelope> poll() override;

 private:
  std::unique_ptr<boost::mpi::communicator> comm_;
};

}  // namespace rhosweep::mpi
