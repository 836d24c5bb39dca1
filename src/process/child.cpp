#include "rhosweep/process/child.hpp"

#include "descendants.hpp"
#include "guard.hpp"
#include "pipe.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/core/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rhosweep::process {

namespace {

/// Returns the null-terminated array of pointers that C functions need. `texts` must outlive it.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// The attributes with which the guard is spawned: a new session, default actions for all signals, the
/// guard's ignored signals blocked, and the given descriptors.
class SpawnRules {
 public:
  /// @param numbers pairs of a descriptor of this process and its number in the guard
  explicit SpawnRules(const std::array<std::pair<int, int>, message_number + 1>& numbers) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    for (const auto& [here, there] : numbers) ::posix_spawn_file_actions_adddup2(&actions_, here, there);
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : ignored_signals) ::sigaddset(&signals, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnRules() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;

  /// Starts an executable by these rules. @return 0, or the error number if the start fails
  int spawn(const char* executable, std::vector<std::string> arguments, std::vector<std::string> environment,
            pid_t& process) {
    return ::posix_spawn(&process, executable, &actions_, &attributes_, pointers(arguments).data(),
                         pointers(environment).data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// Returns the guards that this process has started and not yet waited for. Each leads a process group.
std::vector<pid_t>& guards() {
  static std::vector<pid_t> list;
  return list;
}

/// Kills the adopted children of this process: descendants of a program whose guard was killed.
/// @param own children that this process had before it started the program
/// @return whether there was any such child
bool kill_adopted(const std::vector<pid_t>& own) {
  bool is_any = false;
  for (const pid_t child : children()) {
    const auto is_in = [](const std::vector<pid_t>& list, pid_t process) {
      return std::ranges::find(list, process) != list.end();
    };
    if (::getsid(child) == ::getsid(0) || is_in(own, child) || is_in(guards(), ::getpgid(child))) continue;
    is_any = true;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, WNOHANG);
  }
  return is_any;
}

/// Reads from a pipe and appends to `text`. Closes the pipe at end of file. @return whether there was any
/// text
bool drain(core::Descriptor& pipe, std::string& text) {
  std::array<char, 1 << 16> piece;
  const auto count = ::read(pipe.number(), piece.data(), piece.size());
  if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) pipe.close();
  return count > 0;
}

/// Waits for events. It polls without sleeping at first, because waking a sleeping process takes longer than
/// most answers of a program.
/// @return the number of descriptors with an event
int poll_awake(std::span<pollfd> events, int milliseconds) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds longest{50};
  for (const auto begin = Clock::now(); Clock::now() - begin < longest; ::sched_yield())
    if (const int count = ::poll(events.data(), events.size(), 0); count != 0) return count;
  return ::poll(events.data(), events.size(), milliseconds);
}

/// Opens a named pipe for reading and writing, so that programs can open and close it any number of times.
/// Returns a closed descriptor for an empty path.
core::Descriptor open_report(const std::filesystem::path& path) {
  return path.empty() ? core::Descriptor() : core::Descriptor(path, O_RDWR | O_NONBLOCK);
}

}  // namespace

std::string Outcome::text() const {
  switch (how) {
    case How::exited:
      return fmt::format("exit code {}", value);
    case How::killed:
      return fmt::format("killed by signal {} ({})", value, ::strsignal(value));
    case How::not_started:
      return fmt::format("not started: {}", std::generic_category().message(value));
    case How::lost:
      break;
  }
  return "its guard was killed";
}

struct Child::Pipes {
  core::Descriptor life;      ///< when it is closed, the guard kills the program
  core::Descriptor messages;  ///< messages from the guard
  core::Descriptor output;
  core::Descriptor error;
  core::Descriptor report;          ///< named pipe with the program's reports; closed if it has none
  core::Descriptor input;           ///< closed if the program's standard input is empty or has been ended
  std::string input_bytes;          ///< input that the program has not taken yet
  bool is_asked = false;            ///< whether the program has been given input since the last read
  std::string message_bytes;        ///< bytes of the guard's messages, read so far
  pid_t guard = 0;                  ///< process id; 0 after a wait for the guard's end
  std::vector<pid_t> own_children;  ///< children of this process before the program started
  std::filesystem::path scratch;
  Outcome outcome;

  /// Returns the messages that have been read completely.
  std::vector<GuardMessage> complete() const {
    std::vector<GuardMessage> list(message_bytes.size() / sizeof(GuardMessage));
    std::memcpy(list.data(), message_bytes.data(), list.size() * sizeof(GuardMessage));
    return list;
  }

  bool has_outcome() const {
    return std::ranges::any_of(
        complete(), [](const GuardMessage& message) { return message.what != GuardMessage::What::started; });
  }

  /// Writes as much of input_bytes as the program takes.
  void pass_input() {
    if (!input.is_open()) return;
    const auto count = ::write(input.number(), input_bytes.data(), input_bytes.size());
    if (count > 0) input_bytes.erase(0, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR && errno != EAGAIN) {
      input.close();
      input_bytes.clear();
    }
  }

  /// Sends a signal to the processes of the guard.
  void signal_guard(int signal) const { ::kill(-guard, signal); }

