#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rhosweep::process {

/// What to start, and where.
struct Order {
  /// The program, found on PATH unless it has a slash, then its arguments: handed over as they are, no shell.
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  ///< NAME=VALUE, the whole of it
  std::filesystem::path folder;          ///< working directory
  /// A folder that is removed with all it holds once the child and its descendants are gone.
  std::filesystem::path scratch;
};

/// How a child ended.
struct Outcome {
  enum class How {
    exited,       ///< value: the exit code
    killed,       ///< value: the signal
    not_started,  ///< value: errno
    lost          ///< its guard was killed, so nobody knows
  };
  How how = How::lost;
  int value = 0;

  bool succeeded() const { return how == How::exited && value == 0; }
  /// "exit code 3", "killed by signal 9 (Killed)", …
  std::string text() const;
};

/// A program that runs beside this process and never outlives it. Between the two stands a guard, this
/// executable started anew (run_guard): it gives the program a process group of its own and default signals,
/// no descriptors but standard output and error, which are read here, and an empty standard input. When the
/// program ends, when end() is called, or when this process dies in whichever way, the guard kills whatever
/// is left of the program and its descendants, also those that have left its process group.
class Child {
 public:
  /// Throws core::Error if the system has no room for another process.
  explicit Child(const Order& order);
  /// As end().
  ~Child();
  Child(Child&&) noexcept;
  Child& operator=(Child&&) = delete;

  /// Appends what the program has written; waits for it, but no longer than `milliseconds`.
  /// @return false once the program and all its descendants are gone and everything has been read
  bool read(int milliseconds, std::string& output, std::string& error);

  /// Kills the program with all its descendants. Returns when they are gone.
  void end();

  /// How the program ended. @pre read() has returned false
  Outcome outcome() const;

 private:
  struct Pipes;
  std::unique_ptr<Pipes> pipes_;
};

/// The guard of a child, if that is what this process was started as: to be called first thing in main().
/// @return its exit code; nothing in any other process
std::optional<int> run_guard(int argc, char** argv);

/// The file that starting `program` in `folder` would execute; nothing if there is none.
std::optional<std::filesystem::path> find_program(const std::string& program,
                                                  const std::filesystem::path& folder);

}  // namespace rhosweep::process
