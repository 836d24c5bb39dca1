#pragma once

#include "program.hpp"
#include "report_line.hpp"
#include "run.hpp"
#include "trial_files.hpp"

#include "rhosweep/model/block.hpp"
#include "rhosweep/program/report.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::program {

/// One message to a program that serves, and the program's answers. Each trial of the message has a lane. An
/// invalid answer for one lane fails only this lane.
class Exchange {
 public:
  /// @param lanes for each lane, the index of its trial in run.trials
  /// @param attempt number of the attempt at these trials
  /// @param files the files of these trials
  Exchange(const Program& program, const Run& run, const Common& common,
           const std::vector<std::int64_t>& lanes, std::int64_t attempt, const TrialFiles& files);

  /// Returns the message as a line.
  std::string line() const;

  /// Processes a line from the program. Throws core::Error if the line cannot be attributed to lanes.
  /// @param earlier numbers of earlier trials; late lines about them are ignored
  void read(std::string_view line, const std::vector<std::int64_t>& earlier);

  /// Returns whether the program has ended all lanes.
  bool is_over() const;
  /// Returns whether the program has reported anything about these trials.
  bool has_begun() const { return has_begun_; }
  /// Returns whether the program has sent an invalid report.
  bool is_spoilt() const { return is_spoilt_; }

  /// Ends the lanes that the program has not ended. Diverged lanes keep their result, the others have failed.
  void abandon(const std::string& reason);

  /// The outcome of a lane.
  struct Outcome {
    std::int64_t trial = 0;                    ///< index of the trial in run.trials
    std::optional<model::BlockResult> result;  ///< nullopt if the trial has failed
    std::string failure;                       ///< why the trial has failed
  };
  /// Returns the outcomes of all lanes. @pre is_over()
  std::vector<Outcome> outcomes() const;
  /// Returns the numbers of the trials.
  std::vector<std::int64_t> numbers() const;

 private:
  struct Lane {
    std::int64_t trial = 0;  ///< index of the trial in run.trials
    Report report;
    bool is_over = false;
    std::optional<std::string> failure = {};
  };

  void take(const ReportLine& said, Lane& lane, std::size_t index, std::size_t count);
  /// Returns the indices of the lanes that a line is about; empty if all trials of the line are among
  /// `earlier`.
  std::vector<std::size_t> lanes_of(const ReportLine& said, const std::vector<std::int64_t>& earlier) const;

  const Program& program_;
  const Run& run_;
  const Common& common_;
  std::vector<Lane> lanes_;
  std::vector<Attempt> attempts_;  ///< one for each lane
  std::filesystem::path table_;    ///< file of all multipliers; empty if trials come one at a time
  bool has_begun_ = false;
  bool is_spoilt_ = false;
};

}  // namespace rhosweep::program
