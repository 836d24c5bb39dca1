#pragma once

#include "rhosweep/core/ids.hpp"
#include "rhosweep/sched/block_source.hpp"
#include "rhosweep/sched/master_mode.hpp"
#include "rhosweep/sched/messages.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace rhosweep::sched {

/// What the sweep has finished so far.
struct Progress {
  std::int64_t blocks = 0;
  Tally tally;
};

/// Hands out every block at most once, longest first: a state machine, events in, messages out, without clock
/// or I/O. Every worker holds one block in hand and, until near the end, one ahead, so that it never waits
/// for the master; Finish is the last message to a worker and Bye the last from it. Memory grows with the
/// ranks, not with the blocks.
class Master {
 public:
  /// Called whenever a block is finished, with its index.
  using Observer = std::function<void(const Progress&, core::BlockIndex)>;
  /// Whether a block may still be begun; one that may not is left out.
  using Admission = std::function<bool(core::BlockIndex)>;

  /// What a worker holds. One that has been sent Finish holds nothing.
  struct Worker {
    std::optional<core::BlockIndex> in_hand;
    std::optional<core::BlockIndex> ahead;
    bool finished = false;
    bool gone = false;  ///< has said Bye
  };

  /// @param blocks to be handed out
  /// @param workers ranks 1 … workers
  /// @param mode whether rank 0 takes blocks, too
  /// @param observer is told of what is done
  /// @param admission whether a block may be begun still
  Master(
      BlockSource blocks, std::int64_t workers, MasterMode mode, Observer observer,
      Admission admission = [](core::BlockIndex) { return true; });

  /// The first messages to the workers. To be called once.
  std::vector<Envelope> start();

  /// A worker's message; returns the answer. Throws core::InternalError for one that breaks the protocol.
  std::vector<Envelope> receive(const Envelope& envelope);

  /// Hands out nothing more; returns the messages that tell the workers so. Again: nothing.
  std::vector<Envelope> drain();
  bool draining() const { return draining_; }

  /// The next block for rank 0 itself; none if there is none left or rank 0 is dedicated.
  std::optional<core::BlockIndex> take_own();
  /// Rank 0 has run and written its block.
  void own_done(const Tally& tally);
  /// Rank 0 has given its block up.
  void own_dropped();

  /// Whether every block handed out is done or dropped and every worker has said Bye.
  bool finished() const;

  /// What every worker holds, beginning with rank 1.
  const std::vector<Worker>& workers() const { return workers_; }

 private:
  std::optional<core::BlockIndex> next_block();
  void let_go(core::Rank rank, core::BlockIndex block);
  void fill_hand(core::Rank rank, std::vector<Envelope>& out);
  void fill_ahead(core::Rank rank, std::vector<Envelope>& out);
  void count(core::BlockIndex block, const Tally& tally);
  Worker& worker(core::Rank rank);

  BlockSource blocks_;
  std::vector<Worker> workers_;
  MasterMode mode_;
  std::optional<core::BlockIndex> own_;
  bool draining_ = false;
  std::int64_t gone_ = 0;  ///< workers that have said Bye
  Progress progress_;
  Observer observer_;
  Admission admission_;
};

}  // namespace rhosweep::sched
