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

/// Hands out every block at most once, longest first. It is a state machine (events in, messages out) without
/// clock or I/O. Every worker holds the block that it runs and, until near the end of the sweep, the next
/// one, so that it never waits for the master. The last message to a worker is Finish, the last message from
/// a worker is Bye. The memory needed grows with the number of ranks, not with the number of blocks.
class Master {
 public:
  /// Called after each finished block, with its index.
  using Observer = std::function<void(const Progress&, core::BlockIndex)>;
  /// Returns whether a block may still be started. The master skips a block if the answer is false.
  using Admission = std::function<bool(core::BlockIndex)>;

  /// The blocks that a worker holds. After Finish has been sent to a worker, the worker holds no block.
  struct Worker {
    std::optional<core::BlockIndex> in_hand;  ///< the block that the worker runs
    std::optional<core::BlockIndex> ahead;    ///< the block that the worker runs next
    bool finished = false;                    ///< Finish has been sent to this worker
    bool gone = false;                        ///< this worker has sent Bye
  };

  /// @param blocks the blocks to hand out
  /// @param workers number of workers, which are the ranks 1 … workers
  /// @param mode whether rank 0 runs blocks too
  /// @param observer called after each finished block
  /// @param admission returns whether a block may still be started
  Master(
      BlockSource blocks, std::int64_t workers, MasterMode mode, Observer observer,
      Admission admission = [](core::BlockIndex) { return true; });

  /// Returns the first messages to the workers. Call this function once.
  std::vector<Envelope> start();

  /// Handles a worker's message and returns the answers. Throws core::InternalError for a message that breaks
  /// the protocol.
  std::vector<Envelope> receive(const Envelope& envelope);

  /// Stops handing out blocks and returns the messages that tell the workers to stop. A second call returns
  /// no messages.
  std::vector<Envelope> drain();
  /// Whether drain() has been called.
  bool draining() const { return draining_; }

  /// Returns the next block that rank 0 runs itself, or nullopt if no block is left or the mode is
  /// `dedicated`.
  std::optional<core::BlockIndex> take_own();
  /// Records that rank 0 has run and written the block that take_own() returned.
  void own_done(const Tally& tally);
  /// Records that rank 0 has abandoned the block that take_own() returned.
  void own_dropped();

  /// Whether every block handed out is done or dropped and every worker has sent Bye.
  bool finished() const;

  /// Returns which blocks each worker holds, starting with rank 1.
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
  std::int64_t gone_ = 0;  ///< number of workers that have sent Bye
  Progress progress_;
  Observer observer_;
  Admission admission_;
};

}  // namespace rhosweep::sched
