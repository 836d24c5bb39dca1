#include "guarded.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/mpi/failed_together.hpp"

#include <exception>
#include <string>

namespace rhosweep::app {
namespace {

/// Logs the counts of repeated warnings and then, unless it is empty, the error.
void log_end(const std::string& error = {}) {
  core::log::conclude_repeated_warnings();
  if (!error.empty()) core::log::error("{}", error);
}

}  // namespace

core::ExitCode guarded(const std::function<core::ExitCode()>& command,
                       const std::function<void()>& on_lone_failure) {
  auto code = core::ExitCode::failure;
  try {
    const core::ExitCode ended = command();
    log_end();
    return ended;
  } catch (const mpi::FailedTogether& failure) {
    log_end(failure.what());
    return failure.code();
  } catch (const core::Error& error) {
    log_end(error.what());
    code = error.code();
  } catch (const std::exception& error) {
    log_end(core::message_of(error));
  }
  on_lone_failure();
  return code;
}

}  // namespace rhosweep::app
