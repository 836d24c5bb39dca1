#include "guarded.hpp"

#include "rhosweep/core/log.hpp"
#include "rhosweep/mpi/failed_elsewhere.hpp"

#include <exception>
#include <new>

namespace rhosweep::app {

core::ExitCode guarded(const std::function<core::ExitCode()>& command) {
  try {
    return command();
  } catch (const mpi::FailedElsewhere& failure) {
    return failure.code();  // rank 0 says why
  } catch (const core::Error& error) {
    core::log::error("{}", error.what());
    return error.code();
  } catch (const std::bad_alloc&) {
    core::log::error("out of memory");
  } catch (const std::exception& error) {
    core::log::error("{}", error.what());
  }
  return core::ExitCode::failure;
}

}  // namespace rhosweep::app
