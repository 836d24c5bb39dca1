#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhosweep::process {

/// The standard input of a program.
enum class Input {
  empty,  ///< nothing
  pipe    ///< the text passed to Child::write()
};

/// The program to start, with its arguments, environment and folders.
struct LaunchSpec {
  /// The program, then its arguments. No shell interprets them. The program is searched on PATH unless its
  /// name has a slash.
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  ///< the whole environment, as NAME=VALUE
  std::filesystem::path folder;          ///< working directory
  /// A folder that is removed, with its contents, when the child and its descendants have ended.
  std::filesystem::path scratch;
  /// Whether this process, instead of the guard, removes the scratch folder if the program ends by itself. If
  /// this process dies or ends the program, the folder is removed in any case.
  bool leaves_scratch = false;
  Input input = Input::empty;
  /// A named pipe that the program may write to, besides standard output; empty: there is no pipe.
  std::filesystem::path report = {};
};

/// How a child ended.
struct Outcome {
  enum class How {
    exited,       ///< `value` is the exit code
    killed,       ///< `value` is the signal's number
    not_started,  ///< `value` is errno
    lost          ///< unknown, because the guard was killed
  };
  How how = How::lost;
  int value = 0;

  bool succeeded() const { return how == How::exited && value == 0; }
  /// Returns a text like "exit code 3" or "killed by signal 9 (Killed)".
  std::string text() const;
};

/// A program that runs as a child of this process and never outlives it. The program is started by a guard,
/// which is another process of this executable (run_guard). The program gets its own process group, default
/// signals, the standard input of its LaunchSpec and no other descriptors than standard output and error,
/// which this class reads. When the program ends, when end() is called, or when this process dies for any
/// reason, the guard kills the program and all its descendants, including those that have left its process
/// group.
///
/// The guard has two processes, a watcher and a keeper. If one or two of the watcher, the keeper and this
/// process are killed, a survivor ends the program. For this purpose, this process becomes a subreaper
/// (prctl(2)), that is, the parent of orphaned descendants. If all three are killed at once, the kernel kills
/// the program but not its descendants; these are killed when the next Scratch is made on this machine.
class Child {
 public:
  /// Starts the program. Throws core::Error if the system cannot start another process or the named pipe
  /// cannot be opened.
  explicit Child(const LaunchSpec& spec);
  /// Calls end().
  ~Child();
  Child(Child&&) noexcept;
  Child& operator=(Child&&) = delete;

  /// Appends new output of the program to `output` and `error`. Waits for output for at most `milliseconds`.
  /// @return false if the program and all its descendants have ended and all output has been read
  bool read(int milliseconds, std::string& output, std::string& error);
  /// Does the same as the other read(), and appends to `report` the text that the program has written to the
  /// named pipe of its LaunchSpec.
  bool read(int milliseconds, std::string& output, std::string& error, std::string& report);

  /// Passes text to the program's standard input. Text that does not fit into the pipe at once is kept and
  /// passed on by read(). Text for a program that has closed its standard input is discarded.
  /// @pre the input of the LaunchSpec is a pipe, close_input() has not been called, and SIGPIPE is ignored
  void write(std::string_view text);

  /// Closes the program's standard input. Text that read() has not passed on yet is discarded.
  void close_input();

  /// Kills the program and all its descendants, and waits until they have ended. Wakes a stopped guard, and
  /// does the guard's work if the guard has not ended after three seconds.
  void end();

  /// Returns how the program ended. @pre read() has returned false
  Outcome outcome() const;

 private:
  struct Pipes;
  std::unique_ptr<Pipes> pipes_;
};

/// If this process was started as the guard of a child, does the guard's work and exits. Call it at the
/// beginning of main(). @return nullopt if this process is not a guard; the exit code if a person typed the
/// guard's command
std::optional<int> run_guard(int argc, char** argv);

/// Returns the file that is executed if `program` is started in `folder`; nullopt if no file is found.
std::optional<std::filesystem::path> find_program(const std::string& program,
                                                  const std::filesystem::path& folder);

}  // namespace rhosweep::process
