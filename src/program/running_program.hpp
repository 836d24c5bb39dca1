#pragma once

#include "lines.hpp"
#include "multipliers_file.hpp"
#include "placeholders.hpp"
#include "program.hpp"
#include "run.hpp"

#include "rhosweep/model/trial_runner.hpp"
#include "rhosweep/model/yield.hpp"
#include "rhosweep/process/child.hpp"
#include "rhosweep/process/scratch.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhosweep::program {

/// Describes a command for people: ["python3", "train.py"] in /home/me.
std::string describe_command(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// Returns the working directory of the program as an absolute path.
std::filesystem::path working_folder(const Program& program);

/// One process of a program, from its start to its end, with its scratch folder. When the object is
/// destroyed, the process and all its descendants end, and the folder is removed.
class RunningProgram {
 public:
  /// Makes the scratch folder.
  explicit RunningProgram(const Program& program);

  /// The scratch folder.
  const std::filesystem::path& folder() const { return scratch_.folder(); }

  /// Starts the process.
  /// @param arguments the program and its arguments
  /// @param values are put into the environment as RHOSWEEP_NAME
  void start(const std::vector<std::string>& arguments, const Placeholders& values, process::Input input,
             const Run& run);

  /// Also writes all further output to this file.
  void log_to(std::ofstream file) { log_ = std::move(file); }

  /// Passes text to standard input.
  void write(std::string_view text) { child_->write(text); }

  /// The receiver of the process's output.
  struct Listener {
    TakeLine take_line;                              ///< receives the lines of reports; may throw core::Error
    std::function<bool()> is_satisfied;              ///< whether listen() may return
    std::span<MultipliersFile> multipliers;          ///< written when the program opens them
    const model::TrialObserver* observer = nullptr;  ///< nullptr: none
  };
  enum class Heard {
    enough,  ///< the listener is satisfied
    all,     ///< the process has ended, and all lines have been taken, even a last one without line end
    drain    ///< `yield` returned false, or a signal that stops the whole job has ended the process
  };
  /// Listens until one of the cases of Heard occurs. Throws core::Error if the process is silent for longer
  /// than its timeout, if take_line() throws, or if multipliers cannot be written. The process then goes on.
  Heard listen(const Listener& listener, const model::Yield& yield);

  /// Returns whether the process has ended by itself. @pre it was started
  bool has_ended();

  /// Returns how the process ended. @pre listen() returned Heard::all
  process::Outcome outcome() const { return child_->outcome(); }

  /// Returns a reason for a failure, followed by the end of standard error.
  std::string with_error(const std::string& reason) const;

  /// Kills the process and all its descendants.
  void end();
  /// Ends the process by closing its input. Kills it if it goes on for more than two seconds or `yield`
  /// returns false.
  /// @return false if `yield` returned false
  bool close(const model::Yield& yield);

 private:
  /// Takes the complete lines of all streams. @return whether there was new output
  bool take_output(const Listener& listener);
  bool is_drain(const model::Yield& yield) const;
  Lines& lines_of_reports() { return report_.has_begun() ? report_ : output_; }

  double timeout_;
  bool keeps_files_;  ///< whether trials' files are kept after the program has ended
  bool names_files_;  ///< whether problem.keep names files, of which an observer learns the missing ones
  std::filesystem::path working_folder_;
  process::Scratch scratch_;
  std::optional<process::Child> child_;
  Lines output_;
  Lines report_;  ///< lines from the named pipe
  std::ofstream log_;
  std::string error_;     ///< the end of standard error
  std::size_t told_ = 0;  ///< size of error_ at the last check
};

/// Writes the next numbers of a file that is due. @return whether a file was due
bool write_due(std::span<MultipliersFile> files);

}  // namespace rhosweep::program
