#include "guarded.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/mpi/failed_together.hpp"

#include <exception>
#include <string_view>

namespace rhosweep::app {

core::ExitCode guarded(const std::function<core::ExitCode()>& command,
                       const std::function<void()>& on_lone_failure) {
  auto code = core::ExitCode::failure;
  try {
    const core::ExitCode ended = command();
    core::log::conclude_repeated_warnings();
    return ended;
  } catch (const mpi::FailedTogether& failure) {
    core::log::conclude_repeated_warnings();
    if (!std::string_view(failure.what()).empty()) core::log::error("{}", failure.what());
    return failure.code();
  } catch (const core::Error& error) {
    core::log::conclude_repeated_warnings();
    core::log::error("{}", error.what());
    code = error.code();
  } catch (const std::exception& error) {
    core::log::conclude_repeated_warnings();
    core::log::error("{}", core::message_of(error));
  }
  on_lone_failure();
  return code;
}

}  // namespace rhosweep::app
