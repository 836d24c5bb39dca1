#include "rhosweep/process/child.hpp"

#include "guard.hpp"
#include "pipe.hpp"

#include "rhosweep/core/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rhosweep::process {

namespace {

/// Returns the null-terminated array of pointers that C functions need. The texts must outlive it.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// How the guard is started: all signals have their default action, the signals that the guard ignores are
/// blocked, and it gets the given descriptors.
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
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnRules() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;

  /// @return errno
  int spawn(const char* executable, std::vector<std::string> arguments, std::vector<std::string> environment,
            pid_t& process) {
    return ::posix_spawn(&process, executable, &actions_, &attributes_, pointers(arguments).data(),
                         pointers(environment).data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// Reads from a pipe and appends to `text`. Closes the pipe at its end.
void drain(core::Descriptor& pipe, std::string& text) {
  std::array<char, 1 << 16> piece;
  const auto count = ::read(pipe.number(), piece.data(), piece.size());
  if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) pipe.close();
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
  std::string message_bytes;  ///< bytes of the guard's messages, read so far
  pid_t guard = 0;
  std::filesystem::path scratch;
  Outcome outcome;

  /// Returns the messages that have been read completely.
  std::vector<GuardMessage> complete() const {
    std::vector<GuardMessage> list(message_bytes.size() / sizeof(GuardMessage));
    std::memcpy(list.data(), message_bytes.data(), list.size() * sizeof(GuardMessage));
    return list;
  }

  /// Waits for the guard to exit and finds the outcome. If the guard was killed, kills the program's process
  /// group in its place.
  void conclude() {
    life.close();
    while (::waitpid(guard, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_t program = 0;
    for (const auto& [what, value] : complete()) {
      if (what == GuardMessage::What::started) program = value;
      // The process of a program that could not be started also exits; that message does not count.
      if (outcome.how == Outcome::How::not_started) continue;
      if (what == GuardMessage::What::exited) outcome = {Outcome::How::exited, value};
      if (what == GuardMessage::What::killed) outcome = {Outcome::How::killed, value};
      if (what == GuardMessage::What::not_started) outcome = {Outcome::How::not_started, value};
    }
    if (outcome.how == Outcome::How::lost && program > 0) ::kill(-program, SIGKILL);
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
    guard = 0;
  }
};

Child::Child(const LaunchSpec& spec) : pipes_(std::make_unique<Pipes>()) {
  core::require(!spec.arguments.empty(), "a command has a program");
  const core::Descriptor null = open_null();
  Pipe life = make_pipe();
  Pipe messages = make_pipe();
  Pipe output = make_pipe();
  Pipe error = make_pipe();
  std::vector<std::string> arguments{"rhosweep", guard_word, spec.scratch.string(), spec.folder.string()};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  // /proc/self/exe is the file of this process, even if its name has been given to another file meanwhile.
  SpawnRules rules({std::pair{null.number(), STDIN_FILENO},
                    {output.write.number(), STDOUT_FILENO},
                    {error.write.number(), STDERR_FILENO},
                    {life.read.number(), life_number},
                    {messages.write.number(), message_number}});
  const int failure = rules.spawn("/proc/self/exe", std::move(arguments), spec.environment, pipes_->guard);
  if (failure != 0) throw core::Error("cannot start a process: " + std::generic_category().message(failure));
  pipes_->life = std::move(life.write);
  pipes_->messages = std::move(messages.read);
  pipes_->output = std::move(output.read);
  pipes_->error = std::move(error.read);
  pipes_->scratch = spec.scratch;
}

Child::~Child() {
  if (pipes_ != nullptr) end();
}

Child::Child(Child&&) noexcept = default;

bool Child::read(int milliseconds, std::string& output, std::string& error) {
  Pipes& pipes = *pipes_;
  if (pipes.guard == 0) return false;
  struct Source {
    core::Descriptor& pipe;
    std::string& text;
  };
  const std::array<Source, 3> sources{Source{pipes.output, output}, Source{pipes.error, error},
                                      Source{pipes.messages, pipes.message_bytes}};
  std::array<pollfd, 3> events{};
  for (std::size_t i = 0; i < sources.size(); ++i) events[i] = {sources[i].pipe.number(), POLLIN, 0};
  if (::poll(events.data(), events.size(), milliseconds) > 0)
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (events[i].revents != 0) drain(sources[i].pipe, sources[i].text);
  // The guard closes its messages last, when the output has ended. If the guard was killed, they end
  // after the first one, and descendants may keep the output open for ever: then do not wait for it.
  const bool is_unread = pipes.output.is_open() || pipes.error.is_open();
  if (pipes.messages.is_open() || (is_unread && pipes.complete().size() > 1)) return true;
  pipes.conclude();
  return false;
}

void Child::end() {
  pipes_->life.close();
  std::string ignored;
  while (read(-1, ignored, ignored)) ignored.clear();
}

Outcome Child::outcome() const {
  core::require(pipes_->guard == 0, "a child's outcome is known when all has been read");
  return pipes_->outcome;
}

}  // namespace rhosweep::process