  /// Waits for the guard to exit and finds the outcome. If the guard was killed, ends the program and its
  /// descendants in place of the guard.
  void conclude() {
    life.close();
    // Both processes of the guard have closed the message pipe, so they are about to exit. If the keeper was
    // killed, the watcher has become a child of this process.
    while (::waitpid(-guard, nullptr, 0) > 0 || errno == EINTR) {
    }
    std::erase(guards(), std::exchange(guard, 0));
    pid_t program = 0;
    for (const auto& [what, value] : complete()) {
      if (what == GuardMessage::What::started) program = value;
      // If a program cannot be started, its forked process still exits; its exit is not the outcome.
      if (outcome.how == Outcome::How::not_started) continue;
      if (what == GuardMessage::What::exited) outcome = {Outcome::How::exited, value};
      if (what == GuardMessage::What::killed) outcome = {Outcome::How::killed, value};
      if (what == GuardMessage::What::not_started) outcome = {Outcome::How::not_started, value};
    }
    if (outcome.how == Outcome::How::lost) replace_guard(program);
  }

  /// Ends the program and its descendants. If the guard's keeper was killed, the descendants have become
  /// children of this process.
  void replace_guard(pid_t program) const {
    if (program > 0) ::kill(-program, SIGKILL);
    const std::string mark = mark_of(scratch);
    kill_repeatedly([&] {
      const bool is_any = kill_adopted(own_children);
      return (!scratch.empty() && kill_marked(mark)) || is_any;
    });
    core::remove_folder(scratch);
  }
};

Child::Child(const LaunchSpec& spec) : pipes_(std::make_unique<Pipes>()) {
  core::require(!spec.arguments.empty(), "a command has a program");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  pipes_->own_children = children();
  Pipe input;
  if (spec.input == Input::pipe) {
    input = make_pipe();
    ::fcntl(input.write.number(), F_SETFL, O_NONBLOCK);
  } else {
    input.read = open_null();
  }
  pipes_->report = open_report(spec.report);
  Pipe life = make_pipe();
  Pipe messages = make_pipe();
  Pipe output = make_pipe();
  Pipe error = make_pipe();
  std::vector<std::string> arguments{"rhosweep", guard_word, spec.scratch.string(),
                                     spec.leaves_scratch ? leave_word : remove_word, spec.folder.string()};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  // /proc/self/exe is this process's executable, even if its path now belongs to another file.
  SpawnRules rules({std::pair{input.read.number(), STDIN_FILENO},
                    {output.write.number(), STDOUT_FILENO},
                    {error.write.number(), STDERR_FILENO},
                    {life.read.number(), life_number},
                    {messages.write.number(), message_number}});
  const int failure = rules.spawn("/proc/self/exe", std::move(arguments), spec.environment, pipes_->guard);
  if (failure != 0) throw core::Error("cannot start a process: " + std::generic_category().message(failure));
  guards().push_back(pipes_->guard);
  pipes_->life = std::move(life.write);
  pipes_->messages = std::move(messages.read);
  pipes_->output = std::move(output.read);
  pipes_->error = std::move(error.read);
  pipes_->input = std::move(input.write);
  pipes_->scratch = spec.scratch;
}

Child::~Child() {
  if (pipes_ != nullptr) end();
}

Child::Child(Child&&) noexcept = default;

bool Child::read(int milliseconds, std::string& output, std::string& error) {
  std::string ignored;
  return read(milliseconds, output, error, ignored);
}

bool Child::read(int milliseconds, std::string& output, std::string& error, std::string& report) {
  Pipes& pipes = *pipes_;
  if (pipes.guard == 0) return false;
  struct Source {
    core::Descriptor& pipe;
    std::string& text;
  };
  const std::array<Source, 4> sources{Source{pipes.output, output}, Source{pipes.error, error},
                                      Source{pipes.messages, pipes.message_bytes},
                                      Source{pipes.report, report}};
  std::array<pollfd, sources.size() + 1> events{};
  for (std::size_t i = 0; i < sources.size(); ++i) events[i] = {sources[i].pipe.number(), POLLIN, 0};
  events.back() = {pipes.input_bytes.empty() ? -1 : pipes.input.number(), POLLOUT, 0};
  const bool is_awake = std::exchange(pipes.is_asked, false) && milliseconds > 0;
  const int count =
      is_awake ? poll_awake(events, milliseconds) : ::poll(events.data(), events.size(), milliseconds);
  if (count > 0) {
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (events[i].revents != 0) drain(sources[i].pipe, sources[i].text);
    if (events.back().revents != 0) pipes.pass_input();
  }
  // The guard closes the message pipe last, after the program and its descendants have ended. This also holds
  // if only the guard's keeper was killed. If both processes of the guard were killed, descendants may keep
  // the output open forever, so its end is not waited for.
  const bool is_unread = pipes.output.is_open() || pipes.error.is_open();
  if (pipes.has_outcome())
    pipes.signal_guard(SIGCONT);  // wakes the guard if it is stopped; all it has to do is exit
  if (pipes.messages.is_open() || (is_unread && pipes.has_outcome())) return true;
  while (pipes.report.is_open() && drain(pipes.report, report)) {
  }
  pipes.conclude();
  return false;
}

void Child::write(std::string_view text) {
  pipes_->input_bytes += text;
  pipes_->is_asked = true;
  pipes_->pass_input();
}

void Child::close_input() {
  pipes_->input_bytes.clear();
  pipes_->input.close();
}

void Child::end() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds longest{3};
  constexpr int poll_milliseconds = 50;
  Pipes& pipes = *pipes_;
  pipes.life.close();
  std::string ignored;
  const auto begin = Clock::now();
  do {
    if (pipes.guard == 0) return;
    // Wakes the guard in case it is stopped. Kills the guard after `longest`; then this process ends the
    // program.
    pipes.signal_guard(Clock::now() - begin < longest ? SIGCONT : SIGKILL);
    ignored.clear();
  } while (read(poll_milliseconds, ignored, ignored));
}

Outcome Child::outcome() const {
  core::require(pipes_->guard == 0, "a child's outcome is known when all has been read");
  return pipes_->outcome;
}

}  // namespace rhosweep::process
